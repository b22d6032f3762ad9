"""Functions of texts: those of VBA, and members, tuples and sets to texts."""

from __future__ import annotations

import re
import sys
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.evaluation.values import Context, TupleSet, Values, as_column
from flis.query.formats import formatter
from flis.query.functions.table import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.binding.nodes import Evaluation, Node

__all__: list[str] = []

GROUP = "String"

LONGEST = 1_000_000  # letters that a text may be repeated to


def _declare(signature: str, apply: Callable[..., str | float], en: str, da: str, *, numeric: bool = False) -> None:
    """A text function, element by element: numbers come as whole ones, all else as text, nothing as 0 or no text."""
    kinds = signature[signature.index("(") + 1 : signature.index(")")].split(",")

    def run(ev: Evaluation, context: Context, *parts: Node | None) -> Values:
        given = [(kind, ev.values(p, context)) for kind, p in zip(kinds, parts, strict=False) if p is not None]
        size = max(len(v) for _, v in given)
        columns = [_whole(v.spread(size)) if "number" in kind else v.spread(size).strings() for kind, v in given]
        made = (apply(*row) for row in zip(*columns, strict=True))
        return Values.numbers(np.fromiter(made, np.float64, size)) if numeric else ev.texts(str(x) for x in made)

    function(signature, group=GROUP, en=en, da=da)(run)


def _whole(values: Values) -> list[int]:
    numbers = values.floats()
    if not (np.abs(numbers) < 1 << 31).all():
        raise StatementError("A whole number of usual size is needed here.")
    return [int(n) for n in numbers.tolist()]


def _position(text: str, part: str) -> int:
    return _position_from(1, text, part)


def _position_from(start: int, text: str, part: str, _how: int = 0) -> int:
    """Counted from a place on. InStr of MDX never minds the size of letters, whatever its last argument says."""
    return text.lower().find(part.lower(), max(start - 1, 0)) + 1 if text else 0


def _replaced(text: str, part: str, by: str, start: int = 1, count: int = -1, how: int = 0) -> str:  # noqa: PLR0917 - as Visual Basic has them
    """From a place on, so many times; the letters before the place are left out."""
    if start < 1:
        raise StatementError("Replace counts from 1.")
    rest = text[start - 1 :]
    if not part:
        return rest
    found = rest.casefold().count(part.casefold()) if how else rest.count(part)
    if min(found, count if count >= 0 else found) * len(by) > LONGEST:
        raise StatementError(f"A text is made up to {LONGEST:,} letters long.")
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
_declare("CStr(value) -> string", str, "As text.", "Som tekst.")


@function(
    "Str(value) -> string",
    group=GROUP,
    en="A number as text, with a blank where a minus would stand.",
    da="Et tal som tekst, med en blank hvor et minus ville stå.",
)
def str_(ev: Evaluation, context: Context, of: Node) -> Values:
    """`Str(5)`, which is `" 5"`."""
    values = ev.values(of, context)
    blanks = [" " if isinstance(v, float) and v >= 0 else "" for v in values.data.tolist()]
    return ev.texts(blank + text for blank, text in zip(blanks, values.strings(), strict=True))


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
def format_(ev: Evaluation, context: Context, of: Node, pattern: Node | None = None) -> Values:
    """`Format(x, pattern)`."""
    values = ev.values(of, context)
    patterns = ev.values(pattern, context).strings() if pattern is not None else [""]
    size = max(len(values), len(patterns))
    values = values.spread(size)
    given = patterns if len(patterns) > 1 else repeat(patterns[0])
    rows = zip(given, values.data.tolist(), values.null.tolist(), strict=False)
    return ev.texts(formatter(p, ev.lcid)(None if empty else v) for p, v, empty in rows)


# sets and tuples as text


@function("SetToStr(set) -> string", group=GROUP, en="A set as MDX text.", da="En mængde som MDX-tekst.")
def set_to_str(ev: Evaluation, context: Context, of: Node) -> Values:
    """`SetToStr(s)`."""
    found = ev.tuples(of, context)
    said = _tuple_texts(ev, found)
    if found.rows is None:
        return Values.texts(["{" + ev.joined(", ", said) + "}"])
    out: list[list[str]] = [[] for _ in range(context.size)]
    for row, text in zip(found.rows.tolist(), said, strict=True):
        out[row].append(text)
    return Values.texts(["{" + ev.joined(", ", parts) + "}" for parts in out])


def _tuple_texts(ev: Evaluation, found: TupleSet) -> list[str]:
    columns = [ev.members[h].spoken_names(c) for h, c in zip(found.hierarchies, found.columns, strict=False)]
    if len(columns) == 1:
        return columns[0]
    return ev.watch.counted("(" + ", ".join(row) + ")" for row in zip(*columns, strict=True))


@function("TupleToStr(tuple) -> string", group=GROUP, en="A tuple as MDX text.", da="En tupel som MDX-tekst.")
def tuple_to_str(ev: Evaluation, context: Context, of: Node) -> Values:
    """`TupleToStr(t)`; nothing of a tuple that lacks a member."""
    found = ev.point(of, context)
    if not of.hierarchies:
        return Values.of(None)
    columns = tuple(as_column(found[h], context.size) for h in of.hierarchies)
    said = _tuple_texts(ev, TupleSet(of.hierarchies, columns))
    there = np.all([c >= 0 for c in columns], axis=0)
    return Values.texts([text if known else None for text, known in zip(said, there.tolist(), strict=True)])


@function("MemberToStr(member) -> string", group=GROUP, en="A member's unique name.", da="Et medlems entydige navn.")
def member_to_str(ev: Evaluation, context: Context, of: Node) -> Values:
    """`MemberToStr(m)`."""
    members, found = ev.placed(of, context)
    return Values.texts(members.spoken_names(found))
