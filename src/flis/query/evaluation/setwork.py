"""Work on sets in columns: union, cross join, order, distinct. All of it also on ragged sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.evaluation.values import Rows, TupleSet, codes, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flis.query.limits import Watch
    from flis.query.result import Ordinals

BYTES_PER_TUPLE = 24  # members of a few hierarchies, and a code to compare by

__all__ = [
    "aligned",
    "concatenated",
    "crossed",
    "distinct",
    "first_positions",
    "from_lists",
    "gathered",
    "matched",
    "narrowed",
    "single",
    "sliced",
    "sorted_by",
    "within",
]


def aligned(sets: Sequence[TupleSet], size: int) -> list[TupleSet]:
    """All sets ragged over `size` contexts, or none of them."""
    if all(s.rows is None for s in sets):
        return list(sets)
    return [s.spread(size) for s in sets]


def concatenated(sets: Sequence[TupleSet], size: int) -> TupleSet:
    """The sets behind each other, duplicates kept; `{}` has no hierarchies, and adds nothing."""
    sets = [s for s in sets if s.columns] or sets[:1]
    if len(sets) == 1:
        return sets[0]
    like = aligned(sets, size)
    columns = tuple(np.concatenate([s.columns[i] for s in like]) for i in range(len(like[0].columns)))
    if like[0].rows is None:
        return TupleSet(sets[0].hierarchies, columns)
    rows = np.concatenate([s.rows for s in like if s.rows is not None])
    order = np.argsort(rows, kind="stable")
    return TupleSet(sets[0].hierarchies, tuple(c[order] for c in columns), rows[order])


def crossed(left: TupleSet, right: TupleSet, size: int, watch: Watch) -> TupleSet:
    """Every tuple of the left with every tuple of the right, in that order."""
    hierarchies = left.hierarchies + right.hierarchies
    left, right = aligned([left, right], size)
    if left.rows is None or right.rows is None:
        n, m = len(left), len(right)
        watch.limits.hold("tuples", n * m)
        watch.needs(n * m * BYTES_PER_TUPLE)
        columns = [np.repeat(c, m) for c in left.columns] + [np.tile(c, n) for c in right.columns]
        return TupleSet(hierarchies, tuple(columns))
    counts = np.bincount(right.rows, minlength=size)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    mine = counts[left.rows]
    watch.limits.hold("tuples", int(mine.sum()))
    watch.needs(int(mine.sum()) * BYTES_PER_TUPLE)
    at = np.repeat(np.arange(len(left)), mine)
    first = np.repeat(starts[left.rows] - np.concatenate(([0], np.cumsum(mine)[:-1])), mine)
    other = np.arange(len(at)) + first
    columns = [c[at] for c in left.columns] + [c[other] for c in right.columns]
    return TupleSet(hierarchies, tuple(columns), left.rows[at])


def narrowed(found: TupleSet, at: Sequence[int]) -> TupleSet:
    """The tuples cut to some of their places, where every context has the same set."""
    return TupleSet(tuple(found.hierarchies[i] for i in at), tuple(found.columns[i] for i in at))


def distinct(found: TupleSet) -> TupleSet:
    """Only the first of equal tuples."""
    if len(found) < 2:
        return found
    _, first = np.unique(codes([found])[0], return_index=True)
    return found if len(first) == len(found) else found.take(np.sort(first))


def within(left: TupleSet, right: TupleSet, size: int) -> NDArray[np.bool_]:
    """Which tuples of the left are in the right one."""
    if not len(left) or not len(right):  # `{}` has no hierarchies to compare
        return np.zeros(len(left), dtype=bool)
    a, b = (
        codes(aligned([left, right], size))
        if (left.rows is None) == (right.rows is None)
        else codes([left.spread(size), right.spread(size)])
    )
    return np.isin(a, b)


def matched(left: TupleSet, right: TupleSet, size: int) -> NDArray[np.bool_]:
    """Which tuples of the left have one of the right for themselves: duplicates are matched one to one."""
    a, b = codes(
        [left, right] if (left.rows is None) == (right.rows is None) else [x.spread(size) for x in (left, right)]
    )
    order = np.argsort(a, kind="stable")
    nth = np.empty(len(a), dtype=np.int64)
    nth[order] = places(a[order])
    different, count = np.unique(b, return_counts=True)
    at = np.minimum(np.searchsorted(different, a), max(len(different) - 1, 0))
    there = np.where(different[at] == a, count[at], 0) if len(different) else np.zeros(len(a), dtype=np.int64)
    return np.asarray(nth < there)


def sorted_by(found: TupleSet, keys: Sequence[NDArray[np.generic]]) -> TupleSet:
    """Sorted by keys (the first one decides first), each row's set for itself; equal ones keep their order."""
    columns = list(keys)[::-1]
    if found.rows is not None:
        columns.append(found.rows)
    return found.take(np.lexsort(columns)) if len(found) else found


def sliced(found: TupleSet, first: NDArray[np.float64], count: NDArray[np.float64], size: int) -> TupleSet:
    """Of each row's set, `count` tuples from position `first` on."""
    if found.rows is None and (len(first) > 1 or len(count) > 1):
        found = found.spread(size)
    at = found.positions()
    rows = np.zeros(len(found), dtype=np.int64) if found.rows is None else found.rows
    low = first[rows] if len(first) > 1 else first[0]
    high = low + (count[rows] if len(count) > 1 else count[0])
    return found.take((at >= low) & (at < high) & (low >= 0))


def first_positions(found: TupleSet, wanted: TupleSet, size: int) -> Rows:
    """The position in each row's set of that row's one wanted tuple, -1 where it is not there."""
    spread = found.spread(size)
    a, b = codes([spread, wanted.spread(size) if wanted.rows is None else wanted])
    out = np.full(size, -1, dtype=np.int64)
    if not len(a) or not len(b):
        return out
    order = np.argsort(a, kind="stable")
    at = np.searchsorted(a[order], b)
    at[at == len(a)] = 0
    hit = a[order[at]] == b
    rows = wanted.rows if wanted.rows is not None else np.arange(size)
    out[rows[hit]] = spread.positions()[order[at[hit]]]
    return out


def from_lists(hierarchy: int, rows: Rows, members: NDArray[np.int32], size: int) -> TupleSet:
    """A set of one hierarchy from (row, member) pairs; without rows where there is one context."""
    members = members.astype(np.int32, copy=False)
    return TupleSet((hierarchy,), (members,), None if size == 1 else rows)


def single(hierarchy: int, members: Ordinals) -> TupleSet:
    """A set of members of one hierarchy."""
    return TupleSet((hierarchy,), (members.astype(np.int32, copy=False),))


def gathered(found: TupleSet, inverse: NDArray[np.int64], size: int) -> TupleSet:
    """The sets of distinct contexts, given to every row that shares one."""
    if found.rows is None:
        return found
    counts = found.counts(size)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    mine = counts[inverse]
    rows = np.repeat(np.arange(len(inverse)), mine)
    shift = np.repeat(starts[inverse] - np.concatenate(([0], np.cumsum(mine)[:-1])), mine)
    at = np.arange(len(rows)) + shift
    return TupleSet(found.hierarchies, tuple(c[at] for c in found.columns), rows)
