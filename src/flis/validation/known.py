"""The deliveries of a state, found by what they are about: the manifests of all others stay unread.

An id begins with what its file is and ends with its checksum, so names of folders tell which manifests to look at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from flis.delivery.folders import delivery_in, names
from flis.delivery.intake import CHECKSUM, identity
from flis.delivery.model import Broken, Delivery

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flis.config import State
    from flis.delivery.model import DeliveryState, Manifest

__all__ = ["KnownDeliveries"]


class KnownDeliveries:
    """All deliveries as they lie now; `put` keeps it so."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._at = names(state)
        self._sorted = sorted(self._at)
        self._read: dict[str, Delivery | Broken] = {}
        self._by_checksum: dict[str, list[str]] = defaultdict(list)
        for name in self._sorted:
            self._by_checksum[name.rpartition("-")[2][:CHECKSUM]].append(name)

    def __contains__(self, name: str) -> bool:
        return name in self._at

    def __getitem__(self, name: str) -> Delivery:
        found = self._one(name)
        if isinstance(found, Broken):
            raise KeyError(name)
        return found

    def put(self, delivery: Delivery) -> None:
        """Note that a delivery lies elsewhere now."""
        self._at[delivery.id], self._read[delivery.id] = delivery.state, delivery

    def lying(self, *states: DeliveryState) -> list[Delivery]:
        """The deliveries in these states."""
        return self._whole(name for name, at in list(self._at.items()) if at in states)

    def of_sender(self, manifest: Manifest) -> list[Delivery]:
        """The deliveries of the interface by the same sender."""
        begin = identity(manifest.interface, manifest.sender)
        # where a file does not tell its sender, the manifest has the area's source, and the id nothing
        told = manifest.id.startswith(begin)
        found = self._whole(self._beginning(begin if told else identity(manifest.interface)))
        return [d for d in found if _same(d.manifest, manifest, "interface", "sender")]

    def of_period(self, manifest: Manifest) -> list[Delivery]:
        """The deliveries of the interface for the same period, by all senders."""
        period = f"-{manifest.period.replace('-', '')}-"
        found = self._whole(name for name in self._beginning(identity(manifest.interface)) if period in name)
        return [d for d in found if _same(d.manifest, manifest, "interface", "period")]

    def of_bytes(self, manifest: Manifest) -> list[Delivery]:
        """The deliveries of the interface that are the same file."""
        found = self._whole(self._by_checksum[manifest.sha256[:CHECKSUM]])
        return [d for d in found if _same(d.manifest, manifest, "interface", "sha256")]

    def of_chain(self, manifest: Manifest) -> list[Delivery]:
        """The deliveries of the same sequence."""
        found = self._whole(self._beginning(f"cpr-{manifest.sequence}"))
        return [d for d in found if d.manifest.sequence == manifest.sequence]

    def lost_of_chain(self, manifest: Manifest) -> list[Broken]:
        """The accepted links of the same sequence whose manifests are lost or damaged."""
        found = map(self._one, self._beginning(f"cpr-{manifest.sequence}"))
        return [b for b in found if isinstance(b, Broken) and b.state.accepted and b.sequence == manifest.sequence]

    def _beginning(self, prefix: str) -> Iterator[str]:
        for place in range(bisect_left(self._sorted, prefix), len(self._sorted)):
            if not self._sorted[place].startswith(prefix):
                return
            yield self._sorted[place]

    def _whole(self, found: Iterable[str]) -> list[Delivery]:
        return [d for d in map(self._one, found) if isinstance(d, Delivery)]

    def _one(self, name: str) -> Delivery | Broken:
        if name not in self._read:
            self._read[name] = delivery_in(self._state, name, self._at[name])
        return self._read[name]


def _same(one: Manifest, other: Manifest, *fields: str) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in fields)
