"""Any catalogue over a folder of Parquet files, seen alike by everybody who may connect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flis.access import open_scope
from flis.catalog.cube import say
from flis.catalog.cubes import load
from flis.query.database import Databases
from flis.query.limits import Limits
from flis.serve.xmla.backend import Opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flis.access import Principal

__all__ = ["FolderBackend"]

LIMITS = Limits(concurrent=64, tuples=20_000_000)  # nobody has a name here: all share one count


class FolderBackend:
    """The one database of a folder: read when the server starts; changed files need a new start."""

    def __init__(self, catalog: Path, data: Path, memory: int = LIMITS.process) -> None:
        self.limits = replace(LIMITS, process=memory)
        catalogue = load(catalog)
        scope = open_scope()
        self._opened = Opened(scope, Databases().of_folder(scope, data, catalogue))
        self._catalogs = {catalogue.name: say(catalogue.description, "en")}

    def warm(self) -> None:
        """Load all of it, so that nobody waits."""
        self._opened.database.warm()

    def close(self) -> None:
        """Free the data."""
        self._opened.database.close()

    def catalogs(self, principal: Principal | None) -> Mapping[str, str]:  # noqa: ARG002
        """Its name and description."""
        return self._catalogs

    def open(self, principal: Principal | None, catalog: str) -> Opened:  # noqa: ARG002
        """The database."""
        return self._opened
