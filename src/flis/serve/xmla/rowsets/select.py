"""`SELECT … FROM $SYSTEM.<rowset> WHERE …`: the same rows as Discover, chosen and ordered by a statement.

Equalities that every row must meet become restrictions, so that no source does more than it must. Unlike in Discover no
default restriction holds: hidden objects and `$Dimension` cubes are listed unless the statement leaves them out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from flis.errors import NameStatementError, NotFoundError, StatementError, suggest
from flis.query.languages.mdx.syntax import (
    Identifier,
    NamedParameter,
    Null,
    Number,
    Operation,
    Parenthesis,
    String,
    Unary,
)
from flis.query.unsupported_constructs import unsupported
from flis.serve.xmla.rowsets import columns, find, found
from flis.serve.xmla.rowsets.condition import SHOWN, RowCondition, literal
from flis.serve.xmla.rowsets.restrict import CHOOSING, normal
from flis.serve.xmla.values import element_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flis.query.languages.mdx.syntax import Expression, SchemaSelect
    from flis.serve.xmla.rowsets.asking import Asking, Row
    from flis.serve.xmla.rowsets.table import RowsetColumn, SchemaRowset

__all__ = ["select_rows"]


def select_rows(
    statement: SchemaSelect, asking: Asking, parameters: Mapping[str, Any] | None = None
) -> tuple[tuple[RowsetColumn, ...], Iterator[tuple[Any, ...]]]:
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
    rows = found(rowset, asking, restrictions, defaults=False)
    if statement.condition is not None:
        relative = {"MEMBER_UNIQUE_NAME"} if "TREE_OP" in pushed else set()
        done = {n.casefold(): v for n, v in pushed.items() if n in CHOOSING | relative}
        rows = RowCondition(statement.condition, rowset, done, asking.watch).keep(rows)
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
            case NamedParameter():
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


def _literal(e: NamedParameter, parameters: Mapping[str, Any]) -> Expression:
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


def _rowset(statement: SchemaSelect) -> SchemaRowset:
    try:
        found = find(statement.rowset)
    except NotFoundError as e:
        raise NameStatementError(e.message, line=statement.line, column=statement.column, hint=e.hint) from None
    if found.name == "DISCOVER_XML_METADATA":
        raise unsupported("DISCOVER_XML_METADATA in a statement", statement)
    return found


def _restrictions(statement: SchemaSelect, rowset: SchemaRowset) -> dict[str, tuple[str, ...]]:
    """Those of SYSTEMRESTRICTSCHEMA; one given twice leaves what either leaves."""
    found: dict[str, tuple[str, ...]] = {}
    for at in statement.restrictions:
        value = literal(at.value)
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


def _column(rowset: SchemaRowset, names: Mapping[str, RowsetColumn], name: str, at: Any) -> RowsetColumn:
    found = names.get(name.casefold())
    if found is None:
        hint = suggest(name, rowset.by_column) or SHOWN
        raise NameStatementError(f"{rowset.name} has no column {name}.", line=at.line, column=at.column, hint=hint)
    return found


def _shown(column: RowsetColumn, alias: str) -> RowsetColumn:
    """A column under the name that the statement gives it."""
    return replace(column, field=alias, element=element_name(alias)) if alias else column


def _sorted(
    statement: SchemaSelect, rowset: SchemaRowset, names: Mapping[str, RowsetColumn], rows: list[Row]
) -> list[Row]:
    for order in reversed(statement.order):
        field = _column(rowset, names, order.column_name, order).field
        rows.sort(key=lambda row: _sort_key(row.get(field)), reverse=order.descending)
    return rows


def _sort_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    return (1, value) if isinstance(value, (int, float)) else (2, str(value).casefold())


def _equalities(condition: Expression | None, rowset: SchemaRowset) -> dict[str, str]:
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
        value = literal(right)
        if name is not None and value:
            return {name: value}
    return {}
