"""Connections of a real server on a free port: heads that are too large, too slow, or come in pieces."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from flis.serve import connection
from flis.serve.connection import LARGEST_HEAD, Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the body that came."""
    assert scope["type"] == "http"
    if scope["path"] == "/long_answer":
        await long_answer(send)
    message = await receive()
    body = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]}
    )
    await send({"type": "http.response.body", "body": body})


async def long_answer(send: Any) -> None:
    """Answer with more than lies in any buffer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(2000):
        await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})


@pytest.mark.parametrize(
    ("address", "networks", "within"),
    [
        ("10.1.2.3", "127.0.0.1, 10.1.0.0/16", True),
        ("10.2.2.3", "127.0.0.1, 10.1.0.0/16", False),
        ("::1", "::1", True),
        ("", "127.0.0.1", False),
    ],
)
def test_a_proxy_is_known_by_its_address(address: str, networks: str, within: bool) -> None:
    assert connection._within(address, networks) is within


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server that waits half a second for a head, two for a body or for a client that reads."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(connection, "BODY_SECONDS", 2)
    monkeypatch.setattr(connection, "READ_SECONDS", 2)
    monkeypatch.setattr(connection, "MOST_BY_ADDRESS", 20)
    config = uvicorn.Config(
        echo, port=0, http=Connection, ws="none", lifespan="off", log_config=None, proxy_headers=False
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def answer(to: socket.socket) -> bytes:
    """All that comes until the server closes or says no more for a second."""
    to.settimeout(1)
    found = b""
    try:
        while piece := to.recv(1 << 16):
            found += piece
    except TimeoutError:
        return found
    except ConnectionError:  # closed while bytes were on their way
        pass
    return found + b"<closed>"


def test_requests_in_pieces_one_after_the_other(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        for body in (b"abc", b"def"):
            for piece in (REQUEST[:20], REQUEST[20:], b"X-One: 1\r\n\r\n", body[:1], body[1:]):
                client.sendall(piece)
                time.sleep(0.02)
        found = answer(client)
    assert found.count(b"200 OK") == 2
    assert b"abc" in found
    assert found.endswith(b"def")


def test_a_slow_body_is_no_slow_head(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(REQUEST + b"\r\na")
        time.sleep(0.8)
        client.sendall(b"bc")
        assert answer(client).endswith(b"abc")


@pytest.mark.parametrize("sent", [b"", REQUEST], ids=["nothing", "half a head"])
def test_who_does_not_say_what_he_wants_is_hung_up_on(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(sent)
        assert answer(client) == b"<closed>"


def test_half_a_head_behind_a_whole_request(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(REQUEST + b"\r\nabc" + REQUEST)
        found = answer(client)
    assert found.count(b"200 OK") == 1
    assert found.endswith(b"abc<closed>")


@pytest.mark.parametrize("line", [b"X-Long: ", b"X: y\r\n"], ids=["one header", "many headers"])
def test_a_head_has_a_largest_size(port: int, line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(REQUEST + line)
        with suppress(ConnectionError):
            for _ in range(4 * LARGEST_HEAD // 1000):
                client.sendall(b"a" * 1000 if line.endswith(b" ") else line * 200)
        found = answer(client)
    assert found.endswith(b"<closed>")
    assert found.startswith((b"HTTP/1.1 400", b"<closed>"))


def test_a_large_body_is_no_large_head(port: int) -> None:
    size = 3 * LARGEST_HEAD
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size + b"b" * size)
        assert answer(client).count(b"b") == size


def test_a_head_that_comes_at_once_has_a_largest_size_too(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(REQUEST + b"X-Long: " + b"a" * LARGEST_HEAD + b"\r\n\r\nabc")
        found = answer(client)
    assert found.startswith(b"HTTP/1.1 400")
    assert b"200 OK" not in found


def test_a_head_just_below_the_largest_size_is_read(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(REQUEST + b"X-Long: " + b"a" * (LARGEST_HEAD - 100) + b"\r\n\r\nabc")
        assert answer(client).endswith(b"abc")


CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"


@pytest.mark.parametrize("last", [b"0\r\nX-Trailer: ", b"0;extension="], ids=["trailer", "extension"])
def test_what_follows_a_body_has_a_largest_size(port: int, last: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(CHUNKED + last)
        with suppress(ConnectionError):
            for _ in range(8 * LARGEST_HEAD // 1000):
                client.sendall(b"a" * 1000)
            client.sendall(b"\r\n\r\n")
        found = answer(client)
    assert found.endswith(b"<closed>")
    assert b"200 OK" not in found


def test_a_trailer_of_usual_size_is_read_over(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(CHUNKED + b"0\r\nX-Trailer: a\r\n\r\n")
        assert answer(client).endswith(b"abc")


def test_a_body_that_does_not_end_is_cut(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(REQUEST + b"\r\na")
        began = time.monotonic()
        client.settimeout(10)
        with suppress(ConnectionError):
            while client.recv(1 << 16):
                pass
        assert time.monotonic() - began < 9


def test_a_client_that_does_not_read_is_hung_up_on(port: int) -> None:
    before = Connection.open_by_address.total()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(REQUEST.replace(b"/ ", b"/long_answer ", 1) + b"\r\nabc")
        until = time.monotonic() + 10
        while Connection.open_by_address.total() == before and time.monotonic() < until:
            time.sleep(0.01)
        while Connection.open_by_address.total() > before and time.monotonic() < until:
            time.sleep(0.05)
        assert Connection.open_by_address.total() == before


def test_connections_of_one_address_are_bounded(port: int) -> None:
    with ExitStack() as held:
        clients = [held.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(20)]
        one_more = held.enter_context(socket.create_connection(("127.0.0.1", port)))
        found = answer(one_more)
        assert found.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 10" in found
        clients[0].sendall(REQUEST + b"\r\nabc")
        assert b"\r\n\r\nabc" in answer(clients[0])
