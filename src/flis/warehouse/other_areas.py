"""Kept tables of other areas, as a snapshot: who reads them neither waits for that area's load nor holds it up.

The snapshot is one Parquet file for each table, of what was known after that area's newest load. It is made anew by who
needs it, while nobody has that area's warehouse open; while a load is going on there, the last one stands.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from flis.disk import draft
from flis.errors import StateError
from flis.warehouse import ledger, rulebook
from flis.warehouse.database import create, held, opened, rows_of
from flis.warehouse.graph import followers, ordered, source_of
from flis.warehouse.kept import known_now
from flis.warehouse.step import area_steps
from flis.warehouse.step_fingerprints import loading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flis.config import State
    from flis.warehouse.database import Connection
    from flis.warehouse.step import Columns

__all__ = ["Snapshots", "attached", "files_read", "of_tables", "snapshots"]

BATCH = 1 << 17
KEPT_FILES = 2
"""So many snapshots of a table are left: one may be in use when the next is made."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The tables of other areas, with the columns that are read, and the snapshot of each that was ever loaded.

    `newest`: no load was going on there, so that they are of the newest one.
    """

    tables: dict[str, dict[str, Columns]]
    files: dict[tuple[str, str], Path]
    newest: bool

    @property
    def marks(self) -> dict[str, str]:
        """What tells the snapshots of each area apart from others of it."""
        of = {area: sorted(file.stem for (one, _), file in self.files.items() if one == area) for area in self.tables}
        return {area: hashlib.sha256(repr(names).encode()).hexdigest()[:16] for area, names in of.items()}


def snapshots(state: State, source: str, *, loading: bool = False) -> Snapshots:
    """Snapshots of every kept table of another area that the steps of `source` and its followers read.

    With `loading` those that steps read while deliveries are loaded: facts are made later. Whoever asks has no
    warehouse open, so that two areas that read each other never wait for each other.

    Raises:
        StateError: another area's warehouse was built by other steps than those of today.
    """
    tables = _read(source, loading=loading)
    found = {area: of_tables(state, area, of) for area, of in tables.items()}
    files = {(area, name): file for area, (of, _) in found.items() for name, file in of.items()}
    return Snapshots(tables, files, all(newest for _, newest in found.values()))


def files_read(source: str) -> set[str]:
    """The areas in whose files the kept tables of other areas lie that the steps of `source` and its followers read."""
    read = (name for area in followers(source) for step in area_steps(area) for name in step.inputs)
    return {source_of(area) for name in read if (area := name.rpartition(".")[0])} - {source}


@contextmanager
def attached(connection: Connection, found: Snapshots) -> Iterator[None]:
    """Let `AREA.TABLE` be the snapshot of each table; empty where nothing of its area was ever loaded.

    No transaction may be open.
    """
    for area, tables in found.tables.items():
        connection.execute(f"ATTACH ':memory:' AS {area}")
        for table, columns in tables.items():
            if file := found.files.get((area, table)):
                connection.execute(f"CREATE VIEW {area}.{table} AS FROM {rows_of(file)}")
            else:
                create(connection, f"{area}.{table}", columns)
    try:
        yield
    finally:
        for area in found.tables:
            connection.execute(f"DETACH {area}")


def _read(source: str, *, loading: bool) -> dict[str, dict[str, Columns]]:
    """The tables of areas in other files that the steps of an area and its followers read, with the columns read."""
    found: dict[str, dict[str, Columns]] = {}
    for step in (step for area in followers(source) for step in ordered(area) if step.kind.loads or not loading):
        for name, columns in step.inputs.items():
            area, _, table = name.rpartition(".")
            if area and source_of(area) != source:
                found.setdefault(area, {}).setdefault(table, {}).update(columns)
    return found


def of_tables(
    state: State, area: str, tables: dict[str, Columns], rows: Callable[[str, str], str] = known_now
) -> tuple[dict[str, Path], bool]:
    """The newest snapshot of each table of an area, and whether they are of its newest load: none is going on there.

    No table where nothing of the area was ever loaded. `rows` gives the SELECT of a table's rows, by area and table.
    Whoever asks has no warehouse open.

    Raises:
        StateError: the area's warehouse was built by other steps than those of today.
    """
    source = source_of(area)
    folder = state.warehouse / source / "snapshots"
    if not held(state, source):
        return {}, True
    there = {table: _files(folder, _name(area, table, columns)) for table, columns in tables.items()}
    busy = StateError(f"Another process is loading {source}.") if all(there.values()) else None
    try:
        with opened(state, source, reading=True, busy=busy) as connection:
            rulebook.check(connection, source)
            return _made(connection, folder, area, tables, rows), True
    except StateError as refused:
        if refused is not busy:
            raise
        return {table: files[-1] for table, files in there.items()}, False


def _made(
    connection: Connection, folder: Path, area: str, tables: dict[str, Columns], rows: Callable[[str, str], str]
) -> dict[str, Path]:
    """Snapshots of the tables as they are now, made where there are none of the newest load."""
    last = ledger.newest(connection)
    if last is None:
        return {}
    steps = sorted(loading(last.area).items())
    found = {}
    for table, columns in tables.items():
        name = _name(area, table, columns)
        mark = hashlib.sha256(f"{last.series} {steps}".encode()).hexdigest()[:16]
        file = found[table] = folder / f"{name}-{last.load:08}-{mark}.parquet"
        if file.is_file():
            continue
        folder.mkdir(mode=0o700, exist_ok=True)
        told = connection.sql(f"SELECT {', '.join(columns)} FROM ({rows(area, table)})").to_arrow_reader(BATCH)
        with draft(file, mode=0o600) as out, pq.ParquetWriter(out, told.schema, compression="zstd") as writer:
            for batch in told:
                writer.write_batch(batch)
        for old in _files(folder, name)[:-KEPT_FILES]:
            old.unlink()
    return found


def _name(area: str, table: str, columns: Columns) -> str:
    """How the snapshots of a table with these columns are called."""
    return f"{area}.{table}-{hashlib.sha256(repr(columns).encode()).hexdigest()[:8]}"


def _files(folder: Path, name: str) -> list[Path]:
    """The snapshots of that name, oldest first."""
    return sorted(folder.glob(f"{name}-*.parquet"), key=lambda file: file.stat().st_mtime_ns)
