"""Which day it is for the overview: the real one, or the one at which a simulated state folder stands."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis import clock
from flis.catalog.working_days import working_day_until
from flis.delivery.simulation import stands_at

if TYPE_CHECKING:
    from datetime import datetime

    from flis.catalog.area_file import Lag
    from flis.config import State

__all__ = ["expected", "today"]

PUBLISHED_BY_HOUR = 12
"""Daily areas are published before this hour."""
PUBLISHED_BY_DAY = 12
"""Monthly data packages are out about the 10th, cubes up to two days later."""


def today(state: State) -> date:
    """The day in Copenhagen, or the one at which the clock of a simulated state folder stands.

    Raises:
        StateError: that day cannot be read.
    """
    return stands_at(state) or clock.today()


def expected(lag: Lag, at: date) -> date:
    """The last day of the newest period that is expected at the end of the day `at`.

    Days count that are worked: no file is awaited for the days between, and data run to the last one that has a file.

    >>> from flis.catalog.area_file import Lag
    >>> expected(Lag("day", 1, 1), date(2022, 8, 15)), expected(Lag("month", 2, 2), date(2025, 10, 12))
    (datetime.date(2022, 8, 12), datetime.date(2025, 8, 31))
    """
    if lag.unit == "day":
        return working_day_until(at - timedelta(lag.most))
    behind = lag.most + (at.day < PUBLISHED_BY_DAY)
    year, month = divmod(at.year * 12 + at.month - 1 - behind, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def is_morning(now: datetime | None = None) -> bool:
    """Whether the day's daily areas may still be on their way."""
    return (now or clock.now()).hour < PUBLISHED_BY_HOUR
