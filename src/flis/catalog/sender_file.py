"""Who delivers through an interface, and in which periods: `senders.csv` of an area, or the 98 municipalities.

The columns are `kom` (a municipality, or the name of a national body), `interface` (the id of a contract, or `id/1` for
its first version alone), `valid_from` and `valid_to` (days; empty: no limit). Further columns are the area's own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from flis.catalog.area_file import area
from flis.catalog.area_paths import folder_of, remembered
from flis.catalog.reference import municipalities
from flis.errors import CatalogError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.resources.abc import Traversable

    from flis.catalog.contract import Contract

__all__ = ["FILE", "Sender", "expected", "national_sender", "parse", "problems", "senders"]

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

        >>> Sender("0101", "visits", "2025-08-15", "").sends("visits/1", "2025-08")
        True
        """
        first, last = self.valid_from[: len(period)], self.valid_to[: len(period)]
        return self.interface in of_interface(interface) and first <= period and (not last or period <= last)


def of_interface(interface: str) -> tuple[str, str]:
    """How the list may name an interface: with its version, and by its id alone."""
    return interface, interface.partition("/")[0]


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
        if last and first > last:
            raise CatalogError("valid_to lies before valid_from.", file=place, line=rows.line_num)
        found.append(Sender(code, interface, first, last, line=rows.line_num))
    return tuple(found)


def problems(name: str, contracts: Sequence[Contract]) -> Iterator[CatalogError]:
    """What the list of an area with these contracts says of interfaces and senders that there are not."""
    place, listed = f"areas/{name}/{FILE}", senders(name) or ()
    known = {name: contract for contract in contracts for name in of_interface(contract.interface)}
    for one in listed:
        contract = known.get(one.interface)
        if contract is None:
            hint = suggest(one.interface, known) or f"There are: {', '.join(known)}."
            yield CatalogError(
                f"no contract describes the interface {one.interface}.", file=place, line=one.line, hint=hint
            )
        elif one.code not in (allowed := _senders_of(contract)):
            hint = suggest(one.code, allowed) or "A municipality that has a council, or the contract's `sender`."
            yield CatalogError(f"nobody of {contract.id} is called {one.code}.", file=place, line=one.line, hint=hint)
    unknown = any(one.interface not in known for one in listed)  # perhaps this one, in other words
    for contract in contracts:
        if not unknown and not any(one.interface in of_interface(contract.interface) for one in listed):
            told = f"nobody is listed for {contract.interface}: every file of it would be refused."
            yield CatalogError(told, file=place, line=1, hint="List its senders too.")


def _senders_of(contract: Contract) -> frozenset[str]:
    each = contract.expects.each if contract.expects else ""
    return _municipalities() if each else _municipalities() | {national_sender(contract)}


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
