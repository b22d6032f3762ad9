"""Restrictions applied to rows, and what is wrong with those that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flis.errors import NotFoundError, UsageError, suggest
from flis.serve.xmla.rowsets.table import Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flis.serve.xmla.rowsets.asking import Asked, Row
    from flis.serve.xmla.rowsets.table import Restriction, SchemaRowset

__all__ = ["CHOOSING", "keep", "normal"]

NUMBERS = {Type.SHORT, Type.INT, Type.LONG, Type.USHORT, Type.UINT, Type.ULONG}
TRUTH = {"true": True, "1": True, "false": False, "0": False}
# These choose what a source gives, and cannot be tested on a row.
CHOOSING = {
    "TREE_OP",
    "COORDINATE",
    "COORDINATE_TYPE",
    "ObjectExpansion",
    "DatabaseID",
    "CubeID",
    "DimensionID",
    "MeasureGroupID",
    "PartitionID",
}


def normal(rowset: SchemaRowset, asked: Asked) -> dict[str, tuple[str, ...]]:
    """The restrictions under their own names; one with nothing but an empty value restricts nothing.

    Raises:
        NotFoundError: the rowset has no such restriction.
    """
    folded = {r.name.casefold(): r for r in rowset.restrictions}
    found: dict[str, tuple[str, ...]] = {}
    for name, values in asked.items():
        restriction = folded.get(name.casefold())
        if restriction is None:
            hint = suggest(name, rowset.by_restriction)
            raise NotFoundError(f"{rowset.name} has no restriction {name[:60]}.", hint=hint)
        given = tuple(v.strip() if restriction.type is not Type.TEXT else v for v in values if v.strip())
        if given:
            found[restriction.name] = given
    return found


def keep(rowset: SchemaRowset, asked: Asked, rows: Iterable[Row], *, defaults: bool = True) -> Iterator[Row]:
    """The rows that all restrictions leave, with `defaults` also those that hold where none is given.

    Raises:
        UsageError: a restriction has no number or truth value where it takes one.
    """
    tests = {
        r.name: _test(r, given)
        for r in rowset.restrictions
        if (given := asked.get(r.name) or ((r.default,) if r.default and defaults else ()))
    }
    if "TREE_OP" in rowset.by_restriction:  # the source has looked up the member, by whatever name, and its relatives
        tests.pop("MEMBER_UNIQUE_NAME", None)
    left = [(name, test) for name, test in tests.items() if name not in CHOOSING]
    return (row for row in rows if _passes(row, left))


def _passes(row: Row, tests: list[tuple[str, Callable[[Any], bool]]]) -> bool:
    return all(test(row.get(name)) for name, test in tests)


def _test(restriction: Restriction, given: tuple[str, ...]) -> Callable[[Any], bool]:
    if restriction.type in NUMBERS:
        numbers = {_number(restriction, text) for text in given}
        if restriction.bitmap:
            mask = 0
            for number in numbers:
                mask |= number
            return lambda value: value is None or bool(int(value) & mask)
        return lambda value: value is not None and int(value) in numbers
    if restriction.type is Type.BOOL:
        wanted = {_truth(restriction, text) for text in given}
        return lambda value: bool(value) in wanted
    texts = {text.casefold() for text in given}
    return lambda value: (
        value is not None and (str(value).casefold() in texts if not isinstance(value, list) else _holds(value, texts))
    )


def _holds(rows: list[Row], texts: set[str]) -> bool:
    """Whether a nested column has one of the names: `<ProviderType><MDP/></ProviderType>` has MDP."""
    return any(name.casefold() in texts for row in rows for name in row)


def _number(restriction: Restriction, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(
            f"The restriction {restriction.name} takes a whole number.", hint="Send digits, or leave it out."
        ) from None


def _truth(restriction: Restriction, text: str) -> bool:
    found = TRUTH.get(text.casefold())
    if found is None:
        raise UsageError(f"The restriction {restriction.name} takes true or false.", hint="Or leave it out.")
    return found
