"""What was known of the deliveries at the end of a day, asked of their index in one look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from flis.catalog.contract import Chain
from flis.catalog.contracts import all_contracts
from flis.delivery.folders import select
from flis.delivery.index import interfaces

if TYPE_CHECKING:
    from datetime import date
    from sqlite3 import Connection

    from flis.catalog.contract import Contract
    from flis.config import State
    from flis.delivery.model import Delivery

__all__ = ["ACCEPTED", "ALONE", "CHAINED", "DAY", "Recorded", "independent"]

ACCEPTED = "state IN ('validated', 'loaded')"
ARRIVED = "CASE WHEN arrived <= :today OR produced IS NULL THEN arrived ELSE produced END"
"""The day on which a delivery came. Where its receipt lies after the day at which the installation stands, as it does
in a demonstration whose clock was stopped, the production date counts."""
DAY = "coalesce(produced, arrived)"
"""The day at whose end a delivery of a chain is known: its production date, else the day on which it came."""
ALONE = f"interface IN (SELECT value FROM json_each(:alone)) AND {ARRIVED} <= :at"
"""Recorded deliveries through interfaces whose periods stand alone."""
CHAINED = f"interface IN (SELECT value FROM json_each(:chained)) AND {DAY} <= :at"
"""Recorded deliveries of a chain: one that is missing holds back all others."""


@dataclass(frozen=True)
class Recorded:
    """The index, open for a look at the end of the day `at`; `today` is the day at which the installation stands."""

    index: Connection
    state: State
    at: date
    today: date

    def rows(self, query: str, **more: object) -> list[tuple[Any, ...]]:
        """The rows of a query over the index."""
        return self.index.execute(query, self.values | more).fetchall()

    def deliveries(self, condition: str, **more: object) -> list[Delivery]:
        """The deliveries that fulfil a condition over the columns of the index."""
        return select(self.index, self.state, condition, self.values | more)

    @cached_property
    def values(self) -> dict[str, object]:
        """What the conditions above name."""
        alone, came = list(independent()), interfaces(self.index)
        chained = [name for name in came if name not in alone]
        listed = {"alone": alone, "chained": chained}
        days: dict[str, object] = {"at": self.at.isoformat(), "today": self.today.isoformat()}
        return days | {name: msgspec.json.encode(names).decode() for name, names in listed.items()}


def independent() -> dict[str, Contract]:
    """By interface, the contracts whose periods stand alone: in whatever order they come, none waits for another."""
    return {c.interface: c for c in all_contracts() if c.chain is not Chain.LINKED}
