"""Functions of texts: those of VBA, names in texts to members and sets, and sets to texts."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import NameStatementError, StatementError
from flis.query.binding.convert import as_member, as_set, convert
from flis.query.binding.nodes import Kind, Node
from flis.query.evaluation.values import Context, TupleSet, Values, as_column
from flis.query.functions.table import function
from flis.query.languages.mdx import parse_expression
from flis.query.languages.mdx import syntax as s

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.binding.bind import Binder
    from flis.query.evaluation.evaluate import Evaluator

__all__ = ["named_in_text"]

GROUP = "String"
STANDARD = "#,##0.00"  # what Visual Basic's Format means by "Standard"; as a format of cells it has no decimals here


LONGEST = 1_000_000  # letters that a text may be repeated to


def _declare(signature: str, apply: Callable[..., str | float], en: str, da: str, *, numeric: bool = False) -> None:
    """A text function, element by element: numbers come as whole ones, all else as text, nothing as 0 or no text."""
    kinds = signature[signature.index("(") + 1 : signature.index(")")].split(",")

    def run(ev: Evaluator, context: Context, *parts: Node | None) -> Values:
        given = [(kind, ev.values(p, context)) for kind, p in zip(kinds, parts, strict=False) if p is not None]
        size = max(len(v) for _, v in given)
        columns = [_whole(v.spread(size)) if "number" in kind else v.spread(size).strings() for kind, v in given]
        out = [apply(*row) for row in zip(*columns, strict=True)]
        return Values.numbers(np.array(out, dtype=np.float64)) if numeric else Values.texts([str(x) for x in out])

    function(signature, group=GROUP, en=en, da=da)(run)


def _whole(values: Values) -> list[int]:
    numbers = values.floats()
    if not (np.abs(numbers) < 1 << 31).all():
        raise StatementError("A whole number of usual size is needed here.")
    return [int(n) for n in numbers.tolist()]


def _position(text: str, part: str) -> int:
    return text.find(part) + 1


def _position_from(start: int, text: str, part: str, how: int = 0) -> int:
    """Counted from a place on; `how` 1 takes large and small letters for the same."""
    if how:
        text, part = text.casefold(), part.casefold()
    return text.find(part, max(start - 1, 0)) + 1


def _replaced(text: str, part: str, by: str, start: int = 1, count: int = -1, how: int = 0) -> str:  # noqa: PLR0917 - as Visual Basic has them
    """From a place on, so many times; the letters before the place are left out."""
    if start < 1:
        raise StatementError("Replace counts from 1.")
    rest = text[start - 1 :]
    if not part:
        return rest
    if not how:
        return rest.replace(part, by, count)
    return re.sub(re.escape(part), lambda _: by, rest, count=max(count, 0), flags=re.IGNORECASE) if count else rest


def _repeat(count: int, text: str) -> str:
    if not 0 <= count <= LONGEST:
        raise StatementError(f"A text is repeated up to {LONGEST:,} times, and not less than 0 times.")
    return text[:1] * count


def _letter(code: int) -> str:
    if not 0 <= code <= sys.maxunicode:
        raise StatementError(f"There is no letter with the code {code}.")
    return chr(code)


def _mid(text: str, start: int, length: int | None = None) -> str:
    if start < 1 or (length is not None and length < 0):
        raise StatementError("Mid counts from 1 and takes no negative length.")
    first = start - 1
    return text[first:] if length is None else text[first : first + length]


def _left(text: str, count: int) -> str:
    if count < 0:
        raise StatementError("Left takes no negative length.")
    return text[:count]


def _right(text: str, count: int) -> str:
    if count < 0:
        raise StatementError("Right takes no negative length.")
    return text[-count:] if count else ""


for _name in ("LCase", "Lower"):
    _declare(f"{_name}(string) -> string", str.lower, "In small letters.", "Med små bogstaver.")
for _name in ("UCase", "Upper"):
    _declare(f"{_name}(string) -> string", str.upper, "In capitals.", "Med store bogstaver.")
_declare("Trim(string) -> string", str.strip, "Without blanks at the ends.", "Uden blanke i enderne.")
_declare("LTrim(string) -> string", str.lstrip, "Without blanks at the start.", "Uden blanke i starten.")
_declare("RTrim(string) -> string", str.rstrip, "Without blanks at the end.", "Uden blanke i slutningen.")
_declare("Left(string, number) -> string", _left, "The first letters.", "De første bogstaver.")
_declare("Right(string, number) -> string", _right, "The last letters.", "De sidste bogstaver.")
_declare(
    "Mid(string, number, [number]) -> string",
    _mid,
    "Letters from a position, counted from 1.",
    "Bogstaver fra en plads, talt fra 1.",
)
_declare(
    "Replace(string, string, string, [number], [number], [number]) -> string",
    _replaced,
    "With a part replaced, from a place on, so many times; 1 as the last takes large and small letters for the same.",
    "Med en del erstattet, fra en plads, så mange gange; 1 til sidst tager store og små bogstaver for det samme.",
)
_declare("Space(number) -> string", lambda n: _repeat(n, " "), "So many blanks.", "Så mange blanke.")
_declare("String(number, string) -> string", _repeat, "A letter so many times.", "Et bogstav så mange gange.")
_declare("StrReverse(string) -> string", lambda t: t[::-1], "Backwards.", "Baglæns.")
_declare("Chr(number) -> string", _letter, "The letter of a code.", "Bogstavet med en kode.")
_declare(
    "Asc(string) -> number",
    lambda t: ord(t[0]) if t else 0,
    "The code of the first letter.",
    "Det første bogstavs kode.",
    numeric=True,
)
_declare("Len(string) -> number", len, "The number of letters.", "Antallet af bogstaver.", numeric=True)
for _text, _found in (
    ("InStr(string, string) -> number", _position),
    ("InStr(number, string, string, [number]) -> number", _position_from),
):
    _declare(
        _text,
        _found,
        "Where a text stands in another, from 1; 0 for nowhere.",
        "Hvor en tekst står i en anden, fra 1; 0 for ingen steder.",
        numeric=True,
    )
for _name in ("CStr", "Str"):
    _declare(f"{_name}(value) -> string", str, "As text.", "Som tekst.")


BEGINNING = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
BASES = (re.compile(r"&H([0-9a-f]*)", re.IGNORECASE), 16), (re.compile(r"&O([0-7]*)", re.IGNORECASE), 8)


def _val(text: str) -> float:
    """The number that a text begins with; blanks do not count."""
    said = "".join(text.split())
    for pattern, base in BASES:
        if based := pattern.match(said):
            return float(int(based.group(1) or "0", base))
    found = BEGINNING.match(said)
    return float(found.group()) if found else 0.0


_declare(
    "Val(string) -> number",
    _val,
    "The number that a text begins with; 0 where there is none.",
    "Tallet som en tekst begynder med; 0 hvor der intet er.",
    numeric=True,
)


# Format


@function(
    "Format(value, [string]) -> string",
    group=GROUP,
    en="A value as text by a format string.",
    da="En værdi som tekst efter en formatstreng.",
)
def format_(ev: Evaluator, context: Context, of: Node, pattern: Node | None = None) -> Values:
    """`Format(x, pattern)`."""
    from flis.query.formats import formatter

    values = ev.values(of, context)
    patterns = ev.values(pattern, context).strings() if pattern is not None else [""]
    patterns = [STANDARD if p.strip().casefold() == "standard" else p for p in patterns]
    size = max(len(values), len(patterns))
    values = values.spread(size)
    out = []
    for i, (v, empty) in enumerate(zip(values.data.tolist(), values.null.tolist(), strict=True)):
        out.append(formatter(patterns[i if len(patterns) > 1 else 0], ev.lcid)(None if empty else v))
    return Values.texts(out)


# sets and tuples as text


@function("SetToStr(set) -> string", group=GROUP, en="A set as MDX text.", da="En mængde som MDX-tekst.")
def set_to_str(ev: Evaluator, context: Context, of: Node) -> Values:
    """`SetToStr(s)`."""
    found = ev.tuples(of, context)
    said = _tuple_texts(ev, found)
    if found.rows is None:
        return Values.texts(["{" + ", ".join(said) + "}"])
    out: list[list[str]] = [[] for _ in range(context.size)]
    for row, text in zip(found.rows.tolist(), said, strict=True):
        out[row].append(text)
    return Values.texts(["{" + ", ".join(parts) + "}" for parts in out])


def _tuple_texts(ev: Evaluator, found: TupleSet) -> list[str]:
    columns = [ev.members[h].spoken_names(c) for h, c in zip(found.hierarchies, found.columns, strict=False)]
    if len(columns) == 1:
        return columns[0]
    return ["(" + ", ".join(row) + ")" for row in zip(*columns, strict=True)]


@function("TupleToStr(tuple) -> string", group=GROUP, en="A tuple as MDX text.", da="En tupel som MDX-tekst.")
def tuple_to_str(ev: Evaluator, context: Context, of: Node) -> Values:
    """`TupleToStr(t)`; nothing of a tuple that lacks a member."""
    found = ev.point(of, context)
    columns = tuple(as_column(found[h], context.size) for h in of.hierarchies)
    said = _tuple_texts(ev, TupleSet(of.hierarchies, columns))
    there = np.all([c >= 0 for c in columns], axis=0)
    return Values.texts([text if known else None for text, known in zip(said, there.tolist(), strict=True)])


@function("MemberToStr(member) -> string", group=GROUP, en="A member's unique name.", da="Et medlems entydige navn.")
def member_to_str(ev: Evaluator, context: Context, of: Node) -> Values:
    """`MemberToStr(m)`."""
    ordinals = np.atleast_1d(np.asarray(ev.member(of, context), dtype=np.int32))
    return Values.texts(ev.members[of.hierarchies[0]].spoken_names(ordinals))


# texts to names: names only, nothing is calculated


def _only_names(e: s.Expression) -> bool:
    match e:
        case s.Identifier():
            return True
        case s.SetExpression() | s.Parenthesis():
            return all(_only_names(x) for x in e.elements)
        case s.Operation():
            return e.operator == ":" and all(_only_names(x) for x in e.operands)
        case s.Call():
            behind = e.style is not s.CallStyle.FUNCTION
            return behind and all(isinstance(x, s.Number | s.String) or _only_names(x) for x in e.arguments)
        case _:
            return False


def _only_members(binder: Binder, e: s.Expression) -> bool:
    """Whether an expression is names of members, in braces and parentheses; a wrong name is told when it is bound."""
    if isinstance(e, s.SetExpression | s.Parenthesis):
        return all(_only_members(binder, x) for x in e.elements)
    return isinstance(e, s.Identifier) and binder.names_member(e)


def _bound(binder: Binder, e: s.Node, text: str, *, constrained: bool) -> Node:
    expression = parse_expression(text)
    if constrained and not _only_members(binder, expression):
        raise StatementError(
            f"{text} is more than names of members; CONSTRAINED allows nothing else.", line=e.line, column=e.column
        )
    if not _only_names(expression):
        raise StatementError(
            "Only names, and what follows a name behind a dot, may stand in the text.", line=e.line, column=e.column
        )
    return binder.bind(expression)


def _constrained(arguments: list[Node | None]) -> bool:
    return any(a is not None and a.constant == "CONSTRAINED" and a.kind is Kind.WORD for a in arguments)


def named_in_text(binder: Binder, e: s.Node, arguments: list[Node | None], kind: Kind) -> Node:
    """The member, tuple or set that a text names; a text that varies is read anew for every row."""
    text = arguments[0]
    constrained = _constrained(arguments)
    assert text is not None  # noqa: S101
    if isinstance(text.constant, str):
        try:
            return _as(binder, e, _bound(binder, e, text.constant, constrained=constrained), kind)
        except NameStatementError as error:
            return _failing(kind, error)
    return _varying(binder, e, text, kind, constrained=constrained)


def _as(binder: Binder, e: s.Node, node: Node, kind: Kind) -> Node:
    made = as_member(node) if kind is Kind.MEMBER else as_set(node) if kind is Kind.SET else None
    if kind is Kind.TUPLE:
        fitted = convert(node, Kind.TUPLE, binder.count)
        made = fitted[0] if fitted else None
    if made is None:
        raise StatementError(f"The text does not name a {kind}.", line=e.line, column=e.column)
    return made


def _failing(kind: Kind, error: NameStatementError) -> Node:
    def run(_ev: Evaluator, _context: Context) -> Any:
        raise error

    return Node(kind, run, (0,), frozenset((0,)))


def _varying(binder: Binder, e: s.Node, text: Node, kind: Kind, *, constrained: bool) -> Node:
    """A text that is put together: its hierarchy is the one it names for the default members."""
    from flis.query.evaluation.evaluate import Evaluator as Evaluation
    from flis.query.evaluation.segments import Segments
    from flis.query.limits import Limits, Watch

    trial = Evaluation(binder, Segments(), Watch(Limits()))

    def named(said: str) -> Node:
        return _as(binder, e, _bound(binder, e, said, constrained=constrained), kind)

    h = named(trial.values(text, trial.base).strings()[0]).hierarchies

    def run(ev: Evaluator, context: Context) -> Any:
        said = ev.values(text, context).strings()
        nodes = {t: named(t) for t in dict.fromkeys(said)}
        if any(n.hierarchies != h for n in nodes.values()):
            raise StatementError("The texts name members of different hierarchies.", line=e.line, column=e.column)
        if len(nodes) == 1:
            return next(iter(nodes.values())).run(ev, context)
        if kind is Kind.MEMBER:
            columns = {t: ev.column(n, context) for t, n in nodes.items()}
            return np.array([columns[t][i] for i, t in enumerate(said)], dtype=np.int32)
        from flis.query.evaluation.setwork import concatenated

        parts = []
        for t, n in nodes.items():
            rows = np.array([i for i, x in enumerate(said) if x == t])
            parts.append(ev.tuples(n, context.take(rows)).spread(len(rows)).regrouped(rows))
        return concatenated(parts, context.size)

    return Node(kind, run, h, text.depends or frozenset((0,)))


@function(
    "StrToSet(string, [{CONSTRAINED}]) -> set",
    "StrToSet(string, [hierarchy...]) -> set",
    group="Set",
    en="The set that a text names.",
    da="Mængden som en tekst nævner.",
    binds=True,
)
def str_to_set(binder: Binder, e: s.Node, arguments: list[Node | None]) -> Node:
    """`StrToSet(string, [{CONSTRAINED}])`."""
    made = named_in_text(binder, e, arguments, Kind.SET)
    wanted = tuple(a.hierarchies[0] for a in arguments[1:] if a is not None and a.kind is Kind.HIERARCHY)
    if wanted and made.hierarchies and made.hierarchies != wanted:
        raise StatementError("The text names members of another hierarchy.", line=e.line, column=e.column)
    return made


@function(
    "StrToTuple(string, [{CONSTRAINED}]) -> tuple",
    "StrToTuple(string, [hierarchy...]) -> tuple",
    group="Tuple",
    en="The tuple that a text names.",
    da="Tuplen som en tekst nævner.",
    binds=True,
)
def str_to_tuple(binder: Binder, e: s.Node, arguments: list[Node | None]) -> Node:
    """`StrToTuple(string, [{CONSTRAINED}])`."""
    made = named_in_text(binder, e, arguments, Kind.TUPLE)
    wanted = tuple(a.hierarchies[0] for a in arguments[1:] if a is not None and a.kind is Kind.HIERARCHY)
    if wanted and made.hierarchies != wanted:
        raise StatementError("The text names members of another hierarchy.", line=e.line, column=e.column)
    return made


@function(
    "StrToValue(string, [{CONSTRAINED}]) -> value",
    group="Value",
    en="The value that a text names.",
    da="Værdien som en tekst nævner.",
    binds=True,
)
def str_to_value(binder: Binder, e: s.Node, arguments: list[Node | None]) -> Node:
    """`StrToValue(string)`."""
    text = arguments[0]
    if text is None or not isinstance(text.constant, str):
        raise StatementError("StrToValue needs a text that does not vary.", line=e.line, column=e.column)
    try:
        from flis.query.binding.convert import literal

        return literal(Kind.NUMBER, float(text.constant))
    except ValueError:
        pass
    if _constrained(arguments):
        raise StatementError(
            f"{text.constant} is no number; CONSTRAINED allows nothing else.", line=e.line, column=e.column
        )
    made = convert(_bound(binder, e, text.constant, constrained=False), Kind.VALUE, binder.count)
    if made is None:
        raise StatementError("The text does not name a cell.", line=e.line, column=e.column)
    return made[0]
