"""What exists together, and what is listed: tuples whose members share rows, of which subselects leave some.

Whether members share rows of their dimension, `shared_rows.py` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.cubes.member_table import expanded
from flis.query.evaluation.remaining import NOTHING_GONE, named_in
from flis.query.evaluation.setwork import crossed
from flis.query.evaluation.shared_rows import (
    alike,
    by_levels,
    dimensions_of,
    members_at,
    rows_below,
    rows_left,
    share_rows,
)
from flis.query.evaluation.values import TupleSet, codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.structure import BoundDimension, BoundHierarchy
    from flis.query.evaluation.protocols import LimitedCube
    from flis.query.evaluation.values import Context, Rows
    from flis.query.result import Ordinals

__all__ = ["crossed_existing", "existing", "existing_together", "joined", "shown", "shown_below"]

SMALL = 50_000  # pairs that are made and then looked at; more are joined through the dimension's rows
BLOCK = 1_000_000  # pairs looked at in one go


def _kept(
    cube: BoundCube,
    found: TupleSet,
    rows: Mapping[BoundDimension, NDArray[np.bool_]],
    above: Mapping[int, NDArray[np.bool_]] | None = None,
    *,
    least: int,
) -> NDArray[np.bool_]:
    """Which tuples exist, looking at dimensions with at least so many hierarchies or rows taken away.

    `above`: members that stay without a row.
    """
    keep = np.ones(len(found), dtype=bool)
    for dimension, at in dimensions_of(cube, found.hierarchies).items():
        if len(at) >= least or dimension in rows:
            mine, columns = [cube.hierarchies[found.hierarchies[i]] for i in at], [found.columns[i] for i in at]
            here = share_rows(dimension, mine, columns, rows.get(dimension))
            if above and any(h.index in above for h in mine):
                here |= np.all([_stays(h, c, above.get(h.index)) for h, c in zip(mine, columns, strict=True)], axis=0)
            keep &= here
    return keep


def _stays(hierarchy: BoundHierarchy, column: Ordinals, above: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Which members stay though no row of their dimension is left: calculated ones, and those above chosen ones."""
    stored = (column >= 0) & (column < hierarchy.table.size)
    at = np.where(stored, column, 0)
    return ~stored | (above[at] if above is not None else at == 0)


def existing(ev: LimitedCube, found: TupleSet) -> TupleSet:
    """The tuples whose members of one dimension exist together; on axes also with what subselects and slicer leave."""
    left = ev.left if ev.at_axis else NOTHING_GONE
    if not len(found) or (len(found.hierarchies) == 1 and not left.rows and not left.named):
        return found
    keep = _kept(ev.cube, found, left.rows, left.above, least=2)
    for h, column in zip(found.hierarchies, found.columns, strict=True):
        if (named := left.named.get(h)) is not None:
            keep &= named_in(named, column)
            if ev.cube.hierarchies[h].has_all:
                keep &= (column != 0) | left.masks[h][0]
    return found if keep.all() else found.take(keep)


def crossed_existing(ev: LimitedCube, left: TupleSet, right: TupleSet, size: int) -> TupleSet:
    """A cross join without the tuples whose members do not exist together."""
    shared = dimensions_of(ev.cube, left.hierarchies).keys() & dimensions_of(ev.cube, right.hierarchies).keys()
    if not shared:
        return crossed(left, right, size, ev.watch)
    if left.rows is not None or right.rows is not None or len(left) * len(right) <= max(SMALL, 0):
        return existing(ev, crossed(left, right, size, ev.watch))
    i, j = joined(ev, min(shared, key=lambda d: d.ordinal), left, right)
    columns = (*(c[i] for c in left.columns), *(c[j] for c in right.columns))
    return existing(ev, TupleSet(left.hierarchies + right.hierarchies, columns))


def joined(ev: LimitedCube, dimension: BoundDimension, left: TupleSet, right: TupleSet) -> tuple[Rows, Rows]:
    """The pairs (place in the left, place in the right) that share a row of the dimension, in order."""
    sides = []
    for side in (left, right):
        at = dimensions_of(ev.cube, side.hierarchies)[dimension]
        hierarchies, columns = [ev.cube.hierarchies[side.hierarchies[i]] for i in at], [side.columns[i] for i in at]
        sides.append([_JoinSide(hierarchies, columns, *group) for group in by_levels(hierarchies, columns)])
    rows = rows_left(dimension, ev.left.rows.get(dimension) if ev.at_axis else None)
    pairs = [np.zeros(0, dtype=np.int64)]
    for one in sides[0]:
        for other in sides[1]:
            both = [*one.columns, *other.columns]
            reached, found = members_at(
                [*one.hierarchies, *other.hierarchies], [*one.levels, *other.levels], both, rows
            )
            a = one.places(found[: len(one.columns)], len(reached))
            b = other.places(found[len(one.columns) :], len(reached))
            real = (a >= 0) & (b >= 0)
            met = np.unique(a[real] * len(other.unique) + b[real])
            a, b = met // max(len(other.unique), 1), met % max(len(other.unique), 1)
            ev.watch.limits.hold("tuples", int((one.count[a] * other.count[b]).sum()))
            again, i = one.tuples_of(a)
            last, j = other.tuples_of(b[again])
            pairs.append(i[last] * len(right) + j)
    joined = np.sort(np.concatenate(pairs))
    return joined // len(right), joined % len(right)


class _JoinSide:
    """The tuples of one side of a join whose members are on the same levels, by the members that cut rows."""

    def __init__(
        self, hierarchies: Sequence[BoundHierarchy], columns: Sequence[Ordinals], levels: list[int], at: Rows
    ) -> None:
        active = [i for i, level in enumerate(levels) if level >= 0]
        self.levels = [levels[i] for i in active]
        self.hierarchies = [hierarchies[i] for i in active]
        self.columns = [columns[i][at] for i in active]
        own = codes([TupleSet(tuple(active), tuple(self.columns))])[0] if active else np.zeros(len(at), dtype=np.int64)
        self.unique, first, inverse = np.unique(own, return_index=True, return_inverse=True)
        self._first = [c[first] for c in self.columns]
        self._order = at[np.argsort(inverse, kind="stable")]
        self.count = np.bincount(inverse, minlength=len(self.unique))
        self._starts = np.concatenate(([0], np.cumsum(self.count)[:-1]))

    def places(self, found: Sequence[Ordinals], rows: int) -> NDArray[np.int64]:
        """Which of the distinct tuples each row's members are, -1 for none of them."""
        if not self.columns:
            return np.zeros(rows, dtype=np.int64)
        mine, theirs = alike(self._first, found)
        order = np.argsort(mine)
        at = np.minimum(np.searchsorted(mine[order], theirs), len(mine) - 1)
        return np.where(mine[order][at] == theirs, order[at], -1)

    def tuples_of(self, places: NDArray[np.int64]) -> tuple[Rows, Rows]:
        """The tuples behind distinct ones: (which of the places, the tuple)."""
        return expanded(self._starts[places], self.count[places], self._order)


# asked for in statements


def existing_together(ev: LimitedCube, context: Context, left: TupleSet, right: TupleSet) -> TupleSet:
    """The tuples of the left that exist with one of the right; members that aggregate a set stand for its members."""
    right = _written_out(ev, right)
    if left.rows is not None or right.rows is not None:
        left, right = left.spread(context.size), right.spread(context.size)
    if not len(left) or not len(right):
        return left.take(np.zeros(len(left), dtype=bool))
    shared = dimensions_of(ev.cube, left.hierarchies).keys() & dimensions_of(ev.cube, right.hierarchies).keys()
    if left.rows is None and len(shared) <= 1:
        rows = {d: rows_below(ev.cube, d, right) for d in shared}
        return left.take(_kept(ev.cube, left, rows, least=len(left.hierarchies) + 1))
    return left.take(_paired(ev, context.size, left, right))


def _written_out(ev: LimitedCube, found: TupleSet) -> TupleSet:
    """Tuples of the members that aggregate members stand for, in their place."""
    if len(found.hierarchies) != 1 or not (found.columns[0] >= ev.sizes[found.hierarchies[0]]).any():
        return found
    h = found.hierarchies[0]
    parts = []
    for ordinal in found.columns[0].tolist():
        stands = ev.stands_for(h, ordinal) if ordinal >= ev.sizes[h] else None
        own = stands is not None and h in stands.hierarchies
        parts.append(stands.columns[stands.hierarchies.index(h)] if own and stands is not None else np.array([ordinal]))
    rows = None if found.rows is None else np.repeat(found.rows, [len(p) for p in parts])
    return TupleSet((h,), (np.concatenate(parts).astype(np.int32),), rows)


def _paired(ev: LimitedCube, size: int, left: TupleSet, right: TupleSet) -> NDArray[np.bool_]:
    """Which tuples of the left exist with any of the right of their row, pair by pair."""
    keep = np.zeros(len(left), dtype=bool)
    step = max(BLOCK // len(right), 1)
    for first in range(0, len(left), step):
        block = np.arange(first, min(first + step, len(left)))
        mine = TupleSet((0,), (block.astype(np.int32),), None if left.rows is None else left.rows[block])
        theirs = TupleSet((1,), (np.arange(len(right), dtype=np.int32),), right.rows)
        i, j = crossed(mine, theirs, size, ev.watch).columns
        both = TupleSet(
            left.hierarchies + right.hierarchies, (*(c[i] for c in left.columns), *(c[j] for c in right.columns))
        )
        keep[i[_kept(ev.cube, both, {}, least=2)]] = True
    return keep


def shown_below(ev: LimitedCube, hierarchy: int, member: int, below: Ordinals) -> Ordinals:
    """Descendants of a member without those that a subselect hides; all of them where it hides the member itself."""
    mask = ev.shown(hierarchy, below)
    if mask is None:
        return below
    own = ev.shown(hierarchy, np.array([member], dtype=np.int32))
    return below[mask] if member < 0 or own is None or own[0] else below


def shown(ev: LimitedCube, found: TupleSet) -> TupleSet:
    """Without the members of one hierarchy that a subselect hides."""
    mask = ev.shown(found.hierarchies[0], found.columns[0])
    return found if mask is None or mask.all() else found.take(mask)
