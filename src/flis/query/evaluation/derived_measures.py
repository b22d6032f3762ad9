"""Derived measures: the same period last year, change, year to date, share of the parent, ratio.

They go by rows, not by current members. What is asked of a dimension, by members, a set in WHERE, an Aggregate member
or a subselect, is a set of its rows; another period, or the whole that a share is of, is another set of them. The
measure underneath is then asked over these sets, whatever its aggregate is; docs/guides/own-cubes.md says of each type
what it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import Aggregate, DerivedMeasure, DerivedType, Unit
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.cell_rows import Asked, asked_rows
from flis.query.evaluation.cell_values import gather, read, stored
from flis.query.evaluation.cuts import stored_count
from flis.query.evaluation.published_totals import published, untold
from flis.query.evaluation.ratios import ratio
from flis.query.evaluation.share_wholes import wholes
from flis.query.evaluation.time_rows import calendar_of, time_of
from flis.query.evaluation.values import Context, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.catalog.cube import Measure
    from flis.query.binding.nodes import Evaluation

__all__ = ["derived"]

OF_LAST_DAY = frozenset({Aggregate.LAST_LOADED, Aggregate.LAST_NON_EMPTY})
ZERO_WHERE_EMPTY = frozenset(
    {Aggregate.SUM, Aggregate.COUNT, Aggregate.DISTINCT_COUNT, Aggregate.LAST_LOADED, Aggregate.FIRST_LOADED}
)
"""Aggregates of which nobody and nothing is 0: a change to it or from it has a value."""


def derived(ev: Evaluation, context: Context, ordinal: int) -> Values:
    """The cells of a derived measure; all have their members."""
    return _values(ev, Asked(context), ordinal)


def _values(ev: Evaluation, asked: Asked, ordinal: int) -> Values:
    measure = ev.cube.measures[ordinal][1]
    if not isinstance(measure, DerivedMeasure):
        return _stored(ev, asked, ordinal)
    base = ev.cube.measure_ordinals[measure.measure]
    match measure.derived:
        case DerivedType.YEAR_TO_DATE:
            time = time_of(ev, base)
            return _values(ev, asked.put(time, calendar_of(time).year_to_date(asked_rows(ev, asked, time))), base)
        case DerivedType.SAME_PERIOD_LAST_YEAR:
            return _values(ev, _before(ev, asked, base, (1, Unit.YEAR))[0], base)
        case DerivedType.CHANGE:
            return _change(ev, asked, measure, base)
        case DerivedType.SHARE_OF_PARENT:
            return _share(ev, asked, measure, base)
        case DerivedType.RATIO:
            return ratio(ev, asked, measure, lambda part, of: _values(ev, part, of))


def _stored(ev: Evaluation, asked: Asked, ordinal: int) -> Values:
    """A stored measure."""
    with ev.unfiltered(asked.rows, asked.within):
        if asked.published:
            return Values.nan_is_null(published(ev, asked, ordinal))
        group, measure = ev.cube.measures[ordinal]
        if measure.aggregate is Aggregate.DISTINCT_STORED:
            return stored_count(ev, asked, ordinal)
        links = group.definition.links
        over = [rows.windows(d.name) for d, rows in asked.rows.items() if rows is not None and d.name in links]
        if over:
            return Values.nan_is_null(read(ev, asked.context, group, measure.name, over))
        return stored(ev, asked.context.put({MEASURES: ordinal}))


# Time


def _before(ev: Evaluation, asked: Asked, base: int, back: tuple[int, Unit]) -> tuple[Asked, NDArray[np.bool_]]:
    """The period so far back, and of which cells the dimension has days enough: of figures of the last day that one."""
    time = time_of(ev, base)
    now = asked_rows(ev, asked, time)
    calendar = calendar_of(time)
    rows = calendar.back(now, *back)
    last_day = ev.cube.measures[base][1].aggregate in OF_LAST_DAY
    return asked.put(time, rows), rows.filled if last_day else rows.filled & calendar.reaches(now, *back)


def _change(ev: Evaluation, asked: Asked, measure: DerivedMeasure, base: int) -> Values:
    earlier, covered = _before(ev, asked, base, (measure.periods, measure.unit))
    size = asked.context.size
    values = [_values(ev, each, base).spread(size) for each in (asked, earlier)]
    now, then = (one.numbers_or_nan() for one in values)
    there = covered & ~(np.isnan(now) & np.isnan(then) if _empty_is_zero(ev, base) else np.isnan(now) | np.isnan(then))
    now, then = np.nan_to_num(now), np.nan_to_num(then)
    if not measure.percent:
        return Values.nan_is_null(np.where(there, now - then, np.nan)).with_faults(*values)
    there &= then != 0
    return Values.nan_is_null(np.where(there, (now - then) / np.where(there, then, 1), np.nan)).with_faults(*values)


def _empty_is_zero(ev: Evaluation, ordinal: int) -> bool:
    measure: Measure = ev.cube.measures[ordinal][1]
    return measure.aggregate in ZERO_WHERE_EMPTY and not measure.is_ratio


# Shares


def _share(ev: Evaluation, asked: Asked, measure: DerivedMeasure, base: int) -> Values:
    size = asked.context.size
    dimension = next(d for d in ev.cube.dimensions if d.name == measure.dimension)
    partial = ev.cube.is_partial(dimension)
    parts = _values(ev, asked, base).spread(size)
    part = parts.numbers_or_nan()
    of = np.full(size, np.nan)
    for at, rows in wholes(ev, asked, measure, dimension):
        whole = asked.take(at).put(dimension, rows, published=partial)
        of[at] = _values(ev, whole, base).spread(len(at)).numbers_or_nan()
    there = ~np.isnan(part) & ~np.isnan(of) & (of != 0)
    found = Values.nan_is_null(np.where(there, part / np.where(there, of, 1), np.nan)).with_faults(parts)
    missing = ~np.isnan(part) & np.isnan(of)
    if not (partial or asked.published) or not missing.any():
        return found
    known, unknown = np.flatnonzero(~missing), np.flatnonzero(missing)
    return gather([(known, found.take(known)), (unknown, untold(measure, len(unknown)))], size)
