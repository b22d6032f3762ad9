"""Pratt parser of MDX expressions: every operator has a binding power, every other token begins or ends something."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from flis.errors import SyntaxStatementError
from flis.query.languages.mdx.other_languages import CONDITIONS
from flis.query.languages.mdx.syntax import (
    Alias,
    CallStyle,
    Case,
    Expression,
    FunctionCall,
    Identifier,
    Missing,
    NamedParameter,
    NameSegment,
    Null,
    Number,
    Operation,
    Parenthesis,
    SetExpression,
    String,
    Unary,
    When,
)
from flis.query.languages.mdx.tokens import END, NAME, NUMBER, PARAMETER, QUOTED, STRING, Places, Token, tokenise

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ExpressionParser"]

DEEPEST = 128
"""Levels of nodes inside each other: far above what any client sends, far below what Python's stack carries.

Brackets, calls and prefix operators are levels; so is every operator that cannot be held in one node (`a - b - c`).
"""

ALIAS = 5
NOT = 30
EXISTING = 45  # below the operators of sets, above comparisons (Microsoft, Operators (MDX Syntax))
PREFIX = 75
POWER = {
    "OR": 10, "XOR": 10, "AND": 20,
    "=": 40, "<>": 40, "<": 40, "<=": 40, ">": 40, ">=": 40, "IS": 40,
    "+": 50, "-": 50, "||": 50, "*": 60, "/": 60, ":": 70, "^": 80,
}  # fmt: skip
WORDS = frozenset({"OR", "XOR", "AND", "IS"})
BEHIND = frozenset({".", "("})
CHAINED = frozenset({"OR", "XOR", "AND", "+", "*", "||"})
HINTS = frozenset({"EAGER", "LAZY", "STRICT"})
RESERVED = frozenset(
    ["AND", "AS", "ELSE", "END", "FROM", "HAVING", "IS", "ON", "OR", "SELECT", "THEN", "WHEN", "WHERE", "WITH", "XOR"]
)
"""Words that can neither begin an expression nor be an unquoted name at its beginning (after a dot they can)."""


class ExpressionParser:
    """A cursor over the tokens of one statement, and the grammar of expressions."""

    __slots__ = ("depth", "height", "index", "places", "text", "token", "tokens")

    def __init__(self, text: str, tokens: list[Token], places: Places) -> None:
        self.text = text
        self.tokens = tokens
        self.places = places
        self.index = 0
        self.token = tokens[0]
        self.depth = 0  # levels above what is being read
        self.height = 0  # levels in the expression read last

    # The cursor

    def advance(self) -> Token:
        """Take the current token."""
        token = self.token
        if token.kind != END:
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def peek(self, distance: int = 1) -> Token:
        """The token `distance` after the current one."""
        return self.tokens[min(self.index + distance, len(self.tokens) - 1)]

    def at(self, *words: str) -> bool:
        """Do the next tokens read as these unquoted words?"""
        token = self.token
        if token.kind != NAME or token.text.upper() != words[0]:
            return False
        return len(words) == 1 or all(self.word(nth) == word for nth, word in enumerate(words))

    def word(self, distance: int = 0) -> str:
        """The unquoted name at `distance` in upper case, or an empty string."""
        token = self.peek(distance) if distance else self.token
        return token.text.upper() if token.kind == NAME else ""

    def skip(self, *words: str) -> bool:
        """Take the words if they are next; says whether they were."""
        if not self.at(*words):
            return False
        for _ in words:
            self.advance()
        return True

    def take(self, kind: str, wanted: str) -> Token:
        """Take a token of this kind, or fail with what was wanted."""
        if self.token.kind != kind:
            self.fail(wanted, CONDITIONS.get(self.word(), ""))
        return self.advance()

    def take_words(self, *words: str) -> None:
        """Take these words, or fail."""
        for word in words:
            if not self.skip(word):
                self.fail(word)

    def fail(self, wanted: str, hint: str = "") -> NoReturn:
        """Raise SyntaxStatementError: `wanted` was expected at the current token."""
        raise self.error(f"expected {wanted}, found {self.token.shown}", self.token, hint)

    @staticmethod
    def error(what: str, token: Token, hint: str = "") -> SyntaxStatementError:
        """A syntax error at `token`."""
        return SyntaxStatementError(f"Syntax error: {what}.", line=token.line, column=token.column, hint=hint)

    # Expressions

    def expression(self, power: int = 0) -> Expression:
        """An expression whose operators all bind tighter than `power`."""
        start = self.token
        self.depth += 1
        self.height = 0
        if self.depth > DEEPEST:
            raise self.too_deep(start)
        left = PREFIXES.get(start.kind, ExpressionParser.nothing)(self)
        while True:
            kind = self.token.kind
            operator = self.token.text.upper() if kind == NAME else kind
            binding = POWER.get(operator, 0)
            if binding <= power or (kind == NAME and operator not in WORDS):
                break
            left = self.operation(left, operator, binding)
        if kind == NAME and power < ALIAS:
            left = self.alias(left)
            self.hints()
        if self.height > DEEPEST:
            raise self.too_deep(start)
        self.depth -= 1
        return left

    def too_deep(self, token: Token) -> SyntaxStatementError:
        """The error for an expression beyond the limit."""
        return self.error(f"the expression is nested deeper than {DEEPEST} levels", token)

    def operation(self, left: Expression, operator: str, binding: int) -> Expression:
        """`left operator …`, with the whole chain where the operator is associative."""
        sign, height = self.token, self.height
        if operator == "IS" and self.word(1) == "EMPTY":
            self.advance()
            self.advance()
            self.height = height + 1
            return FunctionCall("IsEmpty", (left,), line=sign.line, column=sign.column)
        operands = [left]
        while True:
            self.advance()
            operands.append(self.expression(binding))
            height = max(height, self.height)
            follows = self.token.text.upper() if self.token.kind == NAME else self.token.kind
            if follows != operator or operator not in CHAINED:
                break
        self.height = height + 1
        return Operation(operator, tuple(operands), line=sign.line, column=sign.column)

    def alias(self, expression: Expression) -> Expression:
        """`expression AS name`, once or more."""
        while self.skip("AS"):
            name = self.token
            if name.kind not in (NAME, QUOTED):
                self.fail("a name for the set")
            self.advance()
            expression = Alias(expression, name.text, line=name.line, column=name.column)
            self.height += 1
        return expression

    def hints(self) -> None:
        """`expression HINT LAZY`: said to the planner of Analysis Services, and without a meaning here."""
        if self.at("HINT") and self.word(1) in HINTS:
            self.advance()
            while self.word() in HINTS:
                self.advance()

    def nothing(self) -> Expression:
        """The current token begins no expression."""
        self.fail("an expression")

    def number(self) -> Expression:
        """A number literal."""
        token = self.advance()
        try:
            value = float(token.text)
        except ValueError:  # digits of another script
            value = float("inf")
        if value in (float("inf"), float("-inf")):
            raise self.error("the number is out of range", token)
        whole = token.text.isdecimal() and abs(value) < 2**63
        return Number(int(token.text) if whole else value, line=token.line, column=token.column)

    def string(self) -> Expression:
        """A string literal."""
        token = self.advance()
        return String(token.text, line=token.line, column=token.column)

    def parameter(self) -> Expression:
        """`@name`."""
        token = self.advance()
        return NamedParameter(token.text, line=token.line, column=token.column)

    def sign(self) -> Expression:
        """A plus or minus before its operand."""
        token = self.advance()
        return self.unary(token.kind, token, PREFIX)

    def unary(self, operator: str, token: Token, power: int) -> Unary:
        """What follows a prefix operator."""
        operand = self.expression(power)
        self.height += 1
        return Unary(operator, operand, line=token.line, column=token.column)

    def braces(self) -> Expression:
        """`{a, b}`."""
        token = self.advance()
        elements = () if self.token.kind == "}" else self.elements()
        self.take("}", "a comma or }")
        return SetExpression(elements, line=token.line, column=token.column)

    def parenthesis(self) -> Expression:
        """`(a, b)`."""
        token = self.advance()
        elements = () if self.token.kind == ")" else self.elements()
        self.take(")", "a comma or )")
        return Parenthesis(elements, line=token.line, column=token.column)

    def elements(self) -> tuple[Expression, ...]:
        """Expressions with commas between."""
        found = [self.expression()]
        height = self.height
        while self.token.kind == ",":
            self.advance()
            found.append(self.expression())
            height = max(height, self.height)
        self.height = height + 1
        return tuple(found)

    def arguments(self, *before: Expression) -> tuple[Expression, ...]:
        """`(a,,b)` after `before`: arguments may be left out."""
        height = self.height
        self.advance()
        found = list(before)
        while self.token.kind != ")" or len(found) > len(before):
            found.append(self.argument())
            height = max(height, self.height)
            if self.token.kind != ",":
                break
            self.advance()
        self.take(")", "a comma or )")
        self.height = height + 1
        return tuple(found)

    def argument(self) -> Expression:
        """One argument, or nothing."""
        token = self.token
        if token.kind in (",", ")"):
            self.height = 0
            return Missing(line=token.line, column=token.column)
        return self.expression()

    # Names, calls and words

    def name(self) -> Expression:
        """What begins with an unquoted name: a word of the language, a function, a path."""
        token = self.token
        word = token.text.upper()
        after = self.tokens[self.index + 1].kind
        if after == "(" and word not in KEYWORDS and word not in RESERVED:
            self.advance()
            call = FunctionCall(token.text, self.arguments(), line=token.line, column=token.column)
            return self.suffixes(call)
        if after != ".":
            keyword = KEYWORDS.get(word)
            if keyword is not None:
                return keyword(self)
            if word in RESERVED:
                self.fail("an expression")
        return self.path()

    def path(self) -> Expression:
        """A dotted path and what is called on it."""
        identifier, method = self.segments()
        if method is None:
            return self.suffixes(identifier)
        arguments = self.arguments(identifier)
        call = FunctionCall(method.text, arguments, CallStyle.METHOD, line=method.line, column=method.column)
        return self.suffixes(call)

    def segments(self) -> tuple[Identifier, Token | None]:
        """The parts of a path; with the name of a method where one follows (its parenthesis is then next)."""
        first = self.token
        parts = [self.key() if first.kind == "&" else self.segment(first)]
        while True:
            if self.token.kind != ".":
                break
            self.advance()
            part = self.token
            if part.kind == NAME and self.tokens[self.index + 1].kind == "(":
                self.advance()
                return Identifier(tuple(parts), line=first.line, column=first.column), part
            parts.append(self.key() if part.kind == "&" else self.segment(part))
        return Identifier(tuple(parts), line=first.line, column=first.column), None

    def segment(self, token: Token) -> NameSegment:
        """A name, quoted or not; digits alone are one too."""
        digits = token.kind == NUMBER and token.text.isdecimal()
        if not digits and token.kind not in (NAME, QUOTED):
            self.fail("a name")
        self.advance()
        return NameSegment(token.text, token.kind == QUOTED, line=token.line, column=token.column)

    def key(self) -> NameSegment:
        """`&[key]`, or a compound one: `&[key]&[key]`."""
        first = self.token
        keys = []
        while self.token.kind == "&":
            self.advance()
            if self.token.kind not in (NAME, QUOTED, NUMBER):
                self.fail("a key after &")
            keys.append(self.advance().text)
        return NameSegment("", quoted=True, keys=tuple(keys), line=first.line, column=first.column)

    def suffixes(self, target: Expression) -> Expression:
        """Properties and methods of what was called; `x(0)` is `x.Item(0)`."""
        while self.token.kind in BEHIND:
            if self.token.kind == "(":
                at = self.token
                target = FunctionCall("Item", self.arguments(target), CallStyle.METHOD, line=at.line, column=at.column)
                continue
            self.advance()
            token = self.take(NAME, "the name of a property or method")
            if self.token.kind == "(":
                arguments, style = self.arguments(target), CallStyle.METHOD
            else:
                arguments, style = (target,), CallStyle.PROPERTY
                self.height += 1
            target = FunctionCall(token.text, arguments, style, line=token.line, column=token.column)
        return target

    def bracketed(self) -> Expression:
        """A set or tuple and what is called on it."""
        target = self.braces() if self.token.kind == "{" else self.parenthesis()
        return self.suffixes(target)

    def null(self) -> Expression:
        """NULL."""
        token = self.advance()
        return Null(line=token.line, column=token.column)

    def negation(self) -> Expression:
        """NOT x."""
        token = self.advance()
        return self.unary("NOT", token, NOT)

    def existing(self) -> Expression:
        """EXISTING set, with all that `*`, `+`, `-` and `:` join to it; or a name of that spelling."""
        follows = self.tokens[self.index + 1]
        if follows.kind not in (NAME, QUOTED, "{", "(") or (follows.kind == NAME and self.word(1) in RESERVED):
            return self.path()
        token = self.advance()
        return self.unary("EXISTING", token, EXISTING)

    def case(self) -> Expression:
        """CASE … END."""
        token = self.advance()
        operand = None if self.at("WHEN") else self.expression()
        height = self.height
        whens = []
        while self.at("WHEN"):
            when = self.advance()
            condition = self.expression()
            height = max(height, self.height)
            self.take_words("THEN")
            result = self.expression()
            height = max(height, self.height)
            whens.append(When(condition, result, line=when.line, column=when.column))
        if not whens:
            self.fail("WHEN")
        otherwise = self.expression() if self.skip("ELSE") else None
        self.take_words("END")
        self.height = max(height, self.height) + 1
        target = Case(operand, tuple(whens), otherwise, line=token.line, column=token.column)
        return self.suffixes(target)

    # Formulas

    def formula(self) -> Expression:
        """The text after AS: an expression, or one in single quotes."""
        token = self.token
        if token.kind != STRING or token.quote != "'":
            return self.expression()
        self.advance()
        offset = self.places.offset(token.line, token.column) + 1
        raw = self.text[offset : offset + len(token.text) + token.text.count("'")]
        places = self.places.inside(offset, raw, "'")
        inner = ExpressionParser(token.text, tokenise(token.text, places, "formula"), places)
        inner.depth = self.depth
        expression = inner.expression()
        if inner.token.kind != END:
            inner.fail("the end of the formula")
        return expression


PREFIXES: dict[str, Callable[[ExpressionParser], Expression]] = {
    NAME: ExpressionParser.name,
    QUOTED: ExpressionParser.path,
    "&": ExpressionParser.path,
    NUMBER: ExpressionParser.number,
    STRING: ExpressionParser.string,
    PARAMETER: ExpressionParser.parameter,
    "{": ExpressionParser.bracketed,
    "(": ExpressionParser.bracketed,
    "-": ExpressionParser.sign,
    "+": ExpressionParser.sign,
}
KEYWORDS: dict[str, Callable[[ExpressionParser], Expression]] = {
    "NULL": ExpressionParser.null,
    "NOT": ExpressionParser.negation,
    "EXISTING": ExpressionParser.existing,
    "CASE": ExpressionParser.case,
}
