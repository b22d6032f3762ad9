"""Text to tokens: names, literals and signs of MDX, each with its place; comments and white space fall away."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from flis.errors import SyntaxStatementError
from flis.query.languages.mdx.other_languages import SIGNS

__all__ = ["END", "NAME", "NUMBER", "PARAMETER", "QUOTED", "STRING", "Places", "Token", "tokenise"]

NAME = "name"  # unquoted, also a keyword
QUOTED = "quoted"  # in brackets
NUMBER = "number"
STRING = "string"
PARAMETER = "parameter"
END = "end"
# every other kind is the sign itself

LONGEST_SHOWN = 40

TOKEN = re.compile(
    r"""
    (?P<space> [\s\ufeff]++ | --[^\r\n]*+ | //[^\r\n]*+ | /\*.*?\*/ )
  | (?P<name> \$?[^\W\d]\w*+ (?: ! (?: [^\W\d]\w*+ | \[ [^\W\d]\w*+ \] ) )? )
  | (?P<quoted> \[ [^\]]*+ (?: \]\] [^\]]*+ )*+ \] )
  | (?P<number> (?: \d++ (?: \.\d++ | \.(?!\s*+[\w\[&]) )? | (?<![\w\])}]) \.\d++ ) (?: [eE][+-]?\d++ )? )
  | (?P<string> ' [^']*+ (?: '' [^']*+ )*+ ' | " [^"]*+ (?: "" [^"]*+ )*+ " )
  | (?P<parameter> @\w++ )
  | (?P<sign> <> | <= | >= | \|\| | [{}(),.:*+\-^<>;] | =(?!=) | &(?!&) | /(?!\*) )
    """,
    re.VERBOSE | re.DOTALL,
)

UNCLOSED = {
    "[": "the name in brackets that begins here has no closing ]",
    "'": "the text in quotes that begins here has no closing '",
    '"': 'the text in quotes that begins here has no closing "',
    "/": "the comment that begins here has no closing */",
}


class Token(NamedTuple):
    """One token: its kind, its unescaped text, and its place (from 1)."""

    kind: str
    text: str
    line: int
    column: int
    quote: str = ""

    @property
    def shown(self) -> str:
        """The token as an error message names it."""
        if self.kind == END:
            return f"the end of the {self.text}"
        text = f"[{self.text}]" if self.kind == QUOTED else f"{self.quote}{self.text}{self.quote}"
        return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


class Places:
    """Line and column of an offset, in a statement or in a quoted formula inside it.

    A formula's text has its doubled quotes made single, so that an offset in it moves by one for each of them.
    """

    __slots__ = ("base", "doubled", "starts")

    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", text))]
        self.base = 0
        self.doubled: list[int] = []

    def inside(self, offset: int, raw: str, quote: str) -> Places:
        """The places of the formula whose text `raw`, quotes still doubled, begins at `offset`."""
        inner = Places.__new__(Places)
        inner.starts, inner.base = self.starts, offset
        found = (place.start() for place in re.finditer(quote * 2, raw))
        inner.doubled = [place - nth for nth, place in enumerate(found)]
        return inner

    def offset(self, line: int, column: int) -> int:
        """The offset in the whole statement of a line and column."""
        return self.starts[line - 1] + column - 1

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        if self.doubled:
            offset += bisect_right(self.doubled, offset - 1)
        offset += self.base
        starts = self.starts
        line = bisect_right(starts, offset) if len(starts) > 1 else 1
        return line, offset - starts[line - 1] + 1


def tokenise(text: str, places: Places, what: str = "statement") -> list[Token]:
    """The tokens of `text`, closed by one of kind END; raises SyntaxStatementError at what is none."""
    tokens: list[Token] = []
    match, place, make = TOKEN.match, places.at, Token
    position, end = 0, len(text)
    while position < end:
        found = match(text, position)
        if found is None:
            raise _unknown(text, position, places)
        kind, written = found.lastgroup or "", found.group()
        if kind != "space":
            line, column = place(position)
            if kind == "sign":
                tokens.append(make(written, written, line, column))
            elif kind == NAME:
                tokens.append(make(NAME, written, line, column))
            else:
                quote = written[0] if kind == STRING else ""
                tokens.append(make(kind, _unescaped(kind, written), line, column, quote))
        position += len(written)
    tokens.append(make(END, what, *place(end)))
    return tokens


def _unescaped(kind: str, written: str) -> str:
    """A token's text without its marks."""
    if kind == QUOTED:
        return written[1:-1].replace("]]", "]")
    if kind == STRING:
        quote = written[0]
        return written[1:-1].replace(quote * 2, quote)
    return written[1:] if kind == PARAMETER else written


def _unknown(text: str, position: int, places: Places) -> SyntaxStatementError:
    line, column = places.at(position)
    other = next((sign for sign in SIGNS if text.startswith(sign, position)), "")
    if other:
        why, hint = f"{other} has no meaning here", SIGNS[other]
    else:
        sign, hint = text[position], ""
        why = UNCLOSED.get(sign) or f"the character {sign!r} has no meaning here"
    return SyntaxStatementError(f"Syntax error: {why}.", line=line, column=column, hint=hint)
