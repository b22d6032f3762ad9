"""Ratios: the numerator of a cell over its denominator, of the members that have both.

The value of a group is the sum of its numerators over that of its denominators, never an average of quotients. A member
of the dimension that both are paired by (a municipality) leaves both where it lacks one: what is above the line and
below it is of the same members. Nobody can be taken out of a distinct count that is stored: a member without a count
leaves the other part, and where a member has a count alone, the cell says that it is not calculated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from flis.catalog.cube import Aggregate
from flis.query.cubes.member_table import expanded
from flis.query.evaluation.cell_rows import asked_rows
from flis.query.evaluation.cuts import not_calculated
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
    parts = [one.numbers_or_nan() for one in values]
    empty = np.isnan(parts[0]) | np.isnan(parts[1])
    untold = np.zeros(asked.context.size, dtype=np.bool_)
    dimension = next((d for d in ev.cube.dimensions if d.name == measure.paired_by), None)
    if dimension is not None:
        counted = [_is_counted(ev, base) for base in bases]
        rows = asked_rows(ev, asked, dimension)
        for found in _unpaired(ev, asked, bases, find, dimension=dimension, rows=rows, counted=counted):
            both = asked.take(found.cells).put(dimension, found.pairs)
            for part, base, whole in zip(parts, bases, counted, strict=True):
                if not whole:
                    part[found.cells] = find(both, base).spread(len(found.cells)).numbers_or_nan()
            untold[found.cells] = found.untold & ~empty[found.cells]
    above, below = parts
    there = ~np.isnan(above) & ~np.isnan(below) & (below != 0)
    made = Values.nan_is_null(np.where(there, measure.per * above / np.where(there, below, 1), np.nan))
    told = np.full(len(untold), None, dtype=object)
    told[untold] = not_calculated(ev)
    return made.with_faults(Values(told, ~untold), *values)


def _is_counted(ev: Evaluation, base: int) -> bool:
    """Whether a measure is worked out from a distinct count that is stored."""
    stored = (ev.cube.measures[ordinal][1] for ordinal in ev.cube.stored_measures(base))
    return any(one.aggregate is Aggregate.DISTINCT_STORED for one in stored)


class _Unpaired(NamedTuple):
    """Cells of several rows of which one lacks a base: their rows that have both, and which cells cannot be told."""

    cells: Rows
    pairs: RowSets
    untold: NDArray[np.bool_]


def _unpaired(
    ev: Evaluation,
    asked: Asked,
    bases: list[int],
    find: Find,
    *,
    dimension: BoundDimension,
    rows: RowSets,
    counted: list[bool],
) -> Iterator[_Unpaired]:
    starts = np.searchsorted(rows.numbers, np.arange(rows.count + 1))
    sizes = np.diff(starts)[rows.of]
    every = np.arange(dimension.loaded().rows)
    for cells in _portions(np.flatnonzero(sizes > 1), sizes):
        ev.watch.check()
        at, own = expanded(starts[rows.of[cells]], sizes[cells], rows.rows)
        singly = asked.take(cells[at]).put(dimension, RowSets(len(every), every, every, own))
        found = [find(singly, base).spread(len(at)) for base in bases]
        above, below = (~np.isnan(one.numbers_or_nan()) for one in found)
        stuck = found[0].faults() | found[1].faults()  # nobody knows whether this row has both
        stuck |= (above & ~below & counted[0]) | (below & ~above & counted[1])
        lacking = np.unique(at[stuck | (above != below)])
        if len(lacking):
            place = np.full(len(cells), -1)
            place[lacking] = np.arange(len(lacking))
            both = np.flatnonzero(above & below & (place[at] >= 0))
            pairs = RowSets(len(lacking), place[at[both]], own[both], np.arange(len(lacking)))
            yield _Unpaired(cells[lacking], pairs, np.isin(lacking, at[stuck]))


def _portions(cells: Rows, sizes: NDArray[np.int64]) -> Iterator[Rows]:
    """Cells in parts that have about so many rows each."""
    if len(cells):
        ends = np.cumsum(sizes[cells])
        yield from np.split(cells, np.unique(np.searchsorted(ends, np.arange(AT_ONCE, ends[-1], AT_ONCE))))
