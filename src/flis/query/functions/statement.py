"""The function that looks at the statement it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.errors import StatementError
from flis.query.functions.table import function

if TYPE_CHECKING:
    from flis.query.binding.nodes import Binding, Node
    from flis.query.languages.mdx import syntax as s

__all__: list[str] = []


@function(
    "Axis(number) -> set",
    group="Set",
    en="The tuples of an axis of the statement, counted from 0, as they are before NON EMPTY leaves some out.",
    da="Tuplerne på en af forespørgslens akser, talt fra 0, som de er før NON EMPTY udelader nogle.",
    binds=True,
)
def axis(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`Axis(1)`."""
    number = arguments[0].constant if arguments[0] is not None else None
    if not isinstance(number, int):
        raise StatementError("Axis needs the number of an axis.", line=e.line, column=e.column)
    return binder.axis(number, e)
