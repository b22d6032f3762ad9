"""FLIS's own catalogue over the current release, as each principal's Scope opens it."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from flis.access import operator_scope, scope
from flis.catalog.cube import say
from flis.catalog.cubes import own_catalogue
from flis.errors import FlisError, ForbiddenError, NotFoundError
from flis.operations import closed_cubes, today
from flis.query.database import Databases
from flis.query.limits import Limits
from flis.release import current
from flis.serve.xmla.backend import Opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flis.access import Principal, Scope
    from flis.config import State
    from flis.query.database import Database

__all__ = ["ReleaseBackend"]

OPENED = 256  # what was opened last, by who asks
LIMITS = Limits(concurrent=16, tuples=20_000_000)
LOG = logging.getLogger("flis.xmla")


class ReleaseBackend:
    """Looks at the pointer to the current release for every request; a statement keeps the release it began with."""

    def __init__(self, state: State, memory: int = LIMITS.process) -> None:
        self.limits = replace(LIMITS, process=memory)
        self._state = state
        self._databases = Databases(memory // 2)
        self._opened: dict[tuple[Scope, datetime | None], Opened] = {}

    def warm(self) -> None:
        """Begin to load the national store of the current release."""
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def _warm(self) -> None:
        try:
            release = current(self._state)
            if release is not None:
                self._databases.of_release(operator_scope(release.number), release, own_catalogue()).warm()
        except FlisError as error:
            LOG.warning("the current release could not be opened: %s", error)

    def close(self) -> None:
        """Free the data of all releases that are open."""
        self._databases.close()

    def catalogs(self, principal: Principal | None) -> Mapping[str, str]:  # noqa: ARG002
        """FLIS, whoever asks: what is in it depends on the rights."""
        catalogue = own_catalogue()
        return {catalogue.name: say(catalogue.description, "da")}

    def open(self, principal: Principal | None, catalog: str) -> Opened:  # noqa: ARG002
        """The stores that a principal may read, at the current release.

        Raises:
            ForbiddenError: nobody signed in, or no grant holds today.
            NotFoundError: nothing has been released yet.
        """
        if principal is None:
            raise ForbiddenError("Sign in to ask the cubes.")
        release = current(self._state)
        if release is None:
            raise NotFoundError("Nothing has been released yet.", hint="flis release apply")
        held = scope(principal, release.number)
        # After a roll-back the data of an earlier release are news all the same, or clients would keep the later ones.
        opened = self._databases.of_release(
            held, release, own_catalogue(), closed_cubes(self._state, today(self._state))
        )
        return self._kept(held, opened, release.since)

    def _kept(self, held: Scope, database: Database, since: datetime | None) -> Opened:
        """The same object for the same request, as long as its database is open: its views are made once."""
        key = held, since
        found = self._opened.get(key)
        if found is None or found.database is not database:
            kept = {k: o for k, o in self._opened.items() if self._databases.holds(o.database)}
            found = Opened(held, database, f"Release {held.release}.", since)
            self._opened = dict([*kept.items(), (key, found)][-OPENED:])
        return found
