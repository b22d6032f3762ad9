"""Syntax tree to text: canonical MDX, so that `parse(to_text(parse(text))) == parse(text)`."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from flis.query.languages.mdx import syntax as s

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["quoted", "to_text"]


def quoted(name: str) -> str:
    """A name in brackets.

    >>> quoted("a]b")
    '[a]]b]'
    """
    return f"[{name.replace(']', ']]')}]"


@singledispatch
def to_text(node: s.SyntaxNode) -> str:
    """The statement, expression or part of one as text; the nodes must be as the parser makes them."""
    raise TypeError(type(node).__name__)


def _list(nodes: Iterable[s.SyntaxNode], between: str = ", ") -> str:
    return between.join(to_text(node) for node in nodes)


# Expressions


@to_text.register
def _segment(node: s.NameSegment) -> str:
    if node.keys:
        return "".join(f"&{quoted(key)}" for key in node.keys)
    return quoted(node.text) if node.quoted else node.text


@to_text.register
def _identifier(node: s.Identifier) -> str:
    return _list(node.segments, ".")


@to_text.register
def _number(node: s.Number) -> str:
    return repr(node.value)


@to_text.register
def _string(node: s.String) -> str:
    return '"' + node.text.replace('"', '""') + '"'


@to_text.register
def _null(_: s.Null) -> str:
    return "NULL"


@to_text.register
def _missing(_: s.Missing) -> str:
    return ""


@to_text.register
def _parameter(node: s.NamedParameter) -> str:
    return f"@{node.name}"


@to_text.register
def _set_expression(node: s.SetExpression) -> str:
    return "{" + _list(node.elements) + "}"


@to_text.register
def _parenthesis(node: s.Parenthesis) -> str:
    return "(" + _list(node.elements) + ")"


@to_text.register
def _unary(node: s.Unary) -> str:
    operand = to_text(node.operand)
    tight = not node.operator.isalpha() and operand[:1] not in "+-"
    return f"{node.operator}{operand}" if tight else f"{node.operator} {operand}"


@to_text.register
def _operation(node: s.Operation) -> str:
    return _list(node.operands, f" {node.operator} ")


@to_text.register
def _call(node: s.FunctionCall) -> str:
    if node.style is s.CallStyle.PROPERTY:
        return f"{to_text(node.arguments[0])}.{node.name}"
    if node.style is s.CallStyle.METHOD:
        return f"{to_text(node.arguments[0])}.{node.name}({_list(node.arguments[1:])})"
    return f"{node.name}({_list(node.arguments)})"


@to_text.register
def _when(node: s.When) -> str:
    return f"WHEN {to_text(node.condition)} THEN {to_text(node.result)}"


@to_text.register
def _case(node: s.Case) -> str:
    operand = f"{to_text(node.operand)} " if node.operand else ""
    otherwise = f" ELSE {to_text(node.otherwise)}" if node.otherwise else ""
    return f"CASE {operand}{_list(node.whens, ' ')}{otherwise} END"


@to_text.register
def _alias(node: s.Alias) -> str:
    return f"{to_text(node.expression)} AS {quoted(node.name)}"


# Definitions


@to_text.register
def _property(node: s.PropertyDefinition) -> str:
    return f"{quoted(node.name)} = {to_text(node.value)}"


def _assignments(nodes: tuple[s.PropertyDefinition, ...]) -> str:
    return "".join(f", {to_text(node)}" for node in nodes)


@to_text.register
def _member_definition(node: s.MemberDefinition) -> str:
    return f"MEMBER {to_text(node.name)} AS {to_text(node.expression)}{_assignments(node.properties)}"


@to_text.register
def _set_definition(node: s.SetDefinition) -> str:
    mode = f"{node.mode} " if node.mode else ""
    return f"{mode}SET {to_text(node.name)} AS {to_text(node.expression)}{_assignments(node.properties)}"


@to_text.register
def _cell_definition(node: s.CellDefinition) -> str:
    head = f"CELL CALCULATION {to_text(node.name)} FOR {to_text(node.region)}"
    return f"{head} AS {to_text(node.expression)}{_assignments(node.properties)}"


# Statements


@to_text.register
def _axis(node: s.AxisClause) -> str:
    empty = "NON EMPTY " if node.non_empty else ""
    having = f" HAVING {to_text(node.having)}" if node.having else ""
    properties = f" DIMENSION PROPERTIES {_list(node.properties)}" if node.properties else ""
    return f"{empty}{to_text(node.expression)}{having}{properties} ON {node.number}"


def _body(node: s.Select | s.Subselect) -> str:
    axes = f" {_list(node.axes)}" if node.axes else ""
    if isinstance(node.source, s.Subselect):
        visual = "NON VISUAL " if node.source.non_visual else ""
        source = f" {visual}({_body(node.source)})"
    else:
        source = f" {to_text(node.source)}" if node.source else ""
    slicer = f" WHERE {to_text(node.slicer)}" if node.slicer else ""
    return f"SELECT{axes} FROM{source}{slicer}"


@to_text.register
def _subselect(node: s.Subselect) -> str:
    return f"({_body(node)})"


@to_text.register
def _select(node: s.Select) -> str:
    head = f"WITH {_list(node.definitions, ' ')} " if node.definitions else ""
    properties = f" CELL PROPERTIES {_list(node.cell_properties)}" if node.cell_properties else ""
    return f"{head}{_body(node)}{properties}"


@to_text.register
def _return_column(node: s.ReturnColumn) -> str:
    name = to_text(node.name)
    called = f"{node.function}({name})" if node.function else name
    return f"{called} AS {quoted(node.alias)}" if node.alias else called


@to_text.register
def _drillthrough(node: s.DrillthroughStatement) -> str:
    rows = f" MAXROWS {node.max_rows}" if node.max_rows is not None else ""
    first = f" FIRSTROWSET {node.first_rowset}" if node.first_rowset is not None else ""
    columns = f" RETURN {_list(node.columns)}" if node.columns else ""
    return f"DRILLTHROUGH{rows}{first} {to_text(node.select)}{columns}"


@to_text.register(s.CreateMember)
@to_text.register(s.CreateSet)
def _create(node: s.CreateMember | s.CreateSet) -> str:
    scope = "SESSION " if node.session else ""
    hidden = "HIDDEN " if node.hidden else ""
    return f"CREATE {scope}{hidden}{to_text(node.definition)}"


@to_text.register
def _drop_member(node: s.DropMember) -> str:
    return f"DROP MEMBER {_list(node.names)}"


@to_text.register
def _drop_set(node: s.DropSet) -> str:
    return f"DROP SET {_list(node.names)}"


@to_text.register
def _create_subcube(node: s.CreateSubcube) -> str:
    visual = "NON VISUAL " if node.subselect.non_visual else ""
    return f"CREATE SUBCUBE {to_text(node.cube)} AS {visual}{to_text(node.subselect)}"


@to_text.register
def _drop_subcube(node: s.DropSubcube) -> str:
    return f"DROP SUBCUBE {to_text(node.cube)}"


@to_text.register
def _refresh(node: s.RefreshCube) -> str:
    return f"REFRESH CUBE {to_text(node.cube)}"


@to_text.register
def _calculate(_: s.Calculate) -> str:
    return "CALCULATE"


@to_text.register
def _order(node: s.Order) -> str:
    return quoted(node.column_name) + (" DESC" if node.descending else "")


@to_text.register
def _schema_column(node: s.SchemaColumn) -> str:
    return quoted(node.name) + (f" AS {quoted(node.alias)}" if node.alias else "")


@to_text.register
def _schema_select(node: s.SchemaSelect) -> str:
    distinct = "DISTINCT " if node.distinct else ""
    top = f"TOP {node.top} " if node.top is not None else ""
    columns = _list(node.columns) or "*"
    source = f"$SYSTEM.{quoted(node.rowset)}"
    if node.restrictions:
        source = f"SYSTEMRESTRICTSCHEMA({source}, {_list(node.restrictions)})"
    condition = f" WHERE {to_text(node.condition)}" if node.condition else ""
    order = f" ORDER BY {_list(node.order)}" if node.order else ""
    return f"SELECT {distinct}{top}{columns} FROM {source}{condition}{order}"


@to_text.register
def _refused(node: s.Refused) -> str:
    return node.name


@to_text.register
def _empty(_: s.EmptyStatement) -> str:
    return ""
