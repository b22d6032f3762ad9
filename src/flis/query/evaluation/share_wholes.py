"""What a share is of: the rows of the parent, of the ancestor on a level, of a named member or of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import Whole
from flis.query.cubes.names import Names
from flis.query.evaluation.cell_rows import asked_rows
from flis.query.evaluation.rowsets import RowSets, under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from flis.catalog.cube import DerivedMeasure
    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.structure import BoundDimension, BoundHierarchy
    from flis.query.evaluation.cell_rows import Asked
    from flis.query.evaluation.values import Rows

__all__ = ["named_whole", "wholes"]

EVERYTHING = -1  # the level of All, counted from the first one below it as 0


def wholes(
    ev: Evaluation, asked: Asked, measure: DerivedMeasure, dimension: BoundDimension
) -> Iterator[tuple[Rows, RowSets | None]]:
    """Some of the cells and the rows of what each is a share of, None for everything; every cell once.

    Of a dimension of which the store holds a part, they are rows of the whole one.
    """
    cells = np.arange(asked.context.size)
    if measure.member:
        yield cells, _of_member(ev, measure, len(cells))
        return
    hierarchy = _hierarchy(dimension, measure)
    rows = asked_rows(ev, asked, dimension)
    levels = np.full(rows.count, EVERYTHING)
    if measure.level:
        levels[:] = [level.name for level in hierarchy.levels if level.definition].index(measure.level)
    elif measure.of is Whole.PARENT:
        levels[rows.of] = _levels_above(ev, asked, hierarchy)
    if ev.cube.is_partial(dimension):
        hierarchy, rows = _in_whole(ev, dimension, hierarchy, rows)
    found, everything = _ancestors(hierarchy, rows, levels)
    for some, mine in ((np.flatnonzero(everything[rows.of]), None), (np.flatnonzero(~everything[rows.of]), found)):
        if len(some):
            yield some, None if mine is None else mine.take(some)


def _hierarchy(dimension: BoundDimension, measure: DerivedMeasure) -> BoundHierarchy:
    return next(h for h in dimension.hierarchies if measure.hierarchy in ("", h.name))


def _levels_above(ev: Evaluation, asked: Asked, hierarchy: BoundHierarchy) -> NDArray[np.int64]:
    """The level above the member that each cell is of; above the highest of those that a filter leaves of All."""
    table, top = hierarchy.table, int(hierarchy.has_all)
    filtered = [EVERYTHING]
    for f in (*ev.filters, *ev.space.without(ev.lifted_here)):
        at = f.hierarchies.index(hierarchy.unique_name) if hierarchy.unique_name in f.hierarchies else -1
        if at >= 0 and f.members:
            filtered.append(min(int(table.level[t[at]]) - top if t[at] >= 0 else EVERYTHING for t in f.members))
    members = asked.context.column(hierarchy.index)
    own = np.where(members >= 0, table.level[np.maximum(members, 0)] - top, EVERYTHING)
    above: NDArray[np.int64] = np.where(own == EVERYTHING, max(filtered), own).astype(np.int64) - 1
    return np.maximum(above, EVERYTHING)


def _ancestors(
    hierarchy: BoundHierarchy, asked: RowSets, levels: NDArray[np.int64]
) -> tuple[RowSets, NDArray[np.bool_]]:
    """The rows below the ancestors of each set's rows on its level; and the sets that everything lies above."""
    everything = levels == EVERYTHING
    at = levels[asked.numbers]
    members = np.full(len(at), -1, dtype=np.int32)
    while len(open_now := np.flatnonzero((members < 0) & (at >= 0))):  # above a hidden member is the one above it
        for level in np.unique(at[open_now]).tolist():
            mine = open_now[at[open_now] == level]
            members[mine] = hierarchy.numbered.levels[level][asked.rows[mine]]
        at[open_now] = np.where(members[open_now] < 0, at[open_now] - 1, at[open_now])
    everything[np.unique(asked.numbers[members < 0])] = True
    keep = members >= 0
    pairs = np.unique(np.stack((asked.numbers[keep], members[keep].astype(np.int64))), axis=1)
    places, rows = under(hierarchy, pairs[1].astype(np.int32))
    return asked.holding(pairs[0][places], rows), everything


def named_whole(cube: BoundCube, measure: DerivedMeasure) -> tuple[BoundHierarchy, int]:
    """The member that a share is of, and its hierarchy. Raises: CatalogError: there is none of that name."""
    dimension = next(d for d in cube.dimensions if d.name == measure.dimension)
    if cube.is_partial(dimension):
        cube = cube.published
        dimension = cube.dimensions[dimension.ordinal]
    hierarchy = _hierarchy(dimension, measure)
    ordinal = Names(cube).member_below(hierarchy, measure.member)
    if ordinal < 0 and measure.place is not None:
        raise measure.place.error("member", f"{hierarchy.unique_name} has no member {measure.member}.")
    return hierarchy, ordinal


def _of_member(ev: Evaluation, measure: DerivedMeasure, size: int) -> RowSets | None:
    hierarchy, ordinal = named_whole(ev.cube, measure)
    if hierarchy.has_all and ordinal == 0:
        return None
    numbers, rows = under(hierarchy, np.array([ordinal], dtype=np.int32))
    return RowSets(1, numbers, rows, np.zeros(size, dtype=np.int64))


def _in_whole(
    ev: Evaluation, dimension: BoundDimension, hierarchy: BoundHierarchy, rows: RowSets
) -> tuple[BoundHierarchy, RowSets]:
    """The same rows, by their keys, in the dimension that has all rows."""
    whole = ev.cube.published.dimensions[dimension.ordinal]
    place = ev.cube.places_in_whole(dimension)[rows.rows]
    keep = place >= 0
    return whole.hierarchies[hierarchy.place], rows.holding(rows.numbers[keep], place[keep])
