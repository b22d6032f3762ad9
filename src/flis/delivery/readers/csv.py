"""The reader of separated values: quotes, line ends, end lines, columns that are to become rows."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from flis.delivery.readers.notice_kinds import NoticeKind
from flis.delivery.readers.notices import UnreadableError
from flis.delivery.readers.reader import Rows
from flis.delivery.readers.text import Stream, unpacked, utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from flis.catalog.contract import Field, Table
    from flis.delivery.readers.control import Announced
    from flis.delivery.readers.notices import Notices
    from flis.delivery.recognition import Recognised

__all__ = ["csv_rows"]

BLOCK = 1 << 22
TAIL = 1 << 16
"""The end line stands in the last so many bytes."""
BROKEN = 1000
"""So many rows of a wrong length are too many to go on."""


def csv_rows(chunks: Iterable[bytes], found: Recognised, notices: Notices, told: Announced) -> Iterator[Rows]:
    """The rows of the contract's one table in blocks.

    Raises:
        UnreadableError: the rest of the file cannot be read.
    """
    contract, day = found.contract, found.first
    dialect, table = contract.dialect, contract.tables[0]
    text = utf8(unpacked(chunks, dialect.limit), dialect)
    ending = _Ending(text, dialect.end + dialect.delimiter if dialect.end else "")
    blocks = iter(ending)
    begin = next(blocks, b"")
    if not begin and not dialect.header:  # the library takes a file of no rows and no names for a broken one
        _tell(told, ending, dialect.delimiter)
        return
    stream, broken = Stream(chain((begin,), blocks)), _Broken(head=int(dialect.header))
    names = None if dialect.header else [f.source_on(day) for f in table.fields]
    first = 1
    try:
        with pacsv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pacsv.ReadOptions(block_size=BLOCK, use_threads=False, column_names=names),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote,
                double_quote=True,
                newlines_in_values=True,
                invalid_row_handler=broken.note,
            ),
            convert_options=pacsv.ConvertOptions(strings_can_be_null=False, default_column_type=pa.string()),
        ) as reader:
            places = _columns(table, reader.schema.names, day, notices)
            for batch in reader:
                numbers = broken.physical(first, batch.num_rows)
                first += batch.num_rows
                columns = {name: _column(batch, place) for name, place in places.items()}
                yield _long(table, batch, columns, numbers) if table.unpivot else Rows(table, columns, numbers)
    except pa.ArrowInvalid:
        if stream.stopped:
            raise stream.stopped from None
        raise UnreadableError(NoticeKind.SYNTAX, record=first) from None
    if stream.stopped:
        raise stream.stopped
    if len(broken.numbers) > BROKEN:
        raise UnreadableError(NoticeKind.SYNTAX)
    notices.of_rows(table.name, NoticeKind.ROW_LENGTH, "", broken.numbers)
    told.records = first - 1 + len(broken.numbers)
    _tell(told, ending, dialect.delimiter)


def _tell(told: Announced, ending: _Ending, delimiter: str) -> None:
    """Put what the end line tells into `told`."""
    if ending.line:
        told.ended, told.totals = True, tuple(ending.line.rstrip("\r\n").split(delimiter)[1:])


def _columns(table: Table, names: list[str], day: date | None, notices: Notices) -> dict[str, int]:
    """Where the column of each field stands; -1 where it is missing."""
    folded = [name.strip().casefold() for name in names]
    wanted = [f for f in table.fields if not (table.unpivot and f.name in (table.unpivot.name, table.unpivot.value))]
    places = {f.name: _place(folded, f, day) for f in wanted}
    for field in wanted:
        if places[field.name] < 0:
            notices.file(NoticeKind.COLUMN_MISSING, field=field.source_on(day), line=1)
    if table.unpivot and not any(re.fullmatch(table.unpivot.columns, name) for name in names):
        notices.file(NoticeKind.COLUMN_MISSING, field=table.unpivot.columns, line=1)
    known = set(places.values())
    for place, name in enumerate(names):
        spread = table.unpivot and re.fullmatch(table.unpivot.columns, name)
        if place not in known and not spread:
            notices.file(NoticeKind.COLUMN_ADDED, line=1, field=f"{place + 1}")
    return places


def _place(names: list[str], field: Field, day: date | None) -> int:
    wanted = field.source_on(day).casefold()
    return names.index(wanted) if wanted in names else -1


def _column(batch: Any, place: int) -> Any:
    return pa.nulls(batch.num_rows, pa.string()) if place < 0 else batch.column(place)


def _long(table: Table, batch: Any, columns: dict[str, Any], numbers: Any) -> Rows:
    """Columns whose names match become rows; empty cells become none."""
    assert table.unpivot  # noqa: S101
    pattern = re.compile(table.unpivot.columns)
    spread = [(place, found[1]) for place, n in enumerate(batch.schema.names) if (found := pattern.fullmatch(n))]
    parts: dict[str, list[Any]] = {f.name: [] for f in table.fields}
    kept = []
    for place, label in spread:
        cell = batch.column(place)
        there = pc.not_equal(pc.utf8_trim_whitespace(cell), "")
        for name, column in columns.items():
            parts[name].append(column.filter(there))
        value = cell.filter(there)
        parts[table.unpivot.value].append(value)
        parts[table.unpivot.name].append(pa.array([label] * len(value), pa.string()))
        kept.append(numbers[there.to_numpy(zero_copy_only=False)])
    joined = {name: pa.concat_arrays(arrays) if arrays else pa.array([], pa.string()) for name, arrays in parts.items()}
    return Rows(table, joined, np.concatenate(kept) if kept else numbers[:0])


class _Broken:
    """Rows of a wrong length, and the numbers that the others have in the file."""

    def __init__(self, head: int) -> None:
        self.numbers: list[int] = []
        self._head = head

    def note(self, row: Any) -> str:
        """Leave a row out."""
        self.numbers.append(int(row.number or 0) - self._head)
        return "skip" if len(self.numbers) <= BROKEN else "error"

    def physical(self, first: int, count: int) -> Any:
        """The numbers in the file of `count` good rows, of which the first is the `first` good one."""
        numbers = np.arange(first, first + count)
        for skipped in self.numbers:
            numbers += numbers >= skipped
        return numbers


class _Ending:
    """Text whose last line is held back where it begins as an end line does."""

    def __init__(self, text: Iterable[bytes], mark: str) -> None:
        self._text = text
        self._mark = mark.encode()
        self.line = ""

    def __iter__(self) -> Iterator[bytes]:
        tail = b""
        for block in self._text:
            tail += block
            if len(tail) > 2 * TAIL:
                yield tail[:-TAIL]
                tail = tail[-TAIL:]
        bare = tail.rstrip(b"\r\n")
        start = bare.rfind(b"\n") + 1
        if self._mark and bare[start:].startswith(self._mark):
            self.line = bare[start:].decode()
            tail = tail[:start]
        yield from chain((tail,) if tail else ())
