"""The locale of an identifier; of other languages than Danish and English from CLDR, in Visual Basic's signs.

Days and months have two digits and years four, as in the short dates of Windows.
"""

from __future__ import annotations

import re
from functools import lru_cache
from locale import windows_locale

from babel import Locale as Known
from babel import UnknownLocaleError
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol, get_territory_currencies

from flis.query.formats.locales import DANISH, ENGLISH, Locale

__all__ = ["locale_of"]

DANISH_LANGUAGE, ENGLISH_LANGUAGE = 6, 9  # the lower bits of their locale identifiers
SIGNS = re.compile(r"'([^']*)'|(d+)|(M+)|(y+)|(E+)|([A-Za-z])|(.)")
ENGLISH_MONTHS = 2  # letters of a month's number; more of them are its name


@lru_cache(maxsize=64)
def locale_of(lcid: int) -> Locale:
    """The locale of a Windows locale identifier: one for all of English, and Danish for what nobody knows."""
    if lcid & 0x3FF == ENGLISH_LANGUAGE:
        return ENGLISH
    if lcid & 0x3FF == DANISH_LANGUAGE or lcid not in windows_locale:
        return DANISH
    return _of_language(windows_locale[lcid]) or DANISH


def _of_language(name: str) -> Locale | None:
    """The locale of a name such as `es_ES`; None where Babel has none."""
    try:
        known = Known.parse(name)
    except (UnknownLocaleError, ValueError):
        return None
    short = _signs(known.date_formats["short"].pattern, numbers=True)
    hours = known.time_formats["short"].pattern
    hour, half = ("hh" if "HH" in hours else "h"), (" AM/PM" if "a" in hours else "")
    days = known.days["format"]["wide"]
    names = known.days["format"]["abbreviated"]
    months = known.months["format"]["wide"]
    return Locale(
        decimal=get_decimal_symbol(known),
        group=get_group_symbol(known),
        date=re.sub(r"[a-z]", "", short)[:1] or "-",
        months=tuple(months[n] for n in range(1, 13)),
        days=tuple(days[n] for n in (6, *range(6))),
        short_days=tuple(names[n] for n in (6, *range(6))),
        named={
            **ENGLISH.named,
            "currency": _currency(known),
            "general date": f"{short} {hour}:nn:ss{half}",
            "long date": _signs(known.date_formats["long"].pattern),
            "medium date": "dd-mmm-yy",
            "short date": short,
            "long time": f"{hour}:nn:ss{half}",
            "medium time": f"{hour}:nn{half}",
            "short time": f"{hour}:nn",
        },
    )


def _signs(pattern: str, *, numbers: bool = False) -> str:
    """A date's pattern in Visual Basic's signs; `numbers`: every part with its full digits."""

    def sign(found: re.Match[str]) -> str:
        quoted, day, month, year, weekday, other, literal = found.groups()
        if quoted is not None:
            return f'"{quoted}"'
        if day:
            return "dd" if numbers else day
        if month:
            return "mm" if numbers or len(month) <= ENGLISH_MONTHS else "m" * len(month)
        if year:
            return "yyyy"
        if weekday:
            return "dddd" if len(weekday) > len("EEE") else "ddd"
        return "" if other else literal

    return SIGNS.sub(sign, pattern).strip()


def _currency(known: Known) -> str:
    """Amounts of the currency that is used where the language is spoken."""
    used = get_territory_currencies(known.territory) if known.territory else []
    symbol = get_currency_symbol(used[-1], known) if used else ""
    pattern = known.currency_formats["standard"].pattern
    return str(pattern).replace("\u00a4", f'"{symbol}"')
