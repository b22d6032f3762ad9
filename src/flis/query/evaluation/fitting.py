"""What exists with the context: its current members, and the sets that WHERE and calculated members stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.exists import joined
from flis.query.evaluation.setwork import distinct, narrowed
from flis.query.evaluation.shared_rows import dimensions_of, rows_below, share_rows
from flis.query.evaluation.slicer import Several
from flis.query.evaluation.values import TupleSet, as_column, codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.structure import BoundDimension, BoundHierarchy
    from flis.query.evaluation.values import Context, Rows
    from flis.query.result import Ordinals

__all__ = ["fits_context"]

BLOCK = 1_000_000  # pairs looked at in one go


def fits_context(ev: Evaluation, context: Context, found: TupleSet) -> NDArray[np.bool_]:
    """Which tuples exist with the current members of their own and related hierarchies.

    A set in WHERE, and a member that aggregates a set, stand for the tuples of the set: a tuple with members of several
    of their dimensions exists with one of them as a whole. So it does with the tuples of a subselect.
    """
    keep = np.ones(len(found), dtype=bool)
    if not context.size:  # asked for no cell at all: there are no current members to exist with
        return keep
    for dimension, at in dimensions_of(ev.cube, found.hierarchies).items():
        hierarchies = [ev.cube.hierarchies[found.hierarchies[i]] for i in at]
        columns = [found.columns[i] for i in at]
        for other in dimension.hierarchies:
            current = context.coordinates[other.index]
            if isinstance(current, int) and (current < 0 or (other.has_all and current == 0)):
                continue
            column = as_column(current, context.size)
            hierarchies.append(other)
            columns.append(column[found.rows] if found.rows is not None else np.repeat(column[:1], len(found)))
        if len(hierarchies) > len(at):
            for spot, rows in _aggregated(ev, dimension, hierarchies, columns):
                here = share_rows(dimension, hierarchies, [c[spot] for c in columns], rows)
                keep[spot] &= here
    for spot, chosen in _stood_for(ev, context, found):
        keep[spot] &= _fits_whole(ev, found.take(spot), chosen)
    for chosen in ev.subselected.tuples:
        keep &= _outside(ev, found) | _fits_whole(ev, found, chosen)
    return keep


def _aggregated(
    ev: Evaluation, dimension: BoundDimension, hierarchies: Sequence[BoundHierarchy], columns: Sequence[Ordinals]
) -> Iterator[tuple[Rows, NDArray[np.bool_] | None]]:
    """Places of tuples with the same members that stand for sets, and the rows below all of those sets."""
    if not any(h.index in ev.calculable for h in hierarchies):
        yield np.arange(len(columns[0])), None
        return
    standing = [np.where(c >= ev.sizes[h.index], c, -1) for h, c in zip(hierarchies, columns, strict=True)]
    code = codes([TupleSet(tuple(range(len(standing))), tuple(standing))])[0]
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    for i, at in enumerate(first.tolist()):
        rows: NDArray[np.bool_] | None = None
        for h, column in zip(hierarchies, standing, strict=True):
            found = ev.stands_for(h.index, int(column[at])) if column[at] >= 0 else None
            if found is not None and dimension in dimensions_of(ev.cube, found.hierarchies):
                below = rows_below(ev.cube, dimension, found)
                rows = below if rows is None else rows & below
        yield np.flatnonzero(inverse == i), rows


def _stood_for(ev: Evaluation, context: Context, found: TupleSet) -> Iterator[tuple[Rows, TupleSet]]:
    """Places of tuples whose contexts have the same members that stand for sets, and each of those sets."""
    hierarchies = [h for h in ev.calculable if h != MEASURES]
    columns = [as_column(context.coordinates[h], context.size) for h in hierarchies]
    standing = [np.where(c >= ev.sizes[h], c, -1) for h, c in zip(hierarchies, columns, strict=True)]
    if not any((c >= 0).any() for c in standing):
        return
    first, inverse = _numbered(standing)
    of = np.zeros(len(found), dtype=np.int64) if found.rows is None else found.rows
    for i, row in enumerate(first.tolist()):
        current = {h: int(c[row]) for h, c in zip(hierarchies, standing, strict=True) if c[row] >= 0}
        spot = np.flatnonzero(inverse[of] == i)
        if len(spot):
            yield from ((spot, chosen) for chosen in _sets_of(ev, current))


def _sets_of(ev: Evaluation, current: dict[int, int]) -> Iterator[TupleSet]:
    """The sets for which current members stand: a set in WHERE once, without hierarchies that have another member."""
    seen: list[object] = []
    for h, ordinal in current.items():
        rule, found = ev.rule(h, ordinal), ev.stands_for(h, ordinal)
        if found is None or (rule is not None and rule in seen):
            continue
        if isinstance(rule, Several):
            seen.append(rule)
            here = [
                i for i, own in enumerate(found.hierarchies) if own in current and ev.rule(own, current[own]) is rule
            ]
            found = narrowed(found, here)
        yield found


def _numbered(columns: Sequence[Ordinals]) -> tuple[Rows, Rows]:
    """Of rows of members: where each different one is first, and which of those every row is."""
    code = codes([TupleSet(tuple(range(len(columns))), tuple(columns))])[0]
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    return first, inverse


def _outside(ev: Evaluation, found: TupleSet) -> NDArray[np.bool_]:
    """Which tuples have a member outside the subselects, or a calculated one: those say nothing of them."""
    out = np.zeros(len(found), dtype=bool)
    for h, column in zip(found.hierarchies, found.columns, strict=True):
        if (mask := ev.subselected.masks.get(h)) is not None and h != MEASURES:
            stored = (column >= 0) & (column < len(mask))
            out |= ~stored | ~mask[np.where(stored, column, 0)]
    return out


def _fits_whole(ev: Evaluation, found: TupleSet, chosen: TupleSet) -> NDArray[np.bool_]:
    """Which tuples exist with one whole tuple of a set, in the dimensions that both have."""
    mine, theirs = (dimensions_of(ev.cube, s.hierarchies) for s in (found, chosen))
    shared = [d for d in mine if d in theirs]
    if not shared or not len(found) or not len(chosen):
        return np.ones(len(found), dtype=bool)
    if len(shared) == 1:
        at, dimension = mine[shared[0]], shared[0]
        own = [ev.cube.hierarchies[found.hierarchies[i]] for i in at]
        return share_rows(dimension, own, [found.columns[i] for i in at], rows_below(ev.cube, dimension, chosen))
    found = narrowed(found, [i for d in shared for i in mine[d]])
    chosen = distinct(narrowed(chosen, [i for d in shared for i in theirs[d]]))
    first, inverse = _numbered(found.columns)
    found = found.take(first)
    pairs = [_together(ev, d, found, chosen) for d in shared]
    keep = np.zeros(len(found), dtype=bool)
    step = max(BLOCK // len(chosen), 1)
    for begin in range(0, len(found), step):
        ev.watch.check()
        fits = np.ones((len(keep[begin : begin + step]), len(chosen)), dtype=bool)
        for table, i, j in pairs:
            fits &= table[i[begin : begin + step]][:, j]
        keep[begin : begin + step] = fits.any(axis=1)
    return keep[inverse]


def _together(
    ev: Evaluation, dimension: BoundDimension, left: TupleSet, right: TupleSet
) -> tuple[NDArray[np.bool_], Rows, Rows]:
    """Which parts of one dimension share a row, every one with every other; and the part that each tuple has."""
    sides, parts = [], []
    for side in (left, right):
        own = narrowed(side, dimensions_of(ev.cube, side.hierarchies)[dimension])
        first, inverse = _numbered(own.columns)
        sides.append(own.take(first))
        parts.append(inverse)
    n, m = (len(side) for side in sides)
    ev.watch.needs(n * m)
    table = np.zeros((n, m), dtype=bool)
    table[joined(ev, dimension, *sides)] = True
    return table, parts[0], parts[1]
