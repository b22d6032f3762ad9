"""Deliveries on disk: `deliveries/<state>/<id>/`, so that where a delivery lies says how far it has come."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from flis.delivery.files import move, write
from flis.delivery.lock import lock
from flis.delivery.model import Delivery, DeliveryState, Manifest
from flis.errors import NotFoundError, StateError, suggest

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["advance", "deliveries", "find", "home", "note"]

MANIFEST = "manifest.json"
PATIENCE = 5


def home(state: State, at: DeliveryState, name: str) -> Path:
    """The folder of the delivery `name` when it is in the state `at`."""
    return state.deliveries / at / name


def deliveries(state: State, *states: DeliveryState) -> list[Delivery]:
    """All deliveries, or those in `states`, by sequence, production date and id.

    Needs no lock: a delivery that moves while the folders are read is found in its old state or its new one.

    Raises:
        StateError: a manifest cannot be read.
    """
    wanted = states or tuple(DeliveryState)
    for _ in range(PATIENCE):
        try:
            found = {d.id: d for s in DeliveryState for d in _in(state, s)}
        except FileNotFoundError:
            continue  # one moved between its listing and its reading
        return sorted((d for d in found.values() if d.state in wanted), key=_order)
    raise StateError("The deliveries keep moving.", hint="Try again.")


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
    write(delivery.folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return replace(delivery, manifest=manifest)


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


def _in(state: State, at: DeliveryState) -> list[Delivery]:
    folder = state.deliveries / at
    if not folder.is_dir():
        return []
    return [_read(f, at) for f in folder.iterdir() if not f.name.startswith(".")]


def _read(folder: Path, at: DeliveryState) -> Delivery:
    file = folder / MANIFEST
    seen = file.stat()
    return Delivery(folder.name, folder, _manifest(file, seen.st_ino, seen.st_mtime_ns), at)


@lru_cache(maxsize=1 << 14)
def _manifest(file: Path, inode: int, modified: int) -> Manifest:  # noqa: ARG001
    """A manifest as long as its file stays the same: years of deliveries are listed many times in one run."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Manifest)
    except msgspec.MsgspecError:
        raise StateError(f"The manifest of the delivery {file.parent.name} is damaged.") from None


def _order(delivery: Delivery) -> tuple[str, str, str]:
    manifest = delivery.manifest
    return manifest.sequence, str(manifest.produced or ""), delivery.id
