"""`CubeQuery`: the one intermediate form between every language and SQL. Frozen, and plain enough to write as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CubeQuery", "GroupBy", "MemberFilter", "Windows"]


@dataclass(frozen=True, slots=True)
class GroupBy:
    """A hierarchy of the cube, grouped by the members of one level (its number)."""

    hierarchy: str
    level: int


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Only facts below one of the tuples: each has one member ordinal per hierarchy.

    Members are ordinals of the release that is asked; -1 leaves a hierarchy of that tuple open.
    """

    hierarchies: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Windows:
    """Numbered sets of the rows of one dimension, which may overlap: facts are grouped by them as by a level."""

    dimension: str
    count: int
    ranges: tuple[tuple[int, int, int], ...]  # (number, first row, last row)

    @classmethod
    def of(cls, dimension: str, count: int, numbers: NDArray[np.int64], rows: NDArray[np.int64]) -> Windows:
        """The windows that hold these rows, in order of numbers and rows."""
        steps = (np.diff(numbers) != 0) | (np.diff(rows) != 1)
        first = np.flatnonzero(np.concatenate(([True], steps))) if len(rows) else np.zeros(0, dtype=np.int64)
        last = np.append(first[1:] - 1, len(rows) - 1)[: len(first)]
        columns = (numbers[first].tolist(), rows[first].tolist(), rows[last].tolist())
        return cls(dimension, count, tuple(zip(*columns, strict=True)))

    def pairs(self) -> tuple[list[int], list[int]]:
        """The number and the row of everything in them."""
        rows = [(number, row) for number, first, last in self.ranges for row in range(first, last + 1)]
        return [number for number, _ in rows], [row for _, row in rows]


@dataclass(frozen=True, slots=True)
class CubeQuery:
    """Measures of one measure group, grouped by windows and levels, over the facts that pass every filter."""

    cube: str
    measure_group: str
    measures: tuple[str, ...]
    levels: tuple[GroupBy, ...] = ()
    filters: tuple[MemberFilter, ...] = ()
    windows: tuple[Windows, ...] = ()
