"""Ask the public pages as a client does, without a socket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
from starlette.applications import Starlette

from flis.config import Settings
from flis.serve.web import handlers, routes

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["Web"]


@dataclass(frozen=True)
class Web:
    """The pages of one state folder."""

    app: Starlette
    state: State

    @classmethod
    def of(cls, state: State) -> Web:
        settings = Settings(state=state.root)
        return cls(Starlette(routes=routes(settings), exception_handlers=handlers()), state)

    def get(self, address: str, *, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://flis.test") as client:
                return await client.request(method, address, headers=headers)

        return asyncio.run(ask())
