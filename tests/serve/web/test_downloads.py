from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.serve.web.site.texts import LANGUAGES, texts_of
from flis.serve.web.ukraine.downloads import safe
from flis.serve.web.ukraine.report_tables import COLUMNS, TABLES

if TYPE_CHECKING:
    from tests.serve.web.asking import Web


RANGE = re.compile(r"\d+\N{EN DASH}\d+")
"""A count of which the range is shown: no spreadsheet takes an en dash for a minus, or the cell for a day."""


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
    assert {"antal", "indrejste_minus_udrejste", "indrejste", "udrejste"} <= set(found["land"])
    assert not {"doede", "tilflyttede"} & set(found["land"])
    assert [row["maaned"] for row in found["bevaegelser_maaned"]] == ["2022-06-01", "2022-07-01"]
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
    assert found or name in {"bevaegelser_dag", "bevaegelser_maaned"}
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
    cover = " ".join(str(r[0]) for r in danish["Noter"])
    assert "release 2" in cover
    assert "levering cpr-110901-20220816-00000000" in cover
    assert "Hver gruppe rundes til 5-tabellen" in cover
    assert "Notes" in english
    assert len(english) == len(danish) > 6


def book(web: Web, language: str, query: str = "") -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(web.get(f"/{language}/ukraine.xlsx{query}".replace("/da/", "/")).content))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", ["", "?kommune=0101&sammenlign=0461"])
def test_names_of_sheets_are_whole(web: Web, language: str, query: str) -> None:
    """A spreadsheet takes 31 characters; a name that is cut says something else, or nothing."""
    texts = texts_of(language)
    names = [texts(f"report.sheet.{name}") for name in ("noter", *TABLES, "kolonner")]
    assert len(set(names)) == len(names)
    for name in names:
        assert 0 < len(name) <= 31
        assert not re.search(r"[\[\]:*?/\\]|^'|'$", name)
    assert [n for n in names if n in book(web, language, query).sheetnames] == book(web, language, query).sheetnames


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", ["", "?kommune=0101&sammenlign=0461"])
def test_cells_of_the_workbook_have_the_type_of_their_column(web: Web, language: str, query: str) -> None:
    texts, made = texts_of(language), book(web, language, query)
    for name, columns in COLUMNS.items():
        if (title := texts(f"report.sheet.{name}")) not in made.sheetnames:
            assert name in {"bevaegelser_dag", "bevaegelser_maaned", "sammenligning"}
            continue
        head, *body = made[title].iter_rows()
        columns = columns[:2] if query and name == "udvikling" else columns  # noqa: PLW2901
        assert [c.value for c in head] == [texts(f"column.{c.name}") for c in columns]
        assert body
        for row in body:
            for cell, column in zip(row, columns, strict=True):
                if cell.value is None:
                    continue
                if column.kind in {"date", "week"}:
                    assert isinstance(cell.value, datetime)
                    assert cell.is_date
                    assert cell.number_format == {"da": "dd-mm-yyyy", "en": "yyyy-mm-dd", "uk": "dd.mm.yyyy"}[language]
                elif column.numeric:
                    assert isinstance(cell.value, int | float) or RANGE.fullmatch(cell.value), (title, column.name)
                    assert cell.number_format in {"#,##0", "0", "0%", "0.00", "+#,##0;-#,##0;0"}
                else:
                    assert isinstance(cell.value, str)
                    assert cell.number_format == "@"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_names_the_ids_of_its_columns(web: Web, language: str) -> None:
    texts, made = texts_of(language), book(web, language)
    told = {row[:2]: row[2] for row in made[texts("report.sheet.kolonner")].iter_rows(min_row=2, values_only=True)}
    for name, columns in COLUMNS.items():
        for column in columns:
            assert told[texts(f"report.sheet.{name}"), texts(f"column.{column.name}")] == column.name


def for_excel(web: Web, language: str, query: str) -> list[list[str]]:
    answer = web.get(f"/{language}/ukraine.csv?form=excel&{query}".replace("/da/", "/"))
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-disposition"].endswith('-excel.csv"')
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TABLES)
def test_csv_for_excel_holds_what_the_machine_form_holds(web: Web, language: str, name: str) -> None:
    texts, query = texts_of(language), f"kommune=0101&sammenlign=0461&tabel={name}"
    head, *body = for_excel(web, language, query)
    plain = rows(web, f"/{language}/ukraine.csv?{query}".replace("/da/", "/"))
    by_heading = {texts(f"column.{c.name}"): c for c in COLUMNS[name]}
    assert len(body) == len(plain)
    for row, machine in zip(body, plain, strict=True):
        shown = dict(zip(head, row, strict=True))
        assert len(shown) == len(head)
        if "kode" in machine:
            assert row[0] == f"{machine['kode']} {machine['navn']}"
        for heading, column in by_heading.items():
            value = machine.get(column.name)
            if column.kind in {"rate", "share"} and value:
                assert shown[heading] == f"{float(value):.2f}".replace(".", ",")
            elif column.kind not in {"code", "text"} and heading in shown:
                assert shown[heading] == value
        assert shown[texts("column.levering")] == machine["levering"]
        assert shown[texts("column.opgjort_dato")] == machine["opgjort_dato"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("area", ["", "0760"])
def test_no_cell_for_excel_is_taken_for_something_else(web: Web, language: str, name: str, area: str) -> None:
    """A cell is a plain number, a day, or a text that begins neither a formula nor a number and nothing else."""
    for row in for_excel(web, language, f"kommune={area}&tabel={name}"):
        for cell in row:
            number = re.fullmatch(r"-?(0|[1-9]\d*)(,\d+)?", cell)
            day = re.fullmatch(r"\d{4}-\d\d-\d\d", cell)
            text = re.search(r"[^\W\d_]{2}", cell) and not cell.startswith(("=", "+", "-", "@", "\t", " "))
            assert not cell or number or day or text or RANGE.fullmatch(cell), cell


def test_the_machine_form_keeps_its_columns(web: Web) -> None:
    assert web.get("/ukraine.csv").text.splitlines()[0] == (
        "kode,navn,antal,aendring_1,aendring_7,aendring_30,pr_1000,rang_pr_1000,rang_antal,indrejste_minus_udrejste,"
        "indrejste_uge,udrejste_uge,indbyggere,opgjort_dato,kendt,levering,release"
    )
    for language in LANGUAGES:
        assert (
            web.get(f"/{language}/ukraine.csv".replace("/da/", "/")).text.splitlines()[0].startswith("kode,navn,antal")
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["", "/ukraine"])
def test_the_form_for_excel_is_offered_first_where_pages_are_danish(web: Web, language: str, address: str) -> None:
    text = web.get((f"/{language}{address}" if language != "da" else address) or "/").text
    links = [link for link in re.findall(r'href="([^"]*/ukraine\.csv[^"]*)"', text) if "tabel" not in link]
    assert ["form=excel" in link for link in links] == ([True, False] if language == "da" else [False, True])
    beside = re.findall(r'<span class="get">(<a .*?)</span>', text)
    assert beside
    for pair in beside:
        first, second = re.findall(r'href="([^"]*)"', pair)
        assert ("form=excel" in first, "form=excel" in second) == (language == "da", language != "da")


def test_an_unknown_form_of_csv_is_refused_with_those_there_are(web: Web) -> None:
    answer = web.get("/ukraine.csv?form=word")
    assert answer.status_code == 400
    assert answer.json()["error"]["hint"] == "excel"
    assert web.get("/ukraine.csv?form=excel&form=excel").status_code == 400


def test_a_day_is_a_day_in_the_workbook(web: Web) -> None:
    column = [r[0] for r in book(web, "da")["Udvikling dag for dag"].iter_rows(min_row=2, values_only=True)]
    assert [d.date() for d in column] == [date.fromordinal(date(2022, 6, 1).toordinal() + n) for n in range(77)]


def test_files_follow_the_small_count_policy(web: Web) -> None:
    """Nothing of a municipality is finer than weeks (flows) or fives (breakdowns, but for one group), in any file."""
    for name in TABLES:
        found = rows(web, f"/ukraine.csv?kommune=0101&tabel={name}")
        if name in {"bevaegelser_dag", "bevaegelser_maaned"}:
            assert not found
        if name == "udvikling":
            assert "indrejste_minus_udrejste" not in found[0]
        if name in {"kommuner", "sammenligning"}:
            assert {r["kode"] for r in found if r["indrejste_minus_udrejste"]} == {"0000"}
        if name == "bevaegelser":
            assert not {r[flow] for r in found for flow in ("indrejste", "udrejste")} & {"1", "2", "3", "4"}
            assert "1\N{EN DASH}4" in {r["udrejste"] for r in found}
        if name == "fordeling":
            assert all(int(r["antal"]) % 5 == 0 for r in found if r["gruppe"] not in {"20-66", "K", "gift"})


def test_an_unknown_table_is_refused_with_those_there_are(web: Web) -> None:
    answer = web.get("/ukraine.csv?tabel=personer")
    assert answer.status_code == 404
    assert "udvikling" in answer.json()["error"]["hint"]


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    made = safe(text)
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert not made.lstrip(" \u00a0\u200b\ufeff").startswith(
        ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    )
    assert made in {text, f"'{text}"}
