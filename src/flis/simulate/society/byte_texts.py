"""Columns of texts as bytes: the digits of numbers and birth dates, and texts to be looked up by number."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society.day_numbers import DAYS, EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flis.simulate.society.table import Bytes

__all__ = ["birth_digits", "digits", "join", "texts"]


def digits(values: NDArray[Any], width: int) -> Bytes:
    """Numbers below 10,000 as rows of digits."""
    text: Bytes = _numbers()[values][:, 4 - width :]
    return text


def birth_digits(day: NDArray[Any]) -> Bytes:
    """The six digits with which a person number begins: day, month, year."""
    text: Bytes = _births()[day]
    return text


def join(*parts: Bytes) -> NDArray[np.bytes_]:
    """Rows of characters side by side, as one text per row."""
    rows = np.concatenate(parts, axis=1)
    return np.ascontiguousarray(rows).view(f"S{rows.shape[1]}").ravel()


def texts(values: Sequence[str]) -> NDArray[np.bytes_]:
    """Texts as ISO-8859-1, to be looked up by number."""
    return np.array([value.encode("iso-8859-1") for value in values])


@cache
def _births() -> Bytes:
    line = np.datetime_as_string(np.datetime64(EPOCH, "D") + np.arange(DAYS)).astype("S10")
    return line.view(np.uint8).reshape(-1, 10)[:, [8, 9, 5, 6, 2, 3]].copy()


@cache
def _numbers() -> Bytes:
    numbers = np.arange(10_000)[:, None] // np.array([1000, 100, 10, 1]) % 10
    text: Bytes = (numbers + ord("0")).astype(np.uint8)
    return text
