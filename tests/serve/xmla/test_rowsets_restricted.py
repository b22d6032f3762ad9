"""Restrictions: each leaves what it names, the documented defaults hold, and a value of a wrong kind is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import UsageError
from flis.serve.xmla.rowsets import ROWSETS

if TYPE_CHECKING:
    from flis.serve.xmla.rowsets.table import SchemaRowset
    from tests.serve.xmla.asking import Asker

DATABASE = "SALES_ANALYTICS"
# As [MS-SSAS] and the reference of Analysis Services document them: what holds where a request does not say.
DEFAULTS = {
    "CUBE_SOURCE": "1",
    "DIMENSION_VISIBILITY": "1",
    "HIERARCHY_VISIBILITY": "1",
    "HIERARCHY_ORIGIN": "3",
    "LEVEL_VISIBILITY": "1",
    "LEVEL_ORIGIN": "3",
    "MEASURE_VISIBILITY": "1",
    "PROPERTY_TYPE": "3",
    "PROPERTY_ORIGIN": "3",
    "PROPERTY_VISIBILITY": "1",
}


def test_the_documented_defaults_hold() -> None:
    found = {r.name: r.default for rowset in ROWSETS.values() for r in rowset.restrictions if r.default}
    assert found == DEFAULTS


@pytest.mark.parametrize(
    ("wanted", "types"), [(None, {"1", "2"}), (1, {"1"}), (2, {"2"}), (4, {"4"}), (5, {"1", "4"}), (8, set())]
)
def test_types_of_properties_are_bits(ask: Asker, wanted: int | None, types: set[str]) -> None:
    asked = {} if wanted is None else {"PROPERTY_TYPE": wanted}
    assert {r["PROPERTY_TYPE"] for r in ask.rows("MDSCHEMA_PROPERTIES", asked)} == types


def test_properties_of_cells_hold_for_every_cube(ask: Asker) -> None:
    everywhere = ask.rows("MDSCHEMA_PROPERTIES", {"PROPERTY_TYPE": 2})
    of_one = ask.rows("MDSCHEMA_PROPERTIES", {"PROPERTY_TYPE": 2, "CUBE_NAME": "Sales", "CATALOG_NAME": DATABASE})
    assert [r["PROPERTY_NAME"] for r in of_one] == [r["PROPERTY_NAME"] for r in everywhere]
    assert {r["CUBE_NAME"] for r in of_one} == {"Sales"}
    assert not any("CUBE_NAME" in r for r in everywhere)
    assert ask.rows("MDSCHEMA_PROPERTIES", {"PROPERTY_TYPE": 2, "CUBE_NAME": "Other"}) == []
    assert ask.rows("MDSCHEMA_PROPERTIES", {"PROPERTY_TYPE": 2, "LEVEL_UNIQUE_NAME": "[Date].[Date].[Year]"}) == []


def test_a_data_source_is_of_the_types_that_it_lists(ask: Asker) -> None:
    assert len(ask.rows("DISCOVER_DATASOURCES", {"ProviderType": "MDP"})) == 1
    assert len(ask.rows("DISCOVER_DATASOURCES", {"ProviderType": ["TDP", "MDP"]})) == 1
    assert ask.rows("DISCOVER_DATASOURCES", {"ProviderType": "DMP"}) == []


@pytest.mark.parametrize(
    ("rowset", "restriction"),
    [
        ("DBSCHEMA_CATALOGS", "CATALOG_NAME"),
        ("DBSCHEMA_TABLES", "TABLE_CATALOG"),
        ("DBSCHEMA_COLUMNS", "TABLE_CATALOG"),
        ("MDSCHEMA_CUBES", "CATALOG_NAME"),
        ("MDSCHEMA_INPUT_DATASOURCES", "CATALOG_NAME"),
        ("MDSCHEMA_PROPERTIES", "CATALOG_NAME"),
    ],
)
def test_databases_are_named_in_any_case(ask: Asker, rowset: str, restriction: str) -> None:
    rows = ask.rows(rowset)
    assert rows
    assert ask.rows(rowset, {restriction: DATABASE.lower()}) == rows
    assert ask.rows(rowset, {restriction: "other"}) == []


@pytest.mark.parametrize(
    ("rowset", "restriction", "value"),
    [
        ("MDSCHEMA_CUBES", "CUBE_SOURCE", "both"),
        ("MDSCHEMA_PROPERTIES", "PROPERTY_TYPE", "member"),
        ("MDSCHEMA_MEMBERS", "TREE_OP", "children"),
        ("MDSCHEMA_MEMBERS", "LEVEL_NUMBER", "1.5"),
        ("DBSCHEMA_PROVIDER_TYPES", "BEST_MATCH", "perhaps"),
    ],
)
def test_values_of_a_wrong_kind_are_told(ask: Asker, rowset: str, restriction: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"{restriction} takes"):
        ask.rows(rowset, {restriction: value})


def test_truth_values_restrict(ask: Asker) -> None:
    every = ask.rows("DBSCHEMA_PROVIDER_TYPES")
    assert ask.rows("DBSCHEMA_PROVIDER_TYPES", {"BEST_MATCH": "true"}) == every
    assert ask.rows("DBSCHEMA_PROVIDER_TYPES", {"BEST_MATCH": 0}) == []


@pytest.mark.parametrize("name", sorted(set(ROWSETS) - {"DISCOVER_XML_METADATA"}))
def test_a_restriction_leaves_exactly_the_rows_that_have_its_value(ask: Asker, name: str) -> None:
    rowset = ROWSETS[name]
    every = ask.rows(name)
    for restriction in rowset.restrictions:
        if restriction.name not in rowset.by_column or rowset.by_column[restriction.name].inside:
            continue
        values = list(dict.fromkeys(r[restriction.name] for r in every if restriction.name in r))
        for value in [*values[:3], *values[-1:]]:
            has = [r for r in every if r.get(restriction.name) == value]
            if restriction.bitmap:
                has = [r for r in every if restriction.name not in r or int(r[restriction.name]) & int(value)]
            if restriction.name == "CUBE_NAME" and name == "MDSCHEMA_PROPERTIES":
                # properties of cells hold for every cube: then they are listed under its name
                has += [r | {"CUBE_NAME": value} for r in every if r["PROPERTY_TYPE"] == "2"]
            found = ask.rows(name, {restriction.name: value})
            assert _own(rowset, found) == _own(rowset, has), (restriction.name, value)


def _own(rowset: SchemaRowset, rows: list[dict[str, str]]) -> list[list[tuple[str, str]]]:
    """Rows without what only those of one level have beside a rowset's columns."""
    return sorted(sorted((c, v) for c, v in row.items() if c in rowset.by_column) for row in rows)
