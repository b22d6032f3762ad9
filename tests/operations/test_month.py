"""The chain of a month over two made-up areas, one of which cannot go on."""

from __future__ import annotations

import json
import os
from datetime import date
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from flis.catalog.area_paths import look_in
from flis.cli import root
from flis.operations import today
from flis.release import releases
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from flis.config import State

KEPT = """\
-- The beds of a municipality's month.
-- in bede: kommune VARCHAR, maaned DATE, nr VARCHAR
-- out bed: kommune VARCHAR, maaned DATE, nr INTEGER
-- kind kept
SELECT kommune, maaned, CAST(nr AS INTEGER) AS nr
FROM bede
"""
FACT = """\
-- Beds by municipality and month.
-- in bed: kommune VARCHAR, maaned DATE, nr INTEGER
-- out bestand: dato DATE, kommune VARCHAR, bede BIGINT
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT maaned AS dato, kommune, count(*) AS bede
FROM bed
GROUP BY maaned, kommune
"""
SECRET = "Kanariefugl"


def write_beds(shelf: Path, area: str) -> None:
    server: dict[str, Any] = {
        "recognise": {"name": area.upper() + "_{kommune}_{maaned}_{sekvens}.csv"},
        "part": ["kommune", "maaned"],
        "expects": {"each": "kommune"},
    }
    text = contract(area, "csv", table("bede", field("nr", required=True)), **server)
    write_area(shelf, area, **{"contract.yaml": text, "steps/bed.sql": KEPT, "steps/bestand.sql": FACT})


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Path]:
    for area in ("haver", "parker"):
        write_beds(tmp_path / "areas", area)
    with patch.dict(os.environ, {"FLIS_AREAS": str(tmp_path / "areas")}):
        yield tmp_path / "areas"
    look_in()


def flis(state: State, *words: object) -> Result:
    return CliRunner().invoke(root, [*map(str, words), "--state", str(state.root)])


def put(state: State, tmp_path: Path, area: str, *rows: str, name: str = "", day: str = "2025-09-10") -> None:
    file = tmp_path / (name or f"{area.upper()}_0101_202508_1.csv")
    file.write_text("\n".join(["NR", *rows]) + "\n", "utf-8")
    assert flis(state, "receive", file, "--arrived", day).exit_code == 0


def test_an_area_that_cannot_go_on_stops_no_other(state: State, shelf: Path, tmp_path: Path) -> None:
    assert shelf.is_dir()
    put(state, tmp_path, "haver", "1", "2")
    put(state, tmp_path, "parker", SECRET)
    ran = flis(state, "run", "monthly", "--date", "2025-09-12", "--json")
    told = json.loads(ran.stdout)
    assert ran.exit_code == 1
    assert (told["published"], told["loaded"]["haver"]) == (1, 1)
    assert [one["area"] for one in told["stopped"]] == ["parker"]
    assert "areas/parker/steps/" in told["stopped"][0]["reason"]
    assert SECRET not in ran.output + ran.stderr
    assert today(state) == date(2025, 9, 12)
    rows = {row["id"]: row for row in json.loads(flis(state, "areas", "--json").stdout)}
    assert rows["haver"]["deliveries"]["loaded"] == rows["parker"]["deliveries"]["waiting"] == 1
    again = json.loads(flis(state, "run", "monthly", "--date", "2025-09-12", "--json").stdout)
    assert (again["published"], [one["area"] for one in again["stopped"]]) == (None, ["parker"])


def test_a_step_that_fails_for_a_release_stops_its_area_alone(state: State, shelf: Path, tmp_path: Path) -> None:
    """Kept as it came, a word is no number when the fact is made; the release before goes on to serve."""
    for area in ("haver", "parker"):
        (shelf / area / "steps" / "bed.sql").write_text(KEPT.replace("INTEGER", "VARCHAR"), "utf-8")
    step = FACT.replace("nr INTEGER", "nr VARCHAR").replace("count(*)", "CAST(sum(CAST(nr AS BIGINT)) AS BIGINT)")
    for area in ("haver", "parker"):
        (shelf / area / "steps" / "bestand.sql").write_text(step, "utf-8")
        put(state, tmp_path, area, "1")
    assert json.loads(flis(state, "run", "monthly", "--date", "2025-09-12", "--json").stdout)["published"] == 1
    put(state, tmp_path, "haver", "1", "2", name="HAVER_0101_202509_1.csv")
    put(state, tmp_path, "parker", SECRET, name="PARKER_0101_202509_1.csv")
    ran = flis(state, "run", "monthly", "--date", "2025-10-12", "--json")
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["published"]) == (1, 2)
    (stopped,) = told["stopped"]
    assert stopped["area"] == "parker"
    assert (
        stopped["reason"] == "areas/parker/steps/bestand.sql:1: the step bestand of parker fails (ConversionException)."
    )
    assert "flis catalog check" in stopped["hint"]
    planned = flis(state, "release", "plan")
    assert planned.exit_code == 1
    assert "parker cannot be released: areas/parker/steps/bestand.sql:1" in planned.output
    assert SECRET not in ran.output + ran.stderr + planned.output
    before, now = releases(state)
    assert now.root.areas["parker"] == before.root.areas["parker"]
    assert now.area("haver").tree.load == 2


@pytest.mark.parametrize(("well", "ill"), [("haver", "parker"), ("parker", "haver")])
def test_an_area_that_cannot_be_loaded_stops_no_other_in_the_run_of_a_day(
    state: State, shelf: Path, tmp_path: Path, well: str, ill: str
) -> None:
    """Whichever is loaded first: the other one is published, and then the fault is told."""
    assert shelf.is_dir()
    put(state, tmp_path, well, "1", "2")
    put(state, tmp_path, ill, SECRET)
    ran = flis(state, "run", "daily")
    assert ran.exit_code == 1
    assert f"areas/{ill}/steps/bed.sql" in str(ran.exception)
    assert SECRET not in f"{ran.output}{ran.stderr}{ran.exception}"
    assert [released.areas for released in releases(state)] == [(well,)]


def test_a_run_cannot_lie_ahead_of_a_real_installation(state: State, shelf: Path, tmp_path: Path) -> None:
    assert shelf.is_dir()
    (tmp_path / "HAVER_0101_202508_1.csv").write_text("NR\n1\n", "utf-8")
    assert flis(state, "receive", tmp_path / "HAVER_0101_202508_1.csv").exit_code == 0
    assert "has not come yet" in str(flis(state, "run", "monthly", "--date", "2999-01-10").exception)
