"""Subselects: what they leave of members and facts. Parents then total only what is left.

`NON VISUAL` leaves members in the same way, and totals as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.cubes.parts import MEASURES
from flis.query.evaluation.aggregate import filter_of
from flis.query.evaluation.values import Context, TupleSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.query.evaluation.evaluate import Evaluator
    from flis.query.prepare import PreparedSubselect

__all__ = ["restrict"]


def restrict(ev: Evaluator, subselects: Sequence[PreparedSubselect]) -> None:
    """Restrict everything that is evaluated from here on, the innermost subselect first."""
    for subselect in subselects:
        for found in [ev.tuples(node, ev.base) for node in subselect.nodes]:
            _apply(ev, found, totals=subselect.totals)
        ev.base = Context(1, ev.defaults())


def _apply(ev: Evaluator, found: TupleSet, *, totals: bool) -> None:
    """Leave the tuples' members; totals are those of what is left, or (NON VISUAL) of everything as before."""
    if MEASURES in found.hierarchies:
        at = [i for i, h in enumerate(found.hierarchies) if h != MEASURES]
        if not at:
            return
        found = TupleSet(tuple(found.hierarchies[i] for i in at), tuple(found.columns[i] for i in at))
    stored = np.ones(len(found), dtype=bool)
    for h, c in zip(found.hierarchies, found.columns, strict=True):
        stored &= c < ev.sizes[h]
    found = found.take(stored)
    everything = np.ones(len(found), dtype=bool)
    for h, c in zip(found.hierarchies, found.columns, strict=True):
        everything &= ev.cube.hierarchies[h].has_all & (c == 0)
    if everything.any():
        return
    if totals:
        ev.filters = (*ev.filters, filter_of(ev, found))
    ev.restrict(found)
