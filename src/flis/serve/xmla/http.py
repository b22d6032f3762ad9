"""XML for Analysis over HTTP: credentials, limits, faults, streaming. One ASGI endpoint."""

from __future__ import annotations

import asyncio
import logging
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from flis.errors import CancelledError, FlisError, LaterError, UsageError
from flis.query.limits import TURNS
from flis.serve.xmla.credentials import HttpRefusal, principal
from flis.serve.xmla.document import MAX_BYTES
from flis.serve.xmla.faults import code_of, fault
from flis.serve.xmla.service import Call
from flis.serve.xmla.soap import SHORT, read, read_short

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, MutableMapping

    from flis.access import Authenticator
    from flis.serve.xmla.service import Service

__all__ = ["Endpoint"]

Message: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[Message]]"
Send: TypeAlias = "Callable[[Message], Awaitable[None]]"
Headers: TypeAlias = "list[tuple[bytes, bytes]]"
Begun: TypeAlias = "tuple[int, bytes, Iterator[bytes] | None]"

LOG = logging.getLogger("flis.xmla")
THREADS = 128  # most of them wait: for a turn, a password, the store
LOOK = 0.1  # seconds between two looks whether a running statement was cancelled
WORTH_PACKING = 1400
QUICK_TO_PACK = 1 << 15  # bytes: a third of a millisecond
TOO_MUCH = 64 * MAX_BYTES  # of a request that is too large anyway, more than this is not even received
XML = (b"content-type", b"text/xml; charset=utf-8")
PLAIN = (b"content-type", b"text/plain; charset=utf-8")
METHODS = b"POST, OPTIONS"
ASKED_HEADERS = b"Authorization, Content-Type, SOAPAction, X-Requested-With"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass
class Exchange:
    """One request and its answer on the wire."""

    scope: MutableMapping[str, Any]
    receive: Receive
    send: Send
    extra: Headers = field(default_factory=list)  # headers that the answer has whatever it is

    def __post_init__(self) -> None:
        decoded = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.scope["headers"])
        self.headers = dict(decoded)

    @property
    def address(self) -> str:
        """The client's network address."""
        client = self.scope.get("client")
        return client[0] if client else ""

    @property
    def url(self) -> str:
        """The address that was asked."""
        return f"{self.scope.get('scheme', 'http')}://{self.headers.get('host', '')}{self.scope.get('path', '')}"

    @property
    def host(self) -> str:
        """The host's name as the client wrote it."""
        return _host(f"//{self.headers.get('host', '')}")

    @property
    def packs(self) -> bool:
        """Whether the client asks for gzip."""
        for offer in self.headers.get("accept-encoding", "").split(","):
            name, _, weight = offer.partition(";")
            if name.strip().casefold() == "gzip":
                return weight.replace(" ", "") not in {"q=0", "q=0.0"}
        return False

    async def body(self) -> bytes:
        """The request's body, however it is cut into pieces.

        Raises:
            Refused: compressed, broken off, or far too large.
            UsageError: larger than a request may be.
        """
        if self.headers.get("content-encoding", "identity") != "identity":
            raise HttpRefusal(415, "A compressed request is not read.")
        pieces: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise HttpRefusal(400, "The request broke off.")
            piece = message.get("body", b"")
            size += len(piece)
            if size <= MAX_BYTES:
                pieces.append(piece)
            elif size > TOO_MUCH:
                raise HttpRefusal(413, "The request is too large.", (b"connection", b"close"))
            more = message.get("more_body", False)
        if size > MAX_BYTES:
            raise UsageError(f"The request is larger than {MAX_BYTES} bytes.")
        return b"".join(pieces)

    async def answer(self, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        """Send a whole answer."""
        length = (b"content-length", str(len(body)).encode())
        await self.send({"type": "http.response.start", "status": status, "headers": [*self.extra, *headers, length]})
        await self.send({"type": "http.response.body", "body": body})

    async def gone(self) -> None:
        """Return once the client has hung up."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


class Endpoint:
    """The ASGI endpoint; without an authenticator nobody signs in, and only loopback names are answered."""

    def __init__(self, service: Service, users: Authenticator | None, origins: Collection[str] = ()) -> None:
        self._service = service
        self._users = users
        self._origins = frozenset(origins)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="xmla")

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        try:
            await self._handle(exchange)
        except HttpRefusal as refused:
            await exchange.answer(refused.status, refused.text.encode(), PLAIN, *refused.headers)
        except UsageError as error:
            await exchange.answer(500, fault(error), XML)

    async def _handle(self, exchange: Exchange) -> None:
        exchange.extra = self._browser(exchange)
        method = exchange.scope["method"]
        if method == "OPTIONS":
            await exchange.answer(204, b"", (b"allow", METHODS))
        elif method != "POST":
            raise HttpRefusal(405, "XML for Analysis is asked by POST.", (b"allow", METHODS))
        else:
            body = await exchange.body()
            await self._answer(body, exchange)

    def _browser(self, exchange: Exchange) -> Headers:
        """What a browser is told about other origins; pages of foreign ones are turned away."""
        if self._users is None and exchange.host not in LOOPBACK:
            raise HttpRefusal(403, "Without sign-in this server answers under a loopback name only.")
        origin = exchange.headers.get("origin", "")
        if not origin:
            return []
        if origin not in self._origins and _host(origin) != exchange.host:
            raise HttpRefusal(403, "Pages of this origin may not ask here.")
        return [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", ASKED_HEADERS),
            (b"access-control-max-age", b"600"),
            (b"vary", b"Origin"),
        ]

    async def _answer(self, body: bytes, exchange: Exchange) -> None:
        """Answer what is quick where it arrived: the way to a thread and back takes longer than most statements."""
        call = Call(None, exchange.url)
        begun = self._at_once(body, call, exchange) if len(body) <= SHORT else None
        if begun is not None and begun[2] is None:
            await self._send(begun, call, exchange)
            return
        with self._watched(call, exchange):
            if begun is None:
                loop = asyncio.get_running_loop()
                begun = await loop.run_in_executor(self._pool, self._begin, body, call, exchange)
            await self._send(begun, call, exchange)

    def _at_once(self, body: bytes, call: Call, exchange: Exchange) -> Begun | None:
        """The answer to a quick statement; None where a thread has to find out."""
        call.at_once = True
        try:
            return self._begin(body, call, exchange)
        except LaterError:
            return None
        finally:
            call.at_once = False

    async def _send(self, begun: Begun, call: Call, exchange: Exchange) -> None:
        """Send the first piece, and whatever comes after it as it is written."""
        status, first, parts = begun
        packing = exchange.packs and (parts is not None or len(first) > WORTH_PACKING)
        pack = zlib.compressobj(1, wbits=31) if packing else None
        headers: Headers = [XML, (b"cache-control", b"no-store")]
        if pack is not None:
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        if parts is None:
            await exchange.answer(status, await self._packed(pack, first, last=True), *headers)
            return
        start = {"type": "http.response.start", "status": status, "headers": [*exchange.extra, *headers]}
        await exchange.send(start)
        piece: bytes | None = first
        while piece is not None:
            packed = await self._packed(pack, piece)
            await exchange.send({"type": "http.response.body", "body": packed, "more_body": True})
            if call.token.cancelled:
                raise CancelledError("The answer was cancelled while it was sent.")
            piece = await asyncio.get_running_loop().run_in_executor(self._pool, _piece, parts, call.name)
        await exchange.send({"type": "http.response.body", "body": pack.flush() if pack else b"", "more_body": False})

    async def _packed(self, pack: zlib._Compress | None, piece: bytes, *, last: bool = False) -> bytes:
        """A piece as it is sent; what takes more than a moment to pack is packed in a thread."""
        if pack is None:
            return piece
        if len(piece) <= QUICK_TO_PACK:
            packed = pack.compress(piece)
        else:
            packed = await asyncio.get_running_loop().run_in_executor(self._pool, pack.compress, piece)
        return packed + (pack.flush() if last else b"")

    @contextmanager
    def _watched(self, call: Call, exchange: Exchange) -> Iterator[None]:
        """Keep an eye on work that takes longer than a moment, from its begin to the last byte of its answer."""
        loop = asyncio.get_running_loop()
        watching: list[asyncio.Task[None]] = []
        timer = loop.call_later(LOOK, lambda: watching.append(loop.create_task(self._watch(call, exchange))))
        try:
            yield
        except asyncio.CancelledError:  # the server is stopped and waits no longer
            call.token.cancel()
            raise
        finally:
            timer.cancel()
            for task in watching:
                task.cancel()

    async def _watch(self, call: Call, exchange: Exchange) -> None:
        """Tell work to stop when its session was cancelled or the client has gone."""
        gone = asyncio.ensure_future(exchange.gone())
        try:
            while not call.token.cancelled:
                await asyncio.wait({gone}, timeout=LOOK)
                session = call.session
                if gone.done() or (session and self._service.sessions.cancels(session.id) != session.cancels):
                    call.token.cancel()
        finally:
            gone.cancel()

    def _begin(self, body: bytes, call: Call, exchange: Exchange) -> Begun:
        """Sign in, evaluate, and write the first piece: in a thread, or where only what is quick is done.

        Raises:
            Refused: who asks may not.
            LaterError: it takes a thread.
        """
        credentials = exchange.headers.get("authorization", "")
        call.principal = principal(self._users, credentials, exchange.address, at_once=call.at_once)
        try:
            request = read_short(body) if len(body) <= SHORT else read(body)
            with TURNS.beside() if call.at_once else TURNS.taken(call.name):
                parts = self._service.answer(request, call)
                first, second = next(parts), next(parts, None)
        except LaterError:
            raise
        except FlisError as error:
            return 500, fault(error), None
        except Exception as error:  # the client is told nothing of it, the log everything but the request
            LOG.exception("a request failed (%s)", code_of(error).text)
            return 500, fault(error), None
        return (200, first, None) if second is None else (200, first + second, parts)


def _host(address: str) -> str:
    """The host's name in an address, empty where there is none or the address is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # brackets around what is no address
        return ""


def _piece(parts: Iterator[bytes], who: str) -> bytes | None:
    """In a thread: write the next piece, None after the last one."""
    with TURNS.taken(who):
        return next(parts, None)
