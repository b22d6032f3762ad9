"""IIf and CASE take results of any kinds: the one that is chosen is what counts.

The documented sentence: "the specified expressions need not match in type" (IIf, MDX reference).
"""

from __future__ import annotations

import pytest

from flis.errors import StatementError
from tests.soundness.foodmart import ask


def cells(expression: str, on: str = "[Gender].[F], [Gender].[M]") -> list[object]:
    found = ask(f"WITH MEMBER [Measures].[X] AS {expression} SELECT [Measures].[X] ON 0, {{{on}}} ON 1 FROM [Sales]")
    return list(found.cells.texts)


def names(expression: str) -> list[str]:
    axis = ask(f"SELECT {expression} ON 0 FROM [Sales]").axes[0]
    return ["|".join(t) for t in zip(*(axis.captions(n, "en") for n in range(len(axis.hierarchies))), strict=True)]


WOMEN = "[Gender].CurrentMember IS [Gender].[F]"
MIXED = {
    "a number and a text": (f"IIf({WOMEN}, 1.5, 'none')", ["1.5", "none"]),
    "a cell and a text": (f"IIf({WOMEN}, [Measures].[Unit Sales], 'none')", ["131,558", "none"]),
    "a truth value and a number": (f"IIf({WOMEN}, 1 = 1, 7)", ["true", "7"]),
    "a day and a text": (f"IIf({WOMEN}, DateSerial(2020, 2, 3), 'never')", ["2/3/2020", "never"]),
    "members of two hierarchies": (f"IIf({WOMEN}, [Store].[USA], [Product].[Food]).Name", ["USA", "Food"]),
    "their values": (f"IIf({WOMEN}, [Store].[USA].[WA], [Product].[Food])", ["61,763", "97,126"]),
    "one of two hierarchies": (f"IIf({WOMEN}, [Product], [Promotions]).Name", ["Product", "Promotions"]),
    "one of two levels": (f"IIf({WOMEN}, [Store].[Store City], [Product].[Product Family]).Name",
                          ["Store City", "Product Family"]),
    "sets of different hierarchies": (f"Count(IIf({WOMEN}, [Store].[Store State].Members, [Gender].Members))",
                                      ["10", "3"]),
    "a set and a member": (f"Count(IIf({WOMEN}, [Gender].Members, [Gender].[M]))", ["3", "1"]),
    "a set and nothing": (f"Count(IIf({WOMEN}, [Gender].Members, NULL))", ["3", "0"]),
    "nothing and a set": (f"Count(IIf({WOMEN}, {{}}, [Gender].Members))", ["0", "3"]),
    "a member and nothing": (f"IIf({WOMEN}, [Store].[USA].[WA], NULL) IS NULL", ["false", "true"]),
    "a tuple and nothing": (f"IIf({WOMEN}, ([Store].[USA].[WA], [Product].[Food]), NULL)", ["44,680", ""]),
    "a level and nothing": (f"Count(IIf({WOMEN}, [Store].[Store Country], NULL).Members)", ["3", "0"]),
    "part of a tuple": (f"(IIf({WOMEN}, [Store].[USA].[WA], [Product].[Food]), [Measures].[Unit Sales])",
                        ["61,763", "97,126"]),
    "compared by IS": (f"IIf({WOMEN}, [Store].[USA], [Product].[Food]) IS [Store].[USA]", ["true", "false"]),
    "one in the other": (f"IIf({WOMEN}, [Store].[USA], IIf(1 < 2, [Product].[Food], [Gender].[F])).Name",
                         ["USA", "Food"]),
    "branches of CASE": (f"CASE WHEN {WOMEN} THEN 'F' WHEN 1 > 2 THEN 0 ELSE 1 = 1 END", ["F", "true"]),
    "CASE of a value": ("CASE [Gender].CurrentMember.Name WHEN 'F' THEN [Store].[USA] ELSE [Product].[Food] END.Name",
                        ["USA", "Food"]),
    "numbers among texts are compared as numbers": (f"IIf({WOMEN}, 10, 'x') > 9", ["true", "true"]),
    "and added as numbers": (f"IIf({WOMEN}, 10, 'x') + IIf({WOMEN}, 5, 'y')", ["15", "xy"]),
    "in an iteration the condition is asked for each": (
        f"Sum([Gender].[Gender].Members, IIf({WOMEN}, [Measures].[Unit Sales], [Store].[USA].[WA]))",
        ["194,161", "194,161"]),
}  # fmt: skip


@pytest.mark.parametrize("what", MIXED)
def test_results_of_different_kinds(what: str) -> None:
    expression, expected = MIXED[what]
    assert cells(expression) == expected


SETS = {
    "{IIf(1 > 2, [Customers].[USA], NULL), [Customers].[Canada]}": ["Canada"],
    "{IIf(1 < 2, NULL, [Customers].[USA]), [Customers].[Canada]}": ["Canada"],
    "{IIf([Measures].[Unit Sales] > 0, [Customers].[USA], NULL), [Customers].[Canada]}": ["USA", "Canada"],
    "{IIf([Measures].[Unit Sales] < 0, [Customers].[USA], NULL), [Customers].[Canada]}": ["Canada"],
    "IIf(1 < 2, [Gender], [Product]).Members": ["All Gender", "F", "M"],
    "Generate([Gender].[Gender].Members, IIf([Gender].CurrentMember.Name = 'F', {[Gender].[M]}, NULL))": ["M"],
    "{CASE WHEN 1 > 2 THEN [Gender].[M] END, [Gender].[F]}": ["F"],
    "{IIf(1 > 2, ([Gender].[F], [Store].[USA]), NULL), ([Gender].[M], [Store].[USA])}": ["M|USA"],
}


@pytest.mark.parametrize("text", SETS)
def test_what_is_nothing_adds_no_member(text: str) -> None:
    assert names(text) == SETS[text]


def test_a_set_is_no_value_beside_a_number_either() -> None:
    with pytest.raises(StatementError, match="mix of objects"):
        cells(f"IIf({WOMEN}, [Gender].Members, 1)")


NO_TUPLES = {
    "TupleToStr(([Gender].[F], [Store].[All Stores].Parent))": "",
    "SetToStr({([Gender].[F], [Store].[All Stores].Parent)})": "{}",
    "Count({([Gender].[F], [Store].[All Stores].Parent)})": "0",
    "([Store].[All Stores].Parent, [Measures].[Seven])": "",
    "([Store].[All Stores].Parent, [Measures].[Seven]).Value": "",
    "IsEmpty(([Store].[All Stores].Parent, [Measures].[Seven]))": "true",
    "([Gender].[F], [Store].[All Stores].Parent) IS NULL": "true",
    "ValidMeasure(([Measures].[Unit Sales], [Store].[All Stores].Parent))": "",
    "CoalesceEmpty([Store].[All Stores].Parent, 3)": "3",
    "[Store].[All Stores].Parent + 5": "5",
}


@pytest.mark.parametrize("expression", NO_TUPLES)
def test_a_tuple_that_lacks_a_member_is_none(expression: str) -> None:
    found = ask(
        f"WITH MEMBER [Measures].[Seven] AS 7 MEMBER [Measures].[X] AS {expression}"
        " SELECT {[Measures].[X]} ON 0 FROM [Sales]"
    )
    assert list(found.cells.texts) == [NO_TUPLES[expression]]
