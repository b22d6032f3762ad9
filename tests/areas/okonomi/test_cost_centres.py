"""Cost centres are the owner's: what others are told is the same whatever the numbers are, down to the bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from flis.errors import StatementError
from flis.release import current
from tests.areas.okonomi.asked import Cube
from tests.areas.okonomi.august import OWNER, rows_of
from tests.areas.okonomi.expected import Cell, Ledger
from tests.areas.okonomi.files import FORMS, counted
from tests.areas.okonomi.test_accounts import MEASURES
from tests.leakage.asking import Server, of_state, principal
from tests.made_up.walk import flis, state_of
from tests.serve.xmla.asking import discover, execute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.access import Principal

pytestmark = pytest.mark.slow
CENTRES = "[Omkostningssted].[Omkostningssted].[Omkostningssted].Members"
ALL = "[Omkostningssted].[Omkostningssted].Members"
CUBE = "[Økonomi Statistik]"
BOSS, MINE = principal("", name="boss"), principal(OWNER)
APPLIED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
STATEMENTS = {
    "cost centres": f"SELECT {{[Measures].Members}} ON 0, {ALL} ON 1 FROM {CUBE}",
    "none below": f"SELECT {{[Measures].[Regnskab]}} ON 0, {CENTRES} ON 1 FROM {CUBE}",
    "a named one": f"SELECT {{[Omkostningssted].[Omkostningssted].&[0101-0001]}} ON 0 FROM {CUBE}",
    "unknown": f"SELECT {{[Omkostningssted].[Omkostningssted].UnknownMember}} ON 0 FROM {CUBE}",
    "pivot": f"SELECT {{[Measures].Members}} ON 0, NON EMPTY [Kommune].[Kommune].Members * {ALL} ON 1 FROM {CUBE}",
    "kinds": f"SELECT {{[Measures].[Bruttoudgift], [Measures].[Indtægt]}} ON 0, [Art].[Art].Members ON 1 FROM {CUBE}",
    "inhabitants": f"SELECT {{[Measures].[Kr. pr. indbygger]}} ON 0, [Kontoplan].[Kontoplan].Members ON 1 FROM {CUBE}",
    "drill": f"DRILLTHROUGH MAXROWS 3000 SELECT {{[Measures].[Regnskab]}} ON 0 FROM {CUBE}",
    "its dimension": "SELECT [Omkostningssted].[Omkostningssted].Members ON 0 FROM [$Omkostningssted]",
}
ROWSETS = ("MDSCHEMA_CUBES", "MDSCHEMA_DIMENSIONS", "MDSCHEMA_HIERARCHIES", "MDSCHEMA_LEVELS", "MDSCHEMA_MEASUREGROUPS")
REQUESTS = {name: execute(text, Catalog="FLIS") for name, text in STATEMENTS.items()} | {
    name: discover(name, {}) for name in (*ROWSETS, "MDSCHEMA_MEASUREGROUP_DIMENSIONS", "DBSCHEMA_TABLES")
}
REQUESTS["members"] = discover("MDSCHEMA_MEMBERS", {"CUBE_NAME": CUBE[1:-1]})


@pytest.fixture(scope="module")
def servers(
    inhabited: Path, others: Path, renumbered_only: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Server]]:
    root = tmp_path_factory.mktemp("worlds")
    folders = {"here": inhabited, "others": others, "renumbered": renumbered_only}
    found = {name: of_state(state_of(folder / "state"), root / f"{name}.db") for name, folder in folders.items()}
    yield found
    for server in found.values():
        server.close()


def answer(server: Server, name: str, who: Principal) -> bytes:
    return APPLIED.sub(b"then", server.ask(REQUESTS[name], who))


@pytest.mark.parametrize("name", REQUESTS)
def test_the_country_says_the_same_whatever_the_cost_centres_are(servers: dict[str, Server], name: str) -> None:
    """The two worlds have the same amounts on other cost centres."""
    assert answer(servers["here"], name, BOSS) == answer(servers["renumbered"], name, BOSS)


@pytest.mark.parametrize("name", REQUESTS)
def test_an_owner_cannot_tell_what_others_have(servers: dict[str, Server], name: str) -> None:
    """The two worlds have other amounts and cost centres of all municipalities but the owner."""
    assert answer(servers["here"], name, MINE) == answer(servers["others"], name, MINE)


@pytest.mark.parametrize("name", ["cost centres", "none below", "pivot", "drill", "members"])
def test_an_owner_sees_the_own_cost_centres(servers: dict[str, Server], name: str) -> None:
    mine, theirs = (answer(servers[world], name, MINE) for world in ("here", "renumbered"))
    assert mine != theirs
    assert b"0151-0001" in mine
    assert b"0101-0001" not in mine


def test_the_worlds_differ_elsewhere(servers: dict[str, Server]) -> None:
    assert answer(servers["here"], "pivot", BOSS) != answer(servers["others"], "pivot", BOSS)


def test_no_store_but_the_owner_s_has_a_cost_centre(inhabited: Path) -> None:
    release = current(state_of(inhabited / "state"))
    assert release is not None
    tree = release.area("okonomi").tree
    holding = {
        store for store, tables in tree.stores.items() if {"oko_egen_saldo", "oko_omkostningssted"} & set(tables)
    }
    assert {f"kommune-{kommune}" for kommune in FORMS} <= holding
    assert all(store.startswith("kommune-") for store in holding)
    rows = {store: sum(e.rows for e in tree.stores[store]["oko_egen_saldo"].values()) for store in holding}
    assert {store for store, count in rows.items() if count} == {f"kommune-{kommune}" for kommune in FORMS}


@pytest.mark.parametrize("own", [(OWNER,), (OWNER, "0740")], ids=["one municipality", "two of them"])
def test_accounts_by_cost_centre(inhabited: Path, own: tuple[str, ...]) -> None:
    cube = Cube(inhabited, *own)
    rows = [row for row in rows_of(inhabited) if row.kommune in own and row.account < "9"]
    for measure in ("Regnskab", "Oprindeligt budget", "Korrigeret budget"):
        found = cube.ask(f"SELECT {{[Measures].[{measure}]}} ON 0, NON EMPTY {CENTRES} ON 1 FROM {CUBE}")
        keys = found.axes[1].unique_names(0)
        expected = counted(rows, lambda r: (f"{r.kommune}-{r.parts[3]}",), MEASURES[measure])
        told = {name.rpartition("&[")[2][:-1]: found.cells.value(n) for n, name in enumerate(keys)}
        assert told == pytest.approx({key: float(total) for (key,), total in expected.items()}, abs=0.005)
    assert sorted(set(found.axes[1].captions(0, "da"))) == ["0000", "0001", "0002", "0003", "0004"]


@pytest.mark.parametrize(
    ("language", "said"), [("da", "Kun for egen kommune"), ("en", "For the own municipality only")]
)
def test_the_country_is_told_why_there_are_none(inhabited: Path, language: str, said: str) -> None:
    found = Cube(inhabited).ask(f"SELECT {{[Measures].[Regnskab]}} ON 0, {ALL} ON 1 FROM {CUBE}", language)
    assert found.axes[1].captions(0, language) == [said]
    assert found.cells.value(0) == pytest.approx(float(sum(r.actual for r in rows_of(inhabited) if r.account < "9")))


def test_a_cost_centre_that_is_named_is_no_member_for_the_country(inhabited: Path) -> None:
    with pytest.raises(StatementError):
        Cube(inhabited).ask(STATEMENTS["a named one"])


def test_gross_expenditure_and_income_are_by_account_in_every_store(inhabited: Path) -> None:
    """Amounts of one account of main kind 9 on two cost centres: one is income, and both stores say so."""
    text = (
        f"SELECT {{[Measures].[Bruttoudgift], [Measures].[Indtægt]}} ON 0 FROM {CUBE} WHERE ([Art].[Art].&[91], {{}})"
    )
    place = f"[Kommune].[Kommune].&[{OWNER}]"
    rows = [row for row in rows_of(inhabited) if row.kommune == OWNER and row.account.endswith("91")]
    expected = [float(sum(r.actual for r in rows if (r.actual > 0) == positive)) for positive in (True, False)]
    assert expected[0] > 0 > expected[1]
    for cube in (Cube(inhabited), Cube(inhabited, OWNER)):
        assert cube.row(text.replace("{}", place), 2) == pytest.approx(expected)


def test_what_municipalities_alone_hold_is_verified(inhabited: Path) -> None:
    done = flis("release", "verify", "--state", inhabited / "state", areas=inhabited)
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize("own", [(), (OWNER,)], ids=["country", "municipality"])
def test_the_rows_behind_a_cell_are_those_delivered(inhabited: Path, own: tuple[str, ...]) -> None:
    """Of the country they are over all cost centres, and none is a column."""
    place, function = f"[Kommune].[Kommune].&[{OWNER}]", "[Kontoplan].[Kontoplan].[Funktion].&[64551]"
    cell = f"{{[Measures].[Regnskab]}} ON 0 FROM {CUBE} WHERE ({place}, {function})"
    rows = Cube(inhabited, *own).rows(f"DRILLTHROUGH MAXROWS 1000 SELECT {cell}")
    names = [column.name for column in rows.columns]
    sums = {
        name: sum(
            float(value) for value in rows.data[names.index(f"[Regnskab og budget].[{name}]")] if value is not None
        )
        for name in ("Regnskab", "Nettodriftsudgift", "Bruttoudgift", "Indtægt", "Korrigeret budget")
    }
    delivered = [row for row in rows_of(inhabited) if row.kommune == OWNER and row.account.startswith("64551")]
    ledger = Ledger(delivered).values(Cell())
    assert sums == pytest.approx({name: float(ledger[name] or 0) for name in sums}, abs=0.005)
    assert ("[$Omkostningssted].[Omkostningssted]" in names) == bool(own)
    centres = {row.parts[3] for row in delivered}
    assert len(centres) == 2
    lines = {(row.year, row.period, row.account) for row in delivered}
    assert len(rows.data[0]) == len(lines) // (1 if own else 2)
