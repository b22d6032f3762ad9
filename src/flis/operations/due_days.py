"""When a delivery is due: the periods that an interface delivers, and the working day by which each must have come."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis.catalog.contract import Every
from flis.catalog.working_days import last_working_day, working_day_after, working_day_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.catalog.contract import Expectation

__all__ = ["due_day", "first_late_day", "last_day", "overdue", "period_of"]

YEAR, MONTH = len("2025"), len("2025-08")
MONTHS = {Every.DAY: 1, Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}
"""How many months lie between two periods that are called by a month: a quarter or a year by its last one."""
DAY = timedelta(days=1)


def last_day(period: str) -> date:
    """The last day of a year (2025), a month (2025-08) or a day.

    Raises:
        ValueError: no calendar has it.

    >>> last_day("2025"), last_day("2025-02"), last_day("2025-02-03")
    (datetime.date(2025, 12, 31), datetime.date(2025, 2, 28), datetime.date(2025, 2, 3))
    """
    if len(period) == YEAR:
        return date(int(period), 12, 31)
    if len(period) == MONTH:
        first = date.fromisoformat(f"{period}-01")
        return first.replace(day=monthrange(first.year, first.month)[1])
    return date.fromisoformat(period)


def period_of(day: date, every: Every) -> str:
    """What the period is called that a day lies in.

    >>> [period_of(date(2025, 8, 31), every) for every in (Every.MONTH, Every.QUARTER, Every.YEAR, Every.DAY)]
    ['2025-08', '2025-09', '2025', '2025-08-31']
    """
    if every is Every.YEAR:
        return f"{day:%Y}"
    if every is Every.DAY:
        return day.isoformat()
    months = MONTHS[every]
    return f"{day:%Y}-{-(-day.month // months) * months:02}"


def due_day(period: str, expects: Expectation) -> date:
    """The working day by which a period is due.

    That is the last one of the month so many months after the period's last, as the contract says; of a day it is the
    next working day.

    >>> from flis.catalog.contract import Expectation
    >>> due_day("2025-08", Expectation()), due_day("2025-06", Expectation(months=3))
    (datetime.date(2025, 9, 30), datetime.date(2025, 9, 30))
    """
    end = last_day(period)
    if expects.every is Every.DAY:
        return working_day_after(end, 1)
    return last_working_day(_months_later(end, expects.months))


def first_late_day(period: str, expects: Expectation) -> date:
    """The first day on which a period that has not come is late: its grace is over.

    >>> from flis.catalog.contract import Expectation
    >>> first_late_day("2025-06", Expectation(months=3, grace=5))  # five working days: to 7 October
    datetime.date(2025, 10, 8)
    """
    return working_day_after(due_day(period, expects), expects.grace) + DAY


def overdue(first: str, expects: Expectation, at: date) -> Iterator[str]:
    """The periods from `first` on whose grace is over on the day `at`."""
    period = first
    while first_late_day(period, expects) <= at:
        yield period
        period = _next(period, expects.every)


def _next(period: str, every: Every) -> str:
    if len(period) == YEAR:
        return f"{int(period) + 1:04}"
    if len(period) == MONTH:
        return f"{_months_later(last_day(period), MONTHS[every]):%Y-%m}"
    return working_day_from(last_day(period) + DAY).isoformat()


def _months_later(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
