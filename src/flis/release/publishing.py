"""Publish a release: its manifest into its folder, then the pointer, each by one atomic rename."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from flis.disk import has_checksum, with_checksum, write
from flis.errors import DamagedError
from flis.release.reader import Pointer, Release, numbers, pointer, readable, release

if TYPE_CHECKING:
    from datetime import datetime

    from flis.config import State
    from flis.release.manifest import Manifest
    from flis.release.reader import Hold

__all__ = ["add_checksums", "lift", "point", "publish", "write_manifest"]


def publish(state: State, manifest: Manifest) -> Release:
    """Write the manifest, whose files lie there already, and let the release serve."""
    write_manifest(state, manifest)
    point(state, manifest.number, manifest.number, manifest.applied)
    return release(state, manifest.number)


def write_manifest(state: State, manifest: Manifest) -> None:
    """Put the manifest into the folder of its number; the release is not published by that."""
    folder = state.releases / str(manifest.number)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "manifest.json", with_checksum(msgspec.json.encode(manifest)))


def point(state: State, current: int, newest: int, at: datetime, hold: Hold | None = None) -> None:
    """Let another release serve, held where wanted: from this rename on every reader that looks gets the other one."""
    before = _since(state)
    since = at if before is None or at > before else before + timedelta(seconds=1)
    write(state.releases / "current", with_checksum(msgspec.json.encode(Pointer(current, newest, since, hold))))


def lift(state: State) -> bool:
    """Take the hold of a roll-back away; whether there was any. What serves goes on serving."""
    at = pointer(state)
    if at is None or at.hold is None:
        return False
    free = msgspec.json.encode(msgspec.structs.replace(at, hold=None))
    write(state.releases / "current", with_checksum(free))
    return True


def add_checksums(state: State) -> list[str]:
    """Give the pointer and the manifests of an earlier version, which have none, a checksum; what was given one."""
    given = []
    files = {f"release {n}": state.releases / str(n) / "manifest.json" for n in numbers(state) if readable(state, n)}
    if pointer(state):
        files["the pointer"] = state.releases / "current"
    for name, file in files.items():
        data = file.read_bytes()
        if not has_checksum(data):
            write(file, with_checksum(data))
            given.append(name)
    return given


def _since(state: State) -> datetime | None:
    """When the pointer was moved last; None where nobody knows any more."""
    try:
        at = pointer(state)
    except DamagedError:
        return None
    return at.since if at else None
