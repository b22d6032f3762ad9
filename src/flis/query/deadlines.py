"""Functions that are called when their time has come, by one thread for all: a thread of its own for each is slow."""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["DEADLINES", "Deadlines"]


class Deadlines:
    """What is to be called, and when."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int]] = []  # a heap
        self._calls: dict[int, Callable[[], None]] = {}
        self._numbers = count()
        self._changed = threading.Condition()
        self._looks = math.inf  # when the thread looks again by itself
        self._thread: threading.Thread | None = None

    @contextmanager
    def at(self, moment: float, call: Callable[[], None]) -> Iterator[None]:
        """Call it at a moment of the monotonic clock, unless the block has ended by then."""
        with self._changed:
            number = next(self._numbers)
            self._calls[number] = call
            heappush(self._due, (moment, number))
            if moment < self._looks:  # waking it costs more than most of what it watches over
                self._looks = moment
                self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._changed:
                self._calls.pop(number, None)
                self._forget()

    def _forget(self) -> None:
        """Drop what is over from the front."""
        while self._due and self._due[0][1] not in self._calls:
            heappop(self._due)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._forget()
                self._looks = self._due[0][0] if self._due else math.inf
                left = self._looks - time.monotonic()
                if left > 0:
                    self._changed.wait(min(left, threading.TIMEOUT_MAX))
                    continue
                call = self._calls.pop(heappop(self._due)[1])
            call()


DEADLINES = Deadlines()
