"""Isolation, sessions, limits and cancelling, on a sample release."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from flis.access import Scope, open_scope, operator_scope
from flis.catalog.cubes import own_catalogue
from flis.errors import (
    CancelledError,
    ForbiddenError,
    LimitError,
    NameStatementError,
    StatementError,
    SyntaxStatementError,
    UnsupportedStatementError,
)
from flis.query.database import Databases, Options, execute, language_of
from flis.query.limits import CancelToken, Limits
from flis.query.result import CellSet, Rowset
from flis.query.session import SessionNames
from flis.release import current
from tests.release.sample import build_sample

if TYPE_CHECKING:
    from pathlib import Path

    from flis.query.database import Database
    from flis.release import Release

CUBE = "[Ukraine Statistik]"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    found = current(build_sample(tmp_path_factory.mktemp("state"), releases=1))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def national(release: Release) -> Database:
    return Databases().of_release(operator_scope(release.number), release, own_catalogue())


def ask(base: Database, text: str, **options: object) -> CellSet:
    found = execute(base.scope, base, text, Options(**options))  # type: ignore[arg-type]
    assert isinstance(found, CellSet)
    return found


def municipal(release: Release, *codes: str) -> Database:
    scope = Scope("analyst", release.number, tuple(f"kommune-{c}" for c in codes), "municipal", codes)
    return Databases().of_release(scope, release, own_catalogue())


def test_a_municipal_scope_sees_its_own_alone(release: Release, national: Database) -> None:
    text = f"SELECT [Measures].[Antal personer] ON 0, [Kommune].[Geografi].Members ON 1 FROM {CUBE}"
    found = ask(municipal(release, "0101", "0461"), text)
    assert found.axes[1].captions(0, "da") == ["Egne kommuner"] * 3 + ["København", "Odense"]
    assert found.axes[1].captions(0, "en")[0] == "Own municipalities"
    everyone = ask(national, text)
    names = everyone.axes[1].unique_names(0)
    values = dict(zip(names, everyone.cells.texts, strict=True))
    own = [t for n, t in zip(found.axes[1].unique_names(0), found.cells.texts, strict=True) if n.endswith("&[0101]")]
    assert own == [v for n, v in values.items() if n.endswith("&[0101]")]
    assert found.cells.value(0) == sum(found.cells.value(i) or 0 for i in (3, 4))  # type: ignore[misc]


def test_every_fact_of_a_release_has_its_members(national: Database) -> None:
    groups = national.cubes[0].groups.values()
    assert {group.name: dict(group.facts.unknown) for group in groups} == {
        "Bestand": {},
        "Ind- og udrejser": {},
        "Bevægelser": {},
    }


def test_another_municipality_has_no_name_in_a_municipal_scope(release: Release) -> None:
    with pytest.raises(NameStatementError):
        ask(municipal(release, "0101"), f"SELECT [Kommune].[Kommune].&[0461] ON 0 FROM {CUBE}")


def test_a_scope_opens_no_other_scopes_database(release: Release, national: Database) -> None:
    scope = municipal(release, "0101").scope
    with pytest.raises(ForbiddenError):
        execute(scope, national, f"SELECT FROM {CUBE}")
    with pytest.raises(ForbiddenError):
        Databases().of_release(operator_scope(99), release, own_catalogue())
    with pytest.raises(ForbiddenError):
        Databases().of_folder(operator_scope(1), release.folder, own_catalogue())
    assert open_scope().kind == "open"


def test_the_stock_is_that_of_one_day(national: Database) -> None:
    months = ask(national, f"SELECT [Dato].[Kalender].[Måned].Members ON 0 FROM {CUBE}")
    last = ["[Dato].[Dag].&[2022-06-30]", "[Dato].[Dag].&[2022-07-31]", "[Dato].[Dag].&[2022-08-16]"]
    days = ask(national, f"SELECT {{{', '.join(last)}}} ON 0 FROM {CUBE}")
    assert months.cells.texts == days.cells.texts
    everything = ask(national, f"SELECT FROM {CUBE}")
    assert everything.cells.texts[0] == days.cells.texts[2]


def test_a_cell_without_persons_on_that_day_is_empty(national: Database) -> None:
    text = f"SELECT [Kommune].[Kommune].&[0411] ON 0 FROM {CUBE} WHERE [Dato].[Dag].&[2022-08-16]"
    assert ask(national, text).cells.value(0) is None


def test_a_subselect_makes_totals_visual(national: Database) -> None:
    inner = f"(SELECT {{[Kommune].[Kommune].&[0101], [Kommune].[Kommune].&[0461]}} ON 0 FROM {CUBE})"
    found = ask(national, f"SELECT [Kommune].[Kommune].Members ON 0 FROM {inner}")
    assert len(found.axes[0]) == 3
    values = [found.cells.value(i) for i in range(3)]
    assert values[0] == values[1] + values[2]  # type: ignore[operator]


def test_a_session_keeps_members_and_sets(national: Database) -> None:
    session = SessionNames()
    for text in (
        f"CREATE SESSION MEMBER {CUBE}.[Measures].[Twice] AS [Measures].[Antal personer] * 2",
        f"CREATE SESSION SET {CUBE}.[Sexes] AS [Køn].[Køn].Children",
    ):
        assert execute(national.scope, national, text, Options(session=session)) is None
    found = ask(national, f"SELECT [Measures].[Twice] ON 0, [Sexes] ON 1 FROM {CUBE}", session=session)
    plain = ask(national, f"SELECT [Measures].[Antal personer] ON 0, [Køn].[Køn].Children ON 1 FROM {CUBE}")
    assert found.cells.values.tolist() == (plain.cells.values * 2).tolist()
    execute(national.scope, national, f"DROP MEMBER {CUBE}.[Measures].[Twice]", Options(session=session))
    with pytest.raises(NameStatementError):
        ask(national, f"SELECT [Measures].[Twice] ON 0 FROM {CUBE}", session=session)


def test_parameters_are_values(national: Database) -> None:
    text = f"WITH MEMBER [Measures].[X] AS @n + 1 SELECT [Measures].[X] ON 0 FROM {CUBE}"
    assert ask(national, text, parameters={"n": 41}).cells.value(0) == 42
    with pytest.raises(NameStatementError, match="@n"):
        ask(national, text)


def test_limits_are_told_by_name(national: Database) -> None:
    big = f"SELECT [Kommune].[Kommune].Members ON 0, [Dato].[Dag].Members ON 1 FROM {CUBE}"
    with pytest.raises(LimitError, match="cells"):
        ask(national, big, limits=Limits(cells=1000))
    crossed = f"SELECT [Kommune].[Kommune].Members * [Dato].[Dag].Members ON 0 FROM {CUBE}"
    with pytest.raises(LimitError, match="tuples"):
        ask(national, crossed, limits=Limits(tuples=1000))


LONG = (
    "WITH MEMBER [Measures].[X] AS Sum([Alder].[Alder].Members * [Dato].[Dag].Members, [Measures].[Indrejste])"
    f" SELECT [Measures].[X] ON 0, [Kommune].[Kommune].Members ON 1 FROM {CUBE}"
)


def again(base: Database, token: CancelToken) -> None:
    """The long statement until it is cancelled, a minute at most."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        ask(base, LONG, token=token, limits=Limits(cells=50_000_000, tuples=50_000_000))


def test_cancelling_stops_the_work(national: Database) -> None:
    token = CancelToken()
    threading.Timer(0.05, token.cancel).start()
    with pytest.raises(CancelledError):
        again(national, token)


def test_the_time_limit_stops_the_work(national: Database) -> None:
    with pytest.raises(CancelledError, match="time limit"):
        ask(national, f"SELECT FROM {CUBE}", seconds=1e-9)


def test_statements_that_write_are_refused(national: Database) -> None:
    with pytest.raises(UnsupportedStatementError):
        execute(national.scope, national, "UPDATE CUBE [Ukraine Statistik] SET [Measures].[Indrejste] = 1")
    assert execute(national.scope, national, f"REFRESH CUBE {CUBE}") is None
    with pytest.raises(SyntaxStatementError):
        execute(national.scope, national, "SELECT [Køn].[Køn].Members ON 0")


def test_an_endless_recursion_is_an_error(national: Database) -> None:
    text = f"WITH MEMBER [Measures].[X] AS [Measures].[X] + 1 SELECT [Measures].[X] ON 0 FROM {CUBE}"
    assert "without end" in ask(national, text).cells.errors[0]


def test_a_name_error_has_its_place_and_a_hint(national: Database) -> None:
    with pytest.raises(NameStatementError) as caught:
        ask(national, f"SELECT\n  [Measures].[Antal persner] ON 0 FROM {CUBE}")
    assert (caught.value.line, caught.value.column) == (2, 14)
    assert "Antal personer" in caught.value.hint
    with pytest.raises(StatementError, match="more than one axis"):
        ask(national, f"SELECT [Køn].[Køn].Members ON 0, [Køn].[Køn].Members ON 1 FROM {CUBE}")


def test_flattened_and_drilled(national: Database) -> None:
    text = f"SELECT [Measures].[Indrejste] ON 0, [Køn].[Køn].Children ON 1 FROM {CUBE}"
    flat = execute(national.scope, national, text, Options(flat=True))
    assert isinstance(flat, Rowset)
    assert [c.name for c in flat.columns] == ["[Køn].[Køn].[Køn].[MEMBER_CAPTION]", "[Measures].[Indrejste]"]
    assert [row[0] for row in flat.rows()] == ["Kvinder", "Mænd"]
    drill = f"DRILLTHROUGH MAXROWS 7 SELECT [Measures].[Indrejste] ON 0 FROM {CUBE} WHERE [Køn].[Køn].&[K]"
    rows = execute(national.scope, national, drill)
    assert isinstance(rows, Rowset)
    assert len(rows) == 7


def test_the_same_statement_gives_the_same_cold_and_warm(release: Release, national: Database) -> None:
    text = f"SELECT [Køn].[Køn].Members * [Alder].[Aldersgrupper].Members ON 0 FROM {CUBE}"
    cold = ask(municipal(release, "0101"), text)
    ask(national, text)
    warm = ask(municipal(release, "0101"), text)
    assert cold.cells.texts == warm.cells.texts


def test_languages() -> None:
    assert [language_of(n) for n in (1030, 6, 9, 1033, 2057, 127, 3072)] == ["da", "da", "en", "en", "en", "da", "da"]


def test_a_file_of_parquet_needs_its_table(tmp_path: Path) -> None:
    from flis.errors import CatalogError

    base = Databases().of_folder(open_scope(), tmp_path, own_catalogue())
    with pytest.raises(CatalogError, match="no table"):
        ask(base, f"SELECT [Køn].[Køn].Members ON 0 FROM {CUBE}")
