"""DRILLTHROUGH: the rows of the fact table behind one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.catalog.cube import Aggregate, DataType, DerivedMeasure, Measure
from flis.errors import NameStatementError, StatementError, suggest
from flis.query.cubes.store import column_sql, name_sql, value_sql
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.aggregate import known_to
from flis.query.evaluation.cubequery import MemberFilter
from flis.query.evaluation.planner import ONE_DAY, member_ranges
from flis.query.evaluation.slicer import Compound
from flis.query.languages.mdx import to_text
from flis.query.result import Column, Rowset
from flis.query.select import evaluate

if TYPE_CHECKING:
    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.structure import BoundDimension, BoundGroup, BoundHierarchy
    from flis.query.evaluation.evaluate import Evaluator
    from flis.query.evaluation.segments import Filters
    from flis.query.evaluation.values import Context
    from flis.query.languages.mdx import syntax as s
    from flis.query.prepared import Prepared

__all__ = ["DEFAULT_ROWS", "drill"]

DEFAULT_ROWS = 10_000  # as DefaultDrillthroughMaxRows of Analysis Services
NON_EMPTY = {Aggregate.LAST_NON_EMPTY: "max", Aggregate.FIRST_NON_EMPTY: "min"}
RETURNED = {
    **dict.fromkeys(("", "NAME", "CAPTION"), "level"),
    **dict.fromkeys(("KEY", "MEMBERVALUE"), "key"),
    "UNIQUENAME": "member",
}
"""What a function in RETURN shows of a level."""


def drill(ev: Evaluator, statement: s.DrillthroughStatement, prepared: Prepared) -> Rowset:
    """The facts of the one cell that its SELECT gives."""
    found = evaluate(ev, prepared, values_asked=False)
    if found.context.size != 1:
        raise StatementError(
            f"DRILLTHROUGH needs exactly one cell; the statement has {found.context.size}.",
            line=statement.line,
            column=statement.column,
        )
    measure = int(found.context.column(MEASURES)[0])
    if measure < 0:  # the slicer's members do not exist together
        named = prepared.slicer.measure if prepared.slicer is not None else None
        measure = named if named is not None else ev.cube.hierarchies[MEASURES].default
    group, own = _with_facts(ev, measure, statement)
    limit = ev.watch.limits.rows
    rows = min(statement.max_rows or DEFAULT_ROWS, limit) if limit else statement.max_rows or DEFAULT_ROWS
    return _Drill(ev, group, own, found.context).rows(_columns(ev.cube, group, statement), rows)


def _with_facts(ev: Evaluator, ordinal: int, statement: s.DrillthroughStatement) -> tuple[BoundGroup, Measure]:
    """A stored measure and its group. Raises: StatementError: it has no facts of its own."""
    if ordinal >= ev.sizes[MEASURES] or isinstance(ev.cube.measures[ordinal][1], DerivedMeasure):
        stored = ev.cube.stored_measures(ordinal) if ordinal < ev.sizes[MEASURES] else ()
        names = " or ".join(ev.cube.measures[one][1].name for one in sorted(stored))
        raise StatementError(
            "A calculated measure has no facts to drill through to.",
            line=statement.line,
            column=statement.column,
            hint=f"Drill through from {names}." if names else "",
        )
    group, measure = ev.cube.measures[ordinal]
    if measure.aggregate is Aggregate.DISTINCT_STORED:
        raise StatementError(
            f"{measure.name} is stored as counts, and the cube has no rows of what was counted.",
            line=statement.line,
            column=statement.column,
        )
    return group, measure


def _columns(cube: BoundCube, group: BoundGroup, statement: s.DrillthroughStatement) -> dict[str, tuple[str, Any]]:
    """What is returned: shown name -> (kind, catalogue object)."""
    if statement.columns:
        out: dict[str, tuple[str, Any]] = {}
        for column in statement.columns:
            out[column.alias or to_text(column)] = _named(cube, group, column)
        return out
    for declared in cube.definition.drillthroughs:
        if declared.measure_group == group.name:
            return {name: ("column", at) for name, at in declared.columns.items()}
    out = {}
    for h in _linked(cube, group):
        for n, level in enumerate(h.definition.levels if h.definition else ()):
            out[f"[${h.dimension.name}].[{level.name}]"] = ("level", (h, n))
    for m in group.definition.measures:
        out[f"[{group.name}].[{m.name}]"] = ("measure", m)
    return out


def _linked(cube: BoundCube, group: BoundGroup) -> list[BoundHierarchy]:
    return [h for h in cube.hierarchies if h.index in group.linked and h.definition is not None]


def _named(cube: BoundCube, group: BoundGroup, column: s.ReturnColumn) -> tuple[str, Any]:
    """A column by `[$Dimension].[Level]`, `[Measure group].[Measure]` or a declared name."""
    if column.function not in RETURNED:
        raise StatementError(
            f"DRILLTHROUGH returns no {column.function} of a column.",
            line=column.line,
            column=column.column,
            hint="Write the column alone, NAME, CAPTION, KEY, MEMBERVALUE or UNIQUENAME.",
        )
    parts = [x.text for x in column.name.segments]
    last = parts[-1].casefold()
    first = parts[0].lstrip("$").casefold()
    for m in group.definition.measures:
        if m.name.casefold() == last:
            return "measure", m
    for h in _linked(cube, group):
        if len(parts) > 1 and first not in (h.dimension.name.casefold(), h.name.casefold()):
            continue
        levels = h.definition.levels if h.definition else ()
        found = next((n for n, level in enumerate(levels) if level.name.casefold() == last), -1)
        if found >= 0:
            return RETURNED[column.function], (h, found)
    for declared in cube.definition.drillthroughs:
        for name, at in declared.columns.items():
            if declared.measure_group == group.name and name.casefold() == last:
                return "column", at
    known = [m.name for m in group.definition.measures]
    known += [x.name for h in _linked(cube, group) if h.definition for x in h.definition.levels]
    raise NameStatementError(
        f"DRILLTHROUGH cannot return {to_text(column.name)}.",
        line=column.line,
        column=column.column,
        hint=suggest(parts[-1], known),
    )


class _Drill:
    """The SQL of one drillthrough: the fact table as it was read, its dimensions' tables, and the cell's members."""

    def __init__(self, ev: Evaluator, group: BoundGroup, measure: Measure, context: Context) -> None:
        self.ev, self.group, self.measure, self.context = ev, group, measure, context
        self.store = ev.cube.store
        self.base = group.definition.table
        self.joins: dict[str, str] = {}
        self.parameters: list[Any] = []
        self.filters: Filters = ()

    def rows(self, columns: dict[str, tuple[str, Any]], limit: int) -> Rowset:
        """At most so many rows."""
        where = [*self._cell(), *self._loaded_day()]
        day = self._day_with_a_value()
        picked = [f"{self._value(*what)} AS c{i}" for i, what in enumerate(columns.values())]
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        joins = "".join(self.joins.values())
        sql = (
            f"SELECT {', '.join(picked)} FROM {self.store.fact_rows(self.group.definition)}{joins}"
            f"{condition}{day} ORDER BY ALL LIMIT {int(limit)}"
        )
        found = self.store.query(sql, self.parameters, self.ev.watch)
        data = tuple(_read(found[f"c{i}"], *what) for i, what in enumerate(columns.values()))
        shown = tuple(
            Column(name, _type(column, what)) for (name, what), column in zip(columns.items(), data, strict=True)
        )
        return Rowset(shown, data)

    def _value(self, kind: str, what: Any) -> str:
        if kind == "measure":
            return value_sql(what, self.base)
        if kind == "column":
            return self._declared(what)
        hierarchy, n = what
        level = hierarchy.definition.levels[n]
        if kind == "member":
            return f"{self._row(hierarchy.dimension)}.h{hierarchy.place}_{n + hierarchy.has_all}"
        if kind == "key":
            return self._dimension_column(hierarchy.dimension, level.key)
        return self._named(hierarchy.dimension, level.name_column or level.key)

    def _declared(self, what: str) -> str:
        """A column of the fact, or of the table of a dimension: the one of that name, or the first over that table."""
        table, dot, rest = what.partition(".")
        if not dot or table == self.base:
            return column_sql(what, self.base)
        linked = [d for d in self.ev.cube.dimensions if d.name in self.group.definition.links and d.definition]
        if role := next((d for d in linked if d.name == table), None):
            return self._named(role, rest)
        of = next(d for d in linked if d.definition and table in d.definition.tables)
        return self._named(of, rest if of.definition and table == of.definition.table else what)

    def _named(self, dimension: BoundDimension, column: str) -> str:
        """What a dimension's column shows: of facts under the unknown member its name, as text like the others."""
        definition = dimension.definition
        column = self._dimension_column(dimension, column)
        if definition is None or dimension.name not in self.group.facts.unknown:
            return column
        name = definition.unknown_member.name.replace("'", "''")
        alias = self._row(dimension)
        return f"CASE WHEN {alias}.idx IS NULL THEN '{name}' ELSE CAST({column} AS VARCHAR) END"

    def _dimension_column(self, dimension: BoundDimension, column: str) -> str:
        definition = dimension.definition
        assert definition is not None  # noqa: S101
        if not definition.table:
            return column_sql(column, self.base)
        alias = f"r{self._source(dimension)}"
        other, dot, rest = column.partition(".")
        return f"{name_sql(f'{alias}_{other}')}.{name_sql(rest)}" if dot else f"{name_sql(alias)}.{name_sql(column)}"

    def _source(self, dimension: BoundDimension) -> int:
        """The dimension's own tables, joined once per role."""
        definition = dimension.definition
        assert definition is not None  # noqa: S101
        at = dimension.ordinal
        if f"source{at}" not in self.joins:
            link = column_sql(self.group.definition.links[dimension.name], self.base)
            alias = name_sql(f"r{at}")
            sql = (
                f" LEFT JOIN {self.store.read(definition.table)} AS {alias}"
                f" ON {link} IS NOT DISTINCT FROM {alias}.{name_sql(definition.key)}"
            )
            for j in definition.joins:
                other = name_sql(f"r{at}_{j.table}")
                table, dot, rest = j.left.partition(".")
                left = f"{name_sql(f'r{at}_{table}')}.{name_sql(rest)}" if dot else f"{alias}.{name_sql(j.left)}"
                right = j.right.rpartition(".")[2]
                sql += f" LEFT JOIN {self.store.read(j.table)} AS {other} ON {left} = {other}.{name_sql(right)}"
            self.joins[f"source{at}"] = sql
        return at

    def _lookup(self, hierarchy: BoundHierarchy) -> str:
        """Where a fact's own member of a hierarchy is."""
        own = f"{self._row(hierarchy.dimension)}.h{hierarchy.place}"
        unknown = hierarchy.dimension.loaded().unknown >= 0
        return f"coalesce({own}, {hierarchy.table.unknown[-1]})" if unknown else own

    def _row(self, dimension: BoundDimension) -> str:
        """The numbered lookup table of a dimension, joined by its keys; its alias."""
        loaded = dimension.loaded()
        alias = f"d{dimension.ordinal}"
        if alias not in self.joins:
            definition = dimension.definition
            assert definition is not None  # noqa: S101
            columns = [self.group.definition.links[dimension.name]] if definition.table else list(loaded.keys)
            same = loaded.matches([column_sql(c, self.base) for c in columns], alias)
            self.joins[alias] = f" LEFT JOIN {loaded.table} AS {alias} ON {same}"
        return alias

    def _cell(self) -> list[str]:
        """The conditions of the cell's members, and of subselects and set slicers."""
        filters = [*self.ev.space.without(int(self.ev.space.of_rows(self.context))), *self.ev.filters]
        out: list[str] = []
        for h, hierarchy in enumerate(self.ev.cube.hierarchies):
            member = int(self.context.column(h)[0])
            if h == MEASURES:
                continue
            if member < self.ev.sizes[h]:
                out += self._member(hierarchy, member)
                continue
            rule = self.ev.rule(h, member)
            if not isinstance(rule, Compound):
                raise StatementError("A calculated member has no facts to drill through to.")
            filters += [f for f in rule.filters if f not in filters]
        self.filters = known_to(self.group, tuple(filters))
        return out + [self._one_of(f) for f in self.filters]

    # a stock is that of one day

    def _time(self) -> BoundDimension:
        links = self.group.definition.links
        return next(d for d in self.ev.cube.dimensions if d.is_time and d.name in links)

    def _loaded_day(self) -> list[str]:
        """The condition of the one loaded day that ends (or begins) the cell's period, for a measure that is of it."""
        pick = ONE_DAY.get(self.measure.aggregate)
        if pick is None:
            return []
        time = self._time()
        self._lookup(time.hierarchies[0])
        alias = f"d{time.ordinal}"
        days: list[str] = []
        for hierarchy in time.hierarchies:
            member = int(self.context.column(hierarchy.index)[0])
            days += self._member(hierarchy, member) if member < self.ev.sizes[hierarchy.index] else []
        for f in self.filters:
            own = [i for i, name in enumerate(f.hierarchies) if self.ev.cube.hierarchy(name).dimension is time]
            if own:
                cut = dict.fromkeys(tuple(t[i] for i in own) for t in f.members)
                days.append(self._one_of(MemberFilter(tuple(f.hierarchies[i] for i in own), tuple(cut))))
        where = f" WHERE {' AND '.join(days)}" if days else ""
        table = self.ev.cube.time_table(self.group)
        row = f"coalesce({alias}.idx, {time.loaded().unknown})"
        chosen = f"coalesce({pick}({alias}.idx, {alias}.day), any_value({alias}.idx))"
        return [f"{row} = (SELECT {chosen} FROM {table} AS {alias}{where})"]

    def _day_with_a_value(self) -> str:
        """The clause for the last (or first) day on which the cell has a value, for a measure that is of that day."""
        pick = NON_EMPTY.get(self.measure.aggregate)
        if pick is None:
            return ""
        time = self._time()
        self._lookup(time.hierarchies[0])
        day, value = f"d{time.ordinal}.day", self._value("measure", self.measure)
        # the unknown day, which has none, where no known one has a value
        return f" QUALIFY {day} IS NOT DISTINCT FROM {pick}(CASE WHEN {value} IS NOT NULL THEN {day} END) OVER ()"

    def _member(self, hierarchy: BoundHierarchy, member: int) -> list[str]:
        """The condition of a stored member; what the facts are not linked to makes their cell empty, or nothing."""
        if member < 0:
            return ["false"]
        if hierarchy.index not in self.group.linked:
            return [] if member == hierarchy.root or self.group.definition.ignore_unrelated else ["false"]
        if hierarchy.has_all and member == 0:
            return []
        return [self._within(hierarchy, [member])]

    def _one_of(self, f: MemberFilter) -> str:
        parts = []
        for t in f.members:
            each = [
                self._within(self.ev.cube.hierarchy(name), [m])
                for name, m in zip(f.hierarchies, t, strict=True)
                if m >= 0
            ]
            parts.append(f"({' AND '.join(each) or 'true'})")
        return f"({' OR '.join(parts) or 'false'})"

    def _within(self, hierarchy: BoundHierarchy, members: list[int]) -> str:
        column = self._lookup(hierarchy)
        parts = []
        for low, high in member_ranges(hierarchy, members):
            self.parameters += [low, high]
            parts.append(f"{column} BETWEEN ? AND ?")
        return f"({' OR '.join(parts)})"


def _read(column: Any, kind: str, what: Any) -> list[Any]:
    """The values of a column; of members, their unique names."""
    values = _plain(column)
    if kind != "member":
        return values
    hierarchy, n = what
    table, level = hierarchy.table, n + hierarchy.has_all
    unknown = next((o for o in table.unknown if table.level[o] == level), -1)
    ordinals = [unknown if v is None else v for v in values]
    known = [o for o in dict.fromkeys(ordinals) if o >= 0]
    names = dict(zip(known, hierarchy.stored_names(np.array(known, dtype=np.int32)), strict=True))
    return [names.get(o) for o in ordinals]


def _plain(column: Any) -> list[Any]:
    if isinstance(column, np.ma.MaskedArray):
        gone = np.ma.getmaskarray(column)
        return [None if g else v for v, g in zip(column.data.tolist(), gone.tolist(), strict=True)]
    return [None if isinstance(v, float) and v != v else v for v in np.asarray(column).tolist()]  # noqa: PLR0124


def _type(column: list[Any], what: tuple[str, Any]) -> DataType:
    if what[0] == "measure":
        return DataType.NUMBER
    kinds = {type(v) for v in column if v is not None}
    if kinds == {bool}:
        return DataType.BOOLEAN
    if kinds == {int}:
        return DataType.INTEGER
    return DataType.NUMBER if kinds <= {int, float} and kinds else DataType.TEXT
