"""Prepared statements: bound once, run often, never by two at a time, and nothing of a run is left in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import StatementError
from flis.query.database import Options, execute
from flis.query.languages.mdx import syntax as s
from flis.query.prepare import KEPT, Prepared, Ready, prepare
from flis.query.result import CellSet
from flis.query.session import SessionNames
from tests.query.tiny import database

if TYPE_CHECKING:
    from pathlib import Path

    from flis.query.database import Database

TWICE = "WITH MEMBER [Measures].[Twice] AS 2 * [Measures].[Amount] SELECT {[Measures].[Twice]} ON 0 FROM [Tiny]"


@pytest.fixture
def base(tmp_path: Path) -> Database:
    return database(tmp_path)


def counted(base: Database, monkeypatch: pytest.MonkeyPatch) -> list[s.Select]:
    """The statements that are bound from here on."""
    bound: list[s.Select] = []

    def noted(cube: object, select: s.Select, *rest: object) -> Prepared:
        bound.append(select)
        return prepare(cube, select, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("flis.query.database.prepare", noted)
    return bound


def ask(base: Database, text: str, options: Options | None = None) -> list[object]:
    found = execute(base.scope, base, text, options)
    assert isinstance(found, CellSet)
    return [found.cells.value(n) for n in range(len(found))]


def test_a_statement_is_bound_once(base: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = counted(base, monkeypatch)
    (amount,) = ask(base, "SELECT {[Measures].[Amount]} ON 0 FROM [Tiny]")
    assert isinstance(amount, int | float)
    assert [ask(base, TWICE) for _ in range(3)] == [[2 * amount]] * 3
    assert len(bound) == 2


def test_what_comes_with_a_statement_is_bound_anew(base: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = counted(base, monkeypatch)
    text = "WITH MEMBER [Measures].[Given] AS @n SELECT {[Measures].[Given]} ON 0 FROM [Tiny]"
    assert [ask(base, text, Options(parameters={"n": n})) for n in (1, 2)] == [[1], [2]]
    session = SessionNames()
    execute(base.scope, base, "CREATE MEMBER [Tiny].[Measures].[Mine] AS 7", Options(session=session))
    mine = "SELECT {[Measures].[Mine]} ON 0 FROM [Tiny]"
    assert ask(base, mine, Options(session=session)) == [7]
    with pytest.raises(StatementError, match="Mine"):
        ask(base, mine)
    assert len(bound) == 4


def test_two_runs_never_share_one(base: Database) -> None:
    ready = Ready()
    select = base.parse(TWICE)
    assert isinstance(select, s.Select)
    cube = base.cubes[0]

    def make() -> Prepared:
        return prepare(cube, select)

    with ready.taken(select, cube, make) as one:
        with ready.taken(select, cube, make) as other:
            assert other is not one
        with ready.taken(select, cube, make) as again:
            assert again is other


def test_a_run_that_failed_leaves_nothing(base: Database) -> None:
    ready = Ready()
    select = base.parse(TWICE)
    assert isinstance(select, s.Select)
    cube = base.cubes[0]
    seen: list[Prepared] = []

    def failing() -> None:
        with ready.taken(select, cube, lambda: prepare(cube, select)) as made:
            seen.append(made)
            raise StatementError("no")

    for _ in range(2):
        with pytest.raises(StatementError):
            failing()
    assert seen[0] is not seen[1]


def test_only_so_many_are_kept(base: Database) -> None:
    ready = Ready(kept=2)
    cube = base.cubes[0]
    selects = [base.parse(f"{TWICE} /* {n} */") for n in range(3)]
    made: list[int] = []
    for n in (0, 1, 2, 0):
        select = selects[n]
        assert isinstance(select, s.Select)

        def make(n: int = n, select: s.Select = select) -> Prepared:
            made.append(n)
            return prepare(cube, select)

        with ready.taken(select, cube, make):
            pass
    assert made == [0, 1, 2, 0]
    assert KEPT > 2
