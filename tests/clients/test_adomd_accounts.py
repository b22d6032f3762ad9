"""ADOMD.NET on *Økonomi Statistik*: the metadata, ten pivots and the rows behind a cell, against plain Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from flis.access import Grant, Principals
from tests.areas.okonomi.august import GROWING, OWNER, living, rows_of, world
from tests.areas.okonomi.expected import PERIODS, Cell, Ledger, day
from tests.areas.okonomi.files import FORMS, PLAN
from tests.clients.serving import kit, need, serving
from tests.clients.test_adomd import OTHERS, PASSWORD, figures
from tests.made_up.walk import state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.client
HERE = Path(__file__).parent
CUBE = "Økonomi Statistik"
YEAR = {y: frozenset(p for p in PERIODS if p[0] == y) for y in (2024, 2025)}
MAY = frozenset({(2025, 5)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of accounts, with two users."""
    need("semantic-link-sempy")
    found = world(tmp_path_factory.mktemp("accounts"), register=GROWING)
    users = Principals(state_of(found / "state"))
    users.add("national", PASSWORD, (Grant(),))
    users.add("owner", PASSWORD, (Grant(OWNER),))
    return found


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving("--state", folder / "state", "--workers", "2", log=folder / "serve.log") as found:
        yield found


@pytest.mark.parametrize("user", ["national", "owner"])
def test_the_kit_walks_the_cube(url: str, user: str) -> None:
    named = ("--catalog", "FLIS", "--cube", CUBE, "--skip", OTHERS, "--user", user, "--password", PASSWORD)
    done = kit("adomd_check.py", url, *named)
    assert done.returncode == 0, done.stdout + done.stderr


def asked(url: str, user: str, *statements: str) -> list[dict[str, Any]]:
    """What ADOMD.NET says to the statements."""
    return list(figures(url, user, list(statements)))


class Pivot(NamedTuple):
    """A statement with rows on axis 1, and the cell that each of them is."""

    measures: tuple[str, ...]
    rows: str
    cells: dict[str, Cell]
    source: str = f"[{CUBE}]"
    where: str = ""

    @property
    def statement(self) -> str:
        measures = ", ".join(f"[Measures].[{name}]" for name in self.measures)
        where = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {{{measures}}} ON 0, {self.rows} ON 1 FROM {self.source}{where}"


FUNCTIONS = sorted({account[:5] for account in PLAN})
KINDS = sorted({account[-2:] for account in PLAN})
LEVEL = {
    "place": "[Kommune].[Kommune].&[{}]",
    "year": "[Regnskabsår].[Regnskabsår].[År].&[{}]",
    "period": "[Regnskabsår].[Regnskabsår].[Periode].&[{}]",
    "function": "[Kontoplan].[Kontoplan].[Funktion].&[{}]",
    "kind": "[Art].[Art].[Art].&[{}]",
}


def named(level: str, keys: dict[str, Cell]) -> tuple[str, dict[str, Cell]]:
    """A set of members by key, and the cells by unique name."""
    cells = {LEVEL[level].format(key): cell for key, cell in keys.items()}
    return f"{{{', '.join(cells)}}}", cells


PLACES = {k: Cell(places=frozenset({k})) for k in FORMS}
PIVOTS = {
    "municipalities": Pivot(("Regnskab", "Oprindeligt budget", "Korrigeret budget"), *named("place", PLACES)),
    "years": Pivot(
        ("Regnskab", "Kr. pr. indbygger"), *named("year", {str(y): Cell(periods=of) for y, of in YEAR.items()})
    ),
    "functions": Pivot(
        ("Nettodriftsudgift", "Kr. pr. indbygger"),
        *named("function", {f: Cell(functions=frozenset({f})) for f in FUNCTIONS}),
    ),
    "kinds": Pivot(("Bruttoudgift", "Indtægt"), *named("kind", {a: Cell(kinds=frozenset({a})) for a in KINDS})),
    "periods": Pivot(
        ("Regnskab", "Samme periode sidste år"),
        *named("period", {day(*p): Cell(periods=frozenset({p})) for p in PERIODS}),
    ),
    "year to date": Pivot(
        ("År til dato", "Restbudget"),
        *named("place", {k: Cell(frozenset({k}), MAY) for k in FORMS}),
        where=f"[Regnskabsår].[Regnskabsår].&[{day(2025, 5)}]",
    ),
    "share spent": Pivot(
        ("Forbrugsprocent",),
        *named("place", {k: Cell(frozenset({k}), YEAR[2025]) for k in FORMS}),
        where="[Regnskabsår].[Regnskabsår].[År].&[2025]",
    ),
    "balance": Pivot(
        ("Primo", "Ultimo"),
        *named("place", {k: Cell(frozenset({k}), YEAR[2024]) for k in FORMS}),
        where="[Regnskabsår].[Regnskabsår].[År].&[2024]",
    ),
    "subselect": Pivot(
        ("Regnskab", "Kr. pr. indbygger"),
        *named("year", {str(y): Cell(frozenset({"0101", "0740"}), of) for y, of in YEAR.items()}),
        source=f"(SELECT {{[Kommune].[Kommune].&[0101], [Kommune].[Kommune].&[0740]}} ON 0 FROM [{CUBE}])",
    ),
    "slicer of several": Pivot(
        ("Regnskab", "Bruttoudgift", "Kr. pr. indbygger"),
        *named("place", {k: Cell(frozenset({k}), MAY | {(2024, 14)}) for k in FORMS}),
        where=f"{{[Regnskabsår].[Regnskabsår].&[{day(2025, 5)}], [Regnskabsår].[Regnskabsår].&[{day(2024, 14)}]}}",
    ),
}


def test_ten_pivots(url: str, folder: Path) -> None:
    ledger = Ledger(rows_of(folder), living(folder))
    answers = asked(url, "national", *(pivot.statement for pivot in PIVOTS.values()))
    for (name, pivot), answer in zip(PIVOTS.items(), answers, strict=True):
        _, rows = answer["axes"]
        assert [row for [row] in rows] == list(pivot.cells), name
        values = iter(answer["values"])
        for cell in pivot.cells.values():
            expected = ledger.values(cell)
            for measure in pivot.measures:
                told, value = next(values), expected[measure]
                assert told == (None if value is None else pytest.approx(float(value), abs=0.005)), (
                    name,
                    measure,
                    cell,
                )


def test_the_owner_s_pivot_by_cost_centre(url: str, folder: Path) -> None:
    rows = "NON EMPTY [Omkostningssted].[Omkostningssted].[Omkostningssted].Members"
    text = f"SELECT {{[Measures].[Regnskab]}} ON 0, {rows} ON 1 FROM [{CUBE}]"
    [mine] = asked(url, "owner", text)
    ledger = Ledger([row for row in rows_of(folder) if row.kommune == OWNER])
    assert len(mine["values"]) == 5
    for [unique], told in zip(mine["axes"][1], mine["values"], strict=True):
        key = str(unique).rpartition("&[")[2][:-1]
        assert told == pytest.approx(float(ledger.values(Cell(centres=frozenset({key})))["Regnskab"] or 0), abs=0.005)
    [nothing] = asked(url, "national", text.replace("NON EMPTY ", ""))
    assert nothing["values"] == []


@pytest.mark.parametrize(("user", "lines"), [("national", 1), ("owner", 2)])
def test_the_rows_behind_a_cell(url: str, folder: Path, user: str, lines: int) -> None:
    """Two cost centres of an account: the owner has a row of each, everybody else their sum."""
    cell = f"([Kommune].[Kommune].&[{OWNER}], [Kontoplan].[Kontoplan].[Funktion].&[64551], {{}})"
    where = cell.replace("{}", f"[Regnskabsår].[Regnskabsår].&[{day(2025, 5)}]")
    [found] = asked(url, user, f"DRILLTHROUGH SELECT {{[Measures].[Regnskab]}} ON 0 FROM [{CUBE}] WHERE {where}")
    names = [str(name) for name in found["names"]]
    assert len(found["rows"]) == lines
    at = next(n for n, name in enumerate(names) if name.endswith("[Regnskab]"))
    expected = Ledger(rows_of(folder)).values(Cell(frozenset({OWNER}), MAY, frozenset({"64551"})))["Regnskab"]
    assert sum(float(row[at]) for row in found["rows"]) == pytest.approx(float(expected or 0))
    assert any("Omkostningssted" in name for name in names) == (user == "owner")


def described(url: str, lcid: int) -> dict[str, Any]:
    done = kit(HERE / "adomd_described.py", url, "national", PASSWORD, str(lcid), CUBE)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_everything_is_described_in_both_languages(url: str) -> None:
    danish, english = described(url, 1030), described(url, 1033)
    assert danish["cube"]["caption"] == "Økonomi Statistik"
    assert english["cube"]["caption"] == "Accounts"
    assert len(danish["dimensions"]) == 8
    assert len(danish["measures"]) == 13
    for one, other in ((danish, english), (english, danish)):
        for kind in ("dimensions", "hierarchies", "measures"):
            for part, again in zip(one[kind], other[kind], strict=True):
                assert part["caption"], part
                assert part["description"], part
                assert part["description"] != again["description"], part
                assert all(level["caption"] and level["description"] for level in part.get("levels", ())), part
        assert all(measure["folder"] and measure["format"] for measure in one["measures"])
