"""Subselects: what they leave of members and facts. Parents then total only what is left.

`NON VISUAL` leaves members in the same way, and totals as they are. WHERE inside a subselect filters nothing: its sets
are found there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.aggregate import filter_of
from flis.query.evaluation.slicer import slice_by
from flis.query.evaluation.space import Space
from flis.query.evaluation.values import Context, TupleSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.query.evaluation.evaluate import Evaluator
    from flis.query.prepared import PreparedSubselect
    from flis.query.result import Ordinals

__all__ = ["restrict"]

REFUSED, ALONE = 0, 1  # values of DbpropMsmdSubqueries: no calculated members; they without what lies above them


def restrict(ev: Evaluator, subselects: Sequence[PreparedSubselect]) -> None:
    """Restrict everything that is evaluated from here on, the innermost subselect first.

    Raises:
        StatementError: a subselect holds a calculated member, and may not.
    """
    for subselect in subselects:
        shown = ev.subselected
        if subselect.slicer is not None:
            slice_by(ev, subselect.slicer)
        found = [ev.tuples(node, ev.base) for node in subselect.nodes]
        ev.leave(shown)
        for one in found:
            _apply(ev, one, totals=subselect.totals)
        ev.base = Context(1, ev.defaults())


def _apply(ev: Evaluator, found: TupleSet, *, totals: bool) -> None:
    """Leave the tuples' members; totals are those of what is left, or (NON VISUAL) of everything as before."""
    calculated = np.zeros(len(found), dtype=bool)
    for h, column in zip(found.hierarchies, found.columns, strict=True):
        if h == MEASURES or (column >= ev.sizes[h]).any():
            _check(ev, h, column)
            calculated |= (column >= ev.sizes[h]) & (h != MEASURES)
    chosen = found
    found = _without_measures(found).take(~calculated)
    if found.hierarchies or not chosen.hierarchies:
        _leave(ev, found, totals=totals)
    for h, column in zip(chosen.hierarchies, chosen.columns, strict=True):
        if h == MEASURES or (column >= ev.sizes[h]).any():
            ascend = ev.calculated_in_subselects > ALONE
            ev.leave(ev.subselected.with_calculated(ev.members[h], column, ascend=ascend))
            if totals:  # what lies above is inside the space, and has nothing to count
                inside = ev.space.inside.with_calculated(ev.members[h], column, ascend=ascend)
                ev.space = Space(ev.cube, ev.space.filters, inside)


def _check(ev: Evaluator, h: int, column: Ordinals) -> None:
    for ordinal in np.unique(column[column >= ev.sizes[h]]).tolist():
        calculation = ev.calculation(h, ordinal)
        if calculation.own:
            raise StatementError(
                f"The subselect holds {calculation.name}, which this statement calculates.",
                hint="Name the members that it stands for, or create it in the session.",
            )
        if ev.calculated_in_subselects == REFUSED:
            raise StatementError(
                f"The subselect holds the calculated member {calculation.name}.",
                hint="The property DbpropMsmdSubqueries (SubQueries in a connection string) allows it with 1 or 2.",
            )


def _without_measures(found: TupleSet) -> TupleSet:
    at = [i for i, h in enumerate(found.hierarchies) if h != MEASURES]
    return TupleSet(tuple(found.hierarchies[i] for i in at), tuple(found.columns[i] for i in at))


def _leave(ev: Evaluator, found: TupleSet, *, totals: bool) -> None:
    everything = np.ones(len(found), dtype=bool)
    for h, c in zip(found.hierarchies, found.columns, strict=True):
        everything &= ev.cube.hierarchies[h].has_all & (c == 0)
    if everything.any():
        return
    if totals:
        ev.space = ev.space.restricted(found, filter_of(ev, found))
    ev.leave(ev.subselected.restricted(found, ev.cube))
