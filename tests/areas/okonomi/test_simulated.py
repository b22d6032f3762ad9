"""What the simulator delivers of Økonomi, counted in plain Python over the bytes: `ledger` shares no code with it."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import flis
from flis.simulate import simulate
from tests.areas.okonomi.ledger import read_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.areas.okonomi.ledger import LedgerFile, Posting

AREA = "okonomi"
SCALE = 0.02
INHABITANTS = 5_873_420
NET = {"1", "2"}
FOLDER = Path(flis.__file__).parent / "areas" / AREA

Files = dict[str, "LedgerFile"]


def delivered(folder: Path, month: date, *faults: str, scale: float = SCALE, seed: int = 1) -> Files:
    """The files of one month; the folder is kept for who looks at the bytes."""
    return read_all(simulate(AREA, folder, month, month, scale=scale, faults=faults, seed=seed))


@pytest.fixture(scope="module")
def june(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return delivered(tmp_path_factory.mktemp("june"), date(2025, 6, 1))


def postings(files: Files) -> Iterable[Posting]:
    return (posting for file in files.values() for posting in file.postings)


def test_all_municipalities_deliver_through_their_interface(june: Files) -> None:
    assert len(june) == 98
    assert {len(file.postings) > 300 for file in june.values()} == {True}
    assert {file.lines < 1500 for file in june.values()} == {True}


def test_every_period_adds_up_to_nothing(june: Files) -> None:
    sums: dict[tuple[str, int, str], Decimal] = defaultdict(Decimal)
    budgets: dict[tuple[str, int], tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for one in postings(june):
        sums[one.kommune, one.year, one.period] += one.booked
        adopted, corrected = budgets[one.kommune, one.year]
        budgets[one.kommune, one.year] = adopted + one.adopted, corrected + one.corrected
    assert set(sums.values()) == {Decimal(0)}
    assert set(budgets.values()) == {(Decimal(0), Decimal(0))}
    expected = {(2024, f"{nr:02}") for nr in range(17)} | {(2025, f"{nr:02}") for nr in range(7)}
    assert {(year, period) for _, year, period in sums} == expected


def test_flows_and_balances_add_up_each_for_themselves(june: Files) -> None:
    sums: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for one in postings(june):
        sums[one.kommune, one.year, one.period, one.account[0] == "9"] += one.booked
    assert set(sums.values()) == {Decimal(0)}


def test_files_tell_their_rows_and_sums(june: Files) -> None:
    for file in june.values():
        amounts = [Decimal(text.replace(".", "").replace(",", ".")) for text in file.told[1:]]
        assert int(file.told[0]) == file.lines
        sums = [sum(getattr(p, name) for p in file.postings) for name in ("booked", "adopted", "corrected")]
        assert amounts == (sums if len(amounts) == 3 else [sum(sums)])


def test_an_account_stands_once_in_a_period(june: Files) -> None:
    keys = [one.key for one in postings(june)]
    assert len(keys) == len(set(keys))


def test_accounts_are_those_of_the_plan(june: Files) -> None:
    lists = {name: codes(name) for name in ("funktion", "art", "ejerforhold", "dranst")}
    grouped = {(row["funktion"], row["dranst"], row["gruppering"]) for row in rows("gruppering") if row["funktion"]}
    allowed = {row["code"]: row["hovedkonti"] for row in rows("dranst")}
    for account in {one.account for one in postings(june)}:
        assert len(account) == 16
        assert account[:5] in lists["funktion"]
        assert account[0] in allowed[account[5]]
        assert account[6] in lists["ejerforhold"]
        assert account[14:] in lists["art"]
        assert account[11:14] == "000" or (account[:5], account[5], account[11:14]) in grouped


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / "codes" / f"{name}.csv").read_text("utf-8").splitlines()))


def codes(name: str) -> set[str]:
    """The codes of a list that are valid in 2024 and 2025."""
    return {row["code"] for row in rows(name) if row["valid_from"] <= "2024-01-01" and not row["valid_to"]}


def test_shares_of_the_main_accounts(june: Files) -> None:
    """§2.3 of the sheet: main account 5 has about 55 % of net operating cost, 3 about 17 %, 6 about 10 %."""
    net: dict[str, Decimal] = defaultdict(Decimal)
    for one in postings(june):
        if one.year == 2024 and one.account[0] < "7" and one.account[5] in NET:
            net[one.account[0]] += one.booked
    whole = sum(net.values())
    shares = {main: float(amount / whole) for main, amount in net.items()}
    assert shares["5"] == pytest.approx(0.55, abs=0.02)
    assert shares["3"] == pytest.approx(0.17, abs=0.01)
    assert shares["6"] == pytest.approx(0.10, abs=0.01)
    assert float(whole) / (INHABITANTS * SCALE) == pytest.approx(70_000 * 1.025**2, rel=0.03)


def test_seasons(june: Files) -> None:
    months: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in postings(june):
        if one.year == 2024 and not one.is_budget:
            kind = {"2": "refund", "7": "tax", "1": "operation"}.get(one.account[5], "other")
            months["income tax" if one.account.startswith("76890") else kind][one.period] += one.booked
    assert {p for p, amount in months["refund"].items() if amount} == {"03", "06", "09", "12", "13"}
    assert all(amount < 0 for amount in months["refund"].values())
    tax = [months["income tax"][f"{nr:02}"] for nr in range(1, 13)]
    assert [float(amount / sum(tax)) for amount in tax] == pytest.approx([1 / 12] * 12, rel=0.02)
    operation = {period: float(amount) for period, amount in months["operation"].items()}
    usual = sum(operation[f"{nr:02}"] for nr in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11)) / 10
    assert operation["07"] < 0.95 * usual
    assert operation["12"] > 1.15 * usual
    assert 0.2 * usual < operation["13"] < 0.8 * usual
    assert all(0 < operation[late] < 0.01 * usual for late in ("14", "15", "16"))


def test_a_year_begins_with_what_the_one_before_ended_with(june: Files) -> None:
    end: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    begin: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in postings(june):
        if one.account[0] == "9":
            end[one.kommune, one.account] += one.booked if one.year == 2024 else 0
            begin[one.kommune, one.account] += one.booked if (one.year, one.period) == (2025, "00") else 0
    assert begin == end
    assert len(end) == 98 * 6


@pytest.mark.parametrize(("month", "least", "most"), [(date(2025, 2, 1), 0.965, 0.98), (date(2025, 6, 1), 0.98, 1)])
def test_what_was_told_before_is_told_again(
    month: date, least: float, most: float, tmp_path: Path, june: Files
) -> None:
    """97 % of the rows are as they were; the previous year is closed after March; adopted budgets never change."""
    before = delivered(tmp_path / "a", date(month.year, month.month - 1, 1))
    after = june if month.month == 6 else delivered(tmp_path / "b", month)
    old, new = ({one.key: one for one in postings(files)} for files in (before, after))
    assert set(old) <= set(new)
    assert {one.period for key, one in new.items() if key not in old} == {f"{month.month:02}"}
    changed = [new[key] for key in old if new[key] != old[key]]
    assert least <= 1 - len(changed) / len(old) < most
    assert {one.year for one in changed} == ({2024, 2025} if month.month < 4 else {2025})
    assert all(new[key].adopted == old[key].adopted for key in old)
    assert any(new[key].corrected != old[key].corrected for key in old)


def test_a_month_is_the_same_whatever_is_made_with_it(tmp_path: Path) -> None:
    def files(name: str, first: int, seed: int = 1) -> dict[str, bytes]:
        made = simulate(AREA, tmp_path / name, date(2025, first, 1), date(2025, 6, 1), scale=0.01, seed=seed)
        return {path.name: path.read_bytes() for path in made if "_202506_" in path.name}

    alone = files("alone", 6)
    assert len(alone) == 98 + sum(name.endswith(".kontrol") for name in alone)
    assert files("again", 5) == alone
    other = files("other", 6, seed=2)
    assert other.keys() == alone.keys()
    assert not any(other[name] == alone[name] for name in alone if name.endswith(".csv"))


def test_a_municipality_changes_its_vendor_in_mid_year(tmp_path: Path) -> None:
    changed = [r for r in csv.DictReader((FOLDER / "senders.csv").read_text("utf-8").splitlines()) if r["valid_to"]]
    (row,) = changed
    made = simulate(AREA, tmp_path, date(2025, 6, 1), date(2025, 7, 1), scale=0.01)
    names = [path.name for path in made if f"_{row['kom']}_" in path.name and path.suffix == ".csv"]
    assert [name.split("_")[1] for name in names] == ["OESINDSIGT", "OPUS"]
    old, new = (read_all([tmp_path / name])[row["kom"]].postings for name in names)
    told = {one.key: one for one in new}
    same = [told[one.key] == one for one in old]
    assert sum(same) / len(same) > 0.97


def test_koebenhavn_loses_income_and_has_another_original_budget(tmp_path: Path, june: Files) -> None:
    fault = delivered(tmp_path, date(2025, 6, 1), "okonomi-koebenhavn-2025")
    assert {kommune for kommune in june if june[kommune] != fault[kommune]} == {"0101"}
    right, wrong = june["0101"].postings, fault["0101"].postings

    def income(found: list[Posting], year: int) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for one in found:
            if one.year == year and one.account[14] == "7" and not one.is_budget:
                sums[one.account[:5]] += one.booked
        return sums

    assert income(wrong, 2024) == income(right, 2024)
    lost = set(income(right, 2025)) - set(income(wrong, 2025))
    assert 5 <= len(lost) <= 23
    adopted = [sum(abs(one.adopted) for one in found if one.year == 2025) for found in (right, wrong)]
    assert adopted[1] == adopted[0] * Decimal("1.05")
    periods: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for one in wrong:
        periods[one.year, one.period] += one.booked
    assert set(periods.values()) == {Decimal(0)}
    assert delivered(tmp_path / "january", date(2025, 1, 1), "okonomi-koebenhavn-2025") == delivered(
        tmp_path / "right", date(2025, 1, 1)
    )


def test_a_period_stands_twice(tmp_path: Path, june: Files) -> None:
    fault = delivered(tmp_path, date(2025, 6, 1), "oko-double-period")
    assert {kommune for kommune in june if june[kommune] != fault[kommune]} == {"0461"}
    newest = [one for one in june["0461"].postings if (one.year, one.period) == (2025, "06")]
    assert fault["0461"].lines == june["0461"].lines + len(newest)


def test_signs_are_reversed(tmp_path: Path, june: Files) -> None:
    fault = delivered(tmp_path, date(2025, 6, 1), "oko-sign")
    assert {kommune for kommune in june if june[kommune] != fault[kommune]} == {"0461"}
    wrong = {one.key: one for one in fault["0461"].postings}
    for one in june["0461"].postings:
        newest = (one.year, one.period) == (2025, "06")
        assert wrong[one.key].booked == (-one.booked if newest else one.booked)


def test_a_vendor_changes_unannounced(tmp_path: Path) -> None:
    made = simulate(AREA, tmp_path, date(2025, 6, 1), date(2025, 7, 1), scale=0.01, faults=["oko-vendor-change"])
    names = [path.name for path in made if "_0155_" in path.name and path.suffix == ".csv"]
    assert [name.split("_")[1] for name in names] == ["OESINDSIGT", "OPUS"]


@pytest.mark.slow
def test_a_full_file_is_as_large_as_a_real_one(tmp_path: Path) -> None:
    made = simulate(AREA, tmp_path, date(2025, 6, 1), date(2025, 6, 1), scale=1)
    lines = [path.read_bytes().count(b"\n") for path in made if path.suffix == ".csv"]
    assert sum(lines) / 98 == pytest.approx(25_500, rel=0.05)
