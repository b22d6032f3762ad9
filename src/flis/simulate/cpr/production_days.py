"""The days on which CPR produces a delivery."""

from __future__ import annotations

from datetime import date, timedelta

from flis.simulate.society.day_numbers import days

__all__ = ["delivery_days", "is_delivery_day"]


def is_delivery_day(day: date) -> bool:
    """Whether CPR delivers on that day: Monday to Friday."""
    return day.weekday() < 5


def delivery_days(start: date, end: date) -> list[date]:
    """The production dates of a simulated period: the establishment on the day before, then Monday to Friday.

    >>> [day.day for day in delivery_days(date(2022, 1, 7), date(2022, 1, 11))]
    [6, 7, 10, 11]
    """
    return [start - timedelta(days=1), *filter(is_delivery_day, days(start, end))]
