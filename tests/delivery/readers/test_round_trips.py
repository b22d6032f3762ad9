"""Rows that a writer of the tests wrote are the rows that come back, in every format and however the bytes are cut."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flis.delivery.readers import csv, fixed, json, xml
from tests.delivery.readers.formats import CONTRACTS, NAMES, WRITERS, Home, Visit, expected
from tests.delivery.readers.made import read, split

if TYPE_CHECKING:
    from collections.abc import Sequence

LETTERS = "abzæøåÆØÅéü &<>'/.,-0"
MORE = {"kom-csv": ';"\n', "kom-csv-utf8": ';"\n€', "xml": '"€;', "json": '"\\\n€', "ndjson": '"\\\n€', "fixed": ""}
ZONES = (UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-3, minutes=-30)))


def homes(form: str) -> st.SearchStrategy[list[Home]]:
    text = st.text(LETTERS + MORE[form], max_size=12).filter(lambda t: form != "xml" or t == t.strip() or t.strip())
    numbers = st.integers(101_000_000, 3_112_999_999).map(lambda n: f"{n:010}")
    amounts = st.none() | st.decimals(-(10**8), 10**8, places=2).map(lambda d: d.quantize(Decimal("0.01")) + 0)
    days = st.none() | st.dates(date(1900, 1, 1), date(2099, 12, 31))
    moments = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2099, 1, 1), timezones=st.sampled_from(ZONES))  # noqa: DTZ001
    visits = st.builds(Visit, text, amounts, moments)
    rooms = st.none() | st.integers(-9999, 9999)
    lists = st.lists(visits, max_size=3).map(tuple)
    return st.lists(st.builds(Home, numbers, text, days, rooms, st.none() | st.booleans(), lists), max_size=6)


def check(form: str, made: Sequence[Home], content: list[bytes]) -> None:
    found = read(CONTRACTS[form], content, NAMES[form])
    assert [f for f in found.faults if f.kind != "check-digit"] == []
    tables = {
        name: [{k: v for k, v in row.items() if k != "ordinal"} for row in rows] for name, rows in found.tables.items()
    }
    assert {name: rows for name, rows in tables.items() if rows} == expected(form, made)
    assert (found.header.period, found.header.number) == ("2025-08", 1)


@pytest.mark.parametrize("form", WRITERS)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_what_was_written_comes_back(form: str, data: st.DataObject) -> None:
    made = data.draw(homes(form))
    content = WRITERS[form](made)
    if data.draw(st.booleans(), label="packed"):
        content = gzip.compress(content)
    check(form, made, split(content, data.draw(st.sampled_from([1, 7, 64, 1 << 20]), label="pieces")))


@pytest.mark.parametrize("form", WRITERS)
def test_many_blocks_are_one_file(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than are handed on together, and parents in other blocks than their children."""
    for module, name in ((fixed, "WINDOW"), (csv, "BLOCK"), (json, "BLOCK"), (json, "ROWS"), (xml, "ROWS")):
        monkeypatch.setattr(module, name, 1 << 10)
    made = [
        Home(
            f"{n + 101_000_000:010}",
            "Åse",
            date(2025, 1, 1),
            n % 100,
            n % 2 == 0,
            (Visit("bad", Decimal(n)),) * (n % 40),
        )
        for n in range(2000)
    ]
    check(form, made, split(WRITERS[form](made), 1 << 9))


@pytest.mark.parametrize("form", ["xml", "json"])
def test_the_file_tells_when_it_was_made(form: str) -> None:
    assert read(CONTRACTS[form], WRITERS[form]([]), NAMES[form]).header.produced == date(2025, 9, 5)


def test_the_first_record_tells_when_the_file_was_made() -> None:
    assert read(CONTRACTS["fixed"], WRITERS["fixed"]([]), NAMES["fixed"]).header.produced == date(2025, 9, 5)
