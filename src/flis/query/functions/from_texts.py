"""Texts to members, tuples, sets and values: StrToMember, StrToTuple, StrToSet, StrToValue, NameToSet.

A text may hold any expression, bound and limited like one of a statement; with CONSTRAINED it may hold names only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError
from flis.query.binding.conversion import as_member, as_set, convert, everything, literal
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.cubes.names import MemberName, hierarchy_named
from flis.query.evaluation.cell_values import gather
from flis.query.evaluation.evaluate import Evaluator
from flis.query.evaluation.segments import Segments
from flis.query.evaluation.setwork import concatenated
from flis.query.evaluation.values import Context, TupleSet, Values
from flis.query.functions.table import function
from flis.query.languages.mdx import parse_expression
from flis.query.languages.mdx import syntax as s
from flis.query.limits import Limits, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.cubes.names import Named

__all__: list[str] = []


def _only_members(binder: Binding, e: s.Expression) -> bool:
    """Whether an expression is names of members, in braces and parentheses; a wrong name is told when it is bound."""
    if isinstance(e, s.SetExpression | s.Parenthesis):
        return all(_only_members(binder, x) for x in e.elements)
    return isinstance(e, s.Identifier) and binder.names_member(e)


def _constrained(arguments: list[Node | None]) -> bool:
    return any(a is not None and a.constant == "CONSTRAINED" and a.kind is ResultKind.WORD for a in arguments)


def _bound(binder: Binding, e: s.SyntaxNode, text: str, *, constrained: bool) -> Node:
    expression = parse_expression(text)
    if constrained and not _only_members(binder, expression):
        raise StatementError(
            f"{text} is more than names of members; CONSTRAINED allows nothing else.", line=e.line, column=e.column
        )
    return binder.bind(expression)


def _object(binder: Binding, e: s.SyntaxNode, text: str, kind: ResultKind, *, constrained: bool) -> Node:
    """What a text says, as a member, tuple or set."""
    node = _bound(binder, e, text, constrained=constrained)
    made = as_member(node) if kind is ResultKind.MEMBER else as_set(node) if kind is ResultKind.SET else None
    if kind is ResultKind.TUPLE:
        fitted = convert(node, ResultKind.TUPLE, binder.count)
        made = fitted[0] if fitted else None
    if made is None:
        raise node.failure or StatementError(f"The text does not name a {kind}.", line=e.line, column=e.column)
    return made


def _said(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None], kind: ResultKind) -> Node:
    """The member, tuple or set that a text says; a text that varies is read anew for every row."""
    text = arguments[0]
    constrained = _constrained(arguments)
    assert text is not None  # noqa: S101

    def named(said: str) -> Node:
        return _object(binder, e, said, kind, constrained=constrained)

    try:
        return named(text.constant) if isinstance(text.constant, str) else _varying(binder, e, text, kind, named)
    except StatementError as error:
        return binder.failing(error)


def _varying(binder: Binding, e: s.SyntaxNode, text: Node, kind: ResultKind, named: Callable[[str], Node]) -> Node:
    """A text that is put together: its hierarchies are those that it names for the default members."""
    trial = Evaluator(binder, Segments(), Watch(Limits()))
    h = _spot(binder, trial.values(text, trial.base).strings()[0], named)

    def run(ev: Evaluation, context: Context) -> Any:
        said = ev.values(text, context).strings()
        nodes = _each(ev, said, named)
        if any(n.hierarchies not in (h, ()) for n in nodes.values()):
            raise StatementError("The texts name members of different hierarchies.", line=e.line, column=e.column)
        if len(nodes) == 1:
            one = next(iter(nodes.values()))
            return ev.point(one, context) if kind is ResultKind.TUPLE else one.run(ev, context)
        if kind is ResultKind.SET:
            parts = [
                ev.tuples(nodes[t], context.take(rows)).spread(len(rows)).regrouped(rows)
                for t, rows in _rows(said)
                if nodes[t].hierarchies
            ]
            return concatenated(parts, context.size) if parts else TupleSet.none(h)
        columns = {i: np.full(context.size, -1, dtype=np.int32) for i in h}
        for t, rows in _rows(said):
            for i, column in ev.point(nodes[t], context.take(rows)).items():
                columns[i][rows] = column
        return columns if kind is ResultKind.TUPLE else columns[h[0]]

    return Node(kind, run, h, everything(binder.count))


def _spot(binder: Binding, text: str, named: Callable[[str], Node]) -> tuple[int, ...]:
    """The hierarchies that a text names; of one whose member is not there, the hierarchy that it would be of."""
    try:
        return named(text).hierarchies
    except StatementError:
        hierarchy = hierarchy_named(_path(binder, text)[0])
        if hierarchy is None:
            raise
        return (hierarchy.index,)


def _path(binder: Binding, text: str) -> tuple[Named | None, bool]:
    """What the beginning of a path names, and whether that is all of it."""
    expression = parse_expression(text)
    if not isinstance(expression, s.Identifier):
        return None, False
    found = binder.names.resolve(expression.segments)
    return (None, False) if found is None else (found[0], found[1] == len(expression.segments))


def _each(ev: Evaluation, texts: list[str], named: Callable[[str], Node]) -> dict[str, Node]:
    """Every text that occurs, bound."""
    out = {}
    for text in dict.fromkeys(texts):
        ev.watch.check()
        out[text] = named(text)
    return out


def _rows(texts: list[str]) -> list[tuple[str, np.ndarray[Any, np.dtype[np.int64]]]]:
    """The rows of every text."""
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        rows.setdefault(text, []).append(row)
    return [(text, np.array(at, dtype=np.int64)) for text, at in rows.items()]


def _of(made: Node, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """The same, of the hierarchies that were named beside the text. Raises: StatementError: it is of others."""
    wanted = tuple(a.hierarchies[0] for a in arguments[1:] if a is not None and a.kind is ResultKind.HIERARCHY)
    if wanted and made.hierarchies and made.hierarchies != wanted:
        raise StatementError("The text names members of another hierarchy.", line=e.line, column=e.column)
    return made


@function(
    "StrToMember(string, [{CONSTRAINED}]) -> member",
    "Members(string) -> member",
    group="Member",
    en="The member that a text names or works out; with CONSTRAINED, names only.",
    da="Medlemmet som en tekst nævner eller beregner; med CONSTRAINED kun navne.",
    binds=True,
)
def str_to_member(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`StrToMember(string, [{CONSTRAINED}])`."""
    return _said(binder, e, arguments, ResultKind.MEMBER)


@function(
    "StrToSet(string, [{CONSTRAINED}]) -> set",
    "StrToSet(string, [hierarchy...]) -> set",
    group="Set",
    en="The set that a text names or works out; with CONSTRAINED, names only.",
    da="Mængden som en tekst nævner eller beregner; med CONSTRAINED kun navne.",
    binds=True,
)
def str_to_set(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`StrToSet(string, [{CONSTRAINED}])`."""
    return _of(_said(binder, e, arguments, ResultKind.SET), e, arguments)


@function(
    "StrToTuple(string, [{CONSTRAINED}]) -> tuple",
    "StrToTuple(string, [hierarchy...]) -> tuple",
    group="Tuple",
    en="The tuple that a text names or works out; with CONSTRAINED, names only.",
    da="Tuplen som en tekst nævner eller beregner; med CONSTRAINED kun navne.",
    binds=True,
)
def str_to_tuple(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`StrToTuple(string, [{CONSTRAINED}])`."""
    return _of(_said(binder, e, arguments, ResultKind.TUPLE), e, arguments)


@function(
    "StrToValue(string, [{CONSTRAINED}]) -> value",
    group="Value",
    en="The value that a text works out; with CONSTRAINED, numbers only.",
    da="Værdien som en tekst beregner; med CONSTRAINED kun tal.",
    binds=True,
)
def str_to_value(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`StrToValue(string, [{CONSTRAINED}])`."""
    text = arguments[0]
    constrained = _constrained(arguments)
    assert text is not None  # noqa: S101

    def valued(said: str) -> Node:
        try:
            return literal(ResultKind.NUMBER, float(said))
        except ValueError:
            pass
        if constrained:
            raise StatementError(f"{said} is no number; CONSTRAINED allows nothing else.", line=e.line, column=e.column)
        return binder.scalar(parse_expression(said))

    if isinstance(text.constant, str):
        try:
            return valued(text.constant)
        except StatementError as error:
            return binder.failing(error)

    def run(ev: Evaluation, context: Context) -> Values:
        said = ev.values(text, context).spread(context.size).strings()
        nodes = _each(ev, said, valued)
        parts = [(rows, ev.values(nodes[t], context.take(rows)).spread(len(rows))) for t, rows in _rows(said)]
        return gather(parts, context.size)

    return Node(ResultKind.VALUE, run, depends=everything(binder.count))


@function(
    "NameToSet(string) -> set",
    group="Set",
    en="The member that a text names, as a set; the empty set where it names none.",
    da="Medlemmet som en tekst nævner, som mængde; den tomme mængde hvor den intet nævner.",
    binds=True,
)
def name_to_set(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`NameToSet(string)`."""
    text = arguments[0]
    assert text is not None  # noqa: S101

    def named(said: str) -> Node:
        try:
            found, whole = _path(binder, said)
        except StatementError:
            found, whole = None, False
        if whole and isinstance(found, MemberName):
            return _object(binder, e, said, ResultKind.SET, constrained=True)
        hierarchy = hierarchy_named(found)
        none = TupleSet.none((hierarchy.index,) if hierarchy is not None else ())
        return Node(ResultKind.SET, lambda _ev, _context: none, none.hierarchies)

    if isinstance(text.constant, str):
        return named(text.constant)
    return _varying(binder, e, text, ResultKind.SET, named)
