"""What a received file is, and its records in columns: the border between deliveries and the readers of formats."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.catalog import contracts
from flis.catalog.contract import FileFormat
from flis.delivery.model import Fault
from flis.delivery.readers import cpr, csv
from flis.delivery.readers.notices import NoticeKind, Notices, UnreadableError
from flis.delivery.readers.typed import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from flis.catalog.contract import Contract, Dialect, Table

__all__ = ["Content", "Header", "Recognised", "read_into", "recognise", "tried"]

READERS = {FileFormat.CSV: csv.rows}
"""What makes columns of text of a file, by its format; CPR has a reader of its own."""
NUMBER = re.compile(r"-?\d+(\.\d+)?")
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
ROWS = 1 << 17
"""Rows of a type that are written together."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself, and what was counted while reading it."""

    form: str = ""
    interface: str = ""
    period: str = ""
    number: int = 1
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


@dataclass(frozen=True, slots=True)
class Recognised:
    """The contract of a file, and what the file's name tells by placeholder."""

    contract: Contract
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        """Who sends it: the municipality in its name, or the interface's one sender."""
        return self.told.get("kommune", "") or self.contract.sender

    @property
    def period(self) -> str:
        """The month, day or year in its name."""
        plain = next((self.told[k] for k in ("maaned", "dato", "aar") if k in self.told), "").replace("-", "")
        return "-".join(filter(None, (plain[:4], plain[4:6], plain[6:])))

    @property
    def first(self) -> date | None:
        """The first day of the period; None where there is no such day."""
        return _first_day(self.period.replace("-", ""))

    @property
    def extracted(self) -> date | None:
        """The day of the read-out in its name; None where there is no such day."""
        return _first_day(self.told.get("udtraek", "").replace("-", ""))

    @property
    def given(self) -> dict[str, Any]:
        """The columns of a part that rows lack and the file's name gives."""
        names = {f.name for table in self.contract.tables for f in table.fields}
        values = {"kommune": self.told.get("kommune"), "maaned": self.first, "dato": self.first, "aar": self.first}
        return {name: values[name] for name in self.contract.part if name in values and name not in names}


def _first_day(digits: str) -> date | None:
    """The first day of a year, month or day, written in digits; None where no calendar has it."""
    year, month, day = digits[:4], digits[4:6] or "01", digits[6:] or "01"
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def recognise(head: bytes, name: str = "") -> Recognised | None:
    """What a file that begins as `head` and is called `name` is, by the contracts of all areas; None: nobody's.

    A file in a wrong encoding is recognised too: it is to be refused with a reason.

    >>> found = recognise(b"00000000000000001109012001111920011116")
    >>> found.contract.area, recognise(b"%PDF-1.7")
    ('borger', None)
    """
    encoding = next((known for mark, known in MARKS.items() if head.startswith(mark)), "latin-1")
    text = head.decode(encoding, "replace")
    for contract in contracts.all_contracts():
        told = contract.recognition.match(name) if _is_read(contract) else None
        if told is not None and text.startswith(contract.recognition.head):
            return Recognised(contract, told)
    return None


def tried() -> str:
    """By what the contracts would recognise a file, for who has one that none does."""
    known = contracts.all_contracts()
    names = [c.recognition.name or f"{c.name} (by its first record)" for c in known if _is_read(c)]
    later = sorted({c.format.value for c in known if not _is_read(c)})
    not_yet = f" Files of the form {', '.join(later)} are not read yet." if later else ""
    return (f"These are recognised: {', '.join(names)}." if names else "No area has a contract.") + not_yet


def _is_read(contract: Contract) -> bool:
    return contract.format is FileFormat.CPR or contract.format in READERS


def read_into(folder: Path, chunks: Iterable[bytes], person_key: bytes, found: Recognised) -> Content:
    """Write `records/<table>.parquet` into `folder`, persons hashed, and tell what was noticed."""
    (folder / "records").mkdir(mode=0o700)
    tables = Tables(folder / "records")
    try:
        if found.contract.format is FileFormat.CPR:
            return _read_cpr(tables, chunks, person_key, found)
        return _read_rows(tables, folder, chunks, person_key, found)
    finally:
        tables.close()


def _read_cpr(tables: Tables, chunks: Iterable[bytes], person_key: bytes, found: Recognised) -> Content:
    reading = cpr.read(chunks, found.contract.kept, person_key)
    for record_type, batch in reading.batches():
        tables.add(record_type, batch)
    start, summary = reading.header, reading.summary
    header = Header(
        form=str(reading.form),
        interface=found.contract.interface,
        period=str(start.produced or "") if start else "",
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


def _read_rows(tables: Tables, folder: Path, chunks: Iterable[bytes], person_key: bytes, found: Recognised) -> Content:
    contract, given, notices = found.contract, found.given, Notices()
    control = Control(contract.dialect)
    types: Counter[str] = Counter()
    try:
        for table, texts, ordinals in READERS[contract.format](chunks, contract, found.first, notices, control.told):
            batch = typed(
                table, texts, ordinals, given, dialect=contract.dialect, notices=notices, person_key=person_key
            )
            types[table.name] += batch.num_rows
            control.add(batch)
            _agree(table, batch, found, notices)
            tables.add(table.name, batch)
        control.check(notices)
    except UnreadableError as problem:
        notices.add(problem.fault)
    for told, day in ((found.period, found.first), (found.told.get("udtraek"), found.extracted)):
        if told and day is None:
            notices.file(NoticeKind.NO_SUCH_DAY)
    _write_rows(folder / "rows.parquet", notices)
    header = Header(
        form=str(contract.format),
        interface=contract.interface,
        period=found.period,
        number=int(found.told.get("sekvens", "1")),
        produced=found.extracted,
        records=sum(types.values()),
        types=dict(types),
        faults=dict(notices.totals),
    )
    return Content(header, tuple(notices.listed))


def _agree(table: Table, batch: pa.RecordBatch, found: Recognised, notices: Notices) -> None:
    """Notice rows of another municipality or month than the file's name tells."""
    for name, value in (("kommune", found.told.get("kommune")), ("maaned", found.first)):
        if (
            name in found.told
            and table.field(name)
            and pc.any(pc.not_equal(batch.column(name), pa.scalar(value))).as_py()
        ):
            notices.file(NoticeKind.DISAGREE, field=name)


def _write_rows(file: Path, notices: Notices) -> None:
    """Keep which rows something is wrong in."""
    parts = [
        pa.table({"table": [table] * len(n), "ordinal": n, "kind": [kind] * len(n), "field": [field] * len(n)})
        for (table, kind, field), numbers in notices.rows.items()
        for n in numbers
    ]
    if parts:
        pq.write_table(pa.concat_tables(parts), file)


class Control:
    """What the end of a file tells of it, and the same counted from its rows."""

    def __init__(self, dialect: Dialect) -> None:
        self.told: dict[str, list[str]] = {}
        self._dialect = dialect
        self._rows = 0
        self._sums = dict.fromkeys(dialect.sums, Decimal(0))

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the rows of a batch."""
        self._rows += batch.num_rows
        for name in self._sums:
            found = pc.sum(batch.column(name)).as_py()
            self._sums[name] += Decimal(str(found or 0))

    def check(self, notices: Notices) -> None:
        """Notice an end that is missing, or tells something else."""
        if not self._dialect.end:
            return
        if "end" not in self.told:
            notices.file(NoticeKind.END_MISSING)
            return
        count, *sums = (*self.told["end"], "")
        if count.strip() != str(self._rows + int(self.told.get("broken", ["0"])[0])):
            notices.file(NoticeKind.WRONG_COUNT)
        for (name, counted), said in zip(self._sums.items(), sums, strict=False):
            plain = said.replace(self._dialect.thousands or " ", "").replace(self._dialect.decimal, ".").strip()
            if not NUMBER.fullmatch(plain) or Decimal(plain) != counted:
                notices.file(NoticeKind.WRONG_SUM, field=name)


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
