"""What evaluation offers: the cube of a statement, what is left of it on axes, and what restricts its stored cells.

`nodes.Evaluation` is all of it, and what evaluates expressions. A function takes the least that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from flis.query.cubes.calculations import Calculation
    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.members import Members
    from flis.query.cubes.structure import BoundDimension, BoundHierarchy
    from flis.query.evaluation.remaining import Left
    from flis.query.evaluation.segments import Filters
    from flis.query.evaluation.space import Space
    from flis.query.evaluation.values import TupleSet
    from flis.query.limits import Watch
    from flis.query.result import Ordinals

__all__ = ["FilteredCube", "LimitedCube", "StatementCube"]


class StatementCube(Protocol):
    """The cube of a statement, with the members that the statement and its evaluation add."""

    cube: BoundCube
    watch: Watch
    members: list[Members]  # by hierarchy
    sizes: list[int]  # by hierarchy: from these ordinals on, members are calculated ones
    calculable: list[int]  # hierarchies that have any of these

    def calculation(self, hierarchy: int, ordinal: int) -> Calculation:
        """The calculated member behind an ordinal."""
        ...

    def add(self, calculation: Calculation) -> int:
        """A further calculated member, made during evaluation; its ordinal."""
        ...

    def rule(self, hierarchy: int, ordinal: int) -> object:
        """What a member made during evaluation does, None for all others."""
        ...

    def default(self, hierarchy: BoundHierarchy) -> int:
        """The default member: the cube's, or the first visible one where a subselect or perspective hides that."""
        ...

    def stands_for(self, hierarchy: int, ordinal: int) -> TupleSet | None:
        """The stored tuples that a set in WHERE or a member `Aggregate({…})` stands for; None for any other member."""
        ...


class LimitedCube(StatementCube, Protocol):
    """The cube as subselects and the slicer leave it."""

    subselected: Left

    @property
    def left(self) -> Left:
        """What is left of dimensions here: on an axis or in a formula."""
        ...

    @property
    def at_axis(self) -> bool:
        """Whether an axis or a named set is evaluated, and not a formula."""
        ...

    def restrict(self, found: TupleSet) -> None:
        """Show on axes what exists with one of the tuples of the slicer."""
        ...

    def shown(self, hierarchy: int, ordinals: Ordinals) -> NDArray[np.bool_] | None:
        """Which members are left; None: all."""
        ...


class FilteredCube(StatementCube, Protocol):
    """The cube with what restricts its stored cells."""

    space: Space
    filters: Filters
    lifted_here: int  # dimensions (bits of the space) whose subselects do not hold

    def filtered(self, filters: Filters) -> AbstractContextManager[None]:
        """Further restrict stored cells while the block runs."""
        ...

    def lifted(self, dimensions: int) -> AbstractContextManager[None]:
        """Without what subselects leave out of some dimensions (bits of the space) while the block runs."""
        ...

    def unfiltered(
        self, dimensions: Collection[BoundDimension], tied: Collection[BoundDimension] = ()
    ) -> AbstractContextManager[None]:
        """Stored cells as if nothing filtered some dimensions while the block runs; of those `tied`, tuples hold."""
        ...
