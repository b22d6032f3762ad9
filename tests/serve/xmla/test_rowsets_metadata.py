"""DISCOVER_XML_METADATA and the relational rowsets: what object models and SQL clients read of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import UsageError
from flis.serve.xmla.names import ENGINE
from flis.serve.xmla.rowsets import ROWSETS
from tests.serve.xmla.asking import discover

if TYPE_CHECKING:
    from lxml import etree

    from tests.serve.xmla.asking import Asker

DATABASE = "SALES_ANALYTICS"


def objects(ask: Asker, **restrictions: str) -> list[etree._Element]:
    answer = ask.post(discover("DISCOVER_XML_METADATA", restrictions, LocaleIdentifier=1033))
    return [e[0] for e in answer.iter() if str(e.tag).endswith("}METADATA")]


def ids(found: etree._Element, *path: str) -> list[str | None]:
    return [e.text for e in found.findall("/".join(f"{{{ENGINE}}}{p}" for p in (*path, "ID")))]


@pytest.mark.parametrize(
    ("expansion", "named"),
    [("ExpandObject", [DATABASE]), ("ExpandFull", [DATABASE]), ("ReferenceOnly", [DATABASE]), ("ObjectProperties", [])],
)
def test_expansion(ask: Asker, expansion: str, named: list[str]) -> None:
    [server] = objects(ask, ObjectExpansion=expansion)
    assert server.tag == f"{{{ENGINE}}}Server"
    assert ids(server, "Databases", "Database") == named
    [database] = objects(ask, ObjectExpansion=expansion, DatabaseID=DATABASE)
    assert ids(database) == [DATABASE]
    assert ids(database, "Cubes", "Cube") == (["Sales"] if named else [])
    assert ids(database, "Dimensions", "Dimension") == (["Date", "Segment", "Territory"] if named else [])
    [cube] = objects(ask, ObjectExpansion=expansion, DatabaseID=DATABASE, CubeID="Sales")
    assert ids(cube, "MeasureGroups", "MeasureGroup") == (["Sales"] if named else [])
    described = expansion != "ReferenceOnly"
    assert ids(cube, "Dimensions", "Dimension") == (["Date", "Segment", "Territory"] if described else [])
    assert ids(cube, "Kpis", "Kpi") == (["Growth"] if described else [])
    [group] = objects(ask, ObjectExpansion=expansion, DatabaseID=DATABASE, CubeID="Sales", MeasureGroupID="Sales")
    assert ids(group, "Partitions", "Partition") == (["Sales"] if named else [])
    assert ids(group, "Measures", "Measure") == (["Revenue", "Orders", "Secret"] if described else [])


@pytest.mark.parametrize(("expansion", "measures"), [("ExpandFull", 3), ("ExpandObject", 0), ("ReferenceOnly", 0)])
def test_only_the_full_expansion_describes_what_is_contained(ask: Asker, expansion: str, measures: int) -> None:
    [server] = objects(ask, ObjectExpansion=expansion)
    assert len(list(server.iter(f"{{{ENGINE}}}Measure"))) == measures
    names = {e.tag.rpartition("}")[2] for e in server.iter() if e.findtext(f"{{{ENGINE}}}ID")}
    deep = {"Server", "Database", "Cube", "MeasureGroup", "Partition", "Dimension"}
    assert names >= (deep if expansion != "ExpandObject" else {"Server", "Database"})
    assert (expansion == "ExpandObject") == ("Cube" not in names)


def test_an_expansion_that_is_none_is_told(ask: Asker) -> None:
    with pytest.raises(UsageError, match="no ObjectExpansion Everything") as caught:
        objects(ask, ObjectExpansion="Everything")
    assert "ExpandFull" in caught.value.hint


def test_an_attribute_shares_its_name_with_no_hierarchy(ask: Asker) -> None:
    [server] = objects(ask, ObjectExpansion="ExpandFull")
    for dimension in server.iter(f"{{{ENGINE}}}Dimension"):
        names = [*ids(dimension, "Attributes", "Attribute"), *ids(dimension, "Hierarchies", "Hierarchy")]
        assert len(names) == len(set(names))


def test_a_dimension_has_attributes_and_hierarchies(ask: Asker) -> None:
    [date] = objects(ask, DatabaseID=DATABASE, DimensionID="date")
    assert date.tag == f"{{{ENGINE}}}Dimension"
    assert date.findtext(f"{{{ENGINE}}}Type") == "Time"
    assert ids(date, "Attributes", "Attribute") == ["Year", "Quarter", "Month"]
    assert [e.text for e in date.iter(f"{{{ENGINE}}}Usage")] == ["Regular", "Regular", "Key"]
    assert ids(date, "Hierarchies", "Hierarchy") == ["Date"]
    assert ids(date, "Hierarchies", "Hierarchy", "Levels", "Level") == ["Year", "Quarter", "Month"]
    [segment] = objects(ask, DatabaseID=DATABASE, DimensionID="Segment")
    assert ids(segment, "Attributes", "Attribute") == ["Segment"]
    assert ids(segment, "Hierarchies", "Hierarchy") == []


def test_a_measure_group_has_measures_and_dimensions(ask: Asker) -> None:
    [group] = objects(ask, DatabaseID=DATABASE, CubeID="Sales", MeasureGroupID="Sales")
    assert group.tag == f"{{{ENGINE}}}MeasureGroup"
    assert ids(group, "Measures", "Measure") == ["Revenue", "Orders", "Secret"]
    assert [e.text for e in group.iter(f"{{{ENGINE}}}CubeDimensionID")] == ["Date", "Segment", "Territory"]


@pytest.mark.parametrize(
    "restrictions",
    [
        {"DatabaseID": "other"},
        {"DatabaseID": DATABASE, "CubeID": "other"},
        {"DatabaseID": DATABASE, "DimensionID": "other"},
        {"DatabaseID": DATABASE, "CubeID": "Sales", "MeasureGroupID": "other"},
        {"DatabaseID": DATABASE, "CubeID": "Sales", "DimensionID": "Date"},
        {"DatabaseID": DATABASE, "RoleID": "Readers"},
        {"TraceID": "1"},
    ],
)
def test_what_is_not_there_gives_no_row(ask: Asker, restrictions: dict[str, str]) -> None:
    assert objects(ask, **restrictions) == []


def test_columns_are_measures_and_attributes(ask: Asker) -> None:
    rows = ask.rows("DBSCHEMA_COLUMNS", {"TABLE_SCHEMA": "Sales"})
    assert [(r["TABLE_NAME"], r["COLUMN_NAME"], r["DATA_TYPE"], r["COLUMN_OLAP_TYPE"]) for r in rows] == [
        ("Sales", "Revenue", "12", "MEASURE"),
        ("Sales", "Orders", "12", "MEASURE"),
        ("Sales", "Secret", "12", "MEASURE"),
        ("$Date", "Year", "130", "ATTRIBUTE"),
        ("$Date", "Quarter", "130", "ATTRIBUTE"),
        ("$Date", "Month", "130", "ATTRIBUTE"),
        ("$Segment", "Segment", "130", "ATTRIBUTE"),
        ("$Territory", "Territory", "130", "ATTRIBUTE"),
    ]
    of_cubes = ask.rows("DBSCHEMA_COLUMNS", {"TABLE_SCHEMA": "$SYSTEM", "TABLE_NAME": "MDSCHEMA_CUBES"})
    assert [r["COLUMN_NAME"] for r in of_cubes] == [c.field for c in ROWSETS["MDSCHEMA_CUBES"].columns]
    assert [r["ORDINAL_POSITION"] for r in of_cubes] == [str(n + 1) for n in range(len(of_cubes))]
