"""Retention: how long the encrypted file of a delivery is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flis.clock import day_of
from flis.delivery.folders import deliveries
from flis.delivery.locking import lock
from flis.delivery.model import DeliveryState
from flis.steps import step

if TYPE_CHECKING:
    from datetime import date

    from flis.config import State

__all__ = ["expire"]

ARCHIVED = (DeliveryState.LOADED,)
REFUSED = (DeliveryState.QUARANTINED, DeliveryState.SUPERSEDED)


def expire(state: State, today: date, *, archive_days: int, quarantine_days: int) -> list[str]:
    """Remove encrypted files received longer ago than their days; the ids of the deliveries that lost theirs.

    Manifest and report stay, so that a file that comes again is known. What waits or is not loaded yet is kept.
    """
    gone: list[str] = []
    with lock(state):
        for states, days in ((ARCHIVED, archive_days), (REFUSED, quarantine_days)):
            for delivery in deliveries(state, *states):
                old = day_of(delivery.manifest.received) + timedelta(days) < today
                if old and delivery.encrypted.exists():
                    delivery.companion.unlink(missing_ok=True)
                    delivery.encrypted.unlink()
                    step("expire.removed")
                    gone.append(delivery.id)
    return gone
