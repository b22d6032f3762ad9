"""What a received file is, and its records in columns: the border between deliveries and the readers of formats."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from flis.catalog import contracts
from flis.delivery.model import Fault
from flis.delivery.readers import cpr

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Content", "Header", "read_into", "recognise"]

START = "000" + "0" * 10
"""How a CPR change extract begins: record type and sort field of the start record."""
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
ROWS = 1 << 17
"""Rows of a type that are written together."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself, and what was counted while reading it."""

    form: str = ""
    sequence: str = ""
    produced: date | None = None
    previous: date | None = None
    records: int = 0
    persons: int = 0
    types: dict[str, int] = {}
    error_records: int = 0
    receipts: int = 0
    faults: dict[str, int] = {}
    imprecise: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class Content:
    """What reading a file gave, beside the records."""

    header: Header = field(default_factory=Header)
    faults: tuple[Fault, ...] = ()


def recognise(head: bytes) -> str:
    """The area whose deliveries begin as `head` does; an empty string where none does.

    A file in a wrong encoding is recognised too: it is to be refused with a reason.

    >>> recognise(b"00000000000000001109012001111920011116"), recognise(b"%PDF-1.7")
    ('borger', '')
    """
    encoding = next((name for mark, name in MARKS.items() if head.startswith(mark)), "latin-1")
    return "borger" if head.decode(encoding, "replace").startswith(START) else ""


def read_into(folder: Path, chunks: Iterable[bytes], person_key: bytes) -> Content:
    """Write `records/<type>.parquet` into `folder`, persons hashed, and tell what was noticed."""
    reading = cpr.read(chunks, contracts.load("borger").kept, person_key)
    (folder / "records").mkdir(mode=0o700)
    tables = Tables(folder / "records")
    try:
        for record_type, batch in reading.batches():
            tables.add(record_type, batch)
    finally:
        tables.close()
    start, summary = reading.header, reading.summary
    header = Header(
        form=str(reading.form),
        sequence=start.opgavenr if start and start.opgavenr.isdecimal() else "",
        produced=start.produced if start else None,
        previous=start.previous if start else None,
        records=summary.records,
        persons=summary.persons,
        types=dict(summary.types),
        error_records=summary.errors910,
        receipts=summary.receipts997,
        faults={kind.value: count for kind, count in reading.totals.items()},
        imprecise=dict(summary.imprecise),
    )
    faults = (Fault(d.kind.value, d.record or None, d.line or None, d.field or None) for d in reading.defects)
    return Content(header, tuple(faults))


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
        writer = self._writers.get(record_type)
        if writer is None:
            file = self._folder / f"{record_type}.parquet"
            writer = self._writers[record_type] = pq.ParquetWriter(file, batches[0].schema, compression="zstd")
        writer.write_table(pa.Table.from_batches(batches))
