"""DuckDB, opened in one way: it fetches no extension from anywhere, whatever SQL it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_database"]

OWN = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def open_database(
    path: str | Path = ":memory:", *, read_only: bool = False, **config: str | int
) -> duckdb.DuckDBPyConnection:
    """A database in a file or in memory, with settings of DuckDB.

    Raises:
        duckdb.Error: the file is no database, or another process has it.
    """
    return duckdb.connect(str(path), read_only=read_only, config={**OWN, **config})
