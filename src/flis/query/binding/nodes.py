"""Bound expressions: every name resolved, every kind known, ready to be evaluated over a block of contexts.

Beside them stands what makes and what evaluates them, `Binding` and `Evaluation`, as functions and operators need it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from flis.query.evaluation.protocols import FilteredCube, LimitedCube

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from flis.catalog.cube import Kpi
    from flis.errors import StatementError
    from flis.query.cubes.calculations import Calculation
    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.members import Members
    from flis.query.cubes.names import Names
    from flis.query.cubes.structure import BoundGroup
    from flis.query.evaluation.cubequery import Windows
    from flis.query.evaluation.segments import Filters, Levels, Segment
    from flis.query.evaluation.values import Context, Coordinate, TupleSet, Values
    from flis.query.languages.mdx import syntax as s
    from flis.query.result import Ordinals

__all__ = ["SCALARS", "Binding", "Evaluation", "Formulas", "Node", "ResultKind", "Run"]


class ResultKind(StrEnum):
    """The kind of an expression's result, as signatures write it."""

    NUMBER = "number"
    STRING = "string"
    LOGICAL = "logical"
    VALUE = "value"  # a cell: whatever it holds
    NULL = "null"
    MEMBER = "member"
    TUPLE = "tuple"
    SET = "set"
    LEVEL = "level"
    HIERARCHY = "hierarchy"
    DIMENSION = "dimension"
    WORD = "word"  # a flag such as BASC
    MISSING = "missing"  # an argument left out
    MIXED = "mix of objects"  # of a choice: now one object, now another of another kind
    ANY = "any"  # of a parameter: whatever was written, as it is


SCALARS = frozenset({ResultKind.NUMBER, ResultKind.STRING, ResultKind.LOGICAL, ResultKind.VALUE, ResultKind.NULL})

Run: TypeAlias = Callable[["Evaluation", "Context"], Any]
"""A scalar gives `Values`, a member or level a coordinate, a tuple a dict of coordinates, a set a `TupleSet`."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A bound expression.

    `hierarchies`: those of a member, tuple, set or level; `depends`: the hierarchies whose current member it looks at;
    `constant`: the value of a literal, word or written name; `measure`: the first measure named in it, whose format
    a formula without one takes; `factors`: the sets of a cross join, so that a large one need not be made.
    """

    kind: ResultKind
    run: Run
    hierarchies: tuple[int, ...] = ()
    depends: frozenset[int] = frozenset()
    constant: Any = None
    measure: int | None = None
    factors: tuple[Node, ...] = ()
    crossed: Node | None = None  # members multiplied: what it is where a set is wanted
    choice: tuple[list[Node], list[Node]] | None = None  # conditions and results, of objects that are not alike
    failure: StatementError | None = None  # of a constant that means nothing: the error of the cell that asks for it
    text: str = ""
    line: int = 0
    column: int = 0
    notes: frozenset[str] = frozenset()

    def placed(self, line: int, column: int) -> Node:
        """The same at a place of the statement."""
        return Node(
            self.kind,
            self.run,
            self.hierarchies,
            self.depends,
            self.constant,
            self.measure,
            self.factors,
            self.crossed,
            self.choice,
            self.failure,
            self.text,
            line,
            column,
            self.notes,
        )


class Formulas(Protocol):
    """The bound formulas of a cube and of the names that a statement adds."""

    cube: BoundCube
    names: Names

    def formula(self, calculation: Calculation) -> Node:
        """The bound formula of a calculated member: a scalar."""
        ...

    def aggregated_set(self, calculation: Calculation) -> Node | None:
        """The bound set of a calculated member `Aggregate({…})`, None for any other."""
        ...

    def property(self, calculation: Calculation, name: str) -> Node | None:
        """A bound cell property of a calculated member."""
        ...

    def measures_of(self, group: BoundGroup) -> list[str]:
        """The measures of a group that the statement names anywhere."""
        ...


class Binding(Formulas, Protocol):
    """What makes nodes of the syntax of one statement."""

    count: int  # of the hierarchies of the cube

    def bind(self, expression: s.Expression) -> Node:
        """Any expression."""
        ...

    def scalar(self, expression: s.Expression) -> Node:
        """An expression that has to be a number, text or truth value, or to point at a cell."""
        ...

    def failing(self, error: StatementError) -> Node:
        """The node of a constant that means nothing."""
        ...

    def kpi_member(self, kpi: Kpi, part: str, expression: s.Expression) -> Node:
        """A part of a key performance indicator, as a calculated measure of its own (or the measure it names)."""
        ...

    def axis(self, number: int, e: s.SyntaxNode) -> Node:
        """The set of an axis of the statement, as it is before what is empty is left out."""
        ...

    def once(self, e: s.SyntaxNode, hierarchies: Sequence[int]) -> None:
        """Raise StatementError where a hierarchy comes twice in a tuple."""
        ...

    def names_member(self, e: s.Identifier) -> bool:
        """Whether a path is the name of a member and no more; so is one that names nothing at all."""
        ...


class Evaluation(LimitedCube, FilteredCube, Protocol):
    """What evaluates the nodes of one statement over blocks of contexts, and reads the cells that they ask for."""

    binder: Formulas
    language: str
    user: str
    several: frozenset[int]  # hierarchies that have had a set in WHERE
    base: Context  # the one context of axes and named sets
    figures: bool  # False in the cube of a dimension, which has no measures
    looked: bool  # at figures, at who asks, or at the clock: what was found can be another next time
    depth: int  # how many calculations this is inside of

    @property
    def lcid(self) -> int:
        """The locale identifier by which functions write: the language's own one."""
        ...

    def now(self) -> datetime:
        """The time in Copenhagen."""
        ...

    # the values of nodes

    def values(self, node: Node, context: Context) -> Values:
        """A scalar over a block; length 1 where it is the same for all."""
        ...

    def number(self, node: Node, context: Context) -> NDArray[np.float64]:
        """A number for every row."""
        ...

    def member(self, node: Node, context: Context) -> Coordinate:
        """A member over a block: one ordinal, or a column."""
        ...

    def column(self, node: Node, context: Context) -> Ordinals:
        """A member for every row."""
        ...

    def placed(self, node: Node, context: Context) -> tuple[Members, Ordinals]:
        """A member over a block as a column, and the members that it is one of."""
        ...

    def stood(self, node: Node, context: Context) -> Coordinate:
        """A member over a block by where it stands: a visual total stands where its member does."""
        ...

    def point(self, node: Node, context: Context) -> dict[int, Coordinate]:
        """A tuple (or member) over a block."""
        ...

    def tuples(self, node: Node, context: Context) -> TupleSet:
        """A set over a block, evaluated once per distinct context that it looks at."""
        ...

    def inner(self, context: Context, over: TupleSet) -> tuple[Context, NDArray[np.int64]]:
        """The contexts of every tuple of a set in its row, and that row."""
        ...

    def over(self, context: Context, over: TupleSet, node: Node) -> tuple[Values, NDArray[np.int64]]:
        """A scalar for every tuple of a set in its row, and that row."""
        ...

    # cells

    def cells(self, context: Context) -> Values:
        """The cells of a block."""
        ...

    def derived(self, context: Context, ordinal: int) -> Values:
        """The cells of a derived measure; all have their members."""
        ...

    def formula(self, hierarchy: int, ordinal: int) -> Node:
        """The bound formula of a calculated member."""
        ...

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
        """Segments for a measure under filters of the space and others that hold."""
        ...

    def elsewhere(self, cube: str, expression: str) -> Values:
        """An expression's value in another cube."""
        ...

    # where evaluation is

    def nested(self) -> AbstractContextManager[None]:
        """One calculation inside another; too many are an endless recursion."""
        ...

    def iterating(self, names: Sequence[str]) -> AbstractContextManager[None]:
        """While the block runs, a set of these names is gone through."""
        ...

    def iterated(self, names: Sequence[str]) -> bool:
        """Whether a set of one of these names is gone through."""
        ...

    def on_axis(self) -> AbstractContextManager[None]:
        """As on an axis, wherever the named set was asked for."""
        ...

    def as_created(self) -> AbstractContextManager[None]:
        """As in a statement that has neither slicer nor subselects, for sets that are the same in all statements."""
        ...

    # texts

    def texts(self, made: Iterable[str | None]) -> Values:
        """New texts as values, counted while they are made."""
        ...

    def joined(self, mark: str, parts: Sequence[str]) -> str:
        """Texts as one, counted before it is made."""
        ...
