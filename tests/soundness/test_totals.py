"""A total is that of what it stands for."""

from __future__ import annotations

from tests.soundness.foodmart import ask


def value(text: str) -> float:
    found = ask(text).cells.value(0)
    assert isinstance(found, (int, float))
    return found


def test_a_distinct_count_of_a_set_is_that_of_the_union() -> None:
    both = value("SELECT [Measures].[Customer Count] ON 0 FROM [Sales] WHERE {[Store].[USA].[CA], [Store].[USA].[OR]}")
    each = ask("SELECT {[Store].[USA].[CA], [Store].[USA].[OR]} ON 0 FROM [Sales] WHERE [Measures].[Customer Count]")
    summed = "WITH MEMBER [Time].[Both] AS Aggregate({[Time].[1997].[Q1], [Time].[1997].[Q2]}) "
    member = value(summed + "SELECT [Time].[Both] ON 0 FROM [Sales] WHERE [Measures].[Customer Count]")
    quarters = ask(
        "SELECT {[Time].[1997].[Q1], [Time].[1997].[Q2]} ON 0 FROM [Sales] WHERE [Measures].[Customer Count]"
    )
    parts = quarters.cells.values.tolist()
    assert max(parts) < member < sum(parts)
    assert both <= sum(each.cells.values.tolist())


def test_a_slicer_set_counts_what_overlaps_once() -> None:
    text = "SELECT [Measures].[Unit Sales] ON 0 FROM [Sales] WHERE {{{}}}"
    assert value(text.format("[Store].[USA], [Store].[USA].[CA]")) == value(text.format("[Store].[USA]"))


def test_a_subselect_leaves_siblings_out_of_their_parent() -> None:
    inner = "(SELECT {[Store].[USA].[CA], [Store].[USA].[OR]} ON 0 FROM [Sales])"
    found = ask(f"SELECT {{[Store].[All Stores], [Store].[USA], [Store].[USA].Children}} ON 0 FROM {inner}")
    values = [found.cells.value(i) for i in range(len(found))]
    assert found.axes[0].captions(0, "en") == ["All Stores", "USA", "CA", "OR"]
    assert values[0] == values[1] == values[2] + values[3]  # type: ignore[operator]


def test_a_data_member_has_its_owners_own_value() -> None:
    own = value("SELECT [Employees].[Sheri Nowmer].DataMember ON 0 FROM [HR] WHERE [Measures].[Org Salary]")
    children = ask("SELECT [Employees].[Sheri Nowmer].Children ON 0 FROM [HR] WHERE [Measures].[Org Salary]")
    total = value("SELECT [Employees].[Sheri Nowmer] ON 0 FROM [HR] WHERE [Measures].[Org Salary]")
    below = sum(children.cells.value(i) or 0 for i in range(len(children)))  # type: ignore[misc]
    assert abs(own + below - total) < 1e-6
