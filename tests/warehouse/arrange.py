"""Deliveries made of lives, taken in as the platform does."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from flis.delivery.model import DeliveryState, Manifest
from flis.delivery.readers.cpr.layout import PERSON, RECORDS
from flis.warehouse.transformation import transformations

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["accept"]

_TYPES = {"BLOB": pa.binary(16), "VARCHAR": pa.string(), "DATE": pa.date32(), "BIGINT": pa.int64()}


def accept(state: State, path: Path) -> str:
    """Take a delivery file in, up to the state `validated`; its id."""
    lines = path.read_bytes().decode("iso-8859-1").splitlines()
    produced, previous = (_date(lines[0][a : a + 8]) for a in (19, 27))
    assert produced
    name = f"cpr-110901-{produced:%Y%m%d}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
    folder = state.deliveries / DeliveryState.VALIDATED / name
    (folder / "records").mkdir(parents=True)
    for code, columns in _wanted().items():
        rows = [(n, line) for n, line in enumerate(lines, 1) if line[:3] == code]
        if rows:
            pq.write_table(_table(code, columns, rows), folder / "records" / f"{code}.parquet")
    manifest = Manifest(
        id=name,
        area="borger",
        sender="CPR",
        file=path.name,
        sha256=name,
        size=1,
        received=datetime.now(UTC),
        form="lines",
        sequence="110901",
        produced=produced,
        previous=previous,
    )
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    return name


def _wanted() -> dict[str, dict[str, str]]:
    wanted: dict[str, dict[str, str]] = {}
    for step in transformations("borger"):
        for table, columns in step.inputs.items():
            if table.startswith("record_"):
                wanted.setdefault(table[-3:], {}).update(columns)
    return wanted


def _table(code: str, columns: dict[str, str], rows: list[tuple[int, str]]) -> pa.Table:
    fields = {f.column: f for f in RECORDS[code].fields} | {"person": PERSON}
    found = {}
    for name, kind in columns.items():
        if name == "ordinal":
            values: list[object] = [n for n, _ in rows]
        else:
            texts = [line.ljust(400)[fields[name].offset : fields[name].end].strip() for _, line in rows]
            values = [_date(t) if kind == "DATE" else _hash(t) if kind == "BLOB" else t for t in texts]
        found[name] = pa.array(values, _TYPES[kind])
    return pa.table(found)


def _hash(number: str) -> bytes | None:
    return hashlib.blake2b(number.encode(), digest_size=16).digest() if number.strip("0 ") else None


def _date(text: str) -> date | None:
    digits = text.replace("-", "")[:8]
    if not digits.strip("0 "):
        return None
    return date(int(digits[:4]), int(digits[4:6]) or 1, int(digits[6:8]) or 1)
