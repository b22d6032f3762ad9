from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from flis.serve.web.ukraine.known_versions import Versions, day_number, number_day

START = date(2022, 1, 1)
AREAS = {"0000": 0, "0101": 1}
days = st.integers(0, 9)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Versions of some figures: each begins to be known when the one before ends."""
    rows = []
    for day in draw(st.sets(days)):
        for area in AREAS:
            changes = sorted(draw(st.sets(st.integers(day, day + 8), min_size=1, max_size=4)))
            for known, until in zip(changes, [*changes[1:], None], strict=True):
                rows.append(
                    {
                        "dato": START + timedelta(day),
                        "kommune": area,
                        "antal": draw(st.integers(0, 99)),
                        "known_from": START + timedelta(known),
                        "known_to": None if until is None else START + timedelta(until),
                    }
                )
    return rows


SCHEMA = pa.schema(
    [
        ("dato", pa.date32()),
        ("kommune", pa.string()),
        ("antal", pa.int32()),
        ("known_from", pa.date32()),
        ("known_to", pa.date32()),
    ]
)


@given(histories(), st.integers(-1, 20))
def test_what_was_known_is_what_a_plain_search_finds(rows: list[dict[str, Any]], at: int) -> None:
    versions = Versions.read(pa.Table.from_pylist(rows, SCHEMA), day="dato", areas=AREAS, measures=("antal",))
    known = START + timedelta(at)
    dense = versions.as_known(day_number(known))
    for place in range(versions.count):
        for area, index in AREAS.items():
            day = number_day(versions.first + place)
            found = [
                r["antal"]
                for r in rows
                if r["dato"] == day
                and r["kommune"] == area
                and r["known_from"] <= known
                and (r["known_to"] is None or known < r["known_to"])
            ]
            assert dense[place, index, 0] == sum(found)
    told = [r["dato"] for r in rows if r["known_from"] <= known]
    last = versions.last_known(day_number(known))
    assert (number_day(versions.first + last) if last >= 0 else None) == (max(told) if told else None)


@given(histories(), st.integers(0, 20))
def test_first_published_is_the_oldest_version(rows: list[dict[str, Any]], at: int) -> None:
    versions = Versions.read(pa.Table.from_pylist(rows, SCHEMA), day="dato", areas=AREAS, measures=("antal",))
    known = START + timedelta(at)
    found = versions.first_published(AREAS["0101"], day_number(known))
    for day in {r["dato"] for r in rows}:
        told = sorted(
            (r["known_from"], r["antal"])
            for r in rows
            if r["dato"] == day and r["kommune"] == "0101" and r["known_from"] <= known
        )
        place = day_number(day) - versions.first
        assert (place in found) == bool(told)
        if told:
            values, first, last = found[place]
            assert (number_day(first), values[0], number_day(last)) == (told[0][0], told[0][1], told[-1][0])


@given(st.dates())
def test_days_and_numbers(day: date) -> None:
    assert number_day(day_number(day)) == day
