"""What a rowset is: its columns and restrictions, written down once for schema, data, restriction and docs.

A table is written in a short notation, comma-separated: `NAME`, `NAME:type` (text where none is given), `NAME!` for a
column that always has a value, and for restrictions `NAME:type=default`, with `&` before `=` for a bitmap: a row is
kept when it shares a bit. A restriction that is no column filters a value which the row carries beside its columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from flis.catalog.cube import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TYPES", "Restriction", "RowsetColumn", "SchemaRowset", "Type", "columns", "restrictions"]


class Type(StrEnum):
    """The type of a column; the value is its name in the schema."""

    TEXT = "xsd:string"
    BOOL = "xsd:boolean"
    SHORT = "xsd:short"
    INT = "xsd:int"
    LONG = "xsd:long"
    USHORT = "xsd:unsignedShort"
    UINT = "xsd:unsignedInt"
    ULONG = "xsd:unsignedLong"
    DOUBLE = "xsd:double"
    TIME = "xsd:dateTime"
    GUID = "uuid"
    XML = "xmlDocument"
    ANY = ""  # every value names its own type
    NESTED = "nested"  # a list of rows of its own


TYPES: Mapping[DataType, Type] = {
    DataType.TEXT: Type.TEXT,
    DataType.INTEGER: Type.LONG,
    DataType.NUMBER: Type.DOUBLE,
    DataType.BOOLEAN: Type.BOOL,
    DataType.DATE: Type.TIME,
}
"""The type of a column that holds values of a catalogue."""


@dataclass(frozen=True, slots=True)
class RowsetColumn:
    """A column; `field` is its name, `tag` the element that holds it."""

    field: str
    type: Type = Type.TEXT
    required: bool = False
    inside: tuple[RowsetColumn, ...] = ()
    element: str = ""

    @property
    def tag(self) -> str:
        """The element's name: the field, unless XML cannot hold that."""
        return self.element or self.field


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction, in the order in which Analysis Services documents them."""

    name: str
    type: Type = Type.TEXT
    default: str = ""
    bitmap: bool = False


@dataclass(frozen=True)
class SchemaRowset:
    """A schema rowset."""

    name: str
    guid: str
    description: str
    columns: tuple[RowsetColumn, ...]
    restrictions: tuple[Restriction, ...] = ()

    @cached_property
    def by_restriction(self) -> Mapping[str, Restriction]:
        """The restrictions by name."""
        return {r.name: r for r in self.restrictions}

    @cached_property
    def by_column(self) -> Mapping[str, RowsetColumn]:
        """The columns by name."""
        return {c.field: c for c in self.columns}


PART = re.compile(r"(?P<name>\w+)(?P<required>!?)(?::(?P<type>\w+))?(?P<bitmap>&?)(?:=(?P<default>\w+))?")


def _parts(notation: str) -> list[re.Match[str]]:
    found = [PART.fullmatch(part.strip()) for part in notation.split(",")]
    assert all(found), notation  # noqa: S101 - a table of this package
    return [f for f in found if f]


def columns(notation: str, **inside: str) -> tuple[RowsetColumn, ...]:
    """The columns that a notation lists; a nested one's own columns are given under its name.

    >>> columns("NAME!, SIZE:uint")[1]
    Column(field='SIZE', type=<Type.UINT: 'xsd:unsignedInt'>, required=False, inside=(), element='')
    """
    return tuple(
        RowsetColumn(
            p["name"],
            Type.NESTED if p["name"] in inside else Type[(p["type"] or "text").upper()],
            bool(p["required"]),
            columns(inside[p["name"]]) if p["name"] in inside else (),
        )
        for p in _parts(notation)
    )


def restrictions(notation: str) -> tuple[Restriction, ...]:
    """The restrictions that a notation lists."""
    return tuple(
        Restriction(p["name"], Type[(p["type"] or "text").upper()], p["default"] or "", bool(p["bitmap"]))
        for p in _parts(notation)
    )
