"""The operators of MDX: arithmetic, comparison, logic, and those of sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.binding.choices import of_each
from flis.query.binding.comparisons import COMPARISONS, comparison
from flis.query.binding.conversion import depends_of, is_set, literal, measure_of
from flis.query.binding.nodes import SCALARS, Binding, Evaluation, Node, ResultKind
from flis.query.binding.operands import as_kind, as_sets, wrong
from flis.query.binding.set_operators import complement, cross_join, existing_in, member_range, of_sets
from flis.query.evaluation.cell_values import gather
from flis.query.evaluation.setwork import distinct
from flis.query.evaluation.values import Context, Values

if TYPE_CHECKING:
    from flis.query.languages.mdx import syntax as s

__all__ = ["calculated", "operation", "unary"]

POINTING = {ResultKind.MEMBER, ResultKind.TUPLE, ResultKind.HIERARCHY, ResultKind.DIMENSION}


def unary(binder: Binding, e: s.Unary, node: Node) -> Node:  # noqa: PLR0911 - one result per case
    """`-`, `+`, `NOT`, `EXISTING`, `DISTINCT`."""
    if e.operator == "EXISTING":
        (found,) = as_sets(e, [node])
        looks = frozenset(h for h in range(binder.count))
        return Node(ResultKind.SET, lambda ev, c: existing_in(ev, c, found), found.hierarchies, looks)
    if e.operator == "DISTINCT":
        (found,) = as_sets(e, [node])
        return Node(ResultKind.SET, lambda ev, c: distinct(ev.tuples(found, c)), found.hierarchies, found.depends)
    if e.operator == "NOT":
        value = as_kind(binder, e, node, ResultKind.LOGICAL)
        return Node(
            ResultKind.LOGICAL, lambda ev, c: Values.logicals(~ev.values(value, c).truth()), depends=value.depends
        )
    if is_set(node) and e.operator == "-":
        (left_out,) = as_sets(e, [node])
        return Node(ResultKind.SET, lambda ev, c: complement(ev, c, left_out), node.hierarchies, node.depends)
    value = as_kind(binder, e, node, ResultKind.NUMBER)
    if e.operator == "+":
        return value
    if isinstance(value.constant, (int, float)):
        return literal(ResultKind.NUMBER, 0 - value.constant)

    def negative(ev: Evaluation, context: Context) -> Values:
        found = ev.values(value, context)
        return Values(0.0 - found.floats(), found.null)

    return Node(ResultKind.NUMBER, negative, depends=value.depends, measure=value.measure)


def operation(binder: Binding, e: s.Operation, nodes: list[Node]) -> Node:  # noqa: PLR0911 - one result per case
    """Any infix operator."""
    operator = e.operator
    if operator == ":":
        return member_range(binder, e, nodes)
    if operator == "IS":
        return _is(binder, e, nodes)
    if operator in ("*", "+", "-") and any(is_set(n) for n in nodes):
        return of_sets(binder, e, nodes)
    if operator in ("AND", "OR", "XOR"):
        return _logic(operator, [as_kind(binder, e, n, ResultKind.LOGICAL) for n in nodes])
    if operator in COMPARISONS:
        return comparison(binder, e, nodes)
    if operator == "||" or (operator == "+" and any(n.kind is ResultKind.STRING for n in nodes)):
        return _joined([as_kind(binder, e, n, ResultKind.STRING) for n in nodes])
    return _arithmetic(binder, e, nodes)


def _is(binder: Binding, e: s.Operation, nodes: list[Node]) -> Node:
    """`a IS b`: the same member, tuple, level, hierarchy or dimension; `a IS NULL`: no member."""
    if any(n.choice is not None for n in nodes):
        return of_each(binder, e, nodes, lambda given: _is(binder, e, given))
    left, right = nodes
    if ResultKind.NULL in (left.kind, right.kind):
        return _is_null(binder, e, left if right.kind is ResultKind.NULL else right)
    static = (ResultKind.HIERARCHY, ResultKind.DIMENSION)
    if left.kind in static and right.kind in static:
        same = left.hierarchies[:1] == right.hierarchies[:1]
        return Node(ResultKind.LOGICAL, lambda _ev, _c: Values.of(same))
    if left.kind is ResultKind.LEVEL and right.kind is ResultKind.LEVEL:
        return _same_level(left, right)
    if left.kind in SCALARS or right.kind in SCALARS or ResultKind.SET in (left.kind, right.kind):
        raise wrong(e, f"IS does not take ({left.kind}, {right.kind}).")
    return _same_tuple(as_kind(binder, e, left, ResultKind.TUPLE), as_kind(binder, e, right, ResultKind.TUPLE))


def _is_null(binder: Binding, e: s.Operation, node: Node) -> Node:
    if node.kind in SCALARS:
        return Node(ResultKind.LOGICAL, lambda ev, c: Values.logicals(ev.values(node, c).null), depends=node.depends)
    pointed = as_kind(binder, e, node, ResultKind.TUPLE)

    def nothing(ev: Evaluation, context: Context) -> Values:
        out = np.zeros(context.size, dtype=bool)
        for c in ev.point(pointed, context).values():
            out |= np.asarray(c) < 0
        return Values.logicals(out)

    return Node(ResultKind.LOGICAL, nothing, depends=pointed.depends or frozenset((0,)))


def _same_level(left: Node, right: Node) -> Node:
    if left.hierarchies != right.hierarchies:
        return Node(ResultKind.LOGICAL, lambda _ev, _c: Values.of(value=False))

    def levels(ev: Evaluation, context: Context) -> Values:
        found = np.asarray(left.run(ev, context)) == np.asarray(right.run(ev, context))
        return Values.logicals(np.broadcast_to(found, (context.size,)).copy())

    return Node(ResultKind.LOGICAL, levels, depends=depends_of((left, right)) or frozenset((0,)))


def _same_tuple(left: Node, right: Node) -> Node:
    def run(ev: Evaluation, context: Context) -> Values:
        a, b = ev.point(left, context), ev.point(right, context)
        if a.keys() != b.keys():
            return Values.logicals(np.zeros(context.size, dtype=bool))
        out = np.ones(context.size, dtype=bool)
        for h, c in a.items():
            out &= np.asarray(c) == np.asarray(b[h])
        return Values.logicals(out)

    return Node(ResultKind.LOGICAL, run, depends=depends_of((left, right)) or frozenset((0,)))


def _logic(operator: str, nodes: list[Node]) -> Node:
    def run(ev: Evaluation, context: Context) -> Values:
        out = ev.values(nodes[0], context).truth()
        for node in nodes[1:]:
            other = ev.values(node, context).truth()
            out = out & other if operator == "AND" else out | other if operator == "OR" else out ^ other
        return Values.logicals(out)

    return Node(ResultKind.LOGICAL, run, depends=depends_of(nodes), measure=measure_of(nodes))


def _joined(nodes: list[Node]) -> Node:
    def run(ev: Evaluation, context: Context) -> Values:
        parts = [ev.values(n, context) for n in nodes]
        size = max(len(p) for p in parts)
        texts = [p.spread(size).strings() for p in parts]
        return Values.texts([ev.joined("", row) for row in zip(*texts, strict=True)])

    return Node(ResultKind.STRING, run, depends=depends_of(nodes))


def _arithmetic(binder: Binding, e: s.Operation, nodes: list[Node]) -> Node:
    numbers = [as_kind(binder, e, n, ResultKind.NUMBER) for n in nodes]
    operator = e.operator

    def run(ev: Evaluation, context: Context) -> Values:
        out = ev.values(numbers[0], context)
        for node in numbers[1:]:
            other = ev.values(node, context)
            texts = operator == "+" and out.is_text and other.is_text
            out = _added(ev, out, other) if texts else calculated(operator, out, other)
        return out

    together = [h for n in nodes for h in n.hierarchies]
    crossed_sets = None
    if operator == "*" and len(set(together)) == len(together) and all(n.kind in POINTING for n in nodes):
        crossed_sets = cross_join(binder, e, nodes)
    return Node(ResultKind.NUMBER, run, depends=depends_of(numbers), measure=measure_of(numbers), crossed=crossed_sets)


def _added(ev: Evaluation, left: Values, right: Values) -> Values:
    """`a + b` of values that are now texts, now numbers: two texts are joined, all else is added."""
    size = max(len(left), len(right))
    left, right = left.spread(size), right.spread(size)
    joined = (left.words() | left.null) & (right.words() | right.null)
    parts = []
    if joined.any():
        texts = zip(left.take(joined).strings(), right.take(joined).strings(), strict=True)
        parts.append((np.flatnonzero(joined), Values.texts([ev.joined("", pair) for pair in texts])))
    if not joined.all():
        a, b = left.take(~joined), right.take(~joined)
        parts.append((np.flatnonzero(~joined), Values.numbers(a.floats() + b.floats())))
    return gather(parts, size)


def calculated(operator: str, left: Values, right: Values) -> Values:
    """Arithmetic: no value counts as 0 in sums, and makes products have none; no value divided has none either.

    What is divided by no value is infinite, whatever it is, as in Mondrian 3.11.
    """
    a, b = left.floats(), right.floats()
    if operator in ("+", "-"):
        return Values(a + b if operator == "+" else a - b, left.null & right.null)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if operator == "*":
            return Values(a * b, left.null | right.null)
        if operator == "/":
            quotient = a / b
            if right.null.any():
                quotient = np.where(right.null, np.inf, quotient)
            return Values(quotient, left.null | np.zeros(len(b), dtype=bool))
        return Values(a**b, left.null | right.null)
