"""The disk: locks, files written whole or not at all, files remembered by their stamp, and what the disk refuses.

with writing("the users"), locked(folder / ".lock"):
    write(folder / "principals.json", content, mode=0o600)
"""

from __future__ import annotations

from flis.disk.checksums import has_checksum, proven, with_checksum
from flis.disk.files import append, create, draft, move, sync, sync_tree, tidy, write
from flis.disk.locks import is_locked, locked
from flis.disk.refusals import refusal, writing
from flis.disk.stamps import Stamp, cached_by_stamp, is_settled, mark, stamp, within

__all__ = [
    "Stamp",
    "append",
    "cached_by_stamp",
    "create",
    "draft",
    "has_checksum",
    "is_locked",
    "is_settled",
    "locked",
    "mark",
    "move",
    "proven",
    "refusal",
    "stamp",
    "sync",
    "sync_tree",
    "tidy",
    "with_checksum",
    "within",
    "write",
    "writing",
]
