"""Growable tables of NumPy columns, and linked lists between their rows.

A person's history is a linked list: the person's row points to the newest row, each row to the one before.
So the whole register is a few flat arrays, and what belongs to any set of persons is found without an index.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bytes", "Code", "ColumnTable", "Flag", "Number", "Row", "Rows", "unique_rows", "walk"]

Rows = NDArray[np.int64]
Bytes = NDArray[np.uint8]

Flag = Annotated[NDArray[np.uint8], "u1", 0]
Code = Annotated[NDArray[np.uint16], "u2", 0]
Number = Annotated[NDArray[np.int32], "i4", 0]
Row = Annotated[NDArray[np.int32], "i4", -1]


class ColumnTable:
    """A table whose columns are the annotations of the subclass: type and default value."""

    def __init__(self, capacity: int = 1024) -> None:
        self.size = 0
        self._capacity = capacity
        for name, (kind, default) in self._columns():
            setattr(self, name, np.full(capacity, default, kind))

    @classmethod
    @cache
    def _columns(cls) -> tuple[tuple[str, tuple[str, int]], ...]:
        hints = get_type_hints(cls, include_extras=True)
        return tuple((name, get_args(hint)[1:]) for name, hint in hints.items())

    def extend(self, count: int, **values: Any) -> Rows:
        """Add rows, columns that are not named keeping their default; returns the new row numbers."""
        rows = np.arange(self.size, self.size + count)
        if self.size + count > self._capacity:
            self.reserve(max(self.size + count, self._capacity + self._capacity // 4))
        self.size += count
        for name, value in values.items():
            getattr(self, name)[rows] = value
        return rows

    def copy(self, rows: Rows) -> Rows:
        """Add copies of rows; returns the new row numbers."""
        return self.extend(len(rows), **{name: getattr(self, name)[rows] for name, _ in self._columns()})

    def reserve(self, capacity: int) -> None:
        """Make room for `capacity` rows at once, column by column."""
        if capacity <= self._capacity:
            return
        for name, (kind, default) in self._columns():
            grown = np.full(capacity, default, kind)
            grown[: self.size] = getattr(self, name)[: self.size]
            setattr(self, name, grown)
        self._capacity = capacity


def walk(head: NDArray[Any], before: NDArray[Any]) -> tuple[Rows, Rows]:
    """The rows of many linked lists, oldest first: positions in `head`, and the rows found there."""
    position = np.arange(len(head))
    row = head.astype(np.int64)
    steps: list[tuple[Rows, Rows]] = []
    while True:
        alive = row >= 0
        position, row = position[alive], row[alive]
        if not row.size:
            break
        steps.append((position, row))
        row = before[row].astype(np.int64)
    if not steps:
        return row, row
    steps.reverse()
    positions = np.concatenate([step[0] for step in steps])
    found = np.concatenate([step[1] for step in steps])
    order = np.argsort(positions, kind="stable")
    return positions[order], found[order]


def unique_rows(*parts: NDArray[Any]) -> Rows:
    """The distinct row numbers of several arrays, negative ones (no row) left out."""
    rows = np.unique(np.concatenate(parts)).astype(np.int64)
    return rows[rows >= 0]
