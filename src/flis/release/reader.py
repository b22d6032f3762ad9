"""Read releases: which one is current, and which files each of its stores is made of.

Reading takes no lock and never writes: publishing replaces one small pointer file by a rename, and everything
that a published manifest names stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from flis.disk import cached_by_stamp, proven, refusal
from flis.errors import DamagedError, NotFoundError
from flis.release.damage import prove, wrong
from flis.release.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flis.config import State
    from flis.release.manifest import Tables

__all__ = [
    "NATIONAL",
    "PUBLIC",
    "Hold",
    "Pointer",
    "Release",
    "Store",
    "building",
    "current",
    "damaged",
    "municipal",
    "numbers",
    "pointer",
    "readable",
    "release",
    "releases",
    "unreadable",
]

NATIONAL = "national"
PUBLIC = "public"
ANEW = "`flis release rollback` writes it anew: the newest release that is whole serves then."


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
        """The store `name`, all of whose files are as they were published.

        Raises:
            NotFoundError: the release holds no store of that name.
            DamagedError: a file of it is missing or was changed.
        """
        tables = self._tables(name)
        prove(self.number, self._base(name), tables)
        return Store(name, MappingProxyType({table: self._paths(name, table) for table in tables}))

    def files(self, store: str, table: str) -> tuple[Path, ...]:
        """The files of one table of a store, oldest partition first, as they were published; none without the table.

        Raises:
            NotFoundError: the release holds no store of that name.
            DamagedError: a file of the table is missing or was changed.
        """
        prove(self.number, self._base(store), {table: self._tables(store).get(table, {})})
        return self._paths(store, table)

    def damage(self) -> list[str]:
        """The stores of which a file is missing or was changed, sorted; none: the release is whole."""
        stores = self.manifest.stores
        return [name for name in sorted(stores) if next(wrong(self._base(name), stores[name]), None)]

    def partitions(self, store: str, table: str) -> Mapping[str, Path]:
        """The files of one table by partition ('2022-08', or '' for a table of one file); empty if none."""
        folder = self._base(store) / table
        entries = self.manifest.stores.get(store, {}).get(table, {})
        return {part: folder / f"{entry.sha256}.parquet" for part, entry in sorted(entries.items())}

    def _tables(self, store: str) -> Tables:
        tables = self.manifest.stores.get(store)
        if tables is None:
            raise NotFoundError(f"Release {self.number} holds no store {store}.")
        return tables

    def _base(self, store: str) -> Path:
        return self.folder.parent / "stores" / store

    def _paths(self, store: str, table: str) -> tuple[Path, ...]:
        return tuple(self.partitions(store, table).values())


def pointer(state: State) -> Pointer | None:
    """The pointer, None before the first release.

    Raises:
        DamagedError: the pointer is lost or was changed.
    """
    try:
        return msgspec.json.decode(proven((state.releases / "current").read_bytes()), type=Pointer)
    except FileNotFoundError:
        if set(numbers(state)) - {building(state)}:
            raise DamagedError("The pointer to the current release is lost.", hint=ANEW) from None
        return None
    except (ValueError, OSError) as e:
        raise refusal(e, "the pointer to the current release") or DamagedError(
            "The pointer to the current release is damaged.", hint=ANEW
        ) from None


def numbers(state: State) -> list[int]:
    """The numbers of all releases that have a folder, sorted; one that is being built is among them."""
    try:
        return sorted(int(f.name) for f in state.releases.iterdir() if f.name.isdecimal())
    except FileNotFoundError:
        return []


def building(state: State) -> int:
    """The release that a run is building, or was when it was killed; 0 for none, and 1 where the note names none."""
    try:
        return int((state.releases / "building").read_text("ascii") or 1)
    except FileNotFoundError:
        return 0
    except ValueError:
        return 1


def current(state: State) -> Release | None:
    """The release that serves now, None before the first one.

    Raises:
        DamagedError: the pointer or its manifest is lost or was changed.
    """
    at = pointer(state)
    if at is None:
        return None
    try:
        return replace(release(state, at.current), since=at.since)
    except NotFoundError:
        raise _lost(at.current, "is lost") from None


def releases(state: State) -> list[Release]:
    """All published releases whose manifests can be read, oldest first.

    Raises:
        DamagedError: the pointer is lost or was changed.
    """
    at = pointer(state)
    found = (readable(state, n) for n in numbers(state) if at and n <= at.newest)
    return [r for r in found if r]


def unreadable(state: State) -> list[int]:
    """The numbers of published releases whose manifests are damaged.

    Raises:
        DamagedError: the pointer is lost or was changed.
    """
    at = pointer(state)
    return [n for n in numbers(state) if at and n <= at.newest and readable(state, n) is None]


def damaged(state: State) -> dict[int, list[str]]:
    """The published releases that are not whole, and which of their stores are damaged; none: the manifest is.

    Raises:
        DamagedError: the pointer is lost or was changed.
    """
    found = {r.number: stores for r in releases(state) if (stores := r.damage())}
    return dict(sorted({**found, **{n: [] for n in unreadable(state)}}.items()))


def readable(state: State, number: int) -> Release | None:
    """The release `number`; None where there is none or its manifest is damaged."""
    try:
        return release(state, number)
    except (NotFoundError, DamagedError):
        return None


def release(state: State, number: int) -> Release:
    """The release `number`.

    Raises:
        NotFoundError: there is no such release.
        DamagedError: its manifest is lost or was changed.
    """
    folder = state.releases / str(number)
    try:
        manifest = _manifest(folder / "manifest.json")
    except (FileNotFoundError, NotADirectoryError):
        if folder.is_dir():
            raise _lost(number, "is lost") from None
        raise NotFoundError(f"There is no release {number}.", hint="`flis release list` shows all.") from None
    return Release(number, folder, manifest)


@cached_by_stamp(8)
def _manifest(path: Path) -> Manifest:
    number = int(path.parent.name)
    try:
        found = msgspec.json.decode(proven(path.read_bytes()), type=Manifest)
    except ValueError:
        raise _lost(number, "is damaged") from None
    if found.number != number:
        raise _lost(number, "is that of another release")
    return found


def _lost(number: int, how: str) -> DamagedError:
    return DamagedError(
        f"The manifest of release {number} {how}.",
        hint="`flis release rollback` lets an earlier release serve; `flis release apply` publishes a new one.",
    )
