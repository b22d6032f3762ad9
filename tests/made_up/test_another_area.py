"""A made-up area of another nature.

One national sender, a companion file with sums, roles of the municipality, partitions by year, stocks, averages and a
ratio, and codes that come and go.
"""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.leakage.asking import principal
from tests.made_up import pools
from tests.made_up.asking import Asking, pivot_of
from tests.made_up.files import SentFile
from tests.made_up.pools import MONTHS
from tests.made_up.released import area_of, hashes, rows_in
from tests.made_up.walk import AREAS, put, receive, run_month, state_of, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.made_areas import AreasIn
    from tests.made_up.pools import Pool

AREA = "svoemning"
END = date(2025, 4, 10)
OWNER = "0101"
"""Its pools lie in the next municipality."""


@pytest.fixture(autouse=True)
def _area(areas_in: AreasIn) -> None:
    areas_in(AREAS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder after one run over all files; tests that change it take a copy."""
    from flis.catalog.area_paths import look_in

    folder = tmp_path_factory.mktemp("pools")
    look_in([AREAS])
    receive(folder / "state", put(pools.files(), folder / "sent"), END)
    run_month(folder / "state", END)
    return folder / "state"


@pytest.fixture
def ask(made: Path, tmp_path: Path) -> Iterator[Asking]:
    found = Asking(state_of(made), tmp_path / "sessions.db", principal(""))
    yield found
    found.close()


@pytest.fixture
def owner(made: Path, tmp_path: Path) -> Iterator[Asking]:
    found = Asking(state_of(made), tmp_path / "own.db", principal(OWNER))
    yield found
    found.close()


pivot = partial(pivot_of, "[Svømmehaller]")
MONTH = "[Dato].[Måned].[Måned].Members"
YEAR = "[Dato].[År].[År].Members"
OWNERS = "[Ejerkommune].[Kommune].[Kommune].Members"
PLACES = "[Beliggenhed].[Kommune].[Kommune].Members"
GROUPS = "[Art].[Arter].[Gruppe].Members"


def month(row: Pool) -> str:
    return f"{row.day:%Y-%m}"


def test_all_files_are_accepted_with_their_companions(made: Path) -> None:
    listed = told("deliveries", "list", "--state", made)
    assert [(d["period"], d["sender"], d["state"]) for d in sorted(listed, key=lambda d: d["period"])] == [
        (f"{m:%Y-%m}", "FORBUND", "loaded") for m in MONTHS
    ]


def test_since_when_a_file_is_known_is_said_by_its_rows(made: Path) -> None:
    assert area_of(state_of(made), AREA).tree.known == date(2025, 4, 4)


@pytest.mark.parametrize(("role", "key"), [(OWNERS, "owner"), (PLACES, "place")])
def test_the_roles_of_the_municipality(ask: Asking, role: str, key: str) -> None:
    expected = pools.grouped(pools.pools(pools.files()), lambda row: (getattr(row, key), month(row)))
    assert ask.cells(pivot("Besøg", role, MONTH)) == {k: sum(r.visits for r in rows) for k, rows in expected.items()}


def test_stocks_are_those_of_the_last_month_of_a_year(ask: Asking) -> None:
    last = pools.grouped(pools.pools(pools.files()), lambda row: (str(row.day.year), month(row)))
    expected = {"2024": last["2024", "2024-12"], "2025": last["2025", "2025-03"]}
    found = ask.cells(pivot("Bassiner", YEAR))
    assert found == {(year,): sum(row.basins for row in rows) for year, rows in expected.items()}


def test_stocks_on_average(ask: Asking) -> None:
    rows = pools.grouped(pools.pools(pools.files()), lambda row: (month(row),))
    by_month = {key: sum(row.basins for row in of) for (key,), of in rows.items()}
    found = ask.cells(pivot("Bassiner i gennemsnit", YEAR))
    of_2025 = [count for key, count in by_month.items() if key > "2025"]
    assert round(found["2025",], 6) == round(Decimal(sum(of_2025)) / len(of_2025), 6)


def test_a_ratio_is_of_sums(ask: Asking) -> None:
    rows = pools.grouped(pools.pools(pools.files()), lambda row: (row.owner, month(row)))
    found = ask.cells(pivot("Besøg pr. time", OWNERS, MONTH))
    hours = {key: sum(row.hours for row in of) for key, of in rows.items()}
    expected = {key: sum(row.visits for row in of) / hours[key] for key, of in rows.items() if hours[key]}
    assert {key: round(value, 6) for key, value in found.items()} == {k: round(v, 6) for k, v in expected.items()}
    everything = pools.pools(pools.files())
    (total,) = ask.cells(pivot("Besøg pr. time", "[Ejerkommune].[Kommune].[All]")).values()
    whole = Decimal(sum(row.visits for row in everything)) / sum(row.hours for row in everything)
    assert round(total, 6) == round(whole, 6)


def test_codes_that_come_and_go_keep_their_group(ask: Asking) -> None:
    groups = {"I": "Inde", "U": "Ude", "F": "Ude"}
    expected = pools.grouped(pools.pools(pools.files()), lambda row: (groups[row.kind], month(row)))
    found = ask.cells(pivot("Indtægt", GROUPS, MONTH))
    assert {key: round(value, 2) for key, value in found.items()} == {
        key: sum(row.income for row in rows) for key, rows in expected.items()
    }


def test_a_row_belongs_to_the_owner_wherever_it_lies(owner: Asking, made: Path) -> None:
    mine = [row for row in pools.pools(pools.files()) if row.owner == OWNER]
    assert {row.place for row in mine} != {OWNER}
    expected = pools.grouped(mine, lambda row: (row.owner, month(row)))
    assert owner.cells(pivot("Besøg", OWNERS, MONTH)) == {k: sum(r.visits for r in of) for k, of in expected.items()}
    assert {row["ejer"] for row in rows_in(state_of(made), f"kommune-{OWNER}", "drift", AREA)} == {OWNER}


def test_files_are_cut_by_year(made: Path) -> None:
    parts = {place.rpartition(" ")[2] for place in hashes(state_of(made), AREA) if " drift " in place}
    assert parts == {"2024", "2025"}


def test_a_correction_changes_its_year_alone(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "state")
    before = hashes(state_of(made), AREA)
    receive(tmp_path / "state", put(pools.again(), tmp_path / "again"), END)
    run_month(tmp_path / "state", END)
    after = hashes(state_of(tmp_path / "state"), AREA)
    changed = {place for place in after if after[place] != before.get(place)}
    assert changed
    assert all(place.endswith(" drift 2024") for place in changed)
    asking = Asking(state_of(tmp_path / "state"), tmp_path / "sessions.db", principal(""))
    expected = pools.grouped(pools.pools([*pools.files(), *pools.again()]), lambda row: (month(row),))
    assert asking.cells(pivot("Besøg", MONTH)) == {key: sum(r.visits for r in of) for key, of in expected.items()}
    asking.close()


def test_wrong_sums_in_the_companion_refuse_the_file(tmp_path: Path) -> None:
    file, companion = pools.files()[:2]
    # the sum becomes another one
    wrong = SentFile(companion.name, companion.content.replace(b",", b"1,", 1), companion.arrived)
    receive(tmp_path / "state", put([file, wrong], tmp_path / "sent"), END)
    (listed,) = told("deliveries", "list", "--state", tmp_path / "state")
    assert listed["state"] == "quarantined"


def test_the_national_sender_is_late_for_the_whole_country(made: Path) -> None:
    """April's file is due on the last working day of May, and three working days later it is late."""
    for day, late in (("2025-06-04", False), ("2025-06-06", True)):
        listed = told("status", "--at", day, "--state", made)["areas"]
        states = next(row for row in listed if row["id"] == AREA)["states"]
        found = [s for s in states if (s["kind"], s["period"]) == ("late-at-source", "2025-04")]
        assert bool(found) is late, day
        assert all(s["municipalities"] == [] for s in found)
