"""Tries to sign in, counted so that guessing gets slower and slower.

A try is counted before its password is verified, and taken off again if the password was right. So tries in parallel
cannot outrun the count. The strict budget is that of a name at an address: nobody can lock out somebody else. The
budgets of a name and of an address are loose, and they do not bind a pair that signed in lately.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from flis.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BY_ADDRESS", "BY_NAME", "BY_PAIR", "Attempts", "Budget"]

T = TypeVar("T")
Key: TypeAlias = tuple[str, str]  # name and address; empty where the budget does not look at it

FORGET_SECONDS = 900  # after which earlier tries count no more
TRUST_SECONDS = 12 * 3600  # for which a pair that signed in is free of the loose budgets
BOUND = 10_000  # keys in memory: an attacker's names and addresses must not fill it


@dataclass(frozen=True, slots=True)
class Budget:
    """How many tries are free; after them each further one waits twice as long as the last."""

    free: int
    longest: float  # seconds of the longest wait

    def wait(self, tries: int) -> float:
        """The seconds to wait after so many tries."""
        beyond = tries - self.free
        return min(2.0 ** min(beyond + 1, 32), self.longest) if beyond >= 0 else 0.0


BY_PAIR = Budget(free=5, longest=300)
BY_NAME = Budget(free=50, longest=30)
BY_ADDRESS = Budget(free=50, longest=30)


class Attempts:
    """The tries of one process; safe to share between threads. Times are seconds of a steady clock."""

    def __init__(self) -> None:
        self._tries: dict[Key, tuple[int, float]] = {}  # number, and when the next one is allowed
        self._trusted: dict[Key, float] = {}
        self._lock = threading.Lock()

    def reserve(self, user: str, address: str, now: float) -> None:
        """Count a try before it is made.

        Raises:
            BusyError: the next try is allowed later only.
        """
        with self._lock:
            budgets = list(self._budgets(user, address, now))
            waits = [until - now for key, _ in budgets if (until := self._tries.get(key, (0, 0.0))[1]) > now]
            if waits:
                raise BusyError("Too many failed sign-ins.", seconds=max(waits))
            for key, budget in budgets:
                count, until = self._tries.pop(key, (0, 0.0))
                count = 1 if now > until + FORGET_SECONDS else count + 1
                self._keep(self._tries, key, (count, now + budget.wait(count)))

    def succeeded(self, user: str, address: str, now: float) -> None:
        """Take the try off again: the password was right."""
        pair = (user.casefold(), address)
        with self._lock:
            for key, budget in self._budgets(user, address, now):
                count = self._tries.pop(key, (1, 0.0))[0] - 1
                if count and key != pair:
                    self._keep(self._tries, key, (count, now + budget.wait(count)))
            self._keep(self._trusted, pair, now + TRUST_SECONDS)

    def _budgets(self, user: str, address: str, now: float) -> Iterator[tuple[Key, Budget]]:
        name = user.casefold()
        yield (name, address), BY_PAIR
        if self._trusted.get((name, address), 0.0) < now:
            yield (name, ""), BY_NAME
            yield ("", address), BY_ADDRESS

    @staticmethod
    def _keep(memory: dict[Key, T], key: Key, value: T) -> None:
        memory.pop(key, None)
        while len(memory) >= BOUND:
            del memory[next(iter(memory))]
        memory[key] = value
