"""The list of deliveries as it is told: a hundred thousand of them in less than a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from flis.delivery.index import look
from flis.delivery.model import Counts, DeliveryState

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["ListedDelivery", "as_json", "listed"]

QUERY = "SELECT id, state, received, manifest FROM delivery WHERE manifest IS NOT NULL AND state IN ({states})"


class ListedDelivery(msgspec.Struct, frozen=True, gc=False):
    """One delivery in its lasting JSON shape; days and moments are written as in ISO 8601."""

    id: str
    area: str
    interface: str
    sender: str
    period: str
    sequence: int
    arrived: str
    state: str
    produced: str | None
    previous: str | None
    records: int
    persons: int
    warnings: int
    errors: int


class _Told(msgspec.Struct, frozen=True, gc=False):
    """What of a manifest stands in the list: no days are made of its texts, and no folder is named."""

    area: str
    interface: str = ""
    sender: str = ""
    period: str = ""
    number: int = 1
    sequence: str = ""
    produced: str | None = None
    previous: str | None = None
    records: int = 0
    persons: int = 0
    findings: Counts = Counts()


def listed(state: State, *states: DeliveryState) -> list[ListedDelivery]:
    """All deliveries, or those in `states`, in the order of `deliveries`."""
    query = QUERY.format(states=", ".join(f"'{at.value}'" for at in states or DeliveryState))
    decode, found = msgspec.json.Decoder(_Told).decode, []
    with look(state) as index:
        for name, at, received, manifest in index.execute(query):
            told = decode(manifest)
            row = ListedDelivery(
                id=name,
                area=told.area,
                interface=told.interface,
                sender=told.sender,
                period=told.period,
                sequence=told.number,
                arrived=received,
                state=at,
                produced=told.produced,
                previous=told.previous,
                records=told.records,
                persons=told.persons,
                warnings=told.findings.warning,
                errors=told.findings.fatal + told.findings.error,
            )
            found.append((told.sequence, told.produced or "", row))
    found.sort(key=lambda one: (one[0], one[1], one[2].id))
    return [row for _, _, row in found]


def as_json(rows: list[ListedDelivery]) -> str:
    """The list as `json.dumps(…, ensure_ascii=False, indent=1)` would write it."""
    return msgspec.json.format(msgspec.json.encode(rows), indent=1).decode()
