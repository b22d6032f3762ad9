"""A function gives what it is defined to give, whatever shape its arguments have.

The expected answers are Mondrian 3.11's on the same data, except where a comment says otherwise.
"""

from __future__ import annotations

import pytest

from flis.errors import FlisError, NameStatementError, StatementError
from tests.soundness.foodmart import answer, ask


def cell(expression: str, cube: str = "Sales") -> str:
    found = ask(f"WITH MEMBER [Measures].[Foo] AS {expression} SELECT {{[Measures].[Foo]}} ON 0 FROM [{cube}]")
    return found.cells.texts[0]


def names(expression: str) -> list[str]:
    found = ask(f"SELECT {{{expression}}} ON 0 FROM [Sales]")
    return list(found.axes[0].captions(0, "en"))


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 131558), (30, 133752.2), (50, 135215), (99, 264141.84), (100, 266773), (-5, 131558)]
)
def test_a_percentile_lies_on_the_line_between_its_neighbours(share: float, expected: float) -> None:
    _, values = answer(
        f"WITH MEMBER [Measures].[Foo] AS Percentile([Gender].Members, [Measures].[Unit Sales], {share}) "
        "SELECT [Measures].[Foo] ON 0 FROM [Sales]"
    )
    assert values == [pytest.approx(expected)]


@pytest.mark.parametrize(
    ("division", "expected"),
    [("1 / NULL", "Infinity"), ("-1 / NULL", "Infinity"), ("0 / NULL", "Infinity"), ("NULL / NULL", ""),
     ("-1 / 0", "-Infinity"), ("0 / 0", "NaN"), ("NULL / 0", ""),
     ("[Measures].[Profit Growth] / ([Measures].[Unit Sales], [Store].Parent)", "Infinity")],
)  # fmt: skip
def test_what_is_divided_by_nothing_is_infinite(division: str, expected: str) -> None:
    assert cell(division) == expected


@pytest.mark.parametrize("function", ["TopSum", "TopPercent", "BottomSum", "BottomPercent"])
def test_no_tuple_is_needed_to_reach_nothing(function: str) -> None:
    assert names(f"{function}([Gender].[Gender].Members, 0, [Measures].[Unit Sales])") == []
    assert len(names(f"{function}([Gender].[Gender].Members, 1, [Measures].[Unit Sales])")) == 1


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('IIf([Measures].[Unit Sales] IS EMPTY, "none", "some")', "some"),
        ('IIf(([Measures].[Unit Sales], [Time].[1998]) IS EMPTY, "none", "some")', "none"),
        ('IIf(NOT [Measures].[Unit Sales] IS EMPTY AND 1 = 1, "some", "none")', "some"),
    ],
)
def test_is_empty_may_stand_behind(expression: str, expected: str) -> None:
    assert cell(expression) == expected


@pytest.mark.parametrize(
    ("condition", "holds"),
    [("1", True), ("0", False), ("1.5", True), ("NULL + 0", False), ("1 AND 0", False), ("1 OR 0", True),
     ("NOT 0", True), ("[Measures].[Unit Sales] - 266773", False), ("[Measures].[Unit Sales] + 0", True)],
)  # fmt: skip
def test_a_number_that_is_not_0_is_true(condition: str, *, holds: bool) -> None:
    said = "t" if holds else "f"
    assert cell(f'IIf({condition}, "t", "f")') == said
    assert cell(f'CASE WHEN {condition} THEN "t" ELSE "f" END') == said
    assert names(f"Filter({{[Gender].[All Gender]}}, {condition})") == ["All Gender"] * holds


@pytest.mark.parametrize(
    "formula",
    ["[Store].CurrentMember", "[Store].[USA]", "[Store]", "[Store].[Store Country]", "([Gender].[M], [Store].[USA])",
     "[Gender].Members.Item(0)", "1 + 2", "'a'"],
)  # fmt: skip
def test_a_named_set_is_defined_by_a_set(formula: str) -> None:
    with pytest.raises(StatementError):
        ask(f"WITH SET [Foo] AS {formula} SELECT {{[Foo]}} ON 0 FROM [Sales]")
    assert names("[Gender].[M]") == ["M"]  # while an axis takes a member for a set


@pytest.mark.parametrize("formula", ["{[Gender].[Nope]}", "Nope.Children", "Foo(1)"])
def test_a_named_set_is_bound_though_nothing_asks_for_it(formula: str) -> None:
    with pytest.raises(NameStatementError):
        ask(f"WITH SET [Foo] AS {formula} SELECT {{[Measures].[Unit Sales]}} ON 0 FROM [Sales]")


def test_the_empty_set_has_no_member_to_name() -> None:
    with pytest.raises(FlisError, match="empty set"):
        cell("{}.Item(0).Item(0).Name")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('[Gender].[M].Properties("MEMBER_UNIQUE_NAME")', "[Gender].[M]"),
        ('[Store].[USA].[CA].Properties("PARENT_UNIQUE_NAME")', "[Store].[USA]"),
        ('[Store].[USA].[CA].Properties("LEVEL_UNIQUE_NAME")', "[Store].[Store State]"),
        ('[Store].[USA].[CA].Properties("HIERARCHY_UNIQUE_NAME")', "[Store]"),
        ('[Gender].[All Gender].Properties("MEMBER_KEY")', "0"),
        ('Levels("[Time].[Year]").Name', "Year"),
        ('Dimensions("Time.Weekly").Levels(1).Name', "Year"),
    ],
)
def test_properties_say_the_names_that_unique_name_says(expression: str, expected: str) -> None:
    assert cell(expression) == expected


@pytest.mark.parametrize(
    ("member", "distance", "count"),
    [("[Time].[1997]", 0, 0), ("[Time].[1997]", 1, 12), ("[Time].[1997]", -1, 12), ("[Time].[1997].[Q2].[4]", -1, 0),
     ("[Time].[1997].[Q2].[4]", 0, 1), ("[Store].[USA]", 1, 0), ("[Store].[USA]", 2, 14)],
)  # fmt: skip
def test_leaves_are_found_down_to_a_distance(member: str, distance: int, count: int) -> None:
    assert len(names(f"Descendants({member}, {distance}, LEAVES)")) == count


def test_a_property_is_one_of_the_members_level() -> None:
    made = "WITH MEMBER [Measures].[Foo] AS [Store].CurrentMember.Properties({})"
    found = ask(
        made.format('"Store Type"') + " SELECT [Measures].[Foo] ON 0, {[Store].[All Stores], [Store].[USA].[CA],"
        " [Store].[USA].[CA].[San Francisco].[Store 14], [Store].[USA].Parent.Parent} ON 1 FROM [Sales]"
    )
    assert sorted(found.cells.errors) == [0, 1]
    assert found.cells.value(2) == "Small Grocery"
    with pytest.raises(StatementError, match=r"\[Store\].* has no property Store Type"):
        names('Filter([Store].Members, [Store].CurrentMember.Properties("Store Type") = "Supermarket")')
    assert len(
        names('Filter([Store].[Store Name].Members, [Store].CurrentMember.Properties("Store Type") = "Supermarket")')
    )


def test_cousins_are_of_one_hierarchy() -> None:
    assert names("Cousin([Time].[1997].[Q2], [Time].[1998])") == ["Q2"]
    with pytest.raises(StatementError, match="must be of one hierarchy"):
        names("Cousin([Gender].[M], [Store].[USA])")
