"""Format strings: the fixtures in both languages, columns against single values, and no format that breaks."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from flis.query.formats import format_array, formatter

ENGLISH, DANISH = 1033, 1030
FIXTURES = [
    (group, *row)
    for group, rows in yaml.safe_load((Path(__file__).parent / "fixtures/formats.yaml").read_text("utf-8")).items()
    for row in rows
]
COMMON = ["", "0", "#,##0", "#,##0.00", "#,###.00", "0.0%", "$#,##0.00;($#,##0.00)", "Standard", "Percent", "Currency"]
RARE = ["#,##0.###", "0,.0", "000-00", "0.00E+00", "0;-0;zero", "Yes/No", "General Number", "yyyy-mm-dd", "@@@@"]


def value_of(written: object) -> object:
    if isinstance(written, str) and written.startswith("D:"):
        moment = datetime.fromisoformat(written[2:])
        return moment if "T" in written else moment.date()
    return written


def test_there_are_two_hundred_fixtures() -> None:
    assert len(FIXTURES) >= 200
    assert len({(row[1], repr(row[2])) for row in FIXTURES}) == len(FIXTURES)


@pytest.mark.parametrize(("group", "text", "written", "english", "danish"), FIXTURES)
def test_fixture(group: str, text: str, written: object, english: str, danish: str) -> None:
    value = value_of(written)
    assert formatter(text, ENGLISH)(value) == english
    assert formatter(text, DANISH)(value) == danish


@pytest.mark.parametrize(
    ("lcid", "shown"),
    [(1030, "1,5"), (6, "1,5"), (127, "1,5"), (3072, "1,5"), (0, "1,5"), (1033, "1.5"), (9, "1.5"), (2057, "1.5")],
)
def test_english_is_english_and_all_others_danish(lcid: int, shown: str) -> None:
    assert formatter("0.0", lcid)(1.5) == shown


@pytest.mark.parametrize(("value", "shown"), [(math.inf, "Infinity"), (-math.inf, "-Infinity"), (math.nan, "NaN")])
@pytest.mark.parametrize("text", ["", "#,##0.00", "0;-0;z", "General Number"])
def test_what_is_no_number(value: float, shown: str, text: str) -> None:
    assert formatter(text, ENGLISH)(value) == shown
    assert format_array(np.array([1.0, value]), text, ENGLISH)[1] == shown


def test_decimals_keep_all_their_digits() -> None:
    assert formatter("0.00", ENGLISH)(Decimal("12345678901234567890.125")) == "12345678901234567890.13"


def test_an_empty_cell_in_a_column() -> None:
    empty = np.array([False, True])
    assert format_array(np.array([1.0, math.nan]), '0;-0;0;"none"', DANISH, empty) == ["1", "none"]
    assert format_array(np.array([1234.0, 5.0]), "#,##0", DANISH, empty) == ["1.234", ""]


def test_columns_of_anything() -> None:
    column = np.array([None, "x", date(2022, 8, 15), 5], dtype=object)
    assert format_array(column, "dd-mm-yyyy", DANISH) == ["", "x", "15-08-2022", "04-01-1900"]


decimals = st.decimals(-(10**9), 10**9, places=4).map(float)
numbers = st.one_of(decimals, st.integers(-(10**6), 10**6).map(float), st.floats(allow_nan=False))


@given(st.lists(numbers, max_size=20), st.sampled_from(COMMON + RARE), st.sampled_from([ENGLISH, DANISH]))
@example([0.0] * 4 + [4.061533624073685e16], "0,.0", ENGLISH)
def test_a_column_is_written_as_its_values_are(values: list[float], text: str, lcid: int) -> None:
    write = formatter(text, lcid)
    assert format_array(np.array(values, dtype=np.float64), text, lcid) == [write(value) for value in values]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20), st.sampled_from(COMMON + RARE))
def test_a_column_of_whole_numbers(values: list[int], text: str) -> None:
    write = formatter(text, DANISH)
    assert format_array(np.array(values, dtype=np.int64), text, DANISH) == [write(value) for value in values]


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates(), st.datetimes(), st.decimals()
)


@given(st.text(alphabet='0#.,%;@&<>!"\\$ -+()eEdmyhnsqwtcAMP/:|abcæ{}', max_size=20), anything)
def test_every_format_writes_every_value(text: str, value: object) -> None:
    for lcid in (ENGLISH, DANISH):
        assert isinstance(formatter(text, lcid)(value), str)


@given(st.text(alphabet='0#.,%;"\\$ -{}a', max_size=12), st.lists(decimals, min_size=1, max_size=5))
def test_every_format_writes_columns_as_values(text: str, values: list[float]) -> None:
    write = formatter(text, DANISH)
    assert format_array(np.array(values), text, DANISH) == [write(value) for value in values]
