"""One HTTP connection, bounded: in the size of a request's head, in every wait for the client, and in number."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

__all__ = ["Connection"]

LARGEST_HEAD = 64 << 10  # bytes of request line and headers
HEAD_SECONDS = 30  # from the connection, or the first byte of a further request, to the end of its head
BODY_SECONDS = 30  # from the end of the head to the end of the body
READ_SECONDS = 60  # for which a client may take nothing of an answer that waits for it
MOST = 1000  # connections of a process
MOST_BY_ADDRESS = 500  # a municipality often has one address for all its users

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 31\r\n\r\nToo many connections are open.\n"
)


class Connection(HttpToolsProtocol):
    """HTTP/1.1 as Uvicorn speaks it; a client that is too slow, or one too many, is hung up on."""

    open_by_address: ClassVar[Counter[str]] = Counter()
    _waiting: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _in_head = False
    _head = 0  # bytes of the head in whole headers
    _unended = 0  # bytes since a header, a piece of a body or a request ended
    _counted = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, unless there are too many connections."""
        super().connection_made(transport)
        address = self.client[0] if self.client else "?"
        known = self.open_by_address
        if known.total() >= MOST or (known[address] >= MOST_BY_ADDRESS and not self._is_proxy(address)):
            transport.write(FULL)
            transport.close()
            return
        self._counted = address
        known[address] += 1
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._arrived()
        self._taken()
        if self._counted:
            self.open_by_address[self._counted] -= 1
            if not self.open_by_address[self._counted]:
                del self.open_by_address[self._counted]
            self._counted = ""
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for the end of the head."""
        super().on_message_begin()
        self._await_head()

    def on_url(self, url: bytes) -> None:
        """Count the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there: wait for the end of the body."""
        self._in_head = False
        self._wait(BODY_SECONDS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body is there."""
        self._unended = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        self._unended = 0
        self._arrived()
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, as long as nothing that the parser gathers is too large: a header, trailer, chunk's extension."""
        self._unended += len(data)
        super().data_received(data)
        if self._unended > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def pause_writing(self) -> None:
        """The client does not take what it asked for: wait, but not for ever."""
        super().pause_writing()
        self._taken()
        self._stalled = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has taken some."""
        self._taken()
        super().resume_writing()

    def _is_proxy(self, address: str) -> bool:
        """Whether a trusted proxy stands behind the address: many clients come from there."""
        return self.config.proxy_headers and _within(address, str(self.config.forwarded_allow_ips))

    def _count(self, size: int) -> None:
        self._head += size
        self._unended = 0
        if self._head > LARGEST_HEAD:
            raise ValueError("the head is too large")  # to the parser, which then refuses the request

    def _await_head(self) -> None:
        self._in_head, self._head, self._unended = True, 0, 0
        self._wait(HEAD_SECONDS)

    def _wait(self, seconds: float) -> None:
        self._arrived()
        self._waiting = self.loop.call_later(seconds, self.transport.close)

    def _arrived(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _taken(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


@lru_cache(maxsize=1024)
def _within(address: str, networks: str) -> bool:
    try:
        return any(ip_address(address) in ip_network(text.strip()) for text in networks.split(","))
    except ValueError:  # not reached over a network
        return False
