"""The warehouse file: one DuckDB database, opened by one process at a time.

A database file's bytes differ from build to build; what has to be equal is its content.
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

__all__ = ["copy", "create", "opened", "run"]

Connection = duckdb.DuckDBPyConnection
REBUILD = "Put its file aside and run `flis load`: it is built again from the deliveries."


@contextmanager
def opened(state: State) -> Iterator[Connection]:
    """The warehouse of `state`, made empty where there is none; others wait until it is closed.

    Raises:
        StateError: the file is no warehouse that this version can read.
    """
    state.warehouse.mkdir(mode=0o700, parents=True, exist_ok=True)
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


def create(connection: Connection, name: str, columns: Columns) -> None:
    """Make an empty table, unless it is there.

    Raises:
        StateError: it is there with other columns.
    """
    connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({_declared(columns)})")
    if [column[0] for column in connection.execute(f"FROM {name} LIMIT 0").description or ()] != list(columns):
        raise StateError("The warehouse was made by another version of flis.", hint=REBUILD)


def copy(connection: Connection, name: str, columns: Columns, path: Path | None) -> None:
    """Make a temporary table of the columns of a Parquet file; None: a file without rows.

    Raises:
        StateError: the file lacks a column, or has it with another type.
    """
    if path is None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({_declared(columns)})")
        return
    quoted = str(path).replace("'", "''")
    typed = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in columns.items())
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {typed} FROM read_parquet('{quoted}')")
    except (duckdb.BinderException, duckdb.ConversionException):
        raise StateError(
            f"The file of {name} lacks a column that the warehouse reads, or has it with another type.",
            hint="Does the area's contract keep it? See contract.yaml.",
        ) from None


def _connect(path: Path) -> Connection:
    try:
        return duckdb.connect(str(path))
    except duckdb.Error:
        raise StateError(
            "The warehouse file cannot be opened.",
            hint=REBUILD,
        ) from None


def _declared(columns: Columns) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())
