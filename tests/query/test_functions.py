"""The table of functions, and single functions that the recorded answers do not touch."""

from __future__ import annotations

import pytest

from flis.errors import NameStatementError, StatementError
from flis.query.functions import functions
from tests.soundness.foodmart import ask

VALUES = {
    'DatePart("q", DateSerial(2006, 4, 29))': "2",
    'DateDiff("m", DateSerial(2006, 1, 1), DateSerial(2007, 3, 1))': "14",
    'Format(DateAdd("m", 1, DateSerial(2006, 1, 31)), "yyyy-mm-dd")': "2006-02-28",
    "Hex(255)": "FF",
    'Members("[Store].[USA]").Name': "USA",
    '[Store].[USA].Children.Item("CA").Name': "CA",
    'Generate([Gender].Members, [Gender].CurrentMember.Name, "-")': "All Gender-F-M",
    'VBA!UCase("abc")': "ABC",
    "CoalesceEmpty(null, 3)": "3",
    'LookupCube("Sales 2", "[Measures].[Unit Sales]")': "266,773",
    "TopCount([Store].[USA].Children, 1, [Measures].[Unit Sales]).Item(0).Item(0).Name": "WA",
    "Count(Existing [Gender].Members)": "3",
    "IIf(IsLeaf([Gender].[F]), 1, 0)": "1",
    "IIf(IsAncestor([Store].[USA], [Store].[USA].[CA]), 1, 0)": "1",
    "IIf(IsSibling([Store].[USA].[CA], [Store].[USA].[OR]), 1, 0)": "1",
    "DistinctCount([Store].[Store City].Members)": "13",
    "Round(2.345, 1)": "2.3",
    "Median({[Store].[USA].Children}, [Measures].[Unit Sales])": "74,748",
    'StrToValue("[Measures].[Unit Sales]")': "266,773",
    'Format(1234.5, "Standard")': "1,234.50",
}


@pytest.mark.parametrize("formula", VALUES)
def test_a_function_gives(formula: str) -> None:
    found = ask(f"WITH MEMBER [Measures].[Foo] AS {formula} SELECT [Measures].[Foo] ON 0 FROM [Sales]")
    assert not found.cells.errors
    assert found.cells.texts[0] == VALUES[formula]


def test_every_function_is_told_in_both_languages() -> None:
    silent = [f.name for f in functions().values() if not f.english or not f.danish or not f.group]
    assert not silent


def test_an_unknown_function_gets_a_hint() -> None:
    with pytest.raises(NameStatementError) as caught:
        ask("SELECT TopConut([Store].Members, 2) ON 0 FROM [Sales]")
    assert "TopCount" in caught.value.hint


def test_wrong_arguments_get_the_signatures() -> None:
    with pytest.raises(StatementError) as caught:
        ask('SELECT TopCount("x", 2) ON 0 FROM [Sales]')
    assert "TopCount(set, number, [value])" in caught.value.hint
