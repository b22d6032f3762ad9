"""Days and minutes as whole numbers, so that a column of them is a plain NumPy array.

A day counts from 1850-01-01 and a time is a day in minutes; 0 means that there is none.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DAYS", "EPOCH", "MINUTES", "day_number", "days", "delivery_days", "is_delivery_day"]

EPOCH = date(1850, 1, 1)
MINUTES = 24 * 60
DAYS = (date(2080, 1, 1) - EPOCH).days
"""Days that can be simulated."""


def day_number(day: date) -> int:
    """The number of a day.

    >>> day_number(date(1850, 1, 2))
    1
    """
    return (day - EPOCH).days


def days(start: date, end: date) -> Iterator[date]:
    """Every day from start to end, both included."""
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


def is_delivery_day(day: date) -> bool:
    """Whether CPR delivers on that day: Monday to Friday."""
    return day.weekday() < 5


def delivery_days(start: date, end: date) -> list[date]:
    """The production dates of a simulated period: the establishment on the day before, then Monday to Friday.

    >>> [day.day for day in delivery_days(date(2022, 1, 7), date(2022, 1, 11))]
    [6, 7, 10, 11]
    """
    return [start - timedelta(days=1), *filter(is_delivery_day, days(start, end))]
