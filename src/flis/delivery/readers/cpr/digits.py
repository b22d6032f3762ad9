"""Arithmetic on characters, for many records at a time.

Eight digits lie in one 64-bit word: their value comes from three multiplications, not from eight look-ups. Words
are little-endian, so that the first character is the lowest byte.
"""

from __future__ import annotations

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
    "eight_digits",
    "four_digits",
    "person_numbers",
    "record_types",
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


def sliding(buffer: NDArray[np.uint8], dtype: str, offset: int = 0) -> NDArray[Any]:
    """A view of `buffer` in which item i is the value that starts at byte i + offset."""
    size = np.dtype(dtype).itemsize
    return np.ndarray((max(0, len(buffer) - offset - size + 1),), dtype, buffer.data, offset, (1,))


def _by_digits() -> NDArray[np.uint8]:
    numbers = np.full(1 << 12, UNKNOWN, np.uint8)
    for number, code in enumerate(CODES):
        numbers[int(code, 16)] = number
    return numbers


_BY_DIGITS = _by_digits()


def record_types(words: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The number of the record type whose code is the first three characters of each word."""
    index = (words & 0xF) << 8 | (words >> 4 & 0xF0) | (words >> 16 & 0xF)
    return np.where(words & 0xF0F0F0 == 0x303030, _BY_DIGITS[index], np.uint8(UNKNOWN))


def eight_digits(words: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number that each eight characters write, and whether all are digits (else the number means nothing)."""
    digits = words ^ np.uint64(0x3030303030303030)
    strange = (digits | (digits + np.uint64(0x0606060606060606))) & np.uint64(0xF0F0F0F0F0F0F0F0)
    pairs = (digits * np.uint64(10) + (digits >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    fours = (pairs * np.uint64(100) + (pairs >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    eight = (fours * np.uint64(10_000) + (fours >> np.uint64(32))) & np.uint64(0xFFFFFFFF)
    return eight.view(np.int64), strange == 0


def four_digits(words: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """As `eight_digits`, of four characters."""
    return eight_digits(words.astype(np.uint64) << np.uint64(32) | np.uint64(0x30303030))


def ten_digits(words: NDArray[np.uint64], last: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """As `eight_digits`, of eight characters and two more."""
    eight, plain = eight_digits(words)
    two, plain_too = eight_digits(last.astype(np.uint64) << np.uint64(48) | np.uint64(0x303030303030))
    return eight * 100 + two, plain & plain_too


def person_numbers(buffer: NDArray[np.uint8], starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The person number (or sort field) behind the record type at each start, and whether it is ten digits."""
    return ten_digits(sliding(buffer, "<u8", 3)[starts], sliding(buffer, "<u2", 11)[starts])
