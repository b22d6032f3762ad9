"""Deliveries on disk: `deliveries/<state>/<id>/`, so that where a delivery lies says how far it has come."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from flis.delivery.lock import lock
from flis.delivery.model import Broken, Delivery, DeliveryState, Manifest
from flis.disk import cached_by_stamp, move, proven, stamp, with_checksum, write
from flis.errors import NotFoundError, StateError, suggest

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = [
    "advance",
    "broken",
    "deliveries",
    "delivery_in",
    "find",
    "found_whole",
    "home",
    "names",
    "note",
    "suspects",
    "write_manifest",
]

MANIFEST = "manifest.json"
WHOLE = "whole-until"
"""Holds when the newest manifest changed of those that were all found whole."""
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
    known = names(state)
    begun = [name] if name in known else [i for i in known if i.startswith(name)]
    found = [d for d in (delivery_in(state, i, known[i]) for i in begun[:2]) if isinstance(d, Delivery)]
    if len(begun) == 1 and found:
        return found[0]
    raise NotFoundError(f"There is no delivery {name}.", hint=suggest(name, known) or "See `flis deliveries list`.")


def names(state: State) -> dict[str, DeliveryState]:
    """The ids of all deliveries, and where they lie; no manifest is read."""
    found: dict[str, DeliveryState] = {}
    # one that goes back to be judged again may have left its old place before that was listed
    for at in (*DeliveryState, DeliveryState.RECEIVED):
        with suppress(FileNotFoundError):
            found |= {name: at for name in os.listdir(state.deliveries / at) if name[0] != "."}  # noqa: PTH208 - names
    return found


def delivery_in(state: State, name: str, at: DeliveryState) -> Delivery | Broken:
    """The delivery `name`, which lies `at` a state; where it has moved on since, as it lies now."""
    for _ in range(PATIENCE):
        try:
            return _read(home(state, at, name), at)
        except FileNotFoundError:
            at = names(state).get(name, at)
    raise NotFoundError(f"There is no delivery {name}.", hint="See `flis deliveries list`.")


def suspects(state: State) -> tuple[list[Broken], int]:
    """Of the deliveries whose manifests changed since all were found whole, those that are lost or damaged.

    Gives too when the newest of the manifests changed, which `found_whole` may keep.
    """
    since, newest, found = _whole_until(state), 0, []
    for name, at in names(state).items():
        with suppress(NotFoundError):
            changed = _changed(home(state, at, name) / MANIFEST)
            newest = max(newest, changed or 0)
            # of two changes in one tick of the disk's clock only the first may have been seen
            if changed is None or changed >= since:
                one = delivery_in(state, name, at)
                found += [one] if isinstance(one, Broken) else []
    return sorted(found, key=lambda d: d.id), newest


def found_whole(state: State, until: int) -> None:
    """Keep that every manifest that changed before `until` is whole, so that nobody proves it again."""
    if until > _whole_until(state):
        write(state.deliveries / WHOLE, str(until).encode())


def _whole_until(state: State) -> int:
    try:
        return int((state.deliveries / WHOLE).read_bytes())
    except (FileNotFoundError, ValueError):
        return 0


def _changed(manifest: Path) -> int | None:
    """When a manifest changed, in nanoseconds; None where there is none."""
    try:
        return stamp(manifest).changed
    except FileNotFoundError:
        return None


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
            found = {d.id: d for s in DeliveryState for d in _in(state, s)}
            # one that goes back to be judged again may have left its old place before that was listed
            return found | {d.id: d for d in _in(state, DeliveryState.RECEIVED) if d.id not in found}
        except FileNotFoundError:
            continue  # one moved between its listing and its reading
    raise StateError("The deliveries keep moving.", hint="Try again.")


def _in(state: State, at: DeliveryState) -> list[Delivery | Broken]:
    return [_read(f, at) for f in _folders(state, at)]


def _folders(state: State, at: DeliveryState) -> list[Path]:
    folder = state.deliveries / at
    return [f for f in folder.iterdir() if not f.name.startswith(".")] if folder.is_dir() else []


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
