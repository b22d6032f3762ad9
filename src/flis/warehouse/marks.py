"""What tells, without opening a warehouse, that it would tell a release the same of an area as it did before.

A release asks for the newest load, for what is covered and missing, and for the fingerprints of what the facts depend
on. They come from the warehouse's file, those of areas whose tables the steps read, the files of all areas, and the
deliveries that are refused, wait, or had rows held back. As long as none of these changes, neither does the answer of
the same version.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flis import __version__
from flis.catalog.area_paths import area_folders
from flis.delivery.folders import select
from flis.delivery.index import NOT_WHOLE, look
from flis.disk import mark
from flis.validation.holding import HELD
from flis.warehouse.database import files, held
from flis.warehouse.graph import source_of
from flis.warehouse.other_areas import files_read

if TYPE_CHECKING:
    from flis.config import State
    from flis.delivery import Delivery

__all__ = ["Marks"]


class Marks:
    """The marks of areas, as their files and deliveries are now."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._catalogue = area_folders().mark
        self._not_whole: dict[str, list[Delivery]] = {}
        with look(state) as index:
            for delivery in select(index, state, NOT_WHOLE):
                self._not_whole.setdefault(delivery.manifest.area, []).append(delivery)

    def of(self, area: str) -> str:
        """The mark of an area, the same as before only where nothing has changed.

        Empty where nothing is loaded of it, or where something changed so lately that a further change might not show.
        """
        source = source_of(area)
        if not self._catalogue or not held(self._state, source):
            return ""
        known = self._not_whole.get(source, [])
        databases = [file for one in sorted({source, *files_read(source)}) for file in files(self._state, one)]
        stamps = mark([*databases, *(f"{delivery.folder}/{HELD}" for delivery in known)])
        listed = [(d.id, d.state.value, d.manifest.interface, d.manifest.sender, d.manifest.period) for d in known]
        told = repr((__version__, self._catalogue, stamps, listed))
        return hashlib.sha256(told.encode()).hexdigest() if stamps else ""
