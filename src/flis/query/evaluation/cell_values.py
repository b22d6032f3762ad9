"""Cells: the values of a block of contexts, calculated members and all.

Rows whose coordinates are stored members are read from segments, grouped by measure and by the levels of their members.
Rows with calculated members are grouped by the one that comes first (`precedence.py`), whose formula is then evaluated
over all its rows at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from flis.catalog.cube import Aggregate, DerivedMeasure
from flis.errors import StatementError
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.precedence import first_hierarchies
from flis.query.evaluation.values import UNGROUPED, CellFault, Context, Coordinate, Values, as_column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.structure import BoundGroup, BoundHierarchy
    from flis.query.evaluation.cubequery import Windows
    from flis.query.evaluation.segments import Filters, Levels
    from flis.query.result import Ordinals

    Over = tuple[Windows, Ordinals]

__all__ = [
    "ENDLESS",
    "Endless",
    "Totals",
    "bisected",
    "calculated_hierarchies",
    "cells",
    "gather",
    "pointed",
    "read",
    "stored",
]


ENDLESS = "A calculated member refers to itself without end."
BLANK = {"b": False, "O": None}  # what stands where there is no value, by kind of array


class Totals(Protocol):
    """A member whose value is a total over tuples found during evaluation."""

    def total(self, ev: Evaluation, context: Context) -> Values:
        """The total for every context."""
        ...


def cells(ev: Evaluation, context: Context) -> Values:
    """The value of every context."""
    calculated = calculated_hierarchies(ev, context)
    if not calculated:
        return stored(ev, context)
    if len(calculated) == 1 and isinstance(context.coordinates[calculated[0]], int):
        only = context.coordinates[calculated[0]]
        return _formula(ev, context, calculated[0], int(only))
    if not context.size:
        return Values.of(None, 0)
    chosen = first_hierarchies(ev, context, calculated)
    parts: list[tuple[NDArray[np.int64], Values]] = []
    plain = np.flatnonzero(chosen < 0)
    if len(plain):
        parts.append((plain, stored(ev, context.take(plain))))
    for h in calculated:
        mine = np.flatnonzero(chosen == h)
        if not len(mine):
            continue
        column = context.column(h)[mine]
        for ordinal in np.unique(column).tolist():
            rows = mine[column == ordinal]
            parts.append((rows, _formula(ev, context.take(rows), h, ordinal)))
    return gather(parts, context.size)


def pointed(ev: Evaluation, context: Context, point: Mapping[int, Coordinate]) -> Values:
    """The cells that a tuple points at; one that lacks a member is no tuple, and has no value, calculated or not."""
    if point and all((c.min(initial=0) if isinstance(c, np.ndarray) else c) >= 0 for c in point.values()):
        return ev.cells(context.put(point))
    there = np.full(context.size, bool(point))
    for coordinate in point.values():
        there &= np.asarray(coordinate) >= 0
    rows = np.flatnonzero(there)
    return gather([(rows, ev.cells(context.put(point).take(rows)).spread(len(rows)))], context.size)


def gather(parts: list[tuple[NDArray[np.int64], Values]], size: int) -> Values:
    """Values by rows put together again."""
    if len(parts) == 1 and len(parts[0][0]) == size:
        return parts[0][1].spread(size)
    kinds = {p.data.dtype for _, p in parts if not p.null.all()}
    dtype = kinds.pop() if len(kinds) == 1 else np.dtype(object) if kinds else np.dtype(np.float64)
    data = np.full(size, BLANK.get(dtype.kind, np.nan), dtype=dtype)
    null = np.ones(size, dtype=bool)
    for rows, part in parts:
        there = ~part.null if len(part) == len(rows) else np.full(len(rows), not part.null[0])
        at = rows[there]
        data[at] = part.data[there] if len(part) == len(rows) else part.data[0]
        null[at] = False
    return Values(data, null)


def calculated_hierarchies(ev: Evaluation, context: Context) -> list[int]:
    """The hierarchies on which any row has a calculated member."""
    found = []
    for h in ev.calculable:
        coordinate = context.coordinates[h]
        if isinstance(coordinate, np.ndarray):
            if len(coordinate) and coordinate.max() >= ev.sizes[h]:
                found.append(h)
        elif coordinate >= ev.sizes[h]:
            found.append(h)
    return found


def _formula(ev: Evaluation, context: Context, hierarchy: int, ordinal: int) -> Values:
    """A calculated member's formula over a block; cells have the hierarchy's default member in its place."""
    rule = ev.rule(hierarchy, ordinal)
    if rule is not None:
        return cast("Totals", rule).total(ev, context)
    node = ev.formula(hierarchy, ordinal)
    with ev.nested():
        inner = context.inside(hierarchy, ordinal, ev.default(ev.cube.hierarchies[hierarchy]))
        return ev.values(node, inner).spread(context.size)


def stored(ev: Evaluation, context: Context) -> Values:
    """Cells of stored members only."""
    measure = context.coordinates[MEASURES]
    if not isinstance(measure, np.ndarray):
        return _of_measure(ev, context, int(measure))
    found = np.unique(measure)
    if len(found) == 1:
        return _of_measure(ev, context.put({MEASURES: int(found[0])}), int(found[0]))
    parts = []
    for one in found.tolist():
        rows = np.flatnonzero(measure == one)
        parts.append((rows, _of_measure(ev, context.take(rows).put({MEASURES: one}), one)))
    return gather(parts, context.size)


def _of_measure(ev: Evaluation, context: Context, ordinal: int) -> Values:
    if ordinal < 0 or not ev.figures:
        return Values.of(None, context.size)
    ev.watch.check()
    valid = _valid(ev, context, ev.cube.measures[ordinal][0])
    if valid is None:
        return _there(ev, context, ordinal)
    rows = np.flatnonzero(valid)
    return gather([(rows, _there(ev, context.take(rows), ordinal))] if len(rows) else [], context.size)


def _there(ev: Evaluation, context: Context, ordinal: int) -> Values:
    """Cells of one measure that have all their members."""
    group, measure = ev.cube.measures[ordinal]
    if isinstance(measure, DerivedMeasure) or measure.aggregate is Aggregate.DISTINCT_STORED:
        return ev.derived(context, ordinal)
    return Values.nan_is_null(read(ev, context, group, measure.name))


def _valid(ev: Evaluation, context: Context, group: BoundGroup) -> NDArray[np.bool_] | None:
    """Rows that have all their members, and none below All of a dimension that the group lacks; None: all rows."""
    ok: NDArray[np.bool_] | None = None
    linked, unrelated = group.linked, group.definition.ignore_unrelated
    for h, coordinate in enumerate(context.coordinates):
        if h == MEASURES:
            continue
        known = unrelated or h in linked
        if known and isinstance(coordinate, int) and coordinate != -1:
            continue
        column = as_column(coordinate, context.size) if isinstance(coordinate, int) else coordinate
        good = column != -1 if known else (column == ev.cube.hierarchies[h].root) | (column == UNGROUPED)
        if not good.all():
            ok = good if ok is None else ok & good
    return ok


def grouping(hierarchy: BoundHierarchy, coordinate: Coordinate) -> int | NDArray[np.int32]:
    """The level by which a coordinate cuts, -1 for none."""
    found = hierarchy.cuts[coordinate]
    if not isinstance(found, np.ndarray):
        return int(found)
    first = int(found[0]) if len(found) else -1
    return first if (found == first).all() else found


def read(
    ev: Evaluation, context: Context, group: BoundGroup, measure: str, over: Sequence[Over] = ()
) -> NDArray[np.float64]:
    """Rows inside the space of subselects, and rows outside it in some dimensions, each under their filters.

    `over` are windows of dimensions whose hierarchies are ungrouped, each with the number of every cell's window.
    """
    outside = ev.space.of_rows(context, ev.lifted_here)
    if not isinstance(outside, np.ndarray):
        return _read(ev, context, group, measure, (ev.space.without(outside), over))
    out = np.full(context.size, np.nan)
    for kind in np.unique(outside).tolist():
        rows = np.flatnonzero(outside == kind)
        mine = [(windows, numbers[rows]) for windows, numbers in over]
        out[rows] = _read(ev, context.take(rows), group, measure, (ev.space.without(kind), mine))
    return out


def _read(
    ev: Evaluation, context: Context, group: BoundGroup, measure: str, within: tuple[Filters, Sequence[Over]]
) -> NDArray[np.float64]:
    """From segments, one for every combination of levels that occurs, within filters of the space and windows."""
    filters, over = within
    windows = tuple(window for window, _ in over)
    placed = [number for _, number in over]
    levels: dict[int, int | NDArray[np.int32]] = {}
    coordinates, hierarchies = context.coordinates, ev.cube.hierarchies
    for h, root in group.roots.items():
        coordinate = coordinates[h]
        if isinstance(coordinate, int) and (coordinate < 0 or coordinate == root):
            continue
        at = grouping(hierarchies[h], coordinate)
        if isinstance(at, np.ndarray) or at >= 0:
            levels[h] = at
    mixed = [h for h, at in levels.items() if isinstance(at, np.ndarray)]
    if not mixed:
        wanted: Levels = tuple((h, int(at)) for h, at in levels.items())
        segment = ev.segments(group, measure, [wanted], context, filters, windows=windows)[wanted]
        return segment.find([*placed, *(coordinates[h] for h, _ in segment.levels)], context.size, measure)
    code = np.zeros(context.size, dtype=np.int64)
    for h in mixed:
        code = code * 32 + (levels[h] + 1)
    present, inverse = np.unique(code, return_inverse=True)
    rows_of = [np.flatnonzero(inverse == i) for i in range(len(present))]
    vectors: list[Levels] = []
    for rows in rows_of:
        numbers = [(h, int(at[rows[0]]) if isinstance(at, np.ndarray) else at) for h, at in levels.items()]
        vectors.append(tuple((h, n) for h, n in numbers if n >= 0))
    segments = ev.segments(group, measure, vectors, context, filters, windows=windows)
    out = np.full(context.size, np.nan)
    for rows, vector in zip(rows_of, vectors, strict=True):
        part, segment = context.take(rows), segments[vector]
        here = [*(number[rows] for number in placed), *(part.coordinates[h] for h, _ in segment.levels)]
        out[rows] = segment.find(here, len(rows), measure)
    return out


class Endless(StatementError):
    """A calculated member refers to itself without end: no part of it has a value, whatever else it asks."""


def bisected(
    ev: Evaluation, context: Context, errors: dict[int, str], find: Callable[[Context], Values], first: int = 0
) -> Values:
    """Values of a block, with the rows that fail found by halving; the rest get their values.

    Inside a formula, one that has no end fails as a whole: going on with what is left of it would not end either.
    """
    try:
        return _told(find(context).spread(context.size), errors, first)
    except (StatementError, RecursionError) as e:
        if ev.depth and isinstance(e, (Endless, RecursionError)):
            raise
        if context.size == 1:
            told = str(e) if isinstance(e, StatementError) else ENDLESS
            errors.update(dict.fromkeys(range(first, first + context.size), told))
            return Values.of(None, context.size)
        ev.watch.check()
        half = context.size // 2
        rows = np.arange(context.size)
        left = bisected(ev, context.take(rows[:half]), errors, find, first)
        right = bisected(ev, context.take(rows[half:]), errors, find, first + half)
        return gather([(rows[:half], left), (rows[half:], right)], context.size)


def _told(values: Values, errors: dict[int, str], first: int) -> Values:
    """Values with the faults among them taken out, which are told as errors of their rows."""
    if values.data.dtype != object:
        return values
    faults = [i for i, v in enumerate(values.data.tolist()) if isinstance(v, CellFault)]
    if not faults:
        return values
    errors.update({first + i: values.data[i].message for i in faults})
    data, null = values.data.copy(), values.null.copy()
    data[faults], null[faults] = None, True
    return Values(data, null)
