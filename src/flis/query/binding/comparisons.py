"""Comparisons: numbers as numbers, texts as texts, row by row where a side is now one, now the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.query.binding.captions import has_caption, read
from flis.query.binding.conversion import depends_of, is_literal, literal, measure_of
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.binding.operands import as_kind, wrong
from flis.query.evaluation.values import Context, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flis.query.languages.mdx import syntax as s

__all__ = ["COMPARISONS", "comparable", "compared", "comparison"]

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def comparable(binder: Binding, e: s.SyntaxNode, nodes: Sequence[Node]) -> list[Node]:
    """Two values as they are compared. Raises: StatementError: they are of different kinds."""
    pair = [as_kind(binder, e, n, ResultKind.VALUE) for n in nodes]
    if has_caption(pair):
        pair = [read(n) for n in pair]
    kinds = {n.kind for n in pair} - {ResultKind.VALUE, ResultKind.NULL}
    if len(kinds) > 1:
        raise wrong(e, f"A {pair[0].kind} cannot be compared with a {pair[1].kind}.")
    return pair


def comparison(binder: Binding, e: s.Operation, nodes: list[Node]) -> Node:
    """`a = b` and the like."""
    pair = comparable(binder, e, nodes)
    operator = e.operator
    if all(is_literal(n) for n in pair):
        return literal(ResultKind.LOGICAL, bool(compared(operator, *(Values.of(n.constant) for n in pair)).data[0]))

    def run(ev: Evaluation, context: Context) -> Values:
        return compared(operator, ev.values(pair[0], context), ev.values(pair[1], context))

    return Node(ResultKind.LOGICAL, run, depends=depends_of(pair), measure=measure_of(pair))


def compared(operator: str, left: Values, right: Values) -> Values:
    """A comparison; no value counts as 0 beside a number, and as the empty text beside a text."""
    pick = COMPARISONS[operator]
    if not (left.is_text or right.is_text):
        return Values.logicals(np.asarray(pick(left.floats(), right.floats()), dtype=bool))
    size = max(len(left), len(right))
    left, right = left.spread(size), right.spread(size)
    words = left.words() | right.words()
    out = np.zeros(size, dtype=bool)
    if words.any():
        a, b = (np.array(v.take(words).strings(), dtype=object) for v in (left, right))
        out[words] = np.asarray(pick(a, b), dtype=bool)
    if not words.all():
        out[~words] = pick(left.take(~words).floats(), right.take(~words).floats())
    return Values.logicals(out)
