"""Ratios: the numerator of a cell over its denominator, of the members that have both.

The value of a group is the sum of its numerators over that of its denominators, never an average of quotients. A member
of the dimension that both are paired by (a municipality) leaves both where it lacks one: what is above the line and
below it is of the same members. A semi-additive measure of which each cell has its own days (the last with a value,
the first, the average) is the sum of what each member has on its own days: on one day of the whole group, members that
lack that day would be above the line alone. Nobody can be taken out of a distinct count that is stored: a member
without a count leaves the other part, and where a member has a count alone, the cell says that it is not calculated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from flis.catalog.cube import Aggregate, DerivedMeasure
from flis.query.cubes.member_table import expanded
from flis.query.evaluation.cell_rows import asked_rows
from flis.query.evaluation.cuts import not_calculated
from flis.query.evaluation.rowsets import RowSets
from flis.query.evaluation.time_rows import calendar_of, time_of
from flis.query.evaluation.values import Values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.structure import BoundDimension
    from flis.query.evaluation.cell_rows import Asked
    from flis.query.evaluation.values import Rows

    Numbers = NDArray[np.float64]
    Find = Callable[[Asked, int], Values]

__all__ = ["ratio"]

AT_ONCE = 1 << 20  # pairs of a cell and a member that are looked at together
OF_OWN_DAYS = frozenset({Aggregate.LAST_NON_EMPTY, Aggregate.FIRST_NON_EMPTY, Aggregate.AVERAGE_OF_CHILDREN})


def ratio(ev: Evaluation, asked: Asked, measure: DerivedMeasure, find: Find) -> Values:
    """The cells of a ratio; `find` gives those of the measures that it is worked out from."""
    size = asked.context.size
    parts = _by_year(ev, asked, measure, find) if measure.yearly else _paired(ev, (asked, asked), measure, find)
    above, below = parts.values
    there = ~np.isnan(above) & ~np.isnan(below) & (below != 0)
    made = Values.nan_is_null(np.where(there, measure.per * above / np.where(there, below, 1), np.nan))
    told = np.full(size, None, dtype=object)
    told[parts.untold] = not_calculated(ev)
    return made.with_faults(Values(told, ~parts.untold), *parts.found)


class _Sides(NamedTuple):
    """What is above the line and below it, which cells cannot be told, and the values as they were found."""

    values: tuple[Numbers, Numbers]
    untold: NDArray[np.bool_]
    found: tuple[Values, ...] = ()


def _by_year(ev: Evaluation, asked: Asked, measure: DerivedMeasure, find: Find) -> _Sides:
    """The sums over the years of a cell that have both: the numerator as asked, the denominator of the whole year."""
    time = time_of(ev, ev.cube.measure_ordinals[measure.measure])
    cells, within, whole = calendar_of(time).by_year(asked_rows(ev, asked, time))
    years = asked.take(cells)
    parts = _paired(ev, (years.part(ev.space, time, within), years.put(time, whole)), measure, find)
    both = ~np.isnan(parts.values[0]) & ~np.isnan(parts.values[1])
    above, below = (_sums(cells[both], one[both], asked.context.size) for one in parts.values)
    return _Sides((above, below), np.zeros(asked.context.size, dtype=np.bool_))


def _paired(ev: Evaluation, asked: tuple[Asked, Asked], measure: DerivedMeasure, find: Find) -> _Sides:
    """Numerators and denominators, each asked in its own way, of the members that have both."""
    bases = [ev.cube.measure_ordinals[name] for name in measure.bases]
    size = asked[0].context.size
    values = [find(one, base).spread(size) for one, base in zip(asked, bases, strict=True)]
    parts = [one.numbers_or_nan() for one in values]
    empty = np.isnan(parts[0]) | np.isnan(parts[1])
    untold = np.zeros(size, dtype=np.bool_)
    dimension = next((d for d in ev.cube.dimensions if d.name == measure.paired_by), None)
    if dimension is not None:
        counted = [_is_counted(ev, base) for base in bases]
        rows = asked_rows(ev, asked[0], dimension)
        for group in _by_member(ev, asked, bases, find, dimension=dimension, rows=rows):
            found = group.unpaired(counted)
            cells = group.cells[found.places]
            for part, base, whole, one, total in zip(parts, bases, counted, asked, group.sums(), strict=True):
                if _has_own_days(ev, base):
                    part[group.cells] = total
                elif ev.cube.measures[base][1].adds_up:
                    part[cells] = total[found.places]
                elif not whole and len(cells):
                    both = one.take(cells).part(ev.space, dimension, found.pairs)
                    part[cells] = find(both, base).spread(len(cells)).numbers_or_nan()
            untold[cells] = found.untold & ~empty[cells]
    return _Sides((parts[0], parts[1]), untold, tuple(values))


def _has_own_days(ev: Evaluation, base: int) -> bool:
    """Whether a measure is semi-additive, with days of its own for each cell."""
    measure = ev.cube.measures[base][1]
    while isinstance(measure, DerivedMeasure) and not measure.is_ratio:
        measure = ev.cube.measures[ev.cube.measure_ordinals[measure.measure]][1]
    return measure.aggregate in OF_OWN_DAYS and not measure.is_ratio


def _is_counted(ev: Evaluation, base: int) -> bool:
    """Whether a measure is worked out from a distinct count that is stored."""
    stored = (ev.cube.measures[ordinal][1] for ordinal in ev.cube.stored_measures(base))
    return any(one.aggregate is Aggregate.DISTINCT_STORED for one in stored)


class _Unpaired(NamedTuple):
    """The places of cells of which a row lacks a base, their rows that have both, and which of them cannot be told."""

    places: Rows
    pairs: RowSets
    untold: NDArray[np.bool_]


class _Group(NamedTuple):
    """Cells of several rows, and for each of these rows by itself: its cell's place among them, and both values."""

    cells: Rows
    at: Rows
    own: Rows
    values: tuple[Numbers, Numbers]
    faults: NDArray[np.bool_]

    @property
    def both(self) -> NDArray[np.bool_]:
        """The rows that have both values."""
        return ~np.isnan(self.values[0]) & ~np.isnan(self.values[1])

    def sums(self) -> tuple[Numbers, ...]:
        """Each value of a cell, added up over the rows that have both."""
        both = self.both
        return tuple(_sums(self.at[both], one[both], len(self.cells)) for one in self.values)

    def unpaired(self, counted: list[bool]) -> _Unpaired:
        """The cells of which a row lacks one value."""
        above, below = (~np.isnan(one) for one in self.values)
        stuck = self.faults | (above & ~below & counted[0]) | (below & ~above & counted[1])
        lacking = np.unique(self.at[stuck | (above != below)])
        place = np.full(len(self.cells), -1)
        place[lacking] = np.arange(len(lacking))
        kept = np.flatnonzero(self.both & (place[self.at] >= 0))
        pairs = RowSets(len(lacking), place[self.at[kept]], self.own[kept], np.arange(len(lacking)))
        return _Unpaired(lacking, pairs, np.isin(lacking, self.at[stuck]))


def _by_member(
    ev: Evaluation,
    asked: tuple[Asked, Asked],
    bases: list[int],
    find: Find,
    *,
    dimension: BoundDimension,
    rows: RowSets,
) -> Iterator[_Group]:
    """The cells of several rows, so many at once, with what each row has."""
    starts = np.searchsorted(rows.numbers, np.arange(rows.count + 1))
    sizes = np.diff(starts)[rows.of]
    every = np.arange(dimension.loaded().rows)
    for cells in _portions(np.flatnonzero(sizes > 1), sizes):
        ev.watch.check()
        at, own = expanded(starts[rows.of[cells]], sizes[cells], rows.rows)
        alone = RowSets(len(every), every, every, own)
        singly = [one.take(cells[at]).part(ev.space, dimension, alone) for one in asked]
        found = [find(one, base).spread(len(at)) for one, base in zip(singly, bases, strict=True)]
        faults = found[0].faults() | found[1].faults()  # nobody knows whether this row has both
        yield _Group(cells, at, own, (found[0].numbers_or_nan(), found[1].numbers_or_nan()), faults)


def _sums(numbers: Rows, values: Numbers, count: int) -> Numbers:
    """The sum of the values of each number; NaN where it has none."""
    return np.where(np.bincount(numbers, minlength=count) > 0, np.bincount(numbers, values, count), np.nan)


def _portions(cells: Rows, sizes: NDArray[np.int64]) -> Iterator[Rows]:
    """Cells in parts that have about so many rows each."""
    if len(cells):
        ends = np.cumsum(sizes[cells])
        yield from np.split(cells, np.unique(np.searchsorted(ends, np.arange(AT_ONCE, ends[-1], AT_ONCE))))
