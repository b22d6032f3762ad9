"""Bound expressions: every name resolved, every kind known, ready to be evaluated over a block of contexts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from flis.errors import StatementError
    from flis.query.evaluation.evaluate import Evaluator
    from flis.query.evaluation.values import Context

__all__ = ["SCALARS", "Kind", "Node", "Run"]


class Kind(StrEnum):
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


SCALARS = frozenset({Kind.NUMBER, Kind.STRING, Kind.LOGICAL, Kind.VALUE, Kind.NULL})

Run: TypeAlias = Callable[["Evaluator", "Context"], Any]
"""A scalar gives `Values`, a member or level a coordinate, a tuple a dict of coordinates, a set a `TupleSet`."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A bound expression.

    `hierarchies`: those of a member, tuple, set or level; `depends`: the hierarchies whose current member it looks at;
    `constant`: the value of a literal, word or written name; `measure`: the first measure named in it, whose format
    a formula without one takes; `factors`: the sets of a cross join, so that a large one need not be made.
    """

    kind: Kind
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
