"""Further functions of VBA and Excel that calculated members use: dates, formats, trigonometry, conversions."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError
from flis.query.evaluation.values import Context, Values
from flis.query.formats import formatter
from flis.query.functions.logic import as_day, as_objects
from flis.query.functions.table import function

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flis.query.binding.nodes import Evaluation, Node

__all__ = ["row_by_row", "whole_number"]


def row_by_row(ev: Evaluation, context: Context, parts: Sequence[Node | None], apply: Callable[..., Any]) -> Values:
    """A function of plain values, element by element; None stands for an argument left out and for no value."""
    given = [Values.of(None) if p is None else ev.values(p, context) for p in parts]
    size = max((len(v) for v in given), default=1)
    columns = [_plain(v.spread(size)) for v in given]
    try:
        rows = zip(*columns, strict=True) if columns else [()]
        return _made(ev.watch.counted(apply(*row) for row in rows))
    except (ArithmeticError, TypeError, ValueError):
        raise StatementError("The function has no result for one of these values.") from None


def _plain(values: Values) -> list[Any]:
    return [None if n else v for v, n in zip(values.data.tolist(), values.null.tolist(), strict=True)]


def whole_number(value: Any) -> int:
    """The nearest whole number, halves to the even one; 0 for no value."""
    try:
        return round(float(value or 0))
    except (TypeError, ValueError, OverflowError):
        raise StatementError("A number is needed here.") from None


def declare(signature: str, apply: Callable[..., Any], group: str, en: str, da: str) -> None:
    """A function of plain values, whose optional ones may be left out at the end."""

    def run(ev: Evaluation, context: Context, *parts: Node | None) -> Values:
        return row_by_row(ev, context, [p for p in parts if p is not None], apply)

    function(signature, group=group, en=en, da=da)(run)


def _made(out: list[Any]) -> Values:
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in out):
        return Values.numbers(np.array(out, dtype=np.float64))
    if all(isinstance(v, bool) for v in out):
        return Values.logicals(np.array(out, dtype=np.bool_))
    return as_objects([float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in out])


# dates

PARTS: dict[str, Callable[[datetime], int]] = {
    "yyyy": lambda d: d.year,
    "q": lambda d: (d.month + 2) // 3,
    "m": lambda d: d.month,
    "y": lambda d: d.timetuple().tm_yday,
    "d": lambda d: d.day,
    "h": lambda d: d.hour,
    "n": lambda d: d.minute,
    "s": lambda d: d.second,
}


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    day = as_day(value)
    if day is None:
        raise StatementError(f"{value} is no date.")
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - dates of cubes have no zone


def _interval(name: Any) -> str:
    text = str(name).lower()
    known = (*PARTS, "w", "ww")
    if text not in known:
        raise StatementError(f"{name} is no interval; they are {', '.join(known)}.")
    return text


def _weekday(value: Any, begin: Any = None) -> int | None:
    """From 1, in weeks that begin on that day of a week from Sunday."""
    if value is None:
        return None
    return (_moment(value).isoweekday() - int(begin or 1) + 1) % 7 + 1


def _week(value: datetime, begin: Any) -> int:
    """The week of the year; the first is that of January the 1st."""
    before = _weekday(datetime(value.year, 1, 1), begin)  # noqa: DTZ001 - dates of cubes have no zone
    return (value.timetuple().tm_yday + (before or 1) - 2) // 7 + 1


def _date_part(interval: Any, value: Any, begin: Any = None) -> int | None:
    name, at = _interval(interval), _moment(value)
    if name == "w":
        return _weekday(at, begin)
    return _week(at, begin) if name == "ww" else PARTS[name](at)


def _months_later(value: datetime, months: int) -> datetime:
    at = value.year * 12 + value.month - 1 + months
    year, month = divmod(at, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(1)).day
    return value.replace(year=year, month=month + 1, day=min(value.day, last))


def _date_add(interval: Any, number: Any, value: Any) -> datetime:
    n, at, name = int(number), _moment(value), _interval(interval)
    if name in ("yyyy", "q", "m"):
        return _months_later(at, n * {"yyyy": 12, "q": 3, "m": 1}[name])
    seconds = {"ww": 604800, "h": 3600, "n": 60, "s": 1}.get(name, 86400)
    return at + timedelta(seconds=n * seconds)


def _date_diff(interval: Any, first: Any, second: Any) -> int:
    a, b, name = _moment(first), _moment(second), _interval(interval)
    length = {"yyyy": 12, "q": 3, "m": 1}.get(name)
    if length:  # ends of years, quarters or months passed
        return (b.year * 12 + b.month - 1) // length - (a.year * 12 + a.month - 1) // length
    days = (b.date() - a.date()).days
    if name in ("y", "d"):
        return days
    if name == "ww":  # Sundays passed
        return b.toordinal() // 7 - a.toordinal() // 7
    if name == "w":
        return int(days / 7)
    return int((b - a).total_seconds()) // {"h": 3600, "n": 60, "s": 1}[name]


declare(
    "DatePart(string, value, [number]) -> number",
    _date_part,
    "Date",
    "A part of a date; weeks begin on Sunday (1) unless a third says.",
    "En del af en dato; uger begynder søndag (1), medmindre det tredje siger andet.",
)
declare(
    "Weekday(value, [number]) -> number",
    _weekday,
    "Date",
    "The weekday of a date, from 1; weeks begin on Sunday (1) unless a second says.",
    "En datos ugedag, fra 1; uger begynder søndag (1), medmindre det andet siger andet.",
)
declare(
    "DateAdd(string, number, value) -> value", _date_add, "Date", "A date moved by an interval.", "En dato flyttet."
)
declare(
    "DateDiff(string, value, value) -> number",
    _date_diff,
    "Date",
    "Intervals between dates.",
    "Intervaller mellem datoer.",
)
for _name, _part, _en, _da in (
    ("Hour", "h", "The hour of a time.", "Et klokkeslæts time."),
    ("Minute", "n", "The minute of a time.", "Et klokkeslæts minut."),
    ("Second", "s", "The second of a time.", "Et klokkeslæts sekund."),
):
    declare(f"{_name}(value) -> number", lambda v, _p=_part: PARTS[_p](_moment(v)), "Date", _en, _da)


# numbers

for _name, _pick, _en, _da in (
    ("Acos", math.acos, "The arc cosine.", "Arcus cosinus."),
    ("Asin", math.asin, "The arc sine.", "Arcus sinus."),
    ("Sinh", math.sinh, "The hyperbolic sine.", "Hyperbolsk sinus."),
    ("Cosh", math.cosh, "The hyperbolic cosine.", "Hyperbolsk cosinus."),
    ("Tanh", math.tanh, "The hyperbolic tangent.", "Hyperbolsk tangens."),
    ("Degrees", math.degrees, "Radians in degrees.", "Radianer i grader."),
    ("Radians", math.radians, "Degrees in radians.", "Grader i radianer."),
):
    declare(f"{_name}(number) -> number", lambda v, _f=_pick: _f(v or 0.0), "Numeric", _en, _da)
declare("Pi() -> number", lambda: math.pi, "Numeric", "The number pi.", "Tallet pi.")
declare("Hex(number) -> string", lambda v: f"{int(v or 0):X}", "String", "In base 16.", "I 16-talssystemet.")
declare("Oct(number) -> string", lambda v: f"{int(v or 0):o}", "String", "In base 8.", "I 8-talssystemet.")
declare("CBool(value) -> logical", bool, "Logical", "As a truth value.", "Som sandhedsværdi.")


def _rgb(*parts: Any) -> int:
    return sum(min(max(int(p or 0), 0), 255) << shift for p, shift in zip(parts, (0, 8, 16), strict=True))


declare(
    "RGB(number, number, number) -> number",
    _rgb,
    "Numeric",
    "A colour of red, green and blue, as FORE_COLOR and BACK_COLOR take it.",
    "En farve af rød, grøn og blå, som FORE_COLOR og BACK_COLOR tager den.",
)


# of the 16 colours of old screens, by number: light from 8 on; red in the lowest byte
COLOURS = (
    0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080, 0x008080, 0xC0C0C0,
    0x808080, 0xFF0000, 0x00FF00, 0xFFFF00, 0x0000FF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip


def _colour(number: Any) -> int:
    at = round(number or 0)
    if not 0 <= at < len(COLOURS):
        raise StatementError(f"QBColor takes numbers from 0 to {len(COLOURS) - 1}.")
    return COLOURS[at]


declare(
    "QBColor(number) -> number",
    _colour,
    "Numeric",
    "One of 16 colours by its number, as FORE_COLOR and BACK_COLOR take it.",
    "En af 16 farver efter sit nummer, som FORE_COLOR og BACK_COLOR tager den.",
)


@function(
    "Divide(value, value, [value]) -> value",
    group="Numeric",
    en="A quotient, or the third value (else none) where the divisor is empty or 0.",
    da="En kvotient, eller den tredje værdi (ellers ingen) hvor divisor er tom eller 0.",
)
def divide(ev: Evaluation, context: Context, over: Node, under: Node, otherwise: Node | None = None) -> Values:
    """`Divide(a, b, instead)`."""
    top, below = ev.values(over, context), ev.values(under, context)
    instead = ev.values(otherwise, context) if otherwise is not None else Values.of(None)
    size = max(len(top), len(below), len(instead))
    top, below, instead = (v.spread(size) for v in (top, below, instead))
    by = below.floats()
    open_here = below.null | (by == 0)
    quotient = np.where(top.null | open_here, np.nan, top.floats() / np.where(open_here, 1.0, by))
    return Values.nan_is_null(np.where(open_here & ~instead.null, instead.floats(), quotient))


@function(
    "IsError(value) -> logical",
    group="Logical",
    en="Whether a value cannot be calculated.",
    da="Om en værdi ikke kan beregnes.",
)
def is_error(ev: Evaluation, context: Context, of: Node) -> Values:
    """`IsError(x)`: rows are tried together, and one by one where that fails."""
    try:
        ev.values(of, context)
    except StatementError:
        if context.size == 1:
            return Values.logicals(np.ones(1, dtype=np.bool_))
        parts = [is_error(ev, context.take(np.array([row])), of) for row in range(context.size)]
        return Values.logicals(np.concatenate([p.data for p in parts]))
    return Values.logicals(np.zeros(context.size, dtype=np.bool_))


def _is_numeric(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


declare("IsNumeric(value) -> logical", _is_numeric, "Logical", "Whether a value is a number.", "Om en værdi er et tal.")
declare(
    "IsDate(value) -> logical",
    lambda v: v is not None and as_day(v) is not None,
    "Logical",
    "Whether a value is a date.",
    "Om en værdi er en dato.",
)


# texts


def _folded(how: Any, *texts: Any) -> list[str]:
    """Texts as they are compared: binary unless `how` is 1, which takes large and small letters for the same."""
    return [str(t or "").casefold() if how else str(t or "") for t in texts]


def _compare(left: Any, right: Any, how: Any = None) -> int:
    a, b = _folded(how, left, right)
    return (a > b) - (a < b)


def _last_position(text: Any, part: Any, start: Any = None, how: Any = None) -> int:
    whole, wanted = _folded(how, text, part)
    end = len(whole) if start is None or int(start) == -1 else int(start)
    return whole.rfind(wanted, 0, max(end, 0)) + 1


declare(
    "StrComp(string, string, [number]) -> number",
    _compare,
    "String",
    "-1, 0 or 1 by order.",
    "-1, 0 eller 1 efter orden.",
)
declare(
    "InStrRev(string, string, [number], [number]) -> number",
    _last_position,
    "String",
    "Where a text stands last in another.",
    "Hvor en tekst sidst står i en anden.",
)


MOST_DECIMALS = 99


def _formatted(name: str, pattern: Callable[[int], str]) -> None:
    def run(ev: Evaluation, context: Context, of: Node, digits: Node | None = None) -> Values:
        def written(value: Any, places: Any) -> str | None:
            decimals = 2 if digits is None else whole_number(places)
            if decimals > MOST_DECIMALS:
                raise StatementError(f"A number is written with up to {MOST_DECIMALS} decimals.")
            return None if value is None else formatter(pattern(decimals), ev.lcid)(float(value))

        return row_by_row(ev, context, [of, digits], written)

    en, da = "A number as text in a usual form.", "Et tal som tekst i en sædvanlig form."
    function(f"{name}(number, [number]) -> string", group="String", en=en, da=da)(run)


def _decimals(places: int) -> str:
    return "." + "0" * places if places else ""


_formatted("FormatNumber", lambda places: f"#,##0{_decimals(places)}")
_formatted("FormatPercent", lambda places: f"0{_decimals(places)}%")
_formatted("FormatCurrency", lambda places: f"$#,##0{_decimals(places)}")
