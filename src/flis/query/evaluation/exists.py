"""What exists together: members of hierarchies of one dimension share rows of its table.

Members are compared with the dimension's rows a level at a time: the rows say which combinations of members there are,
and a set is looked up in them at once. All, calculated members and missing ones go together with everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from flis.query.cubes.members import expanded
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.setwork import crossed
from flis.query.evaluation.values import TupleSet, codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.members import Members
    from flis.query.cubes.structure import BoundDimension, BoundHierarchy
    from flis.query.evaluation.evaluate import Evaluator
    from flis.query.evaluation.values import Context, Rows
    from flis.query.result import Ordinals

__all__ = [
    "NOTHING_GONE",
    "Left",
    "crossed_existing",
    "dimensions_of",
    "existing",
    "existing_together",
    "joined",
    "named_in",
    "related",
    "rows_below",
    "rows_of",
    "share_rows",
    "shown",
    "shown_below",
]

SMALL = 50_000  # pairs that are made and then looked at; more are joined through the dimension's rows
BLOCK = 1_000_000  # pairs looked at in one go


@dataclass(slots=True, eq=False)
class Left:
    """What subselects and the slicer leave: rows of dimensions, and the members that lie above those."""

    rows: dict[BoundDimension, NDArray[np.bool_]] = field(default_factory=dict)
    masks: dict[int, NDArray[np.bool_]] = field(default_factory=dict)
    named: dict[int, NDArray[np.bool_]] = field(default_factory=dict)  # measures and calculated members, where chosen
    above: dict[int, NDArray[np.bool_]] = field(default_factory=dict)  # what lies above chosen calculated members
    tuples: tuple[TupleSet, ...] = ()  # the sets whose members of several dimensions belong together

    def copy(self) -> Left:
        """The same, to be changed."""
        return Left(dict(self.rows), dict(self.masks), dict(self.named), dict(self.above), self.tuples)

    def restricted(self, found: TupleSet, cube: BoundCube) -> Left:
        """What is left when facts must lie below one of the tuples, dimension by dimension; All always is."""
        made = self.copy()
        dimensions = dimensions_of(cube, found.hierarchies)
        if len(dimensions) > 1:
            made.tuples = (*made.tuples, found)
        for dimension, at in dimensions.items():
            mine = [cube.hierarchies[found.hierarchies[i]] for i in at]
            rows = rows_of(dimension, mine, [found.columns[i] for i in at])
            if rows.all():
                continue
            before = made.rows.get(dimension)
            made.rows[dimension] = rows = rows if before is None else before & rows
            for hierarchy in dimension.hierarchies:
                mask = made.masks[hierarchy.index] = _members_above(hierarchy, rows)
                if hierarchy.has_all:
                    mask[0] = True
        return made

    def with_calculated(self, members: Members, chosen: Ordinals, *, ascend: bool) -> Left:
        """With only the chosen ones of the calculated members, the statement's own apart, and what lies above those."""
        made = self.copy()
        h, calculated = members.hierarchy.index, chosen[chosen >= members.size]
        own = np.array([c.own for c in members.calculated], dtype=bool)
        named = made.named[h] = np.concatenate([np.ones(members.size, dtype=bool), own])
        named[calculated] = True
        if h == MEASURES:
            stored = np.zeros(members.size, dtype=bool)
            stored[chosen[chosen < members.size]] = True
            named[: members.size] = stored
            made.masks[h] = stored & made.masks.get(h, np.ones_like(stored))
            return made
        above = made.above[h] = np.zeros(members.size, dtype=bool)
        at = np.unique(members.parents(calculated))
        while ascend and len(at := at[at >= 0]):
            above[at] = True
            at = np.unique(members.table.parent[at])
        mask = made.masks[h] = made.masks.get(h, np.ones_like(above)) | above
        if members.hierarchy.has_all and len(calculated) == len(chosen):
            mask[0] = ascend
        return made


NOTHING_GONE = Left()


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


# rows and members


def _numbers(hierarchy: BoundHierarchy, column: Ordinals) -> NDArray[np.int32]:
    """The level by which each member cuts the rows; -1 where it goes together with all of them."""
    table = hierarchy.table
    stored = (column >= 0) & (column < table.size)
    level = table.level[np.where(stored, column, 0)] - (1 if hierarchy.has_all else 0)
    return np.where(stored, level, -1).astype(np.int32)


def _by_levels(hierarchies: Sequence[BoundHierarchy], columns: Sequence[Ordinals]) -> Iterator[tuple[list[int], Rows]]:
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


def _members_at(
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


def _alike(columns: Sequence[Ordinals], others: Sequence[Ordinals]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One number per tuple, equal for equal tuples of both."""
    over = tuple(range(len(columns)))
    one, other = codes([TupleSet(over, tuple(columns)), TupleSet(over, tuple(others))])
    return one, other


def _start(dimension: BoundDimension, rows: NDArray[np.bool_] | None) -> Rows:
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
    for levels, at in _by_levels(hierarchies, columns):
        active = [i for i, level in enumerate(levels) if level >= 0]
        if not active or (rows is None and len(active) < 2):  # All stays where nothing is left; calculated members too
            continue
        mine = [columns[i][at] for i in active]
        cut = [hierarchies[i] for i in active]
        _, theirs = _members_at(cut, [levels[i] for i in active], mine, _start(dimension, rows))
        keep[at] = np.isin(*_alike(mine, theirs))
    return keep


def rows_of(
    dimension: BoundDimension, hierarchies: Sequence[BoundHierarchy], columns: Sequence[Ordinals]
) -> NDArray[np.bool_]:
    """The dimension rows that lie below one of the tuples."""
    out = np.zeros(dimension.loaded().rows, dtype=bool)
    if not len(columns[0]):
        return out
    for levels, at in _by_levels(hierarchies, columns):
        active = [i for i, level in enumerate(levels) if level >= 0]
        if not active:
            return np.ones_like(out)
        mine = [columns[i][at] for i in active]
        cut = [hierarchies[i] for i in active]
        rows, theirs = _members_at(cut, [levels[i] for i in active], mine, np.arange(len(out)))
        if len(active) > 1:  # every member is wanted, but not with every other
            wanted, found = _alike(mine, theirs)
            rows = rows[np.isin(found, wanted)]
        out[rows] = True
    return out


def _members_above(hierarchy: BoundHierarchy, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
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


# sets


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


def existing(ev: Evaluator, found: TupleSet) -> TupleSet:
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


def named_in(named: NDArray[np.bool_], column: Ordinals) -> NDArray[np.bool_]:
    """Which members a choice of calculated ones leaves; those made since are none of its."""
    return np.asarray(named[np.clip(column, 0, len(named) - 1)] | (column >= len(named)))


def crossed_existing(ev: Evaluator, left: TupleSet, right: TupleSet, size: int) -> TupleSet:
    """A cross join without the tuples whose members do not exist together."""
    shared = dimensions_of(ev.cube, left.hierarchies).keys() & dimensions_of(ev.cube, right.hierarchies).keys()
    if not shared:
        return crossed(left, right, size, ev.watch)
    if left.rows is not None or right.rows is not None or len(left) * len(right) <= max(SMALL, 0):
        return existing(ev, crossed(left, right, size, ev.watch))
    i, j = joined(ev, min(shared, key=lambda d: d.ordinal), left, right)
    columns = (*(c[i] for c in left.columns), *(c[j] for c in right.columns))
    return existing(ev, TupleSet(left.hierarchies + right.hierarchies, columns))


def joined(ev: Evaluator, dimension: BoundDimension, left: TupleSet, right: TupleSet) -> tuple[Rows, Rows]:
    """The pairs (place in the left, place in the right) that share a row of the dimension, in order."""
    sides = []
    for side in (left, right):
        at = dimensions_of(ev.cube, side.hierarchies)[dimension]
        hierarchies, columns = [ev.cube.hierarchies[side.hierarchies[i]] for i in at], [side.columns[i] for i in at]
        sides.append([_Part(hierarchies, columns, *group) for group in _by_levels(hierarchies, columns)])
    rows = _start(dimension, ev.left.rows.get(dimension) if ev.at_axis else None)
    pairs = [np.zeros(0, dtype=np.int64)]
    for one in sides[0]:
        for other in sides[1]:
            both = [*one.columns, *other.columns]
            reached, found = _members_at(
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


class _Part:
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
        mine, theirs = _alike(self._first, found)
        order = np.argsort(mine)
        at = np.minimum(np.searchsorted(mine[order], theirs), len(mine) - 1)
        return np.where(mine[order][at] == theirs, order[at], -1)

    def tuples_of(self, places: NDArray[np.int64]) -> tuple[Rows, Rows]:
        """The tuples behind distinct ones: (which of the places, the tuple)."""
        return expanded(self._starts[places], self.count[places], self._order)


# asked for in statements


def existing_together(ev: Evaluator, context: Context, left: TupleSet, right: TupleSet) -> TupleSet:
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


def _written_out(ev: Evaluator, found: TupleSet) -> TupleSet:
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


def rows_below(cube: BoundCube, dimension: BoundDimension, found: TupleSet) -> NDArray[np.bool_]:
    """The rows of one dimension that lie below one of the tuples."""
    at = dimensions_of(cube, found.hierarchies)[dimension]
    return rows_of(dimension, [cube.hierarchies[found.hierarchies[i]] for i in at], [found.columns[i] for i in at])


def _paired(ev: Evaluator, size: int, left: TupleSet, right: TupleSet) -> NDArray[np.bool_]:
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


def shown_below(ev: Evaluator, hierarchy: int, member: int, below: Ordinals) -> Ordinals:
    """Descendants of a member without those that a subselect hides; all of them where it hides the member itself."""
    mask = ev.shown(hierarchy, below)
    if mask is None:
        return below
    own = ev.shown(hierarchy, np.array([member], dtype=np.int32))
    return below[mask] if member < 0 or own is None or own[0] else below


def shown(ev: Evaluator, found: TupleSet) -> TupleSet:
    """Without the members of one hierarchy that a subselect hides."""
    mask = ev.shown(found.hierarchies[0], found.columns[0])
    return found if mask is None or mask.all() else found.take(mask)
