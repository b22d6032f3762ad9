"""Calculated members of the catalogue: their formulas parsed, wrong ones told with file and line."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flis.errors import StatementError
from flis.query.languages.mdx import parse_expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flis.catalog.cube import Text, WrittenPlace
    from flis.query.languages.mdx.syntax import Expression


__all__ = ["Calculation", "SetFormula", "parsed", "told"]


@dataclass(frozen=True, eq=False)
class Calculation:
    """A calculated member as the evaluator sees it; `parent` is a member's ordinal, -1 for none."""

    name: str
    hierarchy: int
    parent: int
    level: int
    expression: Expression
    solve_order: float = 0.0
    properties: Mapping[str, Expression] = field(default_factory=dict)  # by upper-case name; FORMAT_STRING …
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    folder: Text = field(default_factory=dict)
    visible: bool = True
    listed: bool = True  # in sets that hold calculated members; its name is taken either way
    session: bool = False
    own: bool = False  # of the statement that asks for it, not of the cube or session
    of_cube: bool = True  # solved with the members of the catalogue, before those of sessions and statements
    text: str = ""  # the formula as the catalogue writes it
    rule: object = None  # made during evaluation, in place of a formula: a set slicer or a visual total
    shows: int = -1  # the stored member whose visual total it is: known by that one's unique name


@dataclass(frozen=True, slots=True)
class SetFormula:
    """A named set as the evaluator sees it; a static one does not depend on slicer and subselects."""

    expression: Expression
    static: bool = False


@contextmanager
def told(place: WrittenPlace | None, part: str) -> Iterator[None]:
    """Say of wrong MDX in the catalogue where it is written."""
    try:
        yield
    except StatementError as error:
        if place is None:
            raise
        raise place.error(part, error.message, error.hint) from None


def parsed(place: WrittenPlace | None, part: str, text: str) -> Expression:
    """A formula of the catalogue. Raises: CatalogError: it is not MDX; names file and line."""
    with told(place, part):
        return parse_expression(text)
