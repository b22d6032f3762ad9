"""The web application: XML for Analysis beside the public pages, on one port."""

from __future__ import annotations

import atexit
import gc
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from flis.access import Authenticator
from flis.serve.records import learn
from flis.serve.served_state import Served, served
from flis.serve.xmla import Endpoint, FolderBackend, ReleaseBackend, Service, Sessions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from flis.serve.xmla.backend import Backend

__all__ = ["create_app"]

GUARDS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
)
STRICT = (b"strict-transport-security", b"max-age=31536000")
HOST = re.compile(rb"(?:[\w.~-]*|\[[\da-f:.]+\])(?::\d{0,5})?", re.IGNORECASE)
HOSTLESS = PlainTextResponse("A request names one host.\n", status_code=400)


def create_app(what: Served | None = None) -> Guarded:
    """The ASGI application that a worker process runs; without an argument as the environment says."""
    what = what or served()
    backend, routes, handlers = _catalogue(what) if what.catalog is not None else _flis(what)
    learn()
    backend.warm()
    folders = what.settings.folders
    sessions = Sessions(what.sessions or folders.access / "sessions.db")
    users = Authenticator(folders) if what.users else None
    endpoint = Endpoint(Service(backend, sessions), users, what.origins)
    pages = Starlette(routes=routes, exception_handlers=handlers)
    made = Guarded(pages, {"/xmla": endpoint, "/xmla/": endpoint}, backend.close)
    gc.freeze()  # what is there now stays: it need not be looked through again and again for garbage
    atexit.register(gc.unfreeze)  # or the store complains at the end of what is still there
    return made


def _catalogue(what: Served) -> tuple[Backend, list[BaseRoute], Any]:
    assert what.catalog is not None  # noqa: S101 - the caller looked
    return FolderBackend(what.catalog, what.data or what.catalog, _memory(what)), [Route("/healthz", _alive)], None


def _flis(what: Served) -> tuple[Backend, list[BaseRoute], Any]:
    from flis.serve.web import handlers
    from flis.serve.web import routes as pages

    return ReleaseBackend(what.settings.folders, _memory(what)), pages(what.settings), handlers()


def _memory(what: Served) -> int:
    """Bytes that the process may hold."""
    return what.settings.memory << 20


def _alive(request: Request) -> PlainTextResponse:  # noqa: ARG001
    return PlainTextResponse("ok\n")


class Guarded:
    """What holds for every path: one Host, guarding headers, redirects within this site.

    Paths with an application of their own go straight to it.
    """

    def __init__(self, app: Starlette, own: Mapping[str, Endpoint], close: Callable[[], None]) -> None:
        self._app = app
        self._own = own
        self._close = close

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Pass a request on."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        guards = (*GUARDS, STRICT) if scope["scheme"] == "https" else GUARDS

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    (name, _here(value) if name.lower() == b"location" else value)
                    for name, value in message.get("headers", ())
                ]
                known = {name.lower() for name, _ in headers}
                message["headers"] = headers + [guard for guard in guards if guard[0] not in known]
            await send(message)

        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not _is_host(hosts[0]):
            await HOSTLESS(scope, receive, guarded)
            return
        await self._own.get(scope.get("path", ""), self._app)(scope, receive, guarded)

    async def _live(
        self,
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Begin at once; at the end give back what the data hold in memory and on disk."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._close()
        await send({"type": "lifespan.shutdown.complete"})


@lru_cache(maxsize=1024)
def _is_host(value: bytes) -> bool:
    """Whether a Host header holds a name or an address, perhaps with a port: whatever reads it may rely on that.

    >>> [_is_host(h) for h in (b"flis.example:8000", b"[::1]:80", b"[::::]", b"[", b"a/b", b"a@b")]
    [True, True, False, False, False, False]
    """
    try:
        return HOST.fullmatch(value) is not None and urlsplit(b"//" + value).netloc == value
    except ValueError:  # brackets around what is no address
        return False


def _here(location: bytes) -> bytes:
    """A redirect's address without a host, which would be the one that the request claims."""
    parts = urlsplit(location)
    return urlunsplit((b"", b"", b"/" + parts.path.lstrip(b"/"), parts.query, b""))
