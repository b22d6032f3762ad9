"""Rows that are held back: they leave the records of a delivery before it is accepted, and the others go on.

What looking through the rows showed is kept before any of them leaves, so a run that is killed in between comes to the
same when it is run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.steps import step
from flis.validation.profile import Examined, examined, keep

if TYPE_CHECKING:
    from flis.catalog.contract import Contract
    from flis.delivery.model import Delivery

__all__ = ["HELD", "held_rows", "hold", "looked_through"]

HELD = "held.parquet"
"""The rows held back: table, number of the row, kind of fault and field; no values."""


def looked_through(delivery: Delivery, contract: Contract, person_key: bytes) -> Examined:
    """What the rows of a delivery show, looked at once."""
    known = examined(delivery)
    if known is not None:
        return known
    from flis.validation.examining import examine

    found, faulty = examine(delivery, contract, person_key)
    if faulty.num_rows:
        _write(delivery, faulty)
    keep(delivery, found)
    step("judge.examined")
    return found


def hold(delivery: Delivery) -> None:
    """Take the faulty rows out of the records; doing it again changes nothing."""
    listed = delivery.folder / HELD
    if not listed.exists():
        return
    found = pq.read_table(listed)
    for name, file in delivery.records.items():
        wrong = found.filter(pc.equal(found["table"], name))["ordinal"]
        rows = pq.read_table(file)
        kept = rows.filter(pc.invert(pc.is_in(rows["ordinal"], value_set=pa.array(wrong.unique()))))
        if kept.num_rows < rows.num_rows:
            draft = file.with_name(f".{file.name}")
            pq.write_table(kept, draft, compression="zstd")
            draft.replace(file)


def held_rows(delivery: Delivery) -> int:
    """How many rows of a delivery are held back."""
    listed = delivery.folder / HELD
    if not listed.exists():
        return 0
    return int(
        pq.read_table(listed, columns=["table", "ordinal"]).group_by(["table", "ordinal"]).aggregate([]).num_rows
    )


def _write(delivery: Delivery, faulty: Any) -> None:
    draft = delivery.folder / f".{HELD}"
    pq.write_table(faulty, draft, compression="zstd")
    draft.replace(delivery.folder / HELD)
