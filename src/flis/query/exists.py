"""What exists together: members of hierarchies of one dimension share rows of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.catalogue import MEASURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.query.catalogue import BoundHierarchy
    from flis.query.evaluate import Evaluator
    from flis.query.values import Context, TupleSet

__all__ = ["existing_together", "fits_context", "rows_below", "together"]


def rows_below(hierarchy: BoundHierarchy, ordinal: int) -> NDArray[np.bool_]:
    """The dimension rows that lie below a member."""
    own = hierarchy.numbered.own
    table = hierarchy.table
    if ordinal >= table.visible:
        ordinal = table.owner.get(ordinal, -1)
        return np.asarray(own == ordinal)
    return np.asarray((own >= ordinal) & (own <= table.last[ordinal]))


def _related(hierarchy: BoundHierarchy, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Member by member of one hierarchy: the same, or one above the other."""
    table = hierarchy.table
    stored = (left >= 0) & (left < table.visible) & (right >= 0) & (right < table.visible)
    a, b = np.where(stored, left, 0), np.where(stored, right, 0)
    inside = ((b >= a) & (b <= table.last[a])) | ((a >= b) & (a <= table.last[b]))
    return np.where(stored, inside, left == right)


def together(
    ev: Evaluator, one: int, left: NDArray[np.int32], other: int, right: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Whether members of two hierarchies of one dimension share a row of its table, pair by pair."""
    h, k = ev.cube.hierarchies[one], ev.cube.hierarchies[other]
    if one == other:
        return _related(h, left, right)
    out = np.ones(len(left), dtype=bool)
    pairs = np.stack([left, right])
    unique, inverse = np.unique(pairs, axis=1, return_inverse=True)
    found = np.ones(unique.shape[1], dtype=bool)
    for i, (a, b) in enumerate(unique.T.tolist()):
        if 0 <= a < h.table.size and 0 <= b < k.table.size:
            found[i] = bool((rows_below(h, a) & rows_below(k, b)).any())
    out &= found[inverse.reshape(-1)]
    return out


def fits_context(ev: Evaluator, context: Context, found: TupleSet) -> NDArray[np.bool_]:
    """Which tuples exist with the current members of their own and related hierarchies."""
    keep = np.ones(len(found), dtype=bool)
    if not context.size:  # asked for no cell at all: there are no current members to exist with
        return keep
    for h, column in zip(found.hierarchies, found.columns, strict=True):
        if h == MEASURES:
            continue
        for k, other in enumerate(ev.cube.hierarchies):
            if k == MEASURES or other.dimension is not ev.cube.hierarchies[h].dimension:
                continue
            current = context.coordinates[k]
            if not isinstance(current, np.ndarray) and (current < 0 or (other.has_all and current == 0)):
                continue
            mine = context.column(k)
            wanted = mine[found.rows] if found.rows is not None else np.broadcast_to(mine[:1], (len(found),))
            keep &= together(ev, h, column, k, np.asarray(wanted, dtype=np.int32))
    return keep


def existing_together(ev: Evaluator, context: Context, left: TupleSet, right: TupleSet, group: str) -> TupleSet:
    """The tuples of the left that exist with one of the right, or have facts of a measure group with it."""
    if group and group in ev.cube.groups:
        from flis.query.nonempty import with_facts

        return with_facts(ev, context, left, right, ev.cube.groups[group])
    if left.rows is not None or right.rows is not None:
        left, right = left.spread(context.size), right.spread(context.size)
    keep = np.zeros(len(left), dtype=bool)
    for j in range(len(right)):
        fits = np.ones(len(left), dtype=bool)
        if left.rows is not None and right.rows is not None:
            fits &= left.rows == right.rows[j]
        for h, column in zip(left.hierarchies, left.columns, strict=True):
            for k, other in zip(right.hierarchies, right.columns, strict=True):
                same = ev.cube.hierarchies[h].dimension is ev.cube.hierarchies[k].dimension
                if same and h != MEASURES:
                    fits &= together(ev, h, column, k, np.full(len(left), other[j], dtype=np.int32))
        keep |= fits
        if keep.all():
            break
    return left.take(keep)
