"""Dates and times of Visual Basic: read from texts, put together, named and written."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from flis.errors import StatementError
from flis.query.evaluation.values import Context, Values
from flis.query.formats import formatter
from flis.query.formats.dates import EPOCH, as_moment
from flis.query.formats.languages import locale_of
from flis.query.functions.logic import as_day, as_objects
from flis.query.functions.table import function
from flis.query.functions.vba import row_by_row, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.binding.nodes import Evaluation, Node
    from flis.query.formats.locales import Locale

__all__: list[str] = []

GROUP = "Date"
NOON = 12
LONGEST = len("yyyy-mm-dd")
CLOCK = re.compile(r"(?:^|[\sT])(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?\s*([AP]M)?$", re.IGNORECASE)
NAMED_FORMATS = ("c", "long date", "short date", "long time", "short time")


# dates and times in texts


def _clock(text: str) -> tuple[time | None, str]:
    """The time at the end of a text, and what stands before it; a number alone is no time."""
    found = CLOCK.search(text)
    if found is None or not (found[2] or found[4]):
        return None, text
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= NOON:
            return None, text
        hour = hour % NOON + (NOON if found[4].upper() == "PM" else 0)
    try:
        return time(hour, minute, second), text[: found.start()].strip()
    except ValueError:
        return None, text


def _day(text: str, locale: Locale) -> date | None:
    """A day in figures, or with its month's name in the language of the statement."""
    words = re.findall(r"\w+", text)
    months = {name.casefold(): n for names in (locale.months, locale.short_months) for n, name in enumerate(names, 1)}
    named = [w for w in words if w.casefold() in months]
    figures = [int(w) for w in words if w.isdecimal()]
    if len(words) != 3 or len(named) != 1 or len(figures) != 2:
        return as_day(text) if len(text) <= LONGEST else None
    year, day = max(figures), min(figures)
    try:
        return date(year, months[named[0].casefold()], day)
    except ValueError:
        return None


def _read(value: Any, locale: Locale) -> datetime | None:
    """A value as a moment: a text is read, a number counts days."""
    if not isinstance(value, str):
        return as_moment(value)
    clock, rest = _clock(value.strip())
    day = _day(rest, locale) if rest else EPOCH.date()
    if day is None or (clock is None and not rest):
        return None
    return datetime.combine(day, clock or time())


def _declare_read(name: str, pick: Callable[[datetime], datetime], en: str, da: str) -> None:
    def run(ev: Evaluation, context: Context, of: Node) -> Values:
        locale = locale_of(ev.lcid)

        def read(value: Any) -> datetime | None:
            if value is None:
                return None
            moment = _read(value, locale)
            if moment is None:
                raise StatementError(f"{name} needs a date or time.", line=of.line, column=of.column)
            return pick(moment)

        return row_by_row(ev, context, [of], read)

    function(f"{name}(value) -> value", group=GROUP, en=en, da=da)(run)


_declare_read(
    "DateValue",
    lambda m: datetime.combine(m.date(), time()),
    "The date in a text, without its time.",
    "Datoen i en tekst, uden dens klokkeslæt.",
)
_declare_read(
    "TimeValue",
    lambda m: datetime.combine(EPOCH.date(), m.time()),
    "The time in a text, without its date.",
    "Klokkeslættet i en tekst, uden dets dato.",
)
for _name in ("CDate", "CVDate"):
    _declare_read(
        _name,
        lambda m: m,
        "A text, or a number of days since 1899-12-30, as date and time.",
        "En tekst, eller et antal dage siden 1899-12-30, som dato og klokkeslæt.",
    )


# times put together, and now


def _time_serial(hour: Any, minute: Any, second: Any) -> datetime:
    parts = (whole_number(p) for p in (hour, minute, second))
    try:
        return EPOCH + sum((n * unit for n, unit in zip(parts, UNITS, strict=True)), timedelta())
    except OverflowError:
        raise StatementError("TimeSerial reaches no date with these numbers.") from None


UNITS = (timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))


@function(
    "TimeSerial(number, number, number) -> value",
    group=GROUP,
    en="A time by hour, minute and second.",
    da="Et klokkeslæt efter time, minut og sekund.",
)
def time_serial(ev: Evaluation, context: Context, hour: Node, minute: Node, second: Node) -> Values:
    """`TimeSerial(h, m, s)`: 15 minutes before 12 may be written as -15 minutes."""
    return row_by_row(ev, context, [hour, minute, second], _time_serial)


@function("Time() -> value", group=GROUP, en="The time of day.", da="Klokken nu.")
def now_of_day(ev: Evaluation, _context: Context) -> Values:
    """`Time()`: as Now."""
    return as_objects([datetime.combine(EPOCH.date(), ev.now().time().replace(microsecond=0))])


@function("Timer() -> number", group=GROUP, en="Seconds since midnight.", da="Sekunder siden midnat.")
def timer(ev: Evaluation, _context: Context) -> Values:
    """`Timer()`: as Now."""
    now = ev.now()
    return Values.of((now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds())


# names and forms


def _place(name: str, value: Any, last: int) -> int:
    place = whole_number(value)
    if not 1 <= place <= last:
        raise StatementError(f"{name} counts from 1 to {last}.")
    return place - 1


@function(
    "MonthName(number, [value]) -> string",
    group=GROUP,
    en="The name of a month by its number, or its first letters.",
    da="En måneds navn efter dens nummer, eller navnets første bogstaver.",
)
def month_name(ev: Evaluation, context: Context, month: Node, abbreviate: Node | None = None) -> Values:
    """`MonthName(month, [abbreviate])`."""
    locale = locale_of(ev.lcid)

    def named(number: Any, short: Any) -> str | None:
        names = locale.short_months if short else locale.months
        return None if number is None else names[_place("MonthName", number, 12)]

    return row_by_row(ev, context, [month, abbreviate], named)


@function(
    "WeekdayName(number, [value], [number]) -> string",
    group=GROUP,
    en="The name of a weekday by its number, or its first letters; weeks begin on Sunday (1) unless a third says.",
    da="En ugedags navn efter dens nummer, eller navnets første bogstaver; ugen begynder søndag (1), hvis intet siges.",
)
def weekday_name(
    ev: Evaluation, context: Context, weekday: Node, abbreviate: Node | None = None, first: Node | None = None
) -> Values:
    """`WeekdayName(weekday, [abbreviate], [first day of the week])`: Sunday is 1, as Weekday has it."""
    locale = locale_of(ev.lcid)

    def named(number: Any, short: Any, begin: Any) -> str | None:
        names = locale.short_days if short else locale.days
        shift = _place("WeekdayName", begin or 1, 7)
        return None if number is None else names[(_place("WeekdayName", number, 7) + shift) % 7]

    return row_by_row(ev, context, [weekday, abbreviate, first], named)


@function(
    "FormatDateTime(value, [number]) -> string",
    group=GROUP,
    en="A date as text: 0 general, 1 long date, 2 short date, 3 long time, 4 short time.",
    da="En dato som tekst: 0 generel, 1 lang dato, 2 kort dato, 3 langt klokkeslæt, 4 kort klokkeslæt.",
)
def format_date_time(ev: Evaluation, context: Context, of: Node, form: Node | None = None) -> Values:
    """`FormatDateTime(date, [form])`."""
    lcid = ev.lcid

    def written(value: Any, number: Any) -> str | None:
        form = whole_number(number)
        if not 0 <= form < len(NAMED_FORMATS):
            raise StatementError(f"FormatDateTime has the forms 0 to {len(NAMED_FORMATS) - 1}.")
        if value is None:
            return None
        moment = _read(value, locale_of(lcid))
        if moment is None:
            raise StatementError("FormatDateTime needs a date or time.")
        return formatter(NAMED_FORMATS[form], lcid)(moment)

    return row_by_row(ev, context, [of, form], written)
