"""Errors as pages that help: what is wrong, what to do, where to go; as JSON where a file was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.exceptions import HTTPException

from flis.errors import DamagedError, FlisError, NotFoundError, UsageError
from flis.serve.web.site.answers import answer, page, prefix, texts_for
from flis.serve.web.site.municipality_choices import CHOICES
from flis.serve.web.site.page_frame import release_of, sections_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["handlers", "helpful"]

FILES = (".json", ".csv", ".xlsx")


def helpful(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """The endpoint with what it raises turned into an answer that helps."""

    def answered(request: Request) -> Response:
        try:
            return endpoint(request)
        except FlisError as e:
            return _problem(request, e)

    return answered


def handlers() -> dict[int | type[Exception], Callable[[Request, Exception], Response]]:
    """Handlers for whoever builds the application: unknown address, wrong method, a fault of ours."""
    return {404: _missing, 405: _refused, 500: _fault, FlisError: _problem}


def _problem(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NotFoundError) else 400 if isinstance(error, UsageError) else 503
    message = getattr(error, "message", "")
    if status == 503:
        message = texts_for(request)("error.damaged" if isinstance(error, DamagedError) else "error.server")
    return _answer(request, status, message, error)


def _missing(request: Request, error: Exception) -> Response:
    return _answer(request, 404, texts_for(request)("error.page"), error)


def _refused(request: Request, error: Exception) -> Response:
    """A page is only read; the answer says in its header by which methods."""
    refused = _answer(request, 405, texts_for(request)("error.method"), error)
    refused.headers.update((error.headers if isinstance(error, HTTPException) else None) or {})
    return refused


def _fault(request: Request, error: Exception) -> Response:
    return _answer(request, 500, texts_for(request)("error.server"), error)


def _answer(request: Request, status: int, message: str, error: Exception) -> Response:
    texts = texts_for(request)
    hint = getattr(error, "hint", "") if status in {400, 404} else ""
    by_municipality = [section for section in sections_of(request) if section.municipalities]
    near = [
        (name, f"{prefix(texts.language)}{section.address}?kommune={code}")
        for section in by_municipality[:1]
        for name, code in CHOICES
        if name in hint
    ]
    if near:
        hint = f"{texts('error.near')} {', '.join(name for name, _ in near)}?"
    if request.url.path.endswith(FILES):
        content = {"error": {"code": getattr(error, "code", "server"), "message": message, "hint": hint}}
        return answer(msgspec.json.encode(content), "application/json", status=status)
    kind = status if status in {400, 404, 405} else 500
    return page(
        request,
        "site/problem.html",
        release_of(request),
        status=status,
        kind=kind,
        message=message,
        hint=hint,
        chosen=next((section for section in by_municipality if section.address in request.url.path), None),
        choices=CHOICES,
        near=near,
    )
