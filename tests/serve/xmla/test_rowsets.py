"""Rowsets: valid against their own schema, restricted as asked, the same by Discover and by statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import NameStatementError, NotFoundError, UnsupportedStatementError
from flis.serve.xmla.rowsets import ROWSETS, SOURCES
from flis.serve.xmla.rowsets.table import Type
from tests.serve.xmla.asking import discover, execute, rows_of, validate

if TYPE_CHECKING:
    from tests.serve.xmla.asking import Asker

ONE = {"MDSCHEMA_MEMBERS": {"CUBE_NAME": "Sales"}}


def test_every_rowset_has_a_source_and_a_guid_of_its_own() -> None:
    assert set(SOURCES) == set(ROWSETS)
    assert len({r.guid for r in ROWSETS.values()}) == len(ROWSETS)


@pytest.mark.parametrize("name", sorted(ROWSETS))
def test_a_rowset_is_valid_against_its_own_schema(ask: Asker, name: str) -> None:
    for language in (1030, 1033):
        validate(ask.post(discover(name, ONE.get(name), LocaleIdentifier=language)))


@pytest.mark.parametrize("name", sorted(set(ROWSETS) - {"DISCOVER_XML_METADATA"}))
def test_a_rowset_asked_by_statement_has_the_same_columns(ask: Asker, name: str) -> None:
    where = " WHERE CUBE_NAME = 'Sales'" if name == "MDSCHEMA_MEMBERS" else ""
    answer = ask.post(execute(f"SELECT * FROM $SYSTEM.{name}{where}"))
    validate(answer)


@pytest.mark.parametrize("content", ["None", "Schema", "Data", "SchemaData"])
def test_content(ask: Asker, content: str) -> None:
    answer = ask.post(discover("DISCOVER_KEYWORDS", Content=content))
    tags = {str(e.tag).rpartition("}")[2] for e in answer.iter()}
    assert ("schema" in tags) == content.startswith("Schema")
    assert bool(rows_of(answer)) == content.endswith("Data")


def test_restrictions_leave_what_they_say(ask: Asker) -> None:
    assert [r["PropertyName"] for r in ask.rows("DISCOVER_PROPERTIES", {"PropertyName": ["Timeout", "Catalog"]})] == [
        "Catalog",
        "Timeout",
    ]
    assert ask.rows("MDSCHEMA_CUBES", {"CUBE_NAME": "No such cube"}) == []
    assert ask.rows("MDSCHEMA_CUBES", {"CATALOG_NAME": "No such database"}) == []
    assert ask.rows("MDSCHEMA_CUBES", {"CUBE_NAME": "sales", "SCHEMA_NAME": ""})
    assert len(ask.rows("MDSCHEMA_CUBES", {"CUBE_SOURCE": 3})) == 4
    assert [r["CUBE_NAME"] for r in ask.rows("MDSCHEMA_CUBES", {"CUBE_SOURCE": 2})] == [
        "$Date",
        "$Segment",
        "$Territory",
    ]
    assert {r["MEASURE_NAME"] for r in ask.rows("MDSCHEMA_MEASURES")} == {
        "Revenue",
        "Orders",
        "Revenue Prior Year",
        "Revenue QTD",
    }
    assert [r["MEASURE_NAME"] for r in ask.rows("MDSCHEMA_MEASURES", {"MEASURE_VISIBILITY": 2})] == ["Secret"]
    assert {r["PROPERTY_TYPE"] for r in ask.rows("MDSCHEMA_PROPERTIES")} == {"1", "2"}
    assert [r["PROPERTY_NAME"] for r in ask.rows("MDSCHEMA_PROPERTIES", {"PROPERTY_TYPE": 1})] == ["Area"]


@pytest.mark.parametrize(
    ("name", "restriction", "value"),
    [
        ("MDSCHEMA_DIMENSIONS", "DIMENSION_UNIQUE_NAME", "[Segment]"),
        ("MDSCHEMA_HIERARCHIES", "HIERARCHY_UNIQUE_NAME", "[Date].[Date]"),
        ("MDSCHEMA_LEVELS", "LEVEL_UNIQUE_NAME", "[Date].[Date].[Quarter]"),
        ("MDSCHEMA_LEVELS", "HIERARCHY_UNIQUE_NAME", "[Territory].[Territory]"),
        ("MDSCHEMA_MEASURES", "MEASURE_UNIQUE_NAME", "[Measures].[Orders]"),
        ("MDSCHEMA_MEASUREGROUPS", "MEASUREGROUP_NAME", "Sales"),
        ("MDSCHEMA_MEASUREGROUP_DIMENSIONS", "DIMENSION_UNIQUE_NAME", "[Date]"),
        ("MDSCHEMA_SETS", "SET_NAME", "Big Segments"),
        ("MDSCHEMA_KPIS", "KPI_NAME", "Growth"),
        ("DISCOVER_SCHEMA_ROWSETS", "SchemaName", "MDSCHEMA_CUBES"),
        ("DISCOVER_LITERALS", "LiteralName", "DBLITERAL_QUOTE_PREFIX"),
        ("DBSCHEMA_TABLES", "TABLE_NAME", "$Date"),
        ("DBSCHEMA_PROVIDER_TYPES", "DATA_TYPE", "130"),
        ("MDSCHEMA_MEMBERS", "MEMBER_CAPTION", "Consumer"),
    ],
)
def test_a_restriction_leaves_only_its_value(ask: Asker, name: str, restriction: str, value: str) -> None:
    rows = ask.rows(name, {restriction: value}, LocaleIdentifier=1033)
    assert rows
    assert {r[restriction] for r in rows} == {value}
    assert len(rows) < len(ask.rows(name, LocaleIdentifier=1033)) or name in {
        "MDSCHEMA_MEASUREGROUPS",
        "MDSCHEMA_KPIS",
    } | {"MDSCHEMA_SETS"}


@pytest.mark.parametrize("name", sorted(ROWSETS))
def test_every_restriction_is_taken(ask: Asker, name: str) -> None:
    for restriction in ROWSETS[name].restrictions:
        value = "1" if restriction.type is not Type.TEXT else "nothing has this name"
        value = "ReferenceOnly" if restriction.name == "ObjectExpansion" else value
        rows = ask.rows(name, {restriction.name: value})
        if restriction.type is Type.TEXT and restriction.name != "ObjectExpansion":
            assert rows == [] or name == "DISCOVER_XML_METADATA", restriction.name


def test_schema_rowsets_lists_all_with_their_restrictions(ask: Asker) -> None:
    rows = ask.rows("DISCOVER_SCHEMA_ROWSETS")
    assert {r["SchemaName"] for r in rows} == set(ROWSETS)
    mask = {r["SchemaName"]: int(r["RestrictionsMask"]) for r in rows}
    assert mask["MDSCHEMA_MEMBERS"] == (1 << len(ROWSETS["MDSCHEMA_MEMBERS"].restrictions)) - 1


def test_languages(ask: Asker) -> None:
    def caption(**given: int) -> str:
        return ask.rows("MDSCHEMA_MEASURES", {"MEASURE_NAME": "Revenue"}, **given)[0]["MEASURE_CAPTION"]

    assert [caption(LocaleIdentifier=n) for n in (1030, 6, 127, 3072, 1031)] == ["Omsætning"] * 5
    assert [caption(LocaleIdentifier=n) for n in (9, 1033, 2057)] == ["Revenue"] * 3
    assert caption() == "Omsætning"


QUARTER = "[Date].[Date].[Quarter].&[2021]&[2]"


@pytest.mark.parametrize(
    ("operator", "names"),
    [
        (8, ["2"]),
        (4, ["2021"]),
        (2, ["1", "3", "4"]),
        (1, ["2021-04", "2021-05", "2021-06"]),
        (16, ["2021-04", "2021-05", "2021-06"]),
        (32, ["All", "2021"]),
        (8 | 4 | 1, ["2021", "2", "2021-04", "2021-05", "2021-06"]),
        (72, ["2"]),
    ],
)
def test_tree_operators(ask: Asker, operator: int, names: list[str]) -> None:
    rows = ask.rows("MDSCHEMA_MEMBERS", {"CUBE_NAME": "Sales", "MEMBER_UNIQUE_NAME": QUARTER, "TREE_OP": operator})
    assert [r["MEMBER_NAME"] for r in rows] == names


@pytest.mark.parametrize("operator", [None, 8])
def test_a_member_is_found_by_any_name_of_its(ask: Asker, operator: int | None) -> None:
    more = {"TREE_OP": operator} if operator else {}
    for name in ("[Date].[Date].[Year].&[2021]", "[Date].[Date].[2021]", "[Date].[Date].[All].[2021]", "[DATE].[2021]"):
        rows = ask.rows("MDSCHEMA_MEMBERS", {"CUBE_NAME": "Sales", "MEMBER_UNIQUE_NAME": name, **more})
        assert [r["MEMBER_UNIQUE_NAME"] for r in rows] == ["[Date].[Date].[Year].&[2021]"]


def test_a_member_that_is_not_there_gives_no_rows(ask: Asker) -> None:
    for name in ("[Date].[Date].[Year].&[1999]", "no name at all (", "[Nothing]", "Date"):
        assert ask.rows("MDSCHEMA_MEMBERS", {"MEMBER_UNIQUE_NAME": name}) == []


def test_members_by_level_and_number(ask: Asker) -> None:
    years = ask.rows("MDSCHEMA_MEMBERS", {"LEVEL_UNIQUE_NAME": "[Date].[Date].[Year]"})
    assert [r["MEMBER_UNIQUE_NAME"] for r in years] == ["[Date].[Date].[Year].&[2021]", "[Date].[Date].[Year].&[2022]"]
    assert [r["CHILDREN_CARDINALITY"] for r in years] == ["4", "4"]
    assert {r["PARENT_UNIQUE_NAME"] for r in years} == {"[Date].[Date].[All]"}
    top = ask.rows("MDSCHEMA_MEMBERS", {"HIERARCHY_UNIQUE_NAME": "[Date].[Date]", "LEVEL_NUMBER": 0})
    assert [r["MEMBER_TYPE"] for r in top] == ["2"]
    measures = ask.rows("MDSCHEMA_MEMBERS", {"DIMENSION_UNIQUE_NAME": "[Measures]"})
    assert {(r["MEMBER_NAME"], r["MEMBER_TYPE"]) for r in measures} >= {("Revenue", "3"), ("Revenue QTD", "4")}


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("SELECT CUBE_NAME FROM $system.MDSCHEMA_CUBES WHERE CUBE_SOURCE = 1", 1),
        ("SELECT [CUBE_NAME] FROM $SYSTEM.MDSCHEMA_CUBES", 4),
        ("SELECT * FROM $SYSTEM.MDSCHEMA_CUBES WHERE CUBE_SOURCE = 2 AND CUBE_NAME <> '$Date'", 2),
        ("SELECT MEASURE_NAME FROM $SYSTEM.MDSCHEMA_MEASURES WHERE NOT MEASURE_IS_VISIBLE", 1),
        ("SELECT DISTINCT TABLE_TYPE FROM $SYSTEM.DBSCHEMA_TABLES ORDER BY TABLE_TYPE DESC", 3),
        ("SELECT TOP 2 Keyword FROM $SYSTEM.DISCOVER_KEYWORDS WHERE Keyword > 'M'", 2),
        (f"SELECT * FROM $SYSTEM.MDSCHEMA_MEMBERS WHERE MEMBER_UNIQUE_NAME = '{QUARTER}' AND TREE_OP = 1", 6),
        ("SELECT * FROM SYSTEMRESTRICTSCHEMA($SYSTEM.MDSCHEMA_LEVELS, [CUBE_NAME] = 'Sales', LEVEL_NAME = 'Year')", 1),
        (
            (
                "SELECT * FROM $SYSTEM.MDSCHEMA_LEVELS "
                "WHERE LEVEL_NUMBER >= 1 AND (LEVEL_NAME = 'Year' OR LEVEL_NAME = 'Month')"
            ),
            4,
        ),
    ],
)
def test_select_from_system(ask: Asker, statement: str, count: int) -> None:
    assert len(ask.table(statement)) == count


def test_a_select_names_its_columns(ask: Asker) -> None:
    found = ask.table("SELECT DISTINCT [CATALOG_NAME] AS [DATABASE], CUBE_NAME AS [a b] FROM $SYSTEM.MDSCHEMA_CUBES")
    assert {"DATABASE", "a_x0020_b"} == set(found[0])


def test_a_select_is_ordered(ask: Asker) -> None:
    rows = ask.table(
        "SELECT TABLE_TYPE FROM $SYSTEM.DBSCHEMA_TABLES WHERE TABLE_TYPE <> 'SCHEMA' ORDER BY TABLE_NAME DESC"
    )
    assert [r["TABLE_TYPE"] for r in rows] == ["TABLE", "SYSTEM TABLE", "SYSTEM TABLE", "SYSTEM TABLE"]


def test_wrong_names_are_told(ask: Asker) -> None:
    with pytest.raises(NotFoundError, match="MDSCHEMA_CUBES"):
        ask.rows("MDSCHEMA_CUBE")
    with pytest.raises(NotFoundError, match="CUBE_NAME"):
        ask.rows("MDSCHEMA_CUBES", {"CUBENAME": "x"})
    with pytest.raises(NameStatementError, match="CUBE_NAME"):
        ask.table("SELECT CUBENAME FROM $SYSTEM.MDSCHEMA_CUBES")
    with pytest.raises(NameStatementError):
        ask.table("SELECT CUBE_NAME FROM $SYSTEM.MDSCHEMA_CUBES WHERE COLOUR = 'red'")
    with pytest.raises(UnsupportedStatementError):
        ask.table("SELECT CUBE_NAME FROM $SYSTEM.MDSCHEMA_CUBES WHERE 1 + 1")
    with pytest.raises(NameStatementError, match="NO_SUCH_ROWSET"):
        ask.table("SELECT * FROM $SYSTEM.NO_SUCH_ROWSET")
    with pytest.raises(NotFoundError):
        ask.rows("MDSCHEMA_LEVELS", Catalog="No such database")


def test_key_figures_and_sets(ask: Asker) -> None:
    [growth] = ask.rows("MDSCHEMA_KPIS")
    assert growth["KPI_VALUE"] == "[Measures].[Revenue]"
    assert growth["KPI_GOAL"] == 'KPIGoal("Growth")'
    assert "KPI_TREND" not in growth
    [big, top] = ask.rows("MDSCHEMA_SETS", {"SCOPE": 1})
    assert (big["SET_EVALUATION_CONTEXT"], top["SET_EVALUATION_CONTEXT"]) == ("2", "1")
    assert big["DIMENSIONS"] == "[Segment].[Segment]"
    assert big["SET_CAPTION"] == "Store segmenter"


def test_xml_metadata_names_databases_and_cubes(ask: Asker) -> None:
    def said(**restrictions: str) -> set[str]:
        answer = ask.post(discover("DISCOVER_XML_METADATA", restrictions))
        return {e.text or "" for e in answer.iter() if str(e.tag).endswith("}ID")}

    assert "SALES_ANALYTICS" in said(ObjectExpansion="ExpandObject")
    assert said(DatabaseID="SALES_ANALYTICS") >= {"SALES_ANALYTICS", "Sales", "Date", "Segment"}
    assert said(DatabaseID="SALES_ANALYTICS", CubeID="Sales") >= {"Sales"}
    assert said(DatabaseID="other") == set()


AREA = {"LEVEL_UNIQUE_NAME": "[Territory].[Territory].[Territory]", "CUBE_NAME": "Sales"}
NORTH = "[Territory].[Territory].&[1]"


def test_members_of_one_level_have_its_properties(ask: Asker) -> None:
    answer = ask.post(discover("MDSCHEMA_MEMBERS", AREA))
    validate(answer)
    assert {r["MEMBER_CAPTION"]: r["Area"] for r in rows_of(answer)} == {"Nord": "10", "Syd": "20"}


@pytest.mark.parametrize(
    ("operator", "shown"), [(8, True), (2, True), (10, True), (4, False), (12, False), (32, False)]
)
def test_relatives_have_properties_where_they_can_be_of_one_level_only(ask: Asker, operator: int, shown: bool) -> None:
    asked = {"CUBE_NAME": "Sales", "MEMBER_UNIQUE_NAME": NORTH, "TREE_OP": operator}
    answer = ask.post(discover("MDSCHEMA_MEMBERS", asked))
    validate(answer)
    rows = rows_of(answer)
    assert rows
    assert all(("Area" in r) == shown for r in rows)


def test_children_have_their_own_properties(ask: Asker) -> None:
    asked = {"CUBE_NAME": "Sales", "MEMBER_UNIQUE_NAME": "[Territory].[Territory].[All]", "TREE_OP": 1}
    assert [r["Area"] for r in ask.rows("MDSCHEMA_MEMBERS", asked)] == ["10", "20"]


def test_members_of_several_levels_have_none(ask: Asker) -> None:
    for asked in ({"CUBE_NAME": "Sales"}, {"CUBE_NAME": "Sales", "HIERARCHY_UNIQUE_NAME": "[Territory].[Territory]"}):
        rows = ask.rows("MDSCHEMA_MEMBERS", asked)
        assert len(rows) > 2
        assert not any("Area" in r for r in rows)
