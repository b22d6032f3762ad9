"""`CASE` and `IIf`: the first branch whose condition holds, for every row by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.query.binding.convert import depends_of, measure_of
from flis.query.binding.nodes import Kind, Node
from flis.query.binding.operands import as_kind, as_sets, wrong
from flis.query.binding.operators import comparable, compared
from flis.query.evaluation.cells import gather
from flis.query.evaluation.setwork import concatenated
from flis.query.evaluation.values import Context, TupleSet, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.query.binding.bind import Binder
    from flis.query.evaluation.evaluate import Evaluator
    from flis.query.languages.mdx import syntax as s

__all__ = ["case", "choice"]


def case(binder: Binder, e: s.Case) -> Node:
    """`CASE … END`, with and without an operand; the branches may be members, tuples, sets or scalars."""
    branches = [binder.bind(w.result) for w in e.whens]
    if e.otherwise is not None:
        branches.append(binder.bind(e.otherwise))
    conditions: list[Node] = []
    for when in e.whens:
        condition = binder.bind(when.condition)
        if e.operand is None:
            conditions.append(as_kind(binder, when, condition, Kind.LOGICAL))
        else:
            conditions.append(_matched(binder, when, binder.bind(e.operand), condition))
    return choice(binder, e, conditions, branches)


def _matched(binder: Binder, when: s.When, operand: Node, value: Node) -> Node:
    pair = comparable(binder, when, (operand, value))

    def run(ev: Evaluator, context: Context) -> Values:
        return compared("=", ev.values(pair[0], context), ev.values(pair[1], context))

    return Node(Kind.LOGICAL, run, depends=depends_of(pair))


def choice(binder: Binder, e: s.Node, conditions: list[Node], branches: list[Node]) -> Node:
    """The first branch whose condition holds; one branch more than conditions is the default."""
    kinds = {b.kind for b in branches}
    pointing = {Kind.MEMBER, Kind.HIERARCHY, Kind.DIMENSION}
    if kinds == {Kind.LEVEL}:
        return _choice_of_columns(conditions, branches, Kind.LEVEL)
    if kinds <= pointing | {Kind.NULL} and kinds != {Kind.NULL}:
        members = [b if b.kind is Kind.NULL else as_kind(binder, e, b, Kind.MEMBER) for b in branches]
        spots = {m.hierarchies for m in members if m.kind is not Kind.NULL}
        if len(spots) == 1 and Kind.NULL not in kinds:
            return _choice_of_columns(conditions, members, Kind.MEMBER)
    if Kind.SET in kinds:
        sets = as_sets(e, branches)
        return _choice_of_sets(conditions, sets)
    scalars = [as_kind(binder, e, b, Kind.VALUE) for b in branches]
    plain = {b.kind for b in scalars} - {Kind.VALUE, Kind.NULL}
    if len(plain) > 1:
        raise wrong(e, f"The results must be of one kind; here are {' and '.join(sorted(plain))}.")
    kind = plain.pop() if plain else Kind.VALUE
    depends = depends_of((*conditions, *scalars))

    def run(ev: Evaluator, context: Context) -> Values:
        parts: list[tuple[NDArray[np.int64], Values]] = []
        for rows, branch in _split(ev, context, conditions, len(scalars)):
            if branch >= 0:
                parts.append((rows, ev.values(scalars[branch], context.take(rows)).spread(len(rows))))
            else:
                parts.append((rows, Values.of(None, len(rows))))
        return gather(parts, context.size)

    return Node(kind, run, depends=depends, measure=measure_of((*conditions, *scalars)))


def _split(
    ev: Evaluator, context: Context, conditions: list[Node], branches: int
) -> list[tuple[NDArray[np.int64], int]]:
    """The rows of each branch (-1: none of them)."""
    left = np.arange(context.size)
    out: list[tuple[NDArray[np.int64], int]] = []
    for i, condition in enumerate(conditions):
        if not len(left):
            break
        found = ev.values(condition, context.take(left)).truth()
        holds = np.broadcast_to(found, (len(left),))
        if holds.any():
            out.append((left[holds], i))
        left = left[~holds]
    if len(left) or not context.size:
        out.append((left, len(conditions) if branches > len(conditions) else -1))
    return out


def _choice_of_columns(conditions: list[Node], branches: list[Node], kind: Kind) -> Node:
    def run(ev: Evaluator, context: Context) -> Any:
        out = np.full(context.size, -1, dtype=np.int32)
        for rows, branch in _split(ev, context, conditions, len(branches)):
            if branch >= 0:
                out[rows] = branches[branch].run(ev, context.take(rows))
        return out if context.size != 1 else int(out[0])

    named = measure_of((*conditions, *branches))
    return Node(kind, run, branches[0].hierarchies, depends_of((*conditions, *branches)), measure=named)


def _choice_of_sets(conditions: list[Node], branches: list[Node]) -> Node:
    def run(ev: Evaluator, context: Context) -> TupleSet:
        parts = []
        for rows, branch in _split(ev, context, conditions, len(branches)):
            if branch < 0:
                continue
            found = ev.tuples(branches[branch], context.take(rows))
            if context.size == 1:
                return found
            parts.append(found.spread(len(rows)).regrouped(rows))
        return concatenated(parts, context.size) if parts else TupleSet.none(branches[0].hierarchies)

    return Node(Kind.SET, run, branches[0].hierarchies, depends_of((*conditions, *branches)))
