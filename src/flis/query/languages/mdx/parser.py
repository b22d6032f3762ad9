"""MDX statements: text to syntax tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flis.errors import suggest
from flis.query.languages.mdx.expressions import ALIAS, DEEPEST, ExpressionParser
from flis.query.languages.mdx.other_languages import BEHIND, ON_AXES, SETS
from flis.query.languages.mdx.schema import schema_select
from flis.query.languages.mdx.syntax import (
    AxisClause,
    Calculate,
    CellDefinition,
    CreateMember,
    CreateSet,
    CreateSubcube,
    Definition,
    DrillthroughStatement,
    DropMember,
    DropSet,
    DropSubcube,
    EmptyStatement,
    Expression,
    Identifier,
    MemberDefinition,
    NameSegment,
    PropertyDefinition,
    RefreshCube,
    Refused,
    ReturnColumn,
    Select,
    SetDefinition,
    Statement,
    Subselect,
)
from flis.query.languages.mdx.tokens import END, NAME, NUMBER, QUOTED, Places, Token, tokenise
from flis.query.unsupported_constructs import unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["parse", "parse_expression"]

AXES = {"COLUMNS": 0, "ROWS": 1, "PAGES": 2, "SECTIONS": 3, "CHAPTERS": 4}
HIGHEST_AXIS = 127
DEFINED = frozenset({"MEMBER", "SET", "CELL", "CALCULATED", "DYNAMIC", "STATIC"})
REFUSED = re.compile(
    r"""[\s;]* (?P<words>
        UPDATE (?: \s+ (?: SESSION | CALCULATED ) )* (?: \s+ \w+ )?
      | ALTER (?: \s+ \w+ )? | CLEAR (?: \s+ \w+ )? | INSERT (?: \s+ INTO )? | DELETE
      | CREATE \s+ (?: (?: SESSION | GLOBAL | LOCAL | HIDDEN | CALCULATED ) \s+ )*
            (?: CUBE | CELL | KPI | ACTION | CACHE | MEASURE )
      | DROP \s+ (?: (?: SESSION | GLOBAL ) \s+ )? (?: CUBE | CELL | KPI | ACTION )
      | EVALUATE | DEFINE | VAR | IF | CALL | SCOPE | FREEZE | USE | BEGIN (?: \s+ TRAN\w* )? | COMMIT | ROLLBACK
    ) \b """,
    re.VERBOSE | re.IGNORECASE,
)
"""Statements known by name and never run here; their text is not looked at further."""


def parse(text: str) -> Statement:
    """The syntax tree of one statement; raises SyntaxStatementError with line, column and what was expected."""
    refused = REFUSED.match(text)
    if refused:
        name = " ".join(refused["words"].upper().split())
        line, column = Places(text).at(refused.start("words"))
        return Refused(name, line=line, column=column)
    places = Places(text)
    parser = StatementParser(text, tokenise(text, places), places)
    return parser.statement()


def parse_expression(text: str) -> Expression:
    """The syntax tree of one expression: a formula of the catalogue, or the text given to StrToMember and StrToSet."""
    places = Places(text)
    parser = ExpressionParser(text, tokenise(text, places, "expression"), places)
    expression = parser.expression()
    if parser.token.kind != END:
        parser.fail("the end of the expression")
    return expression


class StatementParser(ExpressionParser):
    """The grammar of statements."""

    __slots__ = ()

    def statement(self) -> Statement:
        """The one statement in the text."""
        while self.token.kind == ";":
            self.advance()
        first = self.token
        if first.kind == END:
            return EmptyStatement(line=first.line, column=first.column)
        begin = STATEMENTS.get(self.word())
        if begin is None:
            self.fail("a statement (SELECT, WITH, DRILLTHROUGH, CREATE, DROP or REFRESH)")
        found = begin(self)
        while self.token.kind == ";":
            self.advance()
        if self.token.kind != END:
            hint = BEHIND.get(self.word() or self.token.kind, "Statements are sent one at a time.")
            self.fail("the end of the statement", hint)
        return found

    def query(self) -> Statement:
        """SELECT over a cube, or over a schema rowset."""
        if "$" in self.text or "RESTRICTSCHEMA" in self.text.upper():
            found = schema_select(self)
            if found is not None:
                return found
        return self.select()

    def select(self) -> Select:
        """[WITH …] SELECT … FROM … WHERE … CELL PROPERTIES …."""
        first = self.token
        definitions: list[Definition] = []
        if self.skip("WITH"):
            if self.at("MEASURE"):
                raise unsupported("WITH MEASURE", Identifier((), line=self.token.line, column=self.token.column))
            while self.word() in DEFINED:
                definitions.append(self.definition())
            if not definitions:
                self.fail("MEMBER, SET or CELL CALCULATION")
        axes, source, slicer, _ = self.body()
        self.skip("CELL")
        properties = self.properties() if self.at("PROPERTIES") else ()
        return Select(tuple(definitions), axes, source, slicer, properties, line=first.line, column=first.column)

    def body(self) -> tuple[tuple[AxisClause, ...], Identifier | Subselect | None, Expression | None, bool]:
        """SELECT axes FROM source WHERE slicer; the last part says whether the source's totals are not visual ones."""
        first = self.token
        self.take_words("SELECT")
        if self.skip("NON", "VISUAL"):
            raise unsupported("SELECT NON VISUAL", Identifier((), line=first.line, column=first.column))
        axes: list[AxisClause] = []
        if self.token.kind == "*":  # as much as no axis
            self.advance()
        elif not self.at("FROM"):
            axes.append(self.axis(0))
            while self.token.kind == ",":
                self.advance()
                axes.append(self.axis(len(axes)))
        if not self.at("FROM"):
            self.fail("a comma or FROM")
        self.advance()
        non_visual = self.skip("NON", "VISUAL")
        source = self.source(non_visual=non_visual)
        slicer = self.expression() if self.skip("WHERE") else None
        return tuple(axes), source, slicer, non_visual

    def source(self, *, non_visual: bool) -> Identifier | Subselect | None:
        """A cube, a subselect, or nothing where the session knows the cube."""
        first = self.token
        if first.kind == "(":
            self.advance()
            self.depth += 1
            if self.depth > DEEPEST:
                raise self.error(f"subselects are nested deeper than {DEEPEST} levels", first)
            axes, source, slicer, _ = self.body()
            self.depth -= 1
            self.take(")", ")")
            return Subselect(axes, source, slicer, non_visual, line=first.line, column=first.column)
        if first.kind in (END, ")", ";") or self.at("CELL", "PROPERTIES") or self.at("WHERE"):
            return None
        return self.named("the name of a cube")

    def named(self, wanted: str) -> Identifier:
        """A path that calls nothing."""
        if self.token.kind not in (NAME, QUOTED):
            self.fail(wanted)
        identifier, method = self.segments()
        if method is not None:
            raise self.error(f"expected {wanted}, found a call of {method.text}", method)
        return identifier

    def axis(self, written: int) -> AxisClause:
        """One axis; without ON it has the number of its place."""
        first = self.token
        if first.kind == "*":
            self.fail("a set", ON_AXES)
        non_empty = self.at("NON", "EMPTY") and self.skip("NON", "EMPTY")
        expression = self.expression()
        having = self.expression() if self.skip("HAVING") else None
        self.skip("DIMENSION")
        properties = self.properties() if self.at("PROPERTIES") else ()
        if having is None and properties and self.skip("HAVING"):
            having = self.expression()
        number = self.axis_number() if self.skip("ON") else self.unnumbered(written)
        return AxisClause(expression, number, non_empty, having, properties, line=first.line, column=first.column)

    def unnumbered(self, written: int) -> int:
        """The number of an axis without ON, which a subselect's may be."""
        if self.depth == 0:
            before = self.tokens[self.index - 1]
            self.fail("ON and the axis", SETS.get(before.text.upper(), ON_AXES if self.ends_a_set() else ""))
        return written

    def ends_a_set(self) -> bool:
        """Whether another set or the cube follows."""
        return self.token.kind == "," or self.at("FROM")

    def axis_number(self) -> int:
        """COLUMNS, 0, AXIS(0) …."""
        token = self.token
        word = self.word()
        if word in AXES:
            self.advance()
            return AXES[word]
        if word == "AXIS" and self.peek().kind == "(":
            self.advance()
            self.advance()
            number = self.whole_number("the number of an axis")
            self.take(")", ")")
        else:
            wanted = "an axis: COLUMNS, ROWS, PAGES, SECTIONS, CHAPTERS, AXIS(n) or a number"
            number = self.whole_number(wanted, suggest(word, AXES))
        if number > HIGHEST_AXIS:
            raise self.error(f"there is no axis above {HIGHEST_AXIS}", token)
        return number

    def whole_number(self, wanted: str, hint: str = "") -> int:
        """Digits."""
        token = self.token
        if token.kind != NUMBER or not token.text.isdecimal() or len(token.text) > 10:
            self.fail(wanted, hint)
        self.advance()
        return int(token.text)

    def properties(self) -> tuple[Identifier, ...]:
        """PROPERTIES a, [D].[H].[L].b, and as Excel writes it [D].[H].[L]b without the last dot."""
        self.take_words("PROPERTIES")
        found = [self.property_name()]
        while self.token.kind == ",":
            self.advance()
            found.append(self.property_name())
        return tuple(found)

    def property_name(self) -> Identifier:
        """One property."""
        name = self.named("the name of a property")
        if not name.segments[-1].quoted or self.token.kind != NAME or self.word() in ("ON", "FROM", "CELL", "HAVING"):
            return name
        token = self.advance()
        last = NameSegment(token.text, quoted=False, line=token.line, column=token.column)
        return Identifier((*name.segments, last), line=name.line, column=name.column)

    # WITH

    def definition(self) -> Definition:
        """MEMBER, SET or CELL CALCULATION; a comma may stand after it."""
        if self.at("CELL"):
            found: Definition = self.cell_definition()
        elif self.word() in ("SET", "DYNAMIC", "STATIC"):
            found = self.set_definition()
        else:
            found = self.member_definition()
        if self.token.kind == "," and self.word(1) in DEFINED:
            self.advance()
        return found

    def member_definition(self) -> MemberDefinition:
        """[CALCULATED] MEMBER name AS formula, properties."""
        first = self.token
        self.skip("CALCULATED")
        self.take_words("MEMBER")
        name = self.named("the name of a member")
        self.take_words("AS")
        formula = self.formula()
        return MemberDefinition(name, formula, self.assignments(), line=first.line, column=first.column)

    def set_definition(self) -> SetDefinition:
        """[DYNAMIC|STATIC] SET name AS formula, properties."""
        first = self.token
        mode = self.word() if not self.at("SET") else ""
        if mode:
            self.advance()
        self.take_words("SET")
        name = self.named("the name of a set")
        self.take_words("AS")
        formula = self.formula()
        return SetDefinition(name, formula, self.assignments(), mode, line=first.line, column=first.column)

    def cell_definition(self) -> CellDefinition:
        """CELL CALCULATION name FOR region AS formula, properties."""
        first = self.token
        self.take_words("CELL", "CALCULATION")
        name = self.named("the name of a cell calculation")
        self.take_words("FOR")
        region = self.formula() if self.token.quote == "'" else self.expression(ALIAS)
        self.take_words("AS")
        formula = self.formula()
        return CellDefinition(name, region, formula, self.assignments(), line=first.line, column=first.column)

    def assignments(self) -> tuple[PropertyDefinition, ...]:
        """, NAME = expression, …."""
        found = []
        while self.token.kind == "," and self.peek().kind in (NAME, QUOTED) and self.peek(2).kind == "=":
            self.advance()
            name = self.advance()
            self.advance()
            value = self.expression(ALIAS)
            found.append(PropertyDefinition(name.text, value, line=name.line, column=name.column))
        return tuple(found)

    # Other statements

    def drillthrough(self) -> DrillthroughStatement:
        """DRILLTHROUGH …."""
        first = self.advance()
        max_rows = self.whole_number("a number of rows") if self.skip("MAXROWS") else None
        first_rowset = self.whole_number("the number of a rowset") if self.skip("FIRSTROWSET") else None
        select = self.select()
        columns: list[ReturnColumn] = []
        if self.skip("RETURN"):
            columns.append(self.return_column())
            while self.token.kind == ",":
                self.advance()
                columns.append(self.return_column())
        return DrillthroughStatement(
            select, max_rows, first_rowset, tuple(columns), line=first.line, column=first.column
        )

    def return_column(self) -> ReturnColumn:
        """A column of RETURN."""
        first = self.token
        function = ""
        if first.kind == NAME and self.peek().kind == "(":
            function = self.word()
            self.advance()
            self.advance()
        name = self.named("a column")
        if function:
            self.take(")", ")")
        alias = ""
        if self.skip("AS"):
            if self.token.kind not in (NAME, QUOTED):
                self.fail("a name for the column")
            alias = self.advance().text
        return ReturnColumn(name, function, alias, line=first.line, column=first.column)

    def create(self) -> CreateMember | CreateSet | CreateSubcube:
        """CREATE [SESSION] MEMBER, SET or SUBCUBE."""
        first = self.advance()
        session = self.skip("SESSION")
        if not session:
            self.skip("GLOBAL")
        hidden = self.skip("HIDDEN")
        if self.word() in ("SET", "DYNAMIC", "STATIC"):
            return CreateSet(self.set_definition(), session, hidden, line=first.line, column=first.column)
        if self.skip("SUBCUBE"):
            return self.subcube(first)
        if self.word() not in ("MEMBER", "CALCULATED"):
            self.fail("MEMBER, SET or SUBCUBE")
        return CreateMember(self.member_definition(), session, hidden, line=first.line, column=first.column)

    def subcube(self, first: Token) -> CreateSubcube:
        """CREATE SUBCUBE, from the name of the cube on; the SELECT may stand in parentheses."""
        cube = self.named("the name of a cube")
        self.take_words("AS")
        non_visual = self.skip("NON", "VISUAL")
        if self.token.kind == "(":
            select = self.source(non_visual=non_visual)
            assert isinstance(select, Subselect)  # noqa: S101 - it begins with a parenthesis
        else:
            axes, source, slicer, _ = self.body()
            select = Subselect(axes, source, slicer, non_visual, line=first.line, column=first.column)
        return CreateSubcube(cube, select, line=first.line, column=first.column)

    def drop(self) -> DropMember | DropSet | DropSubcube:
        """DROP MEMBER, SET or SUBCUBE."""
        first = self.advance()
        self.skip("SESSION")
        if self.skip("SUBCUBE"):
            return DropSubcube(self.named("the name of a cube"), line=first.line, column=first.column)
        is_set = self.skip("SET")
        if not is_set:
            self.skip("CALCULATED")
            if not self.skip("MEMBER"):
                self.fail("MEMBER, SET or SUBCUBE")
        names = [self.named("a name")]
        while self.token.kind == ",":
            self.advance()
            names.append(self.named("a name"))
        kind = DropSet if is_set else DropMember
        return kind(tuple(names), line=first.line, column=first.column)

    def refresh(self) -> RefreshCube:
        """REFRESH CUBE name."""
        first = self.advance()
        self.take_words("CUBE")
        return RefreshCube(self.named("the name of a cube"), line=first.line, column=first.column)

    def calculate(self) -> Calculate:
        """CALCULATE."""
        first = self.advance()
        return Calculate(line=first.line, column=first.column)


STATEMENTS: dict[str, Callable[[StatementParser], Statement]] = {
    "SELECT": StatementParser.query,
    "WITH": StatementParser.select,
    "DRILLTHROUGH": StatementParser.drillthrough,
    "CREATE": StatementParser.create,
    "DROP": StatementParser.drop,
    "REFRESH": StatementParser.refresh,
    "CALCULATE": StatementParser.calculate,
}
