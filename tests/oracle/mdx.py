"""MDX by brute force: every cell is a loop over all facts. No cache, no planning, no columns; slow and obvious.

It judges the query engine on tiny cubes. It shares with it the parser and the catalogue's model, nothing else. It knows
the part of the language that `tests/oracle/statements.py` writes; members are named `[D].[H].[L].[name]`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flis.catalog.cube import Aggregate, Cube, DataType, HideMember, Hierarchy, MeasureGroup
from flis.query.languages.mdx import parse
from flis.query.languages.mdx import syntax as s
from tests.oracle.expressions import Evaluator
from tests.oracle.members import UNKNOWN, Line, Member, Row, Set, Tuple, Where, collect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Answer", "World"]


@dataclass
class Answer:
    """Tuples of names per axis, and cell values, first axis fastest."""

    axes: list[list[tuple[str, ...]]]
    cells: list[Any]


class World:
    """A cube over rows in memory."""

    def __init__(self, cube: Cube, tables: Mapping[str, Sequence[Row]]) -> None:
        self.cube = cube
        self.tables = tables
        measures = [Member(0, 0, m.name, measure=(group, m)) for group in cube.measure_groups for m in group.measures]
        self.lines = [Line(-1, ("Measures", "Measures"), ["MeasuresLevel"], measures, measures[0])]
        self.keys = {d.name: frozenset(self.dimension_rows(n)) for n, d in enumerate(cube.dimensions)}
        for place, dimension in enumerate(cube.dimensions):
            for hierarchy in dimension.dimension.hierarchies:
                self.lines.append(self._line(place, dimension.name, hierarchy))
        for line in self.lines:
            hidden = [member for member in line.unknown if member not in line.members]
            for place, member in enumerate([*line.members, *hidden]):
                member.place = place

    # Members

    def dimension_rows(self, place: int) -> dict[Any, Row]:
        """The rows of a dimension by their keys, one for unknown keys; of a degenerate one, the facts' own values."""
        dimension = self.cube.dimensions[place].dimension
        if dimension.table:
            return {**{row[dimension.key]: row for row in self.tables[dimension.table]}, UNKNOWN: {}}
        columns = {level.key for hierarchy in dimension.hierarchies for level in hierarchy.levels}
        groups = [g for g in self.cube.measure_groups if self.cube.dimensions[place].name in g.links]
        rows = [{column: row[column] for column in columns} for row in self.tables[groups[0].table]]
        return {tuple(sorted(row.items())): row for row in rows}

    def _line(self, place: int, dimension: str, hierarchy: Hierarchy) -> Line:
        number = len(self.lines)
        rows = self.dimension_rows(place)
        top = Member(number, 0, hierarchy.all_name or "", frozenset(rows))
        strange = rows.pop(UNKNOWN, None) is not None
        names = [hierarchy.all_level_name, *(level.name for level in hierarchy.levels)]
        if hierarchy.parent_child:
            self._parent_child(top, hierarchy, rows)
        else:
            self._grow(top, hierarchy, rows, 0)
        setting = self.cube.dimensions[place].dimension.unknown_member
        last = top
        for depth in range(1, len(hierarchy.levels) + 1) if strange else ():
            last.children.append(Member(number, depth, setting.name, frozenset({UNKNOWN}), last, unknown=True))
            last = last.children[-1]
        top.every = hierarchy.all_name is not None
        self._hide(top, hierarchy)
        unknown: list[Member] = []
        if strange:
            collect(top.children[-1], unknown)
        if not setting.visible:
            for member in unknown:
                assert member.parent
                member.parent.children.remove(member)
        members: list[Member] = []
        collect(top, members)
        if hierarchy.all_name is None:
            members = [replace_level(member) for member in members[1:]]
            names = names[1:]
            for member in top.children:
                member.parent = None
        return Line(place, (dimension, hierarchy.name), names, members, members[0], unknown)

    def _grow(self, parent: Member, hierarchy: Hierarchy, rows: dict[Any, Row], depth: int) -> None:
        if depth == len(hierarchy.levels):
            return
        level = hierarchy.levels[depth]
        groups: dict[Any, dict[Any, Row]] = {}
        for key, row in rows.items():
            groups.setdefault(row[level.key], {})[key] = row
        by_name = level.key_type in (DataType.TEXT, DataType.BOOLEAN)

        def order(key: Any) -> Any:
            first = next(iter(groups[key].values()))
            return first[level.order or (level.name_column if by_name and level.name_column else level.key)]

        for key in sorted(groups, key=order):
            name = next(iter(groups[key].values()))[level.name_column or level.key]
            member = Member(parent.hierarchy, depth + 1, str(name), frozenset(groups[key]), parent)
            parent.children.append(member)
            self._grow(member, hierarchy, groups[key], depth + 1)

    def _parent_child(self, top: Member, hierarchy: Hierarchy, rows: dict[Any, Row]) -> None:
        level, shape = hierarchy.levels[0], hierarchy.parent_child
        assert shape

        def below(parent: Member, key: Any) -> frozenset[Any]:
            own = sorted((k for k, row in rows.items() if row[shape.parent] == key), key=lambda k: rows[k][level.key])
            covered: set[Any] = set()
            for child in own:
                member = Member(parent.hierarchy, 1, str(rows[child][level.name_column or level.key]), parent=parent)
                parent.children.append(member)
                member.rows = below(member, rows[child][level.key]) | {child}
                covered |= member.rows
            return frozenset(covered)

        below(top, None)

    def _hide(self, member: Member, hierarchy: Hierarchy) -> None:
        """Hidden members give their children to their parent."""
        done: list[Member] = []
        for child in member.children:
            self._hide(child, hierarchy)
            hide = HideMember.NEVER if hierarchy.parent_child else hierarchy.levels[child.level - 1].hide
            hidden = (hide is HideMember.PARENTS_NAME and child.name == member.name) or (
                hide is HideMember.BLANK_NAME and child.name in ("", "None")
            )
            for one in child.children if hidden else [child]:
                one.parent = member
                done.append(one)
        member.children = done

    # Cells

    def key_of(self, row: Row, group: MeasureGroup, dimension: int) -> Any:
        """The key of the dimension row that a fact points at."""
        place = self.cube.dimensions[dimension]
        if place.dimension.table:
            key = row[group.links[place.name]]
            return key if key in self.keys[place.name] else UNKNOWN
        columns = {level.key for hierarchy in place.dimension.hierarchies for level in hierarchy.levels}
        return tuple(sorted((column, row[column]) for column in columns))

    def covers(self, row: Row, group: MeasureGroup, members: Iterable[Member]) -> bool:
        """Does a fact lie under all these members?

        A dimension that the group has no link to does not matter, or else takes every fact away below its default.
        """
        for member in members:
            line = self.lines[member.hierarchy]
            if line.dimension < 0:
                continue
            if self.cube.dimensions[line.dimension].name not in group.links:
                if not group.ignore_unrelated and member is not line.default:
                    return False
            elif self.key_of(row, group, line.dimension) not in member.rows:
                return False
        return True

    def left(self, dimension: int, sets: Iterable[Set]) -> frozenset[Any]:
        """The rows of a dimension that lie under a tuple of every set."""
        rows = frozenset(self.dimension_rows(dimension))
        for one in sets:
            rows &= frozenset().union(*(self.rows_under(members, dimension) for members in one))
        return rows

    def holding(self, where: Where, one: Tuple) -> list[Set]:
        """The sets that facts must lie in at a tuple.

        A subselect does not hold for a dimension of which a member lies outside of what all of them leave.
        """
        members = where.at(one).members.values()
        outside = set()
        for number in range(len(self.cube.dimensions)):
            left = self.left(number, where.space)
            if left != frozenset(self.dimension_rows(number)) and any(
                not m.every and not m.rows & left
                for m in members
                if self.lines[m.hierarchy].dimension == number and m.formula is None
            ):
                outside.add(number)
        cut = [
            [tuple(m for m in t if self.lines[m.hierarchy].dimension not in outside) for t in s] for s in where.space
        ]
        return [s for s, whole in zip(cut, where.space, strict=True) if any(s) or not any(whole)] + [
            *where.at(one).within
        ]

    def days(self, where: Where, tuples: Set) -> list[Any]:
        """The keys of the loaded days in the asked period, in order, an unknown one last."""
        time = next(i for i, d in enumerate(self.cube.dimensions) if d.dimension.time)
        key = self.cube.dimensions[time].dimension.key
        rows = self.dimension_rows(time)
        days = [*sorted(rows.keys() - {UNKNOWN}, key=lambda day: rows[day][key]), UNKNOWN]

        def inside(day: Any, members: Iterable[Member]) -> bool:
            return all(day in m.rows for m in members if self.lines[m.hierarchy].dimension == time)

        return [
            day
            for day in days
            if any(
                inside(day, where.at(one).members.values())
                and all(any(inside(day, o) for o in held) for held in self.holding(where, one))
                for one in tuples
            )
        ]

    def stored(self, where: Where, tuples: Set) -> Any:
        """A stored measure over the union of what the tuples cover."""
        if where.nowhere:
            return None
        measure = where.members[0].measure
        assert measure
        group, definition = measure
        facts = [
            row
            for row in self.tables[group.table]
            if any(
                self.covers(row, group, where.at(one).members.values())
                and all(any(self.covers(row, group, o) for o in held) for held in self.holding(where, one))
                for one in tuples
            )
        ]
        time = next((i for i, d in enumerate(self.cube.dimensions) if d.dimension.time), -1)

        def of_day(day: Any) -> list[Any]:
            return values(row for row in facts if self.key_of(row, group, time) == day)

        def values(rows: Iterable[Row]) -> list[Any]:
            return [row[definition.column] for row in rows if row[definition.column] is not None]

        kind = definition.aggregate
        if kind in PLAIN:
            return PLAIN[kind](values(facts)) if values(facts) else (0 if kind in COUNTS and facts else None)
        days = self.days(where, tuples)
        if kind not in (Aggregate.LAST_LOADED, Aggregate.FIRST_LOADED):
            days = [day for day in days if of_day(day)]
        days = [day for day in days if day != UNKNOWN] or days  # an unknown day counts where there is no other
        if kind is Aggregate.AVERAGE_OF_CHILDREN:
            found = [sum(of_day(day)) for day in days]
            return sum(found) / len(found) if found else None
        day = days[-1 if kind in (Aggregate.LAST_NON_EMPTY, Aggregate.LAST_LOADED) else 0] if days else None
        return sum(of_day(day)) if of_day(day) else None

    def cell(self, where: Where) -> Any:
        """The value of the cell: the calculated member of the highest solve order, else a stored measure."""
        calculated = [m for m in where.members.values() if m.formula is not None]
        if not calculated:
            return self.stored(where, [()])
        first = max(calculated, key=lambda m: (m.solve_order, -m.hierarchy))
        assert first.formula is not None
        return Evaluator(self, replace(where, shown=where.left, formula=True)).number(first.formula)

    def rows_under(self, one: Tuple, dimension: int) -> frozenset[Any]:
        """The rows of a dimension under all members of the tuple that are stored."""
        mine = [m.rows for m in one if self.lines[m.hierarchy].dimension == dimension and m.formula is None]
        return frozenset.intersection(frozenset(self.dimension_rows(dimension)), *mine)

    def visible(self, tuples: Set, shown: tuple[Set, ...] = ()) -> Set:
        """The tuples under whose members there is a row, dimension by dimension, that all the shown sets name too.

        All is always there ("[All] members will always exist in a subcube").
        """
        for number in range(len(self.cube.dimensions)):
            rows = self.left(number, shown)
            tuples = [
                one
                for one in tuples
                if all(self.lines[m.hierarchy].dimension != number or m.formula is not None or m.every for m in one)
                or self.rows_under(one, number) & rows
            ]
        return tuples

    # Statements

    def run(self, text: str) -> Answer:
        """The answer to a SELECT."""
        tree = parse(text)
        assert isinstance(tree, s.Select)
        where = Where({number: line.default for number, line in enumerate(self.lines)})
        added = [self._define(one) for one in tree.definitions if isinstance(one, s.MemberDefinition)]
        source, space, left = tree.source, where.space, where.left
        while isinstance(source, s.Subselect):
            named = tuple(Evaluator(self, where).set(axis.expression) for axis in source.axes)
            space, left = space if source.non_visual else (*space, *named), (*left, *named)
            source = source.source
        where = replace(where, space=space, left=left, shown=left)
        nowhere = False
        if tree.slicer is not None:
            written = Evaluator(self, where).set(tree.slicer)
            sliced = self.visible(written, left)  # what subselects leave out is no part of it
            nowhere = not sliced
            same = [column[0] for column in zip(*sliced, strict=True) if len(set(column)) == 1]
            where = where.at(same)
            if len(same) < len(written[0]) and sliced:
                where = replace(where, within=([tuple(m for m in one if m not in same) for one in sliced],))
            where = replace(where, shown=(*left, written), nowhere=nowhere)
        for one in tree.definitions:
            if isinstance(one, s.SetDefinition):  # sets are made where the slicer says
                name = one.name.segments[0].text.casefold()
                found = self.visible(Evaluator(self, where).set(one.expression), where.shown)
                where = replace(where, sets={**where.sets, name: found})
        axes = [self.visible(Evaluator(self, where).set(axis.expression), where.shown) for axis in tree.axes]
        answer = self._cells(where, axes, [axis.non_empty for axis in tree.axes], nowhere=nowhere)
        for member in added:
            self.lines[member.hierarchy].members.remove(member)
        return answer

    def _define(self, definition: s.MemberDefinition) -> Member:
        names = [part.text for part in definition.name.segments]
        number = next(
            i
            for i, line in enumerate(self.lines)
            if line.name == tuple((names * 2 if len(names) == 1 else names)[:2]) or (names[0] == "Measures" and i == 0)
        )
        order = [p.value for p in definition.properties if p.name.upper() == "SOLVE_ORDER"]
        member = Member(number, 0 if number == 0 else 1, names[-1], formula=definition.expression)
        member.solve_order = order[0].value if order and isinstance(order[0], s.Number) else 0
        member.place = len(self.lines[number].members) + 1000
        self.lines[number].members.append(member)
        return member

    def _cells(self, where: Where, axes: list[Set], non_empty: list[bool], *, nowhere: bool) -> Answer:
        found: dict[tuple[int, ...], Any] = {}

        def fill(place: tuple[int, ...], here: Where) -> None:
            if len(place) == len(axes):
                found[place] = None if nowhere else self.cell(here)
                return
            for number, one in enumerate(axes[len(place)]):
                fill((*place, number), here.at(one))

        fill((), where)
        kept = [
            [n for n in range(len(axis)) if not empty or any(v is not None for p, v in found.items() if p[a] == n)]
            for a, (axis, empty) in enumerate(zip(axes, non_empty, strict=True))
        ]
        cells: list[Any] = []

        def write(place: tuple[int, ...]) -> None:
            if len(place) == len(axes):
                cells.append(found[place])
                return
            for number in kept[len(axes) - 1 - len(place)]:
                write((number, *place))

        write(())
        names = [[tuple(m.name for m in axis[n]) for n in keep] for axis, keep in zip(axes, kept, strict=True)]
        return Answer(names, cells)


def replace_level(member: Member) -> Member:
    """The member one level up: its hierarchy has no All level."""
    member.level -= 1
    return member


COUNTS = frozenset({Aggregate.COUNT, Aggregate.DISTINCT_COUNT})
PLAIN: dict[Aggregate, Callable[[list[Any]], Any]] = {
    Aggregate.SUM: sum,
    Aggregate.COUNT: len,
    Aggregate.MIN: min,
    Aggregate.MAX: max,
    Aggregate.AVERAGE: lambda found: sum(found) / len(found),
    Aggregate.DISTINCT_COUNT: lambda found: len(set(found)),
}
