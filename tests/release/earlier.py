"""A state as the version before trees left it: one manifest a release, no areas in names, dimensions in every store.

Written from the files alone, by a description of that form, and by no code that reads it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

from flis.release import releases

if TYPE_CHECKING:
    from flis.config import State
    from flis.release import Release

__all__ = ["to_earlier_form"]

NATIONAL, PUBLIC, SHARED = "national", "public", "shared"


def to_earlier_form(state: State) -> None:
    """Turn every release of a state into the earlier form; what is published stays the same."""
    folder = state.releases / "stores"
    found = releases(state)
    manifests = [_manifest(one) for one in found]
    moved = []
    for area in (one.area("ukraine") for one in found):
        for store in area.stores:
            for table in area.tree.stores[store]:
                for path in area.partitions(store, table).values():
                    moved += [(path, old / table.removeprefix("dim.") / path.name) for old in _homes(state, store)]
    for new, old in moved:
        old.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(new, old)
    for made in [f for f in folder.glob("*/*") if "." in f.name]:
        shutil.rmtree(made)
    (folder / SHARED).rmdir()
    shutil.rmtree(state.releases / "trees")
    for one, manifest in zip(found, manifests, strict=True):
        (one.folder / "release.json").unlink()
        text = json.dumps(manifest, separators=(",", ":"), ensure_ascii=False).encode()
        checksum = hashlib.sha256(text[:-1]).hexdigest()
        (one.folder / "manifest.json").write_bytes(text[:-1] + f',"checksum":"{checksum}"}}'.encode())


def _homes(state: State, store: str) -> list[Any]:
    """The stores that held what `store` holds now: dimensions lay in every one but the public one."""
    folder = state.releases / "stores"
    return [f for f in folder.iterdir() if f.name not in {PUBLIC, SHARED}] if store == SHARED else [folder / store]


def _manifest(one: Release) -> dict[str, Any]:
    tree = one.area("ukraine").tree
    dimensions = {t.removeprefix("dim."): _parts(parts) for t, parts in tree.stores[SHARED].items()}
    stores = {
        name: {t.removeprefix("dim."): _parts(parts) for t, parts in tables.items()}
        | ({} if name == PUBLIC else dimensions)
        for name, tables in tree.stores.items()
        if name != SHARED
    }
    return {
        "number": one.number,
        "areas": ["ukraine"],
        "data_through": f"{tree.data_through}",
        "delivery": {"produced": f"{tree.known}", "id": tree.delivery},
        "deliveries": tree.deliveries,
        "applied": one.root.applied.isoformat(),
        "previous": one.root.previous,
        "version": one.root.version,
        "policy": tree.policy,
        "rules": "a hash over all of them",
        "stores": stores,
        "shown": one.root.shown,
    }


def _parts(parts: Any) -> dict[str, list[Any]]:
    return {part: [entry.sha256, entry.rows, entry.size] for part, entry in parts.items()}
