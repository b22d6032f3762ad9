"""Read releases: which one is current, and which files each of its stores is made of.

Reading takes no lock and never writes: publishing replaces one small pointer file by a rename, and everything
that a published manifest names stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from flis.errors import NotFoundError, StateError
from flis.release.manifest import Manifest
from flis.storage import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flis.config import State

__all__ = [
    "NATIONAL",
    "PUBLIC",
    "Hold",
    "Pointer",
    "Release",
    "Store",
    "current",
    "municipal",
    "pointer",
    "release",
    "releases",
]

NATIONAL = "national"
PUBLIC = "public"


def municipal(code: str) -> str:
    """The id of the store of one municipality.

    >>> municipal("0101")
    'kommune-0101'
    """
    return f"kommune-{code}"


class Hold(msgspec.Struct, frozen=True):
    """A roll-back holds: nothing new is published for its areas through the day `until`, or until it is lifted."""

    areas: tuple[str, ...]
    reason: str = ""
    reason_en: str = ""
    until: date | None = None

    def holds(self, today: date) -> bool:
        """Whether it still holds on the day `today`."""
        return self.until is None or today <= self.until


class Pointer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which release serves, the newest number ever published, and since when it serves.

    A roll-back moves the first alone, and holds. Each move is later than the one before, also where the clock went
    back: clients keep what they have read until the time of the data moves on.
    """

    current: int
    newest: int
    since: datetime | None = None
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """One store of a release: for each table the files that make it up, oldest partition first."""

    name: str
    tables: Mapping[str, tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class Release:
    """One published release."""

    number: int
    folder: Path
    manifest: Manifest
    since: datetime | None = None
    """When it came to serve; None where it does not serve now."""

    @property
    def stores(self) -> tuple[str, ...]:
        """The ids of all stores, sorted."""
        return tuple(sorted(self.manifest.stores))

    def store(self, name: str) -> Store:
        """The store `name`.

        Raises:
            NotFoundError: the release holds no store of that name.
        """
        return _store(self.folder, self.manifest, name)

    def partitions(self, store: str, table: str) -> Mapping[str, Path]:
        """The files of one table by partition ('2022-08', or '' for a table of one file); empty if none."""
        folder = self.folder.parent / "stores" / store / table
        entries = self.manifest.stores.get(store, {}).get(table, {})
        return {part: folder / f"{entry.sha256}.parquet" for part, entry in sorted(entries.items())}


def pointer(state: State) -> Pointer | None:
    """The pointer, None before the first release.

    Raises:
        StateError: the pointer cannot be read.
    """
    try:
        return msgspec.json.decode((state.releases / "current").read_bytes(), type=Pointer)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, OSError) as e:
        raise refusal(e, "the pointer to the current release") or StateError(
            "The pointer to the current release cannot be read.", hint="`flis release rollback` writes it anew."
        ) from None


def current(state: State) -> Release | None:
    """The release that serves now, None before the first one."""
    at = pointer(state)
    return replace(release(state, at.current), since=at.since) if at else None


def releases(state: State) -> list[Release]:
    """All published releases, oldest first."""
    at = pointer(state)
    if at is None:
        return []
    numbers = sorted(int(f.name) for f in state.releases.iterdir() if f.name.isdecimal() and int(f.name) <= at.newest)
    return [release(state, n) for n in numbers]


def release(state: State, number: int) -> Release:
    """The release `number`.

    Raises:
        NotFoundError: there is no such release.
        StateError: its manifest is damaged.
    """
    folder = state.releases / str(number)
    path = folder / "manifest.json"
    try:
        stamp = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"There is no release {number}.", hint="`flis release list` shows all.") from None
    return Release(number, folder, _manifest(path, stamp.st_mtime_ns, stamp.st_ino))


@lru_cache(maxsize=8)
def _manifest(path: Path, modified: int, inode: int) -> Manifest:  # noqa: ARG001
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.MsgspecError:
        raise StateError(f"The manifest of release {path.parent.name} is damaged.") from None


def _store(folder: Path, manifest: Manifest, name: str) -> Store:
    tables = manifest.stores.get(name)
    if tables is None:
        raise NotFoundError(f"Release {manifest.number} holds no store {name}.")
    base = folder.parent / "stores" / name
    files = {
        table: tuple(base / table / f"{entry.sha256}.parquet" for _, entry in sorted(parts.items()))
        for table, parts in tables.items()
    }
    return Store(name, MappingProxyType(files))
