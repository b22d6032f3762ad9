"""Two event loops on one listening socket, as two server processes have it."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import time
from typing import TYPE_CHECKING, cast

import pytest

from flis.serve import listening
from flis.serve.listening import Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Counted(asyncio.Protocol):
    """Says its server's name to who connects."""

    def __init__(self, name: bytes, connections: list[asyncio.Transport]) -> None:
        self._name, self._connections = name, connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say it."""
        own = cast("asyncio.Transport", transport)
        self._connections.append(own)
        own.write(self._name)


class Server:
    """An event loop in a thread of its own that takes connections from a socket, which is closed with it."""

    def __init__(self, name: bytes, sock: socket.socket) -> None:
        self.loop = Loop()
        self.up = threading.Event()
        self._stop = asyncio.Event()
        self._name, self._socket = name, sock
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self.up.wait(10)

    def _run(self) -> None:
        self.loop.run_until_complete(self._serve())
        self.loop.close()
        self._socket.close()

    async def _serve(self) -> None:
        connections: list[asyncio.Transport] = []
        server = await self.loop.create_server(lambda: Counted(self._name, connections), sock=self._socket)
        self.up.set()
        await self._stop.wait()
        server.close()
        await server.wait_closed()
        for connection in connections:
            connection.close()
        await asyncio.sleep(0.01)

    def end(self) -> None:
        """Close it and its connections."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
            assert not self._thread.is_alive()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket that is bound, and not listened on yet."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock


@pytest.fixture
def started(listener: socket.socket) -> Iterator[Callable[[bytes], Server]]:
    """Servers on that socket by name."""
    servers: list[Server] = []

    def start(name: bytes) -> Server:
        servers.append(Server(name, listener.dup()))
        return servers[-1]

    yield start
    for server in servers:
        server.end()


@pytest.fixture
def connect(listener: socket.socket) -> Iterator[Callable[[], tuple[socket.socket, bytes]]]:
    """A new connection, and the name of the server that took it."""
    made: list[socket.socket] = []

    def one() -> tuple[socket.socket, bytes]:
        made.append(socket.create_connection(listener.getsockname(), timeout=10))
        return made[-1], made[-1].recv(10)

    yield one
    for connection in made:
        connection.close()


def test_connections_go_to_who_has_fewer(
    started: Callable[[bytes], Server], connect: Callable[[], tuple[socket.socket, bytes]]
) -> None:
    started(b"a"), started(b"b")
    first = [connect() for _ in range(12)]
    names = [name for _, name in first]
    assert sorted((names.count(b"a"), names.count(b"b"))) in ([5, 7], [6, 6])
    for connection, name in first:
        if name == b"a":
            connection.close()
    for _ in range(3):
        time.sleep(5 * listening.LONGEST)  # nobody waits for his turn any more
        assert connect()[1] == b"a"


def test_one_that_closes_leaves_all_to_the_other(
    started: Callable[[bytes], Server], connect: Callable[[], tuple[socket.socket, bytes]]
) -> None:
    leaving = started(b"a")
    started(b"b")
    leaving.end()
    assert [connect()[1] for _ in range(3)] == [b"b"] * 3


def test_where_no_descriptor_is_free_it_tries_again(
    started: Callable[[bytes], Server],
    connect: Callable[[], tuple[socket.socket, bytes]],
    listener: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "REST", 0.1)
    refused: list[int] = []

    class Full(socket.socket):
        """A socket that once has no room."""

        def accept(self) -> tuple[socket.socket, object]:
            """Refuse the first."""
            if not refused:
                refused.append(1)
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    server = Server(b"a", Full(fileno=listener.dup().detach()))
    assert connect()[1] == b"a"
    assert refused
    server.end()
