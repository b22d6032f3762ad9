"""What is asked of a measure: cells, and of some dimensions rows in place of members."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from flis.query.evaluation.rowsets import RowSets, below
from flis.query.evaluation.shared_rows import rows_of
from flis.query.evaluation.values import UNGROUPED, Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.structure import BoundDimension
    from flis.query.evaluation.space import Space

__all__ = ["Asked", "asked_rows"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Cells, with the rows of the dimensions that are asked by rows; None: all of them. Filters on these do not count.

    `within`: dimensions of which the rows are some of those that were asked. Tuples that filter one together with
    another dimension hold still. `published`: of the totals that everybody may read. The rows of dimensions of which
    the store holds a part are then those of the whole dimension.
    """

    context: Context
    rows: Mapping[BoundDimension, RowSets | None] = field(default_factory=dict)
    within: frozenset[BoundDimension] = frozenset()
    published: bool = False

    def put(self, dimension: BoundDimension, rows: RowSets | None, *, published: bool = False) -> Asked:
        """With these rows of a dimension, whatever was asked of it."""
        free = self.context.put({h.index: UNGROUPED for h in dimension.hierarchies})
        return Asked(free, {**self.rows, dimension: rows}, self.within - {dimension}, self.published or published)

    def part(self, space: Space, dimension: BoundDimension, rows: RowSets) -> Asked:
        """With these rows of a dimension, all of which were asked."""
        if dimension in self.rows and dimension not in self.within:
            return self.put(dimension, rows)
        members = [(h.index, self.context.coordinates[h.index]) for h in dimension.hierarchies]
        if np.any(space.outside(members)):
            return self.put(dimension, rows)
        return replace(self.put(dimension, rows), within=self.within | {dimension})

    def take(self, at: NDArray[np.int64]) -> Asked:
        """Some of the cells."""
        rows = {d: r.take(at) if r is not None else None for d, r in self.rows.items()}
        return replace(self, context=self.context.take(at), rows=rows)


def asked_rows(ev: Evaluation, asked: Asked, dimension: BoundDimension) -> RowSets:
    """The rows of a dimension that each cell is of: below its members, and left by slicer and subselects."""
    if (known := asked.rows.get(dimension)) is not None:
        return known
    columns = [asked.context.column(h.index) for h in dimension.hierarchies]
    left = np.ones(dimension.loaded().rows, dtype=np.bool_)
    if dimension in asked.rows:
        return below(dimension.hierarchies, columns, (left,))
    mine = {h.unique_name: h for h in dimension.hierarchies}
    for f in ev.filters:
        at = [i for i, name in enumerate(f.hierarchies) if name in mine]
        if at:
            chosen = [np.array([t[i] for t in f.members], dtype=np.int32) for i in at]
            left &= rows_of(dimension, [mine[f.hierarchies[i]] for i in at], chosen)
    inside = ev.space.inside.rows.get(dimension)
    bit = ev.space.bits((dimension,))
    if inside is None or bit & ev.lifted_here:
        return below(dimension.hierarchies, columns, (left,))
    outside = np.broadcast_to(
        ev.space.outside([*zip((h.index for h in dimension.hierarchies), columns, strict=True)]), asked.context.size
    )
    return below(dimension.hierarchies, columns, (left & inside, left), (outside != 0).astype(np.int32))
