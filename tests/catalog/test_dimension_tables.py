"""The tables of shared dimensions are data: a folder of areas may add one, and a mistake is told with its line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.errors import CatalogError
from flis.operations.cube_check import check_cubes
from flis.release.shared_store import shared_tables
from flis.warehouse.dimensions import columns, values
from flis.warehouse.step_fingerprints import fingerprints
from tests.made_areas import write_area

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

PLANTS = "rows:\n  b: {da: Bøg, en: Beech}\n  e: {da: Eg, en: Oak}\n"


def put(shelf: Path, name: str, text: str) -> None:
    (shelf / "dimensions" / "tables").mkdir(parents=True, exist_ok=True)
    (shelf / "dimensions" / "tables" / f"{name}.yaml").write_text(text, "utf-8")


def test_a_folder_of_areas_adds_a_table(tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "haver")
    put(tmp_path, "plante", PLANTS)
    areas_in(tmp_path)
    rows = shared_tables("haver", date(2025, 1, 1), date(2025, 1, 31))["dim.plante"]
    assert rows.to_pylist() == [
        {"plante": "b", "navn_da": "Bøg", "navn_en": "Beech"},
        {"plante": "e", "navn_da": "Eg", "navn_en": "Oak"},
    ]
    assert columns()["plante"] == ["plante", "navn_da", "navn_en"]
    assert values()["plante"] == ["b", "e"]
    before = fingerprints("haver")
    put(tmp_path, "plante", PLANTS.replace("Bøg", "Rødbøg"))
    areas_in(tmp_path)
    now = fingerprints("haver")
    assert {name for name in now["codes"] if now["codes"][name] != before["codes"][name]} == {"dim.plante"}


def test_numbers_lie_in_groups_and_may_be_unknown() -> None:
    rows = shared_tables("borger", date(2025, 1, 1), date(2025, 1, 31))["dim.alder"].to_pylist()
    assert rows[6] == {
        "alder": 6,
        "alder_navn_da": "6 år",
        "alder_navn_en": "6 years",
        "aldersgruppe": "6-16",
        "aldersgruppe_orden": 3,
        "aldersgruppe_navn_da": "6–16 år",
        "aldersgruppe_navn_en": "6–16 years",
    }
    assert (len(rows), rows[-1]["aldersgruppe_navn_da"]) == (126, "80+ år")
    assert values()["aldersgruppe"] == [*map(str, range(126)), "ukendt"]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("row: {}\n", 1, "row"),
        ("codes: countries\n", 1, "AREA/LIST"),
        ("numbers:\n  through: 9\n  unit: {da: stk, en: pcs}\n  unknown: ukendt\n", 2, "no groups"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, areas_in: AreasIn, text: str, line: int, told: str) -> None:
    write_area(tmp_path, "haver")
    put(tmp_path, "plante", text)
    areas_in(tmp_path)
    (problem,) = check_cubes(["haver"])
    assert isinstance(problem, CatalogError)
    assert (problem.file, problem.line) == ("areas/dimensions/tables/plante.yaml", line)
    assert told in problem.message


def test_two_tables_of_one_name_are_refused(tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "haver")
    put(tmp_path, "koen", PLANTS)
    areas_in(tmp_path)
    (problem,) = check_cubes(["haver"])
    assert "Two tables of dimensions are called koen" in problem.message
