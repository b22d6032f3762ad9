"""The WHERE of `SELECT … FROM $SYSTEM.<rowset>`, evaluated over columns of rows.

A condition is compiled once: names and operators are checked before any row is read. Then each comparison runs over a
whole block of rows.
"""

from __future__ import annotations

import operator
from functools import reduce
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from flis.errors import NameStatementError, suggest
from flis.query.languages.mdx.syntax import Identifier, Null, Number, Operation, Parenthesis, String, Unary
from flis.query.unsupported_constructs import unsupported
from flis.serve.xmla.rowsets.restrict import CHOOSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from flis.query.languages.mdx.syntax import Expression
    from flis.query.limits import Watch
    from flis.serve.xmla.rowsets.asking import Row
    from flis.serve.xmla.rowsets.table import SchemaRowset

__all__ = ["RowCondition", "literal"]

BLOCK = 4096  # rows that are tested at a time
SHOWN = "SELECT * shows its columns."
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TRUTH = {"true": True, "false": False}


class Comparable(NamedTuple):
    """A value prepared to be compared: text is None where there is no value."""

    text: str | None
    number: float | None
    numeric: bool  # whether it is a number, not only a text that looks like one


class RowBlock:
    """Some rows, whose columns are prepared when they are first compared."""

    def __init__(self, rows: list[Row], watch: Watch) -> None:
        self.rows = rows
        self.watch = watch
        self._columns: dict[str, list[Comparable]] = {}

    def values(self, column: str) -> list[Any]:
        """A column as it is."""
        return [row.get(column) for row in self.rows]

    def column(self, column: str) -> list[Comparable]:
        """A column to be compared."""
        if column not in self._columns:
            self._columns[column] = [_comparable(value) for value in self.values(column)]
        return self._columns[column]

    def all(self, value: bool) -> NDArray[np.bool_]:
        """The same truth for all rows."""
        return np.full(len(self.rows), value)


Test: TypeAlias = "Callable[[RowBlock], NDArray[np.bool_]]"
Operand: TypeAlias = "Callable[[RowBlock], Iterable[Comparable]]"


class RowCondition:
    """A compiled condition; equalities in `done`, value by name in lower case, have done their work as restrictions.

    Raises:
        NameStatementError: the rowset has no such column.
        UnsupportedStatementError: it holds more than comparisons, AND, OR and NOT.
        LimitError: it holds too many comparisons.
    """

    def __init__(self, expression: Expression, rowset: SchemaRowset, done: Mapping[str, str], watch: Watch) -> None:
        self._rowset = rowset
        self._done = done
        self._names = {c.casefold(): c for c in (*rowset.by_column, *rowset.by_restriction)}
        self._watch = watch
        self._count = 0
        self._test = self._compiled(expression)

    def keep(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that meet the condition."""
        coming = iter(rows)
        while block := list(islice(coming, BLOCK)):
            met = self._test(RowBlock(block, self._watch))
            yield from (row for row, kept in zip(block, met.tolist(), strict=True) if kept)

    def _compiled(self, e: Expression) -> Test:
        if isinstance(e, Parenthesis) and len(e.elements) == 1:
            return self._compiled(e.elements[0])
        if isinstance(e, Unary) and e.operator == "NOT":
            inner = self._compiled(e.operand)
            return lambda block: ~inner(block)
        if isinstance(e, Operation) and e.operator in {"AND", "OR"}:
            join = np.logical_and if e.operator == "AND" else np.logical_or
            tests = [self._compiled(o) for o in e.operands]
            return lambda block: reduce(join, (test(block) for test in tests))
        self._count += 1
        self._watch.limits.hold("conditions", self._count)
        if isinstance(e, Operation) and e.operator in COMPARISONS:
            return self._comparison(e)
        if isinstance(e, Operation) and e.operator == "IS":
            return self._null_test(e)
        if isinstance(e, Identifier):
            return self._truth(e)
        raise unsupported("This condition on a rowset", e)

    def _comparison(self, e: Operation) -> Test:
        first, second = e.operands
        if e.operator == "=" and isinstance(first, Identifier):
            value = self._done.get(first.segments[0].text.casefold())
            if value is not None and value == literal(second):
                return lambda block: block.all(True)
        left, right = self._operand(first), self._operand(second)
        compare = COMPARISONS[e.operator]
        nothing = {"=": operator.is_, "<>": operator.is_not}.get(e.operator, _never)

        def met(a: Comparable, b: Comparable) -> bool:
            if a.text is None or b.text is None:
                return nothing(a.text, b.text)
            if (a.numeric or b.numeric) and a.number is not None and b.number is not None:
                return compare(a.number, b.number)
            return compare(a.text, b.text)

        def test(block: RowBlock) -> NDArray[np.bool_]:
            block.watch.check()
            return np.fromiter(map(met, left(block), right(block)), np.bool_, len(block.rows))

        return test

    def _null_test(self, e: Operation) -> Test:
        left, right = e.operands
        wanted = isinstance(right, Null)
        if not wanted and not (
            isinstance(right, Unary) and right.operator == "NOT" and isinstance(right.operand, Null)
        ):
            raise unsupported("This condition on a rowset", e)
        operand = self._operand(left)

        def test(block: RowBlock) -> NDArray[np.bool_]:
            return np.fromiter(((v.text is None) is wanted for v in operand(block)), np.bool_, len(block.rows))

        return test

    def _truth(self, e: Identifier) -> Test:
        if (word := _word(e)) is not None:
            return lambda block: block.all(word)
        name = self._column(e)
        return lambda block: np.fromiter(map(bool, block.values(name)), np.bool_, len(block.rows))

    def _operand(self, e: Expression) -> Operand:
        """One side of a comparison; it gives at least as many values as there are rows."""
        if isinstance(e, Parenthesis) and len(e.elements) == 1:
            return self._operand(e.elements[0])
        if isinstance(e, (Number, String, Null)):
            value = e.value if isinstance(e, Number) else e.text if isinstance(e, String) else None
            return _constant(value)
        if isinstance(e, Identifier) and len(e.segments) == 1:
            if (word := _word(e)) is not None:
                return _constant(word)
            name = self._column(e)
            return lambda block: block.column(name)
        raise unsupported("This condition on a rowset", e)

    def _column(self, e: Identifier) -> str:
        text, rowset = e.segments[0].text, self._rowset
        name = self._names.get(text.casefold())
        place = {"line": e.line, "column": e.column}
        if name is None:
            hint = suggest(text, rowset.by_column) or SHOWN
            raise NameStatementError(f"{rowset.name} has no column {text}.", hint=hint, **place)
        if name in CHOOSING and name not in rowset.by_column:
            hint = f"Write FROM SYSTEMRESTRICTSCHEMA($SYSTEM.{rowset.name}, [{name}] = …)."
            raise NameStatementError(f"{name} is a restriction of {rowset.name}, no column.", hint=hint, **place)
        return name


def literal(expression: Expression) -> str | None:
    """A literal as the value of a restriction; None where it is none."""
    if isinstance(expression, String):
        return expression.text
    if isinstance(expression, Number):
        return str(expression.value)
    if isinstance(expression, Unary) and expression.operator == "-" and isinstance(expression.operand, Number):
        return f"-{expression.operand.value}"
    if isinstance(expression, Identifier) and len(expression.segments) == 1:
        return expression.segments[0].text
    return None


def _word(e: Identifier) -> bool | None:
    """TRUE and FALSE, which are no columns unless quoted."""
    segment = e.segments[0]
    return None if segment.quoted else TRUTH.get(segment.text.casefold())


def _constant(value: Any) -> Operand:
    prepared = _comparable(value)
    return lambda _: repeat(prepared)


def _comparable(value: Any) -> Comparable:
    if value is None:
        return Comparable(None, None, numeric=False)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = None
    return Comparable(str(value).casefold(), number, isinstance(value, (int, float)))


def _never(_: object, __: object) -> bool:
    return False
