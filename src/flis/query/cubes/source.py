"""Where tables come from: the stores of a release, or a folder of Parquet files. Nothing above sees the difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from flis.errors import CatalogError, FlisError, suggest
from flis.query.cubes.own import MUNICIPALITIES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flis.access import Scope
    from flis.release import Released

__all__ = ["FolderSource", "PublishedSource", "ReleaseSource", "TableSource"]


class TableSource(Protocol):
    """Parquet files by table name, at one unchanging state."""

    @property
    def partial(self) -> frozenset[str]:
        """The dimension tables of which it holds some rows only, with their facts."""
        ...

    def files(self, table: str) -> tuple[Path, ...]:
        """The files of a table; none of one without rows. Raises: CatalogError: there is no such table."""
        ...

    def columns(self, table: str) -> Mapping[str, str]:
        """The columns with their types of a table without rows; none where its files tell them."""
        ...

    def published(self, table: str) -> tuple[Path, ...]:
        """The files of a table that everybody may read; none where there is no such table."""
        ...


@dataclass(frozen=True)
class FolderSource:
    """A folder of `<table>.parquet`, as `flis serve --data` takes it."""

    folder: Path

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

    def columns(self, table: str) -> Mapping[str, str]:  # noqa: ARG002
        """None: what a folder has lies in its files."""
        return {}


@dataclass(frozen=True)
class ReleaseSource:
    """The stores of one released area that a Scope opens; several municipal stores are read as one.

    A name without a dot is a table of the area, or of the conformed dimensions where the area has none of that name;
    `dim.` before it leaves no choice. Nothing of another area can be named.
    """

    of: Released
    scope: Scope
    shown: bool
    """Whether the public store may be read: its figures were noted when they were released."""
    withheld: frozenset[str] = frozenset()
    """Tables of owners alone, which are empty for whoever asks."""

    @property
    def partial(self) -> frozenset[str]:
        """The municipalities, where the scope opens the stores of some."""
        return MUNICIPALITIES if self.scope.kind == "municipal" else frozenset()

    def published(self, table: str) -> tuple[Path, ...]:
        """The table's files in the public store, which every scope may read; none of one that is withheld."""
        from flis.release.reader import PUBLIC  # whoever made the release has loaded it; a folder's reader need not

        shown = self.shown and PUBLIC in self.of.stores
        return self.of.files(PUBLIC, table) if shown else ()

    def files(self, table: str) -> tuple[Path, ...]:
        """The table's files in every store of the scope; of a dimension that all share, its one file."""
        from flis.release.reader import SHARED
        from flis.release.tree import DIMENSION

        for name in (table,) if table.startswith(DIMENSION) else (table, f"{DIMENSION}{table}"):
            for stores in (self.scope.stores, (SHARED,)):
                if found := {file: None for s in stores if s in self.of.stores for file in self.of.files(s, name)}:
                    return tuple(found)
        if self.columns(table):
            return ()
        known = {name for store in (*self.scope.stores, SHARED) for name in self.of.tree.stores.get(store, {})}
        raise CatalogError(f"The release has no table {table} of {self.of.area}.", hint=suggest(table, known))

    def columns(self, table: str) -> Mapping[str, str]:
        """The columns with their types of a fact of the area that goes to the stores of the scope, or is withheld.

        So a fact without rows is an empty table: the release has no file of it.
        """
        from flis.release.reader import NATIONAL, PUBLIC
        from flis.warehouse.step import StepKind, step_named

        try:
            step = step_named(self.of.area, table)
        except FlisError:  # no step, or of an area that is no more
            return {}
        opened = {store if store in (NATIONAL, PUBLIC) else "municipal" for store in self.scope.stores}
        there = table in self.withheld or bool(opened & set(step.stores))
        return step.output if step.kind is StepKind.FACT and there else {}


@dataclass(frozen=True)
class PublishedSource:
    """What everybody may read, and of `own` the tables that are not among it."""

    own: TableSource

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

    def columns(self, table: str) -> Mapping[str, str]:
        """As the source beside it."""
        return self.own.columns(table)
