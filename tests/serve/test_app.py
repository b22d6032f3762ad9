"""What holds for every path of the application: one Host, redirects within the site, guarding headers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route

from flis.serve.app import Guarded

if TYPE_CHECKING:
    from starlette.requests import Request

HOST = (b"host", b"flis.example")


def page(_: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


def moved(request: Request) -> RedirectResponse:
    return RedirectResponse(request.url.replace(path="//elsewhere.example/page"))


def ask(path: str, *headers: tuple[bytes, bytes], scheme: str = "http") -> tuple[int, dict[bytes, bytes]]:
    """Status and headers of the answer to a request."""
    app = Guarded(Starlette(routes=[Route("/page", page), Route("/moved", moved)]), {}, lambda: None)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"a=1",
        "headers": list(headers),
        "server": ("127.0.0.1", 80),
        "root_path": "",
    }
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"])


def test_a_request_names_one_host() -> None:
    assert ask("/page", HOST)[0] == 200
    assert ask("/page")[0] == 400
    assert ask("/page", HOST, HOST)[0] == 400


@pytest.mark.parametrize(
    "host", [b"flis.example:8000", b"127.0.0.1", b"[::1]:8000", b"under_score", b"xn--sr-lka", b""]
)
def test_a_host_is_a_name_or_an_address(host: bytes) -> None:
    assert ask("/page/", (b"host", host))[0] == 307


@pytest.mark.parametrize(
    "host", [b"[", b"]", b"[::::]", b"[x]", b"a/b", b"a@b", b"a b", b"a?b", b"a#b", b"a:b", b"\xe6", b"a\\b"]
)
def test_what_is_no_host_is_refused(host: bytes) -> None:
    assert ask("/page/", (b"host", host))[0] == 400


@pytest.mark.parametrize(
    ("path", "target"),
    [("/page/", b"/page?a=1"), ("/moved", b"/elsewhere.example/page?a=1")],
    ids=["slash", "double slash"],
)
def test_a_redirect_stays_here_whatever_the_host_says(path: str, target: bytes) -> None:
    status, headers = ask(path, (b"host", b"evil.example"))
    assert status == 307
    assert headers[b"location"] == target


def test_browsers_are_told_to_come_back_over_tls_only_under_tls() -> None:
    assert b"strict-transport-security" not in ask("/page", HOST)[1]
    assert b"strict-transport-security" in ask("/page", HOST, scheme="https")[1]
    assert b"strict-transport-security" in ask("/nowhere", HOST, scheme="https")[1]
