"""Distinct counts that are stored by grouping set: a cell has the count of the set that is cut as it is, or none.

A person who is counted in two months is one person in both, so counts are never added up. What a cell is of goes by
rows: one municipality is one, whether a member names it, a filter leaves it, or the store holds no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import level_named
from flis.query.cubes.cube import ROWS
from flis.query.evaluation.cell_rows import asked_rows
from flis.query.evaluation.cell_values import read
from flis.query.evaluation.values import UNGROUPED, CellFault, Values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from flis.catalog.cube import GroupingSet
    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.structure import BoundDimension, BoundGroup, BoundHierarchy
    from flis.query.evaluation.cell_rows import Asked
    from flis.query.evaluation.rowsets import RowSets
    from flis.query.evaluation.values import Coordinate
    from flis.query.result import Ordinals

__all__ = ["not_calculated", "stored_count"]

NOT_CALCULATED = {"da": "ikke beregnet for dette snit", "en": "not calculated for this cut"}


def stored_count(ev: Evaluation, asked: Asked, ordinal: int) -> Values:
    """The cells of a distinct count: numbers where a grouping set cuts as they do, else a text that says so."""
    group, measure = ev.cube.measures[ordinal]
    rows = {d: asked_rows(ev, asked, d) for d in ev.cube.dimensions if d.name in group.definition.links}
    size = asked.context.size
    found = np.full(size, np.nan)
    repeated = np.zeros(size, dtype=np.bool_)
    rest = np.all([one.filled for one in rows.values()], axis=0) if rows else np.ones(size, dtype=np.bool_)
    for one in group.definition.grouping_sets:
        members = _members(ev, group, one, rows)
        uncut = [_everything(ev, group, d, sets) for d, sets in rows.items() if d.name not in one.by]
        mine = np.flatnonzero(np.all([rest, *uncut, *(column >= 0 for column in members.values())], axis=0))
        if len(mine):
            put: dict[int, Coordinate] = {h.index: UNGROUPED for d in rows for h in d.hierarchies}
            put |= {h.index: column[mine] for h, column in members.items()}
            cells = asked.context.take(mine).put(put)
            counted = ev.cube.counted(group, one)
            with ev.unfiltered(rows):
                found[mine] = read(ev, cells, counted, measure.name)
                repeated[mine] = read(ev, cells, counted, ROWS) > 1
            rest[mine] = False
    faults = np.full(size, None, dtype=object)
    faults[rest] = not_calculated(ev)
    faults[repeated] = CellFault(f"{measure.name} has several rows of one grouping set for this cell.")
    return Values.nan_is_null(found).with_faults(Values(faults, ~(rest | repeated)))


def not_calculated(ev: Evaluation) -> CellFault:
    """In place of a count that no grouping set has: the words that say so."""
    return CellFault(NOT_CALCULATED[ev.language if ev.language in NOT_CALCULATED else "da"], shown=True)


def _members(
    ev: Evaluation, group: BoundGroup, one: GroupingSet, rows: Mapping[BoundDimension, RowSets]
) -> dict[BoundHierarchy, Ordinals]:
    """Of every dimension that a set cuts, the one member of its level that each cell is of; -1 where there is none.

    The row of the unknown members makes no other cell where the set has no count under it.
    """
    found: dict[BoundHierarchy, Ordinals] = {}
    counted = ev.cube.counted(group, one).facts.unknown
    for dimension, sets in rows.items():
        level = one.by.get(dimension.name)
        if level is not None and dimension.definition is not None:
            place = level_named(dimension.definition, level)
            assert place is not None, "the catalogue was checked"  # noqa: S101
            hierarchy = dimension.hierarchies[place[0]]
            of_rows = dimension.definition.hierarchies[place[0]].levels[place[1]].key == dimension.definition.key
            if ev.cube.is_partial(dimension) and not of_rows:  # the store holds a part of each of its members
                found[hierarchy] = np.full(len(sets.of), -1, dtype=np.int32)
            else:
                without = -1 if dimension.name in counted else dimension.loaded().unknown
                found[hierarchy] = _only_member(hierarchy.numbered.levels[place[1]], sets, without)
    return found


def _everything(ev: Evaluation, group: BoundGroup, dimension: BoundDimension, sets: RowSets) -> NDArray[np.bool_]:
    """Which cells are of all rows of a dimension; none where the store holds a part of them.

    The row of the unknown members does not matter where no count is under it: all the others are everything, too.
    """
    if ev.cube.is_partial(dimension):
        return np.zeros(len(sets.of), dtype=np.bool_)
    rows, unknown = dimension.loaded().rows, dimension.loaded().unknown
    numbers = sets.numbers
    if unknown >= 0 and not _counts_unknown(ev, group, dimension):
        numbers, rows = numbers[sets.rows != unknown], rows - 1
    return np.asarray((np.bincount(numbers, minlength=sets.count) == rows)[sets.of])


def _counts_unknown(ev: Evaluation, group: BoundGroup, dimension: BoundDimension) -> bool:
    """Whether a grouping set that cuts a dimension has counts under its unknown member."""
    cutting = (one for one in group.definition.grouping_sets if dimension.name in one.by)
    return any(dimension.name in ev.cube.counted(group, one).facts.unknown for one in cutting)


def _only_member(level: Ordinals, sets: RowSets, without: int) -> Ordinals:
    """The member of a level whose rows are those that each cell is of; -1 where there is none.

    The row `without` is passed over where a cell is of others, too.
    """
    kept = sets.rows != without
    numbers, members = sets.numbers[kept], level[sets.rows[kept]]
    first = np.full(sets.count, np.iinfo(np.int32).max, dtype=np.int32)
    last = np.full(sets.count, -1, dtype=np.int32)
    np.minimum.at(first, numbers, members)
    np.maximum.at(last, numbers, members)
    have = np.bincount(level[level >= 0], minlength=1)
    counts = np.bincount(numbers, minlength=sets.count)
    whole = (first == last) & (last >= 0)
    whole[whole] = counts[whole] == have[last[whole]]
    alone = sets.numbers[~kept][counts[sets.numbers[~kept]] == 0]
    last[alone], whole[alone] = level[without], without >= 0
    return np.where(whole, last, -1).astype(np.int32)[sets.of]
