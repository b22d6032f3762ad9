"""Published totals: figures that everybody may read, of a whole of which the caller's own stores hold a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.evaluation.cell_values import read
from flis.query.evaluation.values import UNGROUPED, CellFault, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flis.catalog.cube import DerivedMeasure, PublishedTotal
    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.structure import BoundDimension
    from flis.query.evaluation.cell_rows import Asked

__all__ = ["published", "untold"]


def published(ev: Evaluation, asked: Asked, ordinal: int) -> NDArray[np.float64]:
    """The published totals of a stored measure: of each cell the first that has its dimensions, NaN where none has."""
    group, measure = ev.cube.measures[ordinal]
    dimensions = [d for d in ev.cube.dimensions if d.name in group.definition.links]
    narrowed = np.stack([_narrowed(ev, asked, d) for d in dimensions])
    foreign = np.array([ev.cube.is_partial(d) and asked.rows.get(d) is None for d in dimensions])
    out = np.full(asked.context.size, np.nan)
    rest = ~(narrowed & foreign[:, None]).any(axis=0)
    for place, total in enumerate(ev.cube.definition.published_totals):
        if total.measure != measure.name or not ev.cube.store.source.published(total.table):
            continue
        lacks = np.array([d.name not in total.links for d in dimensions])
        mine = np.flatnonzero(rest & ~(narrowed & lacks[:, None]).any(axis=0))
        if len(mine):
            out[mine] = _read(ev, asked.take(mine), place, total, dimensions)
            rest[mine] = False
    return out


def _narrowed(ev: Evaluation, asked: Asked, dimension: BoundDimension) -> NDArray[np.bool_]:
    """Which cells are of less than all of a dimension."""
    size = asked.context.size
    if dimension in asked.rows:
        return np.full(size, asked.rows[dimension] is not None)
    names = {h.unique_name for h in dimension.hierarchies}
    if any(name in names for f in (*ev.filters, *ev.space.without(ev.lifted_here)) for name in f.hierarchies):
        return np.ones(size, dtype=np.bool_)
    found = np.zeros(size, dtype=np.bool_)
    for h in dimension.hierarchies:
        members = asked.context.column(h.index)
        found |= (members > 0) | ((members == 0) & (not h.has_all))
    return found


def _read(
    ev: Evaluation, asked: Asked, place: int, total: PublishedTotal, dimensions: Sequence[BoundDimension]
) -> NDArray[np.float64]:
    group = ev.cube.published.groups[f"{place}"]
    lacking = [h.index for d in dimensions if d.name not in total.links for h in d.hierarchies]
    over = [r.windows(d.name) for d, r in asked.rows.items() if r is not None and d.name in total.links]
    return read(ev, asked.context.put(dict.fromkeys(lacking, UNGROUPED)), group, total.measure, over)


def untold(measure: DerivedMeasure, size: int) -> Values:
    """In place of shares of what the caller's stores hold in part where no total is published: why."""
    fault = CellFault(
        f"{measure.name} needs {measure.measure} of all of {measure.dimension}, of which your data hold a part, and no "
        "total is published for this cell."
    )
    data = np.empty(size, dtype=object)
    data[:] = [fault] * size
    return Values(data, np.zeros(size, dtype=np.bool_))
