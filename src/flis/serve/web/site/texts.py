"""Words, numbers and dates in the three languages of the pages: words from each room's `texts/`, formats from Babel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from flis.clock import COPENHAGEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

__all__ = ["LANGUAGES", "Texts", "texts_of"]

LANGUAGES = {"da": "da_DK", "en": "en_GB", "uk": "uk_UA"}
FORMS = {("uk", "long"): "d MMMM y", ("uk", "medium"): "d MMM y"}  # without the abbreviated "year" and its full stop
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Texts:
    """The words of one language, by dotted key; calling it gives a text with its blanks filled."""

    language: str
    locale: Locale
    words: Mapping[str, str]

    def __call__(self, key: str, **blanks: object) -> str:
        """The text of `key`; numbers and dates among the blanks are put into the language's form."""
        return self.words[key].format_map({name: self._form(value) for name, value in blanks.items()})

    def counted(self, key: str, count: int, **blanks: object) -> str:
        """The text of `key` in the form that the language has for this many (one, few, many, other)."""
        form = f"{key}.{self.locale.plural_form(abs(count))}"
        return self(form if form in self.words else f"{key}.other", count=count, **blanks)

    def has(self, key: str) -> bool:
        """Whether the language has this text (all have the same ones)."""
        return key in self.words

    def number(self, value: float, digits: int = 0) -> str:
        """A number as the language writes it."""
        return _number(self.language, value, digits)

    def change(self, value: int) -> str:
        """A change with its sign; none is ±0."""
        return f"±{value}" if value == 0 else f"{'+' if value > 0 else MINUS}{self.number(abs(value))}"

    def percent(self, share: float) -> str:
        """A share (0 to 1) as whole per cent."""
        return format_percent(share, locale=self.locale)

    def date(self, day: date, form: str = "long") -> str:
        """A day; `form` is one of Babel's (short, medium, long, full) or a pattern."""
        return _date(self.language, day, form)

    def time(self, moment: datetime) -> str:
        """A moment to the minute, in Danish time."""
        local = moment.astimezone(COPENHAGEN)
        return self("moment", dato=self.date(local.date()), time=format_time(local, "HH:mm", locale=self.locale))

    def _form(self, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return self.number(value) if isinstance(value, int) else self.number(value, 1)


@lru_cache(maxsize=1 << 16)
def _number(language: str, value: float, digits: int) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=LANGUAGES[language]).replace("-", MINUS)


@lru_cache(maxsize=1 << 14)
def _date(language: str, day: date, form: str) -> str:
    return format_date(day, format=FORMS.get((language, form), form), locale=LANGUAGES[language])


@cache
def texts_of(language: str) -> Texts:
    """The words of a language: da, en or uk."""
    rooms = (room for room in files("flis.serve.web").iterdir() if (room / "texts").is_dir())
    words: dict[str, str] = {}
    for room in rooms:
        content = room / "texts" / f"{language}.yaml"
        words.update(_flat("", yaml.load(content.read_text("utf-8"), yaml.CSafeLoader)))
    return Texts(language, Locale.parse(LANGUAGES[language]), words)


def _flat(prefix: str, node: Any) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", str(value).strip()
