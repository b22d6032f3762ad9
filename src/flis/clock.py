"""The one clock: which moment it is, and on which day of Europe/Copenhagen that falls, wherever the machine stands.

Nothing else asks the wall clock for a date: a server on UTC would live in yesterday for the first hour of every day,
for two in summer. Moments that are kept are in UTC; a day of one is the day in Copenhagen.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

__all__ = ["COPENHAGEN", "day_of", "moment", "now", "today"]

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def now() -> datetime:
    """The moment, with the time of day in Copenhagen."""
    return moment().astimezone(COPENHAGEN)


def moment() -> datetime:
    """The moment in UTC, as it is kept in files."""
    return datetime.now(UTC)


def today() -> date:
    """The day in Copenhagen."""
    return now().date()


def day_of(at: datetime) -> date:
    """The day in Copenhagen on which a kept moment falls.

    >>> day_of(datetime(2022, 8, 16, 22, 30, tzinfo=UTC)), day_of(datetime(2022, 1, 16, 22, 30, tzinfo=UTC))
    (datetime.date(2022, 8, 17), datetime.date(2022, 1, 16))
    """
    return at.astimezone(COPENHAGEN).date()
