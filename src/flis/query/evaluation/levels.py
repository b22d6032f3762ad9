"""The members of levels, in the order that clients see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.evaluation.exists import shown
from flis.query.evaluation.setwork import single
from flis.query.evaluation.values import TupleSet

if TYPE_CHECKING:
    from flis.query.binding.nodes import Evaluation, Node
    from flis.query.evaluation.values import Context
    from flis.query.result import Ordinals

__all__ = ["in_order", "listed_calculations", "of_level"]


def in_order(ev: Evaluation, hierarchy: int, found: Ordinals) -> Ordinals:
    """Measures in the order that the cube gives them; members of other hierarchies are in order already."""
    if hierarchy or not ev.cube.measures_ordered:
        return found
    return found[np.argsort(ev.members[0].positions(found), kind="stable")]


def listed_calculations(ev: Evaluation, hierarchy: int, level: int | None) -> Ordinals:
    """The calculated members of a level, or of all, that are not hidden."""
    members = ev.members[hierarchy]
    found = [
        members.size + i
        for i, c in enumerate(members.calculated)
        if c.listed and c.rule is None and (level is None or c.level == level)
    ]
    column = np.array(found, dtype=np.int32)
    mask = ev.shown(hierarchy, column)
    return column if mask is None else column[mask]


def of_level(ev: Evaluation, context: Context, level: Node, *, calculated: bool) -> TupleSet:
    """The members of a level, which may be another one in every context."""
    h = level.hierarchies[0]
    wanted = np.atleast_1d(np.asarray(level.run(ev, context)))
    parts = []
    for row, number in enumerate(wanted.tolist()):
        found = shown(ev, single(h, _members(ev, h, number))).columns[0]
        if calculated:
            found = np.concatenate([found, listed_calculations(ev, h, number)])
        found = in_order(ev, h, found)
        parts.append((row, found))
    if len(parts) == 1:
        return single(h, parts[0][1])
    rows = np.repeat([r for r, _ in parts], [len(f) for _, f in parts])
    return TupleSet((h,), (np.concatenate([f for _, f in parts]),), rows)


def _members(ev: Evaluation, hierarchy: int, number: int) -> Ordinals:
    by_level = ev.members[hierarchy].table.by_level
    return by_level[number] if number < len(by_level) else np.zeros(0, dtype=np.int32)
