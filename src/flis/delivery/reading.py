"""A received file becomes records in columns: the border between deliveries and the readers of formats."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from flis.catalog.contract import FileFormat
from flis.delivery.model import Header
from flis.delivery.readers.control import check_companion
from flis.delivery.readers.cpr.records import CprRecords
from flis.delivery.readers.csv import csv_rows
from flis.delivery.readers.fixed import fixed_rows
from flis.delivery.readers.json import json_rows, ndjson_rows
from flis.delivery.readers.rows import RowRecords
from flis.delivery.readers.xml import xml_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from flis.delivery.model import Fault
    from flis.delivery.readers.reader import Reader
    from flis.delivery.recognition import Recognised

__all__ = ["COUNTED", "READERS", "FileContent", "read_into"]

READERS: Mapping[FileFormat, Reader] = {
    FileFormat.CPR: CprRecords,
    FileFormat.CSV: partial(RowRecords, csv_rows),
    FileFormat.FIXED: partial(RowRecords, fixed_rows),
    FileFormat.XML: partial(RowRecords, xml_rows),
    FileFormat.JSON: partial(RowRecords, json_rows),
    FileFormat.NDJSON: partial(RowRecords, ndjson_rows),
}
"""The reader of each format."""
COUNTED = "counted.json"
ROWS = 1 << 17
"""Rows of a type that are written together."""
DIGITS = 18
"""So many digits has a whole number of 64 bits."""
SAMPLE = 1_000
"""So many rows show whether the values of a column repeat themselves."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """What reading a file gave, beside the records."""

    header: Header = field(default_factory=Header)
    faults: tuple[Fault, ...] = ()


def read_into(
    folder: Path, chunks: Iterable[bytes], person_key: bytes, found: Recognised, companion: bytes | None = None
) -> FileContent:
    """Write `records/<table>.parquet` into `folder`, persons hashed, and tell what was noticed.

    Where a file has a companion, that is held against it, too, or awaited while it is None; what it is to tell is
    kept as `counted.json`.
    """
    (folder / "records").mkdir(mode=0o700)
    tables = Tables(folder / "records")
    records = READERS[found.contract.format](chunks, found, person_key)
    try:
        for table, batch in records.batches():
            tables.add(table, batch)
    finally:
        tables.close()
    _write_rows(folder / "rows.parquet", records.faulty_rows)
    content, ending = FileContent(records.header, records.faults), found.contract.dialect.companion
    if not ending or not isinstance(records, RowRecords):
        return content
    (folder / COUNTED).write_bytes(msgspec.json.encode(records.counted))
    if companion is None:
        return FileContent(msgspec.structs.replace(content.header, awaits=ending), content.faults)
    notices = check_companion(companion, found.contract, found.name, records.counted)
    faults = dict(Counter(content.header.faults) + notices.totals)
    return FileContent(msgspec.structs.replace(content.header, faults=faults), (*content.faults, *notices.listed))


def _write_rows(file: Path, faulty: Mapping[tuple[str, str, str], list[Any]]) -> None:
    """Keep which rows something is wrong in."""
    parts = [
        pa.table({"table": [table] * len(n), "ordinal": n, "kind": [kind] * len(n), "field": [field] * len(n)})
        for (table, kind, field), numbers in faulty.items()
        for n in numbers
    ]
    if parts:
        pq.write_table(pa.concat_tables(parts), file)


class Tables:
    """One Parquet file per record type, written while the rows come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[pa.RecordBatch]] = {}

    def add(self, record_type: str, batch: pa.RecordBatch) -> None:
        """Take rows; they are written when there are enough of their type."""
        waiting = self._waiting.setdefault(record_type, [])
        waiting.append(batch)
        if sum(b.num_rows for b in waiting) >= ROWS:
            self._write(record_type)

    def close(self) -> None:
        """Write what waits and end all files."""
        for record_type in self._waiting:
            self._write(record_type)
        for writer in self._writers.values():
            writer.close()

    def _write(self, record_type: str) -> None:
        batches, self._waiting[record_type] = self._waiting[record_type], []
        if not batches:
            return
        rows = pa.Table.from_batches(batches)
        writer = self._writers.get(record_type)
        if writer is None:
            file = self._folder / f"{record_type}.parquet"
            writer = pq.ParquetWriter(file, rows.schema, **_encodings(rows))
            self._writers[record_type] = writer
        writer.write_table(rows)


def _encodings(rows: pa.Table) -> dict[str, Any]:
    """How columns are written: as a dictionary where their values repeat themselves, which saves room, and costs time
    elsewhere; other whole numbers and decimals as what each differs from the one before, which takes the least of both.
    """
    some = rows.slice(0, SAMPLE)
    repeating = [name for name in some.column_names if 2 * len(some[name].unique()) <= some.num_rows]
    others = [f.name for f in rows.schema if f.name not in repeating and _is_whole(f.type)]
    return {
        "compression": "zstd",
        "use_dictionary": repeating,
        "column_encoding": dict.fromkeys(others, "DELTA_BINARY_PACKED"),
        "store_decimal_as_integer": True,
    }


def _is_whole(kind: pa.DataType) -> bool:
    """Whether values are written as whole numbers: decimals are, of no more digits than those have."""
    return bool(pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.precision <= DIGITS))
