"""Where tables come from: the stores of a release, or a folder of Parquet files. Nothing above sees the difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from flis.errors import CatalogError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flis.access import Scope
    from flis.release import Release

__all__ = ["FolderSource", "ReleaseSource", "TableSource"]


class TableSource(Protocol):
    """Parquet files by table name, at one unchanging state."""

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells this source's data from any other: the key of every cache."""
        ...

    @property
    def release(self) -> int:
        """The release's number; 0 for data that have none."""
        ...

    @property
    def last_update(self) -> datetime:
        """When the data last changed, in UTC."""
        ...

    def files(self, table: str) -> tuple[Path, ...]:
        """The files of a table. Raises: CatalogError: there is no such table."""
        ...


@dataclass(frozen=True)
class FolderSource:
    """A folder of `<table>.parquet`, as `flis serve --data` takes it."""

    folder: Path

    @property
    def identity(self) -> tuple[object, ...]:
        """The folder and its newest change."""
        return (str(self.folder.resolve()), self.last_update)

    @property
    def release(self) -> int:
        """No release."""
        return 0

    @property
    def last_update(self) -> datetime:
        """The newest file's time."""
        times = [f.stat().st_mtime for f in self.folder.glob("*.parquet")]
        return datetime.fromtimestamp(max(times, default=0), tz=UTC)

    def files(self, table: str) -> tuple[Path, ...]:
        """The one file of a table."""
        file = self.folder / f"{table}.parquet"
        if not file.is_file():
            known = (f.stem for f in self.folder.glob("*.parquet"))
            raise CatalogError(f"The data folder has no table {table}.", hint=suggest(table, known))
        return (file,)


@dataclass(frozen=True)
class ReleaseSource:
    """The stores of one release that a Scope opens; several municipal stores are read as one."""

    of: Release
    scope: Scope

    @property
    def identity(self) -> tuple[object, ...]:
        """Release and stores: what a cache entry may depend on."""
        return (str(self.of.folder), self.of.number, *self.scope.stores)

    @property
    def release(self) -> int:
        """The release's number."""
        return self.of.number

    @property
    def last_update(self) -> datetime:
        """When the release was applied."""
        when = self.of.manifest.applied
        return when if when.tzinfo else when.replace(tzinfo=UTC)

    def files(self, table: str) -> tuple[Path, ...]:
        """The table's files in every store of the scope."""
        found: list[Path] = []
        known: set[str] = set()
        for store in self.scope.stores:
            tables: Mapping[str, tuple[Path, ...]] = self.of.store(store).tables
            known |= set(tables)
            found += [f for f in tables.get(table, ()) if f not in found]
        if not found:
            raise CatalogError(f"The release has no table {table}.", hint=suggest(table, known))
        return tuple(found)
