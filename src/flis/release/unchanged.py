"""What was found whole, or found to have nothing new, and stays so as long as no file that it came from has changed.

Both are kept in `cache/`: without them, or where they cannot be read or written, everything is looked at itself.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from flis.disk import mark, proven, with_checksum

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.release.reader import Released

__all__ = ["Found", "damage", "found_before", "note"]

NOTHING_NEW, WHOLE = "nothing-new", "whole"


class Found(msgspec.Struct, frozen=True):
    """What was found of the tree of an area, and the mark of all that it was found from."""

    tree: str
    mark: str


def found_before(state: State, before: Released, mark_now: str) -> bool:
    """Whether the warehouse was found to hold nothing beside what was released, and nothing has changed since."""
    return bool(mark_now) and _noted(state, NOTHING_NEW, before.area) == Found(before.sha256, mark_now)


def note(state: State, before: Released, mark_then: str) -> None:
    """Keep that the warehouse holds nothing beside what was released, found when its mark was this one."""
    if mark_then:
        _note(state, NOTHING_NEW, before.area, Found(before.sha256, mark_then))


def damage(state: State, found: Released) -> list[str]:
    """As `Released.damage`; files that were found whole are not read again as long as none of them has changed.

    A bit that turned on the disk by itself changes no stamp: a process that reads the file finds it, as
    `flis release verify` and `flis doctor` do.
    """
    now = mark(found.all_files())
    if now and _noted(state, WHOLE, found.area) == Found(found.sha256, now):
        return []
    damaged = found.damage()
    if now and not damaged:
        _note(state, WHOLE, found.area, Found(found.sha256, now))
    return damaged


def _place(state: State, what: str, area: str) -> Path:
    return state.cache / what / f"{area}.json"


def _noted(state: State, what: str, area: str) -> Found | None:
    try:
        return msgspec.json.decode(proven(_place(state, what, area).read_bytes()), type=Found)
    except (OSError, ValueError):
        return None


def _note(state: State, what: str, area: str, found: Found) -> None:
    file = _place(state, what, area)
    with suppress(OSError):  # who may not write there looks again the next time
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(with_checksum(msgspec.json.encode(found)))  # half of it has no end, and says nothing
