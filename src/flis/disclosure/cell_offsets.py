"""What the key decides: a cell's offset, the same for ever, and which refreshes are held by lot."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from flis.disclosure.model import Division, FigureTable, Numbers

__all__ = ["drawn", "held", "offsets"]


def drawn(key: bytes, sides: int, *name: str) -> int:
    """A number from 0 to `sides` - 1 that only the key tells, the same whenever the name is the same.

    >>> drawn(b"k", 5, "a", "b") == drawn(b"k", 5, "a", "b")
    True
    """
    digest = hmac.digest(key, "|".join(name).encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") % sides


def offsets(key: bytes, base: int, level: FigureTable, dimension: Division) -> Numbers:
    """The secret offset of every cell: place × group."""
    return np.array(
        [
            [drawn(key, base, "offset", level.name, p, dimension.name, g) for g in dimension.groups]
            for p in level.places
        ],
        np.int64,
    ).reshape(len(level.places), len(dimension.groups))


def held(
    key: bytes, one_in: int, level: FigureTable, dimension: Division, of: tuple[date, Iterable[int]]
) -> np.ndarray:
    """Which places' refreshes of a day are held by lot, so that a hold tells nothing: one in `one_in`."""
    return np.array(
        [
            drawn(key, one_in, "hold", level.name, level.places[p], dimension.name, of[0].isoformat()) == 0
            for p in of[1]
        ],
        np.bool_,
    )
