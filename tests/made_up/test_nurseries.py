"""A made-up area of registers: records of fixed width, a whole register each month, stocks, ages, and two roles.

The newest register of a municipality tells all months. All figures are compared with `nurseries`, which reads the files
in plain Python.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.leakage.canaries import content_of
from tests.made_up import nurseries
from tests.made_up.asking import Asking, as_known, askers, pivot_of
from tests.made_up.nurseries import EMPTY, JOINING, MISSING, MONTHS, UNCHANGED, age_group
from tests.made_up.released import rows_in
from tests.made_up.walk import AREAS, state_of, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from tests.made_areas import AreasIn
    from tests.made_up.nurseries import Place

AREA = "boernehave"
CUBE = "[Børnehaver]"
pivot = partial(pivot_of, CUBE)
MONTH = "[Dato].[Måned].[Måned].Members"
HOMES = "[Bopælskommune].[Kommune].[Kommune].Members"
PAYERS = "[Betalingskommune].[Kommune].[Kommune].Members"
AGES = "[Alder].[Aldersgruppe].[Aldersgruppe].Members"
FORMS = "[Form].[Form].[Form].Members"


@pytest.fixture(autouse=True)
def _area(areas_in: AreasIn) -> None:
    areas_in(AREAS)


@pytest.fixture
def asking(both: Path, tmp_path: Path) -> Iterator[Callable[..., Asking]]:
    with askers(state_of(both), tmp_path) as ask:
        yield ask


def all_counted() -> list[tuple[date, Place]]:
    return nurseries.counted(nurseries.places(nurseries.files()), nurseries.month_ends())


def month(day: date) -> str:
    return f"{day:%Y-%m}"


def test_the_folder_is_whole() -> None:
    assert told("catalog", "check", AREAS / AREA)["ok"]


def test_who_is_not_on_the_list_is_refused_and_the_others_are_loaded(both: Path) -> None:
    listed = [d for d in told("deliveries", "list", "--state", both) if d["area"] == AREA]
    refused = [(d["sender"], d["period"], d["state"]) for d in listed if d["state"] != "loaded"]
    assert refused == [(JOINING, "2025-06", "quarantined")]
    assert len(listed) == len(nurseries.files())
    assert Counter(d["sequence"] for d in listed) == {1: len(listed) - 1, 2: 1}


def test_a_child_with_a_wrong_number_is_not_told_again_at_each_of_its_places(both: Path) -> None:
    listed = [d for d in told("deliveries", "list", "--state", both) if d["area"] == AREA and d["state"] == "loaded"]
    for delivery in listed[:3]:
        assert told("deliveries", "show", delivery["id"], "--state", both)["held"] == 0


@pytest.mark.parametrize(
    ("level", "key"),
    [
        (HOMES, lambda _, row: row.kommune),
        (PAYERS, lambda _, row: row.payer),
        (AGES, lambda day, row: age_group(row.born, day)),
        (FORMS, lambda _, row: row.form),
    ],
)
def test_stocks_by_month(asking: Callable[..., Asking], level: str, key: Callable[[date, Place], str]) -> None:
    groups = nurseries.grouped(all_counted(), lambda day, row: (key(day, row), month(day)))
    assert asking().cells(pivot("Pladser", level, MONTH)) == {k: len(of) for k, of in groups.items()}
    found = asking().cells(pivot("Takst", level, MONTH))
    expected = {k: nurseries.total(of, lambda row: row.price) for k, of in groups.items()}
    assert {k: round(v, 2) for k, v in found.items()} == expected


def test_a_register_that_says_the_same_counts_in_the_new_months_too(asking: Callable[..., Asking]) -> None:
    mine = [(day, row) for day, row in all_counted() if row.kommune == UNCHANGED]
    groups = nurseries.grouped(mine, lambda day, _: (month(day),))
    assert len(groups) == len(MONTHS)
    assert asking(UNCHANGED).cells(pivot("Pladser", MONTH)) == {k: len(of) for k, of in groups.items()}


def test_a_register_without_children_empties_all_months(asking: Callable[..., Asking]) -> None:
    assert [row for _, row in all_counted() if row.kommune == EMPTY] == []
    assert asking(EMPTY).cells(pivot("Pladser", MONTH)) == {}


def test_stocks_over_months(asking: Callable[..., Asking]) -> None:
    """The last month with a value, the first one, and the average of those that have one."""
    by_home: dict[str, dict[str, int]] = {}
    for (kommune, at), of in nurseries.grouped(all_counted(), lambda day, row: (row.kommune, month(day))).items():
        by_home.setdefault(kommune, {})[at] = len(of)
    for measure, choose in (
        ("Pladser", lambda months: months[max(months)]),
        ("Pladser først", lambda months: months[min(months)]),
        ("Pladser i gennemsnit", lambda months: Decimal(sum(months.values())) / len(months)),
    ):
        found = asking().cells(pivot(measure, HOMES))
        expected: dict[tuple[str, ...], Any] = {(k,): round(Decimal(choose(m)), 6) for k, m in by_home.items()}
        assert {k: round(v, 6) for k, v in found.items()} == expected, measure


def test_a_ratio_is_of_sums(asking: Callable[..., Asking]) -> None:
    groups = nurseries.grouped(all_counted(), lambda day, row: (row.payer, month(day)))
    expected = {
        k: round(nurseries.total(of, lambda r: r.price) / nurseries.total(of, lambda r: r.hours), 6)
        for k, of in groups.items()
    }
    found = asking().cells(pivot("Takst pr. time", PAYERS, MONTH))
    assert {k: round(v, 6) for k, v in found.items()} == expected


def test_as_known_on_each_day(asking: Callable[..., Asking]) -> None:
    """A register counts from the day on which it was read, and until a newer one is."""
    sent = nurseries.files()
    national = asking()
    for on in sorted({file.arrived for file in sent}):
        open_ones = [row for row in nurseries.places(sent, on) if row.last is None]
        expected = {(k,): n for k, n in Counter(row.kommune for row in open_ones).items()}
        assert as_known(national, "Børnehaver", pivot("Åbne pladser", HOMES), on) == expected, on
        prices = {k: sum(row.price for row in open_ones if (row.kommune,) == k) for k in expected}
        found = as_known(national, "Børnehaver", pivot("Takst for åbne", HOMES), on)
        assert {k: round(v, 2) for k, v in found.items()} == prices, on


@pytest.mark.parametrize("kommune", ["0147", MISSING])
def test_a_municipality_sees_its_own_children_whoever_pays(
    asking: Callable[..., Asking], both: Path, kommune: str
) -> None:
    mine = [(day, row) for day, row in all_counted() if row.kommune == kommune]
    groups = nurseries.grouped(mine, lambda day, row: (row.payer, month(day)))
    assert asking(kommune).cells(pivot("Pladser", PAYERS, MONTH)) == {k: len(of) for k, of in groups.items()}
    assert {row["kommune"] for row in rows_in(state_of(both), f"kommune-{kommune}", "indskrevet", AREA)} == {kommune}


def test_the_overview(both: Path) -> None:
    (row,) = [a for a in told("areas", "--state", both) if a["id"] == AREA]
    assert row["data_through"] == "2025-09-30"
    assert [(gap["municipality"], gap["period"]) for gap in row["gaps"]] == [(MISSING, "2025-09")]
    listed = told("status", "--at", "2025-11-06", "--state", both)["areas"]
    states = next(a for a in listed if a["id"] == AREA)["states"]
    late = [s for s in states if s["kind"] == "late-at-source"]
    assert [(s["period"], s["municipalities"]) for s in late] == [("2025-09", [MISSING])]


def test_no_person_number_is_anywhere_but_encrypted(both: Path) -> None:
    numbers = {row.person for row in nurseries.places(nurseries.files())}
    forms = [n.encode(c) for n in numbers for c in ("ascii", "utf-16-le", "utf-16-be")]
    for place, content in content_of(both):
        assert not any(form in content for form in forms), place
