"""Small forms of the language that clients and formulas use, over FoodMart."""

from __future__ import annotations

import numpy as np
import pytest

from flis.access import open_scope
from flis.catalog.cube import say
from flis.errors import NameStatementError, StatementError
from flis.query.database import Options, execute
from flis.query.session import SessionNames
from tests.soundness.foodmart import ask, base

VALUES = {
    "5. + 1": "6",
    '"foo" || "bar"': "foobar",
    '"foo" || [Gender].[M].Name || ""': "fooM",
    'UCase(Left("drink", 1)) || Mid("drink", 2) || " " || NULL': "Drink ",
    'IIf("a" || "b" = "ab", 1, 2)': "1",
    "IIf(5.>4., 1.,2.)": "1",
    "Round(60000000000000000, -17)": "100,000,000,000,000,000",
    "IIf(Round(1e-20, 25) > 0, 1, 0)": "1",
    "FormatNumber(2.25, 1)": "2.3",
    "Sum({[Gender].[F]}, Len(FormatNumber(1, IIf([Gender].CurrentMember IS [Gender].[F], 4, 0))))": "6",
    "Round(1234.567, -2)": "1,200",
    "Round(1234.567, 400)": "1,234.567",
    "Sum([Gender].[Gender].Members, Round(1.26, IIf([Gender].CurrentMember IS [Gender].[F], 0, 1)))": "2.3",
    "String(null, 'x')": "",
    "String(3, 'xy')": "xxx",
    "Len(null)": "0",
    "InStr([Measures].[Sales Count], '8')": "1",
    "InStr(3, 'abcabc', 'b')": "5",
    "CStr(1.5)": "1.5",
    "Mid('abcdef', 2, 3)": "bcd",
    "IIf(True, 1, 2)": "1",
    "IIf(NOT False, 1, 2)": "1",
    "[Store].Levels.Count": "5",
    "[Time].[Weekly].Levels.Count": "4",
    "[Gender].CurrentMember.Hierarchy.Levels.Count": "2",
    "Dimensions(0).Levels.Count": "1",
    "Dimensions.Count": "14",
    "RGB(255, 128, 1)": "98,559",
    "RGB(300, -1, 0)": "255",
    "Divide(6, 3)": "2",
    "Divide(6, 0)": "",
    "Divide(6, null, 7)": "7",
    'IIf(IsError(CDate("x")), 1, 0)': "1",
    "IIf(IsError(1 + 1), 1, 0)": "0",
    'IIf(IsError(Error("no")), 1, 0)': "1",
    "([Measures].[Unit Sales], Root([Gender]))": "266,773",
    "(Root(([Gender].[F], [Measures].[Unit Sales])))": "131,558",
    "Count(Root().Item(0).Hierarchy.Members) > 0": "true",
    'Count(MeasureGroupMeasures("Sales")) > 0': "true",
    "CalculationPassValue([Measures].[Unit Sales], 0)": "266,773",
    "LinkMember([Time].[1997], [Time].[Weekly]).Name": "1997",
    "IIf(LinkMember([Gender].[F], [Marital Status]) IS NULL, 1, 0)": "1",
    "LinkMember([Gender].[All Gender], [Marital Status]).Name": "All Marital Status",
}
MADE = "WITH MEMBER [Store].[USA].[x] AS 70000 "  # between CA and OR
M_USA, M_CA, M_OR = (f"([Gender].[M], [Store].[USA]{state})" for state in ("", ".[CA]", ".[OR]"))
DRILLED = {
    "DrilldownLevelTop({[Store].[USA]}, 2, , , INCLUDE_CALC_MEMBERS)": ["USA", "WA", "CA"],
    "DrilldownLevelBottom({[Store].[USA]}, 2, , , INCLUDE_CALC_MEMBERS)": ["USA", "OR", "x"],
    "DrilldownLevelBottom({[Store].[USA]}, 2, , [Measures].[Unit Sales])": ["USA", "OR", "CA"],
    "DrilldownMemberTop({[Store].[USA]}, {[Store].[USA]}, 3, , , INCLUDE_CALC_MEMBERS)": ["USA", "WA", "CA", "x"],
    "DrilldownMemberBottom({[Store].[USA]}, {[Store].[USA]}, 2, , RECURSIVE, INCLUDE_CALC_MEMBERS)": ["USA", "OR", "x"],
    "ToggleDrillState({[Store].[USA]}, {[Store].[USA]}, , INCLUDE_CALC_MEMBERS)": ["USA", "CA", "OR", "WA", "x"],
    # RECURSIVE is for what is drilled down; every member is toggled once
    "ToggleDrillState({[Store].[USA], [Store].[Canada], [Store].[Canada].[BC]},"
    " {[Store].[Canada], [Store].[USA], [Store].[USA].[OR]}, RECURSIVE)": [
        "USA",
        "CA",
        "OR",
        "Portland",
        "Salem",
        "WA",
        "Canada",
    ],
    # a member is drilled up where its descendants stand right behind it
    "DrillupMember({[Store].[Canada], [Store].[USA], [Store].[USA].[OR], [Store].[Canada].[BC]}, {[Store].[Canada]})": [
        "Canada",
        "USA",
        "OR",
        "BC",
    ],
    "DrillupMember({[Store].[Canada], [Store].[Canada].[BC], [Store].[USA], [Store].[USA].[OR]}, {[Store].[Canada]})": [
        "Canada",
        "USA",
        "OR",
    ],
    "DrillupMember(DrilldownLevelTop({[Store].[USA]}, 3, , , INCLUDE_CALC_MEMBERS), {[Store].[USA]})": ["USA"],
    # a member of any hierarchy of the tuples, the others being equal
    f"Generate(DrillupMember({{{M_USA}, {M_CA}, {M_OR}}}, {{[Store].[USA]}}), {{[Store].CurrentMember}})": ["USA"],
    f"Generate(DrillupMember({{{M_USA}, ([Gender].[F], [Store].[USA].[CA])}}, {{[Store].[USA]}}),"
    " {[Store].CurrentMember})": ["USA", "CA"],
    f"Generate(ToggleDrillState({{{M_USA}, {M_CA}, {M_OR}}}, {{[Store].[USA]}}), {{[Store].CurrentMember}})": ["USA"],
    f"Generate(ToggleDrillState({{{M_USA}}}, {{[Store].[USA]}}), {{[Store].CurrentMember}})": ["USA", "CA", "OR", "WA"],
    "DrilldownMemberTop({[Store].[USA]}, {[Store].[USA]}, 1, [Measures].[Unit Sales])": ["USA", "WA"],
    "DrilldownMemberBottom({[Store].[USA]}, {[Store].[USA]}, 1)": ["USA", "OR"],
    "DrilldownMemberTop({[Store].[USA]}, {[Store].[USA], [Store].[USA].[WA]}, 1, , RECURSIVE)": ["USA", "WA", "Tacoma"],
    "DrilldownMemberTop({[Store].[USA]}, {[Store].[Canada]}, 1)": ["USA"],
    "DrilldownLevelBottom({[Store].[USA]}, 2)": ["USA", "OR", "CA"],
}


@pytest.mark.parametrize("between", ["Union", "Except", "Intersect"])
def test_sets_of_different_hierarchies_are_not_compared(between: str) -> None:
    with pytest.raises(StatementError, match=f"{between} must have the same hierarchies"):
        ask(f"SELECT {between}({{[Gender].[M]}}, {{[Marital Status].[M]}}) ON 0 FROM [Sales]")


@pytest.mark.parametrize(
    "formula",
    [
        "String(2000000000, 'x')",
        "Space(-1)",
        "Chr(-1)",
        "Chr(2000000)",
        "Left('a', 1e300)",
        "FormatNumber(1, 1000000000)",
    ],
)
def test_what_a_text_function_does_not_take_is_told_in_the_cell(formula: str) -> None:
    found = ask(f"WITH MEMBER [Measures].[Foo] AS {formula} SELECT [Measures].[Foo] ON 0 FROM [Sales]")
    assert found.cells.errors


def test_a_fact_does_not_mind_a_dimension_that_its_group_lacks() -> None:
    found = ask(
        "SELECT NonEmptyCrossJoin({[Warehouse].[USA].Children}, {[Measures].[Unit Sales], [Measures].[Units Shipped]})"
        " ON 0 FROM [Warehouse and Sales]"
    )
    assert found.axes[0].captions(1, "en") == ["Unit Sales", "Units Shipped"] * 3


def test_facts_are_those_of_a_group_that_has_all_the_dimensions() -> None:
    crossed = "NonEmptyCrossJoin([Warehouse].[State Province].Members, [Product].Children)"
    found = ask(f"SELECT {{[Measures].[Units Shipped]}} ON 0, {crossed} ON 1 FROM [Warehouse and Sales]")
    assert found.axes[1].captions(0, "en") == [state for state in ("CA", "OR", "WA") for _ in range(3)]
    assert all(found.cells.value(i) for i in range(len(found)))


def test_one_point_has_no_correlation() -> None:
    found = ask(
        "WITH MEMBER [Measures].[Foo] AS Correlation({[Store].[USA]}, [Measures].[Unit Sales],"
        " [Measures].[Store Sales]) SELECT [Measures].[Foo] ON 0 FROM [Sales]"
    )
    assert not found.cells.errors
    assert np.isnan(found.cells.values[0])


@pytest.mark.parametrize("formula", VALUES)
def test_a_formula_gives(formula: str) -> None:
    found = ask(f"WITH MEMBER [Measures].[Foo] AS {formula} SELECT [Measures].[Foo] ON 0 FROM [Sales]")
    assert not found.cells.errors
    assert found.cells.texts[0] == VALUES[formula]


@pytest.mark.parametrize("drill", DRILLED)
def test_members_are_drilled_as_asked(drill: str) -> None:
    assert ask(f"{MADE} SELECT {drill} ON 0 FROM [Sales]").axes[0].captions(0, "en") == DRILLED[drill]


@pytest.mark.parametrize("name", ["DrillupMember", "ToggleDrillState"])
def test_members_to_drill_up_are_of_one_hierarchy(name: str) -> None:
    with pytest.raises(StatementError, match="must be of one hierarchy"):
        ask(f"SELECT {name}({{{M_USA}, {M_CA}}}, {{{M_USA}}}) ON 0 FROM [Sales]")


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_caption_in_other_languages_does_not_hide_the_name(language: str) -> None:
    sales = base().cube("Sales")
    assert set(sales.definition.caption) == {"de", "fr"}
    assert say(sales.definition.caption, language, sales.name) == "Sales"


@pytest.mark.parametrize("non_empty", ["", "NON EMPTY "])
def test_the_cube_of_a_dimension_has_no_figures(non_empty: str) -> None:
    found = ask(f"SELECT {non_empty}{{[Store].[USA]}} ON 0 FROM [$Store]")
    assert len(found.axes[0]) == (0 if non_empty else 1)
    assert not [t for t in found.cells.texts if t]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE MEMBER [Sales].[Measures].[Bad] AS [Measures].[Nopes]",
        "CREATE SET [Sales].[Bad] AS {[Measures].[Nopes]}",
    ],
)
def test_what_is_created_with_an_unknown_name_is_refused_at_once(statement: str) -> None:
    session = SessionNames()
    with pytest.raises(NameStatementError, match="Nopes") as caught:
        execute(open_scope(), base(), statement, Options(session=session))
    assert caught.value.column == statement.index("[Nopes]") + 1
    assert not any(session.created.values())


def test_a_created_set_may_hold_a_created_member() -> None:
    session = SessionNames()
    for statement in (
        "CREATE MEMBER [Sales].[Measures].[Twice] AS [Measures].[Unit Sales] * 2",
        "CREATE SET [Sales].[Those] AS {[Measures].[Twice]}",
    ):
        execute(open_scope(), base(), statement, Options(session=session))
    assert len(session.created["sales"]) == 2


def test_a_level_named_as_its_hierarchy_stands_for_it() -> None:
    found = ask(
        "SELECT DrilldownMember({[Store].[USA]} * {[Gender].[All Gender]}, {[Gender].[All Gender]},"
        " [Gender].[Gender]) ON 0 FROM [Sales]"
    )
    assert found.axes[0].captions(1, "en") == ["All Gender", "F", "M"]


@pytest.mark.parametrize(
    ("written", "captions"),
    [
        ("{[Gender].[Gender].AllMembers}", ["All Gender", "F", "M"]),
        ("{[Gender].[All Gender], [Gender].[Gender].AllMembers}", ["All Gender", "F", "M"]),
        ("{[Gender].[Gender].Members}", ["F", "M"]),
        ("{[Gender].[Gender]}", ["All Gender"]),
        ("DrilldownLevel({[Gender].[Gender]},,,INCLUDE_CALC_MEMBERS)", ["All Gender", "F", "M"]),
        ("{[Store].[Store Country].AllMembers}", ["Canada", "Mexico", "USA"]),
    ],
)
def test_a_name_that_is_a_level_and_its_hierarchy_means_what_the_place_needs(written: str, captions: list[str]) -> None:
    assert ask(f"SELECT {written} ON 0 FROM [Sales]").axes[0].captions(0, "en") == captions
