"""The syntax tree of MDX statements: frozen nodes that know their place in the text and no catalogue.

Every node has `line` and `column` (from 1; they take no part in comparisons). A dotted path is ONE `Identifier`,
whatever its parts mean: whether the unquoted `Children` in `[Store].Children` is a member or a property is for
binding to say (quoted parts are always names). A dot after anything else, and a path before `(`, make a `Call`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

__all__ = [
    "Alias",
    "AxisClause",
    "Calculate",
    "CallStyle",
    "Case",
    "CellDefinition",
    "CreateMember",
    "CreateSet",
    "CreateSubcube",
    "Definition",
    "DrillthroughStatement",
    "DropMember",
    "DropSet",
    "DropSubcube",
    "EmptyStatement",
    "Expression",
    "FunctionCall",
    "Identifier",
    "MemberDefinition",
    "Missing",
    "NameSegment",
    "NamedParameter",
    "Null",
    "Number",
    "Operation",
    "Order",
    "Parenthesis",
    "PropertyDefinition",
    "RefreshCube",
    "Refused",
    "ReturnColumn",
    "SchemaColumn",
    "SchemaSelect",
    "Select",
    "SetDefinition",
    "SetExpression",
    "Statement",
    "String",
    "Subselect",
    "SyntaxNode",
    "Unary",
    "When",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxNode:
    """Anything in the tree; the position counts from 1 in the whole statement, also inside a quoted formula."""

    line: int = field(default=0, compare=False, repr=False)
    column: int = field(default=0, compare=False, repr=False)


# Expressions


@dataclass(frozen=True, slots=True)
class NameSegment(SyntaxNode):
    """One part of a path: `[USA]` (quoted), `USA`, or with `keys` the key form `&[a]&[b]` (then `text` is empty)."""

    text: str
    quoted: bool = True
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier(SyntaxNode):
    """A dotted path such as `[Store].[USA].Children` or `[Time].[Month].&[1997]&[3]`."""

    segments: tuple[NameSegment, ...]


@dataclass(frozen=True, slots=True)
class Number(SyntaxNode):
    """A number literal; whole ones are `int`."""

    value: int | float


@dataclass(frozen=True, slots=True)
class String(SyntaxNode):
    """A string literal, unescaped."""

    text: str


@dataclass(frozen=True, slots=True)
class Null(SyntaxNode):
    """The word NULL."""


@dataclass(frozen=True, slots=True)
class Missing(SyntaxNode):
    """An argument left out, as the second and third of `DrilldownLevel(x,,,INCLUDE_CALC_MEMBERS)`."""


@dataclass(frozen=True, slots=True)
class NamedParameter(SyntaxNode):
    """`@name`, whose value comes with the request."""

    name: str


@dataclass(frozen=True, slots=True)
class SetExpression(SyntaxNode):
    """`{a, b, c}`."""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Parenthesis(SyntaxNode):
    """`(a, b)`: a tuple (or a cross join, where an element is a set); with one element a tuple or just brackets."""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unary(SyntaxNode):
    """A prefix operator: `-`, `+`, `NOT`, `EXISTING`; a minus before a set is its complement."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Operation(SyntaxNode):
    """An infix operator, upper case, with its operands in order.

    The associative ones (`OR`, `XOR`, `AND`, `+`, `*`, `||`) hold a whole chain: `a * b * c` has three operands. All
    others (`-`, `/`, `^`, `:`, `=`, `<>`, `<`, `<=`, `>`, `>=`, `IS`) hold two.
    """

    operator: str
    operands: tuple[Expression, ...]


class CallStyle(StrEnum):
    """How a function was written."""

    FUNCTION = "function"  # Name(arguments)
    METHOD = "method"  # target.Name(arguments); the target is arguments[0]
    PROPERTY = "property"  # target.Name; the target is the only argument


@dataclass(frozen=True, slots=True)
class FunctionCall(SyntaxNode):
    """A function call; `name` as written, also `VBA!Format`. `[Store].Children` is an `Identifier`, not a call."""

    name: str
    arguments: tuple[Expression, ...]
    style: CallStyle = CallStyle.FUNCTION


@dataclass(frozen=True, slots=True)
class When(SyntaxNode):
    """`WHEN condition THEN result`."""

    condition: Expression
    result: Expression


@dataclass(frozen=True, slots=True)
class Case(SyntaxNode):
    """`CASE [operand] WHEN … THEN … [ELSE …] END`."""

    operand: Expression | None
    whens: tuple[When, ...]
    otherwise: Expression | None


@dataclass(frozen=True, slots=True)
class Alias(SyntaxNode):
    """`expression AS name`: the set has that name in what is evaluated after it."""

    expression: Expression
    name: str


Expression: TypeAlias = (
    Identifier
    | Number
    | String
    | Null
    | Missing
    | NamedParameter
    | SetExpression
    | Parenthesis
    | Unary
    | Operation
    | FunctionCall
    | Case
    | Alias
)


# Definitions


@dataclass(frozen=True, slots=True)
class PropertyDefinition(SyntaxNode):
    """`, NAME = expression` after a formula; `name` as written, without brackets."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class MemberDefinition(SyntaxNode):
    """`MEMBER name AS formula, properties`; the formula is parsed, also when it was written in quotes."""

    name: Identifier
    expression: Expression
    properties: tuple[PropertyDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class SetDefinition(SyntaxNode):
    """`SET name AS formula`; `mode` is `DYNAMIC`, `STATIC` or empty."""

    name: Identifier
    expression: Expression
    properties: tuple[PropertyDefinition, ...] = ()
    mode: str = ""

    @property
    def dynamic(self) -> bool:
        """Whether a set of the session follows each statement's slicer and subselects."""
        return self.mode.upper() == "DYNAMIC"


@dataclass(frozen=True, slots=True)
class CellDefinition(SyntaxNode):
    """`CELL CALCULATION name FOR region AS formula, properties`."""

    name: Identifier
    region: Expression
    expression: Expression
    properties: tuple[PropertyDefinition, ...] = ()


Definition: TypeAlias = MemberDefinition | SetDefinition | CellDefinition


# Statements


@dataclass(frozen=True, slots=True)
class AxisClause(SyntaxNode):
    """`[NON EMPTY] expression [HAVING …] [DIMENSION PROPERTIES …] ON number`; COLUMNS is 0, ROWS is 1."""

    expression: Expression
    number: int
    non_empty: bool = False
    having: Expression | None = None
    properties: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Subselect(SyntaxNode):
    """`FROM [NON VISUAL] (SELECT … FROM … [WHERE …])`."""

    axes: tuple[AxisClause, ...]
    source: Identifier | Subselect | None
    slicer: Expression | None = None
    non_visual: bool = False


@dataclass(frozen=True, slots=True)
class Select(SyntaxNode):
    """A query; `source` is None where no cube was named (the session's is meant). Axes in the order written."""

    definitions: tuple[Definition, ...]
    axes: tuple[AxisClause, ...]
    source: Identifier | Subselect | None
    slicer: Expression | None = None
    cell_properties: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnColumn(SyntaxNode):
    """A column that DRILLTHROUGH returns: `Name([$Store].[City]) AS x`; `function` upper case, empty for none."""

    name: Identifier
    function: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class DrillthroughStatement(SyntaxNode):
    """`DRILLTHROUGH [MAXROWS n] [FIRSTROWSET n] SELECT … [RETURN …]`."""

    select: Select
    max_rows: int | None = None
    first_rowset: int | None = None
    columns: tuple[ReturnColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateMember(SyntaxNode):
    """`CREATE [SESSION] [HIDDEN] [CALCULATED] MEMBER …`; the name may begin with the cube's or CURRENTCUBE."""

    definition: MemberDefinition
    session: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class CreateSet(SyntaxNode):
    """`CREATE [SESSION] [HIDDEN] [DYNAMIC|STATIC] SET …`; the name may begin with the cube's or CURRENTCUBE."""

    definition: SetDefinition
    session: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class DropMember(SyntaxNode):
    """`DROP [CALCULATED] MEMBER a, b`."""

    names: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class DropSet(SyntaxNode):
    """`DROP SET a, b`."""

    names: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class CreateSubcube(SyntaxNode):
    """`CREATE SUBCUBE cube AS [NON VISUAL (]SELECT … FROM …[)]`: the space of all later statements of the session."""

    cube: Identifier
    subselect: Subselect


@dataclass(frozen=True, slots=True)
class DropSubcube(SyntaxNode):
    """`DROP SUBCUBE cube`: back to what held before the last CREATE SUBCUBE."""

    cube: Identifier


@dataclass(frozen=True, slots=True)
class RefreshCube(SyntaxNode):
    """`REFRESH CUBE name`."""

    cube: Identifier


@dataclass(frozen=True, slots=True)
class Calculate(SyntaxNode):
    """`CALCULATE`, which does nothing outside a cube's script."""


@dataclass(frozen=True, slots=True)
class Order(SyntaxNode):
    """One column of ORDER BY."""

    column_name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class SchemaColumn(SyntaxNode):
    """`column [AS alias]` of a SELECT over a schema rowset."""

    name: str
    alias: str = ""


@dataclass(frozen=True, slots=True)
class SchemaSelect(SyntaxNode):
    """`SELECT columns FROM $SYSTEM.rowset [WHERE …] [ORDER BY …]`; no columns means all.

    `condition` is made of `Operation` (AND, OR, comparisons), `Unary` NOT, `Parenthesis` of one element, one-part
    `Identifier` for a column, and literals. `restrictions` are those of `SYSTEMRESTRICTSCHEMA($SYSTEM.x, [A] = 'b')`.
    """

    columns: tuple[SchemaColumn, ...]
    rowset: str
    condition: Expression | None = None
    order: tuple[Order, ...] = ()
    restrictions: tuple[PropertyDefinition, ...] = ()
    distinct: bool = False
    top: int | None = None


@dataclass(frozen=True, slots=True)
class Refused(SyntaxNode):
    """A statement of the language that writes or administrates; `name` says which, for example `UPDATE CUBE`."""

    name: str


@dataclass(frozen=True, slots=True)
class EmptyStatement(SyntaxNode):
    """No statement at all: clients send it to begin a session."""


Statement: TypeAlias = (
    Select
    | DrillthroughStatement
    | CreateMember
    | CreateSet
    | DropMember
    | DropSet
    | CreateSubcube
    | DropSubcube
    | RefreshCube
    | Calculate
    | SchemaSelect
    | Refused
    | EmptyStatement
)
