"""From `CubeQuery` to SQL: one statement, every value a bound parameter.

Names of tables and columns come from the catalogue's position (`d0`, `h1_2`, `m3`), never from a request. A member
stands for the preorder range of its descendants, so a member filter is a range on one small integer column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import Aggregate, Measure
from flis.query.evaluation.cubequery import MemberFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.query.cubes.structure import BoundDimension, BoundGroup, BoundHierarchy, CubeData
    from flis.query.evaluation.cubequery import CubeQuery, GroupBy, Windows

__all__ = ["Sql", "kind", "member_ranges", "plan"]

EVERY = (0, int(np.iinfo(np.int32).max))  # the span of a hierarchy that a tuple leaves open
FARTHEST = -(1 << 40)  # the unknown day comes before all others, whichever way they are counted
MANY_RANGES = 40  # more than this many ranges become one list parameter

PLAIN = {
    Aggregate.SUM: "sum({})",
    Aggregate.COUNT: "count({})",
    Aggregate.MIN: "min({})",
    Aggregate.MAX: "max({})",
    Aggregate.AVERAGE: "avg({})",
    Aggregate.DISTINCT_COUNT: "count(DISTINCT {})",
    Aggregate.LAST_LOADED: "sum({})",
    Aggregate.FIRST_LOADED: "sum({})",
}
ONE_DAY = {Aggregate.LAST_LOADED: "arg_max", Aggregate.FIRST_LOADED: "arg_min"}
PER_CELL = {
    Aggregate.LAST_NON_EMPTY: "arg_max({}, day)",
    Aggregate.FIRST_NON_EMPTY: "arg_min({}, day)",
    Aggregate.AVERAGE_OF_CHILDREN: "avg({})",
}


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement: `g0 …` in the order of the query's windows and then its levels, `v0 …` in that of its measures."""

    text: str
    parameters: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class SqlCondition:
    """A condition with its own parameters, and the positions of the dimensions that it looks at."""

    text: str
    parameters: tuple[object, ...]
    dimensions: frozenset[int]


def kind(aggregate: Aggregate) -> Aggregate | None:
    """Measures of one kind share a statement; None: the plain aggregates."""
    return aggregate if aggregate in ONE_DAY or aggregate in PER_CELL else None


def plan(query: CubeQuery, cube: CubeData) -> Sql:
    """The SQL of a query whose measures are all of one `kind`."""
    group = cube.groups[query.measure_group]
    planner = _Planner(query, cube, group, [group.measure(name) for name in query.measures])
    sort = kind(planner.measures[0].aggregate)
    if sort in PER_CELL:
        return planner.per_cell(PER_CELL[sort])
    return planner.one_day(ONE_DAY[sort]) if sort else planner.plain()


class _Planner:
    """Joins, conditions and grouped columns of one query, put together in one of three ways."""

    def __init__(self, query: CubeQuery, cube: CubeData, group: BoundGroup, measures: list[Measure]) -> None:
        self.query, self.cube, self.group, self.measures = query, cube, group, measures
        self.facts = group.facts
        self.one_day_each = measures[0].aggregate in ONE_DAY  # the days are chosen before the facts are looked at
        self.joins: dict[int, str] = {}
        self.closures: list[str] = []
        self.windows = {self.facts.dimensions.index(w.dimension): w for w in query.windows}
        by_level = [self._group_column(g.hierarchy, g.level) for g in query.levels]
        self.columns = [*(f"s{at}.number" for at in self.windows), *by_level]
        self.conditions = [self._filter(f) for f in query.filters]
        for column, g in zip(by_level, query.levels, strict=True):
            hierarchy = cube.hierarchy(g.hierarchy)
            if hierarchy.ragged and not hierarchy.table.parent_child:
                self.conditions.append(SqlCondition(f"{column} >= 0", (), frozenset((self._place(hierarchy),))))

    # the three ways

    def plain(self) -> Sql:
        """Aggregates of all facts of a cell."""
        picked = [f"{c} AS g{i}" for i, c in enumerate(self.columns)] + self._values()
        return self._select(picked, self.conditions, len(self.columns))

    def one_day(self, pick: str) -> Sql:
        """The facts of the one loaded day that ends (or begins) each asked period; the unknown one only if alone."""
        known = self._known_days(pick)
        if known is not None:
            return known
        at = self._time()
        own = (f"d{at}.", f"s{at}.")
        periods = [i for i, c in enumerate(self.columns) if c.startswith(own)]
        days, others = self._days(at)
        picked = [f"{self.columns[i]} AS p{i}" for i in periods]
        where = f" WHERE {' AND '.join(c.text for c in days)}" if days else ""
        window = self.windows.pop(at, None)
        source = f"FROM {self.cube.time_table(self.group)} AS d{at}{_joined(at, f'd{at}.idx') if window else ''}{where}"
        chosen_day = f"coalesce({pick}(d{at}.idx, d{at}.day), any_value(d{at}.idx)) AS idx"
        by = f" GROUP BY {', '.join(str(i + 1) for i in range(len(periods)))}" if periods else ""
        chosen = f"(SELECT {', '.join([*picked, chosen_day])} {source}{by})"
        looked = any(at in c.dimensions for c in others)
        kept = self.joins.pop(at)
        self.joins = {-1: f" JOIN {chosen} AS t ON f.d{at} = t.idx", **({at: kept} if looked else {}), **self.joins}
        out = [f"t.p{i} AS g{i}" if i in periods else f"{c} AS g{i}" for i, c in enumerate(self.columns)]
        before = _lists(window) + tuple(p for c in days for p in c.parameters)
        return self._select(out + self._values(), others, len(self.columns), before)

    def _known_days(self, pick: str) -> Sql | None:
        """The same, of days that are found here: the facts need no join. None where their columns do not tell it."""
        time = next(d for d in self.cube.dimensions if d.is_time and d.name in self.facts.dimensions)
        at = self.facts.dimensions.index(time.name)
        levels = [g for g in self.query.levels if self.cube.hierarchy(g.hierarchy).dimension is time]
        columns = [self._carried(self.cube.hierarchy(g.hierarchy), g.level) for g in levels]
        filters = [f for f, c in zip(self.query.filters, self.conditions, strict=False) if at in c.dimensions]
        simple = all(len(f.hierarchies) == 1 for f in filters)
        if at in self.windows or not all(columns) or not simple:
            return None
        rows = last_rows(time, levels, filters, first=pick == "arg_min")
        carried = dict(zip(levels, columns, strict=True))
        by_level = zip(self.query.levels, self.columns[len(self.windows) :], strict=True)
        picked = [*self.columns[: len(self.windows)], *(f"f.{carried[g]}" if g in carried else c for g, c in by_level)]
        where = [c for c in self.conditions if at not in c.dimensions]
        if len(rows) < time.loaded().rows:
            where.append(SqlCondition(*_one_of(f"f.d{at}", rows), frozenset((at,))))
        self.joins.pop(at, None)
        return self._select([f"{c} AS g{i}" for i, c in enumerate(picked)] + self._values(), where, len(picked))

    def per_cell(self, pick: str) -> Sql:
        """Each cell's own days with a value: the last or first of them, or their average; else the unknown day."""
        inner = [f"{c} AS g{i}" for i, c in enumerate(self.columns)] + [f"d{self._time()}.day AS day"]
        for i, m in enumerate(self.measures):
            inner.append(f"CAST(sum(f.{self.facts.columns[m.name]}) AS DOUBLE) AS w{i}")
            if m.weight:
                inner.append(f"CAST(sum(f.{self.facts.weights[m.name]}) AS DOUBLE) AS x{i}")
        per_day = self._select(inner, self.conditions, len(self.columns) + 1)
        outer = [f"g{i}" for i in range(len(self.columns))]
        for i, m in enumerate(self.measures):
            value, weight = (_of_days(pick, f"{column}{i}") for column in "wx")
            outer.append(f"{value} / nullif({weight}, 0) AS v{i}" if m.weight else f"{value} AS v{i}")
        text = f"SELECT {', '.join(outer)} FROM ({per_day.text}){_grouped(len(self.columns))}"
        return Sql(text, per_day.parameters)

    # parts

    def _values(self) -> list[str]:
        out = []
        for i, m in enumerate(self.measures):
            column = f"f.{self.facts.columns[m.name]}"
            value = PLAIN[m.aggregate].format(column)
            if m.weight:
                value = f"sum({column}) / nullif(CAST(sum(f.{self.facts.weights[m.name]}) AS DOUBLE), 0)"
            out.append(f"CAST({value} AS DOUBLE) AS v{i}")
        return out

    def _select(
        self, picked: list[str], where: list[SqlCondition], groups: int, before: tuple[object, ...] = ()
    ) -> Sql:
        windows = "".join(_joined(at, f"f.d{at}") for at in self.windows)
        source = f"FROM {self.facts.table} AS f" + "".join(self.joins.values()) + "".join(self.closures) + windows
        condition = f" WHERE {' AND '.join(c.text for c in where)}" if where else ""
        text = f"SELECT {', '.join(picked)} {source}{condition}{_grouped(groups)}"
        lists = tuple(p for w in self.windows.values() for p in _lists(w))
        return Sql(text, before + lists + tuple(p for c in where for p in c.parameters))

    def _place(self, hierarchy: BoundHierarchy) -> int:
        """The position of a hierarchy's dimension in the fact table."""
        return self.facts.dimensions.index(hierarchy.dimension.name)

    def _dimension(self, hierarchy: BoundHierarchy) -> int:
        """The same, its lookup table joined."""
        at = self._place(hierarchy)
        if at not in self.joins:
            loaded = hierarchy.dimension.loaded()
            self.joins[at] = f" JOIN {loaded.table} AS d{at} ON f.d{at} = d{at}.idx"
        return at

    def _carried(self, hierarchy: BoundHierarchy, level: int) -> str:
        """The facts' own column of the members of a level; empty where they have none, or it hides some."""
        return "" if hierarchy.ragged else self.facts.levels.get((self._place(hierarchy), hierarchy.place, level), "")

    def _member_column(self, hierarchy: BoundHierarchy) -> str:
        """The column of each fact's deepest member."""
        carried = self._carried(hierarchy, len(hierarchy.levels) - 1)
        if carried and not (self.one_day_each and hierarchy.dimension.is_time):
            return f"f.{carried}"
        return f"d{self._dimension(hierarchy)}.h{hierarchy.place}"

    def _group_column(self, name: str, level: int) -> str:
        """The column of a level: the facts' own where they carry it; a parent-child hierarchy's through its closure."""
        hierarchy = self.cube.hierarchy(name)
        carried = self.facts.levels.get((self._place(hierarchy), hierarchy.place, level))
        if carried and not (self.one_day_each and hierarchy.dimension.is_time):
            return f"f.{carried}"
        at = self._dimension(hierarchy)
        if not hierarchy.table.parent_child:
            return f"d{at}.h{hierarchy.place}_{level}"
        alias = f"c{len(self.closures)}"
        table = hierarchy.dimension.loaded().closure(hierarchy.place)
        self.closures.append(f" JOIN {table} AS {alias} ON d{at}.h{hierarchy.place} = {alias}.own")
        return f"{alias}.ancestor"

    def _filter(self, wanted: MemberFilter) -> SqlCondition:
        hierarchies = [self.cube.hierarchy(name) for name in wanted.hierarchies]
        at = [self._place(h) for h in hierarchies]
        columns = [self._member_column(h) for h in hierarchies]
        if not wanted.members:
            return SqlCondition("false", (), frozenset(at))
        if len(hierarchies) == 1:
            text, parameters = _within(columns[0], member_ranges(hierarchies[0], [m for (m,) in wanted.members]))
        else:
            text, parameters = _among(hierarchies, columns, wanted)
        return SqlCondition(text, tuple(parameters), frozenset(at))

    def _time(self) -> int:
        """The position of the fact's time dimension, its lookup table joined."""
        time = next(d for d in self.cube.dimensions if d.is_time and d.name in self.facts.dimensions)
        return self._dimension(time.hierarchies[0])

    def _days(self, at: int) -> tuple[list[SqlCondition], list[SqlCondition]]:
        """The conditions that choose days, and those on the facts; a tuple over both counts for both."""
        days, others = [], []
        for condition, wanted in zip(self.conditions, [*self.query.filters, *[None] * len(self.columns)], strict=False):
            if condition.dimensions == {at}:
                days.append(condition)
                continue
            others.append(condition)
            if at in condition.dimensions and wanted is not None:
                own = [
                    i for i, name in enumerate(wanted.hierarchies) if self._dimension(self.cube.hierarchy(name)) == at
                ]
                cut = tuple(dict.fromkeys(tuple(t[i] for i in own) for t in wanted.members))
                days.append(self._filter(MemberFilter(tuple(wanted.hierarchies[i] for i in own), cut)))
        return days, others


def last_rows(
    time: BoundDimension, levels: Sequence[GroupBy], filters: Sequence[MemberFilter], *, first: bool = False
) -> list[int]:
    """The row of the last (or first) day of each period that some levels cut, of those that pass the filters."""
    loaded = time.loaded()
    hierarchies = {h.unique_name: h for h in time.hierarchies}
    rows = np.arange(loaded.rows)
    for wanted in filters:
        hierarchy = hierarchies[wanted.hierarchies[0]]
        own, inside = hierarchy.numbered.own, np.zeros(loaded.rows, dtype=np.bool_)
        for low, high in member_ranges(hierarchy, [member for (member,) in wanted.members]):
            inside |= (own >= low) & (own <= high)
        rows = rows[inside[rows]]
    day = loaded.hierarchies[0].own[rows].astype(np.int64)
    day = np.where(rows == loaded.unknown, FARTHEST, -day if first else day)
    cut = [hierarchies[g.hierarchy] for g in levels]
    periods = [h.numbered.levels[g.level - h.has_all][rows] for h, g in zip(cut, levels, strict=True)]
    order = np.lexsort(np.stack([-rows, day, *periods]))
    ends = np.ones(len(order), dtype=np.bool_)
    if len(order):
        ends[:-1] = np.any([p[order][1:] != p[order][:-1] for p in periods], axis=0) if periods else False
    return sorted(rows[order[ends]].tolist())


def _one_of(column: str, numbers: list[int]) -> tuple[str, tuple[object, ...]]:
    """A column that holds one of some numbers."""
    if not numbers:
        return "false", ()
    if len(numbers) > MANY_RANGES:
        return f"{column} IN (SELECT unnest(?::INTEGER[]))", (numbers,)
    return f"{column} IN ({', '.join('?' * len(numbers))})", tuple(numbers)


def _of_days(pick: str, column: str) -> str:
    """What is picked of the days on which a column has a value; of the unknown day where it has none on any other."""
    known = f"{pick.format(column)} FILTER ({column} IS NOT NULL AND day IS NOT NULL)"
    return f"coalesce({known}, any_value({column}))"


def _joined(at: int, row: str) -> str:
    """The rows of the windows of a dimension, joined to a column of its rows."""
    return f" JOIN (SELECT unnest(?::INTEGER[]) AS number, unnest(?::INTEGER[]) AS idx) AS s{at} ON {row} = s{at}.idx"


def _lists(windows: Windows | None) -> tuple[object, ...]:
    """The parameters of that join."""
    return windows.pairs() if windows is not None else ()


def _grouped(groups: int) -> str:
    """The clause for the first so many columns; without any, no row where there are no facts."""
    return f" GROUP BY {', '.join(str(i + 1) for i in range(groups))}" if groups else " HAVING count(*) > 0"


def _within(column: str, ranges: list[tuple[int, int]]) -> tuple[str, list[object]]:
    """A column within one of some ranges."""
    if len(ranges) > MANY_RANGES:
        everything = [o for low, high in ranges for o in range(low, high + 1)]
        return f"{column} IN (SELECT unnest(?::INTEGER[]))", [everything]
    parts: list[str] = []
    parameters: list[object] = []
    for low, high in ranges:
        parts.append(f"{column} = ?" if low == high else f"{column} BETWEEN ? AND ?")
        parameters += [low] if low == high else [low, high]
    return (parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"), parameters


def _among(hierarchies: list[BoundHierarchy], columns: list[str], wanted: MemberFilter) -> tuple[str, list[object]]:
    """Tuples of several hierarchies: the ranges of every tuple as lists, of which one row must fit."""
    lists: list[str] = []
    fits: list[str] = []
    parameters: list[object] = []
    for i, (h, column) in enumerate(zip(hierarchies, columns, strict=True)):
        spans = [h.table.span(t[i]) if t[i] >= 0 else EVERY for t in wanted.members]
        parameters += [[low for low, _ in spans], [high for _, high in spans]]
        lists.append(f"unnest(?::INTEGER[]) AS a{i}, unnest(?::INTEGER[]) AS b{i}")
        fits.append(f"{column} BETWEEN t.a{i} AND t.b{i}")
    return f"EXISTS (SELECT 1 FROM (SELECT {', '.join(lists)}) AS t WHERE {' AND '.join(fits)})", parameters


def member_ranges(hierarchy: BoundHierarchy, members: list[int]) -> list[tuple[int, int]]:
    """The members' descendants as few ranges of ordinals, in order and without overlap."""
    spans = sorted(hierarchy.table.span(m) for m in members)
    out: list[tuple[int, int]] = []
    for low, high in spans:
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return out
