"""What a release holds of an area, by the hashes of its files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from flis.release import current

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["area_of", "hashes", "rows_in"]


def area_of(state: State, area: str = "udlaan") -> Any:
    """The area in the release that serves."""
    serving: Any = current(state)
    assert serving, "nothing is released"
    return serving.area(area)


def hashes(state: State, area: str = "udlaan") -> dict[str, str]:
    """The hash of each file of the area, by store, table and partition; the files are there and whole."""
    found = area_of(state, area)
    listed = {}
    for store, tables in found.tree.stores.items():
        for table, parts in tables.items():
            for part, entry in parts.items():
                listed[f"{store} {table} {part}"] = entry.sha256
        for paths in found.store(store).tables.values():
            assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.stem for path in paths)
    return listed


def rows_in(state: State, store: str, table: str, area: str = "udlaan") -> list[dict[str, object]]:
    """The rows of a table in one store."""
    paths = area_of(state, area).store(store).tables[table]
    rows: list[dict[str, object]] = pa.concat_tables(pq.read_table(path) for path in paths).to_pylist()
    return rows
