"""What is served to whom: the databases a principal sees, bound to the newest data.

Two kinds: FLIS's own catalogue over the current release, through the principal's Scope; and any catalogue over a folder
of Parquet files, open to whoever may connect.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from flis.errors import FlisError
from flis.query.database import execute
from flis.serve.xmla.rowsets.asking import CUBE, DIMENSION, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from flis.access import Principal, Scope
    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.structure import BoundDimension
    from flis.query.database import Database, Options
    from flis.query.limits import Limits
    from flis.query.result import CellSet, Rowset

__all__ = ["Backend", "Opened", "views"]

LOG = logging.getLogger("flis.xmla")


@dataclass(frozen=True)
class Opened:
    """A database at one release, for one principal."""

    scope: Scope
    database: Database
    note: str = ""
    since: datetime | None = None
    """When its data came to serve, where that is later than when they were made."""

    @property
    def updated(self) -> datetime:
        """When its data last changed for who asks."""
        return self.since or self.database.last_update

    @cached_property
    def views(self) -> Sequence[View]:
        """Its cubes and dimensions, as metadata lists them."""
        return views(self.database, self.updated, self.note)

    def quick(self, statement: str) -> bool:
        """Whether a statement was answered within a moment when it was asked last."""
        return self.database.statements.quick(statement)

    def run(self, statement: str, options: Options) -> CellSet | Rowset | None:
        """Answer a statement.

        Raises:
            FlisError: it is wrong, asks for too much, or was stopped.
        """
        return execute(self.scope, self.database, statement, options)


class Backend(Protocol):
    """The databases behind the endpoint."""

    limits: Limits
    """What one request may use."""

    def warm(self) -> None:
        """Make ready what everybody needs first."""
        ...

    def close(self) -> None:
        """Free the data."""
        ...

    def catalogs(self, principal: Principal | None) -> Mapping[str, str]:
        """The names of the databases that a principal sees, with their descriptions."""
        ...

    def open(self, principal: Principal | None, catalog: str) -> Opened:
        """A database at the newest release."""
        ...


def views(database: Database, updated: datetime, note: str = "") -> list[View]:
    """The cubes, their perspectives, and behind them every dimension once as `$Dimension`."""
    catalog = database.name
    found: list[View] = []
    alone: dict[str, tuple[BoundCube, BoundDimension]] = {}
    for cube in filter(_can_be_listed, database.cubes):
        definition = cube.definition
        found.append(
            View(catalog, cube.name, CUBE, cube, cube.dimensions, updated, definition.description, note, database)
        )
        for perspective in definition.perspectives:
            shown = tuple(d for d in cube.dimensions if d.is_measures or d.name in perspective.dimensions)
            found.append(
                View(catalog, perspective.name, CUBE, cube, shown, updated, perspective.description, note, database)
            )
        for dimension in cube.dimensions:
            if dimension.definition is not None and dimension.definition.table:
                alone.setdefault(dimension.definition.name, (cube, dimension))
    for name, (cube, dimension) in alone.items():
        about = dimension.definition.description if dimension.definition else {}
        found.append(View(catalog, f"${name}", DIMENSION, cube, (dimension,), updated, about, note, database))
    return found


def _can_be_listed(cube: BoundCube) -> bool:
    """Whether all members of a cube are there; one that lacks some answers for itself, by name."""
    try:
        for hierarchy in cube.hierarchies:
            _ = hierarchy.table, hierarchy.default
    except FlisError as error:
        LOG.warning("The cube %s is not listed: %s", cube.name, error)
        return False
    return True
