"""What is refused is named, with the reason and the place; the words come from one table."""

from __future__ import annotations

import pytest

from flis.access import open_scope
from flis.errors import NameStatementError, StatementError, UnsupportedStatementError
from flis.query.database import Options, execute
from flis.query.languages.mdx import parse, to_text
from flis.query.languages.mdx import syntax as s
from flis.query.unsupported_constructs import BY_NAME, UNSUPPORTED
from tests.soundness.foodmart import base

REFUSED = {
    "UPDATE CUBE [Sales] SET [Measures].[Unit Sales] = 1": "UPDATE CUBE is not supported: cubes are read only",
    "EVALUATE Sales": "another language than MDX",
    "CALL MyProcedure()": "no stored procedures",
    "SCOPE([Measures].[Unit Sales])": "script of a cube",
    "BEGIN TRANSACTION": "BEGIN TRANSACTION is not supported: nothing is written",
    "ALTER SESSION x": "ALTER SESSION is not supported",
    "CREATE GLOBAL CUBE x": "CREATE GLOBAL CUBE is not supported",
    "CREATE SESSION CUBE x": "catalogue's files",
    "UPDATE SESSION MEMBER [Sales].[Measures].[x] AS '1'": "UPDATE SESSION MEMBER is not supported: a member is",
    "CREATE MEASURE Sales[x] = 1": "tabular models",
    "WITH MEASURE Sales[x] = 1 SELECT FROM [Sales]": "WITH MEASURE is not supported: it belongs to tabular models",
    "VAR x = 1 RETURN x": "another language than MDX",
    "IF 1 = 1 THEN CALCULATE END IF": "script of a cube",
    "DROP ACTION x": "DROP ACTION is not supported",
    'SELECT RollupChildren([Store].[USA], "+") ON 0 FROM [Sales]': "RollupChildren is not supported",
    "SELECT {} ON 0 FROM [Sales] WHERE Leaves([Store])": "Leaves is not supported",
    "SELECT NON VISUAL {[Store].[USA]} ON 0 FROM [Sales]": "SELECT NON VISUAL is not supported",
    "WITH CELL CALCULATION [x] FOR '([Measures].[Unit Sales])' AS '1' SELECT FROM [Sales]": "members only",
    "SELECT * FROM $SYSTEM.MDSCHEMA_CUBES": "rowsets are answered by the XMLA endpoint",
}


@pytest.mark.parametrize("statement", REFUSED)
def test_a_refusal_says_what_and_why(statement: str) -> None:
    with pytest.raises(UnsupportedStatementError) as caught:
        execute(open_scope(), base(), statement, Options(lcid=1033))
    assert REFUSED[statement] in caught.value.message
    assert caught.value.line == 1
    assert caught.value.column


def test_a_construct_stands_once_in_the_table() -> None:
    assert len(BY_NAME) == len(UNSUPPORTED)
    assert all(u.why and not u.why.endswith(".") for u in UNSUPPORTED)


def test_a_calculated_measure_has_no_facts_and_the_fault_a_place() -> None:
    with pytest.raises(StatementError, match="no facts") as caught:
        execute(open_scope(), base(), "DRILLTHROUGH SELECT ([Measures].[Profit]) ON 0 FROM [Sales]")
    assert (caught.value.line, caught.value.column) == (1, 1)


def test_columns_of_a_rowset_have_names_and_places() -> None:
    text = "SELECT [CATALOG_NAME] AS [DATABASE], CUBE_CAPTION AS X, CUBE_NAME FROM $SYSTEM.MDSCHEMA_CUBES"
    tree = parse(text)
    assert isinstance(tree, s.SchemaSelect)
    assert [(c.name, c.alias, c.column) for c in tree.columns] == [
        ("CATALOG_NAME", "DATABASE", 8),
        ("CUBE_CAPTION", "X", 38),
        ("CUBE_NAME", "", 57),
    ]
    assert parse(to_text(tree)) == tree


def test_an_unknown_name_right_after_select_is_at_its_place() -> None:
    with pytest.raises(NameStatementError) as caught:
        execute(open_scope(), base(), "SELECT [Nopes] ON 0 FROM [Sales]")
    assert (caught.value.line, caught.value.column) == (1, 8)
