"""What evaluation found without a look at figures: it is the same whenever the statement is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flis.query.evaluation.values import Context, TupleSet
    from flis.query.result import Axis

__all__ = ["LARGEST", "KeptAxes"]

LARGEST = 200  # tuples of all axes up to which this is kept


@dataclass(frozen=True, slots=True)
class KeptAxes:
    """Slicer and axes before what is empty is left out, the contexts of their cells, and the evaluator's state."""

    slicer: TupleSet | None
    sets: list[TupleSet]
    context: Context
    axes: tuple[Axis, ...]
    slicer_axis: Axis
    state: tuple[Any, ...]
