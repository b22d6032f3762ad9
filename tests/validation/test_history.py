"""The test of a figure against its history; every number is counted by hand from the formula of the area sheets."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.catalog.break_file import breaks
from flis.delivery import deliveries
from flis.errors import CatalogError
from flis.validation import report
from flis.validation.history import Point, expected, is_off, period
from tests.made_areas import write_area
from tests.validation.made_files import put, rows, state_in, visits, write_areas

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn


def steady(value: float, months: int = 12, row: float = 1.0) -> list[Point]:
    return [Point(n, value, row) for n in range(months)]


@pytest.mark.parametrize(
    ("usual", "now", "off"),
    [
        (500, 350, True),  # 30 % of 500: 150 is more than 6 √500 = 134.2 and than a quarter, 125
        (500, 366, False),  # 134 is not more than 134.2
        (500, 365, True),
        (100, 39, True),  # 6 √100 = 60
        (100, 40, False),
        (10_000, 7_500, False),  # exactly a quarter
        (10_000, 7_499, True),
        (10_000, 12_501, True),
        (20, 0, False),  # thirty rows: rule g-19 sees a sender who falls silent
        (4, 34, False),
        (4, 35, True),
    ],
)
def test_the_limit_is_the_largest_of_three(usual: int, now: int, off: bool) -> None:
    assert is_off(now, steady(usual), 12, 12) is off


def test_five_periods_are_too_few() -> None:
    assert not is_off(0, steady(1000, 5), 5, 12)
    assert is_off(0, steady(1000, 6), 6, 12)


def test_a_restless_history_widens_the_limit() -> None:
    # the median is 1000 and the MAD 100: 6 · 1.4826 · 100 = 889.6
    points = [Point(n, value) for n, value in enumerate((1100, 900, 1000, 1000, 900, 1100))]
    assert expected(points, 6, 1) == (1000, 100)
    assert not is_off(1889, points, 6, 1)
    assert is_off(1890, points, 6, 1)


def test_the_same_month_of_earlier_years_tells_what_is_usual() -> None:
    # every July is empty
    points = [Point(n, 0 if n % 12 == 6 else 1000) for n in range(30)]
    assert expected(points, 30, 12)[0] == 0
    assert not is_off(0, points, 30, 12)
    assert is_off(0, points[:-1], 29, 12)


def test_the_trend_carries_it_on() -> None:
    # one hundred rows more each year: 1200 are expected in the third
    points = [Point(n, 1000 + 100 * (n // 12)) for n in range(24)]
    assert expected(points, 24, 12)[0] == pytest.approx(1200)


def test_in_the_first_year_all_months_tell() -> None:
    points = [Point(n, 1000 + 10 * n) for n in range(8)]
    assert expected(points, 8, 12)[0] == pytest.approx(1080)


def test_nothing_falls_below_nothing() -> None:
    points = [Point(n, max(700 - 100 * n, 0)) for n in range(8)]
    assert expected(points, 20, 12)[0] == 0


def test_sums_are_measured_in_rows() -> None:
    # 400 rows of 50 kroner: 6 √400 · 50 = 6000 is more than a quarter of 20 000
    assert not is_off(26_000, steady(20_000, row=50), 12, 12)
    assert is_off(26_001, steady(20_000, row=50), 12, 12)
    # in øre instead of kroner
    assert is_off(2_000_000, steady(20_000, row=50), 12, 12)
    # accounts add up to nothing: thirty rows' worth
    assert not is_off(1_500, steady(0, row=50), 12, 12)
    assert is_off(1_501, steady(0, row=50), 12, 12)


@pytest.mark.parametrize(
    ("text", "cycle", "last"),
    [
        ("2024-02", 12, date(2024, 2, 29)),
        ("2025-12", 12, date(2025, 12, 31)),
        ("2025", 1, date(2025, 12, 31)),
        ("2025-08-04", 7, date(2025, 8, 4)),
    ],
)
def test_periods_are_years_months_and_days(text: str, cycle: int, last: date) -> None:
    found = period(text)
    assert found
    assert (found.cycle, found.last) == (cycle, last)


@pytest.mark.parametrize("text", ["", "2025-13", "2025-02-30", "august", "1-2-3-4"])
def test_what_is_no_period(text: str) -> None:
    assert period(text) is None


BREAK = "breaks:\n  - {day: 2025-08-01, reason: {da: Ny lov., en: A new law.}%s}\n"


@pytest.mark.parametrize(("fields", "found"), [("", set()), (", fields: [ydelse]", {"g-18-rows-off-history"})])
def test_a_known_break_begins_the_history_anew(tmp_path: Path, areas_in: AreasIn, fields: str, found: set[str]) -> None:
    folder = write_areas(tmp_path / "areas")
    (folder / "breaks.yaml").write_text(BREAK % fields, "utf-8")
    areas_in(tmp_path / "areas")
    state = state_in(tmp_path)
    for month in ("202502", "202503", "202504", "202505", "202506", "202507"):
        put(state, {f"HAVER_0101_{month}_1.csv": rows(visits(month))})
    put(state, {"HAVER_0101_202508_1.csv": rows(visits("202508")[:100])})
    newest = max(deliveries(state), key=lambda d: d.manifest.period)
    told = {f.rule for f in report(newest).findings}
    assert told - {"g-20-sum-off-history"} == found


def test_an_odd_break_is_told_with_its_line(tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path / "areas", "haver", **{"breaks.yaml": "breaks:\n  - {day: i går, reason: {da: a, en: b}}\n"})
    areas_in(tmp_path / "areas")
    with pytest.raises(CatalogError) as problem:
        breaks("haver")
    assert problem.value.line == 2
