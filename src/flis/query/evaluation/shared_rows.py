"""The rows of dimensions, and the members that have them: members of hierarchies of one dimension share rows.

Members are compared with the rows a level at a time: the rows say which combinations of members there are, and a set is
looked up in them at once. All, calculated members and missing ones go together with everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.cubes.member_table import expanded
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.values import TupleSet, codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.structure import BoundDimension, BoundHierarchy
    from flis.query.evaluation.values import Rows
    from flis.query.result import Ordinals

__all__ = [
    "alike",
    "by_levels",
    "dimensions_of",
    "members_above",
    "members_at",
    "related",
    "rows_below",
    "rows_left",
    "rows_of",
    "share_rows",
]


def dimensions_of(cube: BoundCube, hierarchies: Sequence[int]) -> dict[BoundDimension, list[int]]:
    """The dimensions of hierarchies, measures left out, with the places of each one's hierarchies."""
    out: dict[BoundDimension, list[int]] = {}
    for i, h in enumerate(hierarchies):
        if h != MEASURES:
            out.setdefault(cube.hierarchies[h].dimension, []).append(i)
    return out


def related(cube: BoundCube, hierarchies: Sequence[int]) -> bool:
    """Whether two of the hierarchies are of one dimension."""
    return any(len(at) > 1 for at in dimensions_of(cube, hierarchies).values())


def _numbers(hierarchy: BoundHierarchy, column: Ordinals) -> NDArray[np.int32]:
    """The level by which each member cuts the rows; -1 where it goes together with all of them."""
    table = hierarchy.table
    stored = (column >= 0) & (column < table.size)
    level = table.level[np.where(stored, column, 0)] - (1 if hierarchy.has_all else 0)
    return np.where(stored, level, -1).astype(np.int32)


def by_levels(hierarchies: Sequence[BoundHierarchy], columns: Sequence[Ordinals]) -> Iterator[tuple[list[int], Rows]]:
    """Tuples grouped by the levels of their members: (a level or -1 for every hierarchy, their positions)."""
    numbers = [_numbers(h, c) for h, c in zip(hierarchies, columns, strict=True)]
    if all((n == n[0]).all() for n in numbers):
        yield [int(n[0]) for n in numbers], np.arange(len(numbers[0]))
        return
    code = codes([TupleSet(tuple(range(len(numbers))), tuple(numbers))])[0]
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    for i, at in enumerate(first.tolist()):
        yield [int(n[at]) for n in numbers], np.flatnonzero(inverse == i)


def _above(hierarchy: BoundHierarchy, own: Ordinals) -> tuple[Rows, Ordinals]:
    """Of a parent-child hierarchy: every member above (or at) each row's own, with the row's place."""
    assert hierarchy.numbered.closure is not None  # noqa: S101
    ancestors, members = hierarchy.numbered.closure
    order = np.argsort(members, kind="stable")
    starts = np.searchsorted(members[order], np.arange(hierarchy.table.size + 1))
    real = np.where(own >= 0, own, 0)
    count = np.where(own >= 0, starts[real + 1] - starts[real], 0)
    return expanded(starts[real], count, ancestors[order])


def members_at(
    hierarchies: Sequence[BoundHierarchy], levels: Sequence[int], wanted: Sequence[Ordinals], rows: Rows
) -> tuple[Rows, list[Ordinals]]:
    """The members of rows at the levels; only rows of which every member is wanted."""
    found: list[Ordinals] = []
    for hierarchy, level, members in zip(hierarchies, levels, wanted, strict=True):
        asked = np.zeros(hierarchy.table.size + 1, dtype=bool)  # the last place is that of -1: no member
        asked[members] = True
        if hierarchy.table.parent_child:
            at, column = _above(hierarchy, hierarchy.numbered.own[rows])
            keep = asked[column]
            at, column = at[keep], column[keep]
        else:
            column = hierarchy.numbered.levels[level][rows]
            at = np.flatnonzero(asked[column])
            column = column[at]
        rows = rows[at]
        found = [*(c[at] for c in found), column]
    return rows, found


def alike(columns: Sequence[Ordinals], others: Sequence[Ordinals]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One number per tuple, equal for equal tuples of both."""
    over = tuple(range(len(columns)))
    one, other = codes([TupleSet(over, tuple(columns)), TupleSet(over, tuple(others))])
    return one, other


def rows_left(dimension: BoundDimension, rows: NDArray[np.bool_] | None) -> Rows:
    """The rows of a dimension of which some are left; None: all are."""
    return np.arange(dimension.loaded().rows) if rows is None else np.flatnonzero(rows)


def share_rows(
    dimension: BoundDimension,
    hierarchies: Sequence[BoundHierarchy],
    columns: Sequence[Ordinals],
    rows: NDArray[np.bool_] | None,
) -> NDArray[np.bool_]:
    """Which tuples of members of one dimension have a row (one of those that are left) below all of them."""
    keep = np.ones(len(columns[0]), dtype=bool)
    if not len(keep):
        return keep
    for levels, at in by_levels(hierarchies, columns):
        active = [i for i, level in enumerate(levels) if level >= 0]
        if not active or (rows is None and len(active) < 2):  # All stays where nothing is left; calculated members too
            continue
        mine = [columns[i][at] for i in active]
        cut = [hierarchies[i] for i in active]
        _, theirs = members_at(cut, [levels[i] for i in active], mine, rows_left(dimension, rows))
        keep[at] = np.isin(*alike(mine, theirs))
    return keep


def rows_of(
    dimension: BoundDimension, hierarchies: Sequence[BoundHierarchy], columns: Sequence[Ordinals]
) -> NDArray[np.bool_]:
    """The dimension rows that lie below one of the tuples."""
    out = np.zeros(dimension.loaded().rows, dtype=bool)
    if not len(columns[0]):
        return out
    for levels, at in by_levels(hierarchies, columns):
        active = [i for i, level in enumerate(levels) if level >= 0]
        if not active:
            return np.ones_like(out)
        mine = [columns[i][at] for i in active]
        cut = [hierarchies[i] for i in active]
        rows, theirs = members_at(cut, [levels[i] for i in active], mine, np.arange(len(out)))
        if len(active) > 1:  # every member is wanted, but not with every other
            wanted, found = alike(mine, theirs)
            rows = rows[np.isin(found, wanted)]
        out[rows] = True
    return out


def members_above(hierarchy: BoundHierarchy, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The members that some of a dimension's rows lie below."""
    table = hierarchy.table
    mask: NDArray[np.bool_] = np.zeros(table.size, dtype=np.bool_)
    at = np.unique(hierarchy.numbered.own[rows])
    while len(at := at[at >= 0]):
        mask[at] = True
        at = np.unique(table.parent[at])
        at = at[at >= 0]
        at = at[~mask[at]]
    for data, owner in table.owner.items():
        mask[data] = mask[owner]
    return mask


def rows_below(cube: BoundCube, dimension: BoundDimension, found: TupleSet) -> NDArray[np.bool_]:
    """The rows of one dimension that lie below one of the tuples."""
    at = dimensions_of(cube, found.hierarchies)[dimension]
    return rows_of(dimension, [cube.hierarchies[found.hierarchies[i]] for i in at], [found.columns[i] for i in at])
