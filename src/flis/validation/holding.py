"""Rows that are held back: they leave the records of a delivery before it is accepted, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.validation.general import HELD_KINDS

if TYPE_CHECKING:
    from flis.delivery.model import Delivery

__all__ = ["held_rows", "hold"]

HELD = "held.parquet"
"""The rows held back: table, number of the row, kind of fault and field; no values."""


def held_rows(delivery: Delivery) -> int:
    """How many rows of a delivery have a fault for which they are held back."""
    found = _faulty(delivery)
    return 0 if found is None else found.group_by(["table", "ordinal"]).aggregate([]).num_rows


def hold(delivery: Delivery) -> None:
    """Take the faulty rows out of the records, and list them beside; doing it again changes nothing."""
    found = _faulty(delivery)
    if found is None or not found.num_rows:
        return
    pq.write_table(found, delivery.folder / HELD, compression="zstd")
    for name, file in delivery.records.items():
        wrong = found.filter(pc.equal(found["table"], name))["ordinal"]
        rows = pq.read_table(file)
        kept = rows.filter(pc.invert(pc.is_in(rows["ordinal"], value_set=pa.array(wrong.unique()))))
        if kept.num_rows < rows.num_rows:
            draft = file.with_name(f".{file.name}")
            pq.write_table(kept, draft, compression="zstd")
            draft.replace(file)


def _faulty(delivery: Delivery) -> pa.Table | None:
    if not delivery.noticed_rows.exists():
        return None
    noticed = pq.read_table(delivery.noticed_rows)
    return noticed.filter(pc.is_in(noticed["kind"], value_set=pa.array(sorted(HELD_KINDS))))
