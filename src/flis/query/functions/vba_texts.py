"""Texts of Visual Basic: the codes of letters and bytes, and the case of words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flis.errors import StatementError
from flis.query.evaluation.values import Context, Values, plain
from flis.query.functions.table import function
from flis.query.functions.vba import row_by_row, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.binding.nodes import Node
    from flis.query.evaluation.evaluate import Evaluator

__all__: list[str] = []

GROUP = "String"
UNITS = 1 << 16  # the codes that Visual Basic's letters have; negative ones count from the end
HALVES = range(0xD800, 0xE000)  # halves of letters, which no text can hold alone
BYTES = 256
NOTHING = "\0"  # an empty text has the code 0, as it has in Asc


def _declare(signature: str, apply: Callable[..., Any], en: str, da: str) -> None:
    def run(ev: Evaluator, context: Context, *parts: Node | None) -> Values:
        return row_by_row(ev, context, parts, apply)

    function(signature, group=GROUP, en=en, da=da)(run)


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


_declare(
    "AscW(string) -> number",
    lambda text: ord((_text(text) or NOTHING)[0]),
    "The Unicode code of the first letter.",
    "Det første bogstavs Unicode-kode.",
)
_declare("ChrW(number) -> string", _letter, "The letter of a Unicode code.", "Bogstavet med en Unicode-kode.")
_declare(
    "AscB(string) -> number",
    lambda text: ord((_text(text) or NOTHING)[0]) % BYTES,
    "The first byte of a text, the lower one of its first letter.",
    "En teksts første byte, den lave i dens første bogstav.",
)
_declare(
    "ChrB(number) -> string",
    _byte,
    "The letter of a code below 256, since texts have no single bytes.",
    "Bogstavet med en kode under 256, da tekster ikke har enkelte bytes.",
)
_declare(
    "StrConv(string, number) -> string",
    _converted,
    "In capitals (1), in small letters (2), or every word with a capital (3).",
    "Med store bogstaver (1), med små (2), eller hvert ord med stort begyndelsesbogstav (3).",
)
