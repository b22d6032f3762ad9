"""A formula sees the cell that it is asked for."""

from __future__ import annotations

import pytest

from tests.soundness.foodmart import ask


def values(text: str) -> list[object]:
    found = ask(text)
    return [found.cells.value(i) for i in range(len(found))]


def test_a_ratio_of_totals_is_no_total_of_ratios() -> None:
    text = (
        "WITH MEMBER [Measures].[Ratio] AS [Measures].[Store Sales] / [Measures].[Unit Sales]"
        " MEMBER [Store].[Coast] AS Aggregate({[Store].[USA].[CA], [Store].[USA].[OR]})"
        " SELECT {[Measures].[Store Sales], [Measures].[Unit Sales], [Measures].[Ratio]} ON 0 FROM [Sales]"
        " WHERE [Store].[Coast]"
    )
    sales, units, ratio = values(text)
    assert ratio == sales / units  # type: ignore[operator]


def test_a_slicer_set_is_overridden_by_a_member_of_the_formula() -> None:
    plain = values("SELECT [Store].[USA].[WA] ON 0 FROM [Sales]")
    text = (
        "WITH MEMBER [Measures].[WA] AS ([Measures].[Unit Sales], [Store].[USA].[WA])"
        " SELECT [Measures].[WA] ON 0 FROM [Sales] WHERE {[Store].[USA].[CA], [Store].[USA].[OR]}"
    )
    assert values(text) == plain


def test_solve_order_decides() -> None:
    text = (
        "WITH MEMBER [Gender].[Sum] AS [Gender].[F] + [Gender].[M], SOLVE_ORDER = {}"
        " MEMBER [Measures].[Twice] AS [Measures].[Unit Sales] * 2, SOLVE_ORDER = 5"
        " SELECT [Measures].[Twice] ON 0, [Gender].[Sum] ON 1 FROM [Sales]"
    )
    assert values(text.format(1)) == values(text.format(9))


def test_a_cell_tells_the_solve_order_that_decided() -> None:
    text = (
        "WITH MEMBER [Gender].[Sum] AS [Gender].[F] + [Gender].[M], SOLVE_ORDER = 7"
        " MEMBER [Measures].[Twice] AS [Measures].[Unit Sales] * 2, SOLVE_ORDER = 5"
        " SELECT {[Measures].[Unit Sales], [Measures].[Twice]} ON 0, {[Gender].[F], [Gender].[Sum]} ON 1 FROM [Sales]"
        " CELL PROPERTIES VALUE, SOLVE_ORDER"
    )
    assert ask(text).cells.properties["SOLVE_ORDER"] == [None, 5, 7, 7]


def test_who_is_calculated_last_gives_the_format() -> None:
    """Also where it has it from a measure in its formula; Mondrian 3.11 on the same data writes 533,546."""
    text = (
        "WITH MEMBER [Measures].[m] AS [Measures].[Unit Sales], SOLVE_ORDER = {}"
        " MEMBER [Store Type].[x] AS Aggregate([Store Type].Members), SOLVE_ORDER = 2, FORMAT_STRING = '0.00%'"
        " SELECT [Measures].[m] ON 0, [Store Type].[x] ON 1 FROM [Sales]"
    )
    assert ask(text.format(7)).cells.texts == ["533,546"]
    assert ask(text.format(1)).cells.texts == ["53354600.00%"]


def test_nothing_divided_is_nothing() -> None:
    text = (
        "WITH MEMBER [Measures].[X] AS ([Measures].[Unit Sales], [Time].[1998]) / 2"
        " SELECT [Measures].[X] ON 0 FROM [Sales]"
    )
    assert values(text) == [None]


@pytest.mark.parametrize(
    "slicer", ["[Product].Parent", "([Product].Parent, [Store].[USA])", "Filter([Product].Children, 1 = 0)"]
)
def test_a_slicer_of_no_tuple_leaves_no_cell_for_a_formula_either(slicer: str) -> None:
    """Mondrian 3.11 on the same data: all cells are empty."""
    made = "WITH MEMBER [Measures].[Five] AS 5 SELECT {[Measures].[Five], [Measures].[Unit Sales]} ON 0"
    assert values(f"{made} FROM [Sales] WHERE {slicer}") == [None, None]
    assert values(f"{made}, NON EMPTY [Gender].Members ON 1 FROM [Sales] WHERE {slicer}") == []
