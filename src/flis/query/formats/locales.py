"""What differs between languages in formatted values: Danish and English; `languages.py` has others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.dates import get_day_names, get_month_names

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DANISH", "ENGLISH", "Locale"]


@dataclass(frozen=True, slots=True, eq=False)
class Locale:
    """Separators, names, and what the named formats stand for."""

    decimal: str
    group: str
    date: str
    months: tuple[str, ...]
    days: tuple[str, ...]  # from Sunday
    short_days: tuple[str, ...]
    named: Mapping[str, str]

    @property
    def short_months(self) -> tuple[str, ...]:
        """The first three letters, as both languages have it."""
        return tuple(month[:3] for month in self.months)


def _months(language: str) -> tuple[str, ...]:
    names = get_month_names("wide", locale=language)
    return tuple(names[month] for month in range(1, 13))


def _days(language: str) -> tuple[str, ...]:
    names = get_day_names("wide", locale=language)
    return tuple(names[day] for day in (6, *range(6)))  # Babel counts from Monday


EVERYWHERE = {
    "standard": "#,##0.00",
    "fixed": "0.00",
    "percent": "0.00%",
    "scientific": "0.00E+00",
}
ENGLISH = Locale(
    decimal=".",
    group=",",
    date="/",
    months=_months("en"),
    days=_days("en"),
    short_days=tuple("Sun Mon Tue Wed Thu Fri Sat".split()),  # noqa: SIM905
    named={
        **EVERYWHERE,
        "currency": "$#,##0.00;($#,##0.00)",
        "yes/no": '"Yes";"Yes";"No"',
        "true/false": '"True";"True";"False"',
        "on/off": '"On";"On";"Off"',
        "general date": "m/d/yyyy h:nn:ss AM/PM",
        "long date": "dddd, mmmm d, yyyy",
        "medium date": "dd-mmm-yy",
        "short date": "m/d/yyyy",
        "long time": "h:nn:ss AM/PM",
        "medium time": "hh:nn AM/PM",
        "short time": "hh:nn",
    },
)
DANISH = Locale(
    decimal=",",
    group=".",
    date="-",
    months=_months("da"),
    days=_days("da"),
    short_days=tuple("søn man tir ons tor fre lør".split()),  # noqa: SIM905
    named={
        **EVERYWHERE,
        "currency": '#,##0.00" kr."',
        "yes/no": '"Ja";"Ja";"Nej"',
        "true/false": '"Sand";"Sand";"Falsk"',
        "on/off": '"Til";"Til";"Fra"',
        "general date": "dd-mm-yyyy hh:nn:ss",
        "long date": "d. mmmm yyyy",
        "medium date": "dd-mmm-yy",
        "short date": "dd-mm-yyyy",
        "long time": "hh:nn:ss",
        "medium time": "hh:nn",
        "short time": "hh:nn",
    },
)
