"""Persons whose numbers, names and addresses can be told from all else; their deliveries; and the search for them.

Every field of every record type of which the contract keeps nothing carries a canary: names, addresses, notes, numbers
of relatives. What is sent through the platform is therefore as rich as the register gets.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

from flis.catalog.contracts import load
from flis.delivery.readers.cpr.layout import RECORDS
from tests.delivery.extracts import FIRST_NAME, LAST_NAME, STREET, line, person, person_number, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from flis.delivery.readers.cpr.layout import RecordLayout

__all__ = ["CANARIES", "PERSONS", "content_of", "delivery", "found_in"]

PERSONS = range(12)
RELATIVE = person_number(90)
NUMBERS = [*(person_number(n) for n in PERSONS), RELATIVE]
WORDS = [FIRST_NAME, LAST_NAME, STREET]
CANARIES = [*WORDS, *(w.upper() for w in WORDS), *NUMBERS, *(f"{n[:6]}-{n[6:]}" for n in NUMBERS)]
ENCODINGS = ("latin-1", "utf-8", "utf-16-le", "utf-16-be")
FORMS = {canary.encode(encoding) for canary in CANARIES for encoding in ENCODINGS}
FORMS |= {w.encode("ascii", "xmlcharrefreplace") for w in WORDS} | {w.encode("unicode_escape") for w in WORDS}
PLACES = ("0101", "0461", "0851")


def delivery(produced: date, previous: date | None, persons: range = PERSONS) -> bytes:
    """A delivery of persons who entered from Ukraine and live in three municipalities."""
    records: list[bytes] = []
    for n in persons:
        records += sorted([*person(n, PLACES[n % 3]), *_entered(n), *_filled(n)], key=lambda record: record[:3])
    end = line("999", SORTFELT_10="9999999999", TAELLER=f"{len(records):08}")
    return b"\n".join([start(produced, previous), *records, end]) + b"\n"


def _entered(n: int) -> list[bytes]:
    came = {"INDRDTO": "202201010000", "INDR_LANDEKOD": "5704"}
    return [line("024", PNR=person_number(n), **came), line("012", PNR=person_number(n), CIVST="U")]


def _filled(n: int) -> list[bytes]:
    """One record of each type of which nothing is kept, full of canaries."""
    kept = load("borger").kept
    skipped = {"000", "099", "910", "997", "999", *kept, "008"}
    return [_full(layout, n) for code, layout in RECORDS.items() if code not in skipped]


def _full(layout: RecordLayout, n: int) -> bytes:
    values = {"PNR": person_number(n)}
    for field in layout.fields[2:]:
        name = field.name.replace("-", "_")
        if field.is_person_number:
            values[name] = RELATIVE
        elif field.kind == "A" and not field.is_date and field.length >= 11:
            values[name] = (STREET, FIRST_NAME, LAST_NAME)[len(values) % 3][: field.length]
    return line(layout.code, **values)


def found_in(content: bytes) -> list[bytes]:
    """The canaries in some bytes, in any way of writing them."""
    return [form for form in FORMS if form in content]


def content_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """What lies under a folder except in encrypted files: names, raw bytes, and unpacked what is packed."""
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        yield f"the name {name}", name.encode()
        if file.is_file() and file.suffix != ".enc":
            content = file.read_bytes()
            yield name, content
            yield from ((f"{name}, unpacked", part) for part in _unpacked(file, content))


def _unpacked(file: Path, content: bytes) -> Iterator[bytes]:
    if file.suffix == ".parquet":
        table = pq.read_table(file)
        yield str(table.schema).encode()
        yield from (_column(table[name].unique().to_pylist()) for name in table.column_names)
    elif content[8:12] == b"DUCK":
        yield from _tables(file)
    elif content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    elif content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)


def _tables(file: Path) -> Iterator[bytes]:
    with duckdb.connect(str(file), read_only=True) as database:
        columns = database.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns ORDER BY ALL"
        ).fetchall()
        yield repr(columns).encode()
        for schema, table, column in columns:
            values = database.execute(f'SELECT DISTINCT "{column}" FROM "{schema}"."{table}"').fetchall()
            yield _column([value for (value,) in values])


def _column(values: list[object]) -> bytes:
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in values)
