"""Periods: months, quarters, years and days as deliveries name them, and the days that they are made of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis.catalog.contract import Every

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["between", "days_of", "first_day", "last_day"]

MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}


def days_of(period: str) -> tuple[date, date]:
    """The first day of a period and the day after its last.

    >>> days_of("2025-12"), days_of("2025")
    ((datetime.date(2025, 12, 1), datetime.date(2026, 1, 1)), (datetime.date(2025, 1, 1), datetime.date(2026, 1, 1)))
    """
    first = date.fromisoformat((period + "-01-01")[:10])
    if len(period) == len("2025-08-01"):
        return first, first + timedelta(1)
    return first, _later(first, 12 if len(period) == len("2025") else 1)


def first_day(period: str) -> date:
    """The first day of a period."""
    return days_of(period)[0]


def last_day(period: str) -> date:
    """The last day of a period."""
    return days_of(period)[1] - timedelta(1)


def between(first: str, last: str, every: Every) -> Iterator[str]:
    """The periods from one through another, as often as one is expected.

    >>> list(between("2025-11", "2026-01", Every.MONTH))
    ['2025-11', '2025-12', '2026-01']
    """
    day = first_day(first)
    while day <= first_day(last):
        yield day.isoformat()[: len(first)]
        day = day + timedelta(1) if every is Every.DAY else _later(day, MONTHS[every])


def _later(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)
