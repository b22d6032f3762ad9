"""Subselects: what they leave of members and facts. Parents then total only what is left.

`NON VISUAL` leaves members in the same way, and totals as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.binding.convert import as_set
from flis.query.cubes.parts import MEASURES
from flis.query.evaluation.aggregate import filter_of
from flis.query.evaluation.values import TupleSet
from flis.query.languages.mdx import syntax as s

if TYPE_CHECKING:
    from flis.query.evaluation.evaluate import Evaluator

__all__ = ["restrict"]


def restrict(ev: Evaluator, subselect: s.Subselect) -> None:
    """Restrict everything that is evaluated from here on, the innermost subselect first."""
    if isinstance(subselect.source, s.Subselect):
        restrict(ev, subselect.source)
    sets: list[TupleSet] = []
    for expression in [*(a.expression for a in subselect.axes), *([subselect.slicer] if subselect.slicer else [])]:
        sets += _sets(ev, expression)
    for found in sets:
        _apply(ev, found, totals=not subselect.non_visual)
    ev.base = type(ev.base)(1, tuple(ev.default(h) for h in ev.cube.hierarchies))


def _sets(ev: Evaluator, e: s.Expression) -> list[TupleSet]:
    """The sets of an axis; sets of several hierarchies beside each other restrict each for itself."""
    if isinstance(e, s.Parenthesis) and len(e.elements) > 1:
        return [found for x in e.elements for found in _sets(ev, x)]
    if isinstance(e, s.Parenthesis):
        return _sets(ev, e.elements[0])
    node = as_set(ev.binder.bind(e))
    if node is None:
        node = ev.binder.bound_set(e)
    if node.factors and len(node.factors) > 1:
        return [ev.tuples(f, ev.base) for f in node.factors]
    return [ev.tuples(node, ev.base)]


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
