"""The time dimension of a measure, and the calendar of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.query.evaluation.rowsets import Calendar

if TYPE_CHECKING:
    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.structure import BoundDimension

__all__ = ["calendar_of", "time_of"]


def time_of(ev: Evaluation, ordinal: int) -> BoundDimension:
    """The time dimension of a measure."""
    group, _ = ev.cube.measures[ordinal]
    return next(d for d in ev.cube.dimensions if d.is_time and d.name in group.definition.links)


def calendar_of(time: BoundDimension) -> Calendar:
    """The days of its rows."""
    dates = time.loaded().dates
    assert dates is not None, "the catalogue was checked"  # noqa: S101
    return Calendar(dates)
