"""The space that subselects leave, and what a cell counts of it.

Subselects limit what axes and sets show, and make totals visual. A coordinate that lies outside the space (a neighbour
in time, a member that a formula names) has its value in the whole cube. One inside it, members above and All among
them, has the total of what is left ("Building Subcubes in MDX" of Analysis Services). A member of one dimension outside
the space says nothing about the filters on others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from flis.query.evaluation.cubequery import MemberFilter
from flis.query.evaluation.remaining import NOTHING_GONE, Left

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.structure import BoundDimension
    from flis.query.evaluation.segments import Filters
    from flis.query.evaluation.values import Context, Coordinate, TupleSet

__all__ = ["Space"]


@dataclass(frozen=True, slots=True)
class Space:
    """The filters of subselects with visual totals, and the members that lie inside them."""

    cube: BoundCube
    filters: Filters = ()
    inside: Left = NOTHING_GONE
    _without: dict[int, Filters] = field(default_factory=dict, compare=False)

    def restricted(self, found: TupleSet, wanted: MemberFilter) -> Space:
        """The space that one more set of tuples leaves."""
        return Space(self.cube, (*self.filters, wanted), self.inside.restricted(found, self.cube))

    @property
    def dimensions(self) -> tuple[BoundDimension, ...]:
        """The dimensions of which something is left out, in the order of the bits of `outside`."""
        return tuple(self.inside.rows)

    def bits(self, dimensions: Collection[BoundDimension]) -> int:
        """A bit for each of these of which something is left out."""
        return sum(1 << bit for bit, d in enumerate(self.dimensions) if d in dimensions)

    def outside(self, coordinates: Sequence[tuple[int, Coordinate]]) -> int | NDArray[np.int64]:
        """A bit for every dimension in which a coordinate (of a hierarchy) lies outside the space; row by row."""
        places = {h.index: bit for bit, d in enumerate(self.dimensions) for h in d.hierarchies}
        out: int | NDArray[np.int64] = 0
        for h, coordinate in coordinates:
            if h not in places:
                continue
            mask = self.inside.masks[h]
            if isinstance(coordinate, np.ndarray):
                stored = (coordinate >= 0) & (coordinate < len(mask))
                beyond = stored & ~mask[np.where(stored, coordinate, 0)]
                if beyond.any():
                    out = out | (beyond.astype(np.int64) << places[h])
            elif 0 <= coordinate < len(mask) and not mask[coordinate]:
                out = out | (1 << places[h])
        return out

    def of_rows(self, context: Context, lifted: int = 0) -> int | NDArray[np.int64]:
        """The same for the rows of a context, one number where it is that of all; `lifted` is outside anyway."""
        if not self.filters:
            return 0
        found = self.outside(list(enumerate(context.coordinates))) | lifted
        if isinstance(found, np.ndarray) and len(found) and (found == found[0]).all():
            return int(found[0])
        return found

    def without(self, outside: int) -> Filters:
        """The filters cut to the dimensions that do not lie outside."""
        if not outside:
            return self.filters
        if outside not in self._without:
            lifted = {d for bit, d in enumerate(self.dimensions) if outside >> bit & 1}
            cut = (self._cut(f, lifted) for f in self.filters)
            self._without[outside] = tuple(f for f in cut if f is not None)
        return self._without[outside]

    def _cut(self, wanted: MemberFilter, lifted: set[BoundDimension]) -> MemberFilter | None:
        keep = [i for i, name in enumerate(wanted.hierarchies) if self.cube.hierarchy(name).dimension not in lifted]
        if len(keep) == len(wanted.hierarchies):
            return wanted
        members = dict.fromkeys(tuple(t[i] for i in keep) for t in wanted.members)
        return MemberFilter(tuple(wanted.hierarchies[i] for i in keep), tuple(members)) if keep else None

    def reaches_out(self, found: TupleSet) -> bool:
        """Whether a tuple lies outside the space."""
        return bool(np.any(self.outside(list(zip(found.hierarchies, found.columns, strict=True)))))

    def touched(self, found: TupleSet) -> int:
        """The bits of the restricted dimensions that a set has members of."""
        own = {self.cube.hierarchies[h].dimension for h in found.hierarchies}
        return sum(1 << bit for bit, d in enumerate(self.dimensions) if d in own)

    def union(self, parts: Sequence[tuple[int, MemberFilter]]) -> MemberFilter:
        """Tuples, given by the dimensions in which they lie outside, each cut by the filters on its others."""
        cut = [self._within(wanted, outside) for outside, wanted in parts]
        names = tuple(dict.fromkeys(n for f in cut for n in f.hierarchies))
        members = (dict(zip(f.hierarchies, t, strict=True)) for f in cut for t in f.members)
        return MemberFilter(names, tuple(dict.fromkeys(tuple(m.get(n, -1) for n in names) for m in members)))

    def _within(self, wanted: MemberFilter, outside: int) -> MemberFilter:
        own = {self.cube.hierarchy(name).dimension for name in wanted.hierarchies}
        for f in self.without(outside):
            if any(self.cube.hierarchy(name).dimension in own for name in f.hierarchies):
                wanted = self._met(wanted, f)
        return wanted

    def _met(self, one: MemberFilter, other: MemberFilter) -> MemberFilter:
        """The facts that lie under a tuple of both: of two members of a hierarchy the lower one, or none."""
        names = (*one.hierarchies, *(n for n in other.hierarchies if n not in one.hierarchies))
        found: dict[tuple[int, ...], None] = {}
        for a in one.members:
            for b in other.members:
                mine, theirs = dict(zip(one.hierarchies, a, strict=True)), dict(zip(other.hierarchies, b, strict=True))
                lower = tuple(self._lower(n, mine.get(n, -1), theirs.get(n, -1)) for n in names)
                if None not in lower:
                    found[lower] = None  # type: ignore[index]
        return MemberFilter(names, tuple(found))

    def _lower(self, name: str, one: int, other: int) -> int | None:
        if -1 in (one, other):
            return max(one, other)
        (a, a_last), (b, b_last) = (self.cube.hierarchy(name).table.span(m) for m in (one, other))
        if a <= b and b_last <= a_last:
            return other
        return one if b <= a and a_last <= b_last else None
