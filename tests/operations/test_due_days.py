"""Due days, against a calendar read by eye."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flis.catalog.contract import Every, Expectation
from flis.operations.due_days import due_day, first_late_day, overdue


@pytest.mark.parametrize(
    ("period", "expects", "due", "late"),
    [
        ("2025-08", {}, "2025-09-30", "2025-10-04"),
        ("2025-11", {}, "2025-12-30", "2026-01-07"),  # 31 December and 1 January are days off
        ("2025-03", {}, "2025-04-30", "2025-05-06"),  # 1 May is worked
        ("2024-04", {}, "2024-05-31", "2024-06-07"),  # 5 June is a day off: 3, 4 and 6 June
        ("2025-06", {"months": 3, "grace": 5}, "2025-09-30", "2025-10-08"),
        ("2025", {"every": Every.YEAR, "months": 2}, "2026-02-27", "2026-03-05"),
        ("2025-09", {"every": Every.QUARTER}, "2025-10-31", "2025-11-06"),
        ("2025-08-15", {"every": Every.DAY, "grace": 0}, "2025-08-18", "2025-08-19"),  # a Friday, then Monday
    ],
)
def test_due_and_late(period: str, expects: dict[str, Any], due: str, late: str) -> None:
    found = Expectation(**expects)
    assert due_day(period, found).isoformat() == due
    assert first_late_day(period, found).isoformat() == late


@pytest.mark.parametrize(
    ("first", "expects", "at", "periods"),
    [
        ("2025-11", {}, "2026-02-05", ["2025-11", "2025-12"]),  # December's grace ends on 4 February
        ("2024-12", {"every": Every.YEAR}, "2026-03-01", ["2024-12", "2025-12"]),
        ("2024", {"every": Every.YEAR}, "2026-03-01", ["2024", "2025"]),
        ("2025-03", {"every": Every.QUARTER}, "2025-11-05", ["2025-03", "2025-06"]),
        ("2025-08-14", {"every": Every.DAY, "grace": 0}, "2025-08-19", ["2025-08-14", "2025-08-15"]),
    ],
)
def test_periods_that_are_overdue(first: str, expects: dict[str, Any], at: str, periods: list[str]) -> None:
    assert list(overdue(first, Expectation(**expects), date.fromisoformat(at))) == periods
