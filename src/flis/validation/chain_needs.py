"""What a chain cannot go on without: deliveries in quarantine that nothing has replaced, and those behind a gap."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flis.catalog.contract import Chain
from flis.catalog.contracts import all_contracts
from flis.delivery.folders import deliveries
from flis.delivery.model import DeliveryState

if TYPE_CHECKING:
    from flis.config import State
    from flis.delivery.model import Delivery

__all__ = ["needed"]


def needed(state: State) -> list[Delivery]:
    """The deliveries of any area that its chain needs and does not have.

    A waiting one is needed as such, unless it waits for its companion alone. A refused one is, as long as the chain
    has not passed its production date; where the file is too broken to tell one, as long as nothing that came after it
    is accepted. A file of unknown form belongs to no chain, and what was superseded is needed no more.
    """
    known = deliveries(state)
    accepted = [d for d in known if d.state.accepted]
    return [d for d in known if _is_waiting(d) or (_is_refused(d) and not _is_passed(d, accepted))]


def _is_waiting(found: Delivery) -> bool:
    return found.state is DeliveryState.WAITING and not _is_general(found)


def _is_refused(found: Delivery) -> bool:
    # a general delivery holds back its own sender and period only
    return found.state is DeliveryState.QUARANTINED and bool(found.manifest.area) and not _is_general(found)


def _is_general(found: Delivery) -> bool:
    return any(c.interface == found.manifest.interface and c.chain is not Chain.LINKED for c in all_contracts())


def _is_passed(refused: Delivery, accepted: list[Delivery]) -> bool:
    """Whether the chain of a refused delivery went on without it."""
    produced = refused.manifest.produced
    same = [d for d in accepted if d.manifest.area == refused.manifest.area]
    if produced is None:
        return any(d.manifest.received > refused.manifest.received for d in same)
    chain = [d for d in same if d.manifest.sequence == refused.manifest.sequence]
    return any((d.manifest.produced or date.min) >= produced for d in chain)
