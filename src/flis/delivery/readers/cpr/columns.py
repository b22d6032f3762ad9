"""From the rows of one record type to typed columns.

A column is made for many rows at once: rows are a matrix of characters, a field is some of its columns, seen as
words of 2, 4 or 8 characters where it holds digits.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from flis.delivery.readers.cpr.digits import eight_digits, four_digits, ten_digits
from flis.delivery.readers.cpr.hashes import NO_PERSON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.delivery.readers.cpr.layout import FieldLayout

__all__ = ["Dates", "dates", "not_digits", "numbers", "text"]

BLANK, ZERO = b" 0"
BLANK_2, BLANK_4, BLANK_8 = np.uint16(0x2020), np.uint32(0x20202020), np.uint64(0x2020202020202020)
FIRST_YEAR, LAST_YEAR = 1800, 2199
INVALID = -(1 << 31)


def text(rows: NDArray[np.uint8], field: FieldLayout) -> Any:
    """A column of text, blanks at the right left out; a blank field is an empty text."""
    count, length = len(rows), field.length
    characters = rows[:, field.offset : field.end]
    filled = characters != BLANK
    if filled[:, -1].all():
        offsets = np.arange(count + 1, dtype=np.int32) * np.int32(length)
        content = characters.tobytes()
    else:
        lengths = np.where(filled.any(axis=1), length - filled[:, ::-1].argmax(axis=1), 0)
        offsets = _offsets(lengths)
        content = characters[np.arange(length) < lengths[:, None]].tobytes()
    if not content.isascii():
        offsets = offsets + _offsets((characters >= 0x80).sum(axis=1))
        content = content.decode("latin-1").encode("utf-8")
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(content))


def not_digits(rows: NDArray[np.uint8], field: FieldLayout) -> NDArray[np.bool_]:
    """Where a field of digits holds something else, and is not blank."""
    characters = rows[:, field.offset : field.end]
    strange: NDArray[np.bool_] = np.any(characters - np.uint8(ZERO) > 9, axis=1)
    if strange.any():
        strange &= np.any(characters != BLANK, axis=1)
    return strange


def numbers(rows: NDArray[np.uint8], field: FieldLayout) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Person numbers (`NO_PERSON`: blank or zeros), and where something else than ten digits stands."""
    first, last = _words(rows, field.offset, "<u8"), _words(rows, field.offset + 8, "<u2")
    number, plain = ten_digits(first, last)
    blank = (first == BLANK_8) & (last == BLANK_2)
    return np.where(plain & (number != 0), number, NO_PERSON), ~plain & ~blank


class Dates(NamedTuple):
    """A column of dates, null where there is none; where one was invalid (null too), and where incomplete."""

    column: Any
    invalid: NDArray[np.bool_]
    uncertain: NDArray[np.bool_]


def dates(rows: NDArray[np.uint8], field: FieldLayout) -> Dates:
    """A column of dates from a field in any of the official formats.

    A date without day or month becomes the first day that it can be; with 99 minutes it is uncertain too.
    """
    number, empty, right = (_written if field.date_format == "yyyy-MM-dd" else _packed)(rows, field)
    place = number - FIRST_YEAR * 10_000
    inside = right & (place >= 0) & (place < len(_days()))
    found = _days()[np.where(inside, place, 0)]
    there = inside & (found != INVALID)
    uncertain = there & (found & 1 == 1)
    if field.length == 12:
        clock, _ = four_digits(_words(rows, field.offset + 8, "<u4"))
        uncertain |= there & (clock % 100 == 99)
    column = _array(pa.date32(), found >> 1, there)
    return Dates(column, ~there & ~empty, uncertain)


def _packed(
    rows: NDArray[np.uint8], field: FieldLayout
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Of YYYYMMDD and YYYYMMDDHHMM: the number YYYYMMDD, whether there is no date, whether it is well written."""
    words = _words(rows, field.offset, "<u8")
    number, right = eight_digits(words)
    empty = (right & (number == 0)) | (words == BLANK_8)
    if field.length == 12:
        words = _words(rows, field.offset + 8, "<u4")
        clock, digits = four_digits(words)
        right &= digits & _clocks()[np.where(digits, clock, 0)]
        empty &= (digits & (clock == 0)) | (words == BLANK_4)
    return number, empty, right


def _written(
    rows: NDArray[np.uint8], field: FieldLayout
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """The same of YYYY-MM-DD."""
    first, last = _words(rows, field.offset, "<u8"), _words(rows, field.offset + 8, "<u2")
    year, month = first & np.uint64(0xFFFFFFFF), first >> np.uint64(8) & np.uint64(0xFFFF00000000)
    number, digits = eight_digits(year | month | last.astype(np.uint64) << np.uint64(48))
    right = digits & (first & np.uint64(0xFF0000FF00000000) == np.uint64(0x2D00002D00000000))
    empty = (right & (number == 0)) | ((first == BLANK_8) & (last == BLANK_2))
    return number, empty, right


@cache
def _days() -> NDArray[np.int32]:
    """By the number YYYYMMDD from 1800 on: days since 1970 times two, plus one where the date is incomplete."""
    table = np.full((LAST_YEAR + 1 - FIRST_YEAR) * 10_000, INVALID, np.int32)
    days = np.arange(np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR}-12-31") + 1)
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    year = years.astype(np.int64) + 1970 - FIRST_YEAR
    month = (months - years).astype(np.int64) + 1
    day = (days - months).astype(np.int64) + 1
    number = days.astype(np.int64)
    table[year * 10_000 + month * 100 + day] = number * 2
    first = day == 1
    table[(year * 10_000 + month * 100)[first]] = number[first] * 2 + 1
    first &= month == 1
    table[(year * 10_000)[first]] = number[first] * 2 + 1
    return table


@cache
def _clocks() -> NDArray[np.bool_]:
    """By the number HHMM: whether there is such a time; 99 minutes stand for an unknown time."""
    hour, minute = np.divmod(np.arange(10_000), 100)
    times: NDArray[np.bool_] = (hour < 24) & ((minute < 60) | (minute == 99))
    return times


def _words(rows: NDArray[np.uint8], offset: int, dtype: str) -> NDArray[Any]:
    """The characters from `offset` on in each row as one word."""
    return np.ndarray((len(rows),), dtype, rows.data, offset, (rows.shape[1],))


def _offsets(lengths: NDArray[np.int64]) -> NDArray[np.int32]:
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _array(kind: Any, values: NDArray[Any], there: NDArray[np.bool_]) -> Any:
    missing = len(there) - int(np.count_nonzero(there))
    bitmap = pa.py_buffer(np.packbits(there, bitorder="little")) if missing else None
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(values)], missing)
