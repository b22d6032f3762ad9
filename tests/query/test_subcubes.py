"""CREATE SUBCUBE puts the later statements of a session into a subselect; DROP SUBCUBE takes the last one away."""

from __future__ import annotations

from typing import Any

import pytest

from flis.access import open_scope
from flis.errors import StatementError
from flis.query.database import Options, execute
from flis.query.result import CellSet
from flis.serve.xmla import definitions
from tests.foodmart.facts import unit_sales
from tests.soundness.foodmart import base

STATES = "SELECT [Store].[Store State].Members ON 0 FROM [Sales]"
TOTAL = "SELECT {[Store].[All Stores]} ON 0 FROM [Sales]"
COAST = "CREATE SUBCUBE [Sales] AS SELECT {[Store].[USA].[WA], [Store].[USA].[OR]} ON 0 FROM [Sales]"
CITY = "CREATE SUBCUBE [Sales] AS SELECT {[Store].[USA].[WA].[Seattle], [Store].[USA].[CA]} ON 0 FROM [Sales]"


class Session:
    """A session as a server keeps it: between two statements it is text."""

    def __init__(self) -> None:
        self.state = ""

    def ask(self, text: str, calculated: int = 0) -> tuple[list[str], list[Any]]:
        names = definitions.read(self.state)
        options = Options(lcid=1033, session=names, calculated_in_subselects=calculated)
        found = execute(open_scope(), base(), text, options)
        self.state = definitions.write(names)
        if found is None:
            return [], []
        assert isinstance(found, CellSet)
        return found.axes[0].captions(0, "en"), [found.cells.value(n) for n in range(len(found))]


def test_later_statements_are_in_the_subcube() -> None:
    session = Session()
    session.ask(COAST)
    assert session.ask(STATES) == (["OR", "WA"], [unit_sales("store_state = 'OR'"), unit_sales("store_state = 'WA'")])
    assert session.ask(TOTAL)[1] == [unit_sales("store_state IN ('OR', 'WA')")]
    named = "WITH MEMBER [Measures].[x] AS ([Store].[USA].[CA], [Measures].[Unit Sales]) SELECT {[Measures].[x]} ON 0"
    assert session.ask(f"{named} FROM [Sales]")[1] == [unit_sales("store_state = 'CA'")]
    assert session.ask("SELECT [Store].[Store Country].Members ON 0 FROM [Warehouse]")[0] == ["Canada", "Mexico", "USA"]


def test_subcubes_lie_in_each_other_and_are_dropped_one_by_one() -> None:
    session = Session()
    session.ask(COAST)
    session.ask(CITY)
    assert session.ask(TOTAL)[1] == [unit_sales("store_city = 'Seattle'")]
    session.ask("DROP SUBCUBE [Sales]")
    assert session.ask(TOTAL)[1] == [unit_sales("store_state IN ('OR', 'WA')")]
    session.ask("DROP SUBCUBE [Sales]")
    assert session.ask(TOTAL)[1] == [unit_sales()]
    with pytest.raises(StatementError, match="no subcube"):
        session.ask("DROP SUBCUBE [Sales]")


def test_what_was_created_in_a_subcube_goes_with_it() -> None:
    session = Session()
    session.ask("CREATE SESSION MEMBER [Sales].[Measures].[Kept] AS 1")
    session.ask(COAST)
    session.ask("CREATE SESSION MEMBER [Sales].[Measures].[Gone] AS 2")
    assert session.ask("SELECT {[Measures].[Kept], [Measures].[Gone]} ON 0 FROM [Sales]")[1] == [1, 2]
    session.ask("DROP SUBCUBE [Sales]")
    assert session.ask("SELECT {[Measures].[Kept]} ON 0 FROM [Sales]")[1] == [1]
    with pytest.raises(StatementError):
        session.ask("SELECT {[Measures].[Gone]} ON 0 FROM [Sales]")


def test_totals_may_be_those_of_the_whole_cube() -> None:
    session = Session()
    session.ask("CREATE SUBCUBE [Sales] AS NON VISUAL (SELECT {[Store].[USA].[WA]} ON 0 FROM [Sales])")
    assert session.ask(STATES)[0] == ["WA"]
    assert session.ask(TOTAL)[1] == [unit_sales()]


@pytest.mark.parametrize(
    "wrong",
    [
        "CREATE SUBCUBE [Sales] AS SELECT NON EMPTY {[Store].[USA].[WA]} ON 0 FROM [Sales]",
        "CREATE SUBCUBE [Sales] AS SELECT {[Store].[USA].[XX]} ON 0 FROM [Sales]",
        "CREATE SUBCUBE [Nothing] AS SELECT {[Store].[USA].[WA]} ON 0 FROM [Sales]",
    ],
)
def test_a_subcube_that_is_wrong_is_told_at_once_and_leaves_nothing(wrong: str) -> None:
    session = Session()
    with pytest.raises(StatementError):
        session.ask(wrong)
    assert session.ask(TOTAL)[1] == [unit_sales()]


METRO = "CREATE SESSION MEMBER [Sales].[Store].[USA].[WA].[Metro] AS Aggregate({[Store].[USA].[WA].[Seattle]})"


@pytest.mark.parametrize(
    ("calculated", "names"),
    [(1, ["Metro"]), (2, ["All Stores", "USA", "WA", "Metro"])],
    ids=["alone", "with ascendants"],
)
def test_a_calculated_member_of_the_session_may_filter(calculated: int, names: list[str]) -> None:
    session = Session()
    session.ask(METRO)
    text = "SELECT [Store].[Store].AllMembers ON 0 FROM (SELECT {[Store].[USA].[WA].[Metro]} ON 0 FROM [Sales])"
    found, values = session.ask(text, calculated)
    assert found == names
    assert values == [None] * (len(names) - 1) + [unit_sales("store_city = 'Seattle'")]
    with pytest.raises(StatementError, match="DbpropMsmdSubqueries"):
        session.ask(text)
