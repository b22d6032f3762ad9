"""EXISTING keeps the members of a tuple together, whichever way the tuples were chosen; every figure is SQL's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from flis.access import open_scope
from flis.query.database import Options, execute
from flis.query.evaluation import fitting
from flis.query.result import CellSet
from flis.serve.xmla import definitions
from tests.foodmart.facts import SALES, rows, unit_sales
from tests.soundness.foodmart import base

GENDER, MARITAL = "[Gender].[Gender].Members", "[Marital Status].[Marital Status].Members"
EDUCATION = "[Education Level].[Education Level].Members"
PAIRS = "{([Gender].[F], [Marital Status].[S]), ([Gender].[M], [Marital Status].[M])}"
PAIRS_SQL = "(gender = 'F' AND marital_status = 'S' OR gender = 'M' AND marital_status = 'M')"


@dataclass(frozen=True)
class Case:
    """A set, the tuples chosen, and the same as columns and a condition of SQL."""

    over: str
    chosen: str
    columns: str
    condition: str


CASES = {
    "pairs": Case(f"{GENDER} * {MARITAL}", PAIRS, "gender, marital_status", PAIRS_SQL),
    "the other way round": Case(f"{MARITAL} * {GENDER}", PAIRS, "gender, marital_status", PAIRS_SQL),
    "two dimensions": Case(
        "[Store].[Store State].Members * [Time].[Quarter].Members",
        "{([Store].[USA].[CA], [Time].[1997].[Q1]), ([Store].[USA].[WA], [Time].[1997].[Q2])}",
        "store_state, quarter",
        "(store_state = 'CA' AND quarter = 'Q1' OR store_state = 'WA' AND quarter = 'Q2')",
    ),
    "a hierarchy that is not chosen": Case(
        f"{GENDER} * {MARITAL} * {EDUCATION}", PAIRS, "gender, marital_status, education", PAIRS_SQL
    ),
    "three hierarchies": Case(
        f"{GENDER} * {EDUCATION} * {MARITAL}",
        "{([Gender].[F], [Marital Status].[S], [Education Level].[Bachelors Degree]),"
        " ([Gender].[M], [Marital Status].[M], [Education Level].[Graduate Degree]),"
        " ([Gender].[M], [Marital Status].[S], [Education Level].[Graduate Degree])}",
        "gender, marital_status, education",
        "(gender = 'F' AND marital_status = 'S' AND education = 'Bachelors Degree'"
        " OR gender = 'M' AND education = 'Graduate Degree')",
    ),
    "a tuple with All": Case(
        f"{GENDER} * {MARITAL}",
        "{([Gender].[F], [Marital Status].[All Marital Status]), ([Gender].[M], [Marital Status].[M])}",
        "gender, marital_status",
        "(gender = 'F' OR marital_status = 'M')",
    ),
    "a tuple twice": Case(f"{GENDER} * {MARITAL}", PAIRS[:-1] + ", " + PAIRS[1:], "gender, marital_status", PAIRS_SQL),
    "members below": Case(
        "[Store].[Store City].Members * [Time].[Month].Members",
        "{([Store].[USA].[CA], [Time].[1997].[Q1]), ([Store].[USA].[WA].[Seattle], [Time].[1997].[Q2].[5])}",
        "store_city, month_of_year",
        "(store_state = 'CA' AND quarter = 'Q1' OR store_city = 'Seattle' AND month_of_year = 5)",
    ),
}


def asked(measures: str, way: str, chosen: str) -> list[Any]:
    """The values of calculated measures `a` and `b`, with the tuples chosen in one of the ways."""
    head, source, where = f"WITH {measures}", "[Sales]", ""
    state = ""
    if way == "set in WHERE":
        where = f"WHERE {chosen}"
    elif way == "Aggregate":
        owner = chosen[2 : chosen.index("]") + 1]
        head += f" MEMBER {owner}.[Chosen] AS Aggregate({chosen})"
        where = f"WHERE {owner}.[Chosen]"
    elif way == "session":
        names = definitions.read("")
        made = f"CREATE SUBCUBE [Sales] AS SELECT {chosen} ON 0 FROM [Sales]"
        execute(open_scope(), base(), made, Options(lcid=1033, session=names))
        state = definitions.write(names)
    else:
        source = f"{'NON VISUAL ' if way == 'not visual' else ''}(SELECT {chosen} ON 0 FROM [Sales])"
    text = f"{head} SELECT {{[Measures].[a], [Measures].[b]}} ON 0 FROM {source} {where}"
    found = execute(open_scope(), base(), text, Options(lcid=1033, session=definitions.read(state)))
    assert isinstance(found, CellSet)
    return [found.cells.errors.get(i) or found.cells.value(i) for i in range(2)]


def count_and_sum(over: str) -> str:
    return (
        f"MEMBER [Measures].[a] AS Count(Filter(EXISTING {over}, NOT IsEmpty([Measures].[Unit Sales])))"
        f" MEMBER [Measures].[b] AS Sum(EXISTING {over}, [Measures].[Unit Sales])"
    )


@pytest.mark.parametrize("way", ["set in WHERE", "Aggregate", "subselect", "not visual", "session"])
@pytest.mark.parametrize("name", CASES)
def test_a_tuple_exists_with_one_whole_tuple_of_the_context(name: str, way: str) -> None:
    case = CASES[name]
    sold = rows(f"SELECT DISTINCT {case.columns} FROM {SALES} WHERE {case.condition}")
    assert asked(count_and_sum(case.over), way, case.chosen) == [len(sold), unit_sales(case.condition)]


def test_a_large_set_is_looked_at_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "BLOCK", 5)
    case = CASES["members below"]
    sold = rows(f"SELECT DISTINCT {case.columns} FROM {SALES} WHERE {case.condition}")
    assert asked(count_and_sum(case.over), "set in WHERE", case.chosen) == [len(sold), unit_sales(case.condition)]


@pytest.mark.parametrize("way", ["set in WHERE", "Aggregate", "subselect", "session"])
def test_one_hierarchy_alone_has_every_member_of_a_tuple(way: str) -> None:
    only = "{([Gender].[F], [Marital Status].[S]), ([Gender].[M], [Marital Status].[S])}"
    measures = f"MEMBER [Measures].[a] AS Count(EXISTING {GENDER}) MEMBER [Measures].[b] AS Count(EXISTING {MARITAL})"
    assert asked(measures, way, PAIRS) == [2, 2]
    assert asked(measures, way, only) == [2, 1]


def test_a_member_that_a_formula_names_takes_its_hierarchy_out_of_the_tuples() -> None:
    measures = (
        f"MEMBER [Measures].[n] AS Sum(EXISTING {GENDER} * {MARITAL}, [Measures].[Unit Sales])"
        " MEMBER [Measures].[a] AS ([Gender].[F], [Measures].[n])"
        " MEMBER [Measures].[b] AS ([Gender].[F], [Measures].[Unit Sales])"
    )
    assert asked(measures, "set in WHERE", PAIRS) == [unit_sales("gender = 'F'")] * 2


def test_all_and_calculated_members_exist_with_every_tuple() -> None:
    measures = (
        "MEMBER [Gender].[Own] AS 1"
        " MEMBER [Measures].[a] AS Count(EXISTING {[Gender].[All Gender], [Gender].[Own]} * [Marital Status].Members)"
        f" MEMBER [Measures].[b] AS Count(EXISTING [Gender].Members * {MARITAL})"
    )
    assert asked(measures, "set in WHERE", PAIRS) == [2 * 3, 2 + 2]


def test_the_rows_of_an_axis_are_context_too() -> None:
    text = (
        f"WITH MEMBER [Measures].[n] AS Sum(EXISTING {GENDER} * {MARITAL} * {EDUCATION}, [Measures].[Unit Sales])"
        f" SELECT {{[Measures].[n]}} ON 0, {EDUCATION} ON 1 FROM [Sales] WHERE {PAIRS}"
    )
    found = execute(open_scope(), base(), text, Options(lcid=1033))
    assert isinstance(found, CellSet)
    wanted = {
        education: unit_sales(f"{PAIRS_SQL} AND education = '{education}'")
        for education in found.axes[1].captions(0, "en")
    }
    assert len(wanted) == 5
    assert [found.cells.value(i) for i in range(len(found))] == list(wanted.values())


def test_a_set_that_depends_on_the_cell_says_nothing_of_other_dimensions() -> None:
    text = (
        "WITH MEMBER [Gender].[So far] AS Aggregate(YTD([Time].CurrentMember))"
        f" MEMBER [Measures].[n] AS Count(EXISTING {GENDER} * [Time].[Quarter].Members)"
        " SELECT {[Measures].[n]} ON 0, {[Time].[1997].[Q1], [Time].[1997].[Q3]} ON 1 FROM [Sales]"
        " WHERE [Gender].[So far]"
    )
    found = execute(open_scope(), base(), text, Options(lcid=1033))
    assert isinstance(found, CellSet)
    assert [found.cells.value(i) for i in range(2)] == [2, 2]  # both genders, in the quarter of the row


@pytest.mark.parametrize(
    ("formula", "count"),
    [
        (f"EXISTING {GENDER} * {MARITAL}", 2),
        (f"EXISTING ({GENDER} * {MARITAL})", 2),
        (f"(EXISTING {GENDER}) * {MARITAL}", 4),
        (f"EXISTING {GENDER} - {{[Gender].[F]}}", 1),
        ("EXISTING [Gender].[F] : [Gender].[M]", 2),
    ],
)
def test_existing_takes_all_that_operators_of_sets_join(formula: str, count: int) -> None:
    measures = f"MEMBER [Measures].[a] AS Count({formula}) MEMBER [Measures].[b] AS 1"
    assert asked(measures, "set in WHERE", PAIRS) == [count, 1]
