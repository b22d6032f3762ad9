"""From `CubeQuery` to SQL: one statement, every value a bound parameter.

Names of tables and columns come from the catalogue's position (`d0`, `h1_2`, `m3`), never from a request. A member
stands for the preorder range of its descendants, so a member filter is a range on one small integer column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import Aggregate, Measure

if TYPE_CHECKING:
    from flis.query.catalogue import BoundCube, BoundGroup, BoundHierarchy
    from flis.query.cubequery import CubeQuery, MemberFilter

__all__ = ["Sql", "member_ranges", "plan"]

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
    Aggregate.AVERAGE_OF_CHILDREN: "sum({})",
}
ONE_DAY = {Aggregate.LAST_LOADED: "max", Aggregate.FIRST_LOADED: "min"}
PER_CELL = {Aggregate.LAST_NON_EMPTY: "arg_max", Aggregate.FIRST_NON_EMPTY: "arg_min"}


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement: columns `g0 …` in the order of the query's levels, then `v0 …` in that of its measures."""

    text: str
    parameters: tuple[object, ...]


def kind(aggregate: Aggregate) -> Aggregate | None:
    """Measures of one kind share a statement; None: the plain aggregates."""
    return aggregate if aggregate in ONE_DAY or aggregate in PER_CELL or _averaged(aggregate) else None


def _averaged(aggregate: Aggregate) -> bool:
    return aggregate is Aggregate.AVERAGE_OF_CHILDREN


def plan(query: CubeQuery, cube: BoundCube) -> Sql:
    """The SQL of a query whose measures are all of one `kind`."""
    group = cube.groups[query.measure_group]
    measures = [group.measure(name) for name in query.measures]
    return _Planner(query, cube, group, measures).sql()


class _Planner:
    def __init__(self, query: CubeQuery, cube: BoundCube, group: BoundGroup, measures: list[Measure]) -> None:
        self.query, self.cube, self.group, self.measures = query, cube, group, measures
        self.facts = group.facts
        self.joins: dict[int, str] = {}
        self.closures: list[str] = []
        self.parameters: list[object] = []
        self.kind = kind(measures[0].aggregate)

    def sql(self) -> Sql:
        grouped = [self._group_column(g.hierarchy, g.level) for g in self.query.levels]
        where = [self._filter(f) for f in self.query.filters]
        where += [f"{c} >= 0" for c, h in grouped if h]
        columns = [c for c, _ in grouped]
        if self.kind in ONE_DAY or self.kind is Aggregate.AVERAGE_OF_CHILDREN:
            return self._one_day(columns, where)
        if self.kind in PER_CELL:
            return self._per_cell(columns, where)
        picked = [f"{c} AS g{i}" for i, c in enumerate(columns)] + self._values()
        return Sql(self._select(picked, where, len(columns)), tuple(self.parameters))

    def _values(self) -> list[str]:
        out = []
        for i, m in enumerate(self.measures):
            value = PLAIN[m.aggregate].format(f"f.m{self.facts.measures.index(m.name)}")
            out.append(f"CAST({value} AS DOUBLE) AS v{i}")
        return out

    def _from(self) -> str:
        return f"FROM {self.facts.table} AS f" + "".join(self.joins.values()) + "".join(self.closures)

    def _select(self, picked: list[str], where: list[str], groups: int) -> str:
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        by = f" GROUP BY {', '.join(str(i + 1) for i in range(groups))}" if groups else ""
        return f"SELECT {', '.join(picked)} {self._from()}{condition}{by} HAVING count(*) > 0"

    def _dimension(self, hierarchy: BoundHierarchy) -> int:
        """The position of a hierarchy's dimension in the fact table, its lookup table joined."""
        at = self.facts.dimensions.index(hierarchy.dimension.name)
        if at not in self.joins:
            loaded = hierarchy.dimension.loaded(self.group)
            self.joins[at] = f" JOIN {loaded.table} AS d{at} ON f.d{at} = d{at}.idx"
        return at

    def _group_column(self, name: str, level: int) -> tuple[str, bool]:
        """The column of a level, and whether it can be hidden (-1) there."""
        hierarchy = self.cube.hierarchy(name)
        at = self._dimension(hierarchy)
        loaded = hierarchy.dimension.loaded(self.group)
        if hierarchy.table.parent_child:
            alias = f"c{len(self.closures)}"
            table = loaded.closure(hierarchy.place)
            self.closures.append(f" JOIN {table} AS {alias} ON d{at}.h{hierarchy.place} = {alias}.own")
            return f"{alias}.ancestor", False
        return f"d{at}.h{hierarchy.place}_{level}", hierarchy.ragged

    def _filter(self, wanted: MemberFilter) -> str:
        hierarchies = [self.cube.hierarchy(name) for name in wanted.hierarchies]
        columns = [f"d{self._dimension(h)}.h{h.place}" for h in hierarchies]
        if len(hierarchies) == 1:
            return self._within(columns[0], member_ranges(hierarchies[0], [m for (m,) in wanted.members]))
        return self._tuples(hierarchies, columns, wanted)

    def _within(self, column: str, ranges: list[tuple[int, int]]) -> str:
        if not ranges:
            return "false"
        if len(ranges) > MANY_RANGES:
            self.parameters.append([o for low, high in ranges for o in range(low, high + 1)])
            return f"{column} IN (SELECT unnest(?::INTEGER[]))"
        parts = []
        for low, high in ranges:
            parts.append(f"{column} = ?" if low == high else f"{column} BETWEEN ? AND ?")
            self.parameters += [low] if low == high else [low, high]
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def _tuples(self, hierarchies: list[BoundHierarchy], columns: list[str], wanted: MemberFilter) -> str:
        """Tuples of several hierarchies: ranges of every tuple as lists, of which one row must fit."""
        if not wanted.members:
            return "false"
        lists = []
        fits = []
        for i, (h, column) in enumerate(zip(hierarchies, columns, strict=True)):
            low = [max(t[i], 0) for t in wanted.members]
            high = [_last_of(h, t[i]) for t in wanted.members]
            self.parameters += [low, high]
            lists.append(f"unnest(?::INTEGER[]) AS a{i}, unnest(?::INTEGER[]) AS b{i}")
            fits.append(f"{column} BETWEEN t.a{i} AND t.b{i}")
        return f"EXISTS (SELECT 1 FROM (SELECT {', '.join(lists)}) AS t WHERE {' AND '.join(fits)})"

    def _time(self) -> tuple[int, str]:
        """The fact's time dimension and the column that orders its rows."""
        time = next(d for d in self.cube.dimensions if d.is_time and d.name in self.facts.dimensions)
        at = self._dimension(time.hierarchies[0])
        return at, f"d{at}.h0"

    def _one_day(self, columns: list[str], where: list[str]) -> Sql:
        """The facts of the one loaded day that ends (or begins) each asked period; for an average, of all its days."""
        at, _ = self._time()
        own = f"d{at}."
        loaded = self.cube.time_table(self.group)
        periods = [(i, c) for i, c in enumerate(columns) if c.startswith(own)]
        picked = "".join(f"d{at}.{c[len(own) :]} AS p{i}, " for i, c in periods)
        days = [c for c in where if c.startswith((own, f"({own}"))]
        others = [c for c in where if c not in days]
        condition = f" WHERE {' AND '.join(days)}" if days else ""
        by = f" GROUP BY {', '.join(str(i + 1) for i in range(len(periods)))}" if periods else ""
        parameters = self._reordered(where, days)
        del self.joins[at]
        if self.kind is Aggregate.AVERAGE_OF_CHILDREN:
            over = f"count(*) OVER ({_partition(len(periods))}) AS days"
            days_of = f"(SELECT {picked}idx, {over} FROM {loaded} AS d{at}{condition})"
            scale = " / any_value(t.days)"
        else:
            pick = "arg_max" if self.kind is Aggregate.LAST_LOADED else "arg_min"
            days_of = f"(SELECT {picked}{pick}(d{at}.idx, d{at}.h0) AS idx FROM {loaded} AS d{at}{condition}{by})"
            scale = ""
        self.joins[at] = f" JOIN {days_of} AS t ON f.d{at} = t.idx"
        out = [f"t.p{i} AS g{i}" if (i, c) in periods else f"{c} AS g{i}" for i, c in enumerate(columns)]
        values = [v.replace(" AS DOUBLE)", f" AS DOUBLE){scale}") for v in self._values()]
        ordered = {at: self.joins.pop(at), **self.joins}
        self.joins = ordered
        return Sql(self._select(out + values, others, len(columns)), tuple(parameters))

    def _reordered(self, where: list[str], first: list[str]) -> list[object]:
        """The parameters of `first` before those of the other conditions."""
        early: list[object] = []
        late: list[object] = []
        position = 0
        for condition in where:
            count = condition.count("?")
            (early if condition in first else late).extend(self.parameters[position : position + count])
            position += count
        return early + late

    def _per_cell(self, columns: list[str], where: list[str]) -> Sql:
        """Each cell's own last (first) day with a value."""
        _, day = self._time()
        inner = [f"{c} AS g{i}" for i, c in enumerate(columns)] + [f"{day} AS day"]
        for i, m in enumerate(self.measures):
            inner.append(f"CAST(sum(f.m{self.facts.measures.index(m.name)}) AS DOUBLE) AS w{i}")
        per_day = self._select(inner, where, len(columns) + 1)
        pick = PER_CELL[self.kind] if self.kind else ""
        outer = [f"g{i}" for i in range(len(columns))]
        outer += [f"{pick}(w{i}, day) FILTER (w{i} IS NOT NULL) AS v{i}" for i in range(len(self.measures))]
        by = f" GROUP BY {', '.join(f'g{i}' for i in range(len(columns)))}" if columns else ""
        return Sql(f"SELECT {', '.join(outer)} FROM ({per_day}){by} HAVING count(*) > 0", tuple(self.parameters))


def _partition(periods: int) -> str:
    return "PARTITION BY " + ", ".join(f"p{i}" for i in range(periods)) if periods else ""


def _last_of(hierarchy: BoundHierarchy, member: int) -> int:
    if member < 0:
        return int(np.iinfo(np.int32).max)
    return int(hierarchy.table.last[member])


def member_ranges(hierarchy: BoundHierarchy, members: list[int]) -> list[tuple[int, int]]:
    """The members' descendants as few ranges of ordinals, in order and without overlap."""
    table = hierarchy.table
    spans = sorted((table.owner.get(m, m), table.owner[m] if m in table.owner else int(table.last[m])) for m in members)
    out: list[tuple[int, int]] = []
    for low, high in spans:
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return out
