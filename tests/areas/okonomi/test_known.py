"""The ledger as known on any day is what plain Python reads from the files that had come by then, in any order."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from flis.warehouse.database import opened
from flis.warehouse.keeping import show
from tests.areas.okonomi.files import Row, accounts_of, told, written
from tests.areas.okonomi.test_rules import OF, _moved
from tests.made_up.files import SentFile
from tests.made_up.walk import flis, put, receive, state_of

if TYPE_CHECKING:
    from pathlib import Path

Key = tuple[int, int, str]
Amounts = tuple[Decimal, Decimal, Decimal]
FORM = "koer"
KOMMUNE = OF[FORM]


def sent(month: int, rows: list[Row], sequence: int, known: date) -> SentFile:
    """The file of a month that was read out on a day."""
    (file,) = written(FORM, KOMMUNE, month, rows, sequence)
    return SentFile(file.name[:-12] + f"{known:%Y%m%d}.csv", file.content, known)


def _without_march(rows: list[Row]) -> list[Row]:
    return [row for row in rows if (row.year, row.period) != (2025, 3)]


CLEAN = {month: accounts_of(KOMMUNE, month) for month in (6, 7, 8)}
FILES = {
    "june": sent(6, CLEAN[6], 1, date(2025, 7, 10)),
    "june corrected": sent(6, _moved(CLEAN[6]), 2, date(2025, 8, 20)),
    "june corrected again": sent(6, CLEAN[6], 3, date(2025, 9, 25)),
    "july": sent(7, CLEAN[7], 1, date(2025, 8, 10)),
    "july corrected": sent(7, _without_march(_moved(CLEAN[7])), 2, date(2025, 9, 1)),
    "august": sent(8, CLEAN[8], 1, date(2025, 9, 10)),
}
"""The file, by what it is; August corrects March, and July's correction has nothing of it."""
ORDERS = (
    ("june", "july", "june corrected", "july corrected", "august", "june corrected again"),
    ("august", "june", "june corrected", "july", "july corrected", "june corrected again"),
    ("june", "june corrected", "june corrected again", "august", "july", "july corrected"),
)
DAYS = tuple(
    date(2025, month, day) for month, day in ((7, 9), (7, 10), (8, 10), (8, 20), (9, 1), (9, 9), (9, 10), (12, 31))
)


def oracle(day: date) -> dict[Key, Amounts]:
    """What was known on a day: of the files read out by then that of the newest period and the highest sequence."""
    there = {name: file for name, file in FILES.items() if file.arrived <= day}
    if not there:
        return {}
    newest = max(there.values(), key=lambda file: (file.name.split("_")[3], int(file.name.split("_")[4])))
    sums: dict[Key, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for row in told([newest]):
        key = (row.year, row.period, "".join(row.parts))
        sums[key] = [a + b for a, b in zip(sums[key], row[4:], strict=True)]
    return {key: (a, b, c) for key, (a, b, c) in sums.items()}


def known(state: Path, day: date) -> dict[Key, Amounts]:
    """The kept ledger as known on a day."""
    with opened(state_of(state), "okonomi") as connection:
        show(connection, "okonomi", day)
        rows = connection.execute(
            "SELECT year(regnskabsaar), CAST(regnskabsperiode AS INTEGER), concat(funktion, dranst, ejerforhold, "
            "omkostningssted, gruppering, art), sum(regnskab), sum(oprindeligt_budget), sum(korrigeret_budget) "
            "FROM saldo GROUP BY ALL"
        ).fetchall()
    return {(year, period, account): tuple(amounts) for year, period, account, *amounts in rows}


@pytest.mark.parametrize("order", [ORDERS[0], *(pytest.param(order, marks=pytest.mark.slow) for order in ORDERS[1:])])
def test_the_ledger_as_known_on_any_day(tmp_path: Path, order: tuple[str, ...]) -> None:
    for number, name in enumerate(order):
        file = FILES[name]
        receive(tmp_path / "state", put([file], tmp_path / f"{number}"), file.arrived, areas=tmp_path)
        assert flis("load", "--state", tmp_path / "state", areas=tmp_path).code == 0
    found = {day: known(tmp_path / "state", day) for day in DAYS}
    for day in DAYS:
        assert found[day] == oracle(day), day
    changed = [revised(found[a], found[b]) for a, b in ((DAYS[2], DAYS[4]), (DAYS[4], DAYS[6]))]
    assert {key[:2] for key in changed[0]} == {(2024, 12), *((2025, 3) for _ in changed[0])}
    assert {key for key in changed[0] if key[0] == 2024} == {
        (2024, 12, "3220111000100010"), (2024, 12, "5251412000200010"),
    }  # fmt: skip
    assert {key[:2] for key in changed[1]} == {(2024, 12), (2025, 3), (2025, 8)}


def revised(before: dict[Key, Amounts], after: dict[Key, Amounts]) -> set[Key]:
    """The accounts and periods of which two days know something else."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
