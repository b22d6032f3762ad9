"""Subselects: what they leave of members and facts. Parents then total only what is left of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.aggregate import filter_of
from flis.query.catalogue import MEASURES
from flis.query.convert import as_set
from flis.query.exists import rows_below
from flis.query.languages.mdx import syntax as s
from flis.query.unsupported import unsupported
from flis.query.values import TupleSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.query.catalogue import BoundDimension, BoundHierarchy
    from flis.query.evaluate import Evaluator

__all__ = ["restrict"]


def restrict(ev: Evaluator, subselect: s.Subselect) -> None:
    """Restrict everything that is evaluated from here on, the innermost subselect first."""
    if isinstance(subselect.source, s.Subselect):
        restrict(ev, subselect.source)
    if subselect.non_visual:
        raise unsupported("NON VISUAL subselect", subselect)
    sets: list[TupleSet] = []
    for expression in [*(a.expression for a in subselect.axes), *([subselect.slicer] if subselect.slicer else [])]:
        sets += _sets(ev, expression)
    for found in sets:
        _apply(ev, found)
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


def _apply(ev: Evaluator, found: TupleSet) -> None:
    if MEASURES in found.hierarchies:
        at = [i for i, h in enumerate(found.hierarchies) if h != MEASURES]
        if not at:
            return
        found = TupleSet(tuple(found.hierarchies[i] for i in at), tuple(found.columns[i] for i in at))
    stored = np.ones(len(found), dtype=bool)
    for h, c in zip(found.hierarchies, found.columns, strict=True):
        stored &= c < ev.sizes[h]
    found = found.take(stored)
    if all(_is_everything(ev, h, c) for h, c in zip(found.hierarchies, found.columns, strict=True)) and len(found):
        return
    ev.filters = (*ev.filters, filter_of(ev, found))
    dimensions = {ev.cube.hierarchies[h].dimension for h in found.hierarchies}
    for dimension in dimensions:
        mine = [i for i, h in enumerate(found.hierarchies) if ev.cube.hierarchies[h].dimension is dimension]
        _mask(ev, dimension, TupleSet(tuple(found.hierarchies[i] for i in mine), tuple(found.columns[i] for i in mine)))


def _is_everything(ev: Evaluator, hierarchy: int, column: NDArray[np.int32]) -> bool:
    return ev.cube.hierarchies[hierarchy].has_all and bool((column == 0).any())


def _mask(ev: Evaluator, dimension: BoundDimension, found: TupleSet) -> None:
    """Leave, in every hierarchy of a dimension, the members that have a row below one of the tuples."""
    left = np.zeros(dimension.loaded().rows, dtype=bool)
    known: dict[tuple[int, int], NDArray[np.bool_]] = {}
    for t in dict.fromkeys(zip(*(c.tolist() for c in found.columns), strict=True)):
        rows = np.ones(len(left), dtype=bool)
        for h, member in zip(found.hierarchies, t, strict=True):
            if (h, member) not in known:
                known[h, member] = rows_below(ev.cube.hierarchies[h], member)
            rows &= known[h, member]
        left |= rows
    for hierarchy in dimension.hierarchies:
        mask = _members_above(hierarchy, left)
        before = ev.masks.get(hierarchy.index)
        ev.masks[hierarchy.index] = mask if before is None else before & mask


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
