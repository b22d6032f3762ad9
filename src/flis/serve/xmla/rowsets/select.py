"""`SELECT … FROM $SYSTEM.<rowset> WHERE …`: the same rows as Discover, chosen and ordered by a statement.

Equalities that every row must meet become restrictions, so that no source does more than it must. Unlike in Discover no
default restriction holds: hidden objects and `$Dimension` cubes are listed unless the statement leaves them out.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from flis.errors import NameStatementError, NotFoundError, StatementError, suggest
from flis.query.languages.mdx.syntax import (
    Identifier,
    Null,
    Number,
    Operation,
    Parameter,
    Parenthesis,
    String,
    Unary,
)
from flis.query.unsupported import unsupported
from flis.serve.xmla.rowsets import SOURCES, columns, find
from flis.serve.xmla.rowsets.restrict import CHOOSING, keep, normal
from flis.serve.xmla.values import element_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flis.query.languages.mdx.syntax import Expression, SchemaSelect
    from flis.serve.xmla.rowsets.asking import Asking, Row
    from flis.serve.xmla.rowsets.table import Column, Rowset

__all__ = ["select"]

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TRUTH = {"true": True, "false": False}
SHOWN = "SELECT * shows its columns."


def select(
    statement: SchemaSelect, asking: Asking, parameters: Mapping[str, Any] | None = None
) -> tuple[tuple[Column, ...], Iterator[tuple[Any, ...]]]:
    """Columns and rows of the statement.

    Raises:
        NameStatementError: there is no such rowset, or it has no such column or restriction, or a parameter no value.
        StatementError: a restriction is no literal.
        UnsupportedStatementError: the condition holds more than comparisons, AND, OR and NOT.
    """
    statement = _filled(statement, {name.casefold(): value for name, value in (parameters or {}).items()})
    rowset = _rowset(statement)
    asked = _restrictions(statement, rowset)
    pushed = {name: value for name, value in _equalities(statement.condition, rowset).items() if name not in asked}
    restrictions = asked | {name: (value,) for name, value in pushed.items()}
    rowset = replace(rowset, columns=columns(rowset, asking, restrictions))
    names = {c.field.casefold(): c for c in rowset.columns}
    chosen = tuple(_column(rowset, names, c.name, c) for c in statement.columns)
    shown = tuple(_shown(c, written.alias) for c, written in zip(chosen, statement.columns, strict=True))
    chosen, shown = chosen or rowset.columns, shown or rowset.columns
    rows = keep(rowset, restrictions, SOURCES[rowset.name](asking, restrictions), defaults=False)
    if statement.condition is not None:
        relative = {"MEMBER_UNIQUE_NAME"} if "TREE_OP" in pushed else set()
        test = Condition(rowset, {n.casefold(): v for n, v in pushed.items() if n in CHOOSING | relative})
        condition = statement.condition
        rows = (row for row in rows if test.true(condition, row))
    if statement.order:
        rows = iter(_sorted(statement, rowset, names, list(rows)))
    tuples: Iterator[tuple[Any, ...]] = (tuple(row.get(c.field) for c in chosen) for row in rows)
    if statement.distinct:
        tuples = iter({repr(t): t for t in tuples}.values())
    return shown, islice(tuples, statement.top)


def _filled(statement: SchemaSelect, parameters: Mapping[str, Any]) -> SchemaSelect:
    """The statement with the values of its parameters in their places."""

    def fill(e: Expression) -> Expression:
        match e:
            case Parameter():
                return _literal(e, parameters)
            case Operation():
                return replace(e, operands=tuple(map(fill, e.operands)))
            case Unary():
                return replace(e, operand=fill(e.operand))
            case Parenthesis():
                return replace(e, elements=tuple(map(fill, e.elements)))
        return e

    condition = fill(statement.condition) if statement.condition is not None else None
    restrictions = tuple(replace(r, value=fill(r.value)) for r in statement.restrictions)
    return replace(statement, condition=condition, restrictions=restrictions)


def _literal(e: Parameter, parameters: Mapping[str, Any]) -> Expression:
    place = {"line": e.line, "column": e.column}
    if e.name.casefold() not in parameters:
        hint = suggest(e.name, parameters)
        raise NameStatementError(f"The statement's parameter @{e.name} has no value.", hint=hint, **place)
    value = parameters[e.name.casefold()]
    if value is None:
        return Null(**place)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Number(value, **place)
    if isinstance(value, date):
        return String(value.isoformat(), **place)
    return String(str(value).lower() if isinstance(value, bool) else value, **place)


def _rowset(statement: SchemaSelect) -> Rowset:
    try:
        found = find(statement.rowset)
    except NotFoundError as e:
        raise NameStatementError(e.message, line=statement.line, column=statement.column, hint=e.hint) from None
    if found.name == "DISCOVER_XML_METADATA":
        raise unsupported("DISCOVER_XML_METADATA in a statement", statement)
    return found


def _restrictions(statement: SchemaSelect, rowset: Rowset) -> dict[str, tuple[str, ...]]:
    """Those of SYSTEMRESTRICTSCHEMA; one given twice leaves what either leaves."""
    found: dict[str, tuple[str, ...]] = {}
    for at in statement.restrictions:
        value = _pushed(at.value)
        if value is None:
            text = f"The restriction {at.name} takes a text or a number."
            raise StatementError(text, line=at.line, column=at.column, hint=f"Write [{at.name}] = 'value'.")
        try:
            for name, values in normal(rowset, {at.name: (value,)}).items():
                found[name] = (*found.get(name, ()), *values)
        except NotFoundError as e:
            hint = e.hint or f"It has {', '.join(rowset.by_restriction)}."
            raise NameStatementError(e.message, line=at.line, column=at.column, hint=hint) from None
    return found


def _column(rowset: Rowset, names: Mapping[str, Column], name: str, at: Any) -> Column:
    found = names.get(name.casefold())
    if found is None:
        hint = suggest(name, rowset.by_column) or SHOWN
        raise NameStatementError(f"{rowset.name} has no column {name}.", line=at.line, column=at.column, hint=hint)
    return found


def _shown(column: Column, alias: str) -> Column:
    """A column under the name that the statement gives it."""
    return replace(column, field=alias, element=element_name(alias)) if alias else column


def _sorted(statement: SchemaSelect, rowset: Rowset, names: Mapping[str, Column], rows: list[Row]) -> list[Row]:
    for order in reversed(statement.order):
        field = _column(rowset, names, order.column_name, order).field
        rows.sort(key=lambda row: _sort_key(row.get(field)), reverse=order.descending)
    return rows


def _sort_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    return (1, value) if isinstance(value, (int, float)) else (2, str(value).casefold())


def _pushed(expression: Expression) -> str | None:
    """A literal as a restriction's value."""
    if isinstance(expression, String):
        return expression.text
    if isinstance(expression, Number):
        return str(expression.value)
    if isinstance(expression, Unary) and expression.operator == "-" and isinstance(expression.operand, Number):
        return f"-{expression.operand.value}"
    if isinstance(expression, Identifier) and len(expression.segments) == 1:
        return expression.segments[0].text
    return None


def _equalities(condition: Expression | None, rowset: Rowset) -> dict[str, str]:
    """The restrictions that a condition demands of every row."""
    if isinstance(condition, Parenthesis) and len(condition.elements) == 1:
        return _equalities(condition.elements[0], rowset)
    if not isinstance(condition, Operation):
        return {}
    if condition.operator == "AND":
        found: dict[str, str] = {}
        for operand in condition.operands:
            found |= _equalities(operand, rowset)
        return found
    left, right = condition.operands[0], condition.operands[-1]
    if condition.operator == "=" and isinstance(left, Identifier) and isinstance(right, (String, Number)):
        name = next((r for r in rowset.by_restriction if r.casefold() == left.segments[0].text.casefold()), None)
        value = _pushed(right)
        if name is not None and value:
            return {name: value}
    return {}


@dataclass(frozen=True, slots=True)
class Condition:
    """Tests rows; equalities in `done`, value by name in lower case, have done their work as restrictions."""

    rowset: Rowset
    done: Mapping[str, str]

    def true(self, expression: Expression, row: Row) -> bool:
        """Whether a row meets the condition."""
        if isinstance(expression, Parenthesis) and len(expression.elements) == 1:
            return self.true(expression.elements[0], row)
        if isinstance(expression, Unary) and expression.operator == "NOT":
            return not self.true(expression.operand, row)
        if isinstance(expression, Operation):
            return self._operation(expression, row)
        if isinstance(expression, Identifier):
            return bool(self._value(expression, row))
        raise unsupported("This condition on a rowset", expression)

    def _operation(self, expression: Operation, row: Row) -> bool:
        if expression.operator == "AND":
            return all(self.true(o, row) for o in expression.operands)
        if expression.operator == "OR":
            return any(self.true(o, row) for o in expression.operands)
        if expression.operator in COMPARISONS:
            return self._compare(expression, row)
        if expression.operator == "IS":
            return self._is_null(expression, row)
        raise unsupported("This condition on a rowset", expression)

    def _compare(self, expression: Operation, row: Row) -> bool:
        first, second = expression.operands
        if expression.operator == "=" and isinstance(first, Identifier):
            value = self.done.get(first.segments[0].text.casefold())
            if value is not None and value == _pushed(second):
                return True
        left, right = self._value(first, row), self._value(second, row)
        if left is None or right is None:
            return {"=": left is right, "<>": left is not right}.get(expression.operator, False)
        if isinstance(left, (int, float)) or isinstance(right, (int, float)):
            numbers = _as_number(left), _as_number(right)
            if None not in numbers:
                return COMPARISONS[expression.operator](*numbers)
        return COMPARISONS[expression.operator](str(left).casefold(), str(right).casefold())

    def _is_null(self, expression: Operation, row: Row) -> bool:
        left, right = expression.operands
        if isinstance(right, Null):
            return self._value(left, row) is None
        if isinstance(right, Unary) and right.operator == "NOT" and isinstance(right.operand, Null):
            return self._value(left, row) is not None
        raise unsupported("This condition on a rowset", expression)

    def _value(self, expression: Expression, row: Row) -> Any:
        if isinstance(expression, (Number, String)):
            return expression.value if isinstance(expression, Number) else expression.text
        if isinstance(expression, Null):
            return None
        if isinstance(expression, Parenthesis) and len(expression.elements) == 1:
            return self._value(expression.elements[0], row)
        if isinstance(expression, Identifier) and len(expression.segments) == 1:
            return self._column(expression, row)
        raise unsupported("This condition on a rowset", expression)

    def _column(self, expression: Identifier, row: Row) -> Any:
        segment = expression.segments[0]
        if not segment.quoted and segment.text.casefold() in TRUTH:
            return TRUTH[segment.text.casefold()]
        known = {c.casefold(): c for c in (*self.rowset.by_column, *self.rowset.by_restriction)}
        name = known.get(segment.text.casefold())
        place = {"line": expression.line, "column": expression.column}
        if name is None:
            hint = suggest(segment.text, self.rowset.by_column) or SHOWN
            raise NameStatementError(f"{self.rowset.name} has no column {segment.text}.", hint=hint, **place)
        if name in CHOOSING and name not in self.rowset.by_column:
            hint = f"Write FROM SYSTEMRESTRICTSCHEMA($SYSTEM.{self.rowset.name}, [{name}] = …)."
            raise NameStatementError(f"{name} is a restriction of {self.rowset.name}, no column.", hint=hint, **place)
        return row.get(name)


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
