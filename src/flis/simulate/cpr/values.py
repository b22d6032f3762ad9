"""Numbers of the register as the values that the writer of change extracts takes: dates, letters, texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society.day_numbers import EPOCH

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["days", "letters", "stars", "times"]

START_DAY = np.datetime64(EPOCH, "D")
START_MINUTE = np.datetime64(EPOCH, "m")
STARS = np.array([b"", b"*", b"*", b"*", b"*"])


def days(number: NDArray[Any]) -> NDArray[np.datetime64]:
    """Days as dates; 0 is no date."""
    return np.where(number > 0, START_DAY + number, np.datetime64("NaT"))


def times(number: NDArray[Any]) -> NDArray[np.datetime64]:
    """Times as dates with a time; 0 is none."""
    return np.where(number > 0, START_MINUTE + number, np.datetime64("NaT"))


def stars(marks: NDArray[Any]) -> NDArray[np.bytes_]:
    """The mark of an uncertain date."""
    mark: NDArray[np.bytes_] = STARS[marks]
    return mark


def letters(codes: NDArray[Any]) -> NDArray[np.bytes_]:
    """One letter per value, given as its code; 0 is blank."""
    return np.ascontiguousarray(codes, np.uint8).view("S1")
