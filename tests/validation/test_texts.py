"""Texts in the rows of any interface: how long they may be, and texts that a spreadsheet takes for formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.catalog.area_paths import look_in
from flis.catalog.contract import LONGEST_TEXT
from flis.delivery import deliveries
from flis.errors import CatalogError
from flis.validation import report
from tests.delivery.readers.made import parsed
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table
from tests.validation.made_files import put, state_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIELDS = (
    field("nr", primaryKey=True),
    field("tekst"),
    field("kort", logicalTypeOptions={"maxLength": 3}),
    field("art", codes="arter"),
)
CODES = "code,da,en,valid_from,valid_to\n-,Ingen,None,,\n+x,Mere,More,,\n"


@pytest.fixture(autouse=True)
def _no_other_areas() -> Iterator[None]:
    yield
    look_in()


def found_in(folder: Path, *rows: tuple[str, str, str]) -> tuple[list[tuple[str, int | None, str | None]], int, str]:
    """Rule, record and field of what is found in rows of two texts and a code; how many are held; the whole report."""
    text = contract(
        "noter", "csv", table("note", *FIELDS), interface="noter", held=1, part=["kommune", "maaned"],
        recognise={"name": "NOTE_{kommune}_{maaned}_{sekvens}.csv"},
        dialect={"profile": "kom-csv-utf8", "companion": "", "bom": False},
    )  # fmt: skip
    write_area(folder / "areas", "noter", **{"contract.yaml": text, "codes/arter.csv": CODES})
    look_in([folder / "areas"])
    state = state_in(folder)
    lines = [f'{number};"{tekst}";"{kort}";"{art}"\n' for number, (tekst, kort, art) in enumerate(rows, 1)]
    put(state, {"NOTE_0101_202506_1.csv": "".join(["NR;TEKST;KORT;ART\n", *lines]).encode()})
    (delivery,) = deliveries(state)
    told = report(delivery)
    return [(f.rule, f.record, f.field) for f in told.findings], told.held, str(told)


@pytest.mark.parametrize("letter", ["x", "å", "𝄞"])
def test_a_text_is_as_long_as_its_characters(tmp_path: Path, letter: str) -> None:
    rows = ((letter * LONGEST_TEXT, "", "-"), (letter * (LONGEST_TEXT + 1), "", "-"), ("", letter * 3, "-"))
    found, held, whole = found_in(tmp_path, *rows, ("", letter * 4, "-"))
    assert found == [("g-12-too-long", 2, "TEKST"), ("g-12-too-long", 4, "KORT")]
    assert held == 2
    assert letter * 4 not in whole


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1+cmd|' /C calc'!A0", "-2+3+cmd|x", "@SUM(A1)", "\t=x", "\r=x", " =x", "=", "@", "-x", "+a", "-1+2",
        "- ring igen", "+45 x", "=HYPERLINK(1;2)",
    ],
)  # fmt: skip
def test_a_text_that_begins_as_a_formula_is_told_and_kept(tmp_path: Path, text: str) -> None:
    found, held, whole = found_in(tmp_path, ("ja", "", "-"), (text, "", "+x"))
    assert (found, held) == ([("row-formula", 2, "TEKST")], 0)
    assert "HYPERLINK" not in whole


@pytest.mark.parametrize(
    "text", ["-", "-17,50", "+45 12 34 56 78", "1=1", "a@b.dk", "Løn", "", " ", "#", "50 %", "A", ">", "\tx", "\rx"]
)
def test_a_number_or_a_word_is_no_formula(tmp_path: Path, text: str) -> None:
    assert found_in(tmp_path, (text, "", "-"))[:2] == ([], 0)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("date", {"maxLength": 4}, "only a text has a maxLength"),
        ("string", {"maxLength": 0}, "one character at least"),
        ("string", {"maxLength": "x"}, "number"),
    ],
)
def test_a_length_is_one_of_a_text(kind: str, options: dict[str, object], message: str) -> None:
    text = contract("h", "csv", table("t", field("a", kind, logicalTypeOptions=options)), recognise={"head": "A"})
    with pytest.raises(CatalogError, match=rf"contract\.yaml:\d+: .*{message}"):
        parsed(text)


def test_other_options_of_the_standard_may_be_there() -> None:
    options = {"minLength": 1, "pattern": "x"}
    text = contract("h", "csv", table("t", field("a", logicalTypeOptions=options)), recognise={"head": "A"})
    assert parsed(text).tables[0].fields[0].longest == LONGEST_TEXT
