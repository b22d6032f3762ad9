"""Kept tables of other areas, as a snapshot: who reads them neither waits for that area's load nor holds it up.

The snapshot is one Parquet file for each table, of what was known after that area's newest load. It is made anew by who
needs it, while nobody has that area's warehouse open; while a load is going on there, the last one stands.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from flis.disk import draft
from flis.errors import StateError
from flis.warehouse import ledger
from flis.warehouse.database import held, opened
from flis.warehouse.graph import followers, ordered, source_of
from flis.warehouse.kept import known_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State
    from flis.warehouse.database import Connection
    from flis.warehouse.step import Columns

__all__ = ["attached"]

BATCH = 1 << 17
KEPT_FILES = 2
"""So many snapshots of a table are left: one may be in use when the next is made."""


@contextmanager
def attached(state: State, connection: Connection, source: str) -> Iterator[dict[str, str]]:
    """Let `AREA.TABLE` be a snapshot of every kept table of another area that the steps of `source` read.

    No transaction may be open. Of an area that nothing is loaded of, tables are empty. What is yielded tells the
    snapshots of each area apart from others of it.
    """
    read = _read(source)
    marks: dict[str, str] = {}
    for area, tables in read.items():
        connection.execute(f"ATTACH ':memory:' AS {area}")
        files = _snapshots(state, area, tables)
        marks[area] = ",".join(sorted({file.stem.partition("-")[2] for file in files.values()}))
        for table, columns in tables.items():
            declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(
                f"CREATE VIEW {area}.{table} AS FROM read_parquet('{str(files[table]).replace(chr(39), chr(39) * 2)}')"
                if table in files
                else f"CREATE TABLE {area}.{table} ({declared})"
            )
    try:
        yield marks
    finally:
        for area in read:
            connection.execute(f"DETACH {area}")


def _read(source: str) -> dict[str, dict[str, Columns]]:
    """The tables of areas in other files that the steps of an area and its followers read, with the columns read."""
    found: dict[str, dict[str, Columns]] = {}
    for step in (step for area in followers(source) for step in ordered(area)):
        for name, columns in step.inputs.items():
            area, _, table = name.rpartition(".")
            if area and source_of(area) != source:
                found.setdefault(area, {}).setdefault(table, {}).update(columns)
    return found


def _snapshots(state: State, area: str, tables: dict[str, Columns]) -> dict[str, Path]:
    """The newest snapshot of each table; none where nothing of the area was ever loaded."""
    source = source_of(area)
    folder = state.warehouse / source / "snapshots"
    if not held(state, source):
        return {}
    there = {table: _files(folder, area, table) for table in tables}
    busy = StateError(f"Another process is loading {source}.") if all(there.values()) else None
    try:
        with opened(state, source, reading=True, busy=busy) as connection:
            return _made(connection, folder, area, tables)
    except StateError as refused:
        if refused is not busy:
            raise
        return {table: files[-1] for table, files in there.items()}


def _made(connection: Connection, folder: Path, area: str, tables: dict[str, Columns]) -> dict[str, Path]:
    """Snapshots of the tables as they are now, made where there are none of the newest load."""
    last = ledger.newest(connection)
    if last is None:
        return {}
    found = {}
    for table, columns in tables.items():
        listed = ", ".join(columns)
        mark = hashlib.sha256(f"{last.series} {columns}".encode()).hexdigest()[:16]
        file = found[table] = folder / f"{area}.{table}-{last.load:08}-{mark}.parquet"
        if file.is_file():
            continue
        folder.mkdir(mode=0o700, exist_ok=True)
        rows = connection.sql(f"SELECT {listed} FROM ({known_now(area, table)})").to_arrow_reader(BATCH)
        with draft(file, mode=0o600) as out, pq.ParquetWriter(out, rows.schema, compression="zstd") as writer:
            for batch in rows:
                writer.write_batch(batch)
        for old in _files(folder, area, table)[:-KEPT_FILES]:
            old.unlink()
    return found


def _files(folder: Path, area: str, table: str) -> list[Path]:
    """The snapshots of a table, oldest first."""
    return sorted(folder.glob(f"{area}.{table}-*.parquet"))
