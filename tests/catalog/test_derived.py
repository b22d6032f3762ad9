"""Derived measures and published totals in cube YAML: what they become, and complaints that name the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.catalog.cube import Aggregate, DataType, DerivedType, Unit, Whole
from flis.catalog.cubes import load
from tests.catalog.test_cubes import complaint, written

if TYPE_CHECKING:
    from pathlib import Path

CUBE = """\
cube: Tiny
dimensions:
  - name: Day
    table: day
    key: day
    time: true
    attributes: [{name: Day, key: day, key_type: date, type: days}]
  - name: Place
    table: place
    key: id
    hierarchies:
      - {name: Geography, levels: [{name: Country, key: country}, {name: City, key: city, unique: false}]}
      - {name: Tree, levels: [{name: Node, key: id}], parent_child: {parent: above}}
measure_groups:
  - name: Sales
    table: sales
    links: {Day: day, Place: place_id}
    measures:
      - {name: Number, aggregate: sum, column: number, type: integer, format: "#,##0"}
      - {name: People, aggregate: distinct_count, column: person}
  - name: Places
    table: opened
    links: {Place: place_id}
    measures: [{name: Opened, aggregate: count}]
derived_measures:
  - {name: To date, type: year_to_date, measure: Number}
  - {name: Change, type: change, measure: People, periods: 2, unit: week}
  - {name: Share, type: share_of_parent, measure: To date, dimension: Place, level: Country}
published_totals:
  - {measure: Number, table: total, column: number, links: {Day: day}, where: "place = 'all'"}
"""
TO_DATE = "  - {name: To date, type: year_to_date, measure: Number}\n"
CHANGE = "type: change, measure: People, periods: 2, unit: week"
SHARE = "measure: To date, dimension: Place, level: Country"


def test_what_they_become(tmp_path: Path) -> None:
    cube = load(written(tmp_path, CUBE)).cubes[0]
    to_date, change, share = cube.derived_measures
    assert (to_date.derived, to_date.aggregate, to_date.type) == (
        DerivedType.YEAR_TO_DATE,
        Aggregate.SUM,
        DataType.INTEGER,
    )
    assert (to_date.format, to_date.counts) == ("#,##0", True)
    assert (change.periods, change.unit, change.percent, change.counts) == (2, Unit.WEEK, False, True)
    assert (share.dimension, share.level, share.of, share.format) == ("Place", "Country", Whole.PARENT, "Percent")
    assert not share.counts
    assert cube.published_totals[0].links == {"Day": "day"}


@pytest.mark.parametrize("field", ["periods", "unit"])
def test_a_change_needs_them(tmp_path: Path, field: str) -> None:
    without = CUBE.replace({"periods": "periods: 2, ", "unit": ", unit: week"}[field], "")
    assert f"27: Change is of type change and has no {field}. {field}: Of a change" in complaint(
        written(tmp_path, without)
    )


WRONG = [
    ("measure: Number}", "measure: Nunber}", "26: there is no stored or derived measure Nunber. Did you mean Number?"),
    ("measure: Number}", "measure: Share}", "26: there is no stored or derived measure Share."),
    ("type: year_to_date", "type: year_too_date", "26: year_too_date is not known here. Did you mean year_to_date?"),
    ("measure: Number}", "measure: Number, periods: 2}", "26: a measure of type year_to_date has no periods."),
    ("periods: 2", "periods: 0", "27: the periods of a change are counted back: a whole number from 1 on."),
    ("unit: week", "unit: weak", "27: weak is not known here. Did you mean week?"),
    ("measure: People", "measure: Opened", "27: Change is a change, and Places has no time dimension."),
    (", key_type: date", "", "26: To date is a year_to_date, and the rows of Day have no dates. Give it a level with"),
    ("dimension: Place, level", "dimension: Plaice, level", "28: the cube has no dimension Plaice."),
    ("level: Country}", "level: Cuontry}", "28: Geography has no level Cuontry. Did you mean Country?"),
    ("level: Country}", "hierarchy: Geo}", "28: Place has no hierarchy Geo. There are: Geography, Tree."),
    ("level: Country}", "hierarchy: Tree}", "28: Share is a share of the level above, and Tree refers to itself."),
    ("level: Country}", "level: Country, of: all}", "28: a share is of one thing: of or level, not both."),
    ("dimension: Place, level: Country", "level: Country", "28: Share is of type share_of_parent and"),
    (SHARE, "measure: Opened, dimension: Day", "28: Places has no link to the dimension Day. There are: Place."),
    ("name: Change", "name: number", "27: the cube has another measure number."),
    ("- {measure: Number", "- {measure: Numbers", "30: the cube has no stored measure Numbers. Did you mean Number?"),
    ("links: {Day: day}, where", "links: {Date: day}, where", "30: the cube has no dimension with a table"),
    ("    time: true\n", "    date: day\n", "6: Day is not time: only a dimension with `time: true` has a date."),
]  # fmt: skip


YEARLY = "  - {name: Per head, type: ratio, numerator: Number, denominator: Number, paired_by: null, yearly: true}\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("denominator: Number", "denominator: To date", "27: Per head adds up years, and To date does not add up over"),
        (
            "denominator: Number",
            "denominator: People",
            "27: Per head adds up years, and People does not add up over time",
        ),
        ("numerator: Number", "numerator: Opened", "27: Per head is a ratio, and Places has no time dimension."),
        (
            "type: ratio, numerator: Number, denominator: Number",
            "type: change, measure: Number",
            "27: a measure of type",
        ),
    ],
)
def test_a_ratio_per_year_is_of_what_adds_up_over_time(tmp_path: Path, old: str, new: str, said: str) -> None:
    cube = load(written(tmp_path, CUBE.replace(TO_DATE, TO_DATE + YEARLY))).cubes[0]
    assert cube.derived_measures[1].yearly
    wrong = YEARLY.replace(old, new)
    assert said in complaint(written(tmp_path, CUBE.replace(TO_DATE, TO_DATE + wrong)))


@pytest.mark.parametrize(("right", "wrong", "expected"), WRONG, ids=[text for _, _, text in WRONG])
def test_complaint(tmp_path: Path, right: str, wrong: str, expected: str) -> None:
    assert right in CUBE
    said = complaint(written(tmp_path, CUBE.replace(right, wrong, 1)))
    assert said.startswith("cubes/tiny.yaml:")
    assert expected in said
