"""What exists together in a dimension: within a set, and between a set and the slicer or a subselect."""

from __future__ import annotations

import pytest

from flis.query.evaluation import exists
from tests.query.test_against_oracle import asked, database  # of seed 2: the unknown place is hidden

KIND, COUNTRY = "[Place].[Kind].[Kind]", "[Place].[Geography].[Country]"
SHOWN = {
    f"SELECT {KIND}.Members ON 0 FROM [Tiny] WHERE {COUNTRY}.[Cat]": ["mini", "small"],
    f"SELECT {KIND}.Members ON 0 FROM [Tiny] WHERE {{{COUNTRY}.[Dot], {COUNTRY}.[Ben]}}": ["big", "small"],
    f"SELECT {KIND}.Members ON 0 FROM (SELECT {COUNTRY}.[Cat] ON 0 FROM [Tiny])": ["mini", "small"],
    f"SELECT {{{KIND}.[big], {KIND}.[mini]}} ON 0 FROM [Tiny] WHERE {COUNTRY}.[Cat]": ["mini"],
    f"SELECT {KIND}.[big] ON 0 FROM [Tiny] WHERE {COUNTRY}.[Cat]": [],
    f"SELECT Head({KIND}.Members, 1) ON 0 FROM [Tiny] WHERE {COUNTRY}.[Cat]": ["mini"],
    f"SELECT {{({KIND}.[big], {COUNTRY}.[Cat]), ({KIND}.[big], {COUNTRY}.[Dot])}} ON 0 FROM [Tiny]": ["big"],
    f"SELECT CrossJoin({COUNTRY}.[Cat], {KIND}.Members) ON 0 FROM [Tiny]": ["Cat", "Cat"],
    f"SELECT ({KIND}.Members, {{{COUNTRY}.[Dot]}}) ON 0 FROM [Tiny]": ["big"],
    f"SELECT Exists({KIND}.Members, {{{COUNTRY}.[Dot], {COUNTRY}.[Cat]}}) ON 0 FROM [Tiny]": ["big", "mini", "small"],
    f"SELECT Exists({KIND}.Members, {COUNTRY}.[Cat] * [Time].[Month].[Month].Members) ON 0 FROM [Tiny]": [
        "mini",
        "small",
    ],
    f"WITH SET s AS {KIND}.Members SELECT s ON 0 FROM [Tiny] WHERE {COUNTRY}.[Cat]": ["mini", "small"],
    f"WITH MEMBER [Place].[Kind].[calc] AS 1 SELECT {{{KIND}.[big], [Place].[Kind].[calc]}} ON 0 FROM [Tiny]"
    f" WHERE {COUNTRY}.[Cat]": ["calc"],
}
COUNTED = {
    f"WITH MEMBER [Measures].[n] AS Count({KIND}.Members)": 3,
    f"WITH SET s AS {KIND}.Members MEMBER [Measures].[n] AS Count(s)": 2,
    f"WITH MEMBER [Measures].[n] AS Count(EXISTING {KIND}.Members)": 2,
    f"WITH MEMBER [Measures].[n] AS Count({KIND}.Members * {COUNTRY}.Members)": 7,
}


@pytest.mark.parametrize("text", SHOWN)
def test_a_set_shows_what_exists(text: str) -> None:
    axes, _ = asked(database(2), text)
    assert [one[0] for one in axes[0]] == SHOWN[text]


@pytest.mark.parametrize("definition", COUNTED)
def test_a_formula_sees_the_slicer_only_through_named_sets(definition: str) -> None:
    _, cells = asked(database(2), f"{definition} SELECT [Measures].[n] ON 0 FROM [Tiny] WHERE {COUNTRY}.[Cat]")
    assert cells == [COUNTED[definition]]


def test_axes_do_not_limit_each_other() -> None:
    axes, _ = asked(database(2), f"SELECT {KIND}.Members ON 0, {COUNTRY}.Members ON 1 FROM [Tiny]")
    assert [len(axis) for axis in axes] == [3, 4]


@pytest.mark.parametrize("block", [1, exists.BLOCK])
def test_pairs_are_looked_at_in_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exists, "BLOCK", block)
    months = "{[Time].[Month].[Month].[2021-01], [Time].[Month].[Month].[2022-01]}"
    text = (
        f"SELECT Exists({{([Time].[Calendar].[Year].[2021], {KIND}.[mini]), ([Time].[Calendar].[Year].[2022],"
        f" {KIND}.[big])}}, {months} * {{{COUNTRY}.[Cat]}}) ON 0 FROM [Tiny]"
    )
    assert asked(database(2), text)[0] == [[("2021", "mini")]]
