"""Ratios: the numerator of a cell over its denominator, of the members that have both.

The value of a group is the sum of its numerators over that of its denominators, never an average of quotients. A member
of the dimension that both are paired by (a municipality) leaves both where it lacks one: what is above the line and
below it is of the same members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.cubes.member_table import expanded
from flis.query.evaluation.cell_rows import asked_rows
from flis.query.evaluation.rowsets import RowSets
from flis.query.evaluation.values import Values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from flis.catalog.cube import DerivedMeasure
    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.structure import BoundDimension
    from flis.query.evaluation.cell_rows import Asked
    from flis.query.evaluation.values import Rows

    Find = Callable[[Asked, int], Values]

__all__ = ["ratio"]

AT_ONCE = 1 << 20  # pairs of a cell and a member that are looked at together


def ratio(ev: Evaluation, asked: Asked, measure: DerivedMeasure, find: Find) -> Values:
    """The cells of a ratio; `find` gives those of the measures that it is worked out from."""
    bases = [ev.cube.measure_ordinals[name] for name in measure.bases]
    values = [find(asked, base).spread(asked.context.size) for base in bases]
    above, below = (one.numbers_or_nan() for one in values)
    dimension = next((d for d in ev.cube.dimensions if d.name == measure.paired_by), None)
    if dimension is not None:
        rows = asked_rows(ev, asked, dimension)
        for cells, pairs in _unpaired(ev, asked, bases, find, dimension=dimension, rows=rows):
            part = asked.take(cells).put(dimension, pairs)
            above[cells], below[cells] = (find(part, base).spread(len(cells)).numbers_or_nan() for base in bases)
    there = ~np.isnan(above) & ~np.isnan(below) & (below != 0)
    found = np.where(there, measure.per * above / np.where(there, below, 1), np.nan)
    return Values.nan_is_null(found).with_faults(*values)


def _unpaired(
    ev: Evaluation, asked: Asked, bases: list[int], find: Find, *, dimension: BoundDimension, rows: RowSets
) -> Iterator[tuple[Rows, RowSets]]:
    """The cells of several rows of which one lacks a base, and their rows that have both."""
    starts = np.searchsorted(rows.numbers, np.arange(rows.count + 1))
    sizes = np.diff(starts)[rows.of]
    every = np.arange(dimension.loaded().rows)
    for cells in _portions(np.flatnonzero(sizes > 1), sizes):
        ev.watch.check()
        at, own = expanded(starts[rows.of[cells]], sizes[cells], rows.rows)
        singly = asked.take(cells[at]).put(dimension, RowSets(len(every), every, every, own))
        there = [~np.isnan(find(singly, base).spread(len(at)).numbers_or_nan()) for base in bases]
        lacking = np.unique(at[there[0] != there[1]])
        if len(lacking):
            place = np.full(len(cells), -1)
            place[lacking] = np.arange(len(lacking))
            both = np.flatnonzero(there[0] & there[1] & (place[at] >= 0))
            yield cells[lacking], RowSets(len(lacking), place[at[both]], own[both], np.arange(len(lacking)))


def _portions(cells: Rows, sizes: NDArray[np.int64]) -> Iterator[Rows]:
    """Cells in parts that have about so many rows each."""
    if len(cells):
        ends = np.cumsum(sizes[cells])
        yield from np.split(cells, np.unique(np.searchsorted(ends, np.arange(AT_ONCE, ends[-1], AT_ONCE))))
