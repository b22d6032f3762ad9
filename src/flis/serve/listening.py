"""Where several processes listen on one socket, the one with the fewest connections takes the next."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import uvloop

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

__all__ = ["Loop"]

STEP = 0.003  # seconds that a process lets others go first, for every connection that it has
LONGEST = 0.05
REST = 1.0  # seconds until it tries again where there was no room for a connection


class Loop(uvloop.Loop):
    """An event loop whose servers on a shared socket leave connections to processes that have fewer.

    Left to the kernel, one of two processes often gets twice as many, and with them half of the machine stands idle.
    """

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *arguments: Any, **named: Any
    ) -> Listener | asyncio.AbstractServer:
        """A server; one on a socket that was opened before takes its connections in turn with other processes."""
        if named.get("sock") is None:
            return await super().create_server(protocol_factory, *arguments, **named)
        return Listener(self, protocol_factory, named["sock"], named.get("ssl"), named.get("backlog", 100))


class Listener:
    """Takes connections from a socket on which other processes listen too."""

    def __init__(
        self,
        loop: Loop,
        make: Callable[[], asyncio.BaseProtocol],
        sock: socket.socket,
        context: ssl.SSLContext | None,
        backlog: int,
    ) -> None:
        self._loop, self._make, self._socket, self._context = loop, make, sock, context
        self._open: WeakSet[Any] = WeakSet()  # transports
        self._begun: set[asyncio.Task[None]] = set()
        self._closed = False
        sock.setblocking(False)
        sock.listen(backlog)
        self._wait()

    def _wait(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._socket, self._knocked)

    def _knocked(self) -> None:
        """Somebody wants to connect: those who have fewer connections may go first."""
        self._loop.remove_reader(self._socket)
        mine = sum(not transport.is_closing() for transport in self._open) + len(self._begun)
        self._loop.call_later(min(mine * STEP, LONGEST), self._take)

    def _take(self) -> None:
        if self._closed:
            return
        try:
            with suppress(BlockingIOError, ConnectionAbortedError):  # another process was first, or it is gone again
                task = self._loop.create_task(self._connect(self._socket.accept()[0]))
                self._begun.add(task)
                task.add_done_callback(self._begun.discard)
        except OSError:  # no descriptor is free
            self._loop.call_later(REST, self._wait)
        else:
            self._wait()

    async def _connect(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        secure: dict[str, Any] = {} if self._context is None else {"ssl": self._context}
        with suppress(OSError):  # the client left, or does not speak TLS
            self._open.add((await self._loop.connect_accepted_socket(self._make, connection, **secure))[0])

    def close(self) -> None:
        """Take no more connections."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._socket)

    async def wait_closed(self) -> None:
        """Wait for connections that are just being made."""
        if self._begun:
            await asyncio.wait(self._begun)
