from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.release.tables import FLOWS
from flis.serve.web.downloads import safe
from flis.serve.web.tables import TABLES

if TYPE_CHECKING:
    from tests.serve.web.asking import Web


def rows(web: Web, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(web.get(address).text)))


def sheets(web: Web, address: str) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(web.get(address).content))
    return {s.title: list(s.iter_rows(values_only=True)) for s in book.worksheets}


def test_json_has_the_lasting_shape(web: Web) -> None:
    found = web.get("/ukraine.json?dato=2022-08-15&kendt=2022-08-17").json()
    assert {k: found[k] for k in ("dato", "kendt", "levering", "release")} == {
        "dato": "2022-08-15",
        "kendt": "2022-08-17",
        "levering": "cpr-110901-20220816-00000000",
        "release": 2,
    }
    assert {"antal", "indrejste_minus_udrejste", *FLOWS} <= set(found["land"])
    assert len(found["kommuner"]) == 99
    assert {"kode", "navn", "antal"} <= set(found["kommuner"][0])
    assert found["land"]["antal"] == sum(k["antal"] for k in found["kommuner"])


def test_json_of_a_municipality_holds_it_and_those_compared(web: Web) -> None:
    found = web.get("/ukraine.json?kommune=0751&sammenlign=0101,0461").json()
    assert [k["kode"] for k in found["kommuner"]] == ["0101", "0461", "0751"]
    assert "bevaegelser_dag" not in found
    assert {g["dato"] for g in found["fordeling"]} == {"2022-08-14"}


@pytest.mark.parametrize("name", TABLES)
def test_csv_names_release_and_delivery_in_every_row(web: Web, name: str) -> None:
    found = rows(web, f"/ukraine.csv?kommune=0101&tabel={name}")
    assert found or name == "bevaegelser_dag"
    for row in found:
        assert row["release"] == "2"
        assert row["levering"] == "cpr-110901-20220816-00000000"
        assert row["kendt"] == "2022-08-16"
        assert None not in row


def test_page_and_files_show_the_same_figures(web: Web) -> None:
    page = web.get("/ukraine?kommune=0101").text
    data = web.get("/ukraine.json?kommune=0101").json()
    table = rows(web, "/ukraine.csv?kommune=0101")
    own = next(r for r in table if r["kode"] == "0101")
    assert f'<span class="big">{data["kommuner"][0]["antal"]}</span>' in page.replace(".", "")
    assert int(own["antal"]) == data["kommuner"][0]["antal"]
    book = sheets(web, "/ukraine.xlsx?kommune=0101")
    assert [r[2] for r in book["Kommunerne"] if r[0] == "0101"] == [int(own["antal"])]
    series = rows(web, "/ukraine.csv?kommune=0101&tabel=udvikling")
    assert [int(r["antal"]) for r in series] == [r[1] for r in book["Udvikling dag for dag"][1:]]


def test_the_workbook_says_what_it_is(web: Web) -> None:
    danish, english = sheets(web, "/ukraine.xlsx"), sheets(web, "/en/ukraine.xlsx")
    cover = " ".join(str(r[0]) for r in danish["Ukrainerapport"])
    assert "release 2" in cover
    assert "levering cpr-110901-20220816-00000000" in cover
    assert "afrundet til nærmeste 5" in cover
    assert "Ukraine report" in english
    assert len(english) == len(danish) > 6


def test_files_follow_the_small_count_policy(web: Web) -> None:
    """Nothing of a municipality is finer than weeks (flows) or fives (breakdowns), in any file."""
    for name in TABLES:
        found = rows(web, f"/ukraine.csv?kommune=0101&tabel={name}")
        if name == "bevaegelser_dag":
            assert not found
        if name == "fordeling":
            assert all(int(r["antal"]) % 5 == 0 for r in found)


def test_an_unknown_table_is_refused_with_those_there_are(web: Web) -> None:
    answer = web.get("/ukraine.csv?tabel=personer")
    assert answer.status_code == 404
    assert "udvikling" in answer.json()["error"]["hint"]


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    made = safe(text)
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert made in {text, f"'{text}"}
