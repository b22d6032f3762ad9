"""What subselects and the slicer leave of the dimensions of a cube."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.shared_rows import dimensions_of, members_above, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.members import Members
    from flis.query.cubes.structure import BoundDimension
    from flis.query.evaluation.values import TupleSet
    from flis.query.result import Ordinals

__all__ = ["NOTHING_GONE", "Left", "named_in"]


@dataclass(slots=True, eq=False)
class Left:
    """What subselects and the slicer leave: rows of dimensions, and the members that lie above those."""

    rows: dict[BoundDimension, NDArray[np.bool_]] = field(default_factory=dict)
    masks: dict[int, NDArray[np.bool_]] = field(default_factory=dict)
    named: dict[int, NDArray[np.bool_]] = field(default_factory=dict)  # measures and calculated members, where chosen
    above: dict[int, NDArray[np.bool_]] = field(default_factory=dict)  # what lies above chosen calculated members
    tuples: tuple[TupleSet, ...] = ()  # the sets whose members of several dimensions belong together

    def copy(self) -> Left:
        """The same, to be changed."""
        return Left(dict(self.rows), dict(self.masks), dict(self.named), dict(self.above), self.tuples)

    def restricted(self, found: TupleSet, cube: BoundCube) -> Left:
        """What is left when facts must lie below one of the tuples, dimension by dimension; All always is."""
        made = self.copy()
        dimensions = dimensions_of(cube, found.hierarchies)
        if len(dimensions) > 1:
            made.tuples = (*made.tuples, found)
        for dimension, at in dimensions.items():
            mine = [cube.hierarchies[found.hierarchies[i]] for i in at]
            rows = rows_of(dimension, mine, [found.columns[i] for i in at])
            if rows.all():
                continue
            before = made.rows.get(dimension)
            made.rows[dimension] = rows = rows if before is None else before & rows
            for hierarchy in dimension.hierarchies:
                mask = made.masks[hierarchy.index] = members_above(hierarchy, rows)
                if hierarchy.has_all:
                    mask[0] = True
        return made

    def with_calculated(self, members: Members, chosen: Ordinals, *, ascend: bool) -> Left:
        """With only the chosen ones of the calculated members, the statement's own apart, and what lies above those."""
        made = self.copy()
        h, calculated = members.hierarchy.index, chosen[chosen >= members.size]
        own = np.array([c.own for c in members.calculated], dtype=bool)
        named = made.named[h] = np.concatenate([np.ones(members.size, dtype=bool), own])
        named[calculated] = True
        if h == MEASURES:
            stored = np.zeros(members.size, dtype=bool)
            stored[chosen[chosen < members.size]] = True
            named[: members.size] = stored
            made.masks[h] = stored & made.masks.get(h, np.ones_like(stored))
            return made
        above = made.above[h] = np.zeros(members.size, dtype=bool)
        at = np.unique(members.parents(calculated))
        while ascend and len(at := at[at >= 0]):
            above[at] = True
            at = np.unique(members.table.parent[at])
        mask = made.masks[h] = made.masks.get(h, np.ones_like(above)) | above
        if members.hierarchy.has_all and len(calculated) == len(chosen):
            mask[0] = ascend
        return made


NOTHING_GONE = Left()


def named_in(named: NDArray[np.bool_], column: Ordinals) -> NDArray[np.bool_]:
    """Which members a choice of calculated ones leaves; those made since are none of its."""
    return np.asarray(named[np.clip(column, 0, len(named) - 1)] | (column >= len(named)))
