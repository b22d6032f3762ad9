"""`flis query` as a person asks: wrong names, no statement, and an area that is closed."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.access import Grant, Principals
from flis.catalog.area_file import Phrase, area
from flis.cli import root
from flis.operations import AreaEvent, Change, record
from tests.release.sample import build_sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from flis.config import State

CUBE = "Ukraine Statistik"
PERSONS = "SELECT [Measures].[Antal personer] ON 0 FROM [Ukraine Statistik]"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    made = build_sample(tmp_path_factory.mktemp("state"))
    Principals(made).add("country", "a long enough password", (Grant(),))
    return made


@pytest.fixture
def closed(state: State) -> Iterator[State]:
    """The area is closed; afterwards it is open again."""
    since, text = date(2022, 1, 1), Phrase("Lukket for eftersyn.", "Closed for inspection.")
    record(state, AreaEvent(area="ukraine", change=Change.CLOSE, since=since, text=text))
    yield state
    record(state, AreaEvent(area="ukraine", change=Change.REOPEN, since=since, text=text))


def call(state: State, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(root, ["query", *words, "--state", str(state.root)])
    assert result.exit_code == code, result.output
    return result


def failing(state: State, *words: str) -> str:
    result = CliRunner().invoke(root, ["query", *words, "--state", str(state.root)])
    assert result.exit_code
    return f"{result.exception} {getattr(result.exception, 'hint', '')} {result.output}"


def test_a_user_is_refused_while_the_area_is_closed(closed: State) -> None:
    told = failing(closed, CUBE, "--as", "country", "--mdx", PERSONS)
    assert f"{area('ukraine').name.en}: access closed since 2022-01-01. Closed for inspection." in told
    assert failing(closed, CUBE, "--as", "country")


def test_the_operator_is_answered_and_told_that_the_area_is_closed(closed: State) -> None:
    answer = call(closed, CUBE, "--mdx", PERSONS, "--format", "csv")
    assert re.fullmatch(r"Antal personer\n\d+\n", answer.stdout)
    assert "Ukraine Statistics: access closed since 2022-01-01." in answer.stderr


def test_a_user_is_answered_when_the_area_is_open_again(state: State) -> None:
    assert call(state, CUBE, "--as", "country", "--mdx", PERSONS).stderr == ""


def test_a_wrong_cube_is_answered_with_the_cubes(state: State) -> None:
    assert f"Cubes: {CUBE}." in failing(state, "Ukraine", "--mdx", PERSONS)
    assert f"Cubes: {CUBE}." in failing(state, CUBE, "--mdx", "SELECT FROM [Ukraine]")


def test_a_wrong_name_is_answered_with_dimensions_and_measures(state: State) -> None:
    told = failing(state, CUBE, "--mdx", "SELECT [Tid].[Tid].Members ON 0 FROM")
    assert "Dimensions: Dato, Kommune" in told
    assert "Measures: Antal personer" in told
    told = failing(state, CUBE, "--mdx", "SELECT [Measures].[Folk] ON 0 FROM")
    assert "Measures: Antal personer" in told
    assert "Dimensions" not in told


def test_without_a_statement_the_cube_is_listed_with_an_example_that_answers(state: State) -> None:
    listed: dict[str, Any] = json.loads(call(state, CUBE, "--json").stdout)
    names = {(row["kind"], row["name"]) for row in listed["has"]}
    assert names >= {
        ("dimension", "[Kommune]"),
        ("hierarchy", "[Kommune].[Kommune]"),
        ("level", "[Kommune].[Kommune].[Kommune]"),
        ("measure", "[Measures].[Antal personer]"),
    }
    assert call(state, CUBE, "--mdx", listed["example"], "--format", "csv").stdout.count("\n") > 1
    assert listed["example"] in call(state, CUBE, "--as", "country").stdout
