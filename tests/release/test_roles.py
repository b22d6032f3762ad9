"""An area whose cube has the municipality in several roles shares the table of all municipalities."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flis.catalog.reference import municipalities
from flis.release.shared_store import shared_tables
from tests.made_areas import write_area

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

CUBE = """\
cube: Haver
dimensions: [{dimensions}]
measure_groups:
  - {{name: Bede, table: bede, links: {{{links}}}, measures: [{{name: Bede, aggregate: count}}]}}
"""
OWNER, PAYER = "{dimension: Kommune, role: ejer, own: true}", "{dimension: Kommune, role: betaling}"


def test_all_municipalities_are_shared_where_a_role_is_not_the_owner_s(tmp_path: Path, areas_in: AreasIn) -> None:
    cubes = {
        "haver": CUBE.format(dimensions=f"{OWNER}, {PAYER}", links="Ejerkommune: ejer, Betalingskommune: betaler"),
        "parker": CUBE.format(dimensions="Kommune", links="Kommune: kommune"),
    }
    for area, cube in cubes.items():
        write_area(tmp_path, area, **{"cube.yaml": cube})
    areas_in(tmp_path)
    days = date(2025, 1, 1), date(2025, 1, 31)
    shared = shared_tables("haver", *days)["dim.kommune_alle"]
    assert shared["kommune"].to_pylist() == [m.code for m in municipalities()]
    assert "egne" not in shared["region"].to_pylist()
    assert "dim.kommune_alle" not in shared_tables("parker", *days)
    assert "dim.kommune_alle" not in shared_tables("ukraine", *days)
