"""A made-up area of resources: packed JSON lines, rides that change and are taken back, different persons.

What is known of a ride is known since the moment that its line says, whichever file it came in. All figures are
compared with `rides`, which reads the files in plain Python.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.made_up import rides
from tests.made_up.asking import Asking, as_known, askers, pivot_of
from tests.made_up.released import rows_in
from tests.made_up.rides import MONTHS, MOVED_FROM, MOVED_TO
from tests.made_up.walk import AREAS, state_of, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal
    from pathlib import Path

    from tests.made_areas import AreasIn
    from tests.made_up.rides import Ride

AREA = "koersel"
CUBE = "[Kørsel]"
pivot = partial(pivot_of, CUBE)
MONTH = "[Dato].[Måned].[Måned].Members"
PAYERS = "[Betalingskommune].[Kommune].[Kommune].Members"
PURPOSES = "[Formål].[Formål].[Formål].Members"
GROUPS = "[Formål].[Formål].[Gruppe].Members"
GROUP = {"laege": "Sundhed", "traening": "Sundhed", "skole": "Andet", "vaerested": "Andet"}


@pytest.fixture(autouse=True)
def _area(areas_in: AreasIn) -> None:
    areas_in(AREAS)


@pytest.fixture
def asking(both: Path, tmp_path: Path) -> Iterator[Callable[..., Asking]]:
    with askers(state_of(both), tmp_path) as ask:
        yield ask


def month(ride: Ride) -> str:
    return f"{ride.day:%Y-%m}"


def rounded(cells: dict[tuple[str, ...], Decimal], places: int = 2) -> dict[tuple[str, ...], Decimal]:
    return {key: round(value, places) for key, value in cells.items()}


def test_the_folder_is_whole() -> None:
    assert told("catalog", "check", AREAS / AREA)["ok"]


def test_every_file_is_taken_whole(both: Path) -> None:
    listed = [d for d in told("deliveries", "list", "--state", both) if d["area"] == AREA]
    assert [(d["period"], d["sender"], d["state"]) for d in sorted(listed, key=lambda d: d["period"])] == [
        (f"{m:%Y-%m}", "CENTRAL", "loaded") for m in MONTHS
    ]
    held = [told("deliveries", "show", d["id"], "--state", both)["held"] for d in listed]
    assert held == [0] * len(MONTHS)


@pytest.mark.parametrize(
    ("measure", "what"), [("Ture", lambda _: 1), ("Kilometer", lambda r: r.km), ("Pris", lambda r: r.price)]
)
def test_the_newest_version_of_each_ride_counts(
    asking: Callable[..., Asking], measure: str, what: Callable[[Ride], Any]
) -> None:
    groups = rides.grouped(rides.known(rides.files()), lambda r: (r.kommune, month(r), r.purpose))
    assert rounded(asking().cells(pivot(measure, PAYERS, MONTH, PURPOSES))) == rides.sums(groups, what)


def test_a_municipality_of_whose_month_nothing_is_left_has_no_figure(asking: Callable[..., Asking]) -> None:
    kept = rides.known(rides.files())
    assert not [r for r in kept if (r.kommune, month(r)) == (MOVED_FROM, "2025-06")]
    assert [r for r in kept if (r.kommune, month(r)) == (MOVED_TO, "2025-06")]
    for kommune in (MOVED_FROM, MOVED_TO):
        mine = rides.grouped((r for r in kept if r.kommune == kommune), lambda r: (r.kommune, month(r)))
        found = asking(kommune).cells(pivot("Ture", PAYERS, MONTH))
        assert found == rides.sums(mine, lambda _: 1)


def test_different_persons_are_counted_by_the_declared_cuts(asking: Callable[..., Asking]) -> None:
    kept = rides.known(rides.files())
    cuts: list[tuple[tuple[str, ...], Callable[[Ride], tuple[str, ...]]]] = [
        ((MONTH,), lambda r: (month(r),)),
        ((PAYERS, MONTH), lambda r: (r.kommune, month(r))),
        ((PAYERS, MONTH, PURPOSES), lambda r: (r.kommune, month(r), r.purpose)),
    ]
    for levels, key in cuts:
        expected = {k: len({r.person for r in of}) for k, of in rides.grouped(kept, key).items()}
        assert asking().cells(pivot("Rejsende", *levels)) == expected, levels


def test_a_municipality_sees_the_persons_of_its_own_rides(asking: Callable[..., Asking]) -> None:
    mine = rides.grouped((r for r in rides.known(rides.files()) if r.kommune == MOVED_TO), lambda r: (month(r),))
    found = asking(MOVED_TO).cells(pivot("Rejsende", MONTH))
    assert found == {key: len({r.person for r in of}) for key, of in mine.items()}


def test_groups_and_ratio(asking: Callable[..., Asking]) -> None:
    groups = rides.grouped(rides.known(rides.files()), lambda r: (GROUP[r.purpose], month(r)))
    prices, distances = (rides.sums(groups, what) for what in (lambda r: r.price, lambda r: r.km))
    found = asking().cells(pivot("Pris pr. kilometer", GROUPS, MONTH))
    assert rounded(found, 6) == {key: round(prices[key] / distances[key], 6) for key in groups}


def test_as_known_on_each_day(asking: Callable[..., Asking]) -> None:
    sent = rides.files()
    national = asking()
    days = rides.known_days(sent)
    assert len(days) > 60
    for on in [*days[:: len(days) // 5], days[-1]]:
        groups = rides.grouped(rides.known(sent, on), lambda r: (r.kommune, month(r)))
        found = as_known(national, "Kørsel", pivot("Ture som kendt", PAYERS, MONTH), on)
        assert found == rides.sums(groups, lambda _: 1), on
        distances = as_known(national, "Kørsel", pivot("Kilometer som kendt", PAYERS, MONTH), on)
        assert rounded(distances, 1) == rides.sums(groups, lambda r: r.km), on


@pytest.mark.slow
def test_as_known_on_many_days(asking: Callable[..., Asking]) -> None:
    sent = rides.files()
    national = asking()
    for on in rides.known_days(sent)[1::3]:
        groups = rides.grouped(rides.known(sent, on), lambda r: (r.kommune, month(r)))
        found = as_known(national, "Kørsel", pivot("Ture som kendt", PAYERS, MONTH), on)
        assert found == rides.sums(groups, lambda _: 1), on


def test_the_store_of_a_municipality_has_its_own_rows_alone(both: Path) -> None:
    for table in ("koert", "rejsende", "kendt"):
        rows = rows_in(state_of(both), f"kommune-{MOVED_TO}", table, AREA)
        assert {row["kommune"] for row in rows} == {MOVED_TO}, table


def test_the_overview(both: Path) -> None:
    (row,) = [a for a in told("areas", "--state", both) if a["id"] == AREA]
    assert (row["data_through"], row["gaps"]) == ("2025-09-30", [])
    assert row["deliveries"] == {"loaded": len(MONTHS), "waiting": 0, "quarantined": 0}
    for day, late in (("2025-12-03", False), ("2025-12-04", True)):
        listed = told("status", "--at", day, "--state", both)["areas"]
        states = next(a for a in listed if a["id"] == AREA)["states"]
        assert [s["period"] for s in states if s["kind"] == "late-at-source"] == (["2025-10"] if late else []), day
