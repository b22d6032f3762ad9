"""Whether a named set follows the slicer and subselects of a statement: static ones are as where they were created."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

from flis.access import open_scope
from flis.query.database import Options, execute
from flis.query.result import CellSet
from flis.query.session import SessionNames
from tests.query import tiny

if TYPE_CHECKING:
    from flis.query.database import Database

BUSY = "Filter([Place].[Place].[Place].Members, [Measures].[Amount] > 7)"
FEBRUARY = "[Day].[Calendar].[Month].[2024-02]"  # in which A has 5 and B 7; in the whole year they have 35 and 8
WRITTEN = [f"FROM [Tiny] WHERE {FEBRUARY}", f"FROM (SELECT {FEBRUARY} ON 0 FROM [Tiny])"]


@pytest.fixture(scope="module")
def base() -> Database:
    return tiny.database(Path(mkdtemp()))


def asked(base: Database, text: str, session: SessionNames | None = None) -> tuple[list[str], list[object]]:
    found = execute(open_scope(), base, text, Options(lcid=1033, session=session))
    assert isinstance(found, CellSet)
    return found.axes[0].captions(0, "en"), [found.cells.value(n) for n in range(len(found))]


def session(base: Database, *statements: str) -> SessionNames:
    made = SessionNames()
    for text in statements:
        execute(open_scope(), base, text, Options(session=made))
    return made


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(("mode", "left"), [("", True), ("STATIC", True), ("DYNAMIC", False)])
def test_a_set_of_the_session_is_as_it_was_created(base: Database, mode: str, left: bool, written: str) -> None:
    made = session(base, f"CREATE SESSION {mode} SET [Tiny].[mine] AS {BUSY}")
    assert asked(base, "SELECT mine ON 0 FROM [Tiny]", made) == (["Alpha", "Beta"], [35, 8])
    assert asked(base, f"SELECT mine ON 0 {written}", made) == ((["Alpha", "Beta"], [5, 7]) if left else ([], []))


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(("name", "left"), [("Busy", True), ("Busy now", False)])
def test_a_set_of_the_catalogue_says_which_it_is(base: Database, name: str, left: bool, written: str) -> None:
    assert asked(base, f"SELECT [{name}] ON 0 {written}") == ((["Alpha", "Beta"], [5, 7]) if left else ([], []))


@pytest.mark.parametrize("written", WRITTEN)
def test_a_set_of_the_statement_follows_it(base: Database, written: str) -> None:
    assert asked(base, f"WITH SET mine AS {BUSY} SELECT mine ON 0 {written}") == ([], [])


@pytest.mark.parametrize("written", WRITTEN)
def test_a_formula_sees_the_same_set(base: Database, written: str) -> None:
    counted = "WITH MEMBER [Measures].[n] AS Count({}) SELECT [Measures].[n] ON 0 {}"
    assert asked(base, counted.format("[Busy]", written))[1] == [2]
    assert asked(base, counted.format("[Busy now]", written))[1] == [0]


def test_a_static_set_of_a_dynamic_one_is_static_and_the_other_way_round(base: Database) -> None:
    made = session(base, "CREATE SET [Tiny].[still] AS [Busy now]", "CREATE DYNAMIC SET [Tiny].[moved] AS [Busy]")
    assert asked(base, f"SELECT still ON 0 {WRITTEN[0]}", made)[0] == ["Alpha", "Beta"]
    assert asked(base, f"SELECT moved ON 0 {WRITTEN[0]}", made)[0] == ["Alpha", "Beta"]


def test_an_axis_shows_of_a_static_set_what_the_statement_leaves(base: Database) -> None:
    text = "SELECT [Busy] ON 0 FROM (SELECT [Place].[Place].&[B] ON 0 FROM [Tiny])"
    assert asked(base, text) == (["Beta"], [8])
