"""Arithmetic on characters, for many records at a time.

Eight digits lie in one 64-bit word: their value comes from three multiplications, not from eight look-ups. Words
are little-endian, so that the first character is the lowest byte.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.delivery.readers.cpr.layout import RECORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CODES",
    "LENGTHS",
    "NUMBERS",
    "UNKNOWN",
    "columns_of",
    "eight_digits",
    "lengths_by_code",
    "person_numbers",
    "record_types",
    "sides",
    "sliding",
    "ten_digits",
]

CODES = tuple(RECORDS)
UNKNOWN = len(CODES)
"""A record type's number is its place in `CODES`; this one stands for everything that is not there."""

NUMBERS = {code: number for number, code in enumerate(CODES)}
"""The number of each record type."""

LENGTHS = np.array([record.length for record in RECORDS.values()] + [0])
"""The full length of each record type, by its number; 0 for an unknown one."""


_STAGES = [
    (np.uint64(10 << 8 | 1), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(100 << 16 | 1), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(10_000 << 32 | 1), np.uint64(32), np.uint64(0xFFFFFFFF)),
]
"""Eight digits to four pairs, to two fours, to one number: each even lane times its weight, plus the odd one."""


def sliding(buffer: NDArray[np.uint8], dtype: str, offset: int = 0) -> NDArray[Any]:
    """A view of `buffer` in which item i is the value that starts at byte i + offset."""
    size = np.dtype(dtype).itemsize
    return np.ndarray((max(0, len(buffer) - offset - size + 1),), dtype, buffer.data, offset, (1,))


def record_types(words: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The number of the record type whose code is the first three characters of each word."""
    return _types().take(words & np.uint32(0xFFFFFF), mode="clip")


@cache
def lengths_by_code() -> dict[int, int]:
    """The full length of each record type, by its code's three characters taken as one number."""
    return {int.from_bytes(code.encode("ascii"), "little"): record.length for code, record in RECORDS.items()}


@cache
def _types() -> NDArray[np.uint8]:
    """Record type numbers by a code's three characters taken as one number; the last place stands for all behind."""
    places = [int.from_bytes(code.encode("ascii"), "little") for code in CODES]
    table = np.full(max(places) + 2, UNKNOWN, np.uint8)
    table[places] = np.arange(len(CODES))
    return table


def eight_digits(words: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number that each eight characters write, and whether all are digits (else the number means nothing)."""
    value = words ^ np.uint64(0x3030303030303030)
    strange = value + np.uint64(0x0606060606060606)
    strange |= value
    strange &= np.uint64(0xF0F0F0F0F0F0F0F0)
    for weights, shift, mask in _STAGES:
        value *= weights
        value >>= shift
        value &= mask
    return value.view(np.int64), strange == 0


def ten_digits(words: NDArray[np.uint64], last: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """As `eight_digits`, of eight characters and two more."""
    eight, plain = eight_digits(words)
    two, plain_too = eight_digits(last.astype(np.uint64) << np.uint64(48) | np.uint64(0x303030303030))
    return eight * 100 + two, plain & plain_too


def sides(rows: NDArray[np.uint8], offset: int, dtype: str) -> NDArray[Any]:
    """A view of the characters from `offset` on in each row as one value; there must be rows."""
    count, width = rows.shape
    return np.ndarray((count,), dtype, rows.data, offset, (width,))


def columns_of(rows: NDArray[np.uint8], offset: int, dtype: str) -> NDArray[Any]:
    """The characters from `offset` on in each row as one value, laid side by side."""
    return sides(rows, offset, dtype).copy() if len(rows) else np.empty(0, dtype)


def person_numbers(rows: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The person number (or sort field) behind the record type in each row, and whether it is ten digits."""
    return ten_digits(columns_of(rows, 3, "<u8"), columns_of(rows, 11, "<u2"))
