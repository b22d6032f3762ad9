"""Shapes of statements that clients and authors of Analysis Services send, over FoodMart; each says whose it is."""

from __future__ import annotations

import pytest

from flis.access import open_scope
from flis.errors import StatementError, UnsupportedStatementError
from flis.query.database import execute
from tests.foodmart.facts import rows, unit_sales
from tests.soundness.foodmart import ask, base

STATES = "SELECT store_state, sum(unit_sales) FROM sales_fact_1997 JOIN store USING (store_id) GROUP BY 1 ORDER BY 1"


def captions(text: str, axis: int = 0) -> list[str]:
    return list(ask(text).axes[axis].captions(0, "en"))


def texts(formula: str, *, rows_of: str = "") -> list[str]:
    """The cells of a formula, for one row or each of several."""
    axis = f", {rows_of} ON 1" if rows_of else ""
    return list(
        ask(f"WITH MEMBER [Measures].[X] AS {formula} SELECT {{[Measures].[X]}} ON 0{axis} FROM [Sales]").cells.texts
    )


ITEMS = {
    "calculations of a last period: Tail(…)(0)": "SELECT Tail([Time].[Month].Members)(0) ON 0 FROM [Sales]",
    "and of its member: (0)(0)": "SELECT {Tail([Time].[Month].Members, 1)(0)(0)} ON 0 FROM [Sales]",
    "a set in braces": "SELECT {[Time].[1998].[Q4].Children}(2) ON 0 FROM [Sales]",
    "a function behind a dot": "SELECT [Time].[1998].[Q4].Children(2) ON 0 FROM [Sales]",
    "a named set": "WITH SET s AS [Time].[1998].[Q4].Children SELECT s(2) ON 0 FROM [Sales]",
    "a named set in brackets": "WITH SET [a b] AS [Time].[1998].[Q4].Children SELECT [a b](2) ON 0 FROM [Sales]",
    "a parameter's set, Reporting Services": (
        "SELECT StrToSet('{[Time].[1998].[Q4].[12]}', CONSTRAINED)(0) ON 0 FROM [Sales]"
    ),
    "the current tuple": (
        "SELECT Generate({[Gender].[F]} * {[Time].[1998].[Q4].[12]} AS s, {s.Current(1)}) ON 0 FROM [Sales]"
    ),
}


@pytest.mark.parametrize("statement", ITEMS.values(), ids=ITEMS)
def test_an_item_is_asked_for_without_its_word(statement: str) -> None:
    cells = ask(statement)
    assert cells.axes[0].unique_names(0) == ["[Time].[Time].[Month].&[1998]&[Q4]&[12]"]


def test_a_place_behind_the_end_of_a_set_is_empty() -> None:
    assert not captions("SELECT {[Gender].[Gender].Members(2)} ON 0 FROM [Sales]")


def test_axis_is_the_set_before_what_is_empty_is_left_out() -> None:
    text = (
        "WITH MEMBER [Measures].[X] AS Count(Axis(1)) "
        "SELECT {[Measures].[X], [Measures].[Unit Sales]} ON 0, NON EMPTY [Store].[Store Country].Members ON 1 "
        "FROM [Sales]"
    )
    countries = rows("SELECT count(DISTINCT store_country) FROM store")[0][0]
    assert [ask(text).cells.value(i) for i in range(0, 2 * countries, 2)] == [countries] * countries


def test_axis_gives_shares_and_ranks_of_what_is_shown() -> None:
    sold = rows(STATES)
    total = sum(n for _, n in sold)
    shares = texts(
        "[Measures].[Unit Sales] / Sum(Axis(1), [Measures].[Unit Sales]), FORMAT_STRING = '0.0000'",
        rows_of="[Store].[USA].Children",
    )
    assert shares == [f"{n / total:.4f}" for _, n in sold]
    assert texts("Rank([Store].CurrentMember, Axis(1))", rows_of="[Store].[USA].Children") == ["1", "2", "3"]


def test_an_axis_is_ordered_by_the_first_of_another() -> None:
    women = rows(
        STATES.replace("store USING", "customer USING (customer_id) JOIN store USING").replace(
            "GROUP BY", "WHERE gender = 'F' GROUP BY"
        )
    )
    text = (
        "SELECT [Gender].[Gender].Members ON 0, "
        "Order([Store].[USA].Children, ([Measures].[Unit Sales], Axis(0)(0)(0)), BDESC) ON 1 FROM [Sales]"
    )
    assert captions(text, 1) == [s for s, _ in sorted(women, key=lambda r: -r[1])]


OVER_ITSELF = {
    "SELECT {} ON 0, Axis(2) ON 1 FROM [Sales]": "The statement has no axis 2",
    "SELECT Axis(0) ON 0 FROM [Sales]": "Axis 0 refers to itself",
    "WITH SET [Aa] AS [BB] SET [BB] AS [aA] SELECT [aa] ON 0 FROM [Sales]": "The named set Aa refers to itself",
    "SELECT Axis([Measures].[Unit Sales]) ON 0 FROM [Sales]": "the number of an axis",
    (
        "WITH MEMBER [Measures].[X] AS Sum(Axis(0), [Measures].[Unit Sales]) "
        "SELECT Filter([Store].[USA].Children, [Measures].[X] > 1) ON 0 FROM [Sales]"
    ): "calculated from this set",
    (
        "WITH SET s AS Filter([Store].[USA].Children, [Measures].[X] > 1) "
        "MEMBER [Measures].[X] AS Sum(s, [Measures].[Unit Sales]) SELECT s ON 0 FROM [Sales]"
    ): "calculated from this set",
}


@pytest.mark.parametrize("statement", OVER_ITSELF)
def test_a_set_that_cannot_be_found_is_told(statement: str) -> None:
    with pytest.raises(StatementError, match=OVER_ITSELF[statement]):
        ask(statement)


LIBRARIES = ["VBA!Left('abc', 2)", "VBA![Left]('abc', 2)", "VBAMDX!Left('abc', 2)", "VBAMDX.Left('abc', 2)",
             "VBAMDX.VBAMDX.Left('abc', 2)"]  # fmt: skip


@pytest.mark.parametrize("formula", LIBRARIES)
def test_functions_of_visual_basic_are_known_by_their_library(formula: str) -> None:
    assert texts(formula) == ["ab"]


OTHERS = {
    "Excel!Rept('a', 2)": "Excel!Rept is not supported",
    "ASSP!FindCurrentMembers()": "ASSP!FindCurrentMembers is not supported",
    "ASSP.FindCurrentMembers()": "ASSP.FindCurrentMembers is not supported",
    "This": "This is not supported: it belongs to the script",
}


@pytest.mark.parametrize("formula", OTHERS)
def test_what_others_wrote_is_refused_by_name(formula: str) -> None:
    with pytest.raises(UnsupportedStatementError) as caught:
        execute(
            open_scope(), base(), f"WITH MEMBER [Measures].[X] AS {formula} SELECT [Measures].[X] ON 0 FROM [Sales]"
        )
    assert OTHERS[formula] in caught.value.message


def test_hints_to_the_planner_change_nothing() -> None:
    hinted = (
        "IIf([Measures].[Unit Sales] = 0 HINT LAZY, NULL HINT STRICT, ([Measures].[Unit Sales] + 1) HINT EAGER LAZY)"
    )
    assert texts(hinted) == texts("IIf([Measures].[Unit Sales] = 0, NULL, ([Measures].[Unit Sales] + 1))")


def test_null_adds_no_member_to_a_set() -> None:
    assert captions("SELECT {NULL, [Gender].[F], NULL} ON 0 FROM [Sales]") == ["F"]
    assert not len(ask("SELECT {NULL} ON 0 FROM [Sales]"))


def test_a_star_stands_for_no_axes() -> None:
    text = "SELECT * FROM (SELECT {[Store].[USA].[CA]} ON 0 FROM [Sales])"
    assert ask(text).cells.value(0) == unit_sales("store_state = 'CA'")


def test_the_cube_of_a_name_may_be_the_current_one() -> None:
    text = (
        "WITH MEMBER CURRENTCUBE.[Measures].[X] AS CURRENTCUBE.[Measures].[Unit Sales] + 1 "
        "SELECT CURRENTCUBE.[Measures].[X] ON 0 FROM [Sales]"
    )
    assert ask(text).cells.value(0) == (unit_sales() or 0) + 1


LEVELS = {
    "of a dimension": "[Store].[Store State]",
    "in braces, Tableau's way to name all of a level": "{[Store].[Store].[Store State]}",
    "found by its number": "[Store].Levels(2)",
    "in a function of sets": "Filter([Store].[Store State], True)",
    "below others": "Descendants([Store].[Store Country], [Store].[Store State])",
}


@pytest.mark.parametrize("written", LEVELS.values(), ids=LEVELS)
def test_a_level_stands_for_its_members_where_a_set_is_wanted(written: str) -> None:
    states = [s for (s,) in rows("SELECT DISTINCT store_state FROM store WHERE store_id > 0 ORDER BY store_country, 1")]
    found = ask(f"SELECT {written} ON 0 FROM [Sales]").axes[0].captions(0, "en")
    assert sorted(found) == sorted(states)


def test_a_level_is_crossed_counted_and_sliced_by() -> None:
    assert captions("SELECT [Gender].[Gender].[Gender] * [Store].[USA] ON 0 FROM [Sales]") == ["F", "M"]
    assert captions("SELECT ([Gender].[Gender].[Gender], [Store].[USA]) ON 0 FROM [Sales]") == ["F", "M"]
    counts = dict(rows("SELECT store_country, count(DISTINCT store_state) FROM store WHERE store_id > 0 GROUP BY 1"))
    text = (
        "WITH MEMBER [Measures].[X] AS Count(EXISTING [Store].[Store State]) "
        "SELECT [Measures].[X] ON 0, [Store].[Store Country] ON 1 FROM [Sales]"
    )
    found = ask(text)
    assert {c: found.cells.value(i) for i, c in enumerate(found.axes[1].captions(0, "en"))} == counts
    assert ask("SELECT FROM [Sales] WHERE [Store].[Store State]").cells.value(0) == unit_sales()
    assert not captions("SELECT -[Store].[Store State] ON 0 FROM [Sales]")
    assert captions("SELECT [Gender].[Gender].[Gender] - {[Gender].[F]} ON 0 FROM [Sales]") == ["M"]


def test_exists_needs_no_second_set_beside_a_measure_group() -> None:
    sold = [s for s, _ in rows(STATES)]
    assert captions('SELECT Exists([Store].[Store State].Members, , "sales") ON 0 FROM [Sales]') == sold
    buyers = rows("SELECT count(DISTINCT customer_id) FROM sales_fact_1997")[0][0]
    assert texts('Count(Exists([Customers].[Name].Members, , "Sales")), FORMAT_STRING = "0"') == [str(buyers)]
    with pytest.raises(StatementError, match="There is no measure group Sale") as caught:
        ask('SELECT Exists([Store].[Store State].Members, , "Sale") ON 0 FROM [Sales]')
    assert "Sales" in caught.value.hint
    with pytest.raises(StatementError, match="second set or a measure group"):
        ask("SELECT Exists([Store].[Store State].Members) ON 0 FROM [Sales]")


PROPERTIES = {
    "Member_Name": "CA",
    "Member_Unique_Name": "[Store].[USA].[CA]",
    "Parent_Unique_Name": "[Store].[USA]",
    "Level_Unique_Name": "[Store].[Store State]",
    "Hierarchy_Unique_Name": "[Store]",
    "Dimension_Unique_Name": "[Store]",
    "Level_Number": "2",
    "Member_Type": "1",
    "Children_Cardinality": "5",
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_that_all_members_have_is_named_behind_a_dot(name: str) -> None:
    """As the examples of Reporting Services do; it is what Properties gives by the same name."""
    assert (
        texts(f"[Store].[USA].[CA].{name}") == texts(f'[Store].[USA].[CA].Properties("{name}")') == [PROPERTIES[name]]
    )
    assert texts(f"[Store].CurrentMember.{name}", rows_of="{[Store].[USA].[CA]}") == [PROPERTIES[name]]


LABELS = {
    "Excel's label filter: contains": "InStr(1, [Store].CurrentMember.member_caption, 'SEA') > 0",
    "begins with": "Left([Store].CurrentMember.member_caption, 3) = 'sEa'",
    "ends with": "Right([Store].CurrentMember.member_caption, 5) = 'ATTLE'",
    "equals": "[Store].CurrentMember.member_caption = 'seattle'",
    "between": "([Store].CurrentMember.member_caption >= 'seat' AND [Store].CurrentMember.member_caption <= 'SEB')",
    "one of several": "CASE [Store].CurrentMember.member_caption WHEN 'SEATTLE' THEN True ELSE False END",
    "Reporting Services' filter: contains": "InStr([Store].CurrentMember.Properties('Member_Caption'), 'sEATTl') > 0",
}


@pytest.mark.parametrize("condition", LABELS.values(), ids=LABELS)
def test_captions_are_found_whatever_the_size_of_letters(condition: str) -> None:
    text = f"SELECT [Measures].[Unit Sales] ON 0, Filter([Store].[Store City].Members, ({condition})) ON 1 FROM [Sales]"
    assert captions(text, 1) == ["Seattle"]


def test_names_and_texts_differ_by_the_size_of_letters() -> None:
    condition = "[Store].CurrentMember.Name = 'seattle'"
    assert not captions(f"SELECT Filter([Store].[Store City].Members, {condition}) ON 0 FROM [Sales]")
    assert texts("IIf('a' = 'A', 1, 0)") == ["0"]
    assert texts("InStr('abc', 'B')") == ["2"]  # which never minds them


def test_a_caption_that_is_not_asked_for_is_left_out() -> None:
    cities = captions("SELECT [Store].[Store City].Members ON 0 FROM [Sales]")
    text = "SELECT Filter([Store].[Store City].Members, [Store].CurrentMember.Caption <> 'SEATTLE') ON 0 FROM [Sales]"
    assert captions(text) == [c for c in cities if c != "Seattle"]
