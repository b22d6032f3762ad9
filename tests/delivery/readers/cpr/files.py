"""Change extracts for tests: the official ones in every physical form, and small ones made record by record."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from flis.delivery.readers.cpr.defects import Defects
from flis.delivery.readers.cpr.digits import CODES
from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.frames import Frames
from flis.delivery.readers.cpr.layout import RECORDS
from flis.delivery.readers.cpr.reading import Reading, read
from flis.delivery.readers.cpr.writer import Block, encode, end_record, start_record, write
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

KEY = bytes(range(32))
FORMS = [
    *(
        PhysicalForm(shape, *marks)
        for shape, *marks in product((Shape.FULL, Shape.TRIMMED), (False, True), (False, True))
    ),
    PhysicalForm(Shape.TRIMMED, open_end=True),
    PhysicalForm(Shape.UNBROKEN),
    PhysicalForm(Shape.UNBROKEN, end_mark=True),
]
EVERYTHING = {
    code: [field.name for field in record.fields[1:]]
    for code, record in RECORDS.items()
    if code not in {"000", "910", "997", "999"}
}


def official() -> list[bytes]:
    """The records of the official test file at their full widths."""
    data = shared("cpr/testdata/u12170-p-110901-ftp.txt").read_bytes()
    records = []
    while data:
        length = RECORDS[data[:3].decode()].length
        records.append(data[:length])
        data = data[length:]
    return records


def in_form(records: Iterable[bytes], form: PhysicalForm) -> bytes:
    """Records as a file, joined one by one."""
    lines = [record.rstrip(b" ") if form.shape is Shape.TRIMMED else record for record in records]
    last = b"" if form.open_end else form.newline
    return form.newline.join(lines) + last + form.ending


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    """The data in pieces of one size."""
    return (data[start : start + size] for start in range(0, len(data), size))


def tables(
    data: bytes, keep: dict[str, Sequence[str]] | None = None, *, chunk: int = 1 << 20, window: int = 1 << 20
) -> tuple[dict[str, pa.Table], Reading]:
    """A file read to the end: one table per record type."""
    reading = read(chunks(data, chunk), keep or EVERYTHING, KEY, window=window)
    batches = defaultdict(list)
    for record_type, batch in reading.batches():
        batch.validate(full=True)
        batches[record_type].append(batch)
    return {code: pa.Table.from_batches(found) for code, found in batches.items()}, reading


def rebuild(data: bytes, *, chunk: int = 1 << 20, window: int = 1 << 20) -> bytes:
    """A file taken apart into the fields of its records, and put together again from them."""
    frames = Frames(chunks(data, chunk), Defects(), window)
    blocks = []
    for found in frames:
        for number in np.unique(found.types):
            records = np.flatnonzero(found.types == number)
            layout = RECORDS[CODES[number]]
            rows = found.rows(records, layout.length)
            columns = {
                field.name: np.ascontiguousarray(rows[:, field.offset : field.end]).view(f"S{field.length}").ravel()
                for field in layout.fields
            }
            blocks.append(Block(layout.code, encode(layout.code, columns), found.first + records))
    written = write(blocks, frames.form)
    if frames.form.open_end:
        written = written.removesuffix(frames.form.newline)
    return written + frames.form.ending


def person(number: str, status: str = "01", *more: tuple[str, dict[str, Any]], **columns: Any) -> list[bytes]:
    """One person's records: 001, those given, 099."""
    first = {"PNR": number, "STATUS": status, "KOEN": "K", "FOED_DT": np.datetime64("1990-02-03")} | columns
    records = [("001", first), *more, ("099", {"TIMESTAMPU": np.datetime64("2022-03-01T10:11"), "HAENDELSE": "A01"})]
    return [record(code, {own(code): number} | values) for code, values in records]


def own(code: str) -> str:
    """The name of the field in which a record's own person stands."""
    return RECORDS[code].fields[1].name


def record(code: str, columns: dict[str, Any]) -> bytes:
    """One record at full width."""
    return encode(code, columns).tobytes()


def extract(*persons: list[bytes], previous: date | None = None, count: int | None = None) -> list[bytes]:
    """The records of a whole file."""
    inside = [one for records in persons for one in records]
    start = start_record("123456", date(2022, 3, 1), previous).rows.tobytes()
    end = end_record(len(inside) if count is None else count).rows.tobytes()
    return [start, *inside, end]
