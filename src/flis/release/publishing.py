"""Publish a release: its trees, its root into its folder, then the pointer, each by one atomic rename."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from flis.disk import has_checksum, with_checksum, write
from flis.errors import DamagedError
from flis.release.earlier import MANIFEST, carry_files, clear
from flis.release.reader import ROOT, Pointer, Release, numbers, pointer, readable, release
from flis.release.tree import encoded
from flis.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from flis.config import State
    from flis.release.reader import Hold
    from flis.release.tree import Root, Tree

__all__ = ["carry_over", "lift", "point", "publish", "write_root", "write_tree"]


def publish(state: State, root: Root, trees: Iterable[Tree]) -> Release:
    """Write the trees, whose files lie there already, and the root that names them, and let the release serve."""
    for tree in trees:
        write_tree(state, tree)
    write_root(state, root)
    point(state, root.number, root.number, root.applied)
    return release(state, root.number)


def write_tree(state: State, tree: Tree) -> str:
    """Put a tree beside the others, under its hash, which is returned."""
    sha256, data = encoded(tree)
    folder = state.releases / "trees"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256}.json"
    if not path.exists() or path.read_bytes() != data:
        write(path, data)
    return sha256


def write_root(state: State, root: Root) -> None:
    """Put the root into the folder of its number; the release is not published by that."""
    folder = state.releases / str(root.number)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / ROOT, with_checksum(msgspec.json.encode(root)))


def point(state: State, current: int, newest: int, at: datetime, holds: tuple[Hold, ...] = ()) -> None:
    """Let another release serve, held where wanted: from this rename on every reader that looks gets the other one."""
    before = _since(state)
    since = at if before is None or at > before else before + timedelta(seconds=1)
    _write(state, Pointer(current, newest, since, holds=holds))


def lift(state: State, areas: Iterable[str] = ()) -> list[str]:
    """Take the holds of `areas` away (none named: all); whose there were. What serves goes on serving."""
    at, named = pointer(state), set(areas)
    if at is None or not at.holds:
        return []
    lifted = sorted({area for hold in at.holds for area in hold.areas if not named or area in named})
    if lifted:
        left = [msgspec.structs.replace(h, areas=tuple(a for a in h.areas if a not in lifted)) for h in at.holds]
        _write(state, msgspec.structs.replace(at, holds=tuple(hold for hold in left if hold.areas)))
    return lifted


def _write(state: State, at: Pointer) -> None:
    write(state.releases / "current", with_checksum(msgspec.json.encode(at)))


def carry_over(state: State) -> list[str]:
    """Bring releases and the pointer of an earlier version into today's form; what was brought, and none after that.

    Killed on its way, it goes on from there. Files stay under their earlier names until it finds nothing to bring: a
    server that began with them may still read them.
    """
    found = [n for n in numbers(state) if (state.releases / str(n) / MANIFEST).exists() and readable(state, n)]
    for number in found:
        _carry(state, release(state, number))
    carried = [f"release {number}" for number in found]
    if not found and not any(state.releases.glob(f"*/{MANIFEST}")):
        clear(state.releases / "stores")
    if pointer(state) and not has_checksum(data := (state.releases / "current").read_bytes()):
        write(state.releases / "current", with_checksum(data))
        carried.append("the pointer")
    return carried


def _carry(state: State, found: Release) -> None:
    """Killed between writing the root and removing the manifest, it does the same again."""
    folder = state.releases / str(found.number)
    if not (folder / ROOT).exists():
        for one in found.released:
            carry_files(state.releases / "stores", one.tree)
            write_tree(state, one.tree)
        os.sync()
        write_root(state, found.root)
    step("release.carried_over")
    (folder / MANIFEST).unlink()


def _since(state: State) -> datetime | None:
    """When the pointer was moved last; None where nobody knows any more."""
    try:
        at = pointer(state)
    except DamagedError:
        return None
    return at.since if at else None
