"""The ledger: which deliveries a warehouse holds, in the order of loading, each under the number of its load."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.clock import day_of
from flis.warehouse.database import KEPT, create

if TYPE_CHECKING:
    from datetime import date

    from flis.delivery import Delivery
    from flis.warehouse.database import Connection

__all__ = ["LEDGER", "LedgerEntry", "held", "known_since", "newest", "next_entry", "note", "of_same_period", "prepare"]

LEDGER = f"{KEPT}.delivery"
"""By this name no table of an area hides it."""
COLUMNS = {
    "load": "INTEGER",
    "id": "VARCHAR",
    "area": "VARCHAR",
    "interface": "VARCHAR",
    "sender": "VARCHAR",
    "period": "VARCHAR",
    "sequence": "INTEGER",
    "produced": "DATE",
    "persons": "INTEGER",
    "series": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A delivery in the warehouse: the number of its load (1, 2, … in the order of loading), and what it is.

    `produced` is the day since which it is known: of its production, or else of its receipt. `series` is a hash of the
    ids of this delivery and of all that were loaded before it.
    """

    load: int
    id: str
    area: str
    interface: str
    sender: str
    period: str
    sequence: int
    produced: date
    persons: int
    series: str

    @property
    def rank(self) -> str:
        """Which of two deliveries of the same part counts: the newer period, then the higher sequence."""
        return f"{self.period}/{self.sequence:06}/{self.produced}/{self.id}"


def prepare(connection: Connection) -> None:
    """Make the ledger where it is missing."""
    create(connection, LEDGER, COLUMNS)


def held(connection: Connection) -> set[str]:
    """The ids of the deliveries that the warehouse holds."""
    return {row[0] for row in connection.execute(f"SELECT id FROM {LEDGER}").fetchall()}


def newest(connection: Connection) -> LedgerEntry | None:
    """The entry of the newest load."""
    rows = connection.execute(f"FROM {LEDGER} ORDER BY load DESC LIMIT 1").fetchall()
    return LedgerEntry(*rows[0]) if rows else None


def of_same_period(connection: Connection, entry: LedgerEntry) -> list[LedgerEntry]:
    """The deliveries of the same interface, sender and period: those that one corrects, and its corrections."""
    rows = connection.execute(
        f"FROM {LEDGER} WHERE interface = $interface AND sender = $sender AND period = $period AND load <> $load "
        "ORDER BY load",
        {"interface": entry.interface, "sender": entry.sender, "period": entry.period, "load": entry.load},
    ).fetchall()
    return [LedgerEntry(*row) for row in rows]


def next_entry(connection: Connection, delivery: Delivery) -> LedgerEntry:
    """The entry that a delivery gets if it is loaded now."""
    manifest, last = delivery.manifest, newest(connection)
    return LedgerEntry(
        last.load + 1 if last else 1,
        delivery.id,
        manifest.area,
        manifest.interface,
        manifest.sender,
        manifest.period,
        manifest.number,
        known_since(delivery),
        manifest.persons,
        hashlib.sha256(f"{last.series if last else ''}{delivery.id}".encode()).hexdigest()[:16],
    )


def known_since(delivery: Delivery) -> date:
    """The day since which a delivery is known: of its production, or else of its receipt."""
    return delivery.manifest.produced or day_of(delivery.manifest.received)


def note(connection: Connection, entry: LedgerEntry) -> None:
    """Write an entry into the ledger."""
    marks = ", ".join("?" * len(COLUMNS))
    values = [getattr(entry, name) for name in COLUMNS]
    connection.execute(f"INSERT INTO {LEDGER} VALUES ({marks})", values)
