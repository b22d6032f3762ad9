"""Catalogues from YAML: FoodMart against its original schema, our own cube, and complaints that name the place."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

import flis.areas
from flis.catalog.cube import Aggregate, Cube, LevelType, say
from flis.catalog.cube_file import CUBE
from flis.catalog.cubes import load, load_cube, own_catalogue
from flis.catalog.forms import schema_of
from flis.errors import CatalogError
from flis.query.languages.mdx import parse_expression
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator

FOODMART = Path(__file__).parents[1] / "foodmart/catalog"
AREAS = Path(flis.areas.__file__).parent
TINY = """\
cube: Tiny
dimensions:
  - name: Place
    table: place
    key: id
    hierarchies:
      - name: Place
        levels:
          - {name: Country, key: country}
          - {name: City, key: city, unique: false}
measure_groups:
  - name: Sales
    table: sales
    links: {Place: place_id}
    measures:
      - {name: Amount, aggregate: sum, column: amount}
"""


def written(folder: Path, cube: str = TINY, **files: str) -> Path:
    (folder / "cubes").mkdir(exist_ok=True)
    (folder / "dimensions").mkdir(exist_ok=True)
    (folder / "catalogue.yaml").write_text(files.pop("catalogue", "catalogue: Test\n"), "utf-8")
    (folder / "cubes/tiny.yaml").write_text(cube, "utf-8")
    for name, text in files.items():
        (folder / f"{name.replace('__', '/')}.yaml").write_text(text, "utf-8")
    return folder


def complaint(folder: Path) -> str:
    with pytest.raises(CatalogError) as raised:
        load(folder)
    assert str(folder) not in str(raised.value)
    return str(raised.value)


# The unknown member


@pytest.mark.parametrize(
    ("written_so", "visible", "name", "danish"),
    [
        ("", False, "Unknown", "Ukendt"),
        ("unknown_member: {visible: true}", True, "Unknown", "Ukendt"),
        ("unknown_member: {visible: true, name: Nowhere}", True, "Nowhere", "Nowhere"),
        ("unknown_member: {name: None, caption: {da: Ingen}}", False, "None", "Ingen"),
    ],
)
def test_the_unknown_member(tmp_path: Path, written_so: str, visible: bool, name: str, danish: str) -> None:
    cube = TINY.replace("    key: id\n", f"    key: id\n    {written_so}\n")
    jsonschema.validate(yaml.safe_load(cube), schema_of(CUBE, "cube"))
    found = load(written(tmp_path, cube)).cubes[0].dimensions[0].dimension.unknown_member
    assert (found.visible, found.name, say(found.caption, "da", found.name)) == (visible, name, danish)


def test_a_degenerate_dimension_has_no_unknown_member(tmp_path: Path) -> None:
    own = "  - name: Kind\n    unknown_member: {visible: true}\n    attributes: [{name: Kind, key: kind}]\n"
    cube = TINY.replace("measure_groups:", f"{own}measure_groups:").replace("place_id}", 'place_id, Kind: ""}')
    said = complaint(written(tmp_path, cube))
    assert "cubes/tiny.yaml:11: Kind is degenerate: no key of it can be unknown." in said


# FoodMart


@pytest.fixture(scope="module")
def foodmart() -> dict[str, Cube]:
    return {cube.name: cube for cube in load(FOODMART).cubes}


def test_foodmart_has_its_cubes(foodmart: dict[str, Cube]) -> None:
    names = ["Sales", "Warehouse", "Store", "HR", "Sales Ragged", "Sales 2", "Warehouse and Sales"]
    assert list(foodmart) == names


def original_cubes() -> Iterator[tuple[ET.Element, ET.Element]]:
    schema = ET.parse(shared("foodmart/FoodMart.xml")).getroot()
    for cube in schema.findall("Cube"):
        yield schema, cube


def level_of(element: ET.Element) -> tuple[str, str, bool]:
    return element.attrib["name"], element.get("column", ""), element.get("uniqueMembers") == "true"


def test_foodmart_dimensions_are_those_of_the_original(foodmart: dict[str, Cube]) -> None:
    for schema, original in original_cubes():
        shared_ones = {one.attrib["name"]: one for one in schema.findall("Dimension")}
        cube = foodmart[original.attrib["name"]]
        used = [one for one in original if one.tag in ("Dimension", "DimensionUsage")]
        assert [d.name for d in cube.dimensions] == [one.attrib["name"] for one in used]
        for dimension, use in zip(cube.dimensions, used, strict=True):
            source = shared_ones[use.attrib["source"]] if use.tag == "DimensionUsage" else use
            foreign = {group.links[dimension.name] for group in cube.measure_groups}
            if "foreignKey" in use.attrib:
                assert foreign == {use.attrib["foreignKey"]}
            assert dimension.dimension.time == (source.get("type") == "TimeDimension")
            for hierarchy, element in zip(dimension.dimension.hierarchies, source.findall("Hierarchy"), strict=True):
                name = element.get("name", source.attrib["name"])
                assert hierarchy.name == name
                assert (hierarchy.all_name is not None) == (element.get("hasAll") == "true")
                if hierarchy.all_name:
                    assert hierarchy.all_name == element.get("allMemberName", f"All {name}s")
                wanted = [level_of(level) for level in element.findall("Level")]
                got = [(lv.name, lv.key.rpartition(".")[2], lv.unique) for lv in hierarchy.levels]
                assert [(n, k or g[1], u) for (n, k, u), g in zip(wanted, got, strict=True)] == got
                for level, spec in zip(hierarchy.levels, element.findall("Level"), strict=True):
                    properties = [(p.attrib["name"], p.attrib["column"]) for p in spec.findall("Property")]
                    assert [(p.name, p.column.rpartition(".")[2]) for p in level.properties] == properties


MEANT = {"Standard": "#,##0"}  # as the recorded answers show it; Visual Basic's Standard has two decimals


def test_foodmart_measures_are_those_of_the_original(foodmart: dict[str, Cube]) -> None:
    for _, original in original_cubes():
        cube = foodmart[original.attrib["name"]]
        table = original.find("Table")
        assert table is not None
        assert {group.table for group in cube.measure_groups} == {table.attrib["name"]}
        got = [
            (m.name, m.aggregate.value.replace("_", "-"), m.column, m.format)
            for group in cube.measure_groups
            for m in group.measures
        ]
        wanted = [
            (m.attrib["name"], m.attrib["aggregator"], m.get("column", ""), MEANT.get(text, text))
            for m in original.findall("Measure")
            if (text := m.get("formatString", "")) is not None
        ]
        assert got == wanted
        formulas = {
            m.attrib["name"]: "".join((m.get("formula") or m.findtext("Formula") or "").split())
            for m in original.findall("CalculatedMember")
        }
        assert {m.name: "".join(m.expression.split()) for m in cube.calculated_members} == formulas
        assert [s.name for s in cube.named_sets] == [s.attrib["name"] for s in original.findall("NamedSet")]


def test_the_virtual_cube_takes_its_parts_over(foodmart: dict[str, Cube]) -> None:
    cube = foodmart["Warehouse and Sales"]
    sales, warehouse = cube.measure_groups
    assert (sales.table, warehouse.table) == ("sales_fact_1997", "inventory_fact_1997")
    assert "Warehouse" not in sales.links
    assert set(warehouse.links) == {"Product", "Store", "Time", "Warehouse"}
    assert [m.name for m in sales.measures] == ["Sales Count", "Store Cost", "Store Sales", "Unit Sales"]
    original = ET.parse(shared("foodmart/FoodMart.xml")).find("VirtualCube")
    assert original is not None
    taken = [m.attrib["name"] for m in original.findall("VirtualCubeMeasure")]
    own = [m.attrib["name"] for m in original.findall("CalculatedMember")]
    stored = [m.name for group in cube.measure_groups for m in group.measures]
    calculated = [f"[Measures].[{name}]" for name in (*stored, *(m.name for m in cube.calculated_members))]
    assert sorted(calculated) == sorted([*taken, *(f"[Measures].[{name}]" for name in own)])
    assert cube.default_measure == "Store Sales"


def test_what_is_shared_is_one_thing(foodmart: dict[str, Cube]) -> None:
    sales = {d.name: d.dimension for d in foodmart["Sales"].dimensions}
    warehouse = {d.name: d.dimension for d in foodmart["Warehouse"].dimensions}
    assert sales["Store"] is warehouse["Store"]


def test_formulas_of_the_catalogues_are_mdx(foodmart: dict[str, Cube]) -> None:
    for cube in [*foodmart.values(), *own_catalogue().cubes]:
        formulas = [one.expression for one in cube.calculated_members] + [one.expression for one in cube.named_sets]
        for formula in formulas:
            parse_expression(formula)
        for dimension in cube.dimensions:
            for hierarchy in dimension.dimension.hierarchies:
                if hierarchy.default_member:
                    parse_expression(hierarchy.default_member)


# Ukraine Statistik


def test_our_own_cube() -> None:
    catalogue = own_catalogue()
    assert catalogue.name == "FLIS"
    cube = next(cube for cube in catalogue.cubes if cube.name == "Ukraine Statistik")
    names = {d.name: [h.name for h in d.dimension.hierarchies] for d in cube.dimensions}
    assert names == {
        "Dato": ["Kalender", "År", "Måned", "Dag"],
        "Kommune": ["Geografi", "Kommune", "Landsdel", "Region"],
        "Alder": ["Aldersgrupper", "Alder", "Aldersgruppe"],
        "Køn": ["Køn"],
        "Civilstand": ["Civilstand"],
    }
    stock, crossing, flow = cube.measure_groups
    assert {m.name: m.aggregate for m in stock.measures} == {
        "Antal personer": Aggregate.LAST_LOADED,
        "Født i Danmark": Aggregate.LAST_LOADED,
    }
    assert {m.aggregate for m in flow.measures} == {Aggregate.SUM}
    assert len(flow.measures) == 10
    assert {m.name: m.aggregate for m in crossing.measures} == {
        "Indrejste minus udrejste": Aggregate.LAST_LOADED,
        "Registrerede indrejser": Aggregate.SUM,
        "Registrerede udrejser": Aggregate.SUM,
    }
    assert not cube.calculated_members
    time = cube.dimensions[0].dimension
    assert time.time
    assert [level.type for level in time.hierarchies[0].levels] == [LevelType.YEARS, LevelType.MONTHS, LevelType.DAYS]


def test_every_text_of_our_own_cube_is_there_in_both_languages() -> None:
    for cube in own_catalogue().cubes:
        texts = [(cube.name, cube.caption), (cube.name, cube.description)]
        for dimension in cube.dimensions:
            own = dimension.dimension
            texts += [(own.name, own.caption), (own.name, dimension.description or own.description)]
            for hierarchy in own.hierarchies:
                texts += [(hierarchy.name, hierarchy.caption), (hierarchy.name, hierarchy.all_caption)]
                texts += [(hierarchy.name, hierarchy.description)]
                texts += [
                    (level.name, text) for level in hierarchy.levels for text in (level.caption, level.description)
                ]
        measures = [*(m for group in cube.measure_groups for m in group.measures), *cube.derived_measures]
        texts += [(one.name, text) for one in measures for text in (one.caption, one.description, one.folder)]
        assert all(one.format for one in measures)
        texts += [(one.name, text) for one in cube.calculated_members for text in (one.caption, one.description)]
        for name, text in texts:
            assert set(text) == {"da", "en"}, name
            assert all(text.values()), name


def test_the_schema_refuses_what_the_reader_refuses(tmp_path: Path) -> None:
    content: dict[str, Any] = yaml.safe_load(TINY)
    validator = jsonschema.Draft202012Validator(schema_of(CUBE, "cube"))
    validator.validate(content)
    for part, change in (("dimension", {}), ("measure_groups", {}), ("cube", {"colour": 1})):
        wrong = {**content, **change}
        if not change:
            wrong.pop(part, None)
        if wrong != content:
            assert list(validator.iter_errors(wrong))
            assert complaint(written(tmp_path, yaml.safe_dump(wrong)))


# Reading


def test_the_smallest_catalogue(tmp_path: Path) -> None:
    cube = load(written(tmp_path)).cubes[0]
    assert cube.dimensions[0].dimension.hierarchies[0].all_name == "All"
    assert load_cube(tmp_path / "cubes/tiny.yaml") == cube


def test_names_stay_as_they_are_written(tmp_path: Path) -> None:
    cube = load(written(tmp_path, TINY.replace("Tiny", "0101").replace("Amount", "yes"))).cubes[0]
    assert cube.name == "0101"
    assert cube.measure_groups[0].measures[0].name == "yes"


def test_a_dimension_can_play_roles(tmp_path: Path) -> None:
    day = "dimension: Day\ntable: day\nkey: id\ntime: true\nattributes: [{name: Day, key: day, key_type: date}]\n"
    roles = TINY.replace(
        "measure_groups:",
        "  - {name: Order day, dimension: Day, caption: {da: Ordredag}}\n  - {name: Ship day, dimension: Day}\n"
        "measure_groups:",
    ).replace("{Place: place_id}", "{Place: place_id, Order day: ordered, Ship day: shipped}")
    cube = load(written(tmp_path, roles, dimensions__day=day)).cubes[0]
    _, ordered, shipped = cube.dimensions
    assert ordered.dimension is shipped.dimension
    assert (ordered.name, ordered.caption) == ("Order day", {"da": "Ordredag"})
    assert ordered.dimension.hierarchies[0].attribute


def test_everything_that_a_cube_may_have(tmp_path: Path) -> None:
    rest = """\
calculated_members:
  - {name: Twice, expression: "2 * [Measures].[Amount]", properties: {FORE_COLOR: "255"}, solve_order: 3}
named_sets: [{name: Best, expression: "{[Place].[X]}", folder: Sets}]
kpis: [{name: Goal, value: "[Measures].[Amount]", goal: "10", measure_group: Sales, status_graphic: Traffic Light}]
drillthroughs: [{measure_group: Sales, columns: {Country: place.country, Amount: amount}}]
perspectives: [{name: Small, dimensions: [Place], measures: [Amount, Twice]}]
default_measure: Twice
visible: no
"""
    cube = load(written(tmp_path, TINY + rest)).cubes[0]
    assert cube.kpis[0].status_graphic == "Traffic Light"
    assert cube.named_sets[0].folder == {"": "Sets"}
    assert cube.calculated_members[0].properties == {"FORE_COLOR": "255"}
    assert cube.perspectives[0].measures == ("Amount", "Twice")
    assert not cube.visible


OWN = "    own_table: own\n    own_links: {"
WRONG = [
    (
        "cube: Tiny\n",
        "cube: Tiny\ndrillthroughs: [{measure_group: Sales, columns: {Country: plaice.country}}]\n",
        "2: plaice.country is not of the facts of Sales, nor of a dimension that they are linked to. Did you mean",
    ),
    ("key: city, unique: false", "kye: city", "10: a level has no field kye. Did you mean key?"),
    ("key: city, ", "", "10: this level has no key. key: The column of the key"),
    ("unique: false", "unique: perhaps", "10: true or false was expected here."),
    ("aggregate: sum", "aggregate: sun", "16: sun is not known here. Did you mean sum?"),
    (", column: amount", "", "16: Amount has no column: only a count of rows needs none."),
    ("column: amount", "column: amount, expression: a + b", "16: Amount has both a column and an expression."),
    ("{Place: place_id}", "{Plaice: place_id}", "14: the cube has no dimension Plaice. Did you mean Place?"),
    ("{Place: place_id}", '{Place: ""}', "12: Place has a table: its link needs the fact's column"),
    ("{Place: place_id}", "{}", "3: no measure group has a link to the dimension Place."),
    ("    key: id\n", "", "3: the dimension Place needs both a table and its key, or neither."),
    ("key: country", "key: other.country", "does not have. Its tables: place."),
    ("name: City", "name: country", "7: two levels of Place are called country."),
    ("name: Place\n    table", "name: Measures\n    table", "3: a dimension cannot be called Measures."),
    ("    links:", "    own_table: own\n    links:", "12: Sales has one of own_table and own_links"),
    ("    links:", f"{OWN}Plaice: a}}\n    links:", "15: the cube has no dimension Plaice. Did you mean Place?"),
    ("    links:", f"{OWN}Place: a}}\n    links:", "15: Sales has a link to Place for everybody already."),
    ("    measures:", "    measure:", "15: a measure group has no field measure. Did you mean measures?"),
    ("  - name: Place\n", "  - Place\n  - name: Place\n", "3: there is no shared dimension Place."),
    ("name: Country, key: country", "name: Country, key: country, key: x", "9: key is given twice."),
    ("hierarchies:", "hierarchies: 5\n    attributes:", "6: a list was expected here."),
    ("cube: Tiny\n", "cube: Tiny\ndefault_measure: Amuont\n", "2: the cube has no measure Amuont."),
    ("aggregate: sum", "aggregate: last_loaded", "12: Amount is last_loaded, and Sales has no time dimension."),
    ("links: {Place: place_id}", "links: [Place", "not YAML"),
    ("dimensions:\n", "dimensions:\n  - {name: Other, dimension: Place, key: x}\n", "it cannot have key of its own."),
    ("  - name: Sales\n", "  - {cube: Nowhere}\n  - name: Sales\n", "12: there is no cube Nowhere."),
    ("  - name: Sales\n", "  - {cube: Tiny}\n  - name: Sales\n", "1: the cube Tiny takes parts over from itself"),
    ("key: city, unique: false", "key: city, description: {da: a, b}", "a text was expected here. Between { and }"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "expected"), WRONG, ids=[text for _, _, text in WRONG])
def test_complaint(tmp_path: Path, right: str, wrong: str, expected: str) -> None:
    assert right in TINY
    said = complaint(written(tmp_path, TINY.replace(right, wrong, 1)))
    assert said.startswith("cubes/tiny.yaml:")
    assert expected in said


def test_names_are_there_once(tmp_path: Path) -> None:
    twice = TINY + "calculated_members: [{name: amount, expression: '1'}]\n"
    assert "17: the cube has another measure amount." in complaint(written(tmp_path, twice))
    other = TINY.replace("place", "city")
    assert "there is another cube Tiny, in cubes/more.yaml" in complaint(written(tmp_path, cubes__more=other))


def test_the_catalogue_file(tmp_path: Path) -> None:
    assert "catalogue.yaml: the file cannot be read." in complaint(tmp_path)
    assert "no file cubes/tinny.yaml. Did you mean tiny?" in complaint(
        written(tmp_path, catalogue="catalogue: X\ncubes: [tinny]\n")
    )
    assert "catalogue.yaml: the file is empty." in complaint(written(tmp_path, catalogue="# nothing\n"))
    (tmp_path / "cubes/tiny.yaml").unlink()
    (tmp_path / "catalogue.yaml").write_text("catalogue: X\n", "utf-8")
    assert "the catalogue has no cubes" in complaint(tmp_path)
    (tmp_path / "catalogue.yaml").write_bytes(b"catalogue: \xe6\n")
    assert "the file is not UTF-8." in complaint(tmp_path)
