"""Where there is nothing: empty slicers, members that are not there, sets that are not gone through."""

from __future__ import annotations

import pytest

from flis.access import open_scope
from flis.errors import NameStatementError, StatementError, UsageError
from flis.query.database import Options, execute
from flis.query.result import CellSet
from flis.serve.xmla.properties import check
from tests.soundness.foodmart import ask, base


@pytest.mark.parametrize(
    "slicer",
    ["{}", "({})", "StrToSet('{}')", "{} * {}", "Head([Store].[Store State].Members, 0)", "NameToSet('[Store].[X]')",
     "Filter([Store].[Store State].Members, 1 = 0)", "[Store].[All Stores].Parent", "IIf(1 = 2, {[Store].[USA]}, {})"],
)  # fmt: skip
@pytest.mark.parametrize("measure", ["[Measures].[Unit Sales]", "[Measures].[Seven]", "[Measures].[Customer Count]"])
def test_an_empty_slicer_leaves_nothing(slicer: str, measure: str) -> None:
    text = f"WITH MEMBER [Measures].[Seven] AS 7 SELECT {measure} ON 0, [Gender].Members ON 1 FROM [Sales]"
    assert list(ask(f"{text} WHERE {slicer}").cells.texts) == ["", "", ""]


@pytest.mark.parametrize("expression", ["{}.Item(0)", "StrToSet('{}').Item(0)", "TupleToStr({}.Item(0))"])
def test_the_item_of_an_empty_set_is_no_tuple(expression: str) -> None:
    text = f"WITH MEMBER [Measures].[X] AS {expression} SELECT {{[Measures].[X]}} ON 0 FROM [Sales]"
    assert list(ask(text).cells.texts) == [""]


S = "WITH SET [S] AS {[Store].[USA].[CA], [Store].[USA].[OR], [Store].[USA].[WA]}"


def value(expression: str, begin: str = S) -> object:
    cells = ask(f"{begin} MEMBER [Measures].[X] AS {expression} SELECT {{[Measures].[X]}} ON 0 FROM [Sales]").cells
    return "error" if cells.errors else cells.value(0)


ORDINALS = {
    "Generate([S], CStr([S].CurrentOrdinal), ',')": "1,2,3",
    "Generate([S], [S].Current.Item(0).Name, ',')": "CA,OR,WA",
    "Sum([S], [S].CurrentOrdinal)": 6,
    "Max([S], [S].CurrentOrdinal)": 3,
    "Count(Filter([S], [S].CurrentOrdinal > 1))": 2,
    "Count(Filter([Store].[USA].Children AS [A], [A].CurrentOrdinal < 3))": 2,
    "Count(Filter([S] AS [A], [A].CurrentOrdinal + [S].CurrentOrdinal > 4))": 1,
    "Generate(Order([S], -[S].CurrentOrdinal, BASC), [Store].CurrentMember.Name, ',')": "WA,OR,CA",
    "TopCount([S], 1, [S].CurrentOrdinal).Item(0).Name": "WA",
    "[S].CurrentOrdinal": "error",
    "TupleToStr([S].Current)": "error",
    "{[Gender].[F], [Gender].[M]}.CurrentOrdinal": "error",
    "TupleToStr([Store].[USA].Children.Current)": "error",
    "Sum([Store].[USA].Children, [S].CurrentOrdinal)": "error",
    "Sum(Head([S], 2), [S].CurrentOrdinal)": "error",
    "Sum({[Gender].[F], [Gender].[M]}, {[Gender].[F], [Gender].[M]}.CurrentOrdinal)": "error",
}


@pytest.mark.parametrize("expression", ORDINALS)
def test_current_is_of_a_named_set_that_is_gone_through(expression: str) -> None:
    assert value(expression) == ORDINALS[expression]


def test_a_formula_that_is_asked_for_while_the_set_is_gone_through_knows_its_place() -> None:
    begin = f"{S} MEMBER [Measures].[Place] AS [S].CurrentOrdinal"
    assert value("Sum([S], [Measures].[Place])", begin) == 6
    assert value("[Measures].[Place]", begin) == "error"


def shown(text: str, *, missing: bool = True) -> tuple[list[str], list[str]]:
    found = execute(open_scope(), base(), text, Options(lcid=1033, missing=missing))
    assert isinstance(found, CellSet)
    return found.axes[0].captions(0, "en"), list(found.cells.texts)


MISSING = {
    "{[Product].[Nothing], [Product].[Food]}": ["Food"],
    "{[Product].[Product].[Nothing], [Product].[Food]}": ["Food"],
    "{[Product].[Food].[Nothing].[Deeper], [Product].[Food]}": ["Food"],
    "{[Product].[Product Family].&[Nothing], [Product].[Food]}": ["Food"],
    "{[Product].[Nothing]}": [],
    "[Product].[Nothing].Children": [],
    "{[Product].[Nothing].FirstChild, [Product].[Food]}": ["Food"],
    "{StrToMember('[Product].[Nothing]'), [Product].[Food]}": ["Food"],
    "{StrToMember('[Product].[Nothing]', CONSTRAINED), [Product].[Food]}": ["Food"],
    "{[Measures].[Nothing], [Measures].[Unit Sales]}": ["Unit Sales"],
    "{([Product].[Nothing], [Gender].[F]), ([Product].[Food], [Gender].[F])}": ["Food"],
    "Except([Gender].[Gender].Members, {[Gender].[Nobody]})": ["F", "M"],
    "DrilldownMember({[Product].[Food]}, {[Product].[Nothing]})": ["Food"],
}


@pytest.mark.parametrize("axis", MISSING)
def test_members_that_are_not_there_are_left_out_where_that_is_asked_for(axis: str) -> None:
    text = f"SELECT {axis} ON 0 FROM [Sales]"
    assert shown(text)[0] == MISSING[axis]
    with pytest.raises(NameStatementError):
        shown(text, missing=False)


def test_a_cell_of_a_member_that_is_not_there_is_empty() -> None:
    text = "WITH MEMBER [Measures].[X] AS ([Product].[Nothing], [Measures].[Unit Sales]) SELECT {[Measures].[X]} ON 0"
    assert shown(f"{text} FROM [Sales]")[1] == [""]
    assert shown("SELECT [Measures].[Unit Sales] ON 0 FROM [Sales] WHERE [Product].[Nothing]")[1] == [""]
    assert shown("SELECT [Measures].[Unit Sales] ON 0 FROM (SELECT {[Product].[Nothing], [Product].[Food]} ON 0"
                 " FROM [Sales])")[1] == ["191,940"]  # fmt: skip


@pytest.mark.parametrize("axis", ["{[Nothing].[Food]}", "{[Nothing]}", "{[Product].[Food], Nothing}"])
def test_what_is_not_of_a_hierarchy_is_an_error_all_the_same(axis: str) -> None:
    with pytest.raises(StatementError):
        shown(f"SELECT {axis} ON 0 FROM [Sales]")


def test_the_mode_is_one_of_three() -> None:
    for mode in ("", "Default", "error", "IGNORE"):
        check({"MdxMissingMemberMode": mode})
    with pytest.raises(UsageError, match="MdxMissingMemberMode"):
        check({"MdxMissingMemberMode": "Ignorer"})
