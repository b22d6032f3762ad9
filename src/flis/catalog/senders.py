"""Who delivers through an interface, and in which periods: `senders.csv` of an area, or the 98 municipalities.

The columns are `kom` (a municipality, or the name of a national body), `interface`, `valid_from` and `valid_to` (days;
empty: no limit). Further columns are the area's own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from flis.catalog.area_folders import folder_of, remembered
from flis.catalog.areas import area
from flis.catalog.reference import municipalities
from flis.errors import CatalogError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from flis.catalog.contract import Contract

__all__ = ["FILE", "Sender", "expected", "national_sender", "parse", "senders"]

FILE = "senders.csv"
COLUMNS = ("kom", "interface", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who may deliver through an interface, and the first and last day of it ('': no limit)."""

    code: str
    interface: str
    valid_from: str
    valid_to: str
    line: int = field(default=0, compare=False)
    """Where the list has it."""

    def sends(self, interface: str, period: str) -> bool:
        """Whether it delivers the period (2025, 2025-08 or a day) through the interface.

        >>> Sender("0101", "visits/1", "2025-08-15", "").sends("visits/1", "2025-08")
        True
        """
        first, last = self.valid_from[: len(period)], self.valid_to[: len(period)]
        return self.interface == interface and first <= period and (not last or period <= last)


@remembered
def senders(name: str) -> tuple[Sender, ...] | None:
    """The senders of an area; None where it has no list of them.

    Raises:
        NotFoundError: there is no such area.
        CatalogError: the list is wrong; names file and line.
    """
    file = folder_of(name) / FILE
    return parse(file, f"areas/{name}/{FILE}") if file.is_file() else None


def parse(path: Traversable, place: str) -> tuple[Sender, ...]:
    """The senders in a CSV file that errors call `place`.

    Raises:
        CatalogError: a column is missing, or a day is none; names file and line.
    """
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise CatalogError(f"the column {missing[0]} is missing.", file=place, line=1)
    found = []
    for row in rows:
        if None in row or None in row.values():
            raise CatalogError("a row has more or fewer values than there are columns.", file=place, line=rows.line_num)
        code, interface, first, last = (row[column].strip() for column in COLUMNS)
        if not (_is_day(first) and _is_day(last)):
            raise CatalogError("a day is no date (YYYY-MM-DD).", file=place, line=rows.line_num)
        found.append(Sender(code, interface, first, last, line=rows.line_num))
    return tuple(found)


def expected(contract: Contract, period: str) -> frozenset[str]:
    """Who is to deliver a period through the interface of a contract.

    Those of the area's list; without a list every municipality, or the one national sender.
    """
    listed = _listed(contract.area, contract.interface, period)
    if listed is not None:
        return listed
    if contract.expects and contract.expects.each:
        return _municipalities()
    return frozenset({national_sender(contract)})


@remembered
def _listed(name: str, interface: str, period: str) -> frozenset[str] | None:
    listed = senders(name)
    return None if listed is None else frozenset(s.code for s in listed if s.sends(interface, period))


def national_sender(contract: Contract) -> str:
    """The one sender of an interface that no municipality delivers through: else the area's source in Danish."""
    source = area(contract.area).source
    return contract.sender or (source.da if source else "")


@cache
def _municipalities() -> frozenset[str]:
    return frozenset(m.code for m in municipalities() if m.has_council)


def _is_day(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False
