"""The files that a national sender sends of the made-up area `svoemning`, and what they say, in plain Python.

One file for the whole country in each of the months December 2024 to March 2025; the bytes are those of the
simulator's writers. December is sent again with other figures, and two pools fewer.
"""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from flis.catalog import contracts
from flis.simulate.writers import write
from tests.made_up.files import SENDERS, SentFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MONTHS", "Pool", "again", "files", "grouped", "pools"]

MONTHS = [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)]
SCHEMA = pa.schema(
    [
        ("hal", pa.string()),
        ("ejer", pa.string()),
        ("sted", pa.string()),
        ("art", pa.string()),
        ("bassiner", pa.int64()),
        ("timer", pa.decimal128(8, 1)),
        ("besoeg", pa.int64()),
        ("indtaegt", pa.decimal128(12, 2)),
        ("opgjort", pa.date32()),
    ]
)


class Pool(NamedTuple):
    """A row of a file."""

    day: date
    owner: str
    place: str
    kind: str
    basins: int
    hours: Decimal
    visits: int
    income: Decimal


def _rows(month: date, sequence: int) -> list[dict[str, Any]]:
    rows = []
    for place, kommune in enumerate(SENDERS):
        # a pool lies in its owner's municipality, but for every tenth, which lies in the next one
        chance = random.Random(f"{kommune} {month} {sequence}")
        for number in range(1 + place % 2):
            elsewhere = SENDERS[(place + 1) % len(SENDERS)] if place % 10 == 0 else kommune
            outside = "U" if month.year == 2024 else "F"
            rows.append(
                {
                    "hal": f"Hal {number + 1}, {'“å”; ' if number else ''}{kommune}",
                    "ejer": kommune,
                    "sted": elsewhere,
                    "art": "I" if chance.random() < 0.7 else outside,
                    "bassiner": chance.randint(1, 5),
                    "timer": Decimal(chance.randint(0, 3000)) / 10,
                    "besoeg": chance.randint(0, 20_000),
                    "indtaegt": Decimal(chance.randint(-50_000, 90_000_000)) / 100,
                    "opgjort": _after(month) + timedelta(3 if sequence == 1 else 40),
                }
            )
    return rows[2:] if sequence > 1 else rows


def _after(month: date) -> date:
    return (month + timedelta(32)).replace(day=1)


def _sent(month: date, sequence: int) -> list[SentFile]:
    rows = pa.Table.from_pylist(_rows(month, sequence), SCHEMA)
    told = {"maaned": f"{month:%Y%m}", "sekvens": str(sequence)}
    made = write(contracts.load("svoemning"), {"hal": rows}, **told)
    return [SentFile(name, content, rows["opgjort"][0].as_py()) for name, content in made.items()]


def files() -> list[SentFile]:
    """The files of all months, each followed by the one that tells its sums. The area must be known."""
    return [file for month in MONTHS for file in _sent(month, 1)]


def again() -> list[SentFile]:
    """December once more, with a higher sequence."""
    return _sent(MONTHS[0], 2)


def pools(sent: Iterable[SentFile]) -> list[Pool]:
    """The rows that count: of each month those of the last file. Only the words of the contract are used here."""
    newest: dict[str, list[Pool]] = {}
    for file in sent:
        if file.name.endswith(".kontrol"):
            continue
        month = file.name.split("-")[1]
        day = _after(date(int(month[:4]), int(month[4:]), 1)) - timedelta(1)
        lines = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline=""), delimiter=";")
        newest[month] = [
            Pool(
                day,
                row["Ejerkommune"],
                row["Beliggenhedskommune"],
                row["Art"],
                int(row["Bassiner"]),
                _number(row["Timer"]),
                int(row["Besøg"]),
                _number(row["Indtægt"]),
            )
            for row in lines
        ]
    return [pool for month in newest.values() for pool in month]


def _number(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def grouped(rows: Iterable[Pool], key: Callable[[Pool], tuple[str, ...]]) -> dict[tuple[str, ...], list[Pool]]:
    """The rows by a key."""
    found: dict[tuple[str, ...], list[Pool]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)
