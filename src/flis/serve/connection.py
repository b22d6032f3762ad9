"""One HTTP connection, bounded: a request's head has to be small and to come soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

__all__ = ["Connection"]

LARGEST_HEAD = 64 << 10  # bytes of request line and headers
PATIENCE = 30  # seconds from the connection, or the first byte of a further request, to the end of its head


class Connection(HttpToolsProtocol):
    """HTTP/1.1 as Uvicorn speaks it; a head that does not end is refused, as nothing else there bounds it."""

    _timer: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._arrived()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for the end of the head."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._arrived()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, as long as the head is not too large."""
        super().data_received(data)
        if self._timer is not None:
            self._head += len(data)
            if self._head > LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def _wait(self) -> None:
        self._arrived()
        self._timer = self.loop.call_later(PATIENCE, self.transport.close)

    def _arrived(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._head = None, 0
