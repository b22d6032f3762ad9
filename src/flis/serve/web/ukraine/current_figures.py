"""The newest figures: the current release's public store, read once per release and shared by all requests."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from flis import release
from flis.operations import simulated
from flis.serve.web.ukraine.figures import Figures

if TYPE_CHECKING:
    from datetime import datetime

    from flis.config import State

__all__ = ["CurrentFigures"]

AREA = "ukraine"


class CurrentFigures:
    """Looks at the pointer at every call, and reads the store only when another release has become current."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = Lock()
        self._read: tuple[tuple[int, datetime, bool], Figures] | None = None

    def withheld(self) -> bool:
        """Whether the release that serves was made before public figures were protected as they are now."""
        current = release.current(self._state)
        return current is not None and not current.root.shown

    def figures(self) -> Figures | None:
        """The figures of the release that serves now; None before the first, and where its figures are withheld."""
        current = release.current(self._state)
        if current is None or not current.root.shown:
            return None
        key = (current.number, current.root.applied, simulated(self._state))
        held = self._read
        if held and held[0] == key:
            return held[1]
        with self._lock:
            if self._read is None or self._read[0] != key:
                tables = current.area(AREA).store(release.PUBLIC).tables
                self._read = (key, Figures.read(*key, tables))
            return self._read[1]
