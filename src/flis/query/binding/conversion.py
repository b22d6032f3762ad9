"""Makers of nodes, and the implied conversions between kinds."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.query.binding.nodes import SCALARS, Evaluation, Node, ResultKind
from flis.query.cubes.structure import MEASURES, BoundLevel
from flis.query.evaluation.cell_values import pointed
from flis.query.evaluation.levels import of_level
from flis.query.evaluation.slicer import Several, no_current_member
from flis.query.evaluation.values import UNGROUPED, Context, TupleSet, Values, as_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.errors import StatementError
    from flis.query.cubes.structure import BoundDimension, BoundHierarchy
    from flis.query.evaluation.values import Coordinate

SURE = "level"  # the note of a level that cannot mean its hierarchy

__all__ = [
    "absent_member",
    "as_member",
    "as_set",
    "cell_of",
    "convert",
    "current_member",
    "depends_of",
    "failing",
    "is_literal",
    "is_set",
    "level_node",
    "literal",
    "member_node",
    "names_of",
    "set_of",
    "tuple_of",
]


def everything(count: int) -> frozenset[int]:
    """All hierarchies of a cube."""
    return frozenset(range(count))


def depends_of(nodes: Iterable[Node]) -> frozenset[int]:
    """What any of the nodes depends on."""
    out: frozenset[int] = frozenset()
    for node in nodes:
        out |= node.depends
    return out


def measure_of(nodes: Iterable[Node]) -> int | None:
    """The first measure named in any of the nodes."""
    return next((n.measure for n in nodes if n.measure is not None), None)


def literal(kind: ResultKind, value: Any) -> Node:
    """A literal."""
    made = Values.of(value)
    return Node(kind, lambda _ev, _context: made, constant=value)


def failing(error: StatementError) -> Node:
    """What a constant makes that means nothing: whoever asks for it gets the error, and nobody else."""

    def run(_ev: Evaluation, _context: Context) -> Any:
        raise error

    return Node(ResultKind.VALUE, run, failure=error)


def names_of(node: Node | None) -> tuple[str, ...]:
    """The names of a set, in small letters; none where it has none."""
    named = node is not None and isinstance(node.constant, tuple) and node.constant[0] == "set"
    return node.constant[1:] if node is not None and named else ()


def is_literal(node: Node) -> bool:
    """Whether a node is a number, text or truth value as it is written."""
    return node.kind in SCALARS and isinstance(node.constant, (bool, int, float, str))


def member_node(hierarchy: BoundHierarchy, ordinal: int) -> Node:
    """A member named in the statement."""
    return Node(
        ResultKind.MEMBER,
        lambda _ev, _context: ordinal,
        (hierarchy.index,),
        constant=(hierarchy, ordinal),
        measure=ordinal if hierarchy.index == MEASURES else None,
    )


def absent_member(hierarchy: BoundHierarchy) -> Node:
    """No member, in place of one that is not there."""
    return Node(ResultKind.MEMBER, lambda _ev, _context: -1, (hierarchy.index,))


def level_node(level: BoundLevel, *, sure: bool = False) -> Node:
    """A level named in the statement; its value is its number; `sure` where its hierarchy is named before it."""
    notes = frozenset({SURE}) if sure else frozenset[str]()
    return Node(
        ResultKind.LEVEL, lambda _ev, _context: level.number, (level.hierarchy.index,), constant=level, notes=notes
    )


def hierarchy_node(hierarchy: BoundHierarchy) -> Node:
    """A hierarchy named in the statement."""
    return Node(ResultKind.HIERARCHY, lambda _ev, _context: hierarchy, (hierarchy.index,), constant=hierarchy)


def dimension_node(dimension: BoundDimension) -> Node:
    """A dimension named in the statement."""
    indexes = tuple(h.index for h in dimension.hierarchies)
    return Node(ResultKind.DIMENSION, lambda _ev, _context: dimension, indexes, constant=dimension)


def current_member(hierarchy: int) -> Node:
    """`.CurrentMember`."""

    def run(ev: Evaluation, context: Context) -> Coordinate:
        for h, own in context.own:
            if h == hierarchy:
                return own
        coordinate = context.coordinates[hierarchy]
        if hierarchy in ev.several:
            for one in np.unique(coordinate).tolist():
                if one >= ev.sizes[hierarchy] and isinstance(ev.rule(hierarchy, one), Several):
                    raise no_current_member(ev, hierarchy)
        if isinstance(coordinate, np.ndarray):
            open_here = coordinate == UNGROUPED
            if open_here.any():
                return np.where(open_here, ev.default(ev.cube.hierarchies[hierarchy]), coordinate).astype(np.int32)
            return coordinate
        return ev.default(ev.cube.hierarchies[hierarchy]) if coordinate == UNGROUPED else coordinate

    return Node(ResultKind.MEMBER, run, (hierarchy,), frozenset((hierarchy,)))


def cell_of(node: Node, count: int) -> Node:
    """The cell that a member or tuple points at, in a cube of `count` hierarchies."""

    def run(ev: Evaluation, context: Context) -> Values:
        return pointed(ev, context, ev.point(node, context))

    depends = (everything(count) - frozenset(node.hierarchies)) | node.depends
    measure = node.measure
    return Node(ResultKind.VALUE, run, depends=depends, measure=measure, line=node.line, column=node.column)


def tuple_of(nodes: tuple[Node, ...]) -> Node:
    """`(a, b)` of members and tuples."""
    hierarchies = tuple(h for n in nodes for h in n.hierarchies)

    def run(ev: Evaluation, context: Context) -> dict[int, Coordinate]:
        out: dict[int, Coordinate] = {}
        for n in nodes:
            out.update(ev.point(n, context))
        return out

    return Node(ResultKind.TUPLE, run, hierarchies, depends_of(nodes), measure=measure_of(nodes))


def set_of(node: Node) -> Node:
    """`{x}` of one member or tuple; empty where it has no member."""
    if node.kind is ResultKind.MEMBER and isinstance(node.constant, tuple):
        return written_set(TupleSet(node.hierarchies, (as_column(node.constant[1], 1),)), node)

    def run(ev: Evaluation, context: Context) -> TupleSet:
        found = ev.point(node, context)
        columns = [found[h] for h in node.hierarchies]
        if not any(isinstance(c, np.ndarray) for c in columns):
            made = TupleSet(node.hierarchies, tuple(as_column(c, 1) for c in columns))
            return made.real()
        rows = np.arange(context.size)
        return TupleSet(node.hierarchies, tuple(as_column(c, context.size) for c in columns), rows).real()

    return Node(
        ResultKind.SET, run, node.hierarchies, node.depends, measure=node.measure, line=node.line, column=node.column
    )


def written_set(found: TupleSet, node: Node) -> Node:
    """A set whose members the statement itself names: there is nothing to evaluate."""
    return Node(
        ResultKind.SET,
        lambda _ev, _context: found,
        found.hierarchies,
        constant=found,
        measure=node.measure,
        line=node.line,
        column=node.column,
    )


def as_member(node: Node) -> Node | None:
    """As a member: hierarchies and dimensions stand for their current member."""
    if node.kind is ResultKind.MEMBER:
        return node
    named = node.kind is ResultKind.HIERARCHY or _shares_name(node)
    if named or (node.kind is ResultKind.DIMENSION and node.hierarchies):
        made = current_member(node.hierarchies[0])
        return made.placed(node.line, node.column)
    if node.kind is ResultKind.TUPLE and len(node.hierarchies) == 1:

        def run(ev: Evaluation, context: Context) -> Coordinate:
            return ev.point(node, context)[node.hierarchies[0]]

        return replace(node, kind=ResultKind.MEMBER, run=run)
    return None


def as_set(node: Node) -> Node | None:
    """As a set: members and tuples in braces, a level's members."""
    if node.kind is ResultKind.SET:
        return node
    if node.kind is ResultKind.TUPLE:
        return set_of(node)
    if node.crossed is not None:
        return node.crossed
    if node.kind is ResultKind.LEVEL and is_set(node):
        members = functools.partial(of_level, level=node, calculated=False)
        return replace(node, kind=ResultKind.SET, run=members, constant=None)
    member = as_member(node)
    return set_of(member) if member is not None else None


def is_set(node: Node) -> bool:
    """Whether it can be nothing else than a set: so is a level, but one that may mean its hierarchy's member."""
    return node.kind is ResultKind.SET or (node.kind is ResultKind.LEVEL and not _shares_name(node))


def convert(node: Node, kind: ResultKind, count: int) -> tuple[Node, int] | None:
    """`node` as another kind, and how far that is from what was written; None where it cannot be."""
    if node.kind is kind:
        return node, 0
    if kind in SCALARS:
        return _scalar(node, kind, count)
    made: Node | None = None
    cost = 1
    if kind is ResultKind.MEMBER:
        made = as_member(node)
        if node.kind is ResultKind.NULL:
            return None
    elif kind is ResultKind.TUPLE:
        made = node if node.kind is ResultKind.MEMBER else as_member(node)
    elif kind is ResultKind.SET:
        made, cost = as_set(node), 2
    elif kind is ResultKind.LEVEL and node.kind is ResultKind.MEMBER:
        made, cost = _level_of(node), 5
    elif kind is ResultKind.HIERARCHY and node.kind is ResultKind.DIMENSION:
        made = replace(hierarchy_node(node.constant.hierarchies[0]), notes=node.notes)
    elif kind is ResultKind.HIERARCHY and _shares_name(node):
        made, cost = replace(hierarchy_node(node.constant.hierarchy), notes=node.notes), 4
    return (made, cost) if made is not None else None


def _shares_name(node: Node) -> bool:
    """Whether a level was named that could as well be its hierarchy, [Gender].[Gender]."""
    return isinstance(node.constant, BoundLevel) and node.constant.shares_name and SURE not in node.notes


def _level_of(node: Node) -> Node:
    """The level of a member."""

    def run(ev: Evaluation, context: Context) -> Coordinate:
        column = ev.column(node, context)
        found = np.maximum(ev.members[node.hierarchies[0]].level_numbers(column), 0)
        return found if context.size != 1 else int(found[0])

    return Node(ResultKind.LEVEL, run, node.hierarchies, node.depends)


def _scalar(node: Node, kind: ResultKind, count: int) -> tuple[Node, int] | None:
    if node.kind in SCALARS:
        if node.kind is ResultKind.NULL or kind is ResultKind.VALUE:
            return node, 1
        counts = node.kind is ResultKind.NUMBER and kind is ResultKind.LOGICAL  # what is not 0 is true
        return (node, 1) if node.kind is ResultKind.VALUE or counts else None
    pointed = node if node.kind is ResultKind.TUPLE else as_member(node)
    if pointed is None:
        return None
    return cell_of(pointed, count), 3 if node.kind in (ResultKind.MEMBER, ResultKind.TUPLE) else 4
