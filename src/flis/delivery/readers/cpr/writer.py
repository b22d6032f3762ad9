r"""From columns to the bytes of a change extract, in every physical form.

`encode` makes the rows of one record type at full width, `write` lays rows of several types in order:

>>> rows = encode("999", {"SORTFELT-10": b"9999999999", "TAELLER": [1098]})
>>> write([Block("999", rows)])
b'999999999999900001098\n'
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.layout import RECORDS, FieldLayout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from numpy.typing import NDArray

__all__ = ["Block", "encode", "end_record", "start_record", "write"]

BLANK, ZERO = ord(" "), ord("0")
FIRST_DAY = np.datetime64("1800-01-01", "D")
LAST_DAY = np.datetime64("2199-12-31", "D")


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one record type at full width, and where each stands in the file (equal places: as given)."""

    record_type: str
    rows: NDArray[np.uint8]
    order: NDArray[np.int64] | None = None


def encode(record_type: str, columns: Mapping[str, Any]) -> NDArray[np.uint8]:
    """The rows of a record type, one byte per character, from values by official field name.

    A value is an array, a sequence, or one value for all rows: bytes or text (placed at the left; digits of an N
    field at the right), whole numbers (filled with zeros), dates or times (NaT: zeros, or blanks in YYYY-MM-DD).
    Fields that are not given are zeros where they hold digits or a time, else blank.

    Raises:
        KeyError: a name that is no field of the record type.
        ValueError: a value that does not fit into its field, or columns of different lengths.
    """
    record = RECORDS[record_type]
    values = {record.field(name).name: np.asarray(_plain(value)) for name, value in columns.items()}
    (count,) = np.broadcast_shapes((1,), *(v.shape for v in values.values()))
    rows = np.full((count, record.length), BLANK, np.uint8)
    rows[:, :3] = np.frombuffer(record_type.encode(), np.uint8)
    for field in record.fields[1:]:
        if field.name in values:
            rows[:, field.offset : field.end] = _characters(values[field.name], field)
        elif field.kind == "N" or field.length == 12:
            rows[:, field.offset : field.end] = ZERO
    return rows


def start_record(task: str, produced: date, previous: date | None) -> Block:
    """Record 000 of a delivery; without a previous production date it is an establishment."""
    columns = {
        "SORTFELT-10": b"0000000000",
        "OPGAVENR": task,
        "PRODDTO": np.datetime64(produced, "D"),
        "PRODDTOFORRIG": np.datetime64(previous, "D"),
    }
    return Block("000", encode("000", columns))


def end_record(count: int) -> Block:
    """Record 999 of a delivery with `count` records between start and end."""
    return Block("999", encode("999", {"SORTFELT-10": b"9999999999", "TAELLER": count}))


def write(blocks: Iterable[Block], form: PhysicalForm | None = None) -> bytes:
    """The bytes of all rows in order of their places; what a file ends with (`Form.ending`) is the caller's.

    A file is written in pieces: the start record, blocks of persons, the end record.
    """
    form = form or PhysicalForm()
    blocks = [block for block in blocks if len(block.rows)]
    if not blocks:
        return b""
    records = pa.chunked_array([_records(block.rows, form) for block in blocks])
    places = np.concatenate([_places(block) for block in blocks])
    if len(blocks) > 1 or np.any(places[1:] < places[:-1]):
        records = records.take(pa.array(np.argsort(places, kind="stable")))
    return b"".join(_content(chunk) for chunk in records.chunks)


def _places(block: Block) -> NDArray[np.int64]:
    return np.zeros(len(block.rows), np.int64) if block.order is None else block.order


def _records(rows: NDArray[np.uint8], form: PhysicalForm) -> Any:
    """An Arrow array of the records as they stand in the file, line break included."""
    newline = np.frombuffer(form.newline, np.uint8)
    count, width = rows.shape
    rows = np.concatenate([rows, np.broadcast_to(newline, (count, len(newline)))], axis=1)
    if form.shape is not Shape.TRIMMED:
        offsets = np.arange(count + 1, dtype=np.int64) * rows.shape[1]
        return pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), count, [None, pa.py_buffer(offsets), pa.py_buffer(rows)]
        )
    blanks = (rows[:, width - 1 :: -1][:, -width:] != BLANK).argmax(axis=1)
    lengths = np.where((rows[:, :width] == BLANK).all(axis=1), 0, width - blanks)
    kept = np.arange(rows.shape[1]) < lengths[:, None]
    kept[:, width:] = True
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(lengths + len(newline), out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(rows[kept])]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), count, buffers)


def _content(array: Any) -> memoryview:
    """The bytes of all values of an Arrow array, one after the other."""
    offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]
    return memoryview(array.buffers()[2])[offsets[0] : offsets[-1]]


def _plain(value: Any) -> Any:
    return value.encode("latin-1") if isinstance(value, str) else value


def _characters(values: NDArray[Any], field: FieldLayout) -> NDArray[np.uint8]:
    """One row of characters per value (one row in all for a single value)."""
    values = np.atleast_1d(values)
    match values.dtype.kind:
        case "M":
            return _dates(values, field)
        case "i" | "u":
            return _digits(values.astype(np.int64), field)
        case "O" | "U":
            values = np.char.encode(values.astype(np.str_), "latin-1")
    values = values.astype(np.bytes_)
    if values.dtype.itemsize > field.length:
        raise ValueError(f"a value is longer than field {field.name}")
    if field.kind == "N":
        values = np.char.zfill(values, field.length)
    rows = _bytes(values.astype(f"S{field.length}"))
    return np.where(rows == 0, np.uint8(BLANK), rows)


def _bytes(values: NDArray[np.bytes_]) -> NDArray[np.uint8]:
    return np.frombuffer(values.tobytes(), np.uint8).reshape(len(values), values.dtype.itemsize)


def _digits(values: NDArray[np.int64], field: FieldLayout) -> NDArray[np.uint8]:
    if len(values) and (values.min() < 0 or values.max() >= 10**field.length):
        raise ValueError(f"a number does not fit into field {field.name}")
    groups = []
    for _ in range(-(-field.length // 4)):
        values, rest = np.divmod(values, 10_000)
        groups.append(_four_digits()[rest])
    return np.concatenate(groups[::-1], axis=1)[:, -field.length :]


def _dates(values: NDArray[np.datetime64], field: FieldLayout) -> NDArray[np.uint8]:
    if field.date_format is None:
        raise ValueError(f"field {field.name} holds no date")
    days = values.astype("datetime64[D]")
    unknown = np.isnat(days)
    index = (np.where(unknown, FIRST_DAY, days) - FIRST_DAY).astype(np.int64)
    if len(index) and (index.min() < 0 or index.max() >= len(_days(field.date_format))):
        raise ValueError(f"a date in field {field.name} lies outside the years 1800 to 2199")
    rows = _days(field.date_format)[index]
    if field.length == 12:
        minutes = np.where(unknown, 0, (values.astype("datetime64[m]") - days).astype(np.int64))
        clock = _four_digits()[minutes // 60 * 100 + minutes % 60]
        rows = np.concatenate([rows, clock], axis=1)
    rows[unknown] = BLANK if field.date_format == "yyyy-MM-dd" else ZERO
    return rows


@cache
def _four_digits() -> NDArray[np.uint8]:
    digits: NDArray[np.int64] = np.arange(10_000)[:, None] // np.array([1000, 100, 10, 1]) % 10
    return (digits + ZERO).astype(np.uint8)


@cache
def _days(date_format: str) -> NDArray[np.uint8]:
    """Every day from 1800 to 2199 as it is written, without its time."""
    text = np.datetime_as_string(np.arange(FIRST_DAY, LAST_DAY + 1)).astype("S10")
    rows = _bytes(text)
    return rows if date_format == "yyyy-MM-dd" else rows[:, [0, 1, 2, 3, 5, 6, 8, 9]]
