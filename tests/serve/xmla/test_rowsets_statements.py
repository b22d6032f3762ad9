"""`SELECT … FROM $SYSTEM.…`: conditions mean what they say, restrictions are not columns, and errors say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import NameStatementError, StatementError, SyntaxStatementError, UnsupportedStatementError

if TYPE_CHECKING:
    from tests.serve.xmla.asking import Asker

YEAR = "[Date].[Date].[Year].&[2021]"
EVERY = "SELECT * FROM $SYSTEM.MDSCHEMA_CUBES"
RESTRICTED = "SELECT * FROM SYSTEMRESTRICTSCHEMA"
CUBES = ["$Date", "$Segment", "$Territory", "Sales"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("CUBE_SOURCE = 1", ["Sales"]),
        ("CUBE_SOURCE <> 1", CUBES[:3]),
        ("CUBE_SOURCE > '1'", CUBES[:3]),
        ("NOT CUBE_SOURCE = 2", ["Sales"]),
        ("CUBE_SOURCE = 1 AND CUBE_SOURCE = 2", []),
        ("CUBE_NAME = 'sales' OR CUBE_NAME = '$Date'", ["$Date", "Sales"]),
        ("cube_name >= '$S' AND cube_name < '$T'", ["$Segment"]),
        ("NOT (CUBE_NAME = 'Sales' OR CUBE_NAME = '$Date')", ["$Segment", "$Territory"]),
        ("'Sales' = CUBE_NAME", ["Sales"]),
        ("IS_DRILLTHROUGH_ENABLED", ["Sales"]),
        ("IS_DRILLTHROUGH_ENABLED = TRUE", ["Sales"]),
        ("IS_DRILLTHROUGH_ENABLED = 'false'", CUBES[:3]),
        ("IS_DRILLTHROUGH_ENABLED = 0", CUBES[:3]),
        ("BASE_CUBE_NAME IS NULL", CUBES),
        ("BASE_CUBE_NAME IS NOT NULL", []),
        ("CUBE_CAPTION IS NOT NULL AND CUBE_SOURCE = 1", ["Sales"]),
    ],
)
def test_a_condition_leaves_the_rows_that_meet_it(ask: Asker, condition: str, names: list[str]) -> None:
    rows = ask.table(f"SELECT CUBE_NAME FROM $SYSTEM.MDSCHEMA_CUBES WHERE {condition} ORDER BY CUBE_NAME")
    assert [r["CUBE_NAME"] for r in rows] == names


@pytest.mark.parametrize(
    ("condition", "types"),
    [
        ("PROPERTY_TYPE = 1", {"1"}),
        ("PROPERTY_TYPE <> 2", {"1", "4"}),
        ("NOT PROPERTY_TYPE = 4", {"1", "2"}),
        ("PROPERTY_TYPE = 1 OR PROPERTY_TYPE = 2", {"1", "2"}),
        ("PROPERTY_NAME IS NOT NULL", {"1", "2", "4"}),
    ],
)
def test_no_default_restricts_a_statement(ask: Asker, condition: str, types: set[str]) -> None:
    rows = ask.table(f"SELECT DISTINCT PROPERTY_TYPE FROM $SYSTEM.MDSCHEMA_PROPERTIES WHERE {condition}")
    assert {r["PROPERTY_TYPE"] for r in rows} == types


def relatives(ask: Asker, statement: str) -> list[str]:
    return [r["MEMBER_NAME"] for r in ask.table(f"SELECT MEMBER_NAME FROM {statement}")]


def test_relatives_of_a_member(ask: Asker) -> None:
    members = "$SYSTEM.MDSCHEMA_MEMBERS"
    children = ["1", "2", "3", "4"]
    name = f"[MEMBER_UNIQUE_NAME] = '{YEAR}'"
    restricted = f"SYSTEMRESTRICTSCHEMA({members}, CUBE_NAME = 'Sales', {name}, TREE_OP = 1)"
    assert relatives(ask, restricted) == children
    assert relatives(ask, f"{members} WHERE CUBE_NAME = 'Sales' AND {name} AND TREE_OP = 1") == children
    assert relatives(ask, f"{members} WHERE (cube_name = 'Sales') AND {name} AND (tree_op = 1)") == children
    assert relatives(ask, f"{restricted} WHERE MEMBER_NAME <> '2'") == ["1", "3", "4"]
    # what a condition says of the rows does not change whose relatives they are
    assert relatives(ask, f"{restricted} WHERE MEMBER_UNIQUE_NAME = '[Date].[Date].[Quarter].&[2021]&[3]'") == ["3"]
    assert relatives(ask, f"{restricted} WHERE {name}") == []


@pytest.mark.parametrize(
    "condition", ["TREE_OP <> 1", "NOT TREE_OP = 1", "TREE_OP = 1 OR CUBE_SOURCE = 1", "1 = TREE_OP"]
)
def test_a_restriction_is_no_column(ask: Asker, condition: str) -> None:
    with pytest.raises(NameStatementError, match="SYSTEMRESTRICTSCHEMA") as caught:
        ask.table(f"SELECT * FROM $SYSTEM.MDSCHEMA_MEMBERS WHERE CUBE_NAME = 'Sales' AND ({condition})")
    assert caught.value.line == 1
    assert caught.value.column


@pytest.mark.parametrize(
    ("restrictions", "count"),
    [
        ("", 4),
        (", CUBE_SOURCE = 1", 1),
        (", [CUBE_SOURCE] = '3'", 4),
        (", CUBE_SOURCE = -1", 4),
        (", CUBE_NAME = 'Sales', CUBE_NAME = '$Date'", 2),
        (", CUBE_NAME = 'Sales', CUBE_SOURCE = 2", 0),
    ],
)
def test_restrictions_of_a_statement(ask: Asker, restrictions: str, count: int) -> None:
    assert len(ask.table(f"SELECT * FROM SYSTEMRESTRICTSCHEMA($SYSTEM.MDSCHEMA_CUBES{restrictions})")) == count


@pytest.mark.parametrize(
    ("condition", "kind", "value", "names"),
    [
        ("CUBE_NAME = @p", "string", "sales", ["Sales"]),
        ("NOT (CUBE_SOURCE <> @P)", "int", "1", ["Sales"]),
        ("IS_DRILLTHROUGH_ENABLED = @p", "boolean", "true", ["Sales"]),
        ("LAST_DATA_UPDATE < @p", "dateTime", "1990-01-01T00:00:00", []),
        ("LAST_DATA_UPDATE > @p", "date", "1990-01-01", CUBES),
    ],
)
def test_parameters_stand_for_values(ask: Asker, condition: str, kind: str, value: str, names: list[str]) -> None:
    listed = f'<Parameter><Name>p</Name><Value xsi:type="xsd:{kind}">{value}</Value></Parameter>'
    extra = f'<Parameters xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{listed}</Parameters>'
    assert [r["CUBE_NAME"] for r in ask.table(f"{EVERY} WHERE {condition} ORDER BY CUBE_NAME", extra=extra)] == names


def test_a_restriction_takes_a_parameter(ask: Asker) -> None:
    extra = "<Parameters><Parameter><Name>p</Name><Value>Sales</Value></Parameter></Parameters>"
    found = ask.table(f"{RESTRICTED}($SYSTEM.MDSCHEMA_CUBES, CUBE_NAME = @p)", extra=extra)
    assert [r["CUBE_NAME"] for r in found] == ["Sales"]


def test_a_parameter_without_a_value_is_told(ask: Asker) -> None:
    with pytest.raises(NameStatementError, match="@p has no value") as caught:
        ask.table(f"{EVERY} WHERE CUBE_NAME = @p")
    assert (caught.value.line, caught.value.column) == (1, 56)


@pytest.mark.parametrize(
    ("statement", "kind", "says"),
    [
        (f"{EVERY} WHERE CUBE_NAME LIKE 'S%'", SyntaxStatementError, "how a text begins"),
        (f"{EVERY} WHERE CUBE_NAME NOT LIKE 'S%'", SyntaxStatementError, "how a text begins"),
        (f"{EVERY} WHERE CUBE_NAME IN ('Sales')", SyntaxStatementError, "with OR between"),
        (f"{EVERY} WHERE CUBE_NAME BETWEEN 'A' AND 'B'", SyntaxStatementError, "column >= value"),
        ("SELECT CUBE_NAME FROM $SYSTEM.MDSCHEMA_CUBES GROUP BY CUBE_NAME", SyntaxStatementError, "use DISTINCT"),
        ("SELECT COUNT(*) FROM $SYSTEM.MDSCHEMA_CUBES", SyntaxStatementError, "name the columns"),
        (f"{EVERY}, $SYSTEM.MDSCHEMA_LEVELS", SyntaxStatementError, "at a time"),
        (f"{EVERY} JOIN $SYSTEM.MDSCHEMA_LEVELS ON 1", SyntaxStatementError, "at a time"),
        (f"{EVERY} ORDER BY CUBE_NAME LIMIT 1", SyntaxStatementError, "end of the statement"),
        (f"{EVERY} WHERE LEFT(CUBE_NAME, 1) = 'S'", UnsupportedStatementError, "Compare a column"),
        ("SELECT * FROM $SYSTEM.DISCOVER_XML_METADATA", UnsupportedStatementError, "by Discover"),
        ("SELECT COLOUR FROM $SYSTEM.MDSCHEMA_CUBES", NameStatementError, r"SELECT \* shows"),
        (f"{EVERY} ORDER BY CUBENAME", NameStatementError, "mean CUBE_NAME"),
        (f"{RESTRICTED}($SYSTEM.MDSCHEMA_CUBES, BAD = 3)", NameStatementError, "It has CATALOG_NAME"),
        (f"{RESTRICTED}($SYSTEM.MDSCHEMA_CUBES, CUBE_NAME = 1 + 1)", StatementError, "a text or a number"),
    ],
)
def test_errors_say_what_to_do(ask: Asker, statement: str, kind: type[StatementError], says: str) -> None:
    with pytest.raises(kind, match=says) as caught:
        ask.table(statement)
    assert (caught.value.line, caught.value.column > 0) == (1, True)


TERRITORIES = (
    "$SYSTEM.MDSCHEMA_MEMBERS WHERE CUBE_NAME = 'Sales' AND LEVEL_UNIQUE_NAME = '[Territory].[Territory].[Territory]'"
)


def test_members_of_one_level_have_its_properties(ask: Asker) -> None:
    assert [r["Area"] for r in ask.table(f"SELECT * FROM {TERRITORIES}")] == ["10", "20"]
    rows = ask.table(f"SELECT MEMBER_NAME, [area] AS [Size] FROM {TERRITORIES} AND Area > 10 ORDER BY Area DESC")
    assert rows == [{"MEMBER_NAME": "South", "Size": "20"}]
    with pytest.raises(NameStatementError, match="no column Area"):
        ask.table("SELECT Area FROM $SYSTEM.MDSCHEMA_MEMBERS WHERE CUBE_NAME = 'Sales'")
