"""`Aggregate`: totals over sets in each measure's own way; distinct counts are asked anew over the union."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import Aggregate
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.cell_values import gather
from flis.query.evaluation.cubequery import MemberFilter
from flis.query.evaluation.reductions import highest, lowest, numbers_over, summed
from flis.query.evaluation.setwork import distinct
from flis.query.evaluation.values import UNGROUPED, Context, TupleSet, Values

if TYPE_CHECKING:
    from collections.abc import Collection

    from flis.query.binding.nodes import Evaluation, Node
    from flis.query.cubes.structure import BoundGroup
    from flis.query.evaluation.segments import Filters

__all__ = ["TupleTotals", "aggregated", "beside", "filter_of", "known_to", "total_over"]


def aggregated(ev: Evaluation, context: Context, of: Node, by: Node | None) -> Values:
    """The set's total for every context: of the current measure, or of an expression."""
    found = ev.tuples(of, context)
    if by is not None:
        values, rows = numbers_over(ev, context, of, by)
        if not by.depends or by.kind != "value" or not _one_cell(by):
            return _reduced(values, rows, context.size, Aggregate.SUM)
        measure = by.measure
        if measure is not None:
            context = context.put({MEASURES: measure})
    return total_over(ev, context, found)


def _one_cell(by: Node) -> bool:
    return by.measure is not None and not by.text


def total_over(ev: Evaluation, context: Context, found: TupleSet) -> Values:
    """The total of a set for every context, by the aggregate of the measure that each context has."""
    measures = context.column(MEASURES) if MEASURES not in found.hierarchies else None
    if measures is None or not len(found):
        wide, rows = ev.inner(context, found)
        return _reduced(ev.cells(wide), rows, context.size, Aggregate.SUM)
    present = np.unique(measures)
    if len(present) == 1:
        return _of_measure(ev, context, found, int(present[0]))
    parts = []
    for measure in present.tolist():
        mine = np.flatnonzero(measures == measure)
        cut = found if found.rows is None else _cut(found, mine, context.size)
        parts.append((mine, _of_measure(ev, context.take(mine), cut, measure).spread(len(mine))))
    return gather(parts, context.size)


def _cut(found: TupleSet, rows: np.ndarray, size: int) -> TupleSet:
    place = np.full(size, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    assert found.rows is not None  # noqa: S101
    at = place[found.rows]
    kept = found.take(at >= 0)
    return TupleSet(kept.hierarchies, kept.columns, at[at >= 0])


def _of_measure(ev: Evaluation, context: Context, found: TupleSet, measure: int) -> Values:
    how, rolls_up = Aggregate.SUM, True
    if 0 <= measure < ev.sizes[MEASURES]:
        group, definition = ev.cube.measures[measure]
        how = definition.aggregate
        rolls_up = definition.rolls_up
        found = _once(ev, found, group)
    if rolls_up or not _stored(ev, found):
        wide, rows = ev.inner(context, found)
        return _reduced(ev.cells(wide), rows, context.size, how)
    if found.rows is None:
        return _asked(ev, context, found)
    parts = []
    sets: dict[bytes, list[int]] = {}
    for row in range(context.size):
        mine = found.take(found.rows == row)
        sets.setdefault(b"|".join(c.tobytes() for c in mine.columns), []).append(row)
    for rows_of in sets.values():
        mine = found.take(found.rows == rows_of[0])
        at = np.array(rows_of)
        part = TupleSet(mine.hierarchies, mine.columns)
        parts.append((at, _asked(ev, context.take(at), part).spread(len(at))))
    return gather(parts, context.size)


def _once(ev: Evaluation, found: TupleSet, group: BoundGroup) -> TupleSet:
    """Tuples that differ only in what does not matter to a measure group stand for the same facts: one of them."""
    if not group.definition.ignore_unrelated or all(h in group.linked for h in found.hierarchies):
        return found
    if not _stored(ev, found):
        return found
    columns = [
        column if h in group.linked else np.full_like(column, ev.cube.hierarchies[h].default)
        for h, column in zip(found.hierarchies, found.columns, strict=True)
    ]
    return distinct(TupleSet(found.hierarchies, tuple(columns), found.rows))


def _stored(ev: Evaluation, found: TupleSet) -> bool:
    return all(not len(c) or int(c.max()) < ev.sizes[h] for h, c in zip(found.hierarchies, found.columns, strict=True))


def _asked(ev: Evaluation, context: Context, found: TupleSet) -> Values:
    """Over the union of the tuples, in one go."""
    if not len(found):
        return Values.of(None, context.size)
    wanted, lifted = _in_space(ev, found)
    with ev.filtered((wanted,)), ev.lifted(lifted):
        return ev.cells(context.put(dict.fromkeys(found.hierarchies, UNGROUPED)))


def _in_space(ev: Evaluation, found: TupleSet) -> tuple[MemberFilter, int]:
    """The tuples as a filter, each with the subselects that hold for it; the dimensions whose own no longer do."""
    outside = ev.space.outside(list(zip(found.hierarchies, found.columns, strict=True)))
    if not isinstance(outside, np.ndarray):
        return filter_of(ev, found), outside
    kinds = np.unique(outside).tolist()
    if len(kinds) == 1:
        return filter_of(ev, found), kinds[0]
    parts = [(kind, filter_of(ev, found.take(outside == kind))) for kind in kinds]
    return ev.space.union(parts), ev.space.touched(found)


def filter_of(ev: Evaluation, found: TupleSet) -> MemberFilter:
    """The tuples of a set as a filter."""
    names = tuple(ev.cube.hierarchies[h].unique_name for h in found.hierarchies)
    members = dict.fromkeys(zip(*(c.tolist() for c in found.columns), strict=True))
    return MemberFilter(names, tuple(members))


def beside(filters: Filters, names: Collection[str]) -> Filters:
    """Filters without the hierarchies of these names: of tuples over others too, what they say of those."""
    out: list[MemberFilter] = []
    for f in filters:
        keep = [i for i, name in enumerate(f.hierarchies) if name not in names]
        if keep:
            members = tuple(dict.fromkeys(tuple(t[i] for i in keep) for t in f.members))
            out.append(MemberFilter(tuple(f.hierarchies[i] for i in keep), members))
    return tuple(out)


def known_to(group: BoundGroup, filters: Filters) -> Filters:
    """Filters cut to what a measure group is linked to.

    A member of another dimension does not matter to the group, or takes all facts away if it is not the default one.
    """
    out: list[MemberFilter] = []
    for f in filters:
        hierarchies = [group.cube.hierarchy(name) for name in f.hierarchies]
        mine = [i for i, h in enumerate(hierarchies) if h.index in group.linked]
        if len(mine) == len(hierarchies):
            out.append(f)
            continue
        members = f.members
        if not group.definition.ignore_unrelated:
            roots = {i: h.root for i, h in enumerate(hierarchies) if i not in mine}
            members = tuple(t for t in members if all(t[i] == root for i, root in roots.items()))
        cut = tuple(dict.fromkeys(tuple(t[i] for i in mine) for t in members))
        if mine or not cut:
            out.append(MemberFilter(tuple(f.hierarchies[i] for i in mine), cut))
    return tuple(out)


def _reduced(values: Values, rows: np.ndarray, size: int, how: Aggregate) -> Values:
    there = ~values.null
    numbers, at = values.floats()[there], rows[there]
    reduce = {Aggregate.MIN: lowest, Aggregate.MAX: highest}.get(how, summed)
    count = np.bincount(at, minlength=size)
    return Values(np.where(count > 0, reduce(numbers, at, size), np.nan), count == 0)


class TupleTotals:
    """A member that stands for a set: a visual total, or a set slicer with calculated members in it."""

    def __init__(self, found: TupleSet) -> None:
        self.found = found

    def total(self, ev: Evaluation, context: Context) -> Values:
        """The set's total for every context."""
        with ev.nested():
            return total_over(ev, context, self.found)
