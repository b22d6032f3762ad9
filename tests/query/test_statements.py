"""Statements that are asked again: bound once, never run by two at a time, and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import StatementError
from flis.query.database import Options, execute
from flis.query.languages.mdx import syntax as s
from flis.query.prepared import Prepared, prepare
from flis.query.result import CellSet
from flis.query.session import SessionNames
from flis.query.statements import LONGEST, KnownStatement, Statements
from tests.query.tiny import database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flis.query.cubes.cube import BoundCube
    from flis.query.database import Database

TWICE = "WITH MEMBER [Measures].[Twice] AS 2 * [Measures].[Amount] SELECT {[Measures].[Twice]} ON 0 FROM [Tiny]"


@pytest.fixture
def base(tmp_path: Path) -> Database:
    return database(tmp_path)


def counted(base: Database, monkeypatch: pytest.MonkeyPatch) -> list[s.Select]:
    """The statements that are bound from here on."""
    bound: list[s.Select] = []

    def noted(cube: object, select: s.Select, *rest: object, **more: bool) -> Prepared:
        bound.append(select)
        return prepare(cube, select, *rest, **more)  # type: ignore[arg-type]

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


def made_from(base: Database) -> tuple[KnownStatement, BoundCube, Callable[[], Prepared]]:
    known = base.statements.known(TWICE)
    select = known.tree
    assert isinstance(select, s.Select)
    return known, base.cubes[0], lambda: prepare(base.cubes[0], select)


def test_two_runs_never_share_one(base: Database) -> None:
    known, cube, make = made_from(base)
    with known.prepared((cube, False), make) as one:
        with known.prepared((cube, False), make) as other:
            assert other is not one
        with known.prepared((cube, False), make) as again:
            assert again is other


def test_a_run_that_failed_leaves_nothing(base: Database) -> None:
    known, cube, make = made_from(base)
    seen: list[Prepared] = []

    def failing() -> None:
        with known.prepared((cube, False), make) as ready:
            seen.append(ready)
            raise StatementError("no")

    for _ in range(2):
        with pytest.raises(StatementError):
            failing()
    assert seen[0] is not seen[1]


def test_the_texts_that_are_kept_are_bounded() -> None:
    texts = [f"SELECT FROM [Cube{n}]" for n in range(4)]
    statements = Statements(bound=2 * len(texts[0]))
    first, second = (statements.known(text) for text in texts[:2])
    assert statements.known(texts[0]) is first
    statements.known(texts[2])  # the one asked longest ago makes room
    assert statements.known(texts[0]) is first
    assert statements.known(texts[1]) is not second


def test_a_very_long_text_is_not_kept() -> None:
    text = f"SELECT FROM [Cube] /* {'x' * LONGEST} */"
    statements = Statements()
    assert statements.known(text) is not statements.known(text)


def test_what_is_no_statement_is_told_every_time() -> None:
    statements = Statements()
    for _ in range(2):
        with pytest.raises(StatementError):
            statements.known("SELECT {")
