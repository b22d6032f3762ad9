"""One dimension in several roles: names and captions come with the role, and one role owns the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.catalog.cubes import load, own_catalogue
from tests.catalog.test_cubes import complaint, written
from tests.made_areas import write_area

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

ROLES = ["bopæl", "betaling", "handle", "ejer", "ansat", "beliggenhed"]
DIMENSION = """\
dimension: Town
table: town
whole_table: towns
key: town
attributes: [{name: Town, key: town}]
roles:
  home: {name: Home town, caption: {da: Hjemby, en: Home town}}
  work: {name: Work town, caption: {da: Arbejdsby, en: Work town}}
"""
CUBE = """\
cube: Tiny
dimensions:
  - {dimension: Town, role: home, own: true}
  - {name: Job, dimension: Town, role: work}
measure_groups:
  - name: People
    table: people
    links: {Home town: home, Job: work}
    measures: [{name: People, aggregate: count}]
drillthroughs:
  - {measure_group: People, columns: {Home: Home town.name, Work: Job.name}}
"""


def shop(folder: Path, cube: str = CUBE, dimension: str = DIMENSION) -> Path:
    made = written(folder, cube)
    (made / "dimensions").mkdir(exist_ok=True)
    (made / "dimensions" / "town.yaml").write_text(dimension, "utf-8")
    return made


def test_a_role_names_the_dimension_and_the_owner_has_its_own_table(tmp_path: Path) -> None:
    home, job = load(shop(tmp_path)).cubes[0].dimensions
    assert (home.name, home.caption["da"], home.own, home.dimension.table) == ("Home town", "Hjemby", True, "town")
    assert (job.name, job.caption["en"], job.own, job.dimension.table) == ("Job", "Work town", False, "towns")


def test_one_role_alone_owns_the_rows_unless_it_says_no(tmp_path: Path) -> None:
    one = CUBE.replace("  - {name: Job, dimension: Town, role: work}\n", "").replace(", Job: work", "")
    one = one.replace(", Work: Job.name", "")
    assert load(shop(tmp_path, one.replace(", own: true", ""))).cubes[0].dimensions[0].own
    stranger = load(shop(tmp_path, one.replace("own: true", "own: false"))).cubes[0].dimensions[0]
    assert (stranger.own, stranger.dimension.table) == (False, "towns")


def test_cubes_share_what_is_loaded_of_a_role(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    (folder / "cubes" / "other.yaml").write_text(CUBE.replace("cube: Tiny", "cube: Other"), "utf-8")
    one, two = load(folder).cubes
    assert one.dimensions[0].dimension is two.dimensions[0].dimension
    assert one.dimensions[1].dimension is two.dimensions[1].dimension


WRONG = [
    ("role: work", "role: wrok", "4: Town has no role wrok. Did you mean work?"),
    (", own: true", "", "3: Home town is one of several roles of Town, and none owns the rows. Write `own: true`"),
    ("role: work}", "role: work, own: true}", "8: Home town and Job both own the rows of People"),
    ("Job.name", "Jab.name", "11: Jab.name is not of the facts of People"),
    ("{dimension: Town, role: home,", "{role: home,", "3: this dimension has no name."),
    ("role: work}", "role: work, key: town}", "4: Job is the dimension Town: it cannot have key of its own."),
]


@pytest.mark.parametrize(("right", "wrong", "expected"), WRONG, ids=[text for _, _, text in WRONG])
def test_complaint(tmp_path: Path, right: str, wrong: str, expected: str) -> None:
    said = complaint(shop(tmp_path, CUBE.replace(right, wrong, 1)))
    assert said.startswith("cubes/tiny.yaml:")
    assert expected in said


def test_what_is_own_needs_a_table_of_the_whole(tmp_path: Path) -> None:
    said = complaint(shop(tmp_path, CUBE, DIMENSION.replace("whole_table: towns\n", "")))
    assert "cubes/tiny.yaml:3: a municipal store has all rows of Town." in said
    dotted = complaint(shop(tmp_path, CUBE, DIMENSION.replace("key: town}]", "key: town.town}]")))
    assert "dimensions/town.yaml:3: Town has a whole_table" in dotted


def test_municipalities_have_the_roles_of_the_platform(tmp_path: Path, areas_in: AreasIn) -> None:
    uses = ", ".join(f"{{dimension: Kommune, role: {role}{', own: true' * (role == 'ejer')}}}" for role in ROLES)
    names = [f"{n}kommune" for n in ("Bopæls", "Betalings", "Handle", "Ejer", "Ansættelses", "Beliggenheds")]
    links = ", ".join(f"{name}: k{n}" for n, name in enumerate(names))
    group = f"{{name: Elever, table: elev, links: {{{links}}}, measures: [{{name: Elever, aggregate: count}}]}}"
    write_area(tmp_path, "haver", **{"cube.yaml": f"cube: Haver\ndimensions: [{uses}]\nmeasure_groups: [{group}]\n"})
    areas_in(tmp_path)
    made = next(cube for cube in own_catalogue().cubes if cube.name == "Haver")
    assert [d.name for d in made.dimensions] == names
    assert all(d.caption["da"] == d.name and d.caption["en"] and d.description["da"] for d in made.dimensions)
    assert [d.dimension.table for d in made.dimensions if d.own] == ["kommune"]
    assert {d.dimension.table for d in made.dimensions if not d.own} == {"kommune_alle"}
