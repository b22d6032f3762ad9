"""What has come through the interfaces whose periods stand alone, as it was known at the end of a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from flis.clock import day_of
from flis.operations.kept import ACCEPTED, ALONE, independent

if TYPE_CHECKING:
    from datetime import date

    from flis.delivery.model import Delivery, Manifest
    from flis.operations.kept import Recorded

__all__ = ["Arrivals", "arrival_day", "arrivals", "known_day"]

SENDERS = f"""
SELECT interface, period, json_group_array(sender) FROM delivery INDEXED BY by_period
WHERE {ALONE} AND {ACCEPTED} GROUP BY interface, period
"""
REPLACED = f"""EXISTS (
    SELECT 1 FROM delivery AS later WHERE {ACCEPTED} AND {ALONE}
    AND later.interface = delivery.interface AND later.sender = delivery.sender AND later.period = delivery.period
    AND (later.received, later.number) >= (delivery.received, delivery.number)
)"""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of one interface: who delivered each period soundly, and the refused deliveries that none has replaced yet."""

    accepted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: list[Delivery] = field(default_factory=list)


def arrival_day(manifest: Manifest, today: date) -> date:
    """The day on which a delivery came.

    Where that lies after the day `today` of the installation, as it does in a demonstration whose clock stands still,
    its production date counts.
    """
    received = day_of(manifest.received)
    return received if received <= today or manifest.produced is None else manifest.produced


def known_day(manifest: Manifest) -> date:
    """The day at whose end a delivery of a chain is known: its production date, else the day on which it came."""
    return manifest.produced or day_of(manifest.received)


def arrivals(kept: Recorded) -> dict[str, Arrivals]:
    """Per interface what had come by the end of the day; every interface that has a contract is in it."""
    found = {interface: Arrivals() for interface in independent()}
    for interface, period, senders in kept.rows(SENDERS):
        found[interface].accepted[period] = set(msgspec.json.decode(senders))
    for delivery in kept.deliveries(f"state IN ('quarantined', 'superseded') AND {ALONE} AND NOT {REPLACED}"):
        found[delivery.manifest.interface].refused.append(delivery)
    return found
