"""A calculated member stands where it is defined: below its parent, under its own name, with nothing below it."""

from __future__ import annotations

import pytest

from flis.errors import StatementError
from tests.foodmart.facts import unit_sales
from tests.soundness.foodmart import ask
from tests.soundness.test_sets import shown

BOTH = (
    "WITH MEMBER [Product].[X] AS Aggregate({[Product].[Drink], [Product].[Food]})"
    " MEMBER [Product].[Drink].[Y] AS 1 MEMBER [Store].[USA].[Coast] AS 1"
)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("Descendants([Product].[X], [Product].[Brand Name])", []),
        ("Descendants([Product].[X])", ["X"]),
        ("Descendants([Product].[X], 0)", ["X"]),
        ("Descendants([Product].[X], 1)", []),
        ("Descendants([Product].[X], 1, BEFORE)", ["X"]),
        ("Descendants([Product].[X], 1, AFTER)", []),
        ("Descendants([Product].[X], , LEAVES)", ["X"]),
        ("Descendants([Product].[Drink].[Y], [Product].[Product Department])", ["Y"]),
        ("Descendants([Product].[Drink].[Y], [Product].[Product Family])", []),
        ("Descendants([Product].[Drink].[Y], [Product].[Product Category], SELF_AND_BEFORE)", ["Y"]),
        (
            "Descendants([Product].[Drink], [Product].[Product Department])",
            ["Alcoholic Beverages", "Beverages", "Dairy"],
        ),
        ("Descendants({[Store].[USA].[Coast], [Store].[USA].[OR]}, 1)", ["Portland", "Salem"]),
        ("Descendants({[Store].[USA].[Coast], [Store].[USA].[OR]}, [Store].[Store City])", ["Portland", "Salem"]),
        ("Descendants({[Store].[USA].[Coast], [Store].[USA].[OR]}, 0)", ["Coast", "OR"]),
        ("[Store].[USA].[Coast].Children", []),
        ("{[Store].[USA].[Coast].FirstChild}", []),
        ("{[Store].[USA].[Coast].Parent}", ["USA"]),
        ("[Store].[USA].[Coast].Siblings", ["CA", "OR", "WA"]),
        ("{[Store].[USA].[Coast].NextMember}", []),
        ("{[Store].[USA].[Coast].Lag(0)}", ["Coast"]),
        ("Ascendants([Store].[USA].[Coast])", ["Coast", "USA", "All Stores"]),
        ("{Ancestor([Store].[USA].[Coast], [Store].[Store Country])}", ["USA"]),
        ("{Cousin([Store].[USA].[Coast], [Store].[Mexico])}", []),
        ("PeriodsToDate([Store].[Store Country], [Store].[USA].[Coast])", []),
        ("LastPeriods(2, [Store].[USA].[Coast])", []),
        ("{ParallelPeriod([Store].[Store Country], 1, [Store].[USA].[Coast])}", []),
        ("{ClosingPeriod([Store].[Store City], [Store].[USA].[Coast])}", []),
        ("DrilldownMember({[Store].[USA].[Coast]}, {[Store].[USA].[Coast]})", ["Coast"]),
        ("DrilldownLevel({[Store].[USA].[Coast]})", ["Coast"]),
        ("VisualTotals({[Store].[USA], [Store].[USA].[Coast]})", ["USA", "Coast"]),
        ("Hierarchize({[Store].[USA].[Coast], [Store].[USA].[WA], [Store].[USA]})", ["USA", "WA", "Coast"]),
        ("Hierarchize({[Store].[USA], [Store].[USA].[Coast], [Store].[USA].[WA]}, POST)", ["WA", "Coast", "USA"]),
        ("Except({[Store].[USA].[Coast], [Store].[USA]}, {[Store].[USA].[Coast]})", ["USA"]),
    ],
)
def test_nothing_lies_below_a_calculated_member(expression: str, wanted: list[str]) -> None:
    assert shown(expression, BOTH) == wanted


def test_descendants_of_the_current_member_be_it_calculated_or_not() -> None:
    head = (
        "WITH MEMBER [Time].[H1] AS Aggregate({[Time].[1997].[Q1], [Time].[1997].[Q2]}) MEMBER [Measures].[N] AS"
        " Count(Descendants([Time].CurrentMember, [Time].[Month])) MEMBER [Measures].[D] AS"
        " Count(Descendants([Time].CurrentMember, [Time].CurrentMember.Level.Ordinal, SELF_BEFORE_AFTER))"
    )
    members = "{[Time].[1997], [Time].[H1], [Time].[1997].[Q1]}"
    cells = ask(f"{head} SELECT {members} ON 0, {{[Measures].[N], [Measures].[D]}} ON 1 FROM [Sales]").cells
    assert [cells.value(i) for i in range(6)] == [12, 0, 3, 17, 1, 4]


@pytest.mark.parametrize(
    ("cube", "parent"),
    [
        ("Sales", "[Marital Status].[S]"),
        ("Sales", "[Store].[USA].[CA].[Los Angeles].[Store 7]"),
        ("Sales", "[Measures].[Unit Sales]"),
        ("Sales", "[Time].[1997].[Q1].[1]"),
        ("Sales Ragged", "[Store].[Vatican].[Store 17]"),
    ],
)
def test_a_calculated_member_cannot_lie_below_a_leaf(cube: str, parent: str) -> None:
    with pytest.raises(StatementError, match="lowest level"):
        ask(f"WITH MEMBER {parent}.[X] AS 1 SELECT {{{parent}}} ON 0 FROM [{cube}]")


def test_a_calculated_member_cannot_lie_below_another() -> None:
    with pytest.raises(StatementError, match="calculated itself"):
        ask("WITH MEMBER [Store].[X] AS 1 MEMBER [Store].[X].[Y] AS 2 SELECT {[Store].[X]} ON 0 FROM [Sales]")


def test_below_a_member_of_a_parent_child_hierarchy_there_is_always_room() -> None:
    head = "WITH MEMBER [Employees].[Sheri Nowmer].[Derrick Whelply].[X] AS 3"
    found = ask(f"{head} SELECT {{[Employees].[Sheri Nowmer].[Derrick Whelply].[X]}} ON 0 FROM [HR]")
    assert found.axes[0].level_names(0) == ["[Employees].[Employees].[Employee Id]"]
    assert found.cells.value(0) == 3


def test_a_member_is_defined_below_the_name_that_clients_write_for_a_hierarchy() -> None:
    head = (
        "WITH MEMBER [Marital Status].[Marital Status].[Both] AS"
        " Aggregate({[Marital Status].[M], [Marital Status].[S]}) MEMBER [Gender].[Gender].[None] AS 1"
    )
    text = "SELECT {[Marital Status].[Both]} * {[Gender].[All Gender], [Gender].[Gender].[None]} ON 0 FROM [Sales]"
    cells = ask(f"{head} {text}").cells
    assert [cells.value(i) for i in range(2)] == [unit_sales(), 1]


@pytest.mark.parametrize("turned", [False, True])
def test_a_calculated_member_without_parent_is_not_one_below_all(turned: bool) -> None:
    made = [
        "MEMBER [Marital Status].[Twin] AS 1",
        "MEMBER [Marital Status].[All Marital Status].[Twin] AS 2",
    ]
    head = " ".join(["WITH", *(reversed(made) if turned else made)])
    names = "[Marital Status].[Twin], [Marital Status].[All Marital Status].[Twin], [Marital Status].[All].[Twin]"
    cells = ask(f"{head} SELECT {{{names}}} ON 0 FROM [Sales]").cells
    assert [cells.value(i) for i in range(3)] == [1, 2, 2]
    alone = ask(f"WITH {made[1]} SELECT {{[Marital Status].[Twin]}} ON 0 FROM [Sales]").cells
    assert alone.value(0) == 2


# The current member. (Microsoft, CurrentMember: MEASURES.CURRENTMEASURE AS MEASURES.CURRENTMEMBER.NAME)


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("[Measures].CurrentMember.Name", "M"),
        ("Measures.CurrentMember.UniqueName", "[Measures].[M]"),
        ("IIf([Measures].CurrentMember IS [Measures].[M], 'own', 'other')", "own"),
        ("IIf([Measures].CurrentMember IS [Measures].[Unit Sales], 'default', 'own')", "own"),
        ("[Measures].[N]", "N"),
        ("([Measures].[N], [Gender].[F])", "N"),
        ("[Measures].CurrentMember.Name + '/' + [Measures].[N]", "M/N"),
        ("Generate({[Gender].[F], [Gender].[M]}, [Measures].CurrentMember.Name, '/')", "M/M"),
        ("Filter({[Gender].[F], [Gender].[M]}, [Measures].CurrentMember.Name = 'M').Item(0).Name", "F"),
        (
            "Generate({[Measures].[Unit Sales], [Measures].[Store Cost]}, [Measures].CurrentMember.Name, '/')",
            "Unit Sales/Store Cost",
        ),
        ("TupleToStr(([Measures].CurrentMember, [Gender].[F]))", "([Measures].[M], [Gender].[F])"),
        ("[Store].CurrentMember.Name", "X"),
        ("[Store].CurrentMember.Parent.Name", "USA"),
        ("[Store].CurrentMember.Level.Name", "Store State"),
        ("CStr(Count(Descendants([Store].CurrentMember)))", "1"),
    ],
)
def test_the_current_member_of_a_formula_is_the_one_that_it_calculates(formula: str, wanted: str) -> None:
    head = f"WITH MEMBER [Measures].[M] AS {formula} MEMBER [Measures].[N] AS [Measures].CurrentMember.Name"
    head += " MEMBER [Store].[USA].[X] AS 1"
    cells = ask(f"{head} SELECT {{[Measures].[M]}} ON 0, {{[Store].[USA].[X]}} ON 1 FROM [Sales]").cells
    assert cells.value(0) == wanted


def test_cells_of_a_formula_have_the_default_member_in_the_place_of_its_own() -> None:
    """A formula that named its own cell would never end; it is read without the member, as it always was."""
    text = (
        "WITH MEMBER [Gender].[Name] AS [Gender].CurrentMember.Name"
        " MEMBER [Gender].[Twice] AS [Measures].[Unit Sales] * 2"
        " SELECT {[Gender].[Name], [Gender].[Twice]} ON 0 FROM [Sales]"
    )
    cells = ask(text).cells
    assert cells.value(0) == "Name"
    assert cells.value(1) == 2 * (unit_sales() or 0)


def test_a_formula_that_asks_for_its_own_value_is_an_error_in_its_own_cell() -> None:
    text = (
        "WITH MEMBER [Measures].[Loop] AS ([Measures].CurrentMember, [Gender].[F]) + 1"
        " SELECT {[Measures].[Loop], [Measures].[Unit Sales]} ON 0 FROM [Sales]"
    )
    cells = ask(text).cells
    assert list(cells.errors) == [0]
    assert cells.value(1) == unit_sales()
