"""The operations overview, its notices, and the two questions of a watchdog: alive, ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from flis import release
from flis.catalog.area_file import area
from flis.catalog.cubes import own_catalogue
from flis.errors import FlisError, NotFoundError
from flis.operations import as_json, incident, status
from flis.serve.web.site.answers import answer, page, texts_for
from flis.serve.web.site.page_frame import release_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from flis.catalog.area_file import Phrase
    from flis.config import State

__all__ = ["OperationsPages"]


class OperationsPages:
    """The endpoints that read states; nothing of it is held, states change at any time."""

    def __init__(self, state: State) -> None:
        self._state = state

    def overview(self, request: Request) -> Response:
        """The overview as a page."""
        found = status(self._state)
        groups: dict[Phrase | None, list[object]] = {}
        for row in found.areas:
            groups.setdefault(row.area.group, []).append(row)
        return page(
            request,
            "drift/operations.html",
            release_of(request),
            path="/drift",
            at=found.at,
            groups=groups,
            nothing_published=found.release is None,
        )

    def overview_json(self, request: Request) -> Response:  # noqa: ARG002
        """The overview as data."""
        return answer(msgspec.json.encode(as_json(status(self._state))), "application/json")

    def notice(self, request: Request) -> Response:
        """One notice (driftsinfo)."""
        texts, name = texts_for(request), request.path_params["name"]
        try:
            found = incident(self._state, name)
        except NotFoundError:
            raise NotFoundError(texts("error.incident")) from None
        return page(
            request,
            "drift/incident.html",
            release_of(request),
            path=f"/drift/{found.id}",
            incident=found,
            names=[area(name).name for name in found.areas],
        )

    def alive(self, request: Request) -> Response:  # noqa: ARG002
        """The process answers."""
        return answer(b"ok\n", "text/plain; charset=utf-8")

    def ready(self, request: Request) -> Response:  # noqa: ARG002
        """There is a release to serve, and all of it is whole; 503 where not, with what is wrong.

        A cube that cannot be read is named: the others are served.
        """
        try:
            current = release.current(self._state)
            if current is None:
                return _unready("no release")
            if damaged := current.damage():
                return _unready(f"release {current.number} is damaged: {', '.join(damaged)}")
        except FlisError as e:
            return _unready(e.message)
        told = [f"release {current.number}", *(f"{cube.name} cannot be read" for cube in own_catalogue().unread)]
        return answer("\n".join([*told, ""]).encode(), "text/plain; charset=utf-8")


def _unready(why: str) -> Response:
    return answer(f"{why}\n".encode(), "text/plain; charset=utf-8", status=503)
