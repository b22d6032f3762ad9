"""Records of fixed width: a first record, those of all tables, and a last one that counts them and adds them up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flis.catalog.contract import FieldType
from flis.delivery.readers.control import totals_of
from flis.delivery.readers.fixed import asked, end_places, header_places
from flis.errors import UsageError
from flis.simulate.writers.column_texts import header_of, sums_of
from flis.simulate.writers.nesting import nested

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from flis.catalog.contract import Contract, Field, Table
    from flis.simulate.writers.nesting import Row

__all__ = ["records"]


def records(contract: Contract, tables: Mapping[str, Any], told: Mapping[str, str], _: date | None) -> bytes:
    """The bytes of a file: each record is followed by those that belong to it.

    Raises:
        UsageError: a value has no room at its position.
    """
    dialect = contract.dialect
    kinds = {table.name: table for table in contract.tables}
    homes = {
        t.name: (t.parent.table, _taken(t, kinds[t.parent.table]))
        for t in contract.tables
        if t.parent and not t.parent.key
    }
    found = [_line(kinds[row.table], row) for top in nested(contract, tables, homes) for row in _with_inside(top)]
    count = len(found)
    if dialect.start:
        places = header_places(contract)
        values = zip((places.sender, places.period, places.produced), header_of(contract, told), strict=True)
        found.insert(0, _put(dialect.start, {at: value for at, value in values if at}))
    if dialect.end:
        totals = totals_of(contract)
        counted = sums_of(contract, totals, tables, count)
        last = {at: _signed(value, at) for at, value in zip(end_places(totals), counted, strict=True)}
        found.append(_put(dialect.end, last))
    ending = "\n" if dialect.encoding == "utf-8" else "\r\n"
    return "".join(line + ending for line in found).encode(dialect.encoding)


def _taken(table: Table, parent: Table) -> dict[str, str]:
    """The field of the parent that each field takes over that has no position."""
    return {f.name: asked(parent, f) for f in table.fields if not f.position}


def _with_inside(row: Row) -> Iterator[Row]:
    yield row
    for one in row.inside:
        yield from _with_inside(one)


def _line(table: Table, row: Row) -> str:
    cells = {f"{f.position[0]}-{f.position[1]}": _cell(f, row.cells[f.name]) for f in table.fields if f.position}
    return _put(table.source, cells).ljust(table.length)


def _put(mark: str, cells: Mapping[str, str]) -> str:
    """A record that begins with a mark and has texts at positions."""
    line = mark
    for at, text in sorted(cells.items(), key=lambda one: int(one[0].partition("-")[0])):
        first, last = map(int, at.split("-"))
        width = last - first + 1
        if len(text) > width or "\n" in text or "\r" in text:
            raise UsageError(f"A value has no room at position {at}.")
        line = line.ljust(first - 1)[: first - 1] + text.ljust(width)
    return line


def _cell(field: Field, text: str) -> str:
    first, last = field.position or (1, 1)
    if field.type is FieldType.DATE and not text:
        return "0" * (last - first + 1)  # zeros are no date
    if field.type in (FieldType.INTEGER, FieldType.NUMBER) and text:
        return _signed(text, f"{first}-{last}")
    return text


def _signed(text: str, at: str) -> str:
    """A number at the right of its room, with its sign behind it."""
    first, last = map(int, at.split("-"))
    width = last - first + 1
    digits, negative = text.removeprefix("-"), text.startswith("-")
    room = width - int(negative or len(digits) < width)
    filled = digits.zfill(room) if digits.isdecimal() else digits.rjust(room)
    return filled + ("-" if negative else "")
