"""The operators of MDX: arithmetic, comparison, logic, and those of sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError
from flis.query.convert import as_set, convert, depends_of, measure_of
from flis.query.exists import crossed_existing, existing, related
from flis.query.languages.mdx import to_text
from flis.query.nodes import SCALARS, Kind, Node
from flis.query.setwork import concatenated, distinct, within
from flis.query.values import Context, TupleSet, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from flis.query.bind import Binder
    from flis.query.evaluate import Evaluator
    from flis.query.languages.mdx import syntax as s

__all__ = ["braces", "case", "cross_join", "operation", "unary"]

COMPARISONS = {"=", "<>", "<", "<=", ">", ">="}
POINTING = {Kind.MEMBER, Kind.TUPLE, Kind.HIERARCHY, Kind.DIMENSION}


def _wrong(e: s.Node, text: str) -> StatementError:
    return StatementError(text, line=e.line, column=e.column)


def _sets(e: s.Node, nodes: Sequence[Node]) -> list[Node]:
    out = []
    for node in nodes:
        made = as_set(node)
        if made is None:
            raise _wrong(e, f"{to_text(e)} needs sets; one part of it is a {node.kind}.")
        out.append(made)
    return out


def braces(binder: Binder, e: s.SetExpression, nodes: list[Node]) -> Node:
    """`{a, b, c}`."""
    sets = _sets(e, nodes)
    if not sets:
        return Node(Kind.SET, lambda _ev, _context: TupleSet.none(()))
    full = [x for x in sets if x.hierarchies]
    for x in full[1:]:
        if x.hierarchies != full[0].hierarchies:
            names = " and ".join(
                "(" + ", ".join(binder.cube.hierarchies[h].unique_name for h in y.hierarchies) + ")"
                for y in (full[0], x)
            )
            raise _wrong(e, f"The parts of a set must have the same hierarchies; here are {names}.")
    if not full:
        return sets[0]
    alike = related(binder.cube, full[0].hierarchies)
    if len(full) == 1 and not alike:
        return full[0]

    def run(ev: Evaluator, context: Context) -> TupleSet:
        parts = [x for x in (ev.tuples(x, context) for x in full) if len(x)]
        if not parts:
            return TupleSet.none(full[0].hierarchies)
        found = concatenated(parts, context.size)
        return existing(ev, found) if alike else found

    return Node(Kind.SET, run, full[0].hierarchies, depends_of(full), measure=measure_of(full))


def cross_join(binder: Binder, e: s.Node, nodes: Sequence[Node]) -> Node:
    """`a * b`, `CrossJoin(a, b)`, `(a, b)` with a set in it."""
    sets = _sets(e, nodes)
    hierarchies = tuple(h for x in sets for h in x.hierarchies)
    binder.once(e, hierarchies)
    factors = tuple(f for x in sets for f in (x.factors or (x,)))

    def run(ev: Evaluator, context: Context) -> TupleSet:
        found = ev.tuples(sets[0], context)
        for x in sets[1:]:
            found = crossed_existing(ev, found, ev.tuples(x, context), context.size)
        return found if found.hierarchies == hierarchies else TupleSet.none(hierarchies)

    return Node(Kind.SET, run, hierarchies, depends_of(sets), measure=measure_of(sets), factors=factors)


def unary(binder: Binder, e: s.Unary, node: Node) -> Node:  # noqa: PLR0911 - one result per case
    """`-`, `+`, `NOT`, `EXISTING`, `DISTINCT`."""
    from flis.query.functions.sets import complement, existing

    if e.operator == "EXISTING":
        (found,) = _sets(e, [node])
        looks = frozenset(h for h in range(binder.count))
        return Node(Kind.SET, lambda ev, c: existing(ev, c, found), found.hierarchies, looks)
    if e.operator == "DISTINCT":
        (found,) = _sets(e, [node])
        return Node(Kind.SET, lambda ev, c: distinct(ev.tuples(found, c)), found.hierarchies, found.depends)
    if e.operator == "NOT":
        value = _as(binder, e, node, Kind.LOGICAL)
        return Node(Kind.LOGICAL, lambda ev, c: Values.logicals(~ev.values(value, c).truth()), depends=value.depends)
    if node.kind is Kind.SET and e.operator == "-":
        return Node(Kind.SET, lambda ev, c: complement(ev, c, node), node.hierarchies, node.depends)
    value = _as(binder, e, node, Kind.NUMBER)
    if e.operator == "+":
        return value
    if isinstance(value.constant, (int, float)):
        from flis.query.convert import literal

        return literal(Kind.NUMBER, 0 - value.constant)

    def negative(ev: Evaluator, context: Context) -> Values:
        found = ev.values(value, context)
        return Values(0.0 - found.floats(), found.null)

    return Node(Kind.NUMBER, negative, depends=value.depends, measure=value.measure)


def _as(binder: Binder, e: s.Node, node: Node, kind: Kind) -> Node:
    made = convert(node, kind, binder.count)
    if made is None:
        raise _wrong(e, f"In {to_text(e)} a {node.kind} stands where a {kind} is needed.")
    return made[0]


def operation(binder: Binder, e: s.Operation, nodes: list[Node]) -> Node:  # noqa: PLR0911 - one result per case
    """Any infix operator."""
    operator = e.operator
    if operator == ":":
        from flis.query.functions.relatives import member_range

        return member_range(binder, e, nodes)
    if operator == "IS":
        return _is(binder, e, nodes)
    if operator in ("*", "+", "-") and any(n.kind is Kind.SET for n in nodes):
        return _of_sets(binder, e, nodes)
    if operator in ("AND", "OR", "XOR"):
        return _logic(operator, [_as(binder, e, n, Kind.LOGICAL) for n in nodes])
    if operator in COMPARISONS:
        return _comparison(binder, e, nodes)
    if operator == "+" and any(n.kind is Kind.STRING for n in nodes):
        return _joined([_as(binder, e, n, Kind.STRING) for n in nodes])
    return _arithmetic(binder, e, nodes)


def _of_sets(binder: Binder, e: s.Operation, nodes: list[Node]) -> Node:
    if e.operator == "*":
        return cross_join(binder, e, nodes)
    sets = _sets(e, nodes)
    if any(x.hierarchies != sets[0].hierarchies for x in sets if x.hierarchies):
        raise _wrong(e, "The sets must have the same hierarchies.")

    def union(ev: Evaluator, context: Context) -> TupleSet:
        return distinct(concatenated([ev.tuples(x, context) for x in sets], context.size))

    def difference(ev: Evaluator, context: Context) -> TupleSet:
        left, right = ev.tuples(sets[0], context), ev.tuples(sets[1], context)
        left = left if right.rows is None else left.spread(context.size)
        return distinct(left.take(~within(left, right, context.size)))

    run = union if e.operator == "+" else difference
    return Node(Kind.SET, run, sets[0].hierarchies, depends_of(sets))


def _is(binder: Binder, e: s.Operation, nodes: list[Node]) -> Node:
    """`a IS b`: the same member, tuple, level, hierarchy or dimension; `a IS NULL`: no member."""
    left, right = nodes
    if Kind.NULL in (left.kind, right.kind):
        return _is_null(binder, e, left if right.kind is Kind.NULL else right)
    static = (Kind.HIERARCHY, Kind.DIMENSION)
    if left.kind in static and right.kind in static:
        same = left.hierarchies[:1] == right.hierarchies[:1]
        return Node(Kind.LOGICAL, lambda _ev, _c: Values.of(same))
    if left.kind is Kind.LEVEL and right.kind is Kind.LEVEL:
        return _same_level(left, right)
    if left.kind in SCALARS or right.kind in SCALARS or Kind.SET in (left.kind, right.kind):
        raise _wrong(e, f"IS does not take ({left.kind}, {right.kind}).")
    return _same_tuple(_as(binder, e, left, Kind.TUPLE), _as(binder, e, right, Kind.TUPLE))


def _is_null(binder: Binder, e: s.Operation, node: Node) -> Node:
    if node.kind in SCALARS:
        return Node(Kind.LOGICAL, lambda ev, c: Values.logicals(ev.values(node, c).null), depends=node.depends)
    pointed = _as(binder, e, node, Kind.TUPLE)

    def nothing(ev: Evaluator, context: Context) -> Values:
        out = np.zeros(context.size, dtype=bool)
        for c in ev.point(pointed, context).values():
            out |= np.asarray(c) < 0
        return Values.logicals(out)

    return Node(Kind.LOGICAL, nothing, depends=pointed.depends or frozenset((0,)))


def _same_level(left: Node, right: Node) -> Node:
    if left.hierarchies != right.hierarchies:
        return Node(Kind.LOGICAL, lambda _ev, _c: Values.of(value=False))

    def levels(ev: Evaluator, context: Context) -> Values:
        found = np.asarray(left.run(ev, context)) == np.asarray(right.run(ev, context))
        return Values.logicals(np.broadcast_to(found, (context.size,)).copy())

    return Node(Kind.LOGICAL, levels, depends=depends_of((left, right)) or frozenset((0,)))


def _same_tuple(left: Node, right: Node) -> Node:
    def run(ev: Evaluator, context: Context) -> Values:
        a, b = ev.point(left, context), ev.point(right, context)
        if a.keys() != b.keys():
            return Values.logicals(np.zeros(context.size, dtype=bool))
        out = np.ones(context.size, dtype=bool)
        for h, c in a.items():
            out &= np.asarray(c) == np.asarray(b[h])
        return Values.logicals(out)

    return Node(Kind.LOGICAL, run, depends=depends_of((left, right)) or frozenset((0,)))


def _logic(operator: str, nodes: list[Node]) -> Node:
    def run(ev: Evaluator, context: Context) -> Values:
        out = ev.values(nodes[0], context).truth()
        for node in nodes[1:]:
            other = ev.values(node, context).truth()
            out = out & other if operator == "AND" else out | other if operator == "OR" else out ^ other
        return Values.logicals(out)

    return Node(Kind.LOGICAL, run, depends=depends_of(nodes), measure=measure_of(nodes))


def _comparison(binder: Binder, e: s.Operation, nodes: list[Node]) -> Node:
    pair = [_as(binder, e, n, Kind.VALUE) for n in nodes]
    kinds = {n.kind for n in pair} - {Kind.VALUE, Kind.NULL}
    if len(kinds) > 1:
        raise _wrong(e, f"A {pair[0].kind} cannot be compared with a {pair[1].kind}.")
    operator = e.operator

    def run(ev: Evaluator, context: Context) -> Values:
        return compared(operator, ev.values(pair[0], context), ev.values(pair[1], context))

    return Node(Kind.LOGICAL, run, depends=depends_of(pair), measure=measure_of(pair))


def compared(operator: str, left: Values, right: Values) -> Values:
    """A comparison; no value counts as 0 beside a number, and as the empty text beside a text."""
    a: NDArray[Any]
    b: NDArray[Any]
    if left.is_text or right.is_text:
        a, b = np.array(left.strings(), dtype=object), np.array(right.strings(), dtype=object)
    else:
        a, b = left.floats(), right.floats()
    pick: dict[str, Callable[[Any, Any], Any]] = {
        "=": np.equal,
        "<>": np.not_equal,
        "<": np.less,
        "<=": np.less_equal,
        ">": np.greater,
        ">=": np.greater_equal,
    }
    return Values.logicals(np.asarray(pick[operator](a, b), dtype=bool))


def _joined(nodes: list[Node]) -> Node:
    def run(ev: Evaluator, context: Context) -> Values:
        parts = [ev.values(n, context) for n in nodes]
        size = max(len(p) for p in parts)
        texts = [p.spread(size).strings() for p in parts]
        return Values.texts(["".join(row) for row in zip(*texts, strict=True)])

    return Node(Kind.STRING, run, depends=depends_of(nodes))


def _arithmetic(binder: Binder, e: s.Operation, nodes: list[Node]) -> Node:
    numbers = [_as(binder, e, n, Kind.NUMBER) for n in nodes]
    operator = e.operator

    def run(ev: Evaluator, context: Context) -> Values:
        out = ev.values(numbers[0], context)
        for node in numbers[1:]:
            out = calculated(operator, out, ev.values(node, context))
        return out

    together = [h for n in nodes for h in n.hierarchies]
    crossed_sets = None
    if operator == "*" and len(set(together)) == len(together) and all(n.kind in POINTING for n in nodes):
        crossed_sets = cross_join(binder, e, nodes)
    return Node(Kind.NUMBER, run, depends=depends_of(numbers), measure=measure_of(numbers), crossed=crossed_sets)


def calculated(operator: str, left: Values, right: Values) -> Values:
    """Arithmetic: no value counts as 0 in sums, and makes products and quotients have none."""
    if operator == "+" and left.is_text and right.is_text:
        size = max(len(left), len(right))
        texts = zip(left.spread(size).strings(), right.spread(size).strings(), strict=True)
        return Values.texts([a + b for a, b in texts])
    a, b = left.floats(), right.floats()
    if operator in ("+", "-"):
        return Values(a + b if operator == "+" else a - b, left.null & right.null)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if operator == "*":
            return Values(a * b, left.null | right.null)
        if operator == "/":
            return Values(a / b, left.null | np.zeros(len(b), dtype=bool))
        return Values(a**b, left.null | right.null)


def case(binder: Binder, e: s.Case) -> Node:
    """`CASE … END`, with and without an operand; the branches may be members, tuples, sets or scalars."""
    branches = [binder.bind(w.result) for w in e.whens]
    if e.otherwise is not None:
        branches.append(binder.bind(e.otherwise))
    conditions: list[Node] = []
    for when in e.whens:
        condition = binder.bind(when.condition)
        if e.operand is None:
            if condition.kind is Kind.NUMBER:
                raise _wrong(when, "After WHEN stands a condition.")
            conditions.append(_as(binder, when, condition, Kind.LOGICAL))
        else:
            conditions.append(_matched(binder, when, binder.bind(e.operand), condition))
    return choice(binder, e, conditions, branches)


def _matched(binder: Binder, when: s.When, operand: Node, value: Node) -> Node:
    pair = [_as(binder, when, n, Kind.VALUE) for n in (operand, value)]
    kinds = {n.kind for n in pair} - {Kind.VALUE, Kind.NULL}
    if len(kinds) > 1:
        raise _wrong(when, f"A {pair[0].kind} cannot be compared with a {pair[1].kind}.")

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
        members = [b if b.kind is Kind.NULL else _as(binder, e, b, Kind.MEMBER) for b in branches]
        spots = {m.hierarchies for m in members if m.kind is not Kind.NULL}
        if len(spots) == 1 and Kind.NULL not in kinds:
            return _choice_of_columns(conditions, members, Kind.MEMBER)
    if Kind.SET in kinds:
        sets = _sets(e, branches)
        return _choice_of_sets(conditions, sets)
    scalars = [_as(binder, e, b, Kind.VALUE) for b in branches]
    plain = {b.kind for b in scalars} - {Kind.VALUE, Kind.NULL}
    if len(plain) > 1:
        raise _wrong(e, f"The results must be of one kind; here are {' and '.join(sorted(plain))}.")
    kind = plain.pop() if plain else Kind.VALUE
    depends = depends_of((*conditions, *scalars))

    def run(ev: Evaluator, context: Context) -> Values:
        from flis.query.cells import gather

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
