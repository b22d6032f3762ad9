"""Weighted averages, ratios and stored distinct counts in cube YAML: what they become, and complaints with the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.catalog.cube import Aggregate, DerivedType
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
    hierarchies: [{name: Calendar, levels: [{name: Month, key: month}, {name: Day, key: day, type: days}]}]
  - name: Place
    table: kommune
    key: kommune
    attributes: [{name: Place, key: kommune}]
measure_groups:
  - name: Marks
    table: marks
    links: {Day: day, Place: place}
    measures:
      - {name: Pupils, aggregate: last_loaded, column: pupils}
      - {name: Mark, column: mark, weight: Pupils, format: "0.0"}
  - name: Lessons
    table: lessons
    links: {Day: day}
    measures: [{name: Lessons, aggregate: sum, column: lessons}]
  - name: Receivers
    table: receivers
    links: {Day: day, Place: place}
    set_column: cut
    grouping_sets:
      - {name: country, by: {Day: Month}}
      - {name: place, by: {Day: Calendar.Month, Place: Place}}
    measures:
      - {name: Persons, aggregate: distinct_stored, column: persons}
derived_measures:
  - {name: Share, type: ratio, numerator: Persons, denominator: Pupils}
  - {name: Twice, type: ratio, numerator: Pupils, denominator: Share}
  - {name: Pupil by pupil, type: ratio, numerator: Pupils, denominator: Pupils}
  - {name: Asked, type: ratio, numerator: Persons, denominator: Pupils, paired_by: Place}
  - {name: Load, type: ratio, numerator: Lessons, denominator: Pupils, per: 1000, paired_by: null}
"""


def test_what_they_become(tmp_path: Path) -> None:
    cube = load(written(tmp_path, CUBE)).cubes[0]
    mark = cube.measure_groups[0].measures[1]
    assert (mark.aggregate, mark.weight, mark.is_ratio, mark.rolls_up) == (Aggregate.LAST_LOADED, "Pupils", True, False)
    share, twice, plain, asked, load_ = cube.derived_measures
    assert (share.derived, share.bases, share.per) == (DerivedType.RATIO, ("Persons", "Pupils"), 1)
    assert (plain.paired_by, share.format) == ("Place", "Percent")
    assert (share.paired_by, twice.paired_by, asked.paired_by) == ("", "", "Place")  # nobody leaves a count unasked
    assert (load_.paired_by, load_.per, load_.format) == ("", 1000, "#,##0.0")
    persons = cube.measure_groups[2]
    assert [one.by for one in persons.grouping_sets] == [{"Day": "Month"}, {"Day": "Calendar.Month", "Place": "Place"}]
    assert persons.measures[0].counts


def test_a_cube_that_borrows_counts_has_the_sets_that_it_has_dimensions_for(tmp_path: Path) -> None:
    other = "cube: Other\ndimensions: [{name: Day, table: day, key: day, attributes: [{name: Month, key: month}]}]\n"
    other += "measure_groups: [{cube: Tiny, name: Receivers}]\n"
    folder = written(tmp_path, CUBE)
    (folder / "cubes" / "other.yaml").write_text(other, "utf-8")
    borrowed = load(folder).cubes[0].measure_groups[0]
    assert [one.name for one in borrowed.grouping_sets] == ["country"]


WRONG = [
    ("column: mark, weight: Pupils", "column: mark", "18: Mark has neither an aggregate nor a weight"),
    ("column: mark, weight", "aggregate: sum, column: mark, weight", "18: Mark has both an aggregate and a weight"),
    ("weight: Pupils", "weight: Pupil", "18: nothing can be weighed by Pupil. Did you mean Pupils?"),
    (
        "aggregate: last_loaded, column: pupils",
        "aggregate: max, column: pupils",
        "18: nothing can be weighed by Pupils",
    ),
    ("    set_column: cut\n", "", "27: several grouping sets need a set_column"),
    ("name: place, by", "name: country, by", "29: Receivers has another grouping set country."),
    ("by: {Day: Month}", "by: {Dag: Month}", "28: Receivers has no link to a dimension Dag. Did you mean Day?"),
    ("by: {Day: Month}", "by: {Day: Mounth}", "28: Day has no level Mounth. Did you mean Month?"),
    ("distinct_stored, column: persons", "sum, column: persons", "23: Persons is not distinct_stored"),
    (
        "aggregate: sum, column: lessons",
        "aggregate: distinct_stored, column: lessons",
        "19: Lessons has distinct",
    ),
    ("denominator: Pupils}", "denominator: Pupil}", "33: there is no stored or derived measure Pupil."),
    (
        "numerator: Persons",
        "numerator: Person",
        "33: there is no stored or derived measure Person. Did you mean Persons",
    ),
    ("numerator: Persons", "measure: Persons", "33: a measure of type ratio has no measure."),
    ("numerator: Persons, ", "", "33: Share is of type ratio and has no numerator."),
    (", paired_by: null", "", "37: Load is paired by Place, to which Lessons has no link. Name a dimension of both"),
    ("paired_by: null", "paired_by: Plaice", "37: the cube has no dimension Plaice. Did you mean Place?"),
    ("per: 1000", "per: 0", "37: a ratio is per so many of its denominator"),
    (
        "type: ratio, numerator: Lessons, denominator: Pupils, per: 1000, paired_by: null",
        "type: share_of_parent, measure: Share, dimension: Place",
        "37: Share is a quotient: nothing is a share of it.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "expected"), WRONG, ids=[text for _, _, text in WRONG])
def test_complaint(tmp_path: Path, right: str, wrong: str, expected: str) -> None:
    assert right in CUBE
    said = complaint(written(tmp_path, CUBE.replace(right, wrong, 1)))
    assert said.startswith("cubes/tiny.yaml:")
    assert expected in said
