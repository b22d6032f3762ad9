"""XML for Analysis over HTTP: credentials, limits, faults, streaming. One ASGI endpoint."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from flis.errors import AccessError, AuthenticationError, FlisError, LimitError, UsageError
from flis.serve.xmla.document import MAX_BYTES
from flis.serve.xmla.faults import code_of, fault
from flis.serve.xmla.service import Call
from flis.serve.xmla.soap import read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, MutableMapping

    from flis.access import Authenticator, Principal
    from flis.serve.xmla.service import Service

__all__ = ["Endpoint"]

Message: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[Message]]"
Send: TypeAlias = "Callable[[Message], Awaitable[None]]"
Headers: TypeAlias = list[tuple[bytes, bytes]]

LOG = logging.getLogger("flis.xmla")
THREADS = 64
LOOK = 0.1  # seconds between two looks whether a running statement was cancelled
WORTH_PACKING = 1400
XML = (b"content-type", b"text/xml; charset=utf-8")
PLAIN = (b"content-type", b"text/plain; charset=utf-8")
METHODS = b"POST, OPTIONS"
ASKED_HEADERS = b"Authorization, Content-Type, SOAPAction, X-Requested-With"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Refused(Exception):
    """An answer that is no SOAP: status, headers, text."""

    def __init__(self, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


class Endpoint:
    """The ASGI endpoint; without an authenticator nobody signs in, and only loopback names are answered."""

    def __init__(self, service: Service, users: Authenticator | None, origins: Collection[str] = ()) -> None:
        self._service = service
        self._users = users
        self._origins = frozenset(origins)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="xmla")

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        extra: Headers = []
        try:
            extra = self._browser(headers)
            if scope["method"] == "OPTIONS":
                await _send(send, 204, [*extra, (b"allow", METHODS)], b"")
                return
            if scope["method"] != "POST":
                raise Refused(405, "XML for Analysis is asked by POST.", (b"allow", METHODS))
            body = await _body(receive, headers)
            call = Call(None, url=_address(scope, headers))
            await self._answer(body, headers, scope, call, receive, send, extra)
        except Refused as refused:
            await _send(send, refused.status, [*extra, PLAIN, *refused.headers], refused.text.encode())
        except UsageError as error:
            await _send(send, 500, [*extra, XML], fault(error))

    def _browser(self, headers: dict[str, str]) -> Headers:
        """What a browser is told about other origins; pages of foreign ones are turned away."""
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if self._users is None and host not in LOOPBACK:
            raise Refused(403, "Without sign-in this server answers under a loopback name only.")
        origin = headers.get("origin", "")
        if not origin:
            return []
        if origin not in self._origins and urlsplit(origin).hostname != host:
            raise Refused(403, "Pages of this origin may not ask here.")
        return [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", ASKED_HEADERS),
            (b"access-control-max-age", b"600"),
            (b"vary", b"Origin"),
        ]

    async def _answer(
        self,
        body: bytes,
        headers: dict[str, str],
        scope: MutableMapping[str, Any],
        call: Call,
        receive: Receive,
        send: Send,
        extra: Headers,
    ) -> None:
        loop = asyncio.get_running_loop()
        address = scope["client"][0] if scope.get("client") else ""
        running = loop.run_in_executor(self._pool, self._begin, body, headers.get("authorization", ""), address, call)
        status, first, parts = await self._watched(running, call, receive)
        packing = "gzip" in headers.get("accept-encoding", "") and (parts is not None or len(first) > WORTH_PACKING)
        pack = zlib.compressobj(1, wbits=31) if packing else None
        found: Headers = [*extra, XML, (b"cache-control", b"no-store")]
        if pack is not None:
            found += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        if parts is None:
            await _send(send, status, found, pack.compress(first) + pack.flush() if pack else first)
            return
        await send({"type": "http.response.start", "status": status, "headers": found})
        piece: bytes | None = first
        while piece is not None:
            packed = pack.compress(piece) if pack else piece
            await send({"type": "http.response.body", "body": packed, "more_body": True})
            piece = await loop.run_in_executor(self._pool, next, parts, None)
        await send({"type": "http.response.body", "body": pack.flush() if pack else b"", "more_body": False})

    async def _watched(self, running: asyncio.Future[Begun], call: Call, receive: Receive) -> Begun:
        """Wait for the work; tell it to stop when its session was cancelled or the client has gone."""
        done, _ = await asyncio.wait({running}, timeout=LOOK)
        if done:
            return running.result()
        gone = asyncio.ensure_future(_gone(receive))
        try:
            while not (await asyncio.wait({running}, timeout=LOOK))[0]:
                session = call.session
                if gone.done() or (session and self._service.sessions.cancels(session.id) != session.cancels):
                    call.token.cancel()
        finally:
            gone.cancel()
        return running.result()

    def _begin(self, body: bytes, credentials: str, address: str, call: Call) -> Begun:
        """In a thread: sign in, evaluate, and write the first piece."""
        call.principal = self._principal(credentials, address)
        try:
            parts = self._service.answer(read(body), call)
            first, second = next(parts), next(parts, None)
        except FlisError as error:
            return 500, fault(error), None
        except Exception as error:  # the client is told nothing of it, the log everything but the request
            LOG.exception("a request failed (%s)", code_of(error).text)
            return 500, fault(error), None
        return (200, first, None) if second is None else (200, first + second, parts)

    def _principal(self, credentials: str, address: str) -> Principal | None:
        """Who asks.

        Raises:
            Refused: no, wrong or too many credentials; to ask without any is no failed try.
        """
        if self._users is None:
            return None
        scheme, _, text = credentials.partition(" ")
        try:
            if scheme.casefold() == "basic":
                return self._users.basic(*_pair(text), address)
            if scheme.casefold() == "bearer":
                return self._users.bearer(text.strip(), address)
            raise AuthenticationError("Sign in.")
        except LimitError as error:
            raise Refused(429, str(error), (b"retry-after", b"60")) from None
        except AccessError as error:
            challenge = (b"www-authenticate", b'Basic realm="FLIS", charset="UTF-8"')
            raise Refused(401, str(error), challenge) from None


Begun: TypeAlias = "tuple[int, bytes, Iterator[bytes] | None]"


def _pair(text: str) -> tuple[str, str]:
    try:
        user, colon, password = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise AuthenticationError("Sign in.") from None
    if not colon:
        raise AuthenticationError("Sign in.")
    return user, password


async def _body(receive: Receive, headers: dict[str, str]) -> bytes:
    if headers.get("content-encoding", "identity") != "identity":
        raise Refused(415, "A compressed request is not read.")
    pieces: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request broke off.")
        piece = message.get("body", b"")
        size += len(piece)
        if size <= MAX_BYTES:
            pieces.append(piece)
        elif size > 64 * MAX_BYTES:
            raise Refused(413, "The request is too large.", (b"connection", b"close"))
        more = message.get("more_body", False)
    if size > MAX_BYTES:
        raise UsageError(f"The request is larger than {MAX_BYTES} bytes.")
    return b"".join(pieces)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


def _address(scope: MutableMapping[str, Any], headers: dict[str, str]) -> str:
    return f"{scope.get('scheme', 'http')}://{headers.get('host', '')}{scope.get('path', '')}"
