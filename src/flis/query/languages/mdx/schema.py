"""SELECT over schema rowsets: the SQL-like part of the language that clients ask for metadata in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from flis.errors import SyntaxStatementError
from flis.query.languages.mdx.expressions import ALIAS
from flis.query.languages.mdx.syntax import Order, PropertyDefinition, SchemaColumn, SchemaSelect
from flis.query.languages.mdx.tokens import END, NAME, NUMBER, QUOTED

if TYPE_CHECKING:
    from flis.query.languages.mdx.expressions import ExpressionParser
    from flis.query.languages.mdx.syntax import Expression
    from flis.query.languages.mdx.tokens import Token

__all__ = ["schema_select"]

SYSTEM = "$SYSTEM"
RESTRICTED = "SYSTEMRESTRICTSCHEMA"
ONE = "One rowset is asked at a time: ask for each, or name the columns of one."
WHOLE = "Rows are not grouped or counted: use DISTINCT, or count them where they arrive."
# What SQL has and this part of the language has not, by its first word or sign, with what does the same.
SQL = {
    "LIKE": "LIKE is not known here: compare with =, or with >= and < for how a text begins.",
    "IN": "IN is not known here: write column = value for each, with OR between them.",
    "BETWEEN": "BETWEEN is not known here: write column >= value AND column <= value.",
    "GROUP": WHOLE,
    "HAVING": WHOLE,
    "(": "Functions are not called over rowsets: name the columns themselves.",
    **dict.fromkeys((",", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "UNION"), ONE),
}


def schema_select(parser: ExpressionParser) -> SchemaSelect | None:
    """The statement, where its FROM names a schema rowset; else None, and nothing is taken."""
    if not _from_system(parser):
        return None
    first = parser.advance()
    distinct = parser.skip("DISTINCT")
    top = None
    if parser.at("TOP") and parser.peek().kind == NUMBER:
        parser.advance()
        top = int(float(parser.advance().text))
    columns = _columns(parser)
    parser.take_words("FROM")
    restrictions: tuple[PropertyDefinition, ...] = ()
    if parser.skip(RESTRICTED):
        parser.take("(", "(")
        rowset = _rowset(parser)
        restrictions = _restrictions(parser)
        parser.take(")", "a comma or )")
    else:
        rowset = _rowset(parser)
    condition = _condition(parser) if parser.skip("WHERE") else None
    order = _order(parser) if parser.skip("ORDER", "BY") else ()
    if parser.token.kind not in (END, ";"):
        _fail(parser, "ORDER BY or the end of the statement" if condition or order else "WHERE, ORDER BY or the end")
    place = {"line": first.line, "column": first.column}
    return SchemaSelect(columns, rowset, condition, order, restrictions, distinct, top, **place)


def _condition(parser: ExpressionParser) -> Expression:
    try:
        return parser.expression(ALIAS)
    except SyntaxStatementError as error:
        error.hint = SQL.get(parser.word(), "")  # not what does the same in MDX
        raise


def _fail(parser: ExpressionParser, wanted: str) -> NoReturn:
    sign = parser.word(1) if parser.at("NOT") else parser.word() or parser.token.kind
    parser.fail(wanted, SQL.get(sign, ""))


def _from_system(parser: ExpressionParser) -> bool:
    tokens = parser.tokens
    for place, token in enumerate(tokens):
        if token.kind == NAME and token.text.upper() == "FROM":
            after = tokens[place + 1]
            return after.kind in (NAME, QUOTED) and after.text.upper() in (SYSTEM, RESTRICTED)
    return False


def _name(parser: ExpressionParser, wanted: str) -> Token:
    if parser.token.kind not in (NAME, QUOTED):
        parser.fail(wanted)
    return parser.advance()


def _columns(parser: ExpressionParser) -> tuple[SchemaColumn, ...]:
    if parser.token.kind == "*":
        parser.advance()
        return ()
    columns = [_column(parser, "a column or *")]
    while parser.token.kind == ",":
        parser.advance()
        columns.append(_column(parser, "a column"))
    return tuple(columns)


def _column(parser: ExpressionParser, wanted: str) -> SchemaColumn:
    name = _name(parser, wanted)
    alias = _name(parser, "a name for the column").text if parser.skip("AS") else ""
    if parser.token.kind == "(":
        _fail(parser, "a comma or FROM")
    return SchemaColumn(name.text, alias, line=name.line, column=name.column)


def _rowset(parser: ExpressionParser) -> str:
    _name(parser, SYSTEM)
    parser.take(".", ".")
    return _name(parser, "the name of a rowset").text


def _restrictions(parser: ExpressionParser) -> tuple[PropertyDefinition, ...]:
    found = []
    while parser.token.kind == ",":
        parser.advance()
        name = _name(parser, "a restriction")
        parser.take("=", "=")
        value = parser.expression(ALIAS)
        found.append(PropertyDefinition(name.text, value, line=name.line, column=name.column))
    return tuple(found)


def _order(parser: ExpressionParser) -> tuple[Order, ...]:
    found = [_order_column(parser)]
    while parser.token.kind == ",":
        parser.advance()
        found.append(_order_column(parser))
    return tuple(found)


def _order_column(parser: ExpressionParser) -> Order:
    name = _name(parser, "a column")
    descending = parser.skip("DESC")
    if not descending:
        parser.skip("ASC")
    return Order(name.text, descending, line=name.line, column=name.column)
