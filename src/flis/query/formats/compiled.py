"""A format string made into a function from values to text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from flis.query.formats.dates import as_moment, as_serial, date_text
from flis.query.formats.languages import locale_of
from flis.query.formats.numbers import Number, NumberSection, exact, general
from flis.query.formats.texts import TextSection
from flis.query.formats.tokens import FormatKind, Sign, kind_of, sections

if TYPE_CHECKING:
    from flis.query.formats.locales import Locale

__all__ = ["Formatter", "formatter", "plain"]

Formatter: TypeAlias = Callable[[object], str]
POSITIVE, NEGATIVE, ZERO, NULL = range(4)
WORDS = frozenset({"yes/no", "true/false", "on/off"})
NO_FORMAT = frozenset({"", "general number", "general"})
WRITTEN = 1000  # numbers of a format whose texts are remembered


@lru_cache(maxsize=1024)
def formatter(text: str, lcid: int = 1030) -> Formatter:
    """The function that writes values by the format `text` in the language of `lcid`.

    A value may be a number, text, truth value, date, moment, or None for an empty cell (written as nothing, unless the
    format has a section for it). The rules are those of Visual Basic's Format. Without a format, numbers have groups
    and at most three decimals, as in the recorded answers.

    >>> formatter("#,##0.0", 1030)(1234.56)
    '1.234,6'
    """
    write = _formatter(text, locale_of(lcid))
    kept = lru_cache(maxsize=WRITTEN)(write)
    return lambda value: kept(value) if type(value) is float else write(value)


def _formatter(text: str, locale: Locale) -> Formatter:
    name = text.strip().lower()
    if name in NO_FORMAT:
        return _without(locale, grouped=not name)
    parts = sections(locale.named.get(name, text))
    kind = FormatKind.NUMBER if name in WORDS else kind_of(parts)
    make = {FormatKind.NUMBER: _of_numbers, FormatKind.DATE: _of_dates, FormatKind.TEXT: _of_texts}[kind]
    return make(parts, locale)


def plain(value: object, locale: Locale, *, grouped: bool = False) -> str:
    """A value without format."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return formatter("True/False", 1033 if locale.decimal == "." else 1030)(value)
    if isinstance(value, int | float | Decimal):
        number = exact(value)
        if isinstance(number, str):
            return number
        return _grouped(value, locale) if grouped else general(number, locale, double=isinstance(value, float))
    moment = as_moment(value) if isinstance(value, date) else None
    return str(value) if moment is None else date_text([Sign("c")], moment, locale)


def _grouped(value: Number, locale: Locale) -> str:
    """Groups and at most three decimals; rounded as doubles are, to the nearest, as in the recorded answers."""
    shown = f"{value:,.3f}".rstrip("0").rstrip(".")
    swap = {ord("."): locale.decimal, ord(","): locale.group}
    return "0" if shown == "-0" else shown.translate(swap)


def _without(locale: Locale, *, grouped: bool) -> Formatter:
    return lambda value: plain(value, locale, grouped=grouped)


def _of_numbers(parts: list[list[Sign]], locale: Locale) -> Formatter:
    made = [NumberSection(part) for part in parts]
    first = made[POSITIVE]
    negative = made[NEGATIVE] if len(made) > NEGATIVE and not made[NEGATIVE].empty else None
    zero = made[ZERO] if len(made) > ZERO and not made[ZERO].empty else first
    null = made[NULL].text(Decimal(0), locale)[0] if len(made) > NULL else ""

    def write(value: object) -> str:
        if value is None:
            return null
        number = _as_number(value)
        if isinstance(number, str):
            return number
        if number >= 0:
            return (first if number else zero).text(number, locale)[0]
        shown, counts = (negative or first).text(-number, locale)
        if negative and not counts and negative.places + negative.decimals:
            return zero.text(Decimal(0), locale)[0]  # what is rounded to nothing is no negative number
        return shown if negative or not counts else f"-{shown}"

    return write


def _as_number(value: object) -> Decimal | str:
    """What a number section writes; what it cannot, as text."""
    if isinstance(value, date):
        value = as_serial(value)
    elif isinstance(value, bool):
        value = -int(value)  # true is -1 where numbers are written
    return exact(value) if isinstance(value, int | float | Decimal) else str(value)


def _of_dates(parts: list[list[Sign]], locale: Locale) -> Formatter:
    def write(value: object) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        moment = as_moment(value)
        return plain(value, locale) if moment is None else date_text(parts[0], moment, locale)

    return write


def _of_texts(parts: list[list[Sign]], locale: Locale) -> Formatter:
    first = TextSection(parts[0])
    empty = TextSection(parts[1]) if len(parts) > 1 else None

    def write(value: object) -> str:
        text = plain(value, locale)
        if not text:
            return empty.text("") if empty else "" if value is None else first.text("")
        return first.text(text)

    return write
