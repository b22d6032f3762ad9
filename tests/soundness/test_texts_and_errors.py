"""What texts, properties, errors and cell properties of a statement come to, as Analysis Services documents them."""

from __future__ import annotations

from typing import Any

import pytest

from flis.errors import FlisError, StatementError
from tests.soundness.foodmart import ask

STORE_15 = "[Store].[USA].[WA].[Seattle].[Store 15]"


def cell(expression: str, properties: str = "", more: str = "") -> tuple[Any, str, bool]:
    """The value of a formula, its text, and whether it is an error."""
    cells = ask(
        f"WITH {more} MEMBER [Measures].[X] AS {expression}{properties} SELECT {{[Measures].[X]}} ON 0 FROM [Sales]"
    ).cells
    return cells.value(0), cells.texts[0], bool(cells.errors)


VALUES = {
    "InStr('abcdef', 'C')": 3,
    "InStr(4, 'abcabc', 'B')": 5,
    "InStr(1, 'abc', 'B', 0)": 2,  # the last argument is always ignored
    "InStr('', '')": 0,
    "InStr(2, 'abc', '')": 2,
    "InStr(9, 'abc', '')": 0,
    "InStr('blåbærgrød', 'ÆRG')": 5,
    "Str(5)": " 5",
    "Str(-5)": "-5",
    "Str(0)": " 0",
    "Str(1.5)": " 1.5",
    "CStr(5)": "5",
    f"{STORE_15}.Properties('Store Sqft')": "21215",
    f"{STORE_15}.Properties('Store Sqft', TYPED)": 21215,
    f"{STORE_15}.Properties('Store Sqft') * 2": 42430,
    f"{STORE_15}.Properties('Store Type')": "Supermarket",
    f"{STORE_15}.Properties('LEVEL_NUMBER')": "4",
    f"{STORE_15}.Properties('LEVEL_NUMBER', TYPED)": 4,
    f"{STORE_15}.Properties('UNARY_OPERATOR')": None,
    f"{STORE_15}.Properties('CUSTOM_ROLLUP')": None,
    f"Len({STORE_15}.Properties('Store Sqft'))": 5,
    "IIf(IsEmpty(Error('x')), 1, 0)": 0,
    "IIf(IsEmpty(CInt('x')), 1, 0)": 0,
    "IIf(IsEmpty([Product].Levels(12).Name), 1, 0)": 0,
    "Count(Filter([Gender].Members, IsEmpty(IIf([Gender].CurrentMember.Name = 'F', Error('x'), NULL))))": 2,
    "IIf(1 = 1, 'a', [Product].Levels(12).Name)": "a",
    "CoalesceEmpty(NULL, 'a', 'b')": "a",
    "CoalesceEmpty(NULL, 2)": 2,
    "CoalesceEmpty(([Measures].[Unit Sales], [Store].[Canada]), 2)": 2,
    "Count(NameToSet('[Store].[Atlantis]'))": 0,
    "Count(NameToSet('[Store].[USA]'))": 1,
    "Count(NameToSet('[[['))": 0,
    "Count(NameToSet('{[Store].[USA]}'))": 0,
    "Count(Union(NameToSet('[Store].[Atlantis]'), {[Store].[USA]}))": 1,
    "StrToValue('[Measures].[Store Sales] / [Measures].[Unit Sales]') = [Measures].[Store Sales] /"
    " [Measures].[Unit Sales]": True,
    "StrToValue('1 + ' + '2')": 3,
    "StrToValue('StrToValue(\"[Measures].[Unit Sales]\")')": 266773,
    "Count(StrToSet('Filter([Store].[Store State].Members, [Measures].[Unit Sales] > 70000)'))": 2,
    "Count(StrToSet('[Gender].Members - {[Gender].[F]}'))": 2,
    "StrToMember('[Store].[USA].[CA].Parent.' + 'FirstChild').Name": "CA",
    "StrToMember('IIf(1 > 2, [Store].[USA], [Store].[Canada])').Name": "Canada",
    "TupleToStr(StrToTuple('([Gender].[F], [Store].[USA].LastChild)'))": "([Gender].[F], [Store].[USA].[WA])",
    "StrToValue('42', CONSTRAINED)": 42,
    f"StrToValue({STORE_15}.Properties('Store Sqft'), CONSTRAINED) + 1": 21216,
    'Generate([Gender].[Gender].Members, CStr(StrToValue("([Measures].[Unit Sales], [Gender].[" +'
    " [Gender].CurrentMember.Name + \"])\")), ' ')": "131558 135215",
    "Generate({[Gender].[F]}, StrToMember('[Gender].[' + IIf([Gender].CurrentMember.Name = 'F', 'M', 'none') + ']')"
    ".Name)": "M",
}  # fmt: skip


@pytest.mark.parametrize("expression", VALUES)
def test_values(expression: str) -> None:
    assert cell(expression)[::2] == (VALUES[expression], False)


ERRORS = [
    "CoalesceEmpty(1, 'a')",
    "CoalesceEmpty('a', [Measures].[Unit Sales], 1)",
    "StrToValue('1 + 2', CONSTRAINED)",
    "StrToValue([Gender].CurrentMember.Name, CONSTRAINED)",
    "Count(StrToSet('Filter([Gender].Members, 1 = 1)', CONSTRAINED))",
    "StrToMember('[Store].[USA].Parent', CONSTRAINED).Name",
    "StrToMember('[Store].[Atlantis]').Name",
    "StrToMember('[[[').Name",
    "StrToMember('1').Name",
    "TupleToStr(StrToTuple('{[Gender].[F]}'))",
    "StrToValue('[Measures].[X]')",
    "[Product].Levels(12).Name",
    "[Product].Levels('Nothing').Name",
    "Levels('Nothing').Name",
    "Dimensions(99).Name",
    "Dimensions('Nothing').Name",
    "KPIValue('Nothing')",
    "Count([Product].Levels(12).Members)",
    "Error('x')",
]


@pytest.mark.parametrize("expression", ERRORS)
def test_a_constant_that_means_nothing_is_an_error_of_the_cell_that_asks(expression: str) -> None:
    assert cell(expression)[2]
    bad = f"WITH MEMBER [Measures].[X] AS {expression} SELECT [Measures].[Unit Sales] ON 0 FROM [Sales]"
    assert list(ask(bad).cells.texts) == ["266,773"]
    other = f"WITH MEMBER [Measures].[X] AS {expression} SELECT {{[Measures].[Unit Sales], [Measures].[X]}} ON 0"
    assert list(ask(f"{other} FROM [Sales]").cells.texts) == ["266,773", "#Error"]


@pytest.mark.parametrize(
    "axis",
    ["[Product].Levels(12).Members", "{StrToMember('[Store].[Atlantis]')}", "StrToSet('[[[')", "Dimensions(99).Members",
     "{[Customers].[USA], StrToMember('[Customers].[Atlantis]')}"],
)  # fmt: skip
def test_a_set_that_means_nothing_is_told(axis: str) -> None:
    with pytest.raises(StatementError) as said:
        ask(f"SELECT {axis} ON 0 FROM [Sales]")
    assert "hierarchies" not in said.value.message


def test_a_text_finds_no_way_past_the_limits() -> None:
    deep = "StrToValue('" + "(" * 200 + "1" + ")" * 200 + "')"
    assert cell(deep)[2]
    with pytest.raises(FlisError, match="limit"):
        cell("Count(StrToSet('[Product].Members * [Customers].Members * [Store].Members'))")


LANGUAGES = [
    ("5040", "'$#,##0.00'", 1034, "$5.040,00"),
    ("0.504", "'Percent'", 1034, "50,40%"),
    ("1234567.891", "'#,##0.00'", 1030, "1.234.567,89"),
    ("1234567.891", "'#,##0.00'", 1031, "1.234.567,89"),
    ("-1234.5", "'Standard'", 1030, "-1.234,50"),
    ("CDate('1959-03-12 06:30')", "'General Date'", 1034, "12/03/1959 6:30:00"),
    ("CDate('1959-03-12 06:30')", "'Long Date'", 1030, "12. marts 1959"),
    ("CDate('1959-03-12 06:30')", "'mmmm'", 1036, "mars"),
    ("5040", "'#,##0'", -1, "5,040"),
    ("5040.5", "'#,##0.0'", 1033, "5,040.5"),
]


@pytest.mark.parametrize(("value", "pattern", "language", "expected"), LANGUAGES)
def test_language_of_a_calculated_member_formats_it(value: str, pattern: str, language: int, expected: str) -> None:
    said = f", FORMAT_STRING = {pattern}, LANGUAGE = {language}"
    assert cell(value, said)[1] == expected


def test_language_may_differ_from_cell_to_cell() -> None:
    language = "IIf([Gender].CurrentMember.Name = 'F', 1030, 1033)"
    cells = ask(
        f"WITH MEMBER [Measures].[X] AS 1234.5, FORMAT_STRING = '#,##0.0', LANGUAGE = {language}"
        " SELECT {[Measures].[X], [Measures].[Unit Sales]} ON 0, {[Gender].[F], [Gender].[M]} ON 1 FROM [Sales]"
        " CELL PROPERTIES VALUE, FORMATTED_VALUE, LANGUAGE"
    ).cells
    assert list(cells.texts) == ["1.234,5", "131,558", "1,234.5", "135,215"]
    assert list(cells.properties["LANGUAGE"]) == [1030, 1033, 1033, 1033]


def test_cell_properties_say_why_a_cell_cannot_be_updated() -> None:
    cells = ask(
        "WITH MEMBER [Measures].[X] AS 1"
        " SELECT {[Measures].[X], [Measures].[Unit Sales], [Measures].[Customer Count]} ON 0 FROM [Sales]"
        " CELL PROPERTIES VALUE, FORMAT, UPDATEABLE"
    ).cells
    assert list(cells.properties["UPDATEABLE"]) == [0x10000001, 0x10000007, 0x10000002]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("'Standard'", "1,234,567.00"), ("'standard'", "1,234,567.00"), ("'#,##0'", "1,234,567")],
)
def test_standard_has_two_decimals(pattern: str, expected: str) -> None:
    assert cell("1234567", f", FORMAT_STRING = {pattern}")[1] == expected
    assert cell(f"Format(1234567, {pattern})")[0] == expected


@pytest.mark.parametrize(
    "axis",
    ["{} HAVING {} DIMENSION PROPERTIES MEMBER_CAPTION", "{} DIMENSION PROPERTIES MEMBER_CAPTION HAVING {}",
     "{} DIMENSION PROPERTIES [Store].[Store].[Store State].[MEMBER_CAPTION] HAVING {}",
     "{} PROPERTIES CUSTOM_ROLLUP, CUSTOM_ROLLUP_PROPERTIES, UNARY_OPERATOR HAVING {}"],
)  # fmt: skip
def test_having_stands_before_or_behind_the_properties(axis: str) -> None:
    rows = axis.format("[Store].[Store State].Members", "[Measures].[Unit Sales] > 70000")
    assert ask(f"SELECT [Measures].[Unit Sales] ON 0, {rows} ON 1 FROM [Sales]").axes[1].captions(0, "en") == [
        "CA",
        "WA",
    ]
