"""A plain client of an ASGI application, in the process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Client"]


class Client:
    """Asks an application one request at a time; one client belongs to one thread."""

    def __init__(self, app: Any, base_url: str = "http://127.0.0.1:8000") -> None:
        self._app = app
        self._base_url = base_url
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """Close the event loop."""
        self._runner.close()

    def request(
        self, method: str, path: str, *, content: bytes | Iterable[bytes] = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The response, whole."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url=self._base_url) as client:
                body = content if isinstance(content, bytes) else _pieces(content)
                given = {"Accept-Encoding": "identity"} | (headers or {})
                return await client.request(method, path, content=body, headers=given)

        return self._runner.run(ask())

    def post(
        self, path: str, *, content: bytes | Iterable[bytes], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """POST."""
        return self.request("POST", path, content=content, headers=headers)

    def get(self, path: str) -> httpx.Response:
        """GET."""
        return self.request("GET", path)

    def options(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """OPTIONS."""
        return self.request("OPTIONS", path, headers=headers)


async def _pieces(content: Iterable[bytes]) -> Any:
    for piece in content:
        yield piece
