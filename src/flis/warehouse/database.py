"""The warehouse file: one DuckDB database, opened by one process at a time.

A database file's bytes differ from build to build; what has to be equal is its content (`content`).
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from flis.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State
    from flis.warehouse.transformation import Columns, Transformation

__all__ = ["Connection", "create", "opened", "run", "table_of"]

Connection = duckdb.DuckDBPyConnection


@contextmanager
def opened(state: State) -> Iterator[Connection]:
    """The warehouse of `state`, made empty where there is none; others wait until it is closed.

    Raises:
        StateError: the file is no warehouse that this version can read.
    """
    state.warehouse.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state.warehouse / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        connection = _connect(state.warehouse / "warehouse.duckdb")
        try:
            yield connection
        finally:
            connection.close()
    finally:
        os.close(descriptor)


def run(connection: Connection, step: Transformation) -> None:
    """Make the temporary table that a transformation puts out, from the tables named by its inputs."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {step.name} AS {step.select}")


def create(connection: Connection, name: str, columns: Columns, *, temporary: bool = False) -> None:
    """Make an empty table, unless it is there."""
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"CREATE {'TEMP ' if temporary else ''}TABLE IF NOT EXISTS {name} ({declared})")


def table_of(path: Path, columns: Columns) -> str:
    """A FROM item for the columns of a Parquet file."""
    quoted = str(path).replace("'", "''")
    return f"(SELECT {', '.join(columns)} FROM read_parquet('{quoted}'))"


def _connect(path: Path) -> Connection:
    try:
        return duckdb.connect(str(path))
    except duckdb.Error:
        raise StateError(
            "The warehouse file cannot be opened.",
            hint="Put it aside and run `flis load`: it is built again from the deliveries.",
        ) from None
