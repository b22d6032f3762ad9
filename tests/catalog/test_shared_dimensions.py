"""Cubes share their dimensions, and a client sees what it saw when each cube wrote them out for itself."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flis.catalog.area_paths import shared_dimensions
from flis.catalog.cube import WrittenPlace
from flis.catalog.cubes import load_cube, own_catalogue, read_dimensions
from flis.errors import CatalogError
from tests.made_areas import write_area

if TYPE_CHECKING:
    from tests.made_areas import AreasIn

BEFORE = Path(__file__).parent / "before"
CUBE = """\
cube: {name}
dimensions: [{dimensions}]
measure_groups:
  - name: Bede
    table: bede
    links: {{{links}}}
    measures: [{{name: Antal, aggregate: sum, column: antal}}]
"""
UNSEEN = {"roles", "whole_table", "own", "area", "description"}
"""What a dimension is in other cubes, and in whose folder a cube stands: no client of this one sees it.

Descriptions say more today than they did.
"""
SHARED = """\
dimension: Plante
table: plante
key: plante
attributes: [{name: Plante, key: plante}]
"""


def told(part: Any) -> Any:
    """Everything that the model says, without the places of files."""
    if isinstance(part, WrittenPlace):
        return None
    if is_dataclass(part) and not isinstance(part, type):
        shown = (field.name for field in fields(part) if field.name not in UNSEEN)
        return {name: told(getattr(part, name)) for name in shown}
    if isinstance(part, dict):
        return {name: told(value) for name, value in part.items()}
    return [told(value) for value in part] if isinstance(part, tuple | list) else part


def test_ukraine_statistik_is_what_it_was_when_it_wrote_its_dimensions_itself() -> None:
    now = next(cube for cube in own_catalogue().cubes if cube.name == "Ukraine Statistik")
    before = load_cube(BEFORE / "ukraine-cube.yaml")
    assert [d.name for d in before.dimensions] == ["Dato", "Kommune", "Alder", "Køn", "Civilstand"]
    assert told(now) == told(before)


def test_areas_share_a_dimension_of_the_package_and_one_of_their_folder(tmp_path: Path, areas_in: AreasIn) -> None:
    (tmp_path / "dimensions").mkdir()
    (tmp_path / "dimensions" / "plante.yaml").write_text(SHARED, "utf-8")
    roles = "Plante, {name: Betalingskommune, dimension: Kommune, caption: {da: Betaler, en: Payer}}"
    for area in ("haver", "parker"):
        links = "Plante: plante, Betalingskommune: betaler"
        write_area(tmp_path, area, **{"cube.yaml": CUBE.format(name=area, dimensions=roles, links=links)})
    areas_in(tmp_path)
    one, two = (c for c in own_catalogue().cubes if c.name in {"haver", "parker"})
    ukraine = next(c for c in own_catalogue().cubes if c.name == "Ukraine Statistik")
    assert one.dimensions == two.dimensions
    payer, residence = one.dimensions[1], ukraine.dimensions[1]
    assert payer.dimension == residence.dimension
    assert (payer.name, payer.caption["da"]) == ("Betalingskommune", "Betaler")


def test_a_dimension_that_is_not_there_is_told(tmp_path: Path, areas_in: AreasIn) -> None:
    text = CUBE.format(name="haver", dimensions="Komune", links="Komune: kommune")
    write_area(tmp_path, "haver", **{"cube.yaml": text})
    areas_in(tmp_path)
    (wrong,) = own_catalogue().unread
    assert (wrong.name, wrong.area) == ("haver", "haver")
    assert re.search(r"areas/haver/cube\.yaml:2: .*no shared dimension Komune\. .*Kommune", str(wrong.fault))


def test_two_shared_dimensions_of_one_name_are_told(tmp_path: Path, areas_in: AreasIn) -> None:
    own = own_catalogue()
    write_area(tmp_path, "haver")
    (tmp_path / "dimensions").mkdir()
    for file in ("kommune.yaml", "anden.yaml"):
        (tmp_path / "dimensions" / file).write_text(SHARED.replace("Plante", "Kommune", 1), "utf-8")
        areas_in(tmp_path)
        with pytest.raises(CatalogError, match=r"Two shared dimensions|another shared dimension Kommune"):
            read_dimensions(shared_dimensions())
        if file == "anden.yaml":
            assert own_catalogue() == own
        (tmp_path / "dimensions" / file).unlink()
