"""What an operand has to be, and the complaint where it is something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.errors import StatementError
from flis.query.binding.conversion import as_set, convert
from flis.query.languages.mdx import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.query.binding.nodes import Binding, Node, ResultKind
    from flis.query.languages.mdx import syntax as s

__all__ = ["as_kind", "as_sets", "wrong"]


def wrong(e: s.SyntaxNode, text: str) -> StatementError:
    """A complaint with its place in the statement."""
    return StatementError(text, line=e.line, column=e.column)


def as_sets(e: s.SyntaxNode, nodes: Sequence[Node]) -> list[Node]:
    """The operands as sets. Raises: StatementError: one is none."""
    out = []
    for node in nodes:
        made = as_set(node)
        if made is None:
            raise node.failure or wrong(e, f"{to_text(e)} needs sets; one part of it is a {node.kind}.")
        out.append(made)
    return out


def as_kind(binder: Binding, e: s.SyntaxNode, node: Node, kind: ResultKind) -> Node:
    """The operand as a kind. Raises: StatementError: it cannot be that."""
    made = convert(node, kind, binder.count)
    if made is None:
        raise node.failure or wrong(e, f"In {to_text(e)} a {node.kind} stands where a {kind} is needed.")
    return made[0]
