"""Derived measures under every filter against SQL over the facts: three ways to filter, all levels, all types."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.foodmart.derived import BASES, TYPES, Asked, ask_sql, days, derived_database, stores, under
from tests.foodmart.facts import rows
from tests.soundness.foodmart import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from flis.query.database import Database

Names = tuple[str, ...]
WAYS = ("set", "subselect", "aggregate")
TIME = {"[Time].[Time]": (0, 1, 2, 3), "[Time].[Weekly]": (0, 4)}
"""The levels of time's hierarchies, as places in what a day is called."""
HAND_WRITTEN = """\
calculated_members:
  - {name: Unit Sales to date, expression: "Sum(YTD([Time].[Time].CurrentMember), [Measures].[Unit Sales])"}
  - name: Unit Sales last year
    expression: "([Measures].[Unit Sales], ParallelPeriod([Time].[Time].[Year], 1))"
  - name: Unit Sales a month
    expression: "[Measures].[Unit Sales] - ([Measures].[Unit Sales], [Time].[Time].CurrentMember.PrevMember)"
  - name: Unit Sales of parent
    expression: "[Measures].[Unit Sales] / ([Measures].[Unit Sales], [Store].[Store].CurrentMember.Parent)"
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    found = derived_database(tmp_path_factory.mktemp("derived"))
    yield found
    found.close()


class Question:
    """A filter on time, stores or both, and what stands on the rows."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.way = WAYS[seed % 3]
        kind = self.random.choice(("time", "stores", "both", "nothing"))
        self.time = self._time() if kind in ("time", "both") else None
        self.places = self._places(self.random.randint(1, 4)) if kind in ("stores", "both") else None
        self.rows = self.random.choice(("", "stores", "time", "gender"))
        if self.way != "subselect" and ((self.rows == "stores" and self.places) or (self.rows == "time" and self.time)):
            self.rows = "gender"

    def _time(self) -> tuple[str, list[Names]]:
        hierarchy = self.random.choice([*TIME])
        return hierarchy, self._some(hierarchy, self.random.randint(1, 4))

    def _some(self, hierarchy: str, count: int) -> list[Names]:
        """Members of a hierarchy of time on one level or several."""
        found: set[Names] = set()
        for _ in range(count):
            day = self.random.choice([*days().values()])
            depth = self.random.randint(1, len(TIME[hierarchy]))
            found.add(tuple(day[i] for i in TIME[hierarchy][:depth]))
        return sorted(found)

    def _places(self, count: int) -> list[Names]:
        known = [*stores().values()]
        return sorted({self.random.choice(known)[: self.random.randint(1, 4)] for _ in range(count)})

    def members(self) -> list[tuple[str, str, Names]]:
        """The rows: (what, member, path)."""
        if self.rows == "gender":
            return [("gender", f"[Gender].[Gender].[{g}]", (g,)) for g in "FM"]
        if self.rows == "stores":
            return [("stores", member("[Store].[Store]", p), p) for p in self._places(3)]
        if self.rows == "time":
            hierarchy = self.random.choice([*TIME])
            return [(hierarchy, member(hierarchy, p), p) for p in self._some(hierarchy, 3)]
        return []

    def statement(self, columns: str, rows: list[str]) -> str:
        """The MDX."""
        sets = []
        if self.time:
            sets.append((self.time[0], [member(self.time[0], p) for p in self.time[1]]))
        if self.places:
            sets.append(("[Store].[Store]", [member("[Store].[Store]", p) for p in self.places]))
        axes = f"SELECT {columns} ON 0" + (f", {{{', '.join(rows)}}} ON 1" if rows else "")
        listed = [f"{{{', '.join(members)}}}" for _, members in sets]
        if not sets:
            return f"{axes} FROM [Derived]"
        if self.way == "subselect":
            return f"{axes} FROM (SELECT ({', '.join(listed)}) ON 0 FROM [Derived])"
        if self.way == "set":
            return f"{axes} FROM [Derived] WHERE {' * '.join(listed)}"
        made = [f"MEMBER {h}.[Chosen] AS Aggregate({given})" for (h, _), given in zip(sets, listed, strict=True)]
        chosen = ", ".join(f"{h}.[Chosen]" for h, _ in sets)
        return f"WITH {' '.join(made)} {axes} FROM [Derived] WHERE ({chosen})"

    def asked(self, what: str = "", path: Names = ()) -> Asked:
        """What a row is of."""
        period = frozenset(days())
        if self.time:
            period &= in_time(*self.time)
        places = frozenset(stores())
        if self.places:
            places &= under(self.places)
        named = tuple(self.places or ())
        if what == "stores":
            places &= under([path])
            named = (path,)
        elif what in TIME:
            period &= in_time(what, [path])
        return Asked(period, places, path[0] if what == "gender" else "", named)


def member(hierarchy: str, path: Names) -> str:
    return hierarchy + "".join(f".[{name}]" for name in path)


def in_time(hierarchy: str, paths: list[Names]) -> frozenset[date]:
    """The days below members of time."""
    levels = TIME[hierarchy]
    return frozenset(d for d, own in days().items() if any(tuple(own[i] for i in levels[: len(p)]) == p for p in paths))


def differences(question: Question, base: Database, stored: str, types: list[str]) -> list[str]:
    """Where the cube and SQL say different things."""
    rows = question.members()
    columns = ", ".join(f"[Measures].[{stored} {name}]" for name in types)
    statement = question.statement(f"{{{columns}}}", [written for _, written, _ in rows])
    found = ask(statement, base)
    cells = [question.asked(what, path) for what, _, path in rows] or [question.asked()]
    cells = [a for a in cells if (a.period or not question.time) and (a.places or not question.places)]
    assert len(found) == len(cells) * len(types), statement
    out = []
    for place, (asked, name) in enumerate((a, name) for a in cells for name in types):
        value = found.cells.errors.get(place) or found.cells.value(place)
        right = ask_sql(stored, name, asked)
        if value != (right if right is None else pytest.approx(right, rel=1e-9)):
            out.append(f"{stored} {name}: {value}, not {right}, in cell {place} of {statement}")
    return out


@pytest.mark.parametrize("seed", range(36))
def test_as_sql_says(base: Database, seed: int) -> None:
    question = Question(seed)
    stored = BASES[(seed // 3) % len(BASES)]
    assert differences(question, base, stored, [*TYPES]) == []


TWICE = """\
  - {name: Last year to date, type: year_to_date, measure: Unit Sales last year}
  - {name: Share of last year, type: share_of_parent, measure: Unit Sales last year, dimension: Store, of: all}
  - {name: Change of share, type: change, measure: Unit Sales of all, periods: 1, unit: month}
"""


@pytest.mark.parametrize("way", WAYS)
def test_what_is_derived_twice(tmp_path: Path, way: str) -> None:
    """December 1998 of CA and WA: last year's sales from New Year, their share, and how the share of all changed."""
    base = derived_database(tmp_path, more=TWICE)
    question = Question(0)
    question.way, question.time, question.places = (
        way,
        ("[Time].[Time]", [("1998", "Q4", "12")]),
        [("USA", "CA"), ("USA", "WA")],
    )
    names = ("Last year to date", "Share of last year", "Change of share")
    found = ask(question.statement("{" + ", ".join(f"[Measures].[{n}]" for n in names) + "}", []), base)
    sales = "SELECT sum(unit_sales) FROM sales_fact_1997 JOIN time_by_day USING (time_id) JOIN store USING (store_id)"
    states = "store_state IN ('CA', 'WA')"
    [(to_date,)] = rows(f"{sales} WHERE the_year = 1997 AND {states}")
    [(december, of)] = rows(
        f"{sales.replace('SELECT', f'SELECT sum(unit_sales) FILTER ({states}),', 1)} WHERE month_of_year = 12"
    )
    assert [found.cells.value(i) for i in range(3)] == [float(to_date), pytest.approx(float(december / of)), None]
    base.close()


def test_formulas_by_hand_do_not_stand_the_filters(tmp_path: Path) -> None:
    """The comparison finds the faults of formulas that read the current member, as cubes had them before."""
    formulas = derived_database(tmp_path, types={}, more=HAND_WRITTEN)
    names = ["to date", "last year", "a month", "of parent"]
    wrong = {
        way: [name for seed in range(place, 30, 3) for name in _wrong(formulas, seed, names)]
        for place, way in enumerate(WAYS)
    }
    formulas.close()
    assert all(wrong.values()), wrong
    assert {name for found in wrong.values() for name in found} == set(names)


def _wrong(base: Database, seed: int, names: list[str]) -> list[str]:
    question = Question(seed)
    return (
        [name for name in names if differences(Question(seed), base, "Unit Sales", [name])]
        if question.time or question.places
        else []
    )
