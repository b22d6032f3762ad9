"""The downloads opened by LibreOffice with Danish settings, with and without detection of types."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flis.operations import mark_simulated
from flis.serve.web.site.texts import LANGUAGES, texts_of
from flis.serve.web.ukraine.report_tables import COLUMNS, TABLES
from tests.clients.needed import need
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

pytestmark = pytest.mark.client

DANISH = 1030
OPENED = {
    # separator, quote, UTF-8, first line, formats, language, all quoted are text, detection of types
    "detecting": f"CSV:59,34,76,1,,{DANISH},false,true",
    "not detecting": f"CSV:59,34,76,1,,{DANISH},false,false",
}
AREAS = {"country": "", "municipality": "kommune=0760&sammenlign=0461"}

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Web:
    state = build_sample(tmp_path_factory.mktemp("simulated"), releases=2)
    mark_simulated(state)
    return Web.of(state)


def address(language: str, file: str) -> str:
    return f"/{file}" if language == "da" else f"/{language}/{file}"


def convert(folder: Path, out: Path, files: list[Path], *options: str) -> None:
    """Open files in LibreOffice and save what it understood as workbooks."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        *options,
        "--convert-to",
        "xlsx",
        "--outdir",
        str(out),
        *map(str, files),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=240)


@pytest.fixture(scope="module")
def opened(simulated: Web, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Rows]:
    """The rows of every CSV file for Excel, by the way of opening it, language, area and table."""
    need(Path(shutil.which("soffice") or "soffice"))
    folder = tmp_path_factory.mktemp("csv")
    files = {}
    for language in LANGUAGES:
        for area, query in AREAS.items():
            for name in TABLES:
                file = folder / f"{language}-{area}-{name}.csv"
                asked = f"ukraine.csv?form=excel&tabel={name}&{query}"
                file.write_bytes(simulated.get(address(language, asked)).content)
                files[language, area, name] = file
    found: dict[tuple[str, ...], Rows] = {}
    for how, filter_ in OPENED.items():
        out = folder / how
        convert(folder, out, list(files.values()), f"--infilter={filter_}")
        for key, file in files.items():
            sheet = openpyxl.load_workbook(out / f"{file.stem}.xlsx").active
            assert sheet is not None
            found[how, *key] = list(sheet.iter_rows(values_only=True))
    return found


def is_number(value: Any, kind: str) -> bool:
    """Whether a cell holds a number; small counts are shown as a range, which a spreadsheet must leave a text."""
    return isinstance(value, int | float) or (kind == "count" and re.fullmatch(r"\d+–\d+", value) is not None)


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", OPENED)
def test_every_cell_is_what_it_was(
    opened: dict[tuple[str, ...], Rows], simulated: Web, how: str, language: str, area: str
) -> None:
    """Counts and rates are numbers with their value, days are dates, codes keep their zeros, headings are whole."""
    texts = texts_of(language)
    for name, columns in COLUMNS.items():
        head, *body = opened[how, language, area, name]
        data = simulated.get(address(language, f"ukraine.json?{AREAS[area]}")).json()
        told = data["kommuner"] if name == "kommuner" else data.get(name, [])
        kinds = {texts(f"column.{c.name}"): c for c in columns}
        assert head[-1] == texts("column.simuleret")
        assert len(body) >= len(told)
        for row in body:
            for heading, value in zip(head, row, strict=True):
                kind = kinds[heading].kind if heading in kinds else ""
                if value is None:
                    continue
                if kind in {"date", "week"}:
                    assert isinstance(value, datetime)
                elif kind in {"count", "change", "rate", "rank", "share"}:
                    assert is_number(value, kind), (name, heading, value)
                elif kind:
                    assert isinstance(value, str), (name, heading, value)
        if name == "kommuner":
            by_code = {row[0][:4]: dict(zip(head, row, strict=True)) for row in body}
            for one in told:
                shown = by_code[one["kode"]]
                assert shown[texts("column.omraade")] == f"{one['kode']} {one['navn']}"
                for column in columns[2:]:
                    assert shown[texts(f"column.{column.name}")] == one[column.name], column.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_opens_with_dates_and_numbers(
    simulated: Web, tmp_path_factory: pytest.TempPathFactory, language: str
) -> None:
    need(Path(shutil.which("soffice") or "soffice"))
    folder, texts = tmp_path_factory.mktemp("xlsx"), texts_of(language)
    (folder / "ukraine.xlsx").write_bytes(simulated.get(address(language, "ukraine.xlsx")).content)
    convert(folder, folder / "out", [folder / "ukraine.xlsx"])
    book = openpyxl.load_workbook(folder / "out/ukraine.xlsx")
    before = openpyxl.load_workbook(folder / "ukraine.xlsx")
    assert book.sheetnames == before.sheetnames
    for name, columns in COLUMNS.items():
        head, *body = book[texts(f"report.sheet.{name}")].iter_rows()
        assert [c.value for c in head] == [texts(f"column.{c.name}") for c in columns]
        for row in body:
            for cell, column in zip(row, columns, strict=True):
                assert cell.value is None or cell.is_date == (column.kind in {"date", "week"})
                assert cell.value is None or is_number(cell.value, column.kind) == column.numeric
