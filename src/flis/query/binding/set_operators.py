"""The operators of sets: braces, cross join, union and difference, complement, ranges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError
from flis.query.binding.conversion import depends_of, measure_of, written_set
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.binding.operands import as_kind, as_sets, wrong
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.exists import crossed_existing, existing, shown
from flis.query.evaluation.fitting import fits_context
from flis.query.evaluation.setwork import concatenated, distinct, single, within
from flis.query.evaluation.shared_rows import related
from flis.query.evaluation.values import Context, TupleSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.member_table import MemberTable
    from flis.query.languages.mdx import syntax as s
    from flis.query.result import Ordinals

__all__ = ["braces", "complement", "cross_join", "existing_in", "member_range", "of_sets"]


def braces(binder: Binding, e: s.SetExpression, nodes: list[Node]) -> Node:
    """`{a, b, c}`; NULL is no member and adds none."""
    sets = as_sets(e, [node for node in nodes if node.kind is not ResultKind.NULL])
    if not sets:
        return Node(ResultKind.SET, lambda _ev, _context: TupleSet.none(()))
    full = [x for x in sets if x.hierarchies]
    for x in full[1:]:
        if x.hierarchies != full[0].hierarchies:
            names = " and ".join(
                "(" + ", ".join(binder.cube.hierarchies[h].unique_name for h in y.hierarchies) + ")"
                for y in (full[0], x)
            )
            raise wrong(e, f"The parts of a set must have the same hierarchies; here are {names}.")
    if not full:
        return sets[0]
    alike = related(binder.cube, full[0].hierarchies)
    if len(full) == 1 and not alike:
        return full[0]
    written = [x.constant for x in full if isinstance(x.constant, TupleSet)]
    if len(written) == len(full):
        return replace(written_set(concatenated(written, 1), full[0]), measure=measure_of(full))

    def run(ev: Evaluation, context: Context) -> TupleSet:
        parts = [x for x in (ev.tuples(x, context) for x in full) if len(x)]
        if not parts:
            return TupleSet.none(full[0].hierarchies)
        found = concatenated(parts, context.size)
        return existing(ev, found) if alike else found

    return Node(ResultKind.SET, run, full[0].hierarchies, depends_of(full), measure=measure_of(full))


def cross_join(binder: Binding, e: s.SyntaxNode, nodes: Sequence[Node]) -> Node:
    """`a * b`, `CrossJoin(a, b)`, `(a, b)` with a set in it."""
    sets = as_sets(e, nodes)
    hierarchies = tuple(h for x in sets for h in x.hierarchies)
    binder.once(e, hierarchies)
    factors = tuple(f for x in sets for f in (x.factors or (x,)))

    def run(ev: Evaluation, context: Context) -> TupleSet:
        found = ev.tuples(sets[0], context)
        for x in sets[1:]:
            found = crossed_existing(ev, found, ev.tuples(x, context), context.size)
        return found if found.hierarchies == hierarchies else TupleSet.none(hierarchies)

    return Node(ResultKind.SET, run, hierarchies, depends_of(sets), measure=measure_of(sets), factors=factors)


def of_sets(binder: Binding, e: s.Operation, nodes: list[Node]) -> Node:
    """`a * b`, `a + b`, `a - b` of sets."""
    if e.operator == "*":
        return cross_join(binder, e, nodes)
    sets = as_sets(e, nodes)
    if any(x.hierarchies != sets[0].hierarchies for x in sets if x.hierarchies):
        raise wrong(e, "The sets must have the same hierarchies.")

    def union(ev: Evaluation, context: Context) -> TupleSet:
        return distinct(concatenated([ev.tuples(x, context) for x in sets], context.size))

    def difference(ev: Evaluation, context: Context) -> TupleSet:
        left, right = ev.tuples(sets[0], context), ev.tuples(sets[1], context)
        left = left if right.rows is None else left.spread(context.size)
        return distinct(left.take(~within(left, right, context.size)))

    run = union if e.operator == "+" else difference
    return Node(ResultKind.SET, run, sets[0].hierarchies, depends_of(sets))


def member_range(binder: Binding, e: s.Operation, nodes: list[Node]) -> Node:
    """`a : b`: from one member to the other on their level, in the order of the level."""
    ends = []
    for node in nodes:
        made = as_kind(binder, e, node, ResultKind.TUPLE) if node.kind is not ResultKind.NULL else node
        ends.append(made)
    hierarchies = next((n.hierarchies for n in ends if n.hierarchies), ())
    if len(hierarchies) != 1 or any(n.hierarchies not in (hierarchies, ()) for n in ends):
        raise StatementError("A range needs two members of one hierarchy.", line=e.line, column=e.column)
    h = hierarchies[0]

    def run(ev: Evaluation, context: Context) -> TupleSet:
        table = ev.members[h].table
        columns = [
            np.atleast_1d(np.asarray(next(iter(ev.point(n, context).values())), dtype=np.int32))
            if n.hierarchies
            else np.full(1, -2, dtype=np.int32)
            for n in ends
        ]
        size = max(len(c) for c in columns)
        low, high = (np.broadcast_to(c, (size,)) for c in columns)
        parts = [_range(table, a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        if size == 1:
            made = single(h, parts[0])
        else:
            rows = np.repeat(np.arange(size), [len(p) for p in parts])
            made = TupleSet((h,), (np.concatenate(parts),), rows)
        return shown(ev, made) if h == MEASURES else made  # subselects cut no range; hidden measures are in none

    def _range(table: Any, a: int, b: int) -> Ordinals:
        if -1 in (a, b) or a >= table.visible or b >= table.visible or a == b == -2:
            return np.zeros(0, dtype=np.int32)
        depth = int(table.depth[a if a >= 0 else b])
        if a >= 0 and b >= 0 and table.depth[a] != table.depth[b]:
            raise StatementError("The ends of a range must be on one level.", line=e.line, column=e.column)
        level: Ordinals = table.by_depth[depth]
        first = int(table.rank[a]) if a >= 0 else 0
        last = int(table.rank[b]) if b >= 0 else len(level) - 1
        return level[min(first, last) : max(first, last) + 1]

    return Node(ResultKind.SET, run, hierarchies, depends_of(ends))


def complement(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`-{set}`: the members of the set's levels that have no part of it: not in it, not below and not above."""
    found = ev.tuples(of, context)
    if len(of.hierarchies) != 1:
        raise StatementError("The complement of a set needs members of one hierarchy.", line=of.line, column=of.column)
    h = of.hierarchies[0]
    table = ev.members[h].table
    depths = np.unique(ev.members[h].depths(found.columns[0]))
    parts = [table.by_depth[d] for d in depths.tolist() if 0 <= d < len(table.by_depth)]
    everyone = np.sort(np.concatenate([*parts, np.zeros(0, dtype=np.int32)]))
    rest = everyone[~np.isin(everyone, found.columns[0])]
    if len(depths) > 1:
        rest = rest[~_touched(table, found.columns[0])[rest]]
    return shown(ev, single(h, rest))


def _touched(table: MemberTable, column: Ordinals) -> NDArray[np.bool_]:
    """The members below, at or above some members."""
    at = np.unique(column[(column >= 0) & (column < table.visible)])
    steps = np.zeros(table.size + 1, dtype=np.int64)
    np.add.at(steps, at, 1)
    np.add.at(steps, table.last[at] + 1, -1)
    touched = np.cumsum(steps)[: table.size] > 0
    while len(at := np.unique(table.parent[at])):
        at = at[at >= 0]
        touched[at] = True
    return touched


def existing_in(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`EXISTING s`: the tuples that go together with the current members of the same hierarchies and dimensions."""
    found = ev.tuples(of, context).spread(context.size) if context.size > 1 else ev.tuples(of, context)
    return found.take(fits_context(ev, context, found)) if len(found) else found
