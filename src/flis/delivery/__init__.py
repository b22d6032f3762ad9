"""Receive what senders deliver, keep it encrypted, and say how far each delivery has come; see CONTEXT.md."""

from typing import TYPE_CHECKING

from flis.delivery.folders import advance, broken, deliveries, find
from flis.delivery.keys import archive_key, check_keys, lacking, person_key, read_key
from flis.delivery.locking import lock
from flis.delivery.model import Broken, Counts, Delivery, DeliveryState, Fault, Manifest
from flis.delivery.retention import expire
from flis.lazy import on_demand

if TYPE_CHECKING:
    from flis.delivery.intake import contents, inbox, receive, receive_all, shown
    from flis.delivery.mending import mend
    from flis.delivery.rotation import rotate
else:
    __getattr__ = on_demand(
        __name__,
        intake=("contents", "inbox", "receive", "receive_all", "shown"),
        mending=("mend",),
        rotation=("rotate",),
    )

__all__ = [
    "Broken",
    "Counts",
    "Delivery",
    "DeliveryState",
    "Fault",
    "Manifest",
    "advance",
    "archive_key",
    "broken",
    "check_keys",
    "contents",
    "deliveries",
    "expire",
    "find",
    "inbox",
    "lacking",
    "lock",
    "mend",
    "person_key",
    "read_key",
    "receive",
    "receive_all",
    "rotate",
    "shown",
]
