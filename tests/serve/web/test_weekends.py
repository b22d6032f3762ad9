"""A day of the weekend before Monday's file has come: the last covered day answers, and says so."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest

from flis.serve.web.site.texts import LANGUAGES, texts_of

if TYPE_CHECKING:
    from tests.serve.web.asking import Web

FRIDAY = "kendt=2022-08-12"
SAYS = {"da": "fredag den 12. august 2022", "en": "Friday, 12 August 2022", "uk": "12 серпня 2022"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "asked", [f"dato=2022-08-13&{FRIDAY}", f"dato=2022-08-14&{FRIDAY}", "dato=2022-08-14&kendt=2022-08-14"]
)
def test_the_page_shows_friday_and_says_so(web: Web, language: str, asked: str) -> None:
    address = "/ukraine" if language == "da" else f"/{language}/ukraine"
    answer = web.get(f"{address}?kommune=0101&{asked}")
    assert answer.status_code == 200
    notice = answer.text.split('role="note"')[-1].split("</div>")[0]
    assert SAYS[language] in notice
    assert "13" in notice or "14" in notice
    friday = web.get(f"{address}?kommune=0101&dato=2022-08-12&{FRIDAY}").text
    assert answer.text.split('class="big">')[1][:8] == friday.split('class="big">')[1][:8]


def test_files_show_friday_and_say_so(web: Web) -> None:
    asked = f"dato=2022-08-13&{FRIDAY}"
    data = web.get(f"/ukraine.json?{asked}").json()
    friday = web.get(f"/ukraine.json?dato=2022-08-12&{FRIDAY}").json()
    assert (data["dato"], data["spurgt_dato"], friday["spurgt_dato"]) == ("2022-08-12", "2022-08-13", None)
    assert data["land"] == friday["land"]
    rows = list(csv.DictReader(io.StringIO(web.get(f"/ukraine.csv?{asked}").text)))
    assert {(r["opgjort_dato"], r["spurgt_dato"]) for r in rows} == {("2022-08-12", "2022-08-13")}
    book = openpyxl.load_workbook(io.BytesIO(web.get(f"/ukraine.xlsx?{asked}").content))
    assert "lørdag den 13. august 2022" in " ".join(str(r[0]) for r in book["Noter"].iter_rows(values_only=True))
    excel = web.get(f"/ukraine.csv?{asked}&form=excel").content.decode("utf-8-sig").splitlines()
    assert excel[0].endswith(";Spurgt om")
    assert excel[1].endswith(";2022-08-13")


def test_a_covered_weekend_answers_for_itself(web: Web) -> None:
    text = web.get("/ukraine?dato=2022-08-13").text
    assert texts_of("da")("report.covered", spurgt="", dato="")[:24] not in text
    assert 'value="2022-08-13"' in text
    assert web.get("/ukraine.csv?dato=2022-08-13").text.splitlines()[0].endswith(",release")


@pytest.mark.parametrize(
    "asked",
    [
        f"dato=2022-08-15&{FRIDAY}",  # Monday: its own file is to come
        f"dato=2022-08-20&{FRIDAY}",  # the weekend after
        "dato=2022-08-17",  # Wednesday after the newest Tuesday
        "dato=2022-08-20",  # Saturday, but four days are to come before
        "dato=2022-05-28",  # a Saturday before the first day
    ],
)
def test_other_days_are_still_refused(web: Web, asked: str) -> None:
    assert web.get(f"/ukraine?{asked}").status_code == 404
    assert web.get(f"/ukraine.csv?{asked}").status_code == 404
