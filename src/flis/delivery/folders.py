"""Deliveries on disk: `deliveries/<state>/<id>/`, so that where a delivery lies says how far it has come."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from flis.delivery.index import MANIFEST, forget, look
from flis.delivery.locking import lock
from flis.delivery.model import Broken, Delivery, DeliveryState, Manifest
from flis.disk import cached_by_stamp, move, proven, with_checksum, write
from flis.errors import NotFoundError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from sqlite3 import Connection

    from flis.config import State

__all__ = [
    "advance",
    "broken",
    "deliveries",
    "delivery_in",
    "find",
    "home",
    "lost",
    "names",
    "note",
    "select",
    "write_manifest",
]

PATIENCE = 5
SHOWN = 10
"""So many deliveries are named where a beginning is that of several."""
EMPTY: Mapping[str, object] = MappingProxyType({})
ORDER = "ORDER BY sequence, coalesce(produced, ''), id"


def home(state: State, at: DeliveryState, name: str) -> Path:
    """The folder of the delivery `name` when it is in the state `at`."""
    return state.deliveries / at / name


def deliveries(state: State, *states: DeliveryState) -> list[Delivery]:
    """All deliveries, or those in `states`, by sequence, production date and id.

    Needs no lock: a delivery that moves while the folders are read is found in its old state or its new one. One whose
    manifest is lost or damaged is not among them: see `broken`.
    """
    wanted = ", ".join(f"'{at.value}'" for at in states or DeliveryState)
    with look(state) as index:
        return select(index, state, f"state IN ({wanted})")


def select(index: Connection, state: State, condition: str, values: Mapping[str, object] = EMPTY) -> list[Delivery]:
    """The deliveries that fulfil an SQL condition over the columns of the index, by sequence, production date and id.

    The condition names the `values` as `:name`.
    """
    query = f"SELECT id, state, manifest FROM delivery WHERE manifest IS NOT NULL AND ({condition}) {ORDER}"
    homes = {at.value: (at, state.deliveries / at) for at in DeliveryState}
    found = []
    for name, at, manifest in index.execute(query, dict(values)):
        reached, folder = homes[at]
        found.append(Delivery(name, folder / name, msgspec.json.decode(manifest, type=Manifest), reached))
    return found


def broken(state: State) -> list[Broken]:
    """The deliveries whose manifests are lost or damaged, by id."""
    with look(state) as index:
        return lost(index, state)


def lost(index: Connection, state: State) -> list[Broken]:
    """The same, of an index that is looked at."""
    rows = index.execute("SELECT id, state FROM delivery WHERE manifest IS NULL ORDER BY id").fetchall()
    return [Broken(name, home(state, DeliveryState(at), name), DeliveryState(at)) for name, at in rows]


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
    if len(begun) > 1:
        listed = ", ".join(sorted(begun)[:SHOWN]) + (", …" if len(begun) > SHOWN else ".")
        raise NotFoundError(f"{len(begun)} deliveries begin with {name}.", hint=f"Which one: {listed}")
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


def note(delivery: Delivery, manifest: Manifest) -> Delivery:
    """Put a new manifest in place of the delivery's old one."""
    write_manifest(delivery.folder, manifest)
    return replace(delivery, manifest=manifest)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest, with its checksum, into the folder of its delivery."""
    write(folder / MANIFEST, with_checksum(msgspec.json.format(msgspec.json.encode(manifest), indent=1)))
    forget(folder)


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
