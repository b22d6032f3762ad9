"""The frame of every page: the sections of the site, the release, and whether persons are simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from flis import release
from flis.errors import FlisError
from flis.operations import simulated

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from flis.config import State

__all__ = ["InSite", "Section", "ServedRelease", "people_simulated", "release_of", "sections_of"]

KEY = "flis.site"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the site in the main menu: its address, the text key of its name.

    `municipalities` says that it has a page for each municipality, at `?kommune=CODE`; error pages lead there.
    """

    address: str
    name: str
    municipalities: bool = False


class ServedRelease(NamedTuple):
    """A release's number, and the moment it was put into operation."""

    number: int
    applied: datetime


class InSite:
    """Middleware: every request knows its state folder and the sections, so that error pages can show them too."""

    def __init__(self, app: ASGIApp, state: State, sections: tuple[Section, ...]) -> None:
        self._app = app
        self._site = state, sections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        scope[KEY] = self._site
        await self._app(scope, receive, send)


def sections_of(request: Request) -> tuple[Section, ...]:
    """The sections of the site, in the order of the menu."""
    _, sections = _site(request)
    return sections


def release_of(request: Request) -> ServedRelease | None:
    """The release that serves now; None before the first, and if it cannot be read: a page must still come."""
    state, _ = _site(request)
    try:
        current = release.current(state) if state else None
    except FlisError:
        return None
    return ServedRelease(current.number, current.root.applied) if current else None


def people_simulated(request: Request) -> bool:
    """Whether the persons behind the figures are simulated."""
    state, _ = _site(request)
    return state is not None and simulated(state)


def _site(request: Request) -> tuple[State | None, tuple[Section, ...]]:
    site: tuple[State | None, tuple[Section, ...]] = request.scope.get(KEY, (None, ()))
    return site
