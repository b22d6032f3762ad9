"""Which day it is, and what is expected on it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.catalog.area_file import Lag, area
from flis.errors import StateError
from flis.operations import stop, today
from flis.operations.clock import expected, is_morning

if TYPE_CHECKING:
    from flis.config import State

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("name", "at", "through"),
    [
        ("borger", date(2025, 10, 12), date(2025, 8, 31)),
        ("borger", date(2025, 10, 5), date(2025, 7, 31)),
        ("borger", date(2025, 11, 15), date(2025, 9, 30)),
        ("dream", date(2025, 10, 12), date(2025, 6, 30)),
        ("krl", date(2025, 10, 12), date(2025, 5, 31)),
        ("borger", date(2025, 1, 12), date(2024, 11, 30)),
        ("ukraine", date(2022, 8, 17), date(2022, 8, 16)),  # Wednesday: Tuesday
        ("ukraine", date(2022, 8, 15), date(2022, 8, 12)),  # Monday: Friday
        ("ukraine", date(2022, 8, 14), date(2022, 8, 12)),
        ("ukraine", date(2022, 8, 13), date(2022, 8, 12)),
        ("ukraine", date(2022, 4, 19), date(2022, 4, 13)),  # Tuesday after Easter: Wednesday before it
        ("ukraine", date(2022, 4, 20), date(2022, 4, 19)),
    ],
)
def test_expectations_of_the_calendar(name: str, at: date, through: date) -> None:
    lag = area(name).lag
    assert lag
    assert expected(lag, at) == through


@given(DAYS, st.sampled_from([Lag("day", 1, 1), Lag("month", 2, 2), Lag("month", 4, 5)]))
def test_expectations_never_run_backwards_or_ahead(at: date, lag: Lag) -> None:
    assert expected(lag, at) <= expected(lag, at + timedelta(1)) <= at
    if lag.unit == "month":
        assert (expected(lag, at) + timedelta(1)).day == 1
    else:
        assert expected(lag, at).weekday() < 5


def test_the_real_day_and_a_stopped_one(state: State) -> None:
    real = datetime.now(ZoneInfo("Europe/Copenhagen")).date()
    assert today(state) - real <= timedelta(1)
    stop(state, date(2022, 8, 17))
    assert today(state) == date(2022, 8, 17)
    (state.operations / "today").write_text("soon")
    with pytest.raises(StateError, match="stopped clock"):
        today(state)


def test_before_noon_daily_areas_may_be_on_their_way() -> None:
    assert is_morning(datetime(2022, 8, 17, 11, 59))  # noqa: DTZ001 - local time
    assert not is_morning(datetime(2022, 8, 17, 12, 0))  # noqa: DTZ001
