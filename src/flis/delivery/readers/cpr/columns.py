"""From cells of characters to typed columns.

A column is made of many cells at once, seen as words of 2, 4 or 8 characters where they hold digits. What nearly
never happens (letters in a field of digits, dates that no calendar has) is looked for in all cells together and told
apart only where it was found.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from flis.delivery.readers.cpr.digits import eight_digits, ten_digits
from flis.delivery.readers.cpr.hashes import NO_PERSON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.delivery.readers.cpr.cells import FieldCells

__all__ = ["Dates", "dates", "not_digits", "numbers", "text"]

BLANK, ZERO = b" 0"
BLANK_2, BLANK_4, BLANK_8 = np.uint16(0x2020), np.uint32(0x20202020), np.uint64(0x2020202020202020)
ZERO_2, ZERO_4, ZERO_8 = np.uint16(0x3030), np.uint32(0x30303030), np.uint64(0x3030303030303030)
DASHED_ZERO_8 = np.uint64(0x2D30302D30303030)
FIRST_YEAR, LAST_YEAR = 1800, 2199
INVALID = -(1 << 31)
MONTH, YEAR = 1, 2
_BEFORE = FIRST_YEAR * 10_000 - 1  # the first place of the table of days stands for all that is earlier
_NOWHERE = np.zeros(0, np.int64)


def text(characters: NDArray[np.uint8]) -> Any:
    """A column of text, blanks at the right left out; a blank field is an empty text."""
    count, length = characters.shape
    filled = characters != BLANK
    if filled[:, -1].all():
        offsets = np.arange(0, (count + 1) * length, length, dtype=np.int32)
        content = characters.tobytes()
    else:
        lengths = _lengths(filled)
        offsets = _offsets(lengths)
        content = characters[filled if length == 1 else np.arange(length) < lengths[:, None]].tobytes()
    if not content.isascii():
        offsets = offsets + _offsets((characters >= 0x80).sum(axis=1, dtype=np.int32))
        content = content.decode("latin-1").encode("utf-8")
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(content))


def not_digits(characters: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The places in which a field of digits holds something else, and is not blank."""
    strange = characters - np.uint8(ZERO) > 9
    if not strange.any():
        return _NOWHERE
    return np.flatnonzero(strange.any(axis=1) & (characters != BLANK).any(axis=1))


def numbers(cells: FieldCells) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Person numbers (`NO_PERSON`: blank or zeros), and the places in which something else than ten digits stands."""
    first, last = cells.words("<u8"), cells.words("<u2", 8)
    number, plain = ten_digits(first, last)
    number[number == 0] = NO_PERSON
    if plain.all():
        return number, _NOWHERE
    number[~plain] = NO_PERSON
    return number, np.flatnonzero(~plain & ((first != BLANK_8) | (last != BLANK_2)))


class Dates(NamedTuple):
    """A column of dates, null where there is none, and one of the last days that they can be, null where the day is
    told; the places whose date is invalid (null too), uncertain, or with a time that no clock has.
    """

    column: Any
    latest: Any
    invalid: NDArray[np.int64]
    uncertain: NDArray[np.int64]
    no_clock: NDArray[np.int64]


def dates(cells: FieldCells) -> Dates:
    """A column of dates from fields in any of the official formats.

    A date without day or month becomes the first day that it can be; with 99 minutes it is uncertain too. A time
    that no clock has leaves its day as it is.
    """
    first = cells.words("<u8")
    late = no_clock = _NOWHERE
    match cells.field.date_format:
        case "yyyy-MM-dd":
            rest = cells.words("<u2", 8)
            number, right = _dashed(first, rest)
            empty = (first == BLANK_8) & (rest == BLANK_2) | (first == DASHED_ZERO_8) & (rest == ZERO_2)
        case "yyyyMMddHHmm":
            clock = cells.words("<u4", 8)
            number, right = eight_digits(first)
            empty = (first == BLANK_8) & (clock == BLANK_4) | (first == ZERO_8) & (clock == ZERO_4)
            late, no_clock = _clocks(clock)
        case _:
            number, right = eight_digits(first)
            empty = (first == BLANK_8) | (first == ZERO_8)
    number -= _BEFORE
    found = _days().take(number, mode="clip")
    if not right.all():
        found[~right] = INVALID
    missing = found == INVALID
    uncertain = np.flatnonzero(found & 3) if np.bitwise_or.reduce(found) & 3 else _NOWHERE
    latest = _latest(found, uncertain)
    if len(late):
        uncertain = np.union1d(uncertain, late[~missing[late]])
    if len(no_clock):
        no_clock = no_clock[~missing[no_clock]]
    found >>= 2
    return Dates(_array(pa.date32(), found, missing), latest, np.flatnonzero(missing > empty), uncertain, no_clock)


def _dashed(first: NDArray[np.uint64], rest: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The numbers YYYYMMDD of fields written YYYY-MM-DD, and where they are right."""
    packed = rest.astype(np.uint64)
    packed <<= np.uint64(48)
    packed |= first & np.uint64(0xFFFFFFFF)
    packed |= (first & np.uint64(0x00FFFF0000000000)) >> np.uint64(8)
    number, right = eight_digits(packed)
    right &= first & np.uint64(0xFF0000FF00000000) == np.uint64(0x2D00002D00000000)
    return number, right


def _clocks(clock: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places with 99 minutes, and those with a time that no clock has."""
    digits = clock ^ ZERO_4
    pairs = digits * np.uint32(10 << 8 | 1)
    pairs >>= np.uint32(8)
    pairs &= np.uint32(0x00FF00FF)
    # The hour is the lowest byte, the minute the third one: what is added carries 24 and 60 over to a byte's high bit.
    over = (pairs + np.uint32(0x00440068)) & np.uint32(0x00800080)
    over |= (digits | (digits + np.uint32(0x06060606))) & np.uint32(0xF0F0F0F0)
    if not over.any():
        return _NOWHERE, _NOWHERE
    late = (over == np.uint32(0x00800000)) & (pairs >> np.uint32(16) == 99)
    return np.flatnonzero(late), np.flatnonzero((over != 0) & ~late)


def _latest(found: NDArray[np.int32], places: NDArray[np.int64]) -> Any:
    """The last days of the months or years that stand at the given places; null elsewhere."""
    if not len(places):
        return pa.nulls(len(found), pa.date32())
    first, precision = (found[places] >> 2).astype("datetime64[D]"), found[places] & 3
    month = (first.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    year = (first.astype("datetime64[Y]") + 1).astype("datetime64[D]") - 1
    days, known = np.zeros(len(found), np.int32), np.zeros(len(found), np.bool_)
    days[places] = np.where(precision == YEAR, year, month).astype(np.int32)
    known[places] = True
    return _array(pa.date32(), days, ~known)


@cache
def _days() -> NDArray[np.int32]:
    """By the number YYYYMMDD minus `_BEFORE`: days since 1970 times four, plus `MONTH` or `YEAR` if no day is told."""
    table = np.full((LAST_YEAR + 1 - FIRST_YEAR) * 10_000 + 2, INVALID, np.int32)
    days = np.arange(np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR}-12-31") + 1)
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    year = (years.astype(np.int64) + 1970) * 10_000 - _BEFORE
    month = ((months - years).astype(np.int64) + 1) * 100
    day = (days - months).astype(np.int64) + 1
    shifted = days.astype(np.int64) * 4
    table[year + month + day] = shifted
    first = day == 1
    table[(year + month)[first]] = shifted[first] + MONTH
    first &= month == 100
    table[year[first]] = shifted[first] + YEAR
    return table


def _lengths(filled: NDArray[np.bool_]) -> NDArray[np.int32]:
    """How long each text is up to its last filled place."""
    lengths = filled[:, 0].astype(np.int32)
    for place in range(1, filled.shape[1]):
        np.maximum(lengths, filled[:, place] * np.int32(place + 1), out=lengths)
    return lengths


def _offsets(lengths: NDArray[np.int32]) -> NDArray[np.int32]:
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, dtype=np.int32, out=offsets[1:])
    return offsets


def _array(kind: Any, values: NDArray[Any], missing: NDArray[np.bool_]) -> Any:
    count = int(np.count_nonzero(missing))
    bitmap = pa.py_buffer(np.packbits(~missing, bitorder="little")) if count else None
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(values)], count)
