"""A member stands where its hierarchy shows it: steps, levels, order.

The expected members are Mondrian 3.11's answers on the same data, except where a comment says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import StatementError
from tests.soundness.foodmart import ask

if TYPE_CHECKING:
    from flis.query.result import CellSet

SHARP = "[Employees].[Sheri Nowmer].[Rebecca Kanagaki].[Juanita Sharp]"


def captions(statement: str) -> list[str]:
    found: CellSet = ask(statement)
    return list(found.axes[0].captions(0, "en"))


def shown(expression: str, cube: str = "Sales") -> list[str]:
    return captions(f"SELECT {{{expression}}} ON 0 FROM [{cube}]")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Ancestor([Store].[Israel].[Haifa], 1)", ["Israel"]),
        ("Ancestor([Store].[Israel].[Haifa], 2)", ["All Stores"]),
        ("Ancestor([Store].[Vatican].[Store 17], 1)", ["Vatican"]),
        ("Ancestor([Store].[USA].[CA].[Los Angeles], 2)", ["USA"]),
        ("Ancestor([Store].[Vatican], 9)", []),
        ("Descendants([Store].[Israel], 1)", ["Haifa", "Tel Aviv"]),
        ("Descendants([Store].[Israel], 2)", ["Store 22", "Store 23"]),
        ("Descendants([Store].[Israel], 3)", []),
        ("Descendants({[Store].[Vatican], [Store].[Israel]}, 1)", ["Store 17", "Haifa", "Tel Aviv"]),
        ("Descendants([Store].[Israel], [Store].[Store City])", ["Haifa", "Tel Aviv"]),
    ],
)
def test_steps_in_a_ragged_hierarchy_are_those_shown(expression: str, expected: list[str]) -> None:
    assert shown(expression, "Sales Ragged") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"Ancestor({SHARP}, [Employees].[Employee Id])", ["Juanita Sharp"]),
        (f"Ancestor({SHARP}, [Employees].[(All)])", ["All Employees"]),
        (f"Ancestor({SHARP}, 1)", ["Rebecca Kanagaki"]),
        (f"Descendants({SHARP}.Parent, [Employees].[Employee Id])", ["Rebecca Kanagaki"]),
        (
            f"Descendants({SHARP}.Parent, [Employees].[Employee Id], SELF_AND_AFTER)",
            ["Rebecca Kanagaki", "Juanita Sharp", "Sandra Brunner"],
        ),
        (f"Descendants({SHARP}.Parent, [Employees].[Employee Id], LEAVES)", ["Juanita Sharp", "Sandra Brunner"]),
        ("[Employees].[All Employees].DataMember", []),
    ],
)
def test_generations_of_a_parent_child_hierarchy_share_a_level(expression: str, expected: list[str]) -> None:
    assert shown(expression, "HR") == expected


def test_what_all_employees_earn_themselves_is_nothing() -> None:
    found = ask("SELECT {[Measures].[Org Salary], [Measures].[Employee Salary]} ON 0 FROM [HR]")
    assert list(found.cells.texts) == ["$39,431.67", ""]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Descendants([Time].[1997], [Time].[Year], LEAVES)", 0),
        ("Descendants([Time].[1997], [Time].[Quarter], LEAVES)", 0),
        ("Descendants([Time].[1997], [Time].[Month], LEAVES)", 12),
        ("Descendants([Time].[1997].[Q2].[5], [Time].[Quarter], LEAVES)", 0),
        ("Descendants([Time].[1997], , LEAVES)", 12),
        ("Descendants([Gender], [Gender].[(All)], LEAVES)", 0),
        ("Descendants([Gender], [Gender].[Gender], LEAVES)", 2),
    ],
)
def test_leaves_are_those_down_to_the_level(expression: str, expected: int) -> None:
    assert len(shown(expression)) == expected


@pytest.mark.parametrize("flag", ["SELF", "AFTER", "BEFORE", "SELF_AND_AFTER", "SELF_BEFORE_AFTER"])
def test_other_flags_of_descendants_need_a_level(flag: str) -> None:
    with pytest.raises(StatementError, match=flag):
        shown(f"Descendants([Time].[1997], , {flag})")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Cousin([Time].[1997], [Time].[1998].[Q2])", []),
        ("Cousin([Time].[1997].[Q1], [Time].[1998].[Q2].[5])", []),
        ("Cousin([Time].[1997].[Q2].[5], [Time].[1998].[Q1])", ["2"]),
    ],
)
def test_a_cousin_lies_below_its_ancestor(expression: str, expected: list[str]) -> None:
    assert shown(expression) == expected


@pytest.mark.parametrize(("function", "of"), [("Wtd", "[Time]"), ("Qtd", "[Time.Weekly]"), ("Mtd", "[Time.Weekly]")])
def test_there_are_no_periods_of_a_level_that_is_not_there(function: str, of: str) -> None:
    assert shown(f"{function}({of}.[1997])") == []


def test_a_calculated_child_comes_before_its_parent_where_children_do() -> None:
    members = "{[Store].[USA].[Z], [Store].[USA].[WA], [Store].[USA], [Store].[USA].[CA]}"
    made = "WITH MEMBER [Store].[USA].[Z] AS 1"
    assert captions(f"{made} SELECT Hierarchize({members}) ON 0 FROM [Sales]") == ["USA", "CA", "WA", "Z"]
    assert captions(f"{made} SELECT Hierarchize({members}, POST) ON 0 FROM [Sales]") == ["CA", "WA", "Z", "USA"]


def test_texts_are_sorted_without_regard_to_case() -> None:
    both = "{[Store].[USA].[CA].[Alameda].[HQ], [Store].[Mexico].[Zacatecas].[Hidalgo]}"
    assert shown(f"Order({both}, [Store].CurrentMember.Name, BASC)") == ["Hidalgo", "HQ"]
    assert shown(f"Order({both}, [Store].CurrentMember.Name, BDESC)") == ["HQ", "Hidalgo"]
