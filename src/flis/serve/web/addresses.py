"""The addresses of the public pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount, Route

from flis.serve.web.drift.operations_pages import OperationsPages
from flis.serve.web.site.answers import answer, prefix, static
from flis.serve.web.site.error_pages import helpful
from flis.serve.web.site.page_frame import InSite, Section
from flis.serve.web.site.texts import LANGUAGES
from flis.serve.web.ukraine.report_pages import ReportPages

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from flis.config import Settings

__all__ = ["routes"]

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
SECTIONS = (
    Section("/ukraine", "section.ukraine", municipalities=True),
    Section("/drift", "section.operations"),
)
"""The main menu."""
ROBOTS = b"User-agent: *\nDisallow: /xmla\nDisallow: /*?*kendt=\n"


def routes(settings: Settings) -> list[BaseRoute]:
    """All routes of the public pages; reading and drawing are shared between them."""
    pages, operations = ReportPages(settings.folders), OperationsPages(settings.folders)
    pages.drawings.warm()
    found = [
        Route("/healthz", operations.alive),
        Route("/readyz", operations.ready),
        Route("/drift.json", helpful(operations.overview_json)),
        Route("/static/{name:path}", _static),
        Route("/favicon.ico", _favicon),
        Route("/robots.txt", _robots),
    ]
    for language in LANGUAGES:
        start = prefix(language)
        found += [
            Route(start or "/", helpful(pages.front)),
            Route(f"{start}/ukraine", helpful(pages.report)),
            *(Route(f"{start}/ukraine.{form}", helpful(pages.file(form))) for form in ("json", "csv", "xlsx")),
            Route(f"{start}/drift", helpful(operations.overview)),
            Route(f"{start}/drift/{{name}}", helpful(operations.notice)),
        ]
    return [Mount("", routes=found, middleware=[Middleware(InSite, settings.folders, SECTIONS)])]


def _static(request: Request) -> Response:
    found = static(request.path_params["name"])
    if found is None:
        raise HTTPException(404)  # the site's own page says so
    return answer(*found, headers=FOR_EVER)


def _favicon(request: Request) -> Response:  # noqa: ARG001
    return Response(status_code=308, headers={"Location": "/static/mark.svg"})


def _robots(request: Request) -> Response:  # noqa: ARG001
    return answer(ROBOTS, "text/plain; charset=utf-8")
