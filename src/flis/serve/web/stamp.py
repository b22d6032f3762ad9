"""What stands on every page, also on the answer to a wrong address: the release, and that persons are simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flis import release
from flis.errors import FlisError
from flis.operations import simulated

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from flis.config import State

__all__ = ["Serving", "Stamped", "people_simulated", "serving"]

KEY = "flis.state"


class Serving(NamedTuple):
    """A release's number, and the moment it was put into operation."""

    number: int
    applied: datetime


class Stamped:
    """Middleware: every request knows its state folder, so that error pages can name the release as well."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        scope[KEY] = self._state
        await self._app(scope, receive, send)


def serving(request: Request) -> Serving | None:
    """The release that serves now; None before the first, and where it cannot be read: a page must still come."""
    state: State | None = request.scope.get(KEY)
    try:
        current = release.current(state) if state else None
    except FlisError:
        return None
    return Serving(current.number, current.manifest.applied) if current else None


def people_simulated(request: Request) -> bool:
    """Whether the persons behind the figures are simulated."""
    state: State | None = request.scope.get(KEY)
    return state is not None and simulated(state)
