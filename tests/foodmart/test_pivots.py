"""What pivot tables ask beyond the recorded statements: which tuples are shown, and that their cells are the facts'."""

from __future__ import annotations

import pytest

from tests.foodmart.facts import unit_sales
from tests.soundness.foodmart import ask

OPEN = "{{DrilldownLevel({{[Store].[All Stores]}},,,INCLUDE_CALC_MEMBERS)}}"
NESTED = "CrossJoin({[Gender].[All Gender], [Gender].[Gender].AllMembers}, {([Marital Status].[All Marital Status])})"
THREE = (
    "DrilldownMember(CrossJoin({[Gender].[All Gender], [Gender].[Gender].AllMembers},"
    " {([Marital Status].[All Marital Status], [Product].[All Products])}), [Gender].[Gender].AllMembers,"
    " [Marital Status], INCLUDE_CALC_MEMBERS)"
)


def pivot(text: str) -> dict[tuple[str, ...], object]:
    """The captions of the one axis with their cells, in order."""
    found = ask(text)
    columns = [found.axes[0].captions(i, "en") for i in range(len(found.axes[0].hierarchies))]
    captions = list(zip(*columns, strict=True))
    assert len(set(captions)) == len(captions)
    return dict(zip(captions, (found.cells.value(i) for i in range(len(found))), strict=True))


def axis(rows: str, source: str = "[Sales]", measure: str = "[Unit Sales]") -> dict[tuple[str, ...], object]:
    return pivot(f"SELECT NON EMPTY Hierarchize({rows}) ON COLUMNS FROM {source} WHERE ([Measures].{measure})")


def test_an_expanded_outer_field_leaves_the_total_closed() -> None:
    shown = axis(f"DrilldownMember({NESTED}, [Gender].[Gender].AllMembers, [Marital Status])")
    assert list(shown) == [
        ("All Gender", "All Marital Status"),
        *((g, m) for g in "FM" for m in ("All Marital Status", "M", "S")),
    ]
    for g in "FM":
        for m in "MS":
            assert shown[g, m] == unit_sales(f"gender = '{g}' AND marital_status = '{m}'")


def test_a_longer_path_is_the_level_alone() -> None:
    assert list(pivot("SELECT {[Gender].[Gender].[Gender].AllMembers} ON 0 FROM [Sales]")) == [("F",), ("M",)]


def test_a_tuple_of_the_outer_fields_is_expanded_alone() -> None:
    shown = axis(f"DrilldownMember({THREE}, {{([Gender].[F], [Marital Status].[S])}}, [Product])")
    below = [t for t in shown if t[2] != "All Products"]
    assert below == [("F", "S", "Drink"), ("F", "S", "Food"), ("F", "S", "Non-Consumable")]
    for t in below:
        assert shown[t] == unit_sales(f"gender = 'F' AND marital_status = 'S' AND product_family = '{t[2]}'")


def test_several_tuples_are_expanded_whatever_the_order_of_their_members() -> None:
    one = axis(f"DrilldownMember({THREE}, {{([Gender].[F], [Marital Status].[S])}}, [Product])")
    other = axis(f"DrilldownMember({THREE}, {{([Marital Status].[S], [Gender].[F])}}, [Product])")
    assert one == other


def test_an_expanded_member_of_an_inner_hierarchy_by_tuple() -> None:
    rows = "CrossJoin([Gender].[Gender].Members, DrilldownLevel({[Store].[All Stores]},,,INCLUDE_CALC_MEMBERS))"
    shown = axis(f"DrilldownMember({rows}, {{([Gender].[F], [Store].[USA])}}, [Store], INCLUDE_CALC_MEMBERS)")
    assert [t[1] for t in shown if t[0] == "F"] == ["All Stores", "USA", "CA", "OR", "WA"]
    assert [t[1] for t in shown if t[0] == "M"] == ["All Stores", "USA"]


def test_a_child_of_another_tuple_behind_it_does_not_make_a_tuple_expanded() -> None:
    rows = "{([Gender].[F], [Marital Status].[All Marital Status]), ([Gender].[M], [Marital Status].[S])}"
    shown = pivot(f"SELECT DrilldownMember({rows}, {{[Gender].[F]}}, [Marital Status]) ON 0 FROM [Sales]")
    assert list(shown) == [("F", "All Marital Status"), ("F", "M"), ("F", "S"), ("M", "S")]


@pytest.mark.parametrize(
    ("without", "condition"),
    [
        ("[Store].[USA].[CA]", "store_state <> 'CA'"),
        ("[Store].[USA].[CA], [Store].[Canada]", "store_state <> 'CA' AND store_country <> 'Canada'"),
        ("[Store].[USA].[CA], [Store].[USA].[OR].[Salem]", "store_state <> 'CA' AND store_city <> 'Salem'"),
        ("[Store].[USA].[WA], [Store].[USA].[OR].[Salem]", "store_state <> 'WA' AND store_city <> 'Salem'"),
    ],
)
def test_a_filter_that_leaves_out_members_of_several_levels(without: str, condition: str) -> None:
    shown = axis(
        f"DrilldownLevel({OPEN.format()}, [Store].[Store Country])", f"(SELECT (-{{{without}}}) ON 0 FROM [Sales])"
    )
    assert shown["All Stores",] == shown["USA",] == unit_sales(condition)
    states = {t[0]: v for t, v in shown.items() if len(t[0]) == 2}
    for state, units in states.items():
        assert units == unit_sales(f"{condition} AND store_state = '{state}'")
    assert sum(states.values()) == shown["USA",]  # type: ignore[arg-type]


TOTALLED = (
    "VisualTotals(Distinct(Hierarchize({Ascendants([Store].[USA].[CA]), Descendants([Store].[USA].[CA]),"
    " Ascendants([Store].[USA].[OR]), Descendants([Store].[USA].[OR])}))"
)


def test_a_filter_by_visual_totals_shows_what_both_sets_have_with_its_totals() -> None:
    shown = pivot(
        f"WITH SET [XL_Row_Dim_0] AS '{TOTALLED})' SELECT NON EMPTY Hierarchize(Intersect(AddCalculatedMembers("
        "DrilldownMember({{DrilldownLevel({[Store].[All Stores]})}}, {[Store].[USA]})), [XL_Row_Dim_0]))"
        " DIMENSION PROPERTIES PARENT_UNIQUE_NAME ON COLUMNS FROM [Sales] WHERE ([Measures].[Unit Sales])"
    )
    assert list(shown) == [("All Stores",), ("USA",), ("CA",), ("OR",)]
    assert shown["All Stores",] == shown["USA",] == unit_sales("store_state IN ('CA', 'OR')")
    assert shown["CA",] == unit_sales("store_state = 'CA'")


def test_a_visual_total_has_the_unique_name_and_place_of_its_member() -> None:
    members = "{[Store].[All Stores], [Store].[USA], [Store].[USA].[CA], [Store].[USA].[CA].[Los Angeles]}"
    total = ask(f"SELECT Hierarchize(VisualTotals({members}, 'Sum of *')) ON 0 FROM [Sales]").axes[0]
    plain = ask(f"SELECT {members} ON 0 FROM [Sales]").axes[0]
    assert total.captions(0, "en") == ["Sum of All Stores", "Sum of USA", "Sum of CA", "Los Angeles"]
    assert total.unique_names(0) == plain.unique_names(0)
    assert total.display_info()[0].tolist() == plain.display_info()[0].tolist()
    for name in ("MEMBER_KEY", "PARENT_UNIQUE_NAME", "MEMBER_TYPE", "CHILDREN_CARDINALITY"):
        got, want = (a.hierarchies[0].members.values(name, a.columns[0]) for a in (total, plain))
        assert got == want


def test_what_has_a_visual_total_is_not_beside_it() -> None:
    pair = "VisualTotals({[Store].[USA], [Store].[USA].[CA]})"
    shown = pivot(f"SELECT Except([Store].[USA].Children, {pair}) ON 0 FROM [Sales]")
    assert list(shown) == [("OR",), ("WA",)]
    assert list(pivot(f"SELECT Except({{[Store].[USA], [Store].[Canada]}}, {pair}) ON 0 FROM [Sales]")) == [("Canada",)]
