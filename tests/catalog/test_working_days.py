"""Working days against the list of Danmarks Nationalbank, a library of holidays, and the examples of the due rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from holidays import country_holidays

from flis.catalog.working_days import (
    is_working_day,
    last_working_day,
    working_day_after,
    working_day_from,
    working_day_until,
)

CLOSED = {
    2026: "01-01 04-02 04-03 04-06 05-14 05-15 05-25 06-05 12-24 12-25 12-26 12-31",
    2027: "01-01 03-25 03-26 03-29 05-06 05-07 05-17 06-05 12-24 12-31",
}
"""Banklukkedage as https://www.nationalbanken.dk lists them; 25 and 26 December 2027 are a Saturday and a Sunday."""


@pytest.mark.parametrize("year", CLOSED)
def test_the_days_on_which_banks_are_closed(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(n) for n in range(365)]
    closed = {date.fromisoformat(f"{year}-{day}") for day in CLOSED[year].split()}
    assert [day for day in days if not is_working_day(day)] == [
        day for day in days if day.isoweekday() > 5 or day in closed
    ]


def test_the_holidays_of_eighty_years() -> None:
    """What the library does not know as holidays is what we count as days off beside them, and nothing else is."""
    years = range(2000, 2080)
    holidays = set(country_holidays("DK", years=years, language="da"))
    ascension = country_holidays("DK", years=years, language="da").get_named("Kristi himmelfartsdag")
    beside = {day + timedelta(1) for day in ascension}
    beside |= {date(year, month, day) for year in years for month, day in ((6, 5), (12, 24), (12, 31))}
    days = [date(2000, 1, 1) + timedelta(n) for n in range((date(2080, 1, 1) - date(2000, 1, 1)).days)]
    weekdays = {day for day in days if day.isoweekday() < 6}
    assert {day for day in weekdays if not is_working_day(day)} == weekdays & (holidays | beside)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2022, 5, 13), False),  # Store Bededag is the fourth Friday after Easter
        (date(2023, 5, 5), False),
        (date(2024, 4, 26), True),  # it was abolished from 2024 on
        (date(2025, 5, 16), True),
        (date(2025, 5, 1), True),  # no holiday, whatever is agreed here and there
        (date(2025, 5, 30), False),  # the Friday after Ascension Day
        (date(2025, 6, 5), False),
        (date(2025, 12, 23), True),
        (date(2025, 12, 24), False),
        (date(2025, 12, 29), True),
        (date(2025, 12, 31), False),
        (date(2026, 1, 2), True),
    ],
)
def test_single_days(day: date, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("month", "last"),
    [
        (date(2025, 8, 1), date(2025, 8, 29)),
        (date(2025, 9, 30), date(2025, 9, 30)),
        (date(2024, 3, 5), date(2024, 3, 27)),  # Easter is on the 31st
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 5, 31), date(2026, 5, 29)),
        (date(2025, 12, 1), date(2025, 12, 30)),
    ],
)
def test_the_last_working_day_of_a_month(month: date, last: date) -> None:
    assert last_working_day(month) == last


@pytest.mark.parametrize(
    ("day", "number", "then"),
    [
        (date(2025, 9, 30), 5, date(2025, 10, 7)),
        (date(2025, 12, 30), 3, date(2026, 1, 6)),  # 2, 5 and 6 January
        (date(2025, 8, 30), 1, date(2025, 9, 1)),  # from a Saturday
        (date(2024, 3, 27), 1, date(2024, 4, 2)),  # over Easter
        (date(2025, 9, 30), 0, date(2025, 9, 30)),
    ],
)
def test_working_days_after_a_day(day: date, number: int, then: date) -> None:
    assert working_day_after(day, number) == then


def test_that_day_or_the_next_one_to_either_side() -> None:
    assert working_day_from(date(2025, 8, 10)) == date(2025, 8, 11)
    assert working_day_until(date(2025, 8, 10)) == date(2025, 8, 8)
    assert working_day_from(date(2025, 8, 11)) == working_day_until(date(2025, 8, 11)) == date(2025, 8, 11)
    assert working_day_from(date(2025, 12, 31)) == date(2026, 1, 2)
    assert working_day_until(date(2026, 1, 1)) == date(2025, 12, 30)
