"""Days and minutes as whole numbers, so that a column of them is a plain NumPy array.

A day counts from 1850-01-01 and a time is a day in minutes; 0 means that there is none.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DAYS", "EPOCH", "MINUTES", "day_number", "days"]

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
