"""Økonomi from files in three forms to the cube: every figure is that of a sum over the raw bytes in plain Python."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flis.catalog.area_paths import folder_of
from tests.areas.okonomi.files import CHANGED, CORRECTED, FORMS, LACKING, Row, counted, files, newest, told
from tests.made_up.asking import Asking, askers, pivot_of
from tests.made_up.walk import state_of
from tests.made_up.walk import told as command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

pivot = partial(pivot_of, "[Økonomi Statistik]")
PLACES = "[Kommune].[Kommune].[Kommune].Members"
YEARS = "[Regnskabsår].[Regnskabsår].[År].Members"
PERIODS = "[Regnskabsår].[Regnskabsår].[Periode].Members"
FUNCTIONS = "[Kontoplan].[Kontoplan].[Funktion].Members"
MAIN = "[Kontoplan].[Kontoplan].[Hovedkonto].Members"
MIDDLE = "[Kontoplan].[Kontoplan].[Hovedfunktion].Members"
KINDS = "[Art].[Art].[Hovedart].Members"
GROUPS = "[Gruppering].[Gruppering].[Gruppering].Members"


@pytest.fixture
def asking(accounts: Path, tmp_path: Path) -> Iterator[Callable[..., Asking]]:
    with askers(state_of(accounts), tmp_path) as ask:
        yield ask


def test_the_folder_is_whole(tmp_path: Path) -> None:
    folder = Path(str(folder_of("okonomi")))
    assert command("catalog", "check", folder, areas=tmp_path)["ok"]


def day(year: int, period: int) -> str:
    if period == 0:
        return f"{year}-01-01"
    return f"{year}-{period:02}-15" if period < 13 else f"{year}-12-{period + 15}"


def group(row: Row) -> str:
    function, dranst, _, _, code, _ = row.parts
    return code if code == "000" else "900" if code >= "900" else f"{function}-{dranst}-{code}"


def flows() -> list[Row]:
    """The rows that count, but for the balance sheet."""
    return [row for row in told(newest()) if row.account < "9"]


def same(found: dict[Any, Decimal], expected: dict[Any, Decimal]) -> None:
    """Equal to the øre; a cell without rows is empty, and an expected zero may be one."""
    rounded = {key: round(value, 2) for key, value in found.items()}
    assert {k: v for k, v in rounded.items() if v} == {k: v for k, v in expected.items() if v}
    assert rounded.keys() <= expected.keys()


MEASURES: dict[str, Callable[[Row], Decimal]] = {
    "Regnskab": lambda row: row.actual,
    "Oprindeligt budget": lambda row: row.original,
    "Korrigeret budget": lambda row: row.revised,
    "Restbudget": lambda row: row.revised - row.actual,
}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("levels", "key"),
    [
        ((PLACES, YEARS), lambda row: (row.kommune, str(row.year))),
        ((FUNCTIONS, PERIODS), lambda row: (row.account[:5], day(row.year, row.period))),
        ((MAIN, KINDS), lambda row: (row.account[0], row.account[-2])),
        ((MIDDLE, PLACES), lambda row: (row.account[:3], row.kommune)),
        ((GROUPS, YEARS), lambda row: (group(row), str(row.year))),
    ],
)
def test_accounts_and_budgets(
    asking: Callable[..., Asking], measure: str, levels: tuple[str, ...], key: Callable[[Row], tuple[str, ...]]
) -> None:
    same(asking().cells(pivot(measure, *levels)), counted(flows(), key, MEASURES[measure]))


@pytest.mark.parametrize("name", ["Dranst", "Ejerforhold"])
def test_by_dranst_and_ownership(asking: Callable[..., Asking], name: str) -> None:
    place = {"Dranst": 1, "Ejerforhold": 2}[name]
    found = asking().cells(pivot("Regnskab", f"[{name}].[{name}].[{name}].Members", PLACES))
    same(found, counted(flows(), lambda row: (row.parts[place], row.kommune), MEASURES["Regnskab"]))


def _net(row: Row) -> bool:
    return row.parts[1] in "12" and row.account[0] in "0123456"


def _gross(row: Row) -> bool:
    return row.account[-2] in "0123456" or (row.account[-2] == "9" and row.actual > 0)


@pytest.mark.parametrize(
    ("measure", "counts"),
    [("Nettodriftsudgift", _net), ("Bruttoudgift", _gross), ("Indtægt", lambda row: not _gross(row))],
)
@pytest.mark.parametrize(
    "where", ["", " WHERE {[Regnskabsår].[Regnskabsår].&[2025-03-15], [Regnskabsår].[Regnskabsår].&[2024-12-29]}"]
)
def test_kinds_of_expenditure(
    asking: Callable[..., Asking], measure: str, counts: Callable[[Row], bool], where: str
) -> None:
    rows = [r for r in flows() if counts(r) and (not where or (r.year, r.period) in {(2025, 3), (2024, 14)})]
    found = asking().cells(pivot(measure, PLACES, MAIN) + where)
    same(found, counted(rows, lambda row: (row.kommune, row.account[0]), MEASURES["Regnskab"]))


def test_the_share_of_the_budget_is_of_sums(asking: Callable[..., Asking]) -> None:
    groups = {
        name: counted(flows(), lambda row: (row.kommune, str(row.year)), MEASURES[name])
        for name in ("Regnskab", "Korrigeret budget")
    }
    expected = {k: round(v / groups["Korrigeret budget"][k], 6) for k, v in groups["Regnskab"].items()}
    found = asking().cells(pivot("Forbrugsprocent", PLACES, YEARS))
    assert {k: round(v, 6) for k, v in found.items()} == expected


def test_the_year_to_date_and_the_year_before(asking: Callable[..., Asking]) -> None:
    year = counted(
        [r for r in flows() if r.year == 2025 and r.period <= 5], lambda row: (row.kommune,), MEASURES["Regnskab"]
    )
    may = " WHERE [Regnskabsår].[Regnskabsår].&[2025-05-15]"
    same(asking().cells(pivot("År til dato", PLACES) + may), year)
    before = counted(
        [r for r in flows() if (r.year, r.period) == (2024, 5)], lambda row: (row.kommune,), MEASURES["Regnskab"]
    )
    same(asking().cells(pivot("Samme periode sidste år", PLACES) + may), before)
    both = [r for r in flows() if r.year == 2024 and r.period in {0, 2, 13, 16}]
    days = ", ".join(f"[Regnskabsår].[Regnskabsår].&[{day(2025, period)}]" for period in (0, 2, 13, 16))
    found = asking().cells(pivot("Samme periode sidste år", MAIN) + f" WHERE {{{days}}}")
    same(found, counted(both, lambda row: (row.account[0],), MEASURES["Regnskab"]))


def test_balances_before_and_after(asking: Callable[..., Asking]) -> None:
    rows = [r for r in told(newest()) if r.account >= "9"]
    for year, last in ((2024, 16), (2025, 8)):
        for period in (1, 5, last):
            where = f" WHERE [Regnskabsår].[Regnskabsår].&[{day(year, period)}]"
            for measure, through in (("Primo", period - 1), ("Ultimo", period)):
                mine = [r for r in rows if r.year == year and r.period <= through]
                expected = counted(mine, lambda row: (row.kommune, row.account[:5]), MEASURES["Regnskab"])
                same(asking().cells(pivot(measure, PLACES, FUNCTIONS) + where), expected)
    closing = counted([r for r in rows if r.year == 2025], lambda row: (row.kommune,), MEASURES["Regnskab"])
    cash = " WHERE [Kontoplan].[Kontoplan].&[92205]"
    only = counted(
        [r for r in rows if r.year == 2025 and r.account[:5] == "92205"], lambda r: (r.kommune,), MEASURES["Regnskab"]
    )
    assert closing.keys() == only.keys()
    same(asking().cells(pivot("Ultimo", PLACES) + cash), only)


@pytest.mark.parametrize("kommune", [CHANGED, CORRECTED])
def test_a_municipality_sees_its_own_accounts(asking: Callable[..., Asking], kommune: str) -> None:
    mine = [row for row in flows() if row.kommune == kommune]
    same(asking(kommune).cells(pivot("Regnskab", YEARS)), counted(mine, lambda r: (str(r.year),), MEASURES["Regnskab"]))


def test_a_correction_of_a_closed_period_counts_and_the_former_system_does_not_twice(
    asking: Callable[..., Asking],
) -> None:
    march = [r for r in flows() if (r.year, r.period) == (2025, 3)]
    first = [
        r for r in told(f for f in files() if "_202506_" in f.name and not f.name.endswith(".kontrol"))
        if (r.year, r.period) == (2025, 3) and r.account < "9"
    ]  # fmt: skip
    now, then = (counted(rows, lambda r: (r.kommune,), MEASURES["Regnskab"]) for rows in (march, first))
    assert len(now) == len(FORMS)
    assert all(now[k] != then[k] for k in now)
    where = " WHERE [Regnskabsår].[Regnskabsår].&[2025-03-15]"
    same(asking().cells(pivot("Regnskab", PLACES) + where), now)


def test_missing_income_is_found_and_the_budgets_that_august_changes_and_nothing_else(accounts: Path) -> None:
    found = []
    for delivery in command("deliveries", "list", "--state", accounts, areas=accounts):
        report = command("deliveries", "report", delivery["id"], "--state", accounts, areas=accounts)
        found += [(delivery["sender"], delivery["period"], f["rule"]) for f in report["findings"] if "oko" in f["rule"]]
    changed = [(kommune, "2025-08", "oko_08_vedtaget_budget") for kommune in FORMS]
    assert sorted(found) == sorted([(LACKING, "2025-08", "oko_07_indtaegt"), *changed])
