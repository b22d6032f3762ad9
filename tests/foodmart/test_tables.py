"""The flattened form of what reporting tools ask, and properties of members that come again and again."""

from __future__ import annotations

import pytest

from flis.access import open_scope
from flis.query.database import Options, execute
from flis.query.result import Rowset
from tests.foodmart.facts import SALES, rows
from tests.soundness.foodmart import ask, base


def table(text: str, **parameters: object) -> Rowset:
    found = execute(open_scope(), base(), text, Options(lcid=1033, flat=True, parameters=parameters))
    assert isinstance(found, Rowset)
    return found


def test_a_report_with_a_parameter_is_a_table() -> None:
    found = table(
        "SELECT NON EMPTY {[Measures].[Unit Sales]} ON COLUMNS, NON EMPTY {([Store].[Store].[Store State].ALLMEMBERS *"
        " [Gender].[Gender].[Gender].ALLMEMBERS)} DIMENSION PROPERTIES MEMBER_CAPTION, MEMBER_UNIQUE_NAME, MEMBER_VALUE"
        " ON ROWS FROM (SELECT (STRTOSET(@Time, CONSTRAINED)) ON COLUMNS FROM [Sales])"
        " CELL PROPERTIES VALUE, BACK_COLOR, FORE_COLOR, FORMATTED_VALUE, FORMAT_STRING, FONT_NAME, FONT_SIZE",
        Time="{[Time].[1997].[Q1],[Time].[1997].[Q3]}",
    )
    of = ["MEMBER_CAPTION", "MEMBER_UNIQUE_NAME", "MEMBER_VALUE"]
    levels = ["[Store].[Store].[Store Country]", "[Store].[Store].[Store State]", "[Gender].[Gender].[Gender]"]
    assert [c.name for c in found.columns] == [
        *(f"{level}.[{p}]" for level in levels for p in of),
        "[Measures].[Unit Sales]",
    ]
    by_name = dict(zip((c.name for c in found.columns), found.data, strict=True))
    captions = [by_name[f"{level}.[MEMBER_CAPTION]"] for level in levels]
    assert captions == [by_name[f"{level}.[MEMBER_VALUE]"] for level in levels]
    assert list(zip(*captions, by_name["[Measures].[Unit Sales]"], strict=True)) == rows(
        f"SELECT store_country, store_state, gender, sum(unit_sales) FROM {SALES} WHERE quarter IN ('Q1', 'Q3')"
        " GROUP BY ALL ORDER BY ALL"
    )


@pytest.mark.parametrize(
    ("asked", "columns"),
    [
        ("", ["[Store].[Store].[Store Country].[MEMBER_CAPTION]", "[Store].[Store].[Store State].[MEMBER_CAPTION]"]),
        (
            "DIMENSION PROPERTIES MEMBER_KEY, MEMBER_CAPTION",
            [
                f"[Store].[Store].[Store {n}].[{p}]"
                for n in ("Country", "State")
                for p in ("MEMBER_KEY", "MEMBER_CAPTION")
            ],
        ),
        (
            "DIMENSION PROPERTIES MEMBER_UNIQUE_NAME",
            [f"[Store].[Store].[Store {n}].[MEMBER_UNIQUE_NAME]" for n in ("Country", "State")],
        ),
    ],
)
def test_the_properties_that_are_asked_for_are_the_columns(asked: str, columns: list[str]) -> None:
    found = table(f"SELECT [Measures].[Unit Sales] ON 0, [Store].[USA].Children {asked} ON 1 FROM [Sales]")
    assert [c.name for c in found.columns] == [*columns, "[Measures].[Unit Sales]"]


def test_a_hierarchy_without_the_property_keeps_its_caption() -> None:
    found = table(
        "SELECT [Measures].[Unit Sales] ON 0, [Gender].[F] * Head([Store].[Store].[Store Name].Members, 1)"
        " DIMENSION PROPERTIES [Store].[Store].[Store Name].[Store Type] ON 1 FROM [Sales]"
    )
    assert [c.name for c in found.columns][:2] == [
        "[Gender].[Gender].[Gender].[MEMBER_CAPTION]",
        "[Store].[Store].[Store Name].[Store Type]",
    ]


def test_the_levels_of_the_last_axis_come_first() -> None:
    found = table(
        "SELECT [Measures].[Unit Sales] ON 0, [Gender].[Gender].[Gender].Members ON 1,"
        " {[Store].[Store].[Store Country].[USA].Children} ON 2 FROM [Sales] WHERE [Time].[1997]"
    )
    levels = ["[Store].[Store].[Store Country]", "[Store].[Store].[Store State]", "[Gender].[Gender].[Gender]"]
    assert [c.name for c in found.columns] == [*(f"{x}.[MEMBER_CAPTION]" for x in levels), "[Measures].[Unit Sales]"]
    assert list(found.rows()) == rows(
        f"SELECT store_country, store_state, gender, sum(unit_sales) FROM {SALES} GROUP BY ALL ORDER BY ALL"
    )


def test_the_key_of_one_member_beside_many() -> None:
    found = ask(
        "SELECT CrossJoin({[Gender].[F]}, [Store].[USA].Children) DIMENSION PROPERTIES MEMBER_KEY ON 0 FROM [Sales]"
    )
    axis = found.axes[0]
    assert axis.hierarchies[0].members.values("MEMBER_KEY", axis.columns[0]) == ["F"] * 3
