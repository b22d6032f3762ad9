"""Whom a plan says a release changes: rows of a municipality and day beside those that serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.release import apply, plan
from flis.warehouse import load
from tests.warehouse.arrange import new_state
from tests.warehouse.gardens import FACT, garden_area, put

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

AREA = "haver"
FIRST = {
    "HAVER_0101_202507_2025-08-10_1.csv": ("bøg;2025-07-01;3", "tjørn;2025-07-02;4"),
    "HAVER_0461_202507_2025-08-11_1.csv": ("bøg;2025-07-01;5",),
}
OWN = FACT.replace("-- store municipal, national", "-- store municipal")
STEPS = {
    "a column fewer": FACT.replace("haek VARCHAR, meter BIGINT\n-- kind", "meter BIGINT\n-- kind")
    .replace("kommune, haek, CAST", "kommune, CAST")
    .replace("BY dag, kommune, haek", "BY dag, kommune"),
    "another type": FACT.replace("haek VARCHAR, meter BIGINT\n-- kind", "haek VARCHAR, meter VARCHAR\n-- kind").replace(
        "CAST(sum(meter) AS BIGINT)", "'mange'"
    ),
}


@pytest.fixture
def shelf(tmp_path: Path, areas_in: AreasIn) -> Path:
    garden_area(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    return tmp_path / "areas"


def released(state: State) -> State:
    for name, rows in FIRST.items():
        put(state, name, *rows)
    load(state)
    apply(state, areas=[AREA])
    return state


@pytest.mark.parametrize("fact", [FACT, OWN], ids=["the country's too", "municipal alone"])
def test_a_correction_changes_its_municipality_on_its_days(tmp_path: Path, areas_in: AreasIn, fact: str) -> None:
    garden_area(tmp_path / "areas", files={"steps/meter.sql": fact})
    areas_in(tmp_path / "areas")
    state = released(new_state(tmp_path / "state"))
    put(state, "HAVER_0101_202507_2025-08-20_2.csv", "bøg;2025-07-01;3", "tjørn;2025-07-02;9", "tjørn;2025-07-03;1")
    load(state)
    (planned,) = plan(state, [AREA])
    assert (planned.municipalities, planned.revised) == (["0101"], 2)


def test_a_new_month_changes_no_earlier_day(tmp_path: Path, shelf: Path) -> None:
    assert shelf
    state = released(new_state(tmp_path / "state"))
    put(state, "HAVER_0461_202508_2025-09-10_1.csv", "bøg;2025-08-01;5")
    load(state)
    (planned,) = plan(state, [AREA])
    assert (planned.municipalities, planned.revised) == (["0461"], 0)


@pytest.mark.parametrize("changed", STEPS)
def test_a_fact_with_other_columns_is_planned_and_released(
    tmp_path: Path, shelf: Path, areas_in: AreasIn, changed: str
) -> None:
    state = released(new_state(tmp_path / "state"))
    (shelf / AREA / "steps" / "meter.sql").write_text(STEPS[changed], "utf-8")
    areas_in(shelf)
    (planned,) = plan(state, [AREA])
    assert (planned.municipalities, planned.revised) == (["0101", "0461"], 3)
    assert apply(state, areas=[AREA])
    assert not plan(state, [AREA])[0].changes
