"""Read releases: which one is current, which areas it holds, and which files each of their stores is made of.

Reading takes no lock and never writes: publishing replaces one small pointer file by a rename, and everything
that a published release names stays as it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from flis.disk import cached_by_stamp, proven, refusal
from flis.errors import DamagedError, NotFoundError
from flis.release import earlier
from flis.release.damage import file_name, file_of, prove, wrong
from flis.release.tree import Root, Tree, folder_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from flis.config import State
    from flis.release.tree import Tables

__all__ = [
    "NATIONAL",
    "PUBLIC",
    "ROOT",
    "SHARED",
    "Hold",
    "Pointer",
    "Release",
    "Released",
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
SHARED = "shared"
"""The store of the dimensions that all stores of an area share; it holds no figures."""
ROOT = "release.json"
ANEW = "`flis release rollback` writes it anew: the newest release that is whole serves then."


def municipal(code: str) -> str:
    """The id of the store of one municipality.

    >>> municipal("0101")
    'kommune-0101'
    """
    return f"kommune-{code}"


class Hold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A roll-back holds: nothing new is published for its areas through the day `until`, or until it is lifted."""

    areas: tuple[str, ...]
    reason: str = ""
    reason_en: str = ""
    until: date | None = None
    as_of: int | None = None
    """The release whose trees of these areas serve, beside newer ones of others; None: the pointer's release serves."""
    since: datetime | None = None
    """Since when those serve; the pointer's own time where `as_of` is none."""

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
    """The only hold, as the form before this one had it; read into `holds`."""
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """One store of an area: for each table the files that make it up, oldest partition first."""

    name: str
    tables: Mapping[str, tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class Released:
    """One area of a published release."""

    area: str
    sha256: str
    """The hash of its tree: the same where two releases hold the same of this area."""
    tree: Tree
    number: int
    """The release through which it was read, for messages."""
    folder: Path
    """That of all releases."""
    earlier: bool = False
    """Whether its files lie as the earlier form had them."""

    @property
    def stores(self) -> tuple[str, ...]:
        """The ids of all stores, sorted."""
        return tuple(sorted(self.tree.stores))

    def store(self, name: str) -> Store:
        """The store `name`, all of whose files are as they were published.

        Raises:
            NotFoundError: the area has no store of that name.
            DamagedError: a file of it is missing or was changed.
        """
        tables = self._tables(name)
        self._prove(name, tables)
        return Store(name, MappingProxyType({table: self._paths(name, table) for table in tables}))

    def files(self, store: str, table: str) -> tuple[Path, ...]:
        """The files of one table of a store, oldest partition first, as they were published; none without the table.

        Raises:
            NotFoundError: the area has no store of that name.
            DamagedError: a file of the table is missing or was changed.
        """
        self._prove(store, {table: self._tables(store).get(table, {})})
        return self._paths(store, table)

    def damage(self) -> list[str]:
        """The stores of which a file is missing or was changed, sorted; none: all of them are whole."""
        found = self.tree.stores
        return [n for n in sorted(found) if next(wrong(partial(self.folder_of, n), found[n]), None)]

    def partitions(self, store: str, table: str) -> Mapping[str, Path]:
        """The files of one table by partition ('2022-08', or '' for a table of one file); empty if none."""
        entries = self.tree.stores.get(store, {}).get(table, {})
        folder = self.folder_of(store, table)
        return {part: file_of(folder, entry.sha256) for part, entry in sorted(entries.items())}

    def all_files(self) -> Iterator[str]:
        """Where each file of the area lies, store by store, table by table."""
        root = f"{self.folder}/stores"
        for store, tables in self.tree.stores.items():
            for table, parts in tables.items():
                folder = f"{root}/{'/'.join(self._place(store, table))}"
                yield from [f"{folder}/{file_name(entry.sha256)}" for entry in parts.values()]

    def path(self, store: str, table: str, sha256: str) -> Path:
        """Where the file of that hash lies."""
        return file_of(self.folder_of(store, table), sha256)

    def folder_of(self, store: str, table: str) -> Path:
        """Where the files of a table of a store lie."""
        return self.folder.joinpath("stores", *self._place(store, table))

    def _place(self, store: str, table: str) -> tuple[str, str]:
        return earlier.place(store, table) if self.earlier else (store, folder_of(self.area, table))

    def _prove(self, store: str, tables: Tables) -> None:
        prove(self.number, store, partial(self.folder_of, store), tables)

    def _tables(self, store: str) -> Tables:
        tables = self.tree.stores.get(store)
        if tables is None:
            raise NotFoundError(f"Release {self.number} holds no store {store} of {self.area}.")
        return tables

    def _paths(self, store: str, table: str) -> tuple[Path, ...]:
        return tuple(self.partitions(store, table).values())


@dataclass(frozen=True, slots=True)
class Release:
    """One published release."""

    number: int
    folder: Path
    root: Root
    since: datetime | None = None
    """When it came to serve; None where it does not serve now."""

    @property
    def areas(self) -> tuple[str, ...]:
        """The ids of the areas that it holds, sorted."""
        return tuple(sorted(self.root.areas))

    @property
    def stores(self) -> tuple[str, ...]:
        """The ids of the stores of all its areas, sorted."""
        return tuple(sorted({store for one in self.released for store in one.stores}))

    @property
    def released(self) -> tuple[Released, ...]:
        """Its areas, sorted by id. Raises DamagedError as `area` does."""
        return tuple(self.area(area) for area in self.areas)

    @property
    def data_through(self) -> date:
        """The last day that any of its areas covers."""
        return max(one.tree.data_through for one in self.released)

    def area(self, area: str) -> Released:
        """One area as this release holds it.

        Raises:
            NotFoundError: it holds nothing of that area.
            DamagedError: the area's tree is lost or was changed.
        """
        sha256 = self.root.areas.get(area)
        if sha256 is None:
            raise NotFoundError(f"Release {self.number} holds nothing of the area {area}.")
        if _is_earlier(self.folder):
            return Released(
                area, sha256, _manifest(self.folder)[1][area], self.number, self.folder.parent, earlier=True
            )
        try:
            tree = _tree(self.folder.parent / "trees" / f"{sha256}.json")
        except (OSError, ValueError) as e:
            if refused := refusal(e, f"the tree of {area}") if isinstance(e, OSError) else None:
                raise refused from None
            how = "is lost" if isinstance(e, OSError) else "is damaged"
            raise _lost(self.number, how, f"tree of {area} in") from None
        return Released(area, sha256, tree, self.number, self.folder.parent)

    def damage(self, look: Callable[[Released], list[str]] = Released.damage) -> list[str]:
        """The stores of which a file is missing or was changed, and the trees that are, sorted; none: it is whole.

        `look` is how the stores of an area are looked at.
        """
        found = set()
        for area in self.areas:
            try:
                found.update(look(self.area(area)))
            except DamagedError:
                found.add(f"the tree of {area}")
        return sorted(found)


def pointer(state: State) -> Pointer | None:
    """The pointer, None before the first release.

    Raises:
        DamagedError: the pointer is lost or was changed.
    """
    try:
        found = msgspec.json.decode(proven((state.releases / "current").read_bytes()), type=Pointer)
        return msgspec.structs.replace(found, hold=None, holds=(found.hold,)) if found.hold else found
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
        DamagedError: the pointer or its root is lost or was changed.
    """
    at = pointer(state)
    if at is None:
        return None
    try:
        return replace(release(state, at.current), since=at.since)
    except NotFoundError:
        raise _lost(at.current, "is lost") from None


def releases(state: State) -> list[Release]:
    """All published releases whose roots can be read, oldest first.

    Raises:
        DamagedError: the pointer is lost or was changed.
    """
    at = pointer(state)
    found = (readable(state, n) for n in numbers(state) if at and n <= at.newest)
    return [r for r in found if r]


def unreadable(state: State) -> list[int]:
    """The numbers of published releases whose roots are damaged.

    Raises:
        DamagedError: the pointer is lost or was changed.
    """
    at = pointer(state)
    return [n for n in numbers(state) if at and n <= at.newest and readable(state, n) is None]


def damaged(state: State) -> dict[int, list[str]]:
    """The published releases that are not whole, and which of their stores and trees are damaged; none: the root is.

    Raises:
        DamagedError: the pointer is lost or was changed.
    """
    found = {r.number: stores for r in releases(state) if (stores := r.damage())}
    return dict(sorted({**found, **{n: [] for n in unreadable(state)}}.items()))


def readable(state: State, number: int) -> Release | None:
    """The release `number`; None where there is none or its root is damaged."""
    try:
        return release(state, number)
    except (NotFoundError, DamagedError):
        return None


def release(state: State, number: int) -> Release:
    """The release `number`.

    Raises:
        NotFoundError: there is no such release.
        DamagedError: its root is lost or was changed.
    """
    folder = state.releases / str(number)
    try:
        root = _manifest(folder)[0] if _is_earlier(folder) else _root(folder)
    except (FileNotFoundError, NotADirectoryError):
        if folder.is_dir():
            raise _lost(number, "is lost") from None
        raise NotFoundError(f"There is no release {number}.", hint="`flis release list` shows all.") from None
    except ValueError:
        raise _lost(number, "is damaged") from None
    if root.number != number:
        raise _lost(number, "is that of another release")
    return Release(number, folder, root)


def _is_earlier(folder: Path) -> bool:
    return not (folder / ROOT).exists() and (folder / earlier.MANIFEST).exists()


def _root(folder: Path) -> Root:
    return _read_root(folder / ROOT)


def _manifest(folder: Path) -> tuple[Root, dict[str, Tree]]:
    return _read_manifest(folder / earlier.MANIFEST)


@cached_by_stamp(256)
def _read_root(path: Path) -> Root:
    return msgspec.json.decode(proven(path.read_bytes()), type=Root)


@cached_by_stamp(8)
def _read_manifest(path: Path) -> tuple[Root, dict[str, Tree]]:
    return earlier.read(proven(path.read_bytes()))


@cached_by_stamp(64)
def _tree(path: Path) -> Tree:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != path.stem:
        raise ValueError("changed")
    return msgspec.json.decode(data, type=Tree)


def _lost(number: int, how: str, what: str = "manifest of") -> DamagedError:
    return DamagedError(
        f"The {what} release {number} {how}.",
        hint="`flis release rollback` lets an earlier release serve; `flis release apply` publishes a new one.",
    )
