"""Ask *Økonomi Statistik* within the process, as somebody with the rights of some municipalities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flis.access import scope
from flis.catalog.cubes import own_catalogue
from flis.query.database import Databases, Options, execute
from flis.query.result import CellSet, Rowset
from flis.release import current
from tests.leakage.asking import principal
from tests.made_up.walk import state_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Cube"]


class Cube:
    """The cube as a principal sees it; no municipality named: the whole country."""

    def __init__(self, folder: Path, *municipalities: str) -> None:
        release = current(state_of(folder / "state"))
        assert release is not None
        self.scope = scope(principal(*(municipalities or ("",))), release.number)
        self.base = Databases().of_release(self.scope, release, own_catalogue())

    def ask(self, text: str, language: str = "da") -> CellSet:
        """The cells of a statement."""
        found = execute(self.scope, self.base, text, Options(language=language))
        assert isinstance(found, CellSet)
        return found

    def rows(self, text: str) -> Rowset:
        """The rows of a drillthrough."""
        found = execute(self.scope, self.base, text)
        assert isinstance(found, Rowset)
        return found

    def row(self, text: str, count: int) -> list[Any]:
        """The first cells of a statement: numbers, None, or the words of an error."""
        found = self.ask(text).cells
        return [f"error: {found.errors[n]}" if n in found.errors else found.value(n) for n in range(count)]
