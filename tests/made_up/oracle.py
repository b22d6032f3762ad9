"""What the files say, counted in plain Python: no code of the platform is used, only the words of the contract."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.made_up.files import SentFile

__all__ = ["Figures", "Loan", "by_kind_and_month", "known", "loans"]

NAME = re.compile(r"UDLAAN_(\d{4})_(\d{6})_(\d{8})_(\d+)\.csv")


class Loan(NamedTuple):
    """A row of a file."""

    kommune: str
    month: str
    kind: str
    day: date
    lent: int
    rent: Decimal


class Figures(NamedTuple):
    """Aids lent, their rent, and loans."""

    lent: int = 0
    rent: Decimal = Decimal(0)
    loans: int = 0


def loans(file: SentFile) -> list[Loan] | None:
    """The rows of a file; None where it is cut off."""
    found = NAME.fullmatch(file.name)
    assert found
    lines = list(csv.reader(io.StringIO(file.content.decode("latin-1"), newline=""), delimiter=";"))
    if lines[-1][0] != "SLUT":
        return None
    rows = [
        Loan(
            found[1],
            f"{found[2][:4]}-{found[2][4:]}",
            kind,
            datetime.strptime(day, "%d-%m-%Y").date(),  # noqa: DTZ007
            int(count),
            Decimal(rent.replace(",", ".")),
        )
        for _, kind, day, count, rent in lines[1:-1]
    ]
    assert len(rows) == int(lines[-1][1])
    return rows


def known(files: Iterable[SentFile], on: date | None = None) -> list[Loan]:
    """The rows that count, as known on a day: of each municipality's month those of the highest sequence."""
    newest: dict[tuple[str, str], tuple[int, list[Loan]]] = {}
    for file in files:
        found = NAME.fullmatch(file.name)
        rows = loans(file)
        assert found
        read_out = datetime.strptime(found[3], "%Y%m%d").date()  # noqa: DTZ007
        if rows is None or (on is not None and read_out > on):
            continue
        place, sequence = (found[1], found[2]), int(found[4])
        if place not in newest or newest[place][0] < sequence:
            newest[place] = (sequence, rows)
    return [row for _, rows in newest.values() for row in rows]


def by_kind_and_month(rows: Iterable[Loan], kommune: str = "") -> dict[tuple[str, str, str], Figures]:
    """Figures by municipality, month and kind; of one municipality where it is given."""
    found: dict[tuple[str, str, str], Figures] = defaultdict(Figures)
    for row in rows:
        if kommune in {"", row.kommune}:
            key = (row.kommune, f"{row.day:%Y-%m}", row.kind)
            before = found[key]
            found[key] = Figures(before.lent + row.lent, before.rent + row.rent, before.loans + 1)
    return dict(found)
