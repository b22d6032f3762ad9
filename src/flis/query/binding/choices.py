"""`CASE` and `IIf`: the first branch whose condition holds, for every row by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.query.binding.comparisons import comparable, compared
from flis.query.binding.conversion import as_set, convert, depends_of, literal, measure_of
from flis.query.binding.nodes import SCALARS, Binding, Evaluation, Node, ResultKind, Run
from flis.query.binding.operands import as_kind
from flis.query.evaluation.cell_values import gather
from flis.query.evaluation.setwork import concatenated
from flis.query.evaluation.values import Context, TupleSet, Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from flis.query.languages.mdx import syntax as s

__all__ = ["case", "choice", "of_each"]

OBJECTS = frozenset({ResultKind.HIERARCHY, ResultKind.DIMENSION, ResultKind.LEVEL})
POINTING = frozenset({ResultKind.MEMBER, ResultKind.TUPLE, ResultKind.HIERARCHY, ResultKind.DIMENSION})


def case(binder: Binding, e: s.Case) -> Node:
    """`CASE … END`, with and without an operand; the branches may be members, tuples, sets or scalars."""
    branches = [binder.bind(w.result) for w in e.whens]
    if e.otherwise is not None:
        branches.append(binder.bind(e.otherwise))
    conditions: list[Node] = []
    for when in e.whens:
        condition = binder.bind(when.condition)
        if e.operand is None:
            conditions.append(as_kind(binder, when, condition, ResultKind.LOGICAL))
        else:
            conditions.append(_matched(binder, when, binder.bind(e.operand), condition))
    return choice(binder, e, conditions, branches)


def _matched(binder: Binding, when: s.When, operand: Node, value: Node) -> Node:
    pair = comparable(binder, when, (operand, value))

    def run(ev: Evaluation, context: Context) -> Values:
        return compared("=", ev.values(pair[0], context), ev.values(pair[1], context))

    return Node(ResultKind.LOGICAL, run, depends=depends_of(pair))


def choice(binder: Binding, e: s.SyntaxNode, conditions: list[Node], branches: list[Node]) -> Node:
    """The first branch whose condition holds; one branch more than conditions is the default.

    The branches need not be of one kind. Where they are objects that no one node can stand for (members of different
    hierarchies, a set and a number), the node is their values, and remembers them for `of_each`.
    """
    if len(branches) == len(conditions):
        branches = [*branches, literal(ResultKind.NULL, None)]
    decided = _decided(conditions, branches)
    if decided is not None:
        return decided
    kinds = {b.kind for b in branches} - {ResultKind.NULL}
    if not kinds or kinds <= SCALARS:
        return _choice_of_scalars(binder, e, conditions, branches)
    alike = _alike(binder, branches, kinds)
    if alike is not None:
        return _choice_of_objects(conditions, alike)
    if all(convert(b, ResultKind.VALUE, binder.count) for b in branches):
        made = _choice_of_scalars(binder, e, conditions, branches)
    else:
        made = Node(ResultKind.MIXED, lambda _ev, _context: None, depends=depends_of((*conditions, *branches)))
    return replace(made, choice=(conditions, branches))


def of_each(binder: Binding, e: s.SyntaxNode, nodes: list[Node], make: Callable[[list[Node]], Node]) -> Node:
    """What is made of some nodes; of a choice among objects that are not alike, the choice of what each makes."""
    at = next((n for n, node in enumerate(nodes) if node.choice is not None), None)
    if at is None:
        return make(nodes)
    conditions, branches = nodes[at].choice or ([], [])
    made = [
        b if b.kind is ResultKind.NULL else of_each(binder, e, [*nodes[:at], b, *nodes[at + 1 :]], make)
        for b in branches
    ]
    return choice(binder, e, conditions, made)


def _decided(conditions: list[Node], branches: list[Node]) -> Node | None:
    """The branch that literals decide for; None where a condition has to be evaluated."""
    for condition, branch in zip(conditions, branches, strict=False):
        if not isinstance(condition.constant, (bool, int, float)):
            return None
        if condition.constant:
            return branch
    return branches[-1]


def _alike(binder: Binding, branches: list[Node], kinds: set[ResultKind]) -> list[Node] | None:
    """The branches as objects of one kind and the same hierarchies (NULL stays); None where they cannot be that."""
    if kinds <= OBJECTS:
        return branches if kinds == {ResultKind.LEVEL} and len({b.hierarchies for b in branches}) == 1 else None
    kind = ResultKind.MEMBER if ResultKind.TUPLE not in kinds else ResultKind.TUPLE
    if not kinds <= POINTING:
        kind = ResultKind.SET
    made = [b if b.kind is ResultKind.NULL else _as(binder, b, kind) for b in branches]
    spots = {m.hierarchies for m in made if m is not None and m.kind is not ResultKind.NULL and m.hierarchies}
    if any(m is None for m in made) or len(spots) > 1:
        return None
    return [m for m in made if m is not None]


def _as(binder: Binding, node: Node, kind: ResultKind) -> Node | None:
    if node.kind in SCALARS:
        return None
    if kind is ResultKind.SET:
        return as_set(node)
    found = convert(node, kind, binder.count)
    return found[0] if found is not None else None


def _choice_of_scalars(binder: Binding, e: s.SyntaxNode, conditions: list[Node], branches: list[Node]) -> Node:
    scalars = [as_kind(binder, e, b, ResultKind.VALUE) for b in branches]
    plain = {b.kind for b in scalars} - {ResultKind.NULL}
    kind = plain.pop() if len(plain) == 1 else ResultKind.VALUE
    depends = depends_of((*conditions, *scalars))

    def run(ev: Evaluation, context: Context) -> Values:
        parts: list[tuple[NDArray[np.int64], Values]] = [
            (rows, ev.values(scalars[branch], context.take(rows)).spread(len(rows)))
            for rows, branch in _split(ev, context, conditions)
        ]
        return gather(parts, context.size)

    return Node(kind, run, depends=depends, measure=measure_of((*conditions, *scalars)))


def _choice_of_objects(conditions: list[Node], branches: list[Node]) -> Node:
    """A choice of members, tuples, levels or sets of the same hierarchies; NULL is no member, and the empty set."""
    known = [b for b in branches if b.kind is not ResultKind.NULL]
    like = next((b for b in known if b.hierarchies), known[0])
    nodes = (*conditions, *known)
    make = _sets if like.kind is ResultKind.SET else _tuples if like.kind is ResultKind.TUPLE else _column
    run = make(conditions, branches, like.hierarchies)
    return Node(like.kind, run, like.hierarchies, depends_of(nodes), measure=measure_of(nodes))


def _column(conditions: list[Node], branches: list[Node], _hierarchies: tuple[int, ...]) -> Run:
    def run(ev: Evaluation, context: Context) -> Any:
        out = np.full(context.size, -1, dtype=np.int32)
        for rows, branch in _split(ev, context, conditions):
            if branches[branch].kind is not ResultKind.NULL:
                out[rows] = branches[branch].run(ev, context.take(rows))
        return out if context.size != 1 else int(out[0])

    return run


def _tuples(conditions: list[Node], branches: list[Node], hierarchies: tuple[int, ...]) -> Run:
    def run(ev: Evaluation, context: Context) -> Any:
        out = {h: np.full(context.size, -1, dtype=np.int32) for h in hierarchies}
        for rows, branch in _split(ev, context, conditions):
            if branches[branch].kind is not ResultKind.NULL:
                for h, column in ev.point(branches[branch], context.take(rows)).items():
                    out[h][rows] = column
        return out if context.size != 1 else {h: int(column[0]) for h, column in out.items()}

    return run


def _sets(conditions: list[Node], branches: list[Node], hierarchies: tuple[int, ...]) -> Run:
    def run(ev: Evaluation, context: Context) -> TupleSet:
        parts = []
        for rows, branch in _split(ev, context, conditions):
            if not branches[branch].hierarchies:  # NULL, {}
                continue
            found = ev.tuples(branches[branch], context.take(rows))
            if context.size == 1:
                return found
            parts.append(found.spread(len(rows)).regrouped(rows))
        return concatenated(parts, context.size) if parts else TupleSet.none(hierarchies)

    return run


def _split(ev: Evaluation, context: Context, conditions: list[Node]) -> list[tuple[NDArray[np.int64], int]]:
    """The rows of each branch, those that meet no condition with the last."""
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
        out.append((left, len(conditions)))
    return out
