"""The files of the warehouse: a DuckDB database for each area that receives deliveries, for one process at a time.

An area whose steps are made of another one's deliveries lies in that one's file. A database file's bytes differ from
build to build; what has to be equal is its content.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

from flis.catalog import contracts
from flis.catalog.contract import Chain
from flis.clock import COPENHAGEN
from flis.disk import locked, move, refusal, writing
from flis.engine import open_database
from flis.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from flis.config import State
    from flis.errors import FlisError
    from flis.warehouse.step import Columns, Step

__all__ = [
    "KEPT",
    "beside",
    "copy",
    "create",
    "define",
    "failing",
    "files",
    "held",
    "is_read_only",
    "opened",
    "rows_of",
    "run",
]

Connection = duckdb.DuckDBPyConnection
NAME = "the warehouse"
FILE = "warehouse.duckdb"
KEPT = "warehouse.main"
"""Where kept tables lie: `main` alone would be the temporary table of the same name, which a delivery tells."""
MACHINE = (duckdb.OperationalError, duckdb.InternalError, duckdb.FatalException, duckdb.InterruptException)
"""Errors of the machine or of the engine: no other SQL would mend them (PEP 249)."""
MEMORY = "Give it more memory, or more room for temporary files, and run again. What serves of the area stays."
ENGINE = "Look at the memory and the disk of the machine, and run again. What serves of the area stays."
LOG = "256MB"
"""So long grows the log of what was committed before it is worked into the file: two million rows of a ledger.

DuckDB's usual 16 MB are a few deliveries of a month, after each of which the last rows of a table are packed again.
"""
REBUILD = "Put its file aside and run `flis load`: it is built again from the deliveries."


@contextmanager
def opened(state: State, source: str, *, reading: bool = False, busy: FlisError | None = None) -> Iterator[Connection]:
    """The warehouse of the deliveries of an area, made empty where there is none; others wait until it is closed.

    For `reading`, a folder that cannot be written is opened as it is. With `busy` nobody waits: that error is raised
    where another process has it open.

    Raises:
        StateError: the file is no warehouse that this version can read.
        StorageError: the disk refuses what is written.
    """
    with writing(NAME):
        file = state.warehouse / source / FILE
        earlier = _earlier(state, source)
        if reading and state.warehouse.is_dir() and not os.access(state.warehouse, os.W_OK):
            with closing(_connect(earlier or file, read_only=True)) as connection:
                yield connection
            return
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(file.with_name(".lock"), busy=busy):
            if earlier:
                for one in (earlier.with_name(f"{FILE}.wal"), earlier):
                    if one.exists():
                        move(one, file.with_name(one.name))
            with closing(_connect(file)) as connection:
                yield connection


def held(state: State, source: str) -> bool:
    """Whether there is a warehouse of the deliveries of an area."""
    return (state.warehouse / source / FILE).is_file() or _earlier(state, source) is not None


def files(state: State, source: str) -> list[str]:
    """Where the database of the deliveries of an area may lie, with its log: it is as it was as long as these are."""
    return [f"{folder}/{FILE}{log}" for folder in (state.warehouse / source, state.warehouse) for log in ("", ".wal")]


def _earlier(state: State, source: str) -> Path | None:
    """The one file of an earlier version, which held the area with a chain of deliveries, until it is moved."""
    file = state.warehouse / FILE
    linked = any(contract.chain is Chain.LINKED for contract in contracts.of_area(source))
    return file if linked and file.is_file() else None


def run(connection: Connection, step: Step) -> None:
    """Make the temporary table that a step puts out, from the tables named by its inputs.

    Raises:
        CatalogError: the step fails over these rows.
    """
    with failing(step):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {step.name} AS {step.select}")


@contextmanager
def failing(step: Step) -> Iterator[None]:
    """Name the step where the engine cannot go on with it; the engine's own words are kept back: they may tell values.

    Raises:
        CatalogError: the step fails.
        StateError: the machine has too little memory for it, or the engine stopped.
    """
    try:
        yield
    except MACHINE as error:
        if refusal(error, NAME):
            raise  # `opened` says what the disk refuses
        short = isinstance(error, duckdb.OutOfMemoryException)
        why = "it needs more memory than there is" if short else f"the engine stopped ({type(error).__name__})"
        raise StateError(
            f"The step {step.name} of {step.area} could not be finished: {why}.", hint=MEMORY if short else ENGINE
        ) from None
    except duckdb.Error as error:
        if refusal(error, NAME):
            raise  # `opened` says what the disk refuses
        raise step.error(
            f"the step {step.name} of {step.area} fails ({type(error).__name__}).",
            hint="Mend its SQL, and run again: `flis catalog check` looks at it. What serves of the area stays.",
        ) from None


def define(connection: Connection, statement: str) -> None:
    """Make a part of the warehouse where it is missing; one that is only read has it, or is of another version."""
    if not is_read_only(connection):
        connection.execute(statement)


def is_read_only(connection: Connection) -> bool:
    """Whether the warehouse was opened as it is, because its folder cannot be written."""
    rows = connection.execute("SELECT bool_or(readonly) FROM duckdb_databases() WHERE NOT internal").fetchall()
    return bool(rows[0][0])


def create(connection: Connection, name: str, columns: Columns) -> None:
    """Make an empty table, unless it is there.

    Raises:
        StateError: it is there with other columns.
    """
    define(connection, f"CREATE TABLE IF NOT EXISTS {name} ({_declared(columns)})")
    try:
        found = connection.execute(f"FROM {name} LIMIT 0").description or ()
    except duckdb.CatalogException:  # only read, and without it
        found = ()
    if [column[0] for column in found] != list(columns):
        raise StateError("The warehouse was made by another version of flis.", hint=REBUILD)


def copy(
    connection: Connection, name: str, columns: Columns, path: Path | None, *, optional: Collection[str] = ()
) -> None:
    """Make a temporary table of the columns of a Parquet file; None: a file without rows.

    An `optional` column that the file lacks is null.

    Raises:
        StateError: the file lacks a column, or a value is none of the column's type.
    """
    if path is None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({_declared(columns)})")
        return
    lacking = set(optional).difference(pq.read_schema(path).names)
    typed = ", ".join(
        f"CAST({'NULL' if column in lacking else column} AS {kind}) AS {column}" for column, kind in columns.items()
    )
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {typed} FROM {rows_of(path)}")
    except duckdb.BinderException:
        raise StateError(
            f"The table {name} lacks a column that the warehouse reads, or has it with another type.",
            hint="Does the area's contract keep it? See contract.yaml.",
        ) from None
    except duckdb.DataError:
        read = {column: kind for column, kind in columns.items() if column not in lacking}
        raise _unfit(connection, name, read, path) from None


def rows_of(file: Path) -> str:
    """The rows of a Parquet file, as SQL calls them after FROM."""
    quoted = str(file).replace("'", "''")
    return f"read_parquet('{quoted}')"


def _unfit(connection: Connection, name: str, columns: Columns, path: Path) -> StateError:
    """What is said of records with values that are none of the types that steps read them as."""
    counts = ", ".join(
        f"count(*) FILTER ({column} IS NOT NULL AND TRY_CAST({column} AS {kind}) IS NULL) AS {column}"
        for column, kind in columns.items()
    )
    with connection.cursor() as other:  # the transaction of this one has failed
        (found,) = other.execute(f"SELECT {counts} FROM {rows_of(path)}").fetchall()
    told = [f"{count} of {column} ({columns[column]})" for column, count in zip(columns, found, strict=True) if count]
    return StateError(
        f"Values of {name} do not fit the type that a step reads them as: {', '.join(told)}.",
        hint="Let the head of the step read a wider type, or let a rule of the contract hold such rows back.",
    )


def _connect(path: Path, *, read_only: bool = False) -> Connection:
    # a disk that is only read gives no room for what memory has none for
    config: dict[str, str] = {"temp_directory": tempfile.gettempdir()} if read_only else {}
    try:
        connection = open_database(path, read_only=read_only, **config)
    except duckdb.Error as e:
        raise refusal(e, NAME) or StateError("The warehouse file cannot be opened.", hint=REBUILD) from None
    connection.execute(f"SET checkpoint_threshold = '{LOG}'")
    connection.execute(f"SET TimeZone = '{COPENHAGEN}'")  # a moment is of the day that it is of there
    return connection


def beside(connection: Connection) -> Connection:
    """Another connection to the same warehouse, with temporary tables of its own."""
    other = connection.cursor()
    other.execute(f"SET TimeZone = '{COPENHAGEN}'")
    return other


def _declared(columns: Columns) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())
