"""The evaluator of one statement: bound expressions over blocks of contexts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from flis import clock
from flis.errors import StatementError
from flis.query.cubes.members import Members
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.aggregate import beside, known_to
from flis.query.evaluation.cell_values import ENDLESS, Endless, cells, gather
from flis.query.evaluation.derived_measures import derived
from flis.query.evaluation.remaining import NOTHING_GONE, Left, named_in
from flis.query.evaluation.setwork import gathered
from flis.query.evaluation.slicer import stands_for
from flis.query.evaluation.space import Space
from flis.query.evaluation.values import Context, Coordinate, TupleSet, Values, as_column, codes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Formulas, Node
    from flis.query.cubes.calculations import Calculation
    from flis.query.cubes.structure import BoundDimension, BoundGroup, BoundHierarchy
    from flis.query.evaluation.cubequery import Windows
    from flis.query.evaluation.segments import Filters, Levels, Segment, Segments
    from flis.query.limits import Watch
    from flis.query.result import Ordinals

ENGLISH, DANISH = 1033, 1030
BLOCK = 1 << 16  # rows evaluated at a time: what they need fits in memory, and a cancelled statement ends soon
BYTES_PER_ROW = 64  # of a block: coordinates of a few hierarchies, a value and its mask

__all__ = ["Evaluator"]


class Evaluator:
    """What the evaluation of one statement knows and has found so far.

    `space` is what subselects leave to count, `left` what axes and named sets show for that reason, the slicer counted
    too; formulas look at other cells and see what the subselects alone leave (`subselected`). `filters` restrict every
    stored cell: a set that is counted as one.
    """

    def __init__(self, binder: Formulas, segments: Segments, watch: Watch, language: str = "da") -> None:
        self.binder = binder
        self.cube = binder.cube
        self.cache = segments
        self.watch = watch
        self.language = language
        self.members: list[Members] = list(binder.names.every())
        self.user = ""
        self.name = self.cube.name  # by which the cube was asked: its own, or that of a perspective or dimension
        self.calculated_in_subselects = 0  # DbpropMsmdSubqueries
        self.figures = True  # False in the cube of a dimension, `$Store`, which has no measures
        self.others: Callable[[str, str], Values] | None = None
        self.filters: Filters = ()
        self.space = Space(self.cube)
        self.several: frozenset[int] = frozenset()  # hierarchies that have had a set in WHERE
        self.lifted_here = 0  # dimensions (bits of the space) whose subselects do not hold
        self.subselected = self._sliced = NOTHING_GONE
        self._measures: NDArray[np.bool_] | None = None  # those of the cube or perspective; None: all
        self.depth = self._top = 0
        self._memo: dict[int, Any] = {}
        self._standing: dict[tuple[int, int], TupleSet | None] = {}
        self._finding: set[int] = set()
        self._iterated: list[str] = []  # the names of the sets that are gone through, from outside to inside
        self.sizes = [m.size for m in self.members]  # from these ordinals on, members are calculated ones
        self.calculable = [h for h, m in enumerate(self.members) if m.count > m.size]  # hierarchies that have any
        self._base: Context | None = None
        self.looked = False  # at figures, at who asks, or at the clock: what was found can be another next time

    def state(self) -> tuple[Any, ...]:
        """What was found out so far, for `restore`."""
        found = self.subselected, self._sliced, list(self.members), self.calculable, self.base, dict(self._memo)
        return self.several, self.space, *found

    def restore(self, state: tuple[Any, ...]) -> None:
        """Go on from where another run of the statement was."""
        self.several, self.space, self.subselected, self._sliced, members, self.calculable, self._base, memo = state
        self.members, self._memo = list(members), dict(memo)

    @property
    def lcid(self) -> int:
        """The locale identifier by which functions write: the language's own one."""
        return ENGLISH if self.language == "en" else DANISH

    @property
    def base(self) -> Context:
        """The one context of axes and named sets: defaults, and the slicer once it is known."""
        if self._base is None:
            self._base = Context(1, self.defaults())
        return self._base

    @base.setter
    def base(self, context: Context) -> None:
        self._base = context
        self._memo.clear()
        self._standing.clear()

    def default(self, hierarchy: BoundHierarchy) -> int:
        """The default member: the cube's, or the first visible one where a subselect or perspective hides that."""
        mask, named = self.subselected.masks.get(hierarchy.index), self.subselected.named.get(hierarchy.index)
        hidden_default = hierarchy.is_measures and self._measures is not None and self._measures[hierarchy.default]
        if mask is None or mask[hierarchy.default] or (hidden_default and named is None):
            return hierarchy.default
        seen = np.flatnonzero(mask)
        return int(seen[0]) if len(seen) else -1

    def defaults(self) -> tuple[int, ...]:
        """The default members of all hierarchies."""
        if not self.subselected.masks:
            return self.cube.defaults
        return tuple(self.default(h) for h in self.cube.hierarchies)

    def now(self) -> datetime:
        """The time in Copenhagen."""
        self.looked = True
        return clock.now().replace(tzinfo=None)

    # calculated members

    def calculation(self, hierarchy: int, ordinal: int) -> Calculation:
        """The calculated member behind an ordinal."""
        return self.members[hierarchy].calculation(ordinal)

    def rule(self, hierarchy: int, ordinal: int) -> object:
        """What a member made during evaluation does, None for all others."""
        return self.calculation(hierarchy, ordinal).rule

    def add(self, calculation: Calculation) -> int:
        """A further calculated member, made during evaluation; its ordinal."""
        before = self.members[calculation.hierarchy]
        made = Members(before.hierarchy, before.table, (*before.calculated, calculation))
        self.members[calculation.hierarchy] = made
        if calculation.hierarchy not in self.calculable:
            self.calculable = sorted([*self.calculable, calculation.hierarchy])
        return made.count - 1

    def stands_for(self, hierarchy: int, ordinal: int) -> TupleSet | None:
        """The stored tuples that a set in WHERE or a member `Aggregate({…})` stands for; None for any other member."""
        key = hierarchy, ordinal
        if key not in self._standing:
            self._standing[key] = None  # of a member that aggregates itself
            self._standing[key] = stands_for(self, self.calculation(hierarchy, ordinal))
        return self._standing[key]

    def elsewhere(self, cube: str, expression: str) -> Values:
        """An expression's value in another cube."""
        if self.others is None:
            raise StatementError("LookupCube is not possible here.")
        self.looked = True
        return self.others(cube, expression)

    def formula(self, hierarchy: int, ordinal: int) -> Node:
        """The bound formula of a calculated member."""
        return self.binder.formula(self.calculation(hierarchy, ordinal))

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One calculation inside another; too many are an endless recursion."""
        self.depth += 1
        try:
            if self.depth > self.watch.limits.depth:
                raise Endless(ENDLESS)
            self.watch.check()
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def iterating(self, names: Sequence[str]) -> Iterator[None]:
        """While the block runs, a set of these names is gone through."""
        before = len(self._iterated)
        self._iterated += names
        try:
            yield
        finally:
            del self._iterated[before:]

    def iterated(self, names: Sequence[str]) -> bool:
        """Whether a set of one of these names is gone through."""
        return any(name in self._iterated for name in names)

    @contextmanager
    def filtered(self, filters: Filters) -> Iterator[None]:
        """Further restrict stored cells while the block runs."""
        before = self.filters
        self.filters = (*before, *filters)
        try:
            yield
        finally:
            self.filters = before

    @contextmanager
    def lifted(self, dimensions: int) -> Iterator[None]:
        """Without what subselects leave out of some dimensions (bits of the space) while the block runs."""
        before = self.lifted_here
        self.lifted_here |= dimensions
        try:
            yield
        finally:
            self.lifted_here = before

    @contextmanager
    def unfiltered(
        self, dimensions: Collection[BoundDimension], tied: Collection[BoundDimension] = ()
    ) -> Iterator[None]:
        """Stored cells as if nothing filtered some dimensions while the block runs.

        Of those that are `tied`, tuples hold still that filter one of them together with another dimension.
        """
        free = {h.unique_name for d in dimensions if d not in tied for h in d.hierarchies}
        alone = [{h.unique_name for h in d.hierarchies} for d in tied]
        before = self.filters
        left = beside(before, free)
        self.filters = tuple(f for f in left if not any(own.issuperset(f.hierarchies) for own in alone))
        held = [d for d, own in zip(tied, alone, strict=True) if _ties(beside(self.space.filters, free), own)]
        try:
            with self.lifted(self.space.bits([d for d in dimensions if d not in held])):
                yield
        finally:
            self.filters = before

    @contextmanager
    def as_created(self) -> Iterator[None]:
        """As in a statement that has neither slicer nor subselects, for sets that are the same in all statements."""
        kept = self.space, self.filters, self.subselected, self._sliced, self._base, self._memo, self._top
        self.space, self.filters, self.subselected, self._sliced = Space(self.cube), (), NOTHING_GONE, NOTHING_GONE
        self._base, self._memo, self._top = None, {}, self.depth
        self.look_through(self.name)
        try:
            yield
        finally:
            self.space, self.filters, self.subselected, self._sliced, self._base, self._memo, self._top = kept

    # evaluation

    def texts(self, made: Iterable[str | None]) -> Values:
        """New texts as values, counted while they are made; texts that are kept anyway need no count."""
        return Values.texts(self.watch.counted(made))

    def joined(self, mark: str, parts: Sequence[str]) -> str:
        """Texts as one, counted before it is made."""
        self.watch.text(sum(map(len, parts)) + len(mark) * len(parts))
        return mark.join(parts)

    def values(self, node: Node, context: Context) -> Values:
        """A scalar over a block; length 1 where it is the same for all."""
        if node.depends:
            return self._in_blocks(context, lambda part: node.run(self, part))
        key = id(node)
        if key not in self._memo:
            self._memo[key] = node.run(self, self.base), node
        memoised: Values = self._memo[key][0]
        return memoised

    def _in_blocks(self, context: Context, run: Callable[[Context], Values]) -> Values:
        """Some rows after the others, and in between a look whether to stop."""
        if not context.size:
            return Values.of(None, 0)
        if context.size <= BLOCK:
            return run(context)
        parts = []
        for start in range(0, context.size, BLOCK):
            self.watch.check()
            rows = np.arange(start, min(start + BLOCK, context.size))
            parts.append((rows, run(context.take(rows))))
        return gather(parts, context.size)

    def number(self, node: Node, context: Context) -> NDArray[np.float64]:
        """A number for every row."""
        return self.values(node, context).spread(context.size).floats()

    def member(self, node: Node, context: Context) -> Coordinate:
        """A member over a block: one ordinal, or a column."""
        found: Coordinate = node.run(self, context)
        return found

    def placed(self, node: Node, context: Context) -> tuple[Members, Ordinals]:
        """A member over a block as a column, and the members that it is one of: finding it can make further ones."""
        found = np.atleast_1d(np.asarray(self.member(node, context), dtype=np.int32))
        return self.members[node.hierarchies[0]], found

    def stood(self, node: Node, context: Context) -> Coordinate:
        """A member over a block by where it stands: a visual total stands where its member does."""
        found = self.member(node, context)
        members = self.members[node.hierarchies[0]]
        if isinstance(found, np.ndarray):
            return members.shown(found)
        return found if found < members.size else int(members.shown(np.array([found], dtype=np.int32))[0])

    def column(self, node: Node, context: Context) -> Ordinals:
        """A member for every row."""
        return as_column(self.member(node, context), context.size)

    def point(self, node: Node, context: Context) -> dict[int, Coordinate]:
        """A tuple (or member) over a block."""
        if len(node.hierarchies) == 1 and node.kind == "member":
            return {node.hierarchies[0]: self.member(node, context)}
        found: dict[int, Coordinate] = node.run(self, context)
        return found

    def tuples(self, node: Node, context: Context) -> TupleSet:
        """A set over a block, evaluated once per distinct context that it looks at."""
        if not node.depends:
            known = self._memo.get(id(node))
            return self._found(node) if known is None else known[0]
        if context.size == 1:
            return self._held(node.run(self, context), 1)
        looked = [h for h in sorted(node.depends) if isinstance(context.coordinates[h], np.ndarray)]
        if not looked:
            return self._held(node.run(self, context.take(np.zeros(1, dtype=np.int64))), 1)
        key_set = TupleSet(tuple(looked), tuple(context.column(h) for h in looked))
        code = codes([key_set])[0]
        unique, first, inverse = np.unique(code, return_index=True, return_inverse=True)
        if len(unique) == 1:
            return self._held(node.run(self, context.take(first)), 1)
        if len(unique) == context.size:
            return self._held(node.run(self, context), context.size)
        return gathered(self._held(node.run(self, context.take(first)), len(first)), inverse, len(first))

    def _found(self, node: Node) -> TupleSet:
        """A set that is the same everywhere, found and kept; raises StatementError where it takes itself to find it."""
        key = id(node)
        if key in self._finding:
            raise StatementError(
                "A set is made of values that are calculated from this set.", line=node.line, column=node.column
            )
        self._finding.add(key)
        try:
            found = self._held(node.run(self, self.base), 1)
        finally:
            self._finding.discard(key)
        self._memo[key] = found, node
        return found

    def _held(self, found: TupleSet, size: int) -> TupleSet:
        self.watch.limits.hold("tuples", len(found))
        if size == 1 and found.rows is not None:
            return TupleSet(found.hierarchies, found.columns)
        return found

    def inner(self, context: Context, over: TupleSet) -> tuple[Context, NDArray[np.int64]]:
        """The contexts of every tuple of a set in its row, and that row."""
        if over.rows is None and context.size == 1:
            columns = dict(zip(over.hierarchies, over.columns, strict=True))
            alone = context.take(np.zeros(1, dtype=np.int64))
            wide = Context(len(over), alone.coordinates, alone.own).put(columns)
            return wide, np.zeros(len(over), dtype=np.int64)
        self.watch.check()
        wide_size = len(over) * (context.size if over.rows is None else 1)
        self.watch.limits.hold("cells", wide_size)
        self.watch.needs(wide_size * BYTES_PER_ROW)
        spread = over.spread(context.size)
        rows = spread.rows if spread.rows is not None else np.zeros(0, dtype=np.int64)
        return context.take(rows).put(dict(zip(spread.hierarchies, spread.columns, strict=True))), rows

    def over(self, context: Context, over: TupleSet, node: Node) -> tuple[Values, NDArray[np.int64]]:
        """A scalar for every tuple of a set in its row, and that row."""
        wide, rows = self.inner(context, over)
        return self.values(node, wide).spread(wide.size), rows

    def cells(self, context: Context) -> Values:
        """The cells of a block."""
        self.looked = True
        return self._in_blocks(context, lambda part: cells(self, part))

    def derived(self, context: Context, ordinal: int) -> Values:
        """The cells of a derived measure; all have their members."""
        return derived(self, context, ordinal)

    def segments(
        self,
        group: BoundGroup,
        measure: str,
        wanted: Sequence[Levels],
        context: Context,
        space: Filters,
        *,
        windows: tuple[Windows, ...] = (),
    ) -> dict[Levels, Segment]:
        """Segments for a measure under filters of the space and others that hold.

        Hierarchies of which one member is asked may lack.
        """
        self.looked = True
        fixed = {h: c for h, c in enumerate(context.coordinates) if isinstance(c, int) and c >= 0}
        held = (*space, *self.filters)
        filters = known_to(group, held) if held else ()
        also = self.binder.measures_of(group)
        return self.cache.get(
            group.cube,
            group,
            measure,
            wanted,
            also=also,
            filters=filters,
            windows=windows,
            fixed=fixed,
            watch=self.watch,
        )

    # members that subselects and slicer leave

    def restrict(self, found: TupleSet) -> None:
        """Show on axes what exists with one of the tuples of the slicer."""
        self._sliced = self.subselected.restricted(found, self.cube)

    def leave(self, left: Left) -> None:
        """Show what a subselect leaves."""
        self.subselected = self._sliced = left

    def look_through(self, name: str) -> None:
        """List what the cube or perspective shows of measures; names of others are taken, as in Analysis Services."""
        self._measures = self.cube.measures_in(name)
        mask = self.cube.listed_measures(name)
        if not mask.all():
            self.subselected = self._sliced = Left(masks={MEASURES: mask})

    @property
    def at_axis(self) -> bool:
        """Whether an axis or a named set is evaluated, and not a formula."""
        return self.depth == self._top

    @property
    def left(self) -> Left:
        """What is left of dimensions here: on an axis or in a formula."""
        return self._sliced if self.at_axis else self.subselected

    @contextmanager
    def on_axis(self) -> Iterator[None]:
        """As on an axis, wherever the named set was asked for."""
        before, self._top = self._top, self.depth
        try:
            yield
        finally:
            self._top = before

    def shown(self, hierarchy: int, ordinals: Ordinals) -> NDArray[np.bool_] | None:
        """Which members are left; None: all."""
        mask, named = self.left.masks.get(hierarchy), self.left.named.get(hierarchy)
        if mask is None:
            return None
        calculated = ordinals >= len(mask)
        seen = calculated | mask[np.where(calculated, 0, ordinals)]
        return seen if named is None else seen & named_in(named, ordinals)


def _ties(filters: Filters, own: set[str]) -> bool:
    """Whether tuples filter some hierarchies together with others."""
    return any(own.intersection(f.hierarchies) and not own.issuperset(f.hierarchies) for f in filters)
