"""Answers of the public pages: rendered templates, guarding headers, errors that help, kept answers."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.responses import Response

from flis.catalog.reference import municipalities
from flis.serve.web.site.cell_texts import written
from flis.serve.web.site.page_frame import people_simulated, sections_of
from flis.serve.web.site.texts import LANGUAGES, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from flis.serve.web.site.page_frame import ServedRelease
    from flis.serve.web.site.texts import Texts

__all__ = ["GUARDS", "Kept", "answer", "guarded", "page", "prefix", "static", "static_address", "texts_for"]

GUARDS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
KINDS = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain"}
SITE = "flis.serve.web.site"
KEPT = 64  # answers held in memory, of some 200 kB each


def guarded(response: Response) -> Response:
    """The response with the guarding headers on it."""
    response.headers.update(GUARDS)
    return response


def answer(body: bytes, media_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A guarded response of plain bytes."""
    return guarded(Response(body, status, headers=dict(headers or {}), media_type=media_type))


def texts_for(request: Request) -> Texts:
    """The words of the language that the address names: /en/…, /uk/…, else Danish."""
    first = request.url.path.lstrip("/").split("/")[0].split(".")[0]
    return texts_of(first if first in LANGUAGES else "da")


def page(
    request: Request, template: str, serving: ServedRelease | None, *, status: int = 200, path: str = "", **content: Any
) -> Response:
    """A page in the request's language; `path` is its address without the language, for the links to the other ones.

    `serving` is the release that stands at its foot, None where there is none.
    """
    texts = texts_for(request)
    frame = {
        "t": texts,
        "languages": LANGUAGES,
        "prefix": prefix(texts.language),
        "path": path,
        "serving": serving,
        "sections": sections_of(request),
        "simulated": people_simulated(request),
    }
    body = _templates().get_template(template).render(frame, **content)
    headers = {"Content-Language": texts.language, "Cache-Control": "no-cache"}
    return answer(body.encode(), "text/html; charset=utf-8", status=status, headers=headers)


def prefix(language: str) -> str:
    """What stands before an address in a language: nothing for Danish.

    >>> prefix("da"), prefix("en")
    ('', '/en')
    """
    return "" if language == "da" else f"/{language}"


@cache
def static(name: str) -> tuple[bytes, str] | None:
    """A static file and its media type; None where there is none of that name."""
    if name not in _names():
        return None
    content = files(SITE).joinpath("static", *name.split("/")).read_bytes()
    return content, KINDS["." + name.rsplit(".", 1)[-1]]


def static_address(name: str) -> str:
    """The address of a static file; it changes with the content, so that it may be kept for ever."""
    found = static(name)
    assert found, name  # noqa: S101
    return f"/static/{name}?{hashlib.sha256(found[0]).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Body:
    """An answer's content as it is sent: plain, compressed, and the mark by which a client knows it again."""

    plain: bytes
    packed: bytes
    mark: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, response: Response) -> Body:
        """The content of a response that has just been made."""
        plain = bytes(response.body)
        mark = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
        return cls(plain, gzip.compress(plain, 5, mtime=0), mark, dict(response.headers))


class Kept:
    """Answers that depend on the release and the address alone: made and compressed once, held in memory."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._held: OrderedDict[object, Body] = OrderedDict()
        self._lock = Lock()

    def answer(self, request: Request, release: object, make: Callable[[], Response]) -> Response:
        """The held answer to a request, or the one that `make` makes; 304 where the client has it already."""
        key = (release, request.url.path, request.url.query)
        with self._lock:
            body = self._held.get(key)
        if body is None:
            body = Body.of(make())
            with self._lock:
                self._held[key] = body
                while len(self._held) > self._limit:
                    self._held.popitem(last=False)
        headers = dict(body.headers) | {"ETag": body.mark, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == body.mark:
            return Response(status_code=304, headers={k: v for k, v in headers.items() if k != "content-length"})
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(body.plain, headers=headers)
        headers |= {"Content-Encoding": "gzip", "content-length": str(len(body.packed))}
        return Response(body.packed, headers=headers)


@cache
def _names() -> frozenset[str]:
    root = files(SITE) / "static"
    fonts = (f"fonts/{f.name}" for f in (root / "fonts").iterdir())
    return frozenset((*(f.name for f in root.iterdir() if f.is_file()), *fonts))


def _template(name: str) -> str:
    """The text of a template, called by its room and its file: `site/base.html`."""
    room, file = name.split("/")
    return (files(f"flis.serve.web.{room}") / "templates" / file).read_text("utf-8")


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["municipality_name"] = {m.code: m.name for m in municipalities()}.__getitem__
    environment.globals |= {"static": static_address, "written": written, "language_prefix": prefix}
    return environment
