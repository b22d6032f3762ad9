"""Judge refused deliveries of an area again after a contract, a code list or `senders.csv` changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.catalog.area_paths import folder_of
from flis.delivery.folders import deliveries
from flis.delivery.locking import lock
from flis.delivery.model import Delivery, DeliveryState
from flis.delivery.rereading import recognised_now, reread
from flis.errors import NotFoundError
from flis.validation.judging import settle

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["Rejudged", "rejudge"]


@dataclass(frozen=True, slots=True)
class Rejudged:
    """The deliveries that were judged again, as they lie now, others that moved, and those whose file is gone."""

    judged: list[Delivery]
    moved: list[Delivery]
    gone: list[Delivery]


def rejudge(state: State, area: str) -> Rejudged:
    """Read every refused delivery of an area again from the archive, and judge it by the contracts of now.

    Those whose form nobody knew are the area's where one of its contracts knows their beginning now (their names are
    not kept: a name may hold a person). Run again, or after a run
    that was killed, it comes to the same.

    Raises:
        NotFoundError: there is no such area.
        StateError: a kept file is damaged.
    """
    folder_of(area)
    again: list[str] = []
    gone: list[Delivery] = []
    with lock(state):
        refused = [d for d in deliveries(state, DeliveryState.QUARANTINED) if d.manifest.area in {area, ""}]
        for delivery in refused:
            try:
                found = recognised_now(state, delivery)
            except NotFoundError:
                gone += [delivery] if delivery.manifest.area else []
                continue
            if found and found.contract.area == area:
                again.append(reread(state, delivery, found).id)
        moved = settle(state)
        known = {d.id: d for d in deliveries(state)}
    return Rejudged([known[name] for name in again], [d for d in moved if d.id not in again], gone)
