"""Captions are compared as people read them, as in Analysis Services: the size of letters does not matter.

Other texts differ by their letters' size; the label filters of clients ask for captions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flis.query.binding.nodes import ResultKind
from flis.query.evaluation.values import Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.query.binding.nodes import Evaluation, Node
    from flis.query.evaluation.values import Context

__all__ = ["caption_notes", "has_caption", "read"]

CAPTION = frozenset({"caption"})
NAMED = frozenset({"CAPTION", "MEMBER_CAPTION"})
PARTS = frozenset({"Left", "Right", "Mid", "Trim", "LTrim", "RTrim"})


def caption_notes(function: str, arguments: Sequence[Node]) -> frozenset[str]:
    """The note of a call that gives a member's caption or a part of one; none for all others."""
    if not arguments:
        return frozenset()
    named = function.upper() in NAMED and arguments[0].kind is ResultKind.MEMBER
    if function == "Properties":
        named = len(arguments) > 1 and str(arguments[1].constant).upper() in NAMED
    return CAPTION if named or (function in PARTS and has_caption(arguments)) else frozenset()


def has_caption(nodes: Sequence[Node | None]) -> bool:
    """Whether one of them is a caption."""
    return any(node is not None and node.notes >= CAPTION for node in nodes)


def read(node: Node) -> Node:
    """The same with its texts in small letters."""

    def run(ev: Evaluation, context: Context) -> Values:
        found = ev.values(node, context)
        if not found.is_text:
            return found
        small = Values.texts([text.lower() for text in found.strings()])
        return Values(small.data, found.null)

    return replace(node, run=run, constant=None)
