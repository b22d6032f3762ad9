"""Every transformation is what its head says: typed, portable, fed by what others put out or the contract keeps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb
import pytest

from flis.catalog import contracts
from flis.errors import CatalogError
from flis.warehouse.transformation import transformation, transformations
from tests.made_areas import write_area

if TYPE_CHECKING:
    from pathlib import Path

    from flis.warehouse.transformation import Transformation
    from tests.made_areas import AreasIn

ALL = [step for area in ("borger", "ukraine") for step in transformations(area)]
GIVEN = {
    *("definition", "municipality", "successor", "country"),
    *("day", "week", "month", "grouping", "small", "production", "present"),
}
"""Tables that the warehouse makes itself: settings and days asked for."""
FIGURES = {"total": "total_told", "flow_day": "flow_day_told", "flow_week": "flow_week_told"}
"""Tables that keep a figure with known time, and what put it out."""
KEPT = {"presence": "presence_told", "event": "event_told", **FIGURES}
"""Tables that keep what a transformation put out, and its name."""
RENAMED = {"presence_known": "presence_told", "event_known": "event_told"}
ENGINES_DIFFER = ("hash(", "date_diff", "datediff", "dayofweek", "list(", "array_agg", "string_agg", "merge into")


def name(step: Transformation) -> str:
    return f"{step.area}/{step.name}"


@pytest.mark.parametrize("step", ALL, ids=name)
def test_what_comes_out_has_the_declared_types(step: Transformation) -> None:
    connection = duckdb.connect()
    for table, columns in step.inputs.items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    connection.execute(f"CREATE TABLE made AS {step.select}")
    made = {row[0]: row[1] for row in connection.execute("DESCRIBE made").fetchall()}
    assert list(made.items()) == list(step.output.items())


@pytest.mark.parametrize("step", ALL, ids=name)
def test_what_goes_in_comes_out_elsewhere_with_the_same_type(step: Transformation) -> None:
    outputs = {other.name: other.output for other in ALL}
    for table, columns in step.inputs.items():
        if table in GIVEN or table.startswith("record_"):
            continue
        source = outputs[RENAMED.get(table, KEPT.get(table, table))]
        if table in FIGURES:
            source = source | {"known_from": "DATE", "known_to": "DATE"}
        assert columns.items() <= source.items(), table


def test_the_contract_keeps_every_column_that_is_read() -> None:
    kept = {table.name: {f.name for f in table.fields} for table in contracts.load("borger").tables}
    for step in transformations("borger"):
        for table, columns in step.inputs.items():
            if table.startswith("record_"):
                assert set(columns) - {"ordinal"} <= kept[table], (step.name, table)


@pytest.mark.parametrize("step", ALL, ids=name)
def test_nothing_is_used_that_engines_do_differently(step: Transformation) -> None:
    text = re.sub(r"--.*", "", step.select).casefold()
    assert not [word for word in ENGINES_DIFFER if word in text]


@pytest.mark.parametrize(
    "head",
    ["SELECT 1", "-- in a: x BLOB\nSELECT 1", "-- out other: x BLOB\nSELECT 1", "-- out one: x\nSELECT 1"],
)
def test_a_head_that_says_too_little_is_refused(head: str, tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "area", **{"steps/one.sql": head})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=r"areas/area/steps/one\.sql"):
        transformation("area", "one")


def test_an_unknown_transformation_is_named() -> None:
    with pytest.raises(CatalogError, match="nonsense"):
        transformation("borger", "nonsense")
