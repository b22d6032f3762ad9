"""The days on which municipalities and their suppliers work: deliveries are due, and packages come out, on these.

Not worked are Saturdays, Sundays, the Danish holidays (Store Bededag through 2023: act no. 214 of 6 March 2023), and
four days that no act makes a holiday: the Friday after Ascension Day, 5 June, 24 and 31 December. On these four, banks
are closed (https://www.nationalbanken.dk, "Banklukkedage") and most town halls are. 5 June, Grundlovsdag, is half a day
off: municipal agreements give it from noon. A delivery that is due in the afternoon cannot be due then, so it counts as
a day off.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

from dateutil.easter import easter

__all__ = ["is_working_day", "last_working_day", "working_day_after", "working_day_from", "working_day_until"]

DAY = timedelta(days=1)
SATURDAY = 5
BY_DATE = ((1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31))
BY_EASTER = (-3, -2, 1, 39, 40, 50)
"""Days after Easter Sunday: Maundy Thursday, Good Friday, Easter Monday, Ascension Day and the Friday after it, Whit
Monday."""
STORE_BEDEDAG, LAST_STORE_BEDEDAG = 26, 2023


def is_working_day(day: date) -> bool:
    """Whether work is done on `day`.

    >>> is_working_day(date(2023, 5, 5)), is_working_day(date(2024, 4, 26))  # Store Bededag, and where it would be
    (False, True)
    """
    return day.weekday() < SATURDAY and day not in _days_off(day.year)


def working_day_from(day: date) -> date:
    """The first working day that is not before `day`.

    >>> working_day_from(date(2025, 8, 10))  # a Sunday
    datetime.date(2025, 8, 11)
    """
    while not is_working_day(day):
        day += DAY
    return day


def working_day_until(day: date) -> date:
    """The last working day that is not after `day`.

    >>> working_day_until(date(2022, 4, 18))  # Easter Monday
    datetime.date(2022, 4, 13)
    """
    while not is_working_day(day):
        day -= DAY
    return day


def working_day_after(day: date, number: int) -> date:
    """The working day `number` (from 1) after `day`, which need not be one itself.

    >>> working_day_after(date(2025, 9, 30), 5)
    datetime.date(2025, 10, 7)
    """
    for _ in range(number):
        day = working_day_from(day + DAY)
    return day


def last_working_day(month: date) -> date:
    """The last working day of the month that a day lies in.

    >>> last_working_day(date(2025, 12, 1))
    datetime.date(2025, 12, 30)
    """
    return working_day_until(month.replace(day=monthrange(month.year, month.month)[1]))


@cache
def _days_off(year: int) -> frozenset[date]:
    """The days of a year on which nobody works, whatever their weekday; Saturdays and Sundays are not listed."""
    sunday = easter(year)
    from_easter = [*BY_EASTER, *([STORE_BEDEDAG] if year <= LAST_STORE_BEDEDAG else [])]
    return frozenset(
        {sunday + timedelta(days) for days in from_easter} | {date(year, month, day) for month, day in BY_DATE}
    )
