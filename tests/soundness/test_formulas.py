"""A formula sees the cell that it is asked for."""

from __future__ import annotations

import pytest

from tests.foodmart.facts import SALES, figure, rows
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
        " MEMBER [Store Type].[x] AS Sum([Store Type].Members), SOLVE_ORDER = 2, FORMAT_STRING = '0.00%'"
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


# Which member comes first: Microsoft, Understanding Pass Order and Solve Order; CREATE MEMBER, Scope Isolation

H1 = "[Time].[1997].[Q1], [Time].[1997].[Q2]"
RATIO = "sum(store_sales) / sum(store_cost)"


def by_sql(expression: str, condition: str) -> float:
    found = figure(f"SELECT {expression} FROM {SALES} WHERE {condition}")
    assert found is not None
    return found


@pytest.mark.parametrize("orders", [(10, 1), (1, 10), (0, 0), (-5, -6)])
@pytest.mark.parametrize("aggregate", [f"Aggregate({{{H1}}})", f"(aggregate({{{H1}}}))"])
def test_an_aggregate_is_solved_before_any_measure_that_it_meets(orders: tuple[int, int], aggregate: str) -> None:
    text = (
        f"WITH MEMBER [Time].[H1] AS {aggregate}, SOLVE_ORDER = {orders[0]} MEMBER [Measures].[M] AS"
        f" [Measures].[Store Sales] / [Measures].[Store Cost], SOLVE_ORDER = {orders[1]}"
        " SELECT {[Measures].[M]} ON 0, {[Time].[1997].[Q1], [Time].[H1]} ON 1 FROM [Sales]"
    )
    first, half = by_sql(RATIO, "quarter = 'Q1'"), by_sql(RATIO, "quarter IN ('Q1', 'Q2')")
    assert values(text) == pytest.approx([first, half])


def test_an_aggregate_meets_other_members_by_their_numbers() -> None:
    text = (
        f"WITH MEMBER [Time].[H1] AS Aggregate({{{H1}}}), SOLVE_ORDER = ORDER MEMBER [Gender].[Share] AS"
        " [Gender].[F] / [Gender].[All Gender], SOLVE_ORDER = 5 SELECT {[Gender].[Share]} ON 0, {[Time].[H1]} ON 1"
        " FROM [Sales]"
    )
    shares = [
        by_sql("sum(unit_sales) FILTER (WHERE gender = 'F') / sum(unit_sales)", f"quarter IN ({quarters})")
        for quarters in ("'Q1', 'Q2'", "'Q1'", "'Q2'")
    ]
    assert values(text.replace("ORDER MEMBER", "1 MEMBER")) == pytest.approx([shares[0]])
    assert values(text.replace("ORDER MEMBER", "9 MEMBER")) == pytest.approx([shares[1] + shares[2]])


def test_a_visual_total_is_solved_before_any_measure_that_it_meets() -> None:
    text = (
        "WITH MEMBER [Measures].[M] AS [Measures].[Store Sales] / [Measures].[Store Cost], SOLVE_ORDER = -5000"
        " SELECT VisualTotals({[Time].[1997], [Time].[1997].[Q1], [Time].[1997].[Q2]}) ON 0, {[Measures].[M]} ON 1"
        " FROM [Sales]"
    )
    wanted = [by_sql(RATIO, f"quarter IN ({quarters})") for quarters in ("'Q1', 'Q2'", "'Q1'", "'Q2'")]
    assert values(text) == pytest.approx(wanted)


@pytest.mark.parametrize("order", [-5, 0, 5, 100_000])
def test_the_members_of_the_cube_are_solved_before_those_of_the_query(order: int) -> None:
    """The query's member is the difference of the cube's ratios, unless it is isolated in the cube's scope."""
    text = (
        f"WITH MEMBER [Store].[USA].[Rest] AS [Store].[USA] - [Store].[USA].[WA], SOLVE_ORDER = {order}{{}}"
        " SELECT [Store].[USA].[Rest] ON 0 FROM [Warehouse] WHERE [Measures].[Average Warehouse Sale]"
    )
    facts = "sum(warehouse_sales), sum(warehouse_cost) FROM inventory_fact_1997 JOIN store USING (store_id)"
    (sales, cost), (sales_there, cost_there) = (
        rows(f"SELECT {facts} WHERE store_country = 'USA' AND {condition}")[0]
        for condition in ("true", "store_state = 'WA'")
    )
    apart = float(sales) / float(cost) - float(sales_there) / float(cost_there)
    together = float(sales - sales_there) / float(cost - cost_there)
    assert values(text.format("")) == pytest.approx([apart])
    isolated = values(text.format(", SCOPE_ISOLATION = CUBE"))
    assert isolated == pytest.approx([apart if order > 0 else together])
