"""An area that no code knows goes from the files of 98 municipalities to its cube and into the overview.

Its folder holds YAML, SQL and a code list. The files come in three waves with a monthly run after each; `files` says
what goes wrong in them. All figures are compared with `oracle`, which counts the raw files in plain Python.
"""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.leakage.canaries import content_of
from tests.made_up import files, oracle
from tests.made_up.asking import Asking, askers
from tests.made_up.files import BROKEN, CORRECTED, LATE, MISSING, SENDERS
from tests.made_up.released import hashes
from tests.made_up.walk import AREAS, flis, run_month, state_of, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flis.config import State


CUBE = "[Udlån Statistik]"
PIVOT = (
    "SELECT {[Measures].[%s]} ON COLUMNS, NON EMPTY CrossJoin([Kommune].[Kommune].[Kommune].Members, "
    "[Dato].[Måned].[Måned].Members, [Slags].[Slags].[Slags].Members) ON ROWS FROM " + CUBE
)
MEASURES = {"Udlånt": "lent", "Leje": "rent", "Lån": "loans"}


@pytest.fixture
def asking(state: State, tmp_path: Path) -> Iterator[Callable[..., Asking]]:
    with askers(state, tmp_path) as ask:
        yield ask


def row_of(state: Path, *command: object) -> dict[str, Any]:
    """The area's row in what a command lists."""
    listed = told(*command, "--state", state)
    rows = listed["areas"] if isinstance(listed, dict) else listed
    return next(row for row in rows if row["id"] == "udlaan")


def test_the_folder_is_whole_and_holds_no_python() -> None:
    assert told("catalog", "check", AREAS / "udlaan")["ok"]
    assert {f.suffix for f in AREAS.rglob("*") if f.is_file()} == {".yaml", ".sql", ".csv"}


def test_every_file_but_the_broken_one_is_accepted(walked: Path) -> None:
    listed = told("deliveries", "list", "--state", walked)
    refused = [d for d in listed if d["state"] not in {"validated", "loaded"}]
    assert [(d["sender"], d["period"], d["state"]) for d in refused] == [(BROKEN, "2025-09", "quarantined")]
    assert len(listed) == len(files.files())


def test_a_delivery_arrived_on_the_day_that_was_told(walked: Path) -> None:
    listed = told("deliveries", "list", "--state", walked)
    late = next(d for d in listed if (d["sender"], d["period"]) == (LATE, "2025-09"))
    assert late["arrived"][:10] == "2025-11-20"


def test_every_accepted_file_is_loaded(walked: Path) -> None:
    listed = told("deliveries", "list", "--state", walked)
    assert sum(d["state"] == "loaded" for d in listed) == len(files.files()) - 1


def test_there_is_a_release_after_each_wave(walked: Path) -> None:
    assert [row["areas"] for row in told("release", "list", "--state", walked)] == [["udlaan"]] * 3
    plan = told("release", "plan", "--state", walked)
    assert [(a["id"], a["changes"]) for a in plan["areas"] if a["id"] == "udlaan"] == [("udlaan", False)]


@pytest.mark.parametrize("measure", MEASURES)
def test_the_cube_gives_the_figures_of_the_files(asking: Callable[..., Asking], measure: str) -> None:
    expected = oracle.by_kind_and_month(oracle.known(files.files()))
    found = asking("").cells(PIVOT % measure)
    assert {key: round(value, 2) for key, value in found.items()} == {
        key: Decimal(getattr(figures, MEASURES[measure])) for key, figures in expected.items()
    }


def test_totals_are_those_of_all_rows(asking: Callable[..., Asking]) -> None:
    statement = f"SELECT {{[Measures].[Udlånt]}} ON COLUMNS, {{[Slags].[Slags].[All]}} ON ROWS FROM {CUBE}"
    (total,) = asking("").cells(statement).values()
    assert total == sum(loan.lent for loan in oracle.known(files.files()))


@pytest.mark.parametrize("kommune", [CORRECTED, LATE, MISSING])
def test_a_municipality_sees_its_own_rows_and_no_others(asking: Callable[..., Asking], kommune: str) -> None:
    expected = oracle.by_kind_and_month(oracle.known(files.files()), kommune)
    assert asking(kommune).cells(PIVOT % "Udlånt") == {key: figures.lent for key, figures in expected.items()}


def test_members_have_the_captions_of_the_code_list(asking: Callable[..., Asking]) -> None:
    found = asking("").rowset(
        "MDSCHEMA_MEMBERS", CUBE_NAME="Udlån Statistik", LEVEL_UNIQUE_NAME="[Slags].[Slags].[Slags]"
    )
    assert {m["MEMBER_CAPTION"] for m in found} == {"Kørestol", "Rollator", "Plejeseng", "Badebænk"}


def test_the_overview_tells_who_is_late_and_whose_file_is_faulty(walked: Path) -> None:
    row = row_of(walked, "status", "--at", "2025-11-21")
    states = {(s["kind"], s["period"]): s["municipalities"] for s in row["states"]}
    assert states["late-at-source", "2025-09"] == [MISSING]
    assert states["faulty-delivery", "2025-09"] == [BROKEN]
    assert row["data_through"] == "2025-09-30"


def test_before_it_came_the_late_one_was_late_too(walked: Path) -> None:
    row = row_of(walked, "status", "--at", "2025-11-06")
    states = {(s["kind"], s["period"]): s["municipalities"] for s in row["states"]}
    assert states["late-at-source", "2025-09"] == sorted([MISSING, LATE])


def test_within_the_days_of_grace_nobody_is_late(walked: Path) -> None:
    row = row_of(walked, "status", "--at", "2025-11-05")
    assert "late-at-source" not in {s["kind"] for s in row["states"]}


def test_the_list_of_areas_tells_the_gaps(walked: Path) -> None:
    row = row_of(walked, "areas")
    assert {(gap["municipality"], gap["period"]) for gap in row["gaps"]} == {(MISSING, "2025-09"), (BROKEN, "2025-09")}
    assert all(gap["why"] for gap in row["gaps"])
    assert row["deliveries"] == {"loaded": len(files.files()) - 1, "waiting": 0, "quarantined": 1}
    assert row["data_through"] == "2025-09-30"


def test_running_again_changes_nothing(walked: Path, tmp_path: Path) -> None:
    copy = tmp_path / "state"
    shutil.copytree(walked, copy)
    before = hashes(state_of(copy))
    run_month(copy, date(2025, 11, 22))
    assert len(told("release", "list", "--state", copy)) == 3
    assert hashes(state_of(copy)) == before


def test_no_person_number_is_anywhere_but_encrypted(walked: Path) -> None:
    assert hashes(state_of(walked))
    forms = [n.encode(c) for n in files.canaries() for c in ("ascii", "utf-16-le", "utf-16-be")]
    for place, content in content_of(walked):
        assert not any(form in content for form in forms), place
    for command in (["deliveries", "list"], ["release", "plan"], ["status"], ["areas"]):
        said = flis(*command, "--state", walked)
        assert not any(number in said.out + said.err for number in files.canaries()), command


def test_all_senders_but_the_missing_one_are_in_the_newest_month(asking: Callable[..., Asking]) -> None:
    statement = (
        "SELECT {[Measures].[Lån]} ON COLUMNS, NON EMPTY CrossJoin({[Dato].[Måned].&[2025-09]}, "
        f"[Kommune].[Kommune].[Kommune].Members) ON ROWS FROM {CUBE}"
    )
    assert {kommune for _, kommune in asking("").cells(statement)} == set(SENDERS) - {MISSING, BROKEN}
