"""Functions along time: ParallelPeriod, PeriodsToDate, LastPeriods, opening and closing periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import LevelType
from flis.errors import StatementError
from flis.query.binding.conversion import current_member, level_node, written_set
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.cubes.names import MemberName
from flis.query.evaluation.values import Context, Coordinate, TupleSet
from flis.query.formats import formatter
from flis.query.functions.members import lagged
from flis.query.functions.table import function
from flis.query.languages.mdx import parse_expression
from flis.query.languages.mdx import syntax as s

if TYPE_CHECKING:
    from flis.query.cubes.structure import BoundHierarchy
    from flis.query.result import Ordinals

__all__ = ["time_hierarchy"]

GROUP = "Time"


def time_hierarchy(binder: Binding, e: s.SyntaxNode, level: LevelType | None = None) -> BoundHierarchy:
    """The first hierarchy of the cube's time dimension (that has a level of that type).

    Raises:
        StatementError: the cube has no time dimension.
    """
    for dimension in binder.cube.dimensions:
        for h in dimension.hierarchies if dimension.is_time else ():
            if level is None or any(x.type is level for x in h.levels):
                return h
    raise StatementError(f"Cube {binder.cube.name} has no time dimension.", line=e.line, column=e.column)


def _same(level: Node, member: Node, name: str) -> None:
    if level.hierarchies != member.hierarchies:
        raise StatementError(
            f"The level and the member of {name} must be of one hierarchy.", line=level.line, column=level.column
        )


def _ordinals(ev: Evaluation, context: Context, of: Node) -> Ordinals:
    return np.atleast_1d(np.asarray(ev.stood(of, context), dtype=np.int32))


def _one(column: Ordinals, context: Context) -> Coordinate:
    return int(column[0]) if len(column) == 1 and context.size == 1 else column


# ParallelPeriod


@function(
    "ParallelPeriod([level], [number], [member]) -> member",
    group=GROUP,
    en="The member in the same place of an earlier period.",
    da="Medlemmet på samme plads i en tidligere periode.",
    binds=True,
)
def parallel_period(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`ParallelPeriod([level], [number], [member])`."""
    level, lag, member = [*arguments, None, None, None][:3]
    if level is None and member is None:
        member = current_member(time_hierarchy(binder, e).index)
    if member is None and level is not None:
        member = current_member(level.hierarchies[0])
    assert member is not None  # noqa: S101
    if level is not None:
        _same(level, member, "ParallelPeriod")
    depends = member.depends | (lag.depends if lag else frozenset()) | (level.depends if level else frozenset())

    def run(ev: Evaluation, context: Context) -> Coordinate:
        column = _ordinals(ev, context, member)
        members = ev.members[member.hierarchies[0]]
        table = members.table
        steps = ev.values(lag, context).whole() if lag is not None else np.ones(1, dtype=np.int64)
        depth = members.depths(column)
        goal = np.atleast_1d(np.asarray(level.run(ev, context))) if level is not None else depth - 1
        size = max(len(goal), len(column), len(steps))
        column, goal, depth = (np.broadcast_to(x, (size,)) for x in (column, goal, depth))
        out = np.full(len(column), -1, dtype=np.int32)
        for i, ordinal in enumerate(column.tolist()):
            target = int(goal[i])
            if ordinal < 0 or ordinal >= table.visible or target < 0 or target > depth[i]:
                continue
            step = int(steps[i] if len(steps) > 1 else steps[0])
            top = int(table.ancestors(np.array([ordinal], dtype=np.int32), target)[0])
            moved = int(lagged(members, np.array([top], dtype=np.int32), np.array([step]))[0])
            out[i] = _same_place(table, ordinal, top, moved)
        return _one(out, context)

    return Node(ResultKind.MEMBER, run, member.hierarchies, depends)


def _same_place(table: object, ordinal: int, top: int, moved: int) -> int:
    """The descendant of `moved` in the same place as `ordinal` has below `top`."""
    from flis.query.cubes.member_table import MemberTable

    assert isinstance(table, MemberTable)  # noqa: S101
    path: list[int] = []
    at = ordinal
    while at != top:
        up = int(table.parent[at])
        path.append(int(np.searchsorted(table.children(up), at)))
        at = up
    for place in reversed(path):
        if moved < 0:
            return -1
        children = table.children(moved)
        moved = int(children[place]) if place < len(children) else -1
    return moved


# PeriodsToDate


def _to_date(level: Node | None, member: Node, number: int | None) -> Node:
    def run(ev: Evaluation, context: Context) -> TupleSet:
        column = _ordinals(ev, context, member)
        members = ev.members[member.hierarchies[0]]
        table = members.table
        parts: list[Ordinals] = []
        for i, ordinal in enumerate(column.tolist()):
            empty = np.zeros(0, dtype=np.int32)
            if ordinal < 0 or ordinal >= table.visible:
                parts.append(empty)
                continue
            depth = int(table.depth[ordinal])
            goal = number
            if level is not None:
                found = np.atleast_1d(np.asarray(level.run(ev, context)))
                goal = int(found[i] if len(found) > 1 else found[0])
            goal = depth - 1 if goal is None else goal
            if goal < 0 or goal > depth:
                parts.append(empty)
                continue
            top = int(table.ancestors(np.array([ordinal], dtype=np.int32), goal)[0])
            same = table.by_depth[depth]
            low = int(np.searchsorted(same, top))
            parts.append(same[low : int(table.rank[ordinal]) + 1])
        h = member.hierarchies
        if len(parts) == 1:
            return TupleSet(h, (parts[0],))
        rows = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
        return TupleSet(h, (np.concatenate(parts),), rows)

    depends = member.depends | (level.depends if level else frozenset())
    return Node(ResultKind.SET, run, member.hierarchies, depends)


@function(
    "PeriodsToDate([level], [member]) -> set",
    group=GROUP,
    en="The periods from the start of a longer one up to a member.",
    da="Perioderne fra en længere periodes start til og med et medlem.",
    binds=True,
)
def periods_to_date(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`PeriodsToDate([level], [member])`."""
    level, member = [*arguments, None, None][:2]
    if member is None:
        h = level.hierarchies[0] if level is not None else time_hierarchy(binder, e).index
        member = current_member(h)
    if level is not None:
        _same(level, member, "PeriodsToDate")
    return _to_date(level, member, None)


def _declare(name: str, kind: LevelType, en: str, da: str) -> None:
    @function(f"{name}([member]) -> set", group=GROUP, en=en, da=da, binds=True)
    def bind(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
        member = arguments[0] if arguments else None
        if member is None:
            hierarchy = time_hierarchy(binder, e, kind) if _has(binder, kind) else time_hierarchy(binder, e)
            member = current_member(hierarchy.index)
        hierarchy = binder.cube.hierarchies[member.hierarchies[0]]
        if not hierarchy.dimension.is_time:
            raise StatementError(f"{name} needs a member of a time hierarchy.", line=e.line, column=e.column)
        level = next((x for x in hierarchy.levels if x.type is kind), None)
        if level is None:  # as where a member lies above the level: there are no such periods
            return written_set(TupleSet.none(member.hierarchies), member)
        return _to_date(level_node(level), member, None)


def _has(binder: Binding, kind: LevelType) -> bool:
    return any(x.type is kind for d in binder.cube.dimensions if d.is_time for h in d.hierarchies for x in h.levels)


_declare("Ytd", LevelType.YEARS, "The periods of the year up to a member.", "Årets perioder til og med et medlem.")
_declare(
    "Qtd", LevelType.QUARTERS, "The periods of the quarter up to a member.", "Kvartalets perioder til og med et medlem."
)
_declare("Mtd", LevelType.MONTHS, "The periods of the month up to a member.", "Månedens perioder til og med et medlem.")
_declare("Wtd", LevelType.WEEKS, "The periods of the week up to a member.", "Ugens perioder til og med et medlem.")


@function(
    "CurrentDateMember(hierarchy, string, [{EXACT|BEFORE|AFTER}]) -> member",
    group=GROUP,
    en="The member of today; a format string makes its name.",
    da="Medlemmet for i dag; en formatstreng laver dets navn.",
    binds=True,
)
def current_date_member(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """The member of today, whose name the format makes; no member where the hierarchy does not reach so far."""
    hierarchy, pattern = arguments[0], arguments[1]
    assert hierarchy is not None and pattern is not None  # noqa: S101, PT018
    at = binder.cube.hierarchies[hierarchy.hierarchies[0]]

    def run(ev: Evaluation, _context: Context) -> int:
        path = parse_expression(formatter(str(pattern.constant), 1033)(ev.now()))
        found = binder.names.resolve(path.segments) if isinstance(path, s.Identifier) else None
        whole = found is not None and isinstance(path, s.Identifier) and found[1] == len(path.segments)
        named = found[0] if found is not None and whole else None
        return named.ordinal if isinstance(named, MemberName) and named.hierarchy is at else -1

    return Node(ResultKind.MEMBER, run, (at.index,), line=e.line, column=e.column)


# LastPeriods


@function(
    "LastPeriods(number, [member]) -> set",
    group=GROUP,
    en="So many periods up to a member; with a negative number from it on.",
    da="Så mange perioder til og med et medlem; med et negativt tal fra og med det.",
    binds=True,
)
def last_periods(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`LastPeriods(number, [member])`."""
    number, member = [*arguments, None][:2]
    assert number is not None  # noqa: S101
    if member is None:
        member = current_member(time_hierarchy(binder, e).index)

    def run(ev: Evaluation, context: Context) -> TupleSet:
        table = ev.members[member.hierarchies[0]].table
        column = _ordinals(ev, context, member)
        counts = ev.values(number, context).whole()
        size = max(len(column), len(counts))
        parts: list[Ordinals] = []
        for ordinal, n in zip(
            np.broadcast_to(column, (size,)).tolist(), np.broadcast_to(counts, (size,)).tolist(), strict=True
        ):
            if ordinal < 0 or ordinal >= table.visible or n == 0:
                parts.append(np.zeros(0, dtype=np.int32))
                continue
            same = table.by_depth[int(table.depth[ordinal])]
            at = int(table.rank[ordinal])
            parts.append(same[max(at - n + 1, 0) : at + 1] if n > 0 else same[at : at - n])
        if size == 1:
            return TupleSet(member.hierarchies, (parts[0],))
        rows = np.repeat(np.arange(size), [len(p) for p in parts])
        return TupleSet(member.hierarchies, (np.concatenate(parts),), rows)

    return Node(ResultKind.SET, run, member.hierarchies, member.depends | number.depends)


# OpeningPeriod, ClosingPeriod


def _edge(name: str, place: int, en: str, da: str) -> None:
    @function(f"{name}([level], [member]) -> member", group=GROUP, en=en, da=da, binds=True)
    def bind(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
        level, member = [*arguments, None, None][:2]
        if member is None:
            h = time_hierarchy(binder, e)
            member = current_member(h.index)
        if level is not None:
            _same(level, member, name)

        def run(ev: Evaluation, context: Context) -> Coordinate:
            table = ev.members[member.hierarchies[0]].table
            column = _ordinals(ev, context, member)
            found = np.atleast_1d(np.asarray(level.run(ev, context))) if level is not None else None
            out = np.full(len(column), -1, dtype=np.int32)
            for i, ordinal in enumerate(column.tolist()):
                if ordinal < 0 or ordinal >= table.visible:
                    continue
                depth = int(table.depth[ordinal])
                goal = depth + 1 if found is None else int(found[i] if len(found) > 1 else found[0])
                if goal < depth or goal >= len(table.by_depth):
                    continue
                same = table.by_depth[goal]
                low = int(np.searchsorted(same, ordinal))
                high = int(np.searchsorted(same, int(table.last[ordinal]), side="right"))
                if high > low:
                    out[i] = same[low] if place == 0 else same[high - 1]
            return _one(out, context)

        return Node(
            ResultKind.MEMBER, run, member.hierarchies, member.depends | (level.depends if level else frozenset())
        )


_edge("OpeningPeriod", 0, "The first descendant at a level.", "Den første efterkommer på et niveau.")
_edge("ClosingPeriod", -1, "The last descendant at a level.", "Den sidste efterkommer på et niveau.")
