from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from flis.simulate.society import census
from flis.simulate.society.day_numbers import days
from flis.simulate.society.refugee_plan import NET, NET_DAY, plan

PLACE = {int(code): n for n, code in enumerate(census.codes())}


def test_months_are_as_planned_and_cells_as_published() -> None:
    for n, row in enumerate(census.rows("refugees.csv")):
        assert plan().entries[n].sum() == pytest.approx(float(row["entries"]), rel=0.001)
    for row in census.rows("refugees_by_municipality.csv"):
        if row["month"]:
            month = plan().months.index(row["month"])
            assert plan().entries[month, PLACE[int(row["code"])]] == pytest.approx(float(row["persons"]), rel=0.05)


def test_net_of_the_country_and_of_municipalities() -> None:
    period = list(days(date(2022, 1, 1), NET_DAY))
    entries = np.sum([plan().entries_on(day) for day in period], axis=0)
    exits = sum(plan().exits_on(day) for day in period)
    assert entries.sum() - exits == pytest.approx(NET, rel=0.01)
    left = 1 - exits / entries.sum()
    for row in census.rows("refugees_by_municipality.csv"):
        if not row["month"]:
            assert entries[PLACE[int(row["code"])]] * left == pytest.approx(float(row["persons"]), rel=0.04)


def test_nobody_is_planned_before_and_the_last_month_goes_on() -> None:
    assert not plan().entries_on(date(2021, 12, 31)).any()
    assert plan().entries_on(date(2030, 12, 5)).sum() == pytest.approx(plan().entries_on(date(2024, 12, 5)).sum())
