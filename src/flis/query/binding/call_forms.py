"""What a call means that is written in a short or a long form: functions of libraries, and `set(0)` for its Item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from flis.query.languages.mdx import syntax as s
from flis.query.unsupported_constructs import unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.query.cubes.names import Names
    from flis.query.functions import Function

__all__ = ["usual_form"]

LIBRARIES = frozenset({"VBA", "VBAMDX"})
"""The libraries whose functions are functions of the language here: `VBA!Len`, `VBA![Len]`, `VBAMDX.Len`."""


class Callables(Protocol):
    """What a call can mean in a statement: a function, or an item of something that has a name."""

    names: Names

    @property
    def table(self) -> Mapping[str, Function]:
        """The functions there are, by name in upper case."""
        ...

    def names_set(self, name: str) -> bool:
        """Whether a word names a set."""
        ...


def usual_form(callables: Callables, e: s.FunctionCall) -> s.FunctionCall:
    """The call in its usual form; raises UnsupportedStatementError for a function of another library."""
    if "!" in e.name:
        library, _, name = e.name.partition("!")
        return _of_library(e, library, name.strip("[]"), e.arguments)
    if e.style is s.CallStyle.PROPERTY or not e.arguments:
        return e
    known = callables.table.get(e.name.upper())
    if e.style is s.CallStyle.METHOD:
        return _method(callables, e)
    if known is None and callables.names_set(e.name):
        return _item(e, s.Identifier((s.NameSegment(e.name),), line=e.line, column=e.column), e.arguments)
    return e


def _method(callables: Callables, e: s.FunctionCall) -> s.FunctionCall:
    """`VBAMDX.Len(x)`, which looks like a method; `[Store].Children(0)`, which looks like one with an argument."""
    of, known = e.arguments[0], callables.table.get(e.name.upper())
    if (
        isinstance(of, s.Identifier)
        and of.segments[0].text.upper() in LIBRARIES
        and not callables.names.resolve(of.segments)
    ):
        return _of_library(e, of.segments[0].text, e.name, e.arguments[1:])
    styles = {x.style for x in known.signatures} if known is not None else set()
    if known is None and isinstance(of, s.Identifier) and _is_library(callables, of):
        raise unsupported("Procedures", e, said=f"{of.segments[0].text}.{e.name}")
    if known is None or len(e.arguments) == 1 or "method" in styles or "property" not in styles:
        return e
    target = s.FunctionCall(e.name, (of,), s.CallStyle.PROPERTY, line=e.line, column=e.column)
    return _item(e, target, e.arguments[1:])


def _is_library(callables: Callables, of: s.Identifier) -> bool:
    """Whether a path is one unquoted word that names nothing in the cube."""
    return len(of.segments) == 1 and not of.segments[0].quoted and callables.names.resolve(of.segments) is None


def _of_library(e: s.FunctionCall, library: str, name: str, arguments: tuple[s.Expression, ...]) -> s.FunctionCall:
    if library.upper() not in LIBRARIES:
        construct = "Excel's functions" if library.upper() == "EXCEL" else "Procedures"
        raise unsupported(construct, e, said=f"{library}!{name}")
    return s.FunctionCall(name, arguments, line=e.line, column=e.column)


def _item(e: s.FunctionCall, of: s.Expression, arguments: tuple[s.Expression, ...]) -> s.FunctionCall:
    return s.FunctionCall("Item", (of, *arguments), s.CallStyle.METHOD, line=e.line, column=e.column)
