"""Text of a request never becomes text of SQL: it is looked up, or handed over as a bound value."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.access import operator_scope
from flis.catalog.cubes import own_catalogue
from flis.errors import FlisError
from flis.query.cubes.store import CubeStore
from flis.query.database import Database, Databases, Options, execute
from flis.query.session import SessionNames
from flis.release import current
from tests.leakage.requests import CUBE, STATEMENTS
from tests.leakage.worlds import FEW, world

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "zq7x"  # in no name of the catalogue, and in no path
HOSTILE = (
    MARK,
    f"{MARK}'; DROP TABLE fact0; --",
    f'{MARK}" OR 1=1 --',
    f"{MARK}]] UNION SELECT 1",
    f"{MARK}]",
    f"/* {MARK} */",
    f"{MARK}\\'\\\"",
    f"${MARK} ?1 {{}} %s {{0}}",
    f"{MARK}\x00\x1a",
    f"{MARK}\n;\r\nPRAGMA database_list",
    f"read_parquet('{MARK}')",
    f"{MARK}\u2019\u02bc\uff07",
)
PLACES = (
    "SELECT [Kommune].[Kommune].[{name}] ON 0 FROM {cube}",
    "SELECT [Kommune].[Kommune].&[{name}] ON 0 FROM {cube}",
    "SELECT [Dato].[Dag].&[{name}] ON 0 FROM {cube}",
    "SELECT [Measures].[{name}] ON 0 FROM {cube}",
    "SELECT FROM [{name}]",
    "SELECT FROM [${name}]",
    (
        "WITH MEMBER [Measures].[{name}] AS [Measures].[Antal personer] + 1, FORMAT_STRING = '{single}', "
        "CAPTION = '{single}' SELECT [Measures].[{name}] ON 0, NON EMPTY [Dato].[Dag].Members ON 1 FROM {cube}"
    ),
    (
        "WITH MEMBER [Kommune].[Kommune].[{name}] AS Aggregate([Kommune].[Kommune].Members) "
        "SELECT {{[Kommune].[Kommune].[{name}]}} ON 0 FROM {cube} WHERE [Køn].[Køn].&[K]"
    ),
    "WITH SET [{name}] AS [Køn].[Køn].Members SELECT NON EMPTY [{name}] ON 0 FROM {cube}",
    'SELECT Filter([Kommune].[Kommune].Members, [Kommune].[Kommune].CurrentMember.Name <> "{double}") ON 0 FROM {cube}',
    (
        'SELECT NonEmpty(Filter([Alder].[Alder].Members, InStr("{double}", "a") > 0), '
        "[Measures].[Indrejste]) ON 0 FROM {cube}"
    ),
    'SELECT StrToSet("{{[Kommune].[Kommune].[{name}]}}") ON 0 FROM {cube}',
    "SELECT [Køn].[Køn].Members DIMENSION PROPERTIES [{name}] ON 0 FROM {cube}",
    "SELECT [Køn].[Køn].Members ON 0 FROM (SELECT [Kommune].[Kommune].[{name}] ON 0 FROM {cube})",
    "CREATE SESSION MEMBER {cube}.[Measures].[{name}] AS 1",
    "DRILLTHROUGH SELECT [Measures].[Antal personer] ON 0 FROM {cube} RETURN [Kommune].[{name}]",
    (
        "DRILLTHROUGH SELECT [Measures].[Antal personer] ON 0 FROM {cube} "
        "RETURN [$Kommune].[Kommune] AS [{name}], [Bestand].[Antal personer] AS [{name}2]"
    ),
    "DRILLTHROUGH SELECT [Measures].[Antal personer] ON 0 FROM {cube} WHERE [Kommune].[Kommune].[{name}]",
    "SELECT @Given ON 0 FROM {cube}",
    "SELECT StrToMember(@Given) ON 0 FROM {cube}",
)


class Listening:
    """A cursor that notes the SQL which it is given."""

    def __init__(self, cursor: Any, heard: list[str]) -> None:
        self._cursor = cursor
        self._heard = heard

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._cursor, name)
        if name not in {"execute", "executemany", "sql", "query"}:
            return found

        def listened(sql: str, *values: Any, **named: Any) -> Any:
            self._heard.append(sql)
            return found(sql, *values, **named)

        return listened


@pytest.fixture(scope="module")
def heard() -> Iterator[list[str]]:
    """All SQL that any store is given while the tests of this module run."""
    listed: list[str] = []
    real = CubeStore.cursor
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CubeStore, "cursor", lambda store: Listening(real(store), listed))
        yield listed


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, heard: list[str]) -> Database:
    release = current(world(tmp_path_factory.mktemp("sql") / "state", FEW))
    assert release is not None
    return Databases().of_release(operator_scope(1), release, own_catalogue())


def run(database: Database, text: str, given: str = "") -> bool:
    """Ask; whether there was an answer."""
    options = Options(parameters={"Given": given}, session=SessionNames())
    with contextlib.suppress(FlisError):
        execute(database.scope, database, text, options)
        return True
    return False


def placed(place: str, value: str) -> str:
    return place.format(
        name=value.replace("]", "]]"), double=value.replace('"', '""'), single=value.replace("'", "''"), cube=CUBE
    )


@pytest.mark.parametrize("place", PLACES)
def test_what_is_written_into_a_statement(database: Database, heard: list[str], place: str) -> None:
    database.forget()
    for value in HOSTILE:
        run(database, placed(place, value), value)
    assert not [sql for sql in heard if MARK in sql.casefold()]


def test_some_of_them_are_answered(database: Database, heard: list[str]) -> None:
    """The search is no empty one: hostile names reach the planner and SQL is run for them."""
    database.forget()
    del heard[:]
    answered = [place for place in PLACES if run(database, placed(place, HOSTILE[1]), HOSTILE[1])]
    assert len(answered) >= 7
    assert len(heard) >= 3


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.sampled_from(PLACES),
    value=st.text(st.one_of(st.sampled_from("'\"]-;/*\\\0$?%{}\n"), st.characters(codec="utf-8")), max_size=20),
)
def test_any_text(database: Database, heard: list[str], place: str, value: str) -> None:
    run(database, placed(place, MARK + value), MARK + value)
    assert not [sql for sql in heard if MARK in sql.casefold()]


def test_keys_are_numbers_or_bound(database: Database, heard: list[str]) -> None:
    """Even a key that exists is not written into SQL; paths of files are the program's own."""
    database.forget()
    del heard[:]
    for text in STATEMENTS.values():
        run(database, text)
    assert heard
    for sql in heard:
        if "read_parquet(" not in sql:
            assert not any(key in sql for key in ("0101", "2022-08", "2022-07", "København", "Odense"))


def test_nothing_is_broken_afterwards(database: Database) -> None:
    for value in HOSTILE:
        for place in PLACES:
            run(database, placed(place, value), value)
    assert run(database, STATEMENTS["measures"])
    assert run(database, STATEMENTS["drill through"])
