"""The values that evaluation works on: columns of scalars, sets of tuples in columns, and the context of N rows.

Everything is a block: an expression is evaluated once for N contexts. A set over N contexts is *ragged*: tuples in
columns, with the context row of each; `rows` is None where every context has the same set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flis.errors import StatementError
from flis.query.formats.dates import as_serial
from flis.query.result import Ordinals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "UNGROUPED",
    "CellFault",
    "Context",
    "Coordinate",
    "Rows",
    "TupleSet",
    "Values",
    "as_column",
    "codes",
    "places",
]

Coordinate: TypeAlias = int | Ordinals
Rows: TypeAlias = NDArray[np.int64]

FARTHEST = 1 << 40  # as a number of steps
UNGROUPED = -2  # the coordinate of a hierarchy that a cell shall not be cut by


def as_column(coordinate: Coordinate, size: int) -> Ordinals:
    """A coordinate as a column."""
    if isinstance(coordinate, np.ndarray):
        return coordinate if len(coordinate) == size else np.full(size, coordinate[0], dtype=np.int32)
    return np.full(size, coordinate, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Context:
    """N cells to be: one member per hierarchy, a whole number where all N share it.

    `own`: the calculated member, by hierarchy, whose formula is being evaluated. It is the current member there, though
    cells are read with the default member in its place, until the formula names another.
    """

    size: int
    coordinates: tuple[Coordinate, ...]
    own: tuple[tuple[int, int], ...] = ()

    def put(self, changes: Mapping[int, Coordinate]) -> Context:
        """With other members on some hierarchies."""
        coordinates = list(self.coordinates)
        for h, c in changes.items():
            coordinates[h] = int(c[0]) if isinstance(c, np.ndarray) and len(c) == 1 else c
        own = self.own and tuple(x for x in self.own if x[0] not in changes)
        return Context(self.size, tuple(coordinates), own)

    def inside(self, hierarchy: int, calculated: int, default: int) -> Context:
        """In the formula of a calculated member."""
        return Context(self.size, self.put({hierarchy: default}).coordinates, ((hierarchy, calculated),))

    def take(self, rows: NDArray[Any]) -> Context:
        """Some of the rows."""
        size = int(rows.sum()) if rows.dtype == bool else len(rows)
        if size == 1:
            alone = tuple(int(c[rows][0]) if isinstance(c, np.ndarray) else c for c in self.coordinates)
            return Context(1, alone, self.own)
        return Context(size, tuple(c[rows] if isinstance(c, np.ndarray) else c for c in self.coordinates), self.own)

    def column(self, hierarchy: int) -> Ordinals:
        """One hierarchy's members as a column."""
        return as_column(self.coordinates[hierarchy], self.size)


@dataclass(frozen=True, slots=True)
class CellFault:
    """In place of a value: why this one cell has none. Whatever calculates with it fails with the same words."""

    message: str
    shown: bool = False  # by its words, in place of a value, where the cell is told and nothing calculates with it


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Scalars: float64, bool or object (float, str, bool, fault); no value where `null`. Length 1 serves all rows."""

    data: NDArray[Any]
    null: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.data)

    @classmethod
    def of(cls, value: float | str | bool | date | None, size: int = 1) -> Values:
        """The same value for all rows."""
        if value is None:
            return cls(np.full(size, np.nan), np.ones(size, dtype=bool))
        if isinstance(value, bool):
            data: NDArray[Any] = np.full(size, value)
        elif isinstance(value, (str, date)):
            data = np.full(size, value, dtype=object)
        else:
            data = np.full(size, float(value))
        return cls(data, np.zeros(size, dtype=bool))

    @classmethod
    def numbers(cls, data: NDArray[Any], null: NDArray[np.bool_] | None = None) -> Values:
        """Numbers; null where `null` says so."""
        data = np.asarray(data, dtype=np.float64)
        return cls(data, np.zeros(len(data), dtype=bool) if null is None else null)

    @classmethod
    def nan_is_null(cls, data: NDArray[np.float64]) -> Values:
        """Stored numbers, where NaN means no value."""
        return cls(data, np.isnan(data))

    @classmethod
    def texts(cls, texts: Sequence[str | None]) -> Values:
        """Texts; None where there is none."""
        data = np.empty(len(texts), dtype=object)
        data[:] = texts
        return cls(data, np.fromiter((t is None for t in texts), np.bool_, len(texts)))

    @classmethod
    def logicals(cls, data: NDArray[np.bool_]) -> Values:
        """Truth values."""
        return cls(data, np.zeros(len(data), dtype=bool))

    def spread(self, size: int) -> Values:
        """With one element per row."""
        if len(self.data) == size:
            return self
        return Values(np.repeat(self.data, size), np.repeat(self.null, size))

    def take(self, rows: NDArray[Any] | slice) -> Values:
        """Some rows."""
        return Values(self.data[rows], self.null[rows]) if len(self.data) > 1 else self

    def floats(self) -> NDArray[np.float64]:
        """As numbers, 0 where there is no value; dates are days since 1899-12-30, as in Visual Basic.

        Raises:
            StatementError: a text is no number.
        """
        if self.data.dtype == np.float64:
            return np.where(self.null, 0.0, self.data)
        if self.data.dtype == bool:
            return np.where(self.null, 0.0, self.data.astype(np.float64))
        out = np.zeros(len(self.data))
        for i in np.flatnonzero(~self.null).tolist():
            value = self.data[i]
            if isinstance(value, CellFault):
                raise StatementError(value.message)
            try:
                out[i] = as_serial(value) if isinstance(value, date) else float(value)
            except ValueError:
                raise StatementError(f"The text {value!r} is no number.") from None
        return out

    def numbers_or_nan(self) -> NDArray[np.float64]:
        """Stored numbers; NaN where there is no value, or a fault."""
        if self.data.dtype != object:
            return np.where(self.null, np.nan, self.floats())
        return np.where(self.null | self.faults(), np.nan, Values(self.data, self.null | self.faults()).floats())

    def with_faults(self, *parts: Values) -> Values:
        """With the faults of what was calculated with, in place of what was made of them."""
        data, null = self.data, self.null
        for part in parts:
            at = np.flatnonzero(part.faults() & ~part.null)
            if len(at):
                data, null = data.astype(object), null.copy()
                data[at], null[at] = part.data[at], False
        return Values(data, null)

    def told(self) -> Values:
        """With the words of the faults that are shown, as texts."""
        if self.data.dtype != object:
            return self
        at = [i for i in np.flatnonzero(self.faults()).tolist() if self.data[i].shown]
        if not at:
            return self
        data = self.data.copy()
        data[at] = [self.data[i].message for i in at]
        return Values(data, self.null)

    def faults(self) -> NDArray[np.bool_]:
        """Where a fault is in place of a value."""
        if self.data.dtype != object:
            return np.zeros(len(self.data), dtype=np.bool_)
        return np.fromiter((isinstance(v, CellFault) for v in self.data), np.bool_, len(self.data))

    def whole(self) -> NDArray[np.int64]:
        """As whole numbers, decimals cut off; what is too far to count as the largest that is not."""
        return np.clip(np.nan_to_num(self.floats()), -FARTHEST, FARTHEST).astype(np.int64)

    def truth(self) -> NDArray[np.bool_]:
        """As truth values; no value is false."""
        if self.data.dtype == object:
            self._checked()
            said = [v if isinstance(v, bool) else isinstance(v, float) and v != 0 for v in self.data]
            return np.asarray(np.array(said, dtype=np.bool_) & ~self.null)
        return np.asarray((self.data != 0) & ~self.null)

    def strings(self) -> list[str]:
        """As texts; empty where there is no value."""
        self._checked()
        pairs = zip(self.data.tolist(), self.null.tolist(), strict=True)
        return ["" if n else v if type(v) is str else plain(v) for v, n in pairs]

    def words(self) -> NDArray[np.bool_]:
        """Which values are texts."""
        if not self.is_text:
            return np.zeros(len(self), dtype=bool)
        said = np.fromiter((isinstance(v, str) for v in self.data), np.bool_, len(self))
        return np.asarray(said & ~self.null)

    def as_texts(self) -> Values:
        """The same as texts."""
        return Values.texts([None if n else text for text, n in zip(self.strings(), self.null.tolist(), strict=True)])

    def _checked(self) -> None:
        """Raise StatementError where a fault is among the values."""
        if self.data.dtype == object:
            fault = next((v for v in self.data.tolist() if isinstance(v, CellFault)), None)
            if fault is not None:
                raise StatementError(fault.message)

    @property
    def is_text(self) -> bool:
        """Whether any value can be a text."""
        return self.data.dtype == object


def plain(value: Any) -> str:
    """A value as text without format: whole numbers without a decimal point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


@dataclass(frozen=True, slots=True, eq=False)
class TupleSet:
    """Tuples in columns. `rows`: the context row of each tuple, ascending; None: the same tuples for every row."""

    hierarchies: tuple[int, ...]
    columns: tuple[Ordinals, ...]
    rows: Rows | None = None

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @classmethod
    def none(cls, hierarchies: tuple[int, ...]) -> TupleSet:
        """No tuples."""
        return cls(hierarchies, tuple(np.zeros(0, dtype=np.int32) for _ in hierarchies))

    def take(self, at: NDArray[Any]) -> TupleSet:
        """Some tuples: by mask, or by positions that leave the rows ascending."""
        rows = None if self.rows is None else self.rows[at]
        return TupleSet(self.hierarchies, tuple(c[at] for c in self.columns), rows)

    def real(self) -> TupleSet:
        """Without tuples that have no member somewhere."""
        if not self.columns:
            return self
        keep = self.columns[0] >= 0
        for c in self.columns[1:]:
            keep = keep & (c >= 0)
        return self if keep.all() else self.take(keep)

    def spread(self, size: int) -> TupleSet:
        """With rows: every one of `size` contexts has its own copy."""
        if self.rows is not None:
            return self
        rows = np.repeat(np.arange(size), len(self))
        return TupleSet(self.hierarchies, tuple(np.tile(c, size) for c in self.columns), rows)

    def counts(self, size: int) -> Rows:
        """The number of tuples for each of `size` contexts (one number where all have the same)."""
        if self.rows is None:
            return np.full(1, len(self), dtype=np.int64)
        return np.bincount(self.rows, minlength=size)

    def positions(self) -> Rows:
        """Each tuple's position within its row's set."""
        if self.rows is None:
            return np.arange(len(self))
        return places(self.rows)

    def regrouped(self, outer: Rows) -> TupleSet:
        """Seen from outer contexts: `outer` is the outer row of each context that this set was made for."""
        assert self.rows is not None  # noqa: S101
        return replace(self, rows=outer[self.rows])


def places(rows: Rows) -> Rows:
    """The position of each element within its run of equal rows."""
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    begins = np.concatenate(([True], rows[1:] != rows[:-1]))
    at = np.arange(len(rows))
    return at - np.maximum.accumulate(np.where(begins, at, 0))


def codes(sets: Sequence[TupleSet], *, with_rows: bool = True) -> list[NDArray[np.int64]]:
    """One whole number per tuple, equal for equal tuples (of the same row) in all the sets."""
    width = len(sets[0].columns)
    stacks = [[s.columns[i] for s in sets] for i in range(width)]
    if with_rows and any(s.rows is not None for s in sets):
        zero = [np.zeros(len(s), dtype=np.int64) if s.rows is None else s.rows for s in sets]
        stacks.insert(0, zero)  # type: ignore[arg-type]
    out = [np.zeros(len(s), dtype=np.int64) for s in sets]
    space = 1
    for stack in stacks:
        size = max((int(c.max(initial=-1)) for c in stack), default=-1) + 2
        if space * size > 1 << 62:
            joined = np.unique(np.concatenate(out), return_inverse=True)[1]
            ends = np.cumsum([len(o) for o in out])[:-1]
            out = [np.asarray(o, dtype=np.int64) for o in np.split(joined, ends)]
            space = int(joined.max(initial=0)) + 1
        out = [o * size + (c + 1) for o, c in zip(out, stack, strict=True)]
        space *= size
    return out
