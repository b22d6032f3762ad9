"""The deliveries of a state while they are judged: those of the index, and where the judged ones lie since."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis.delivery.folders import lost, select
from flis.delivery.index import look

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from flis.config import State
    from flis.delivery.model import Broken, Delivery, DeliveryState, Manifest

__all__ = ["KnownDeliveries", "known_deliveries"]


class KnownDeliveries:
    """All deliveries as they lie now; `put` keeps it so. Nobody else may change any meanwhile."""

    def __init__(self, index: Connection, state: State) -> None:
        self._index, self._state = index, state
        self._moved: dict[str, Delivery] = {}
        self._asked: dict[tuple[object, ...], list[Delivery]] = {}

    def put(self, delivery: Delivery) -> None:
        """Note what judging made of a delivery, and where it lies now."""
        self._moved[delivery.id] = delivery

    def lying(self, *states: DeliveryState) -> list[Delivery]:
        """The deliveries in these states."""
        listed = ", ".join(f"'{at.value}'" for at in states)
        found = select(self._index, self._state, f"state IN ({listed})")
        return [*self._as_found(found), *(d for d in self._moved.values() if d.state in states)]

    def of_sender(self, manifest: Manifest) -> list[Delivery]:
        """The deliveries of the interface by the same sender."""
        return self._same(manifest, "interface", "sender")

    def of_period(self, manifest: Manifest) -> list[Delivery]:
        """The deliveries of the interface for the same period, by all senders."""
        return self._same(manifest, "interface", "period")

    def of_bytes(self, manifest: Manifest) -> list[Delivery]:
        """The deliveries of the interface that are the same file."""
        return self._same(manifest, "interface", "sha256")

    def of_chain(self, manifest: Manifest) -> list[Delivery]:
        """The deliveries of the same sequence; none where there is no sequence."""
        return self._same(manifest, "sequence") if manifest.sequence else []

    def lost_of_chain(self, manifest: Manifest) -> list[Broken]:
        """The accepted links of the same sequence whose manifests are lost or damaged."""
        found = lost(self._index, self._state)
        return [b for b in found if b.state.accepted and b.produced and b.sequence == manifest.sequence]

    def _same(self, manifest: Manifest, *fields: str) -> list[Delivery]:
        wanted = {field: getattr(manifest, field) for field in fields}
        asked = tuple(wanted.items())
        if asked not in self._asked:
            condition = " AND ".join(f"{field} = :{field}" for field in fields)
            self._asked[asked] = select(self._index, self._state, condition, wanted)
        moved = (d for d in self._moved.values() if all(getattr(d.manifest, f) == v for f, v in asked))
        return [*self._as_found(self._asked[asked]), *moved]

    def _as_found(self, found: list[Delivery]) -> list[Delivery]:
        return [d for d in found if d.id not in self._moved]


@contextmanager
def known_deliveries(state: State) -> Iterator[KnownDeliveries]:
    """The deliveries of a state; the lock is held."""
    with look(state) as index:
        yield KnownDeliveries(index, state)
