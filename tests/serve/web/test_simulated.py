"""Where the persons are simulated, every public page and file says so; elsewhere none does."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import openpyxl
import pytest

from flis.catalog.area_file import Phrase
from flis.config import State
from flis.operations import Incident, StatusKind, add, as_json, mark_simulated, simulated, status, today
from flis.serve.web.site.texts import LANGUAGES, texts_of
from flis.serve.web.ukraine.report_tables import TABLES
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo import Demo

PAGES = (
    "/", "/ukraine", "/ukraine?kommune=0101&dato=2022-08-15&kendt=2022-08-17&sammenlign=0461,0751", "/drift",
    "/drift/{incident}", "/nowhere", "/ukraine?kommune=Odence", "/drift/nothing",
)  # fmt: skip
TOLD = Phrase("Sager mangler.", "Cases are missing.")


def marked(state: State) -> tuple[Web, str]:
    mark_simulated(state)
    told = add(state, Incident(kind=StatusKind.FAULTY, areas=("ky",), text=TOLD, since=today(state)))
    return Web.of(state), told.id


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Web, str]:
    return marked(build_sample(tmp_path_factory.mktemp("made-up"), releases=1))


def at(language: str, address: str) -> str:
    return address if language == "da" else f"/{language}{address}".rstrip("/")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_so(made_up: tuple[Web, str], web: Web, address: str, language: str) -> None:
    words = texts_of(language)("simulated")
    assert made_up[0].get(at(language, address.format(incident=made_up[1]))).text.count(words) == 1
    assert words not in web.get(at(language, address)).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_before_the_first_release_say_so(tmp_path: Path, language: str) -> None:
    web, _ = marked(State(tmp_path, tmp_path / "keys"))
    for address in ("/", "/ukraine", "/drift"):
        assert texts_of(language)("simulated") in web.get(at(language, address)).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TABLES)
def test_every_csv_says_so_in_every_row(made_up: tuple[Web, str], web: Web, language: str, name: str) -> None:
    for area in ("", "kommune=0101&sammenlign=0461&"):
        address = at(language, f"/ukraine.csv?{area}tabel={name}")
        head, *rows = csv.reader(io.StringIO(made_up[0].get(address).text))
        assert head[-1] == "simuleret"
        assert all(r[-1] == "true" for r in rows)
        plain = made_up[0].get(f"{address}&form=excel").content.decode("utf-8-sig")
        head, *rows = csv.reader(io.StringIO(plain), delimiter=";")
        assert head[-1] == texts_of(language)("column.simuleret")
        assert all(r[-1] == texts_of(language)("simulated") for r in rows)
        assert "simuleret" not in web.get(address).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_and_the_json_say_so(made_up: tuple[Web, str], web: Web, language: str) -> None:
    words = texts_of(language)("simulated")
    answer = made_up[0].get(at(language, "/ukraine.xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert words in [r[0] for r in book.worksheets[0].iter_rows(values_only=True)]
    assert all(s.oddHeader.center.text == words for s in book.worksheets[1:])
    assert words in str(book.properties.description)
    assert "simuleret" in answer.headers["content-disposition"]
    data = made_up[0].get(at(language, "/ukraine.json")).json()
    assert (data["simuleret"], data["bemaerkning"]) == (True, words)
    real = web.get(at(language, "/ukraine.json")).json()
    assert real["simuleret"] is False
    assert "bemaerkning" not in real


def test_the_overview_as_data_says_so(made_up: tuple[Web, str], web: Web) -> None:
    assert made_up[0].get("/drift.json").json()["simulated"] is True
    assert web.get("/drift.json").json()["simulated"] is False
    assert as_json(status(made_up[0].state))["simulated"] is True


def test_the_banner_is_a_note_before_the_content(made_up: tuple[Web, str]) -> None:
    text = made_up[0].get("/ukraine").text
    assert re.search(r'<p class="simulated" role="note">.*</p>\s*</header>\s*<main', text)


def test_a_demo_is_marked_and_so_is_one_of_before_the_mark(demo: Demo, tmp_path: Path) -> None:
    state = State(demo.state, demo.state / "keys")
    assert (state.operations / "simulated").exists()
    older = State(tmp_path, tmp_path / "keys")
    assert not simulated(older)
    (tmp_path / "demo.json").write_bytes((demo.state / "demo.json").read_bytes())
    assert simulated(older)


def test_a_mark_that_comes_later_is_seen_at_once(tmp_path: Path) -> None:
    web = Web.of(build_sample(tmp_path, releases=1))
    assert web.get("/ukraine.json").json()["simuleret"] is False
    mark_simulated(web.state)
    assert web.get("/ukraine.json").json()["simuleret"] is True
    assert texts_of("da")("simulated") in web.get("/ukraine").text
