"""A set has the tuples, and the order of tuples, that Analysis Services documents.

The sentences are those of Microsoft's reference of MDX; what they come to is worked out by hand or by SQL over the
tables.
"""

from __future__ import annotations

import pytest

from flis.errors import StatementError
from tests.foodmart.facts import SALES, rows, unit_sales
from tests.soundness.foodmart import ask

X = (
    "WITH MEMBER [Measures].[X] AS IIf([Store].CurrentMember IS [Store].[USA].[CA], NULL,"
    " IIf([Store].CurrentMember IS [Store].[USA].[OR], {}, {}))"
)


def shown(expression: str, head: str = "", tail: str = "") -> list[str]:
    """The captions of the tuples of a set, parts of one joined by |."""
    axis = ask(f"{head} SELECT {expression} ON 0 FROM [Sales] {tail}").axes[0]
    return ["|".join(t) for t in zip(*(axis.captions(i, "en") for i in range(len(axis.hierarchies))), strict=True)]


# Order: "only the members of the last hierarchy in the set are ordered"


def families(state: str, *, down: bool) -> list[str]:
    where = f"store_country = 'USA' AND store_state = '{state}'"
    order = "DESC" if down else "ASC"
    found = rows(f"SELECT product_family FROM {SALES} WHERE {where} GROUP BY ALL ORDER BY sum(unit_sales) {order}")
    return [f"{state}|{family}" for (family,) in found]


@pytest.mark.parametrize("flag", ["ASC", "DESC"])
@pytest.mark.parametrize("states", ["[Store].[USA].Children", "{[Store].[USA].[WA], [Store].[USA].[CA]}"])
def test_order_of_tuples_sorts_the_last_hierarchy_below_the_others(flag: str, states: str) -> None:
    named = [s for s in ("CA", "OR", "WA") if s in shown(states)]
    wanted = [one for state in named for one in families(state, down=flag == "DESC")]
    assert shown(f"Order({states} * [Product].[Product Family].Members, [Measures].[Unit Sales], {flag})") == wanted


def test_order_keeps_members_below_their_parents_in_the_last_hierarchy() -> None:
    found = shown(
        "Order({[Gender].[M], [Gender].[F]} * {[Store].[USA].[WA], [Store].[USA], [Store].[USA].[CA]},"
        " [Measures].[Unit Sales], DESC)"
    )
    assert found == ["F|USA", "F|WA", "F|CA", "M|USA", "M|WA", "M|CA"]


def test_order_of_three_hierarchies_in_a_calculation_for_every_cell() -> None:
    head = (
        "WITH MEMBER [Measures].[First] AS Head(Order({[Gender].[M], [Gender].[F]} * {[Marital Status].[S],"
        " [Marital Status].[M]} * [Product].[Product Family].Members, [Measures].[Unit Sales], DESC), 1)"
        ".Item(0).Item(2).Name"
    )
    cells = ask(f"{head} SELECT {{[Measures].[First]}} ON 0, [Store].[USA].Children ON 1 FROM [Sales]").cells
    assert [cells.value(i) for i in range(3)] == ["Food", "Food", "Food"]


def test_order_that_breaks_the_hierarchy_sorts_tuples_by_value_alone() -> None:
    found = rows(
        f"SELECT store_state || '|' || product_family FROM {SALES} WHERE store_country = 'USA'"
        " GROUP BY store_state, product_family ORDER BY sum(unit_sales) DESC"
    )
    wanted = [one for (one,) in found]
    text = "Order([Store].[USA].Children * [Product].[Product Family].Members, [Measures].[Unit Sales], BDESC)"
    assert shown(text) == wanted


# "The empty cell value collates in the same place as zero. Between the empty cell value and zero, empty is first."


@pytest.mark.parametrize(
    ("oregon", "washington", "expression", "wanted"),
    [
        ("5", "-5", "Order([Store].[USA].Children, [Measures].[X], BASC)", ["WA", "CA", "OR"]),
        ("5", "-5", "Order([Store].[USA].Children, [Measures].[X], BDESC)", ["OR", "CA", "WA"]),
        ("5", "-5", "Order([Store].[USA].Children, [Measures].[X], DESC)", ["OR", "CA", "WA"]),
        ("0", "-5", "Order([Store].[USA].Children, [Measures].[X], BASC)", ["WA", "CA", "OR"]),
        ("0", "-5", "Order([Store].[USA].Children, [Measures].[X], BDESC)", ["OR", "CA", "WA"]),
        ("1e-300", "-1e-300", "Order([Store].[USA].Children, [Measures].[X], BASC)", ["WA", "CA", "OR"]),
        ("5", "-5", "TopCount([Store].[USA].Children, 2, [Measures].[X])", ["OR", "CA"]),
        ("5", "-5", "BottomCount([Store].[USA].Children, 2, [Measures].[X])", ["WA", "CA"]),
        ("-1", "-5", "TopCount([Store].[USA].Children, 1, [Measures].[X])", ["CA"]),
        ("-1", "-5", "DrilldownMemberTop({[Store].[USA]}, {[Store].[USA]}, 1, [Measures].[X])", ["USA", "CA"]),
        ('"a"', '""', "Order([Store].[USA].Children, [Measures].[X], BASC)", ["CA", "WA", "OR"]),
        ('"a"', '"b"', "Order([Store].[USA].Children, [Measures].[X], BDESC)", ["WA", "OR", "CA"]),
    ],
)
def test_what_is_empty_stands_at_zero(oregon: str, washington: str, expression: str, wanted: list[str]) -> None:
    assert shown(expression, X.format(oregon, washington)) == wanted


def test_a_rank_counts_what_is_empty_at_zero() -> None:
    head = X.format("5", "-5") + (
        " MEMBER [Measures].[R] AS Rank([Store].CurrentMember, [Store].[USA].Children, [Measures].[X])"
    )
    cells = ask(f"{head} SELECT {{[Measures].[R]}} ON 0, [Store].[USA].Children ON 1 FROM [Sales]").cells
    assert [cells.value(i) for i in range(3)] == [2, 1, 3]


# TopPercent and BottomPercent: "negative values generate an error"


@pytest.mark.parametrize("name", ["TopPercent", "BottomPercent"])
def test_a_share_below_nothing_is_an_error(name: str) -> None:
    with pytest.raises(StatementError, match="0 percent"):
        shown(f"{name}([Store].[USA].Children, -5, [Measures].[Unit Sales])")
    assert shown(f"{name}([Store].[USA].Children, 0, [Measures].[Unit Sales])") == []


def test_a_share_below_nothing_is_an_error_in_its_own_cells_only() -> None:
    head = (
        "WITH MEMBER [Measures].[N] AS Count(TopPercent([Product].[Product Family].Members,"
        " IIf([Store].CurrentMember IS [Store].[USA].[OR], -1, 100), [Measures].[Unit Sales]))"
    )
    cells = ask(f"{head} SELECT {{[Measures].[N]}} ON 0, [Store].[USA].Children ON 1 FROM [Sales]").cells
    assert list(cells.errors) == [1]
    assert [cells.value(0), cells.value(2)] == [3, 3]


# Intersect and Union with ALL

CA, OR, WA = ("[Store].[USA].[CA]", "[Store].[USA].[OR]", "[Store].[USA].[WA]")


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (f"Intersect({{{CA}, {CA}, {WA}, {OR}, {WA}}}, {{{CA}, {CA}, {WA}}}, ALL)", ["CA", "CA", "WA"]),
        (f"Intersect({{{CA}, {CA}}}, {{{CA}, {CA}, {CA}}}, ALL)", ["CA", "CA"]),
        (f"Intersect({{{CA}, {CA}, {WA}}}, {{{CA}, {WA}, {WA}}})", ["CA", "WA"]),
        (f"Intersect({{{CA}, {CA}}}, {{{OR}}}, ALL)", []),
        (f"Intersect({{{CA}}}, Head({{{CA}}}, 0), ALL)", []),
        (f"Intersect({{{CA}, {CA}}} * {{[Gender].[F]}}, {{({CA}, [Gender].[F])}}, ALL)", ["CA|F"]),
        (f"Except({{{CA}, {CA}, {WA}, {WA}}}, {{{WA}}}, ALL)", ["CA", "CA"]),
        (f"Union({{{CA}}}, {{{CA}}}, {{{OR}}}, ALL)", ["CA", "CA", "OR"]),
        (f"Union({{{CA}}}, {{{CA}}}, {{{OR}}})", ["CA", "OR"]),
        (f"Union({{{CA}}}, {{{CA}}}, ALL)", ["CA", "CA"]),
        (f"Union({{{CA}}}, Head({{{CA}}}, 0), {{{OR}}}, {{{CA}}}, ALL)", ["CA", "OR", "CA"]),
        (
            f"Union({{({CA}, [Gender].[F])}}, {{({CA}, [Gender].[F])}}, {{({CA}, [Gender].[M])}}, ALL)",
            ["CA|F"] * 2 + ["CA|M"],
        ),
    ],
)
def test_duplicates(expression: str, wanted: list[str]) -> None:
    assert shown(expression) == wanted


def test_duplicates_are_matched_for_every_cell() -> None:
    head = (
        f"WITH MEMBER [Measures].[N] AS Count(Intersect({{{CA}, {CA}, [Store].CurrentMember, {OR}}},"
        f" {{{CA}, [Store].CurrentMember, [Store].CurrentMember}}, ALL))"
    )
    cells = ask(f"{head} SELECT {{[Measures].[N]}} ON 0, [Store].[USA].Children ON 1 FROM [Sales]").cells
    assert [cells.value(i) for i in range(3)] == [3, 3, 2]  # CA CA CA, CA OR OR, CA WA


@pytest.mark.parametrize("expression", [f"Union({{{CA}}}, ALL, {{{OR}}})", f"Union({{{CA}}}, ALL)"])
def test_all_is_the_last_word_of_a_union(expression: str) -> None:
    with pytest.raises(StatementError, match="Union"):
        shown(expression)


# NonEmptyCrossjoin: "all calculated members are automatically excluded"

T = "WITH MEMBER [Store].[T] AS 5 MEMBER [Gender].[T] AS 6 MEMBER [Measures].[T] AS 7"


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("NonEmptyCrossJoin({[Store].[USA], [Store].[T]}, {[Gender].[F]})", ["USA|F"]),
        ("NonEmptyCrossJoin({[Store].[USA]}, {[Gender].[T], [Gender].[F]})", ["USA|F"]),
        ("NonEmptyCrossJoin({[Store].[T]})", []),
        ("NonEmptyCrossJoin({[Store].[USA]}, {[Gender].[T]}, 1)", []),
        ("NonEmptyCrossJoin({[Store].[USA]}, {[Measures].[T], [Measures].[Unit Sales]})", ["USA|Unit Sales"]),
        ("NonEmptyCrossJoin({([Store].[T], [Gender].[F]), ([Store].[USA], [Gender].[M])})", ["USA|M"]),
    ],
)
def test_a_cross_join_of_what_has_facts_leaves_out_calculated_members(expression: str, wanted: list[str]) -> None:
    assert shown(expression, T) == wanted


# Drilling: "a descendant immediately following it"; "if there is no member at that level, the level is ignored"

Q = "{[Time].[1997], [Time].[1997].[Q1].[1], [Time].[1998]}"


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (f"DrilldownLevel({Q}, [Time].[Year])", ["1997", "1", "1998", "Q1", "Q2", "Q3", "Q4"]),
        (f"DrilldownLevelTop({Q}, 1, [Time].[Year], [Measures].[Unit Sales])", ["1997", "1", "1998", "Q1"]),
        (f"DrilldownMember({Q}, {{[Time].[1997], [Time].[1998]}})", ["1997", "1", "1998", "Q1", "Q2", "Q3", "Q4"]),
        (f"DrilldownMemberBottom({Q}, {{[Time].[1997]}}, 1, [Measures].[Unit Sales])", ["1997", "1", "1998"]),
        (
            "DrilldownMember({[Store].[USA], [Store].[USA].[OR].[Salem]} * {[Gender].[F]}, {[Store].[USA]})",
            ["USA|F", "Salem|F"],
        ),
        (
            (
                "DrilldownMember({([Store].[USA], [Gender].[F]), ([Store].[USA].[OR].[Salem], [Gender].[M])},"
                " {[Store].[USA]})"
            ),
            ["USA|F", "CA|F", "OR|F", "WA|F", "Salem|M"],
        ),
        ("DrilldownMember({[Store].[USA], [Store].[USA]}, {[Store].[USA]})", ["USA", "CA", "OR", "WA"] * 2),
        ("DrilldownLevel({[Gender].[F]} * {[Store].[USA]}, [Store].[Store Name])", ["F|USA"]),
        ("DrilldownLevel({[Store].[USA]} * {[Gender].[F]}, [Store].[Store City])", ["USA|F", "CA|F", "OR|F", "WA|F"]),
        ("DrilldownLevelTop({[Store].[USA]}, 1, [Store].[Store City], [Measures].[Unit Sales])", ["USA", "WA"]),
        ("DrilldownLevelBottom({[Store].[USA]}, 1, [Store].[Store City], [Measures].[Unit Sales])", ["USA", "OR"]),
        ("DrillupLevel({[Store].[USA], [Store].[USA].[OR].[Salem]}, [Store].[Store State])", ["USA", "Salem"]),
        (
            "DrillupLevel({[Store].[USA], [Store].[USA].[OR], [Store].[USA].[OR].[Salem]}, [Store].[Store State])",
            ["USA", "OR"],
        ),
    ],
)
def test_drilling(expression: str, wanted: list[str]) -> None:
    assert shown(expression) == wanted


def test_a_member_is_drilled_where_a_calculated_one_below_it_follows() -> None:
    head = "WITH MEMBER [Store].[USA].[OR].[Coast] AS 1"
    text = "DrilldownMember({[Store].[USA], [Store].[USA].[OR].[Coast], [Store].[Mexico]}, {[Store].[USA]})"
    assert shown(text, head) == ["USA", "Coast", "Mexico"]


# Hierarchize with POST: "child members precede their parents", visual totals among them

BREAD = "[Product].[Food].[Baked Goods].[Bread]"


def test_visual_totals_follow_their_children_in_post_order() -> None:
    some = f"VisualTotals({{{BREAD}, {BREAD}.[Bagels], {BREAD}.[Muffins]}})"
    assert shown(f"Hierarchize({some}, POST)") == ["Bagels", "Muffins", "Bread"]
    assert shown(f"Hierarchize({some})") == ["Bread", "Bagels", "Muffins"]
    two = "VisualTotals({[Store].[USA], [Store].[USA].[CA], [Store].[USA].[CA].[Los Angeles]})"
    assert shown(f"Hierarchize({two}, POST)") == ["Los Angeles", "CA", "USA"]
    pairs = "VisualTotals({[Store].[USA], [Store].[USA].[CA]}) * {[Gender].[F], [Gender].[All Gender]}"
    assert shown(f"Hierarchize({pairs}, POST)") == ["CA|F", "CA|All Gender", "USA|F", "USA|All Gender"]


# Visual totals


@pytest.mark.parametrize(
    ("listed", "wanted"),
    [
        (
            "{[Store].[All Stores], [Store].[USA], [Store].[USA].[CA], [Store].[USA].[OR]}",
            ["store_state IN ('CA', 'OR')", "store_state IN ('CA', 'OR')", "store_state = 'CA'", "store_state = 'OR'"],
        ),
        (
            "{[Store].[USA], [Store].[USA].[CA], [Store].[USA].[CA].[Los Angeles], [Store].[USA].[WA]}",
            [
                "store_city = 'Los Angeles' OR store_state = 'WA'",
                *["store_city = 'Los Angeles'"] * 2,
                "store_state = 'WA'",
            ],
        ),
    ],
)
def test_visual_totals_of_distinct_counts_are_counted_over_their_union(listed: str, wanted: list[str]) -> None:
    counts = [rows(f"SELECT count(DISTINCT customer_id) FROM {SALES} WHERE {w}")[0][0] for w in wanted]
    sums = [unit_sales(w) for w in wanted]
    measures = "{[Measures].[Customer Count], [Measures].[Unit Sales]}"
    cells = ask(f"SELECT VisualTotals({listed}) ON 0, {measures} ON 1 FROM [Sales]").cells
    assert [cells.value(i) for i in range(2 * len(wanted))] == [*counts, *sums]


@pytest.mark.parametrize(
    ("owner", "listed", "wanted"),
    [
        ("[Gender].[All Gender]", "{%o, %o.[X], [Gender].[F]}", "gender = 'F'"),
        ("[Gender].[All Gender]", "{%o, [Gender].[F], %o.[X]}", "gender = 'F'"),
        ("[Gender].[All Gender]", "{%o, [Gender].[F], %o.[X], [Gender].[M]}", "true"),
        ("[Time].[1997]", "{%o, %o.[X], %o.[Q1]}", "quarter = 'Q1'"),
        ("[Time].[1997]", "{%o, %o.[Q1], %o.[Q1].[1], %o.[X], %o.[Q2]}", "month_of_year = 1 OR quarter = 'Q2'"),
        ("[Time].[1997]", "{%o, %o.[X], %o.[X], %o.[Q1], %o.[Q3]}", "quarter IN ('Q1', 'Q3')"),
        ("[Store].[USA].[CA]", "{[Store].[USA], %o, %o.[X], %o.[Los Angeles]}", "store_city = 'Los Angeles'"),
    ],
)
def test_a_calculated_member_adds_nothing_to_a_visual_total_and_ends_none(owner: str, listed: str, wanted: str) -> None:
    text = f"WITH MEMBER {owner}.[X] AS 1 SELECT VisualTotals({listed.replace('%o', owner)}, '*-sub') ON 0 FROM [Sales]"
    found = ask(text)
    assert found.cells.value(0) == unit_sales(wanted)
    assert found.axes[0].captions(0, "en")[0].endswith("-sub")


def test_a_calculated_member_alone_leaves_its_parent_as_it_is() -> None:
    text = "WITH MEMBER %o.[X] AS 1 SELECT VisualTotals({%o, %o.[X]}, '*-sub') ON 0 FROM [Sales]"
    found = ask(text.replace("%o", "[Gender].[All Gender]"))
    assert found.axes[0].captions(0, "en") == ["All Gender", "X"]
    assert [found.cells.value(i) for i in range(2)] == [unit_sales(), 1]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("{}.Item(0).Children", ["CA", "OR", "WA"]),
        ("{{{}.Item(0).NextMember}}", []),
        ("{{{}.Item(0).PrevMember}}", ["Mexico"]),
        ("{{{}.Item(0).FirstChild}}", ["CA"]),
        ("{{{}.Item(0).Parent}}", ["All Stores"]),
        ("Descendants({}.Item(0), 1)", ["CA", "OR", "WA"]),
        ("Descendants({}, [Store].[Store State])", ["CA", "OR", "WA", "CA"]),
        ("DrilldownMember(Head({}), {{[Store].[USA]}})", ["USA", "CA", "OR", "WA"]),
        ("ToggleDrillState(Head({}), {{[Store].[USA]}})", ["USA", "CA", "OR", "WA"]),
        ("DrillupMember({}, {{[Store].[USA]}})", ["USA"]),
        ("Ancestors({}.Item(1), 1)", ["USA"]),
        ("Ascendants({}.Item(0))", ["USA", "All Stores"]),
        ("{{Ancestor({}.Item(0), [Store].[(All)])}}", ["All Stores"]),
        ("{}.Item(0).Siblings", ["Canada", "Mexico", "USA"]),
        ("{{Cousin({}.Item(0).FirstChild, [Store].[Mexico])}}", ["DF"]),
        ("DrilldownLevel(Head({}))", ["USA", "CA", "OR", "WA"]),
    ],
)
def test_a_visual_total_stands_where_its_member_does(expression: str, wanted: list[str]) -> None:
    assert shown(expression.format("VisualTotals({[Store].[USA], [Store].[USA].[CA]})")) == wanted


# Item: "a tuple expressed in a string", or one string for each of its members

PAIRS = "([Gender].Members * [Marital Status].Members)"


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (f"{{{PAIRS}.Item('([Gender].[F],[Marital Status].[S])')}}", ["F|S"]),
        (f"{{{PAIRS}.Item('([Marital Status].[S], [Gender].[F])')}}", ["F|S"]),
        (f"{{{PAIRS}.Item('[Gender].[F]', '[Marital Status].[S]')}}", ["F|S"]),
        (f"{{{PAIRS}.Item('F', 'S')}}", ["F|S"]),
        (f"{{{PAIRS}.Item('[Gender].[All Gender].[F]', '[Marital Status].[Marital Status].[S]')}}", ["F|S"]),
        (f"{{{PAIRS}.Item('([Gender].[F],[Store].[USA])')}}", []),
        (f"{{{PAIRS}.Item('([Gender].[Nobody],[Marital Status].[S])')}}", []),
        (f"{{{PAIRS}.Item('(((')}}", []),
        ("{[Store].[USA].Children.Item('OR')}", ["OR"]),
        ("{[Store].[USA].Children.Item('[Store].[USA].[OR]')}", ["OR"]),
        ("{[Store].[USA].Children.Item('([Store].[USA].[OR])')}", ["OR"]),
        ("{[Store].[USA].Children.Item('[Store].[All Stores].[USA].[OR]')}", ["OR"]),
        ("{Head([Gender].Members, 0).Item('[Gender].[F]')}", []),
    ],
)
def test_an_item_by_text(expression: str, wanted: list[str]) -> None:
    assert shown(expression) == wanted


def test_an_item_by_a_text_that_varies() -> None:
    head = (
        "WITH MEMBER [Measures].[N] AS ([Store].[USA].Children.Item(IIf([Gender].CurrentMember IS [Gender].[F],"
        " '[Store].[USA].[WA]', 'OR')).Name)"
    )
    cells = ask(f"{head} SELECT {{[Measures].[N]}} ON 0, {{[Gender].[F], [Gender].[M]}} ON 1 FROM [Sales]").cells
    assert [cells.value(i) for i in range(2)] == ["WA", "OR"]
