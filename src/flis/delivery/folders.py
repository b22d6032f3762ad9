"""Deliveries on disk: `deliveries/<state>/<id>/`, so that where a delivery lies says how far it has come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from flis.delivery.lock import lock
from flis.delivery.model import Broken, Delivery, DeliveryState, Manifest
from flis.disk import cached_by_stamp, move, proven, with_checksum, write
from flis.errors import NotFoundError, StateError, suggest

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["advance", "broken", "deliveries", "find", "home", "note", "write_manifest"]

MANIFEST = "manifest.json"
PATIENCE = 5


def home(state: State, at: DeliveryState, name: str) -> Path:
    """The folder of the delivery `name` when it is in the state `at`."""
    return state.deliveries / at / name


def deliveries(state: State, *states: DeliveryState) -> list[Delivery]:
    """All deliveries, or those in `states`, by sequence, production date and id.

    Needs no lock: a delivery that moves while the folders are read is found in its old state or its new one. One whose
    manifest is lost or damaged is not among them: see `broken`.
    """
    wanted = states or tuple(DeliveryState)
    found = (d for d in _all(state).values() if isinstance(d, Delivery) and d.state in wanted)
    return sorted(found, key=_order)


def broken(state: State) -> list[Broken]:
    """The deliveries whose manifests are lost or damaged, by id."""
    found = (d for d in _all(state).values() if isinstance(d, Broken))
    return sorted(found, key=lambda d: d.id)


def find(state: State, name: str) -> Delivery:
    """The delivery `name`, or the only one whose id begins so.

    Raises:
        NotFoundError: there is none, or more than one.
    """
    known = {d.id: d for d in deliveries(state)}
    begun = [d for i, d in known.items() if i.startswith(name)]
    if name in known or len(begun) == 1:
        return known.get(name) or begun[0]
    raise NotFoundError(f"There is no delivery {name}.", hint=suggest(name, known) or "See `flis deliveries list`.")


def note(delivery: Delivery, manifest: Manifest) -> Delivery:
    """Put a new manifest in place of the delivery's old one."""
    write_manifest(delivery.folder, manifest)
    return replace(delivery, manifest=manifest)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest, with its checksum, into the folder of its delivery."""
    write(folder / MANIFEST, with_checksum(msgspec.json.format(msgspec.json.encode(manifest), indent=1)))


def advance(state: State, delivery: Delivery, to: DeliveryState) -> Delivery:
    """Move a delivery to another state by one rename; nothing happens where it is there already.

    Raises:
        NotFoundError: another process took it in the meantime.
    """
    target = home(state, to, delivery.id)
    with lock(state):
        if not target.exists():
            try:
                move(delivery.folder, target)
            except FileNotFoundError:
                raise NotFoundError(f"The delivery {delivery.id} is no longer {delivery.state}.") from None
    return replace(delivery, folder=target, state=to)


def _all(state: State) -> dict[str, Delivery | Broken]:
    for _ in range(PATIENCE):
        try:
            return {d.id: d for s in DeliveryState for d in _in(state, s)}
        except FileNotFoundError:
            continue  # one moved between its listing and its reading
    raise StateError("The deliveries keep moving.", hint="Try again.")


def _in(state: State, at: DeliveryState) -> list[Delivery | Broken]:
    folder = state.deliveries / at
    if not folder.is_dir():
        return []
    return [_read(f, at) for f in folder.iterdir() if not f.name.startswith(".")]


def _read(folder: Path, at: DeliveryState) -> Delivery | Broken:
    file = folder / MANIFEST
    try:
        manifest = _manifest(file)
    except FileNotFoundError:
        if not folder.is_dir():
            raise
        return Broken(folder.name, folder, at)
    except ValueError:
        return Broken(folder.name, folder, at)
    return Delivery(folder.name, folder, manifest, at)


@cached_by_stamp(1 << 14)
def _manifest(file: Path) -> Manifest:
    """Remembered, because years of deliveries are listed many times in one run."""
    return msgspec.json.decode(proven(file.read_bytes()), type=Manifest)


def _order(delivery: Delivery) -> tuple[str, str, str]:
    manifest = delivery.manifest
    return manifest.sequence, str(manifest.produced or ""), delivery.id
