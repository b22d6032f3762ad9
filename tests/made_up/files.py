"""The files that 98 municipalities send of the made-up area `udlaan`, and how some of them go wrong.

Four months (June to September 2025). Read out on the 5th of the next month, but for

* one that is missing: Thisted sends nothing of September;
* one that is late: Frederiksberg's September is read out on 20 November, after the days of grace;
* one that is broken: Odense's September is cut off in the middle;
* one that corrects: København sends July again in October, with a higher sequence and without some of its rows;
* one that is out of order: Aalborg's July is read out in October, after its August and September.

The bytes are written by hand here, not by the simulator's writers, so that nothing that is tested made them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from flis.catalog.reference import municipalities
from tests.delivery.extracts import person_number

__all__ = [
    "BROKEN",
    "CHRISTIANSOE",
    "CORRECTED",
    "LATE",
    "MISSING",
    "MONTHS",
    "OUT_OF_ORDER",
    "SENDERS",
    "SentFile",
    "canaries",
    "files",
    "waves",
]

CHRISTIANSOE = "0411"
"""No municipality: it sends nothing."""
SENDERS = [m.code for m in municipalities() if m.code != CHRISTIANSOE]
MONTHS = [date(2025, month, 1) for month in (6, 7, 8, 9)]
MISSING, LATE, BROKEN, CORRECTED, OUT_OF_ORDER = "0787", "0147", "0461", "0101", "0851"
KINDS = "KRSB"
PERSONS = 40
HEADER = "CPRNR;SLAGS;UDLEVERET;ANTAL;LEJE_KR"


@dataclass(frozen=True)
class SentFile:
    """A file as it is sent: its name, its bytes, and the day on which it was read out and arrives."""

    name: str
    content: bytes
    arrived: date

    @property
    def identity(self) -> tuple[str, str]:
        """Municipality and month."""
        _, kommune, month, *_ = self.name.split("_")
        return kommune, month


def canaries() -> list[str]:
    """The numbers of all persons in the files."""
    return [person_number(n) for n in range(PERSONS)]


def read_out(month: date) -> date:
    """The day on which a month is usually read out."""
    return date(month.year, month.month + 1, 5)


def _rows(kommune: str, month: date, seed: str = "") -> list[str]:
    chance = random.Random(f"{kommune} {month} {seed}")
    rows = []
    for _ in range(chance.randint(3, 7)):
        person, kind = person_number(chance.randrange(PERSONS)), chance.choice(KINDS)
        count, rent = chance.randint(1, 4), Decimal(chance.randint(0, 99_999)) / 100
        day = month.replace(day=chance.randint(1, 28))
        rows.append(f"{person};{kind};{day:%d-%m-%Y};{count};{f'{rent:.2f}'.replace('.', ',')}")
    return rows


def _file(kommune: str, month: date, rows: list[str], arrived: date, sequence: int = 1) -> SentFile:
    counts = sum(int(row.split(";")[3]) for row in rows)
    rent = sum((Decimal(row.split(";")[4].replace(",", ".")) for row in rows), Decimal(0))
    end = f"SLUT;{len(rows)};{counts};{f'{rent:.2f}'.replace('.', ',')}"
    text = "".join(f"{line}\r\n" for line in (HEADER, *rows, end))
    name = f"UDLAAN_{kommune}_{month:%Y%m}_{arrived:%Y%m%d}_{sequence}.csv"
    return SentFile(name, text.encode("latin-1"), arrived)


@cache
def files() -> tuple[SentFile, ...]:
    """All files, by the day on which they arrive."""
    sent = []
    july, september = MONTHS[1], MONTHS[3]
    for month in MONTHS:
        for kommune in SENDERS:
            arrived = read_out(month)
            if (kommune, month) == (MISSING, september):
                continue
            if (kommune, month) == (LATE, september):
                arrived = date(2025, 11, 20)
            if (kommune, month) == (OUT_OF_ORDER, july):
                arrived = date(2025, 10, 9)
            file = _file(kommune, month, _rows(kommune, month), arrived)
            if (kommune, month) == (BROKEN, september):
                file = SentFile(file.name, file.content[:-60], arrived)
            sent.append(file)
    again = _rows(CORRECTED, july)
    kind = again[0].split(";")[1]
    left = [row for row in again if row.split(";")[1] != kind] + _rows(CORRECTED, july, "again")[:1]
    assert len(left) <= len(again)
    sent.append(_file(CORRECTED, july, left, date(2025, 10, 8), 2))
    return tuple(sorted(sent, key=lambda f: (f.arrived, f.name)))


def waves() -> dict[date, list[SentFile]]:
    """The files by the day on which they are received: after June to August, in October, and the late one."""
    days = (date(2025, 9, 8), date(2025, 10, 10), date(2025, 11, 20))
    found: dict[date, list[SentFile]] = {day: [] for day in days}
    for file in files():
        found[next(day for day in days if file.arrived <= day)].append(file)
    return found
