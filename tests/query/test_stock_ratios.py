"""A ratio over a stock is of the same members above the line and below it, whichever of them lack a month."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.cubes.source import FolderSource
from flis.query.database import Database, execute
from flis.query.result import CellSet
from tests.query.stocks import FOLDER, KINDS, MONTHS, REGIONS, Number, Row, Waste

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from tests.query.stocks import Key

APRIL, MAY = MONTHS[:2]
EVERY = frozenset(product(MONTHS, REGIONS))
RATIOS = ("Kg per last", "Kg per first", "Kg per mean", "Kg per loaded", "Last per kg", "Last per first", "Price")
amounts = st.sampled_from([None, 1.0, 2.0, 7.0, 90.0])
keys = st.sets(st.sampled_from(sorted(EVERY)), min_size=1).map(frozenset)


@st.composite
def wastes(draw: st.DrawFn) -> Waste:
    """Rows of some months, places and kinds."""
    made = draw(st.sets(st.sampled_from(list(product(MONTHS, REGIONS, KINDS))), min_size=1))
    return Waste(tuple(Row(*key, draw(amounts), draw(amounts), draw(amounts)) for key in sorted(made)))


def served(waste: Waste) -> Database:
    with TemporaryDirectory() as folder:
        waste.write(Path(folder))
        source = FolderSource(Path(folder))
        base = Database.over(load(FOLDER), source, open_scope(), source.last_update)
        base.warm()
    return base


def asked(base: Database, names: list[str], rest: str, with_: str = "") -> list[dict[str, Number]]:
    """The measures of each row of an answer."""
    measures = ", ".join(f"[Measures].[{name}]" for name in names)
    found = execute(open_scope(), base, f"{with_} SELECT {{{measures}}} ON 0{rest}")
    assert isinstance(found, CellSet)
    assert not found.cells.errors
    values: list[Any] = [found.cells.value(n) for n in range(len(found))]
    return [dict(zip(names, values[n : n + len(names)], strict=True)) for n in range(0, len(values), len(names))]


def same(found: Mapping[str, Number], expected: Mapping[str, Number], of: str) -> None:
    for name, value in expected.items():
        told = found[name]
        assert (told is None) == (value is None), (name, of, told, value)
        assert value is None or math.isclose(told or 0, value, rel_tol=1e-12), (name, of, told, value)


def month_of(month: date) -> str:
    return f"[Date].[Calendar].[Month].&[{month:%Y-%m-%d}]"


def place_of(place: str) -> str:
    return f"[Place].[Places].[Place].&[{place}]"


def statements(pairs: frozenset[Key]) -> Iterator[tuple[str, str]]:
    """The ways to filter by pairs of a month and a place: what comes after the measures, and what before SELECT."""
    tuples = ", ".join(f"({month_of(m)}, {place_of(p)})" for m, p in sorted(pairs))
    yield f" FROM [Stocks] WHERE {{{tuples}}}", ""
    yield f" FROM (SELECT {{{tuples}}} ON 0 FROM [Stocks])", ""
    member = f"WITH MEMBER [Date].[Calendar].[x] AS Aggregate({{{tuples}}})"
    yield " FROM [Stocks] WHERE [Date].[Calendar].[x]", member
    months, places = sorted({m for m, _ in pairs}), sorted({p for _, p in pairs})
    if len(pairs) == len(months) * len(places):
        first, second = ", ".join(map(month_of, months)), ", ".join(map(place_of, places))
        yield f" FROM [Stocks] WHERE {{{first}}} * {{{second}}}", ""
        yield f" FROM (SELECT {{{first}}} ON 0 FROM [Stocks]) WHERE {{{second}}}", ""


def test_a_group_of_which_a_member_lacks_the_last_month_lies_between_its_members() -> None:
    waste = Waste(
        (
            Row(APRIL, "a", "glass", 1000.0, 10.0, None),
            Row(MAY, "a", "glass", 1000.0, 10.0, None),
            Row(APRIL, "b", "glass", 9000.0, 90.0, None),
        )
    )
    names = ["Kg per last", "Last"]
    places = f", {{{place_of('a')}, {place_of('b')}, [Place].[Places].[All]}} ON 1 FROM [Stocks]"
    copenhagen, frederiksberg, country = asked(served(waste), names, places)
    assert [copenhagen["Kg per last"], frederiksberg["Kg per last"]] == [200, 100]
    assert country == {"Kg per last": 11_000 / (10 + 90), "Last": 10}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(waste=wastes(), pairs=keys, whole=st.booleans())
def test_every_filter_says_what_the_rows_say(waste: Waste, pairs: frozenset[Key], whole: bool) -> None:
    if whole:
        pairs = frozenset(product({m for m, _ in pairs}, {p for _, p in pairs}))
    base = served(waste)
    expected = waste.values(pairs)
    for rest, with_ in statements(pairs):
        [found] = asked(base, list(expected), rest, with_)
        same(found, expected, rest)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(waste=wastes())
def test_months_by_places_with_all_totals(waste: Waste) -> None:
    base = served(waste)
    months = {"[All]": MONTHS, "[Year].&[2024]": MONTHS[:2], "[Year].&[2025]": MONTHS[2:]}
    months |= {f"[Month].&[{m:%Y-%m-%d}]": [m] for m in MONTHS}
    places = {"[All]": list(REGIONS), "[Region].&[west]": ["a", "b", "c"], "[Region].&[east]": ["d"]}
    places |= {f"[Place].&[{p}]": [p] for p in REGIONS}
    rows = list(product(months, places))
    shown = ", ".join(f"([Date].[Calendar].{m}, [Place].[Places].{p})" for m, p in rows)
    names = [*waste.values(EVERY), "Kg per last to date"]
    answer = asked(base, names, f", {{{shown}}} ON 1 FROM [Stocks]")
    for (m, p), found in zip(rows, answer, strict=True):
        expected = waste.values(frozenset(product(months[m], places[p])))
        expected["Kg per last to date"] = waste.to_date(months[m], places[p])
        same(found, expected, f"{m} {p}")
        members = [answer[rows.index((m, f"[Place].&[{one}]"))] for one in places[p]]
        for name in RATIOS:
            known = [value for one in members if (value := one[name]) is not None]
            total = found[name]
            assert total is None or min(known) - 1e-9 <= total <= max(known) + 1e-9, (name, m, p)


def test_persons_of_a_ratio_are_counted_over_the_members_that_have_both() -> None:
    """A distinct count is not added up over members; the stock below it is."""
    waste = Waste(
        (
            Row(APRIL, "a", "glass", 1.0, 10.0, None),
            Row(MAY, "b", "glass", 1.0, 20.0, None),
            Row(MAY, "b", "paper", 1.0, None, None),
            Row(MAY, "c", "paper", 1.0, None, None),
        )
    )
    [found] = asked(served(waste), ["Kinds per last"], f" FROM [Stocks] WHERE {{{place_of('a')}, {place_of('c')}}}")
    assert found["Kinds per last"] == pytest.approx(1 / 10)
    [found] = asked(served(waste), ["Kinds per last"], " FROM [Stocks]")
    assert found["Kinds per last"] == pytest.approx(2 / 30)
