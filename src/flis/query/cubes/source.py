"""Where tables come from: the stores of a release, or a folder of Parquet files. Nothing above sees the difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from flis.errors import CatalogError, suggest
from flis.query.cubes.own import MUNICIPALITIES

if TYPE_CHECKING:
    from pathlib import Path

    from flis.access import Scope
    from flis.release import Release

__all__ = ["FolderSource", "PublishedSource", "ReleaseSource", "TableSource"]


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

    @property
    def partial(self) -> frozenset[str]:
        """The dimension tables of which it holds some rows only, with their facts."""
        ...

    def files(self, table: str) -> tuple[Path, ...]:
        """The files of a table. Raises: CatalogError: there is no such table."""
        ...

    def published(self, table: str) -> tuple[Path, ...]:
        """The files of a table that everybody may read; none where there is no such table."""
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

    @property
    def partial(self) -> frozenset[str]:
        """Nothing: a folder is the whole."""
        return frozenset()

    def published(self, table: str) -> tuple[Path, ...]:
        """None but its own."""
        file = self.folder / f"{table}.parquet"
        return (file,) if file.is_file() else ()

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

    @property
    def partial(self) -> frozenset[str]:
        """The municipalities, where the scope opens the stores of some."""
        return frozenset({MUNICIPALITIES}) if self.scope.kind == "municipal" else frozenset()

    def published(self, table: str) -> tuple[Path, ...]:
        """The table's files in the public store, which every scope may read; none of one that is withheld."""
        from flis.release.reader import PUBLIC  # whoever made the release has loaded it; a folder's reader need not

        shown = self.of.manifest.shown and PUBLIC in self.of.stores
        return self.of.store(PUBLIC).tables.get(table, ()) if shown else ()

    def files(self, table: str) -> tuple[Path, ...]:
        """The table's files in every store of the scope."""
        found = {file: None for store in self.scope.stores for file in self.of.files(store, table)}
        if not found:
            known = {name for store in self.scope.stores for name in self.of.store(store).tables}
            raise CatalogError(f"The release has no table {table}.", hint=suggest(table, known))
        return tuple(found)


@dataclass(frozen=True)
class PublishedSource:
    """What everybody may read, and of `own` the tables that are not among it."""

    own: TableSource

    @property
    def identity(self) -> tuple[object, ...]:
        """That of the source beside it."""
        return ("published", *self.own.identity)

    @property
    def release(self) -> int:
        """The release's number."""
        return self.own.release

    @property
    def last_update(self) -> datetime:
        """When the data last changed."""
        return self.own.last_update

    @property
    def partial(self) -> frozenset[str]:
        """Nothing: published tables are whole."""
        return frozenset()

    def published(self, table: str) -> tuple[Path, ...]:
        """As the source beside it."""
        return self.own.published(table)

    def files(self, table: str) -> tuple[Path, ...]:
        """The published table, else the own one."""
        return self.own.published(table) or self.own.files(table)
