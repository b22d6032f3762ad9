"""Calls of functions: the arguments fitted to a signature, and the node that is made of them."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from flis.errors import StatementError
from flis.query.binding.captions import caption_notes
from flis.query.binding.conversion import convert, depends_of, measure_of, names_of
from flis.query.binding.nodes import SCALARS, Binding, Evaluation, Node, ResultKind

if TYPE_CHECKING:
    from flis.query.evaluation.values import Context
    from flis.query.functions import Function, Parameter, Signature
    from flis.query.languages.mdx import syntax as s

__all__ = ["fit", "made"]

WHOLE = frozenset({"Rank", "Len", "InStr", "Ordinal", "CurrentOrdinal"})
"""Functions of whole numbers: a formula that is one of them is shown without decimals, whatever the measure."""
WHOLE_NOTE = frozenset({"whole"})


def fit(signature: Signature, nodes: list[Node], count: int) -> tuple[int, list[Node | None]] | None:
    """The arguments of a signature, and how far they are from what was written; None where it does not fit."""
    cost = 0
    out: list[Node | None] = []
    parameters = list(signature.parameters)
    while parameters and parameters[-1].repeated and len(parameters) < len(nodes):
        parameters.append(parameters[-1])
    if len(nodes) > len(parameters):
        return None
    for i, parameter in enumerate(parameters):
        if i >= len(nodes):
            if not parameter.optional:
                return None
            out.append(None)
            continue
        fitted = _argument(parameter, nodes[i], count)
        if fitted is None:
            return None
        cost += fitted[1]
        out.append(fitted[0])
    return cost, out


def _argument(parameter: Parameter, node: Node, count: int) -> tuple[Node | None, int] | None:
    if node.kind is ResultKind.MISSING:
        return (None, 0) if parameter.optional else None
    if parameter.kind is ResultKind.ANY:
        return node, 0
    if node.kind is ResultKind.WORD:
        return (node, 0) if node.constant in parameter.words else None
    if parameter.kind is ResultKind.WORD:
        return None
    return convert(node, parameter.kind, count)


def made(
    binder: Binding, e: s.SyntaxNode, function: Function, signature: Signature, arguments: list[Node | None]
) -> Node:
    """The call of a function by one of its signatures."""
    run = signature.run
    if signature.binds:
        node: Node = run(binder, e, arguments)
        return node
    given = [a for a in arguments if a is not None]
    hierarchies: tuple[int, ...] = ()
    if signature.result not in SCALARS:
        over = signature.over
        if callable(over):
            hierarchies = over(binder, e, arguments)
        else:
            chosen = [arguments[i] for i in over if i < len(arguments)]
            hierarchies = tuple(h for a in chosen if a is not None for h in a.hierarchies)
    depends = depends_of(given)
    if signature.iterates >= 0 and (over_set := arguments[signature.iterates]) is not None:
        inside = [a for i, a in enumerate(arguments) if i != signature.iterates and a is not None]
        depends = over_set.depends | (depends_of(inside) - frozenset(over_set.hierarchies))
    if signature.looks is not None:
        depends |= signature.looks(binder, arguments)
    frozen = tuple(arguments)
    whole = function.name in WHOLE and signature.result is ResultKind.NUMBER

    names = names_of(arguments[signature.iterates]) if signature.iterates >= 0 else ()

    def call(ev: Evaluation, context: Context) -> Any:
        try:
            with ev.iterating(names) if names else nullcontext():
                return run(ev, context, *frozen)
        except ArithmeticError:
            raise StatementError(f"{function.name} has no result for one of these values.") from None

    return Node(
        signature.result,
        call,
        hierarchies,
        depends,
        measure=measure_of(given),
        text=function.name,
        line=e.line,
        column=e.column,
        notes=WHOLE_NOTE if whole else caption_notes(function.name, given),
    )
