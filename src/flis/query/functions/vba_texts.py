"""Texts of Visual Basic: the codes of letters and bytes, and the case of words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flis.errors import StatementError
from flis.query.evaluation.values import plain
from flis.query.functions.vba import declare, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable


__all__: list[str] = []

GROUP = "String"
UNITS = 1 << 16  # the codes that Visual Basic's letters have; negative ones count from the end
HALVES = range(0xD800, 0xE000)  # halves of letters, which no text can hold alone
BYTES = 256
NOTHING = "\0"  # an empty text has the code 0, as it has in Asc


def _text(value: Any) -> str:
    return "" if value is None else plain(value)


def _letter(code: Any) -> str:
    number = whole_number(code)
    if not -UNITS // 2 <= number < UNITS or number % UNITS in HALVES:
        raise StatementError("ChrW needs the code of a letter, up to 65535.")
    return chr(number % UNITS)


def _byte(code: Any) -> str:
    number = whole_number(code)
    if not 0 <= number < BYTES:
        raise StatementError("ChrB needs a code from 0 to 255.")
    return chr(number)


def _proper(text: str) -> str:
    return re.sub(r"\S+", lambda word: word[0].capitalize(), text)


CASES: dict[int, Callable[[str], str]] = {1: str.upper, 2: str.lower, 3: _proper}


def _converted(text: Any, how: Any) -> str:
    convert = CASES.get(whole_number(how))
    if convert is None:
        raise StatementError("StrConv knows 1 (capitals), 2 (small letters) and 3 (words with a capital) only.")
    return convert(_text(text))


declare(
    "AscW(string) -> number",
    lambda text: ord((_text(text) or NOTHING)[0]),
    GROUP,
    "The Unicode code of the first letter.",
    "Det første bogstavs Unicode-kode.",
)
declare("ChrW(number) -> string", _letter, GROUP, "The letter of a Unicode code.", "Bogstavet med en Unicode-kode.")
declare(
    "AscB(string) -> number",
    lambda text: ord((_text(text) or NOTHING)[0]) % BYTES,
    GROUP,
    "The first byte of a text, the lower one of its first letter.",
    "En teksts første byte, den lave i dens første bogstav.",
)
declare(
    "ChrB(number) -> string",
    _byte,
    GROUP,
    "The letter of a code below 256, since texts have no single bytes.",
    "Bogstavet med en kode under 256, da tekster ikke har enkelte bytes.",
)
declare(
    "StrConv(string, number) -> string",
    _converted,
    GROUP,
    "In capitals (1), in small letters (2), or every word with a capital (3).",
    "Med store bogstaver (1), med små (2), eller hvert ord med stort begyndelsesbogstav (3).",
)
