"""From credentials to a principal: argon2id, a short memory of what was verified, and back-off.

A verified credential is remembered as a keyed hash for five minutes; its key is random per process, and the
principal's stored record is part of what is hashed, so a changed or revoked principal is forgotten at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

import msgspec
from argon2.exceptions import VerificationError

from flis import clock as wall
from flis.access.attempts import Attempts
from flis.access.principals import HASHER, Principals, digest
from flis.errors import AuthenticationError, BusyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from flis.access.model import Principal
    from flis.config import State

__all__ = ["Authenticator"]

REMEMBERED_SECONDS = 300
VERIFICATIONS = 2  # at a time: each takes 64 MiB and a processor
LINE = 96  # sign-ins under way or waiting; a longer line would hold all threads of the server
NEUTRAL = "The user name or the password is not right."
BOUND = 10_000  # verified credentials in memory


class Authenticator:
    """Checks credentials against one state folder; safe to share between threads."""

    def __init__(
        self,
        state: State,
        *,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = wall.today,
    ) -> None:
        self._principals = Principals(state)
        self._clock = clock
        self._today = today
        self._key = secrets.token_bytes(32)
        self._verified: dict[bytes, float] = {}
        self._attempts = Attempts()
        self._line = threading.BoundedSemaphore(LINE)
        self._places = threading.BoundedSemaphore(VERIFICATIONS)
        self._lock = threading.Lock()
        self._under_way: dict[tuple[bytes, str], Future[None]] = {}  # by credential and address
        # verified for unknown names too, so that both wrong answers take the same time
        self._nobody = HASHER.hash(secrets.token_urlsafe())

    def basic(self, user: str, password: str, address: str) -> Principal:
        """The principal of a name and password.

        Raises:
            AuthenticationError: no such pair; one text for a wrong name and a wrong password.
            BusyError: too many failed tries, or too many passwords are being verified.
        """
        principal = self._principals.find(user)
        mark = self._mark(user, password, principal)
        if principal is not None and self._remembers(mark, self._clock()):
            return principal
        if not self._line.acquire(blocking=False):
            raise BusyError("Too many passwords are being verified.", seconds=1)
        try:
            self._once((mark, address), lambda: self._try(principal, user, password, address))
        finally:
            self._line.release()
        if principal is None:
            raise AuthenticationError(NEUTRAL)
        with self._lock:
            while len(self._verified) >= BOUND:
                del self._verified[next(iter(self._verified))]
            self._verified[mark] = self._clock() + REMEMBERED_SECONDS
        return principal

    def _once(self, key: tuple[bytes, str], verify: Callable[[], None]) -> None:
        """Verify; who asks the same of the same address meanwhile waits for that: many connections are one try."""
        with self._lock:
            other = self._under_way.get(key)
            own: Future[None] = self._under_way.setdefault(key, Future())
        if other is not None:
            other.result()
            return
        try:
            verify()
            own.set_result(None)
        except BaseException as error:
            own.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[key]

    def _try(self, principal: Principal | None, user: str, password: str, address: str) -> None:
        now = self._clock()
        self._attempts.reserve(user, address, now)
        try:
            with self._places:
                HASHER.verify(principal.password if principal else self._nobody, password)
        except VerificationError:
            raise AuthenticationError(NEUTRAL) from None
        if principal is not None:
            self._attempts.succeeded(user, address, now)

    def remembered(self, user: str, password: str) -> Principal | None:
        """The principal of a pair that was verified a short while ago; None where it has to be verified first."""
        principal = self._principals.find(user)
        known = principal is not None and self._remembers(self._mark(user, password, principal), self._clock())
        return principal if known else None

    def _remembers(self, mark: bytes, now: float) -> bool:
        with self._lock:
            return self._verified.get(mark, 0) > now

    def bearer(self, token: str) -> Principal:
        """The principal of a bearer token. A token has 256 random bits: guessing is hopeless and needs no back-off.

        Raises:
            AuthenticationError: unknown, revoked or ended.
        """
        wanted = digest(token)
        for principal in self._principals.all():
            for known in principal.tokens:
                if hmac.compare_digest(known.digest, wanted) and self._today() <= known.until:
                    return principal
        raise AuthenticationError("The token is not known, or has ended.", hint="Make a new one: flis user token.")

    def _mark(self, user: str, password: str, principal: Principal | None) -> bytes:
        record = msgspec.json.encode(principal)
        text = b"\0".join((user.encode(), password.encode(), record))
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()
