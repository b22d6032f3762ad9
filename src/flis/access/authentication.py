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
from datetime import date
from typing import TYPE_CHECKING

import msgspec
from argon2.exceptions import VerificationError

from flis.access.principals import HASHER, Principals, digest
from flis.errors import AuthenticationError, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.access.model import Principal
    from flis.config import State

__all__ = ["Authenticator"]

REMEMBERED_SECONDS = 300
FREE_TRIES = 5
LONGEST_WAIT_SECONDS = 300
FORGET_FAILURES_SECONDS = 900
NEUTRAL = "The user name or the password is not right."
BOUND = 10_000  # entries in memory; an attacker's names and addresses must not fill it


class Authenticator:
    """Checks credentials against one state folder; safe to share between threads."""

    def __init__(
        self,
        state: State,
        *,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._principals = Principals(state)
        self._clock = clock
        self._today = today
        self._key = secrets.token_bytes(32)
        self._verified: dict[bytes, float] = {}
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        # verified for unknown names too, so that both wrong answers take the same time
        self._nobody = HASHER.hash(secrets.token_urlsafe())

    def basic(self, user: str, password: str, address: str) -> Principal:
        """The principal of a name and password.

        Raises:
            AuthenticationError: no such pair; one text for a wrong name and a wrong password.
            LimitError: too many failed tries for this name or from this address.
        """
        principal = self._principals.find(user)
        mark = self._mark(user, password, principal)
        now = self._clock()
        if principal is not None and self._remembers(mark, now):
            return principal
        self._wait(user, address, now)
        try:
            HASHER.verify(principal.password if principal else self._nobody, password)
        except VerificationError:
            self._failed(user, address, now)
            raise AuthenticationError(NEUTRAL) from None
        if principal is None:
            raise AuthenticationError(NEUTRAL)
        with self._lock:
            self._failures.pop(f"user:{user.casefold()}", None)
            self._trim(self._verified)
            self._verified[mark] = now + REMEMBERED_SECONDS
        return principal

    def remembered(self, user: str, password: str) -> Principal | None:
        """The principal of a pair that was verified a short while ago; None where it has to be verified first."""
        principal = self._principals.find(user)
        known = principal is not None and self._remembers(self._mark(user, password, principal), self._clock())
        return principal if known else None

    def _remembers(self, mark: bytes, now: float) -> bool:
        with self._lock:
            return self._verified.get(mark, 0) > now

    def bearer(self, token: str, address: str) -> Principal:
        """The principal of a bearer token.

        Raises:
            AuthenticationError: unknown, revoked or ended.
            LimitError: too many failed tries from this address.
        """
        now = self._clock()
        self._wait("", address, now)
        wanted = digest(token)
        for principal in self._principals.all():
            for known in principal.tokens:
                if hmac.compare_digest(known.digest, wanted) and self._today() <= known.until:
                    return principal
        self._failed("", address, now)
        raise AuthenticationError("The token is not known, or has ended.", hint="Make a new one: flis user token.")

    def _mark(self, user: str, password: str, principal: Principal | None) -> bytes:
        record = msgspec.json.encode(principal)
        text = b"\0".join((user.encode(), password.encode(), record))
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()

    def _wait(self, user: str, address: str, now: float) -> None:
        with self._lock:
            for key in _keys(user, address):
                count, until = self._failures.get(key, (0, 0.0))
                if count > FREE_TRIES and now < until:
                    raise LimitError("Too many failed sign-ins.", hint=f"Try again in {int(until - now) + 1} seconds.")

    def _failed(self, user: str, address: str, now: float) -> None:
        with self._lock:
            self._trim(self._failures)
            for key in _keys(user, address):
                count, until = self._failures.get(key, (0, 0.0))
                count = 1 if now > until + FORGET_FAILURES_SECONDS else count + 1
                wait = min(2.0 ** max(0, count - FREE_TRIES), LONGEST_WAIT_SECONDS) if count > FREE_TRIES else 0.0
                self._failures[key] = (count, now + wait)

    @staticmethod
    def _trim(memory: dict[bytes, float] | dict[str, tuple[int, float]]) -> None:
        while len(memory) >= BOUND:
            del memory[next(iter(memory))]  # type: ignore[arg-type]


def _keys(user: str, address: str) -> list[str]:
    return ([f"user:{user.casefold()}"] if user else []) + [f"address:{address}"]
