"""Optimisations on and off give the same answers."""

from __future__ import annotations

import pytest

from flis.query import select
from flis.query.evaluation import exists, nonempty, segments
from tests.soundness.foodmart import answer, ask, base

STATEMENTS = [
    (
        "SELECT {[Measures].[Unit Sales], [Measures].[Profit]} ON 0,"
        " NON EMPTY [Store].Members * [Gender].Members ON 1 FROM [Sales]"
    ),
    "SELECT [Measures].[Customer Count] ON 0, [Store].Members ON 1 FROM [Sales] WHERE [Time].[1997].[Q1]",
    (
        "SELECT NON EMPTY [Product].[Product Category].Members * [Store].[Store City].Members"
        " * [Measures].[Unit Sales] ON 0 FROM [Sales] WHERE {[Gender].[F]}"
    ),
    "SELECT NON EMPTY [Time].[Month].Members * [Measures].Members * [Store Type].Members ON 0 FROM [Sales]",
    "SELECT NonEmpty([Promotions].Members * [Store].[Store State].Members, [Measures].[Store Sales]) ON 0 FROM [Sales]",
    "SELECT NON EMPTY [Employees].Members ON 0, [Store].[Store Country].Members ON 1 FROM [HR]",
    "SELECT NON EMPTY [Store].Members ON 0, [Geography].Members ON 1 FROM [Sales Ragged]",
    (
        "SELECT NON EMPTY [Customers].[City].Members * [Time].Members ON 0 FROM"
        " (SELECT {[Store].[USA].[CA], [Store].[USA].[WA]} ON 0 FROM [Sales])"
    ),
    (
        "SELECT [Measures].Members ON 0,"
        " NON EMPTY [Warehouse].Members * [Product].[Product Family].Members ON 1 FROM [Warehouse and Sales]"
    ),
]


@pytest.mark.parametrize("text", STATEMENTS)
def test_rolled_up_or_asked(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    base().forget()
    rolled = answer(text)
    monkeypatch.setattr(segments, "LARGEST_ROLLED", -1)
    base().forget()
    assert answer(text) == rolled
    base().forget()


def test_rolled_up_sums_of_decimals_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Order and Rank would see the drift of doubles: which of two equal values comes first hung on what was asked."""
    finest = "SELECT {[Measures].[Store Sales], [Measures].[Store Cost]} ON 0, [Product].[Product Name].Members ON 1"
    coarse = "SELECT {[Measures].[Store Sales], [Measures].[Store Cost]} ON 0, [Product].Members ON 1"

    def exact() -> list[object]:
        found = ask(f"{coarse} FROM [Sales]")
        return [found.cells.value(i) for i in range(len(found))]

    base().forget()
    ask(f"{finest} FROM [Sales]")
    rolled = exact()
    monkeypatch.setattr(segments, "LARGEST_ROLLED", -1)
    base().forget()
    assert exact() == rolled
    base().forget()


SLICED = [
    "SELECT NON EMPTY [Store].Members * [Time].Members ON 0 FROM [Sales] WHERE ([Product].[Drink], [Gender].[F])",
    "SELECT [Measures].Members ON 0, [Store].Members ON 1 FROM [Warehouse and Sales] WHERE [Product].[Food].[Deli]",
    (
        "WITH MEMBER [Measures].[X] AS ([Measures].[Unit Sales], [Product].[Drink]) / [Measures].[Customer Count]"
        " SELECT {[Measures].[X], [Measures].[Unit Sales]} ON 0, [Gender].Members ON 1 FROM [Sales]"
        " WHERE {[Time].[1997].[Q1], [Time].[1997].[Q2]}"
    ),
    "SELECT [Store].Members ON 0 FROM [HR] WHERE ([Measures].[Org Salary], [Time].[1997].[Q3], [Pay Type].[Monthly])",
    "SELECT [Geography].Members ON 0 FROM [Sales Ragged] WHERE ([Store].[Israel], [Gender].[M])",
    "SELECT FROM [Sales] WHERE ([Measures].[Store Cost], [Store].[USA].[CA], [Product].[Food])",
]


@pytest.mark.parametrize("often", [0, 1, 10**6])
@pytest.mark.parametrize("text", [*STATEMENTS, *SLICED])
def test_one_member_or_all(text: str, often: int, monkeypatch: pytest.MonkeyPatch) -> None:
    base().forget()
    whole = answer(text)
    monkeypatch.setattr(segments, "FEW_FACTS", -1)
    monkeypatch.setattr(segments, "OFTEN", often)
    base().forget()
    assert answer(text) == whole
    assert answer(text) == whole
    base().forget()


LACKING = [
    (
        "SELECT {[Measures].[Unit Sales]} ON 0, NON EMPTY {[Warehouse].[USA], [Warehouse].[All Warehouses]}"
        " * [Customers].[City].Members ON 1 FROM [Warehouse and Sales]"
    ),
    (
        "SELECT {[Measures].[Unit Sales]} ON 0, NonEmptyCrossJoin({[Warehouse].[USA], [Warehouse].[Mexico]},"
        " [Customers].[City].Members) ON 1 FROM [Warehouse and Sales]"
    ),
    (
        "SELECT NON EMPTY {([Measures].[Units Shipped], [Gender].[All Gender]),"
        " ([Measures].[Unit Sales], [Gender].[F]), ([Measures].[Store Cost], [Gender].[F])}"
        " * [Product].[Product Category].Members ON 0 FROM [Warehouse and Sales]"
    ),
    (
        "SELECT {[Measures].[Units Shipped], [Measures].[Unit Sales]} ON 0,"
        " NON EMPTY {[Gender].[F], [Gender].[All Gender]} * {[Warehouse].[USA], [Warehouse].[All Warehouses]}"
        " * [Store].[Store City].Members ON 1"
        " FROM [Warehouse and Sales]"
    ),
]


@pytest.mark.parametrize("text", [*STATEMENTS, *LACKING])
def test_pushed_down_or_made(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = answer(text)
    monkeypatch.setattr(nonempty, "LARGE", 0)
    monkeypatch.setattr(select, "LARGE", 0)
    assert answer(text) == made


TOGETHER = [
    "SELECT [Time].[Month].Members * [Time].[Weekly].[Week].Members ON 0 FROM [Sales]",
    "SELECT Head([Time].[Weekly].Members * [Gender].[Gender].Members * [Time].[Time].Members, 900) ON 0 FROM [Sales]",
    "SELECT [Time].[Weekly].Members * [Time].[Time].Members ON 0 FROM (SELECT [Time].[1997].[Q2] ON 0 FROM [Sales])",
]


@pytest.mark.parametrize("text", TOGETHER)
def test_joined_or_looked_at(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exists, "SMALL", 10**9)
    looked = answer(text)
    monkeypatch.setattr(exists, "SMALL", -1)
    assert answer(text) == looked


@pytest.mark.parametrize("text", STATEMENTS)
def test_cold_or_warm(text: str) -> None:
    base().forget()
    cold = answer(text)
    assert answer(text) == cold
