"""What a filter is context of, what it cuts and what it leaves alone, case by case; every figure is SQL's."""

from __future__ import annotations

from typing import Any

import pytest

from flis.access import open_scope
from flis.errors import StatementError
from flis.query.database import Options, execute
from flis.query.evaluation import nonempty
from flis.query.result import CellSet
from tests.foodmart.facts import SALES, figure, rows, unit_sales
from tests.soundness.foodmart import ask, base

THIRD = "(SELECT {[Time].[1997].[Q3]} ON 0 FROM [Sales])"


def value(formula: str, source: str = "[Sales]", where: str = "", more: str = "") -> Any:
    """The value of a formula, or what its error cell says."""
    text = f"WITH {more} MEMBER [Measures].[x] AS {formula} SELECT {{[Measures].[x]}} ON 0 FROM {source} {where}"
    found = execute(open_scope(), base(), text, Options(lcid=1033))
    assert isinstance(found, CellSet)
    return found.cells.errors.get(0) or found.cells.value(0)


def customers(condition: str) -> float | None:
    return figure(f"SELECT count(DISTINCT customer_id) FROM {SALES} WHERE {condition}")


@pytest.mark.parametrize(
    "formula",
    [
        "[Time].PrevMember.Name",
        "Count(LastPeriods(2))",
        "Count(QTD())",
        "Count(PeriodsToDate())",
        "(ParallelPeriod(), [Measures].[Unit Sales])",
        "Count([Time].Children)",
        "[Time].CurrentMember.Level.Name",
        'StrToMember("[Time].CurrentMember").Name',
        "Count(Ascendants([Time].CurrentMember))",
        "Rank([Time].CurrentMember, [Time].[Quarter].Members)",
        "Count(Filter([Product].[Product Family].Members, [Time].CurrentMember IS [Time].[1997]))",
    ],
)
def test_what_starts_from_a_current_member_that_is_none_is_an_error(formula: str) -> None:
    said = value(formula, where="WHERE {[Time].[1997].[Q2], [Time].[1997].[Q3]}")
    assert "[Time]" in str(said)
    assert "several members in WHERE" in str(said)


def test_only_the_hierarchies_with_several_members_have_no_current_one() -> None:
    where = "WHERE {([Store].[USA].[CA], [Time].[1997].[Q1]), ([Store].[USA].[OR], [Time].[1997].[Q1])}"
    assert value("[Time].CurrentMember.Name", where=where) == "Q1"
    assert "[Store]" in str(value("[Store].CurrentMember.Name", where=where))
    assert value("[Time].[Weekly].CurrentMember.Name", where=where) == "All Weeklys"


def test_the_rows_of_an_axis_have_a_current_member_though_the_slicer_has_none() -> None:
    text = (
        "WITH MEMBER [Measures].[x] AS [Store].CurrentMember.Name SELECT {[Measures].[x]} ON 0,"
        " {[Store].[USA].[CA], [Store].[USA].[OR]} ON 1 FROM [Sales] WHERE {[Time].[1997].[Q1], [Time].[1997].[Q2]}"
    )
    assert [ask(text).cells.value(n) for n in range(2)] == ["CA", "OR"]


UNITS, DOLLARS = "[Measures].[Unit Sales]", "[Measures].[Store Sales]"
BY_QUARTER = f"{{({UNITS}, [Time].[1997].[Q1]), ({DOLLARS}, [Time].[1997].[Q2])}}"


@pytest.mark.parametrize(
    ("more", "chosen"),
    [
        ("", f"{{{UNITS}, {DOLLARS}}}"),
        ("", BY_QUARTER),
        ("WITH MEMBER [Measures].[Double] AS 2 * [Measures].[Unit Sales]", f"{{{UNITS}, [Measures].[Double]}}"),
    ],
)
def test_several_measures_in_where_have_no_total(more: str, chosen: str) -> None:
    cells = ask(f"{more} SELECT [Gender].[Gender].Members ON 0 FROM [Sales] WHERE {chosen}").cells
    assert all("several measures have no total" in cells.errors[n] for n in range(2))


def test_one_measure_twice_in_where_is_one_measure() -> None:
    assert ask(f"SELECT FROM [Sales] WHERE {{{UNITS}, {UNITS}}}").cells.value(0) == unit_sales()


@pytest.mark.parametrize(
    ("chosen", "condition"),
    [(f"{{{UNITS}, {DOLLARS}}}", "gender = 'F'"), (BY_QUARTER, "gender = 'F' AND quarter IN ('Q1', 'Q2')")],
)
def test_a_formula_names_one_of_the_measures_in_where(chosen: str, condition: str) -> None:
    named = f"WITH MEMBER [Gender].[Women] AS ([Gender].[F], {UNITS})"
    cells = ask(f"{named} SELECT [Gender].[Women] ON 0 FROM [Sales] WHERE {chosen}").cells
    assert not cells.errors
    assert cells.value(0) == unit_sales(condition)


def test_a_set_in_where_is_context_for_hierarchies_of_its_dimension() -> None:
    weeks = rows("SELECT DISTINCT week_of_year FROM time_by_day WHERE the_year = 1997 AND quarter IN ('Q1', 'Q3')")
    where = "WHERE {[Time].[1997].[Q1], [Time].[1997].[Q3]}"
    assert value("Count(EXISTING [Time].[Weekly].[Week].Members)", where=where) == len(weeks)


def test_pairs_in_where_are_context_each_for_its_dimension() -> None:
    where = "WHERE {([Store].[USA].[CA], [Time].[1997].[Q1]), ([Store].[USA].[OR], [Time].[1997].[Q2])}"
    assert value("Count(EXISTING [Store].[Store State].Members)", where=where) == 2
    assert value("Count(EXISTING [Time].[Month].Members)", where=where) == 6
    wanted = unit_sales("(store_state = 'CA' AND quarter = 'Q1') OR (store_state = 'OR' AND quarter = 'Q2')")
    assert value("[Measures].[Unit Sales]", where=where) == wanted
    first = "quarter = 'Q1' AND store_state IN ('CA', 'OR')"
    assert value("([Measures].[Unit Sales], [Time].[1997].[Q1])", where=where) == unit_sales(first)


def test_a_member_that_aggregates_members_that_aggregate_stands_for_all_of_them() -> None:
    more = (
        "MEMBER [Store].[Two] AS Aggregate({[Store].[USA].[CA], [Store].[USA].[OR]})"
        " MEMBER [Store].[Three] AS Aggregate({[Store].[Two], [Store].[Mexico].[DF]})"
    )
    found = value("Count(EXISTING [Store].[Store State].Members)", where="WHERE [Store].[Three]", more=more)
    assert found == 3
    assert value("Count(Exists([Store].[Store State].Members, {[Store].[Two]}))", more=more) == 2


def test_a_neighbour_outside_keeps_the_filters_on_other_dimensions() -> None:
    source = "(SELECT {[Time].[1997].[Q3]} ON 0, {[Store].[USA].[WA]} ON 1 FROM [Sales])"
    nested = f"(SELECT {{[Store].[USA].[WA]}} ON 0 FROM {THIRD})"
    pairs = "(SELECT {([Time].[1997].[Q3], [Store].[USA].[WA])} ON 0 FROM [Sales])"
    wanted = unit_sales("quarter = 'Q2' AND store_state = 'WA'")
    for one in (source, nested, pairs):
        assert value("([Measures].[Unit Sales], [Time].[1997].[Q3].PrevMember)", one) == wanted


def test_two_subselects_of_one_hierarchy_have_one_space() -> None:
    nested = (
        "(SELECT {[Time].[1997].[Q3]} ON 0 FROM (SELECT {[Time].[1997].[Q2], [Time].[1997].[Q3]} ON 0 FROM [Sales]))"
    )
    assert value("([Measures].[Unit Sales], [Time].[1997].[Q2])", nested) == unit_sales("quarter = 'Q2'")
    assert value("([Measures].[Unit Sales], [Time].[1997])", nested) == unit_sales("quarter = 'Q3'")


def test_a_distinct_count_over_members_inside_and_outside_counts_each_customer_once() -> None:
    source = "(SELECT {[Store].[USA].[WA].[Seattle], [Store].[USA].[OR]} ON 0 FROM [Sales])"
    member = "MEMBER [Store].[Both] AS Aggregate({[Store].[USA].[CA], [Store].[USA].[WA]})"
    wanted = customers("store_state = 'CA' OR store_city = 'Seattle'")  # CA is outside, of WA only Seattle is inside
    assert value("([Measures].[Customer Count], [Store].[Both])", source, more=member) == wanted
    outside = "MEMBER [Store].[Both] AS Aggregate({[Store].[USA].[CA], [Store].[USA].[WA].[Tacoma]})"
    wanted = customers("store_state = 'CA' OR store_city = 'Tacoma'")
    assert value("([Measures].[Customer Count], [Store].[Both])", source, more=outside) == wanted


def test_tuples_that_a_formula_names_are_crossed_whole() -> None:
    formula = "Sum({[Time].[1997].[Q1], [Time].[1997].[Q3]} * {[Gender].[F], [Gender].[M]}, [Measures].[Unit Sales])"
    assert value(formula, THIRD) == unit_sales("quarter IN ('Q1', 'Q3')")


@pytest.mark.parametrize("large", [False, True])
def test_what_is_not_empty_outside_stays(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if large:  # as if every cross join were large: its tuples come from the facts
        monkeypatch.setattr(nonempty, "LARGE", -1)
    formula = "Count(NonEmpty({[Time].[1997].[Q1], [Time].[1997].[Q3]} * {[Gender].[F]}, {[Measures].[Unit Sales]}))"
    assert value(formula, THIRD) == 2
    inside = "Count(NonEmpty([Time].[Month].Members * [Gender].[Gender].Members, {[Measures].[Unit Sales]}))"
    assert value(inside, THIRD) == 6


def test_totals_that_are_not_visual_are_whole_in_formulas_too() -> None:
    source = "NON VISUAL (SELECT {[Time].[1997].[Q3]} ON 0 FROM [Sales])"
    assert value("([Measures].[Unit Sales], [Time].[1997].[Q3].Parent)", source) == unit_sales()
    assert value("Count([Time].[Quarter].Members)", source) == 1


def test_where_outside_of_a_subselect_leaves_nothing() -> None:
    found = ask(f"SELECT {{[Measures].[Unit Sales]}} ON 0 FROM {THIRD} WHERE [Time].[1997].[Q1]")
    assert found.cells.value(0) is None
    half = ask(f"SELECT {{[Measures].[Unit Sales]}} ON 0 FROM {THIRD} WHERE {{[Time].[1997].[Q1], [Time].[1997].[Q3]}}")
    assert half.cells.value(0) == unit_sales("quarter = 'Q3'")


def test_where_inside_a_subselect_is_where_its_sets_are_found() -> None:
    by_state = f"SELECT store_state, sum(unit_sales) FROM {SALES} WHERE quarter = 'Q1' GROUP BY 1 ORDER BY 2 DESC"
    best = rows(by_state)[0][0]
    inner = "(SELECT TopCount([Store].[Store State].Members, 1, [Measures].[Unit Sales]) ON 0 FROM [Sales]"
    found = ask(f"SELECT [Store].[Store State].Members ON 0 FROM {inner} WHERE [Time].[1997].[Q1])")
    assert found.axes[0].captions(0, "en") == [best]
    assert found.cells.value(0) == unit_sales(f"store_state = '{best}'")


def test_a_subselect_of_measures_limits_measures() -> None:
    inner = "(SELECT {[Measures].[Store Cost], [Measures].[Unit Sales]} ON 0 FROM [Sales])"
    found = ask(f"SELECT [Measures].AllMembers ON 0 FROM {inner}")
    assert found.axes[0].captions(0, "en") == ["Unit Sales", "Store Cost"]
    own = f"WITH MEMBER [Measures].[x] AS [Measures].[Store Sales] * 2 SELECT {{[Measures].[x]}} ON 0 FROM {inner}"
    assert ask(own).cells.value(0) == pytest.approx(2 * (figure(f"SELECT sum(store_sales) FROM {SALES}") or 0))


def test_filters_that_exclude_each_other_leave_all_and_no_figure() -> None:
    nested = "(SELECT {[Store].[USA].[WA]} ON 0 FROM (SELECT {[Store].[USA].[OR]} ON 0 FROM [Sales]))"
    found = ask(f"SELECT [Store].Members ON 0 FROM {nested}")
    assert found.axes[0].captions(0, "en") == ["All Stores"]
    assert found.cells.value(0) is None
    nothing = ask("SELECT {[Measures].[Unit Sales]} ON 0, [Gender].Members ON 1 FROM (SELECT {} ON 0 FROM [Sales])")
    assert [nothing.cells.value(n) for n in range(3)] == [None] * 3
    years = "(SELECT {[Time].[1997].[Q1]} ON 0 FROM (SELECT {[Time].[1997].[Q2]} ON 0 FROM [Sales]))"
    assert ask(f"SELECT {{[Measures].[Unit Sales]}} ON 0 FROM {years}").cells.value(0) is None


@pytest.mark.parametrize(
    ("axis", "instead"),
    [
        ("NON EMPTY [Store].[Store State].Members", "NonEmpty"),
        ("[Store].[Store State].Members HAVING [Measures].[Unit Sales] > 1", "Filter"),
    ],
)
def test_a_subselect_is_told_what_to_write_instead(axis: str, instead: str) -> None:
    with pytest.raises(StatementError) as told:
        ask(f"SELECT {{[Measures].[Unit Sales]}} ON 0 FROM (SELECT {axis} ON 0 FROM [Sales])")
    assert instead in str(told.value)


def test_a_period_too_far_away_is_none() -> None:
    formula = (
        "IIf(IsEmpty((ParallelPeriod([Time].[Quarter], 1e300, [Time].[1997].[Q2]), [Measures].[Unit Sales])), 1, 0)"
    )
    assert value(formula) == 1
