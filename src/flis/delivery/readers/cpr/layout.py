"""Where every field of a CPR change extract lies: the layout U12170-P as a table.

`layout.json` beside this module holds the official layout, 35 record types with 304 fields; nothing else in flis
knows a position. Positions count from 1, lengths are in characters, and a character is one byte (ISO-8859-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LATEST", "PERSON", "RECORDS", "FieldLayout", "Kind", "RecordLayout", "column_name"]

Kind = Literal["A", "N"]
"""A: text, left aligned and padded with blanks; N: digits, padded with zeros on the left."""

LATEST = ":LATEST"
"""Behind a date field's name: the last day that the date can be, empty where the day is told."""

_ASCII = str.maketrans({"-": "_", ":": "_", "æ": "ae", "ø": "oe", "å": "aa"})


def column_name(field: str) -> str:
    """The name that the column of an official field has in tables.

    >>> column_name("START_MYNKOD-FØDESTED")
    'start_mynkod_foedested'
    """
    return field.lower().translate(_ASCII)


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """A field: its official name, its first position (from 1), its length, and how it is written."""

    name: str
    start: int
    length: int
    kind: Kind
    date_format: str | None = None

    @property
    def offset(self) -> int:
        """The first position, counted from 0."""
        return self.start - 1

    @property
    def end(self) -> int:
        """The position after the last one, counted from 0."""
        return self.offset + self.length

    @property
    def column(self) -> str:
        """The name of this field's column in tables."""
        return column_name(self.name)

    @property
    def is_date(self) -> bool:
        """Whether the field holds a date, with or without a time."""
        return self.date_format is not None

    @property
    def is_person_number(self) -> bool:
        """Whether the field holds a person number: it leaves the reader as a keyed hash only."""
        return self.length == 10 and self.date_format is None and "PNR" in self.name


PERSON = FieldLayout("PNR", 4, 10, "A")
"""The person whom a record is about stands in these positions in every type but 000, 910 and 999 (a sort field)."""


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """A record type: its code, its Danish title, its full length, its fields in order."""

    code: str
    title: str
    length: int
    fields: tuple[FieldLayout, ...]

    def field(self, name: str) -> FieldLayout:
        """The field with the official name `name`; a KeyError where there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def shortest(self) -> int:
        """The least length of a line trimmed at the right: a field of digits is never blank."""
        return max(f.end for f in self.fields if f.kind == "N")


class _Record(msgspec.Struct, frozen=True):
    title: str
    length: int
    fields: list[tuple[str, int, int, Kind, str | None]]


class _Layout(msgspec.Struct, frozen=True):
    layout: str
    records: dict[str, _Record]


def _load() -> Mapping[str, RecordLayout]:
    text = (files("flis.delivery.readers.cpr") / "layout.json").read_bytes()
    layout = msgspec.json.decode(text, type=_Layout)
    return MappingProxyType(
        {
            code: RecordLayout(code, record.title, record.length, tuple(FieldLayout(*row) for row in record.fields))
            for code, record in layout.records.items()
        }
    )


RECORDS: Mapping[str, RecordLayout] = _load()
"""All record types by code, in the order of their codes."""
