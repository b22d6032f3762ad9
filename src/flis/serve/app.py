"""The web application: XML for Analysis beside the public pages, on one port.

`create_app` is what a worker process calls; it takes everything from the environment, so that all workers are alike:
`FLIS_*` for the settings, and for a catalogue other than FLIS's own `FLIS_CATALOG` and `FLIS_DATA`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Route

from flis.access import Authenticator, Principals
from flis.config import Settings
from flis.serve.xmla import Endpoint, FolderBackend, ReleaseBackend, Service, Sessions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from starlette.routing import BaseRoute

    from flis.serve.xmla.backend import Backend

__all__ = ["Served", "create_app", "served"]

CATALOG, DATA, SESSIONS, ORIGINS, USERS = "FLIS_CATALOG", "FLIS_DATA", "FLIS_SESSIONS", "FLIS_ORIGINS", "FLIS_USERS"
GUARDS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
)
PAGE_BODY = 1 << 16  # bytes: pages are asked by address, not by body


@dataclass(frozen=True, slots=True)
class Served:
    """What a server serves, and to whom."""

    settings: Settings
    catalog: Path | None = None
    data: Path | None = None
    sessions: Path | None = None
    users: bool = True
    origins: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which worker processes come to the same."""
        found = {"FLIS_STATE": str(self.settings.state.resolve()), USERS: "1" if self.users else "0"}
        if self.settings.keys is not None:
            found["FLIS_KEYS"] = str(self.settings.keys.resolve())
        for name, path in ((CATALOG, self.catalog), (DATA, self.data), (SESSIONS, self.sessions)):
            if path is not None:
                found[name] = str(path.resolve())
        if self.origins:
            found[ORIGINS] = ",".join(self.origins)
        return found


def served() -> Served:
    """What the environment says."""
    catalog, data, sessions = (Path(p) if (p := os.environ.get(n)) else None for n in (CATALOG, DATA, SESSIONS))
    origins = tuple(o for o in os.environ.get(ORIGINS, "").split(",") if o)
    return Served(Settings.load(), catalog, data, sessions, os.environ.get(USERS, "1") != "0", origins)


def create_app(what: Served | None = None) -> Callable[..., Awaitable[None]]:
    """The ASGI application."""
    what = what or served()
    folders = what.settings.folders
    backend: Backend
    routes: list[BaseRoute]
    handlers: Any = None
    if what.catalog is not None:
        backend = FolderBackend(what.catalog, what.data or what.catalog)
        routes = [Route("/healthz", _alive)]
    else:
        from flis.serve.web import handlers as pages_handlers
        from flis.serve.web import routes as pages

        backend = ReleaseBackend(folders)
        routes, handlers = pages(what.settings), pages_handlers()
    backend.warm()
    users = Authenticator(folders) if what.users else None
    sessions = Sessions(what.sessions or folders.access / "sessions.db")
    endpoint = Endpoint(Service(backend, sessions), users, what.origins)
    for path in ("/xmla", "/xmla/"):
        routes.insert(0, Route(path, endpoint))
    return Guarded(Starlette(routes=routes, exception_handlers=handlers))


class Guarded:
    """Headers on every answer that lacks them, and a bound on what pages are sent."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                known = {name.lower() for name, _ in headers}
                message["headers"] = headers + [guard for guard in GUARDS if guard[0] not in known]
            await send(message)

        await self._app(scope, receive, guarded)


async def _alive(request: Any) -> Any:  # noqa: ARG001
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("ok\n")


def has_users(settings: Settings) -> bool:
    """Whether anybody can sign in with the state folder's principals."""
    return settings.folders.access.is_dir() and bool(Principals(settings.folders).all())
