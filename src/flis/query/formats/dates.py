"""Dates and times by signs such as `dd-mm-yyyy hh:nn`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, SupportsFloat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flis.query.formats.locales import Locale
    from flis.query.formats.tokens import Sign

__all__ = ["as_moment", "as_serial", "date_text"]

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- day 0 of the serial numbers that stand for dates
HALVES = {"am/pm": ("AM", "PM"), "a/p": ("A", "P"), "ampm": ("AM", "PM")}
NOON = 12


def as_moment(value: object) -> datetime | None:
    """A date, time or serial number of days as a moment; None for what cannot be one."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if not isinstance(value, SupportsFloat):
        return None
    try:
        return EPOCH + timedelta(days=float(value))
    except (ValueError, OverflowError):
        return None


def as_serial(value: date) -> float:
    """The days since 1899-12-30 of a date or moment."""
    moment = as_moment(value)
    passed = (moment or EPOCH).replace(tzinfo=None) - EPOCH
    return passed / timedelta(days=1)


def date_text(signs: list[Sign], moment: datetime, locale: Locale) -> str:
    """The moment by one section."""
    runs = list(_runs(signs))
    twelve = any(run.lower() in HALVES for run, literal in runs if not literal)
    out: list[str] = []
    after_hour = False
    for nth, (run, literal) in enumerate(runs):
        word = run.lower()
        if literal or word not in WRITERS:
            out.append(locale.date if word == "/" and not literal else run)
            continue
        minutes = word in ("m", "mm") and (after_hour or _before_seconds(runs[nth + 1 :]))
        if word in ("h", "hh") and twelve:
            out.append(f"{moment.hour % NOON or NOON:0{len(word)}d}")
        elif word in HALVES:
            half = HALVES[word][moment.hour >= NOON]
            out.append(half.lower() if run.islower() else half)
        else:
            out.append(WRITERS["n" * len(word) if minutes else word](moment, locale))
        after_hour = word in ("h", "hh")
    return "".join(out)


def _before_seconds(runs: list[tuple[str, bool]]) -> bool:
    for run, literal in runs:
        if not literal and run.lower() in WRITERS:
            return run.lower() in ("s", "ss")
    return False


def _runs(signs: list[Sign]) -> Iterator[tuple[str, bool]]:
    """Runs of the same letter, the marks of the half day, and everything else as it is."""
    place = 0
    while place < len(signs):
        sign = signs[place]
        if sign.literal:
            yield sign.text, True
            place += 1
            continue
        rest = ""
        for other in signs[place : place + 5]:
            if other.literal:
                break
            rest += other.text
        half = next((mark for mark in HALVES if rest.lower().startswith(mark)), "")
        length = len(half)
        if not half:
            length = len(rest) - len(rest.lower().lstrip(sign.text.lower())) if sign.text.isalpha() else 1
            while length >= 5 and place + length < len(signs) and signs[place + length] == sign:
                length += 1
        yield "".join(one.text for one in signs[place : place + length]), False
        place += length


def _week(moment: datetime) -> int:
    first = moment.replace(month=1, day=1)
    return (moment.timetuple().tm_yday - 1 + (first.isoweekday() % 7)) // 7 + 1


def _named(name: str) -> Callable[[datetime, Locale], str]:
    def write(moment: datetime, locale: Locale) -> str:
        from flis.query.formats.tokens import sections

        return date_text(sections(locale.named[name])[0], moment, locale)

    return write


def _complete(moment: datetime, locale: Locale) -> str:
    """The date, the time, or both where both say something."""
    day = moment.date() != EPOCH.date()
    clock = moment.time() != time()
    parts = [WRITERS["ddddd"](moment, locale)] if day or not clock else []
    return " ".join([*parts, WRITERS["ttttt"](moment, locale)] if clock else parts)


WRITERS: dict[str, Callable[[datetime, Locale], str]] = {
    "c": _complete,
    "d": lambda m, _: str(m.day),
    "dd": lambda m, _: f"{m.day:02d}",
    "ddd": lambda m, locale: locale.short_days[m.isoweekday() % 7],
    "dddd": lambda m, locale: locale.days[m.isoweekday() % 7],
    "ddddd": _named("short date"),
    "dddddd": _named("long date"),
    "w": lambda m, _: str(m.isoweekday() % 7 + 1),
    "ww": lambda m, _: str(_week(m)),
    "m": lambda m, _: str(m.month),
    "mm": lambda m, _: f"{m.month:02d}",
    "mmm": lambda m, locale: locale.short_months[m.month - 1],
    "mmmm": lambda m, locale: locale.months[m.month - 1],
    "q": lambda m, _: str((m.month + 2) // 3),
    "y": lambda m, _: str(m.timetuple().tm_yday),
    "yy": lambda m, _: f"{m.year % 100:02d}",
    "yyyy": lambda m, _: f"{m.year:04d}",
    "h": lambda m, _: str(m.hour),
    "hh": lambda m, _: f"{m.hour:02d}",
    "n": lambda m, _: str(m.minute),
    "nn": lambda m, _: f"{m.minute:02d}",
    "s": lambda m, _: str(m.second),
    "ss": lambda m, _: f"{m.second:02d}",
    "ttttt": _named("long time"),
    **dict.fromkeys(HALVES, lambda _m, _l: ""),
}
