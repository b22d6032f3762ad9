"""Axes that needed no figures are kept with the statement; whatever looked at figures, users or clocks is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from flis.query.database import Options, execute
from flis.query.result import CellSet
from tests.query.tiny import database

if TYPE_CHECKING:
    from pathlib import Path

    from flis.query.database import Database
    from flis.query.prepared import Prepared


@pytest.fixture
def base(tmp_path: Path) -> Database:
    return database(tmp_path)


def ask(base: Database, text: str, language: str = "da") -> tuple[list[list[str]], list[Any]]:
    """Captions on the axes, and values."""
    found = execute(base.scope, base, text, Options(language=language))
    assert isinstance(found, CellSet)
    captions = [a.captions(i, language) for a in found.axes for i in range(len(a.hierarchies))]
    return captions, [found.cells.value(n) for n in range(len(found))]


def kept(base: Database, text: str) -> set[tuple[str, str]]:
    """For which names and languages axes are kept."""
    (prepared,) = base.statements.known(text)._idle.values()
    made: Prepared = prepared
    return set(made.kept_axes)


SETTLED = [
    "SELECT {[Measures].[Amount]} ON 0, [Place].[Place].Members ON 1 FROM [Tiny]",
    "SELECT NON EMPTY [Place].[Place].Members ON 0 FROM [Tiny] WHERE [Measures].[Amount]",
    "SELECT [Measures].[Amount] ON 0 FROM [Tiny] WHERE {[Place].[Place].[All].Children}",
    "SELECT [Measures].[Amount] ON 0 FROM (SELECT {[Place].[Place].&[A]} ON 0 FROM [Tiny])",
    (
        "WITH MEMBER [Measures].[T] AS 'Rank([Place].[Place].CurrentMember, TopCount([Place].[Place].[All].Children, 3,"
        " [Measures].[Amount]))' SELECT {[Measures].[T]} ON 0, [Place].[Place].[All].Children ON 1 FROM [Tiny]"
    ),
]
LOOKED = [
    "SELECT TopCount([Place].[Place].[All].Children, 1, [Measures].[Amount]) ON 0 FROM [Tiny]",
    "SELECT Filter([Place].[Place].Members, [Measures].[Amount] > 1) ON 0 FROM [Tiny]",
    "SELECT NonEmpty([Place].[Place].Members) ON 0 FROM [Tiny]",
    "SELECT Filter([Place].[Place].Members, UserName() <> 'x') ON 0 FROM [Tiny]",
    "SELECT Filter([Place].[Place].Members, Now() > 1) ON 0 FROM [Tiny]",
    "SELECT Filter([Place].[Place].Members, Timer() >= 0) ON 0 FROM [Tiny]",
]


@pytest.mark.parametrize("text", SETTLED)
def test_axes_without_figures_are_kept(base: Database, text: str) -> None:
    answers = [ask(base, text) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert kept(base, text) == {("Tiny", "da")}


@pytest.mark.parametrize("text", LOOKED)
def test_axes_that_looked_are_not(base: Database, text: str) -> None:
    assert ask(base, text) == ask(base, text)
    assert not kept(base, text)


def test_each_language_has_its_own(base: Database) -> None:
    text = "SELECT Filter([Place].[Place].[All].Children, [Place].CurrentMember.Name <> 'x') ON 0 FROM [Tiny]"
    assert ask(base, text, "en")[0] == [["Alpha", "Beta", "Gamma"]]
    assert ask(base, text, "da")[0] == [["Alfa", "Beta", "Gamma"]]
    assert kept(base, text) == {("Tiny", "en"), ("Tiny", "da")}


def test_today_is_asked_every_time(base: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'SELECT {CurrentDateMember([Day], \'"[Day].[Day].["yyyy-mm-dd"]"\')} ON 0 FROM [Tiny]'
    for day in (30, 31):
        monkeypatch.setattr("flis.clock.moment", lambda day=day: datetime(2024, 1, day, 12, tzinfo=UTC))
        assert ask(base, text)[0] == [[f"2024-01-{day}"]]
