"""Data files of stores: deterministic Parquet, named by its own hash, written once and never again."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from flis.disk import draft
from flis.release.damage import digest, file_of
from flis.release.tree import Entry, folder_of
from flis.steps import step

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Files", "encode"]

LOG = logging.getLogger("flis.release")


def encode(table: pa.Table) -> bytes:
    """`table` as Parquet: the same rows in the same order give the same bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", version="2.6", store_schema=False)
    data: bytes = sink.getvalue().to_pybytes()
    return data


@dataclass(frozen=True, slots=True)
class Files:
    """The folder `stores/` of the releases, to which files of one area are added by content."""

    root: Path
    area: str

    def put(self, store: str, name: str, table: pa.Table) -> Entry:
        """Write `table` as the file of its hash, unless it lies there already."""
        return self.put_bytes(store, name, encode(table), table.num_rows)

    def put_bytes(self, store: str, name: str, data: bytes, rows: int) -> Entry:
        """As `put`, for a file encoded before; one that was changed or cut short is made good."""
        sha256 = hashlib.sha256(data)
        path = file_of(self.root / store / folder_of(self.area, name), sha256.hexdigest())
        lies = digest(path)
        if lies != sha256.digest():
            if lies:
                LOG.warning("A file of the table %s in the store %s was damaged; it is laid out anew.", name, store)
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft(path, durable=False) as out:  # `apply` has the disk hold all of them at once
                out.write(data)
                step("release.file")
        return Entry(sha256.hexdigest(), rows, len(data))
