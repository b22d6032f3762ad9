"""Read a refused delivery again from the archive, by the contract of now; it goes back to `received`.

All that reading gives is made aside and put into the delivery's folder; its way back is one rename, the last thing. A
run that dies before leaves a refused delivery, which the next one reads again.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from flis.delivery.companions import kept_companion
from flis.delivery.folders import advance, names, note
from flis.delivery.intake import HEAD, NAME, contents, free_id, sender_of, staged
from flis.delivery.keys import person_key
from flis.delivery.locking import lock
from flis.delivery.model import Counts, Delivery, DeliveryState
from flis.delivery.reading import COUNTED, read_into
from flis.delivery.recognition import Recognised, recognise
from flis.disk import sync_tree
from flis.steps import step

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["recognised_now", "reread"]

MADE = ("records", "faults.json", "rows.parquet", COUNTED, "examined.json", "held.parquet")
"""What reading and judging make of a file; the report stays until the next one takes its place."""


def recognised_now(state: State, delivery: Delivery) -> Recognised | None:
    """What the kept file of a delivery is by the contracts of now; None where nobody knows it.

    Raises:
        NotFoundError: its retention is over.
        StateError: the file is damaged.
    """
    name = delivery.folder / NAME
    head = next(contents(state, delivery), b"")[:HEAD]
    return recognise(head, name.read_text("utf-8") if name.exists() else "")


def reread(state: State, delivery: Delivery, found: Recognised) -> Delivery:
    """Read the kept file again as what it is by the contracts of now; the delivery, received once more.

    Raises:
        NotFoundError: its retention is over, or another process took the delivery.
        StateError: the file is damaged.
    """
    with lock(state), staged(state) as staging:
        content = read_into(
            staging, contents(state, delivery), person_key(state), found, kept_companion(state, delivery.folder)
        )
        (staging / "faults.json").write_bytes(msgspec.json.encode(content.faults))
        sync_tree(staging)
        step("reread.read")
        for part in MADE:
            old, new = delivery.folder / part, staging / part
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            if new.exists():
                new.rename(old)
        step("reread.put")
        others = names(state).keys() - {delivery.id}
        manifest = msgspec.structs.replace(
            delivery.manifest,
            id=free_id(content.header, found, delivery.manifest.sha256, others),
            area=found.contract.area,
            findings=Counts(),
            held=0,
            **(msgspec.structs.asdict(content.header) | {"sender": content.header.sender or sender_of(found)}),
        )
        delivery = note(delivery, manifest)
        step("reread.noted")
        # it is called as what it is now
        delivery = advance(state, replace(delivery, id=manifest.id), DeliveryState.RECEIVED)
        step("reread.moved")
        return delivery
