"""What a statement may use, and the means to stop it."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from flis.errors import CancelledError, LimitError
from flis.query.deadlines import DEADLINES
from flis.query.memory import resident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

PLACES = 2  # statements that work in Python at a time in a process
LOOK = 0.02  # seconds between two looks at the memory of the process
MUCH = 32 << 20  # bytes: a statement that never needed as much is not ended for the memory of others
PER_TEXT = 64  # bytes that a text takes beside its letters, with its place in a column
SLICE = 0.02  # seconds after which a statement lets one that waits go first

__all__ = ["TURNS", "CancelToken", "Gate", "Limits", "Turns", "Watch"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one statement; 0 means no bound."""

    cells: int = 5_000_000
    tuples: int = 5_000_000  # of one axis or set
    rows: int = 1_000_000  # of a drillthrough or flattened result
    seconds: float = 300.0
    memory: int = 2 << 30  # bytes of values that one step of the evaluation may hold
    text: int = 8 << 20  # letters of one text that is made
    texts: int = 128 << 20  # bytes of all texts that one statement makes and answers
    process: int = 5 << 29  # bytes that the process may hold; past it, statements that need much are ended
    depth: int = 100  # nested calculations
    conditions: int = 1000  # comparisons over a rowset, or values of its restrictions
    concurrent: int = 8  # requests of one principal at a time

    def hold(self, name: str, asked: int) -> None:
        """Raise LimitError if `asked` is more than the limit called `name`."""
        allowed = getattr(self, name)
        if allowed and asked > allowed:
            what = {"memory": "bytes of memory", "text": "letters in one text", "texts": "bytes of texts"}.get(
                name, name
            )
            raise LimitError(
                f"The statement asks for {asked:,} {what}; the limit is {allowed:,}.",
                hint="Ask for fewer members, or filter first.",
            )


class CancelToken:
    """Set from another thread to stop a statement."""

    def __init__(self) -> None:
        self.cancelled = False  # whether somebody asked to stop
        self._stops: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def cancel(self) -> None:
        """Stop the statement: running SQL is interrupted, loops end at their next check."""
        self.cancelled = True
        with self._lock:
            for stop in self._stops:
                stop()

    @contextmanager
    def stops(self, stop: Callable[[], None]) -> Iterator[None]:
        """While the block runs, cancelling calls `stop` too."""
        with self._lock:
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)


class Turns:
    """Lets few threads at a time work in Python; the others wait without a fight.

    Those who ask take turns: of the threads that wait, the one goes first whose principal has gone without for longest,
    so that many statements of one principal are no queue for another's. Threads of one principal go as they came.
    Python runs one thread at a time in any case. With many that want to, most of the time goes into their taking the
    interpreter from each other: 16 connections got half the answers of 2. While the store works, a thread steps aside.
    Nobody may hold a lock when he steps aside or offers his place: who has the place could be waiting for it.
    """

    def __init__(self, places: int = PLACES) -> None:
        self._free = places
        self._waiting: deque[tuple[str, threading.Lock]] = deque()  # who asks, and what a thread waits for
        self._served: dict[str, int] = {}  # the number of the last turn that each got since somebody began to wait
        self._turns = 0
        self._lock = threading.Lock()
        self._mine = threading.local()

    def _enter(self) -> None:
        who = getattr(self._mine, "who", "")
        with self._lock:
            if self._free:
                self._free -= 1
                self._note(who)
                turn = None
            else:
                turn = threading.Lock()
                turn.acquire()
                self._waiting.append((who, turn))
        if turn is not None:
            turn.acquire()  # whoever leaves releases it
        self._mine.since = time.monotonic()

    def _leave(self) -> None:
        self._mine.since = None
        with self._lock:
            if self._waiting:
                first = min(self._waiting, key=lambda waiting: self._served.get(waiting[0], 0))
                self._waiting.remove(first)
                self._note(first[0])
                first[1].release()
            else:
                self._free += 1
                self._served.clear()

    def _note(self, who: str) -> None:
        self._turns += 1
        self._served[who] = self._turns

    @contextmanager
    def taken(self, who: str = "") -> Iterator[None]:
        """Work for somebody while the block runs; within another such block nothing more is taken."""
        if getattr(self._mine, "since", None) is not None or getattr(self._mine, "beside", False):
            yield
            return
        self._mine.who = who
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Work without a place while the block runs: for one thread only, and for what is done in a moment.

        Sent to wait behind others, what is quick would make the queue that it waits in: it would not get shorter again.
        """
        self._mine.beside = True
        try:
            yield
        finally:
            self._mine.beside = False

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leave the place to others while the block runs."""
        if getattr(self._mine, "since", None) is None:
            yield
            return
        self._leave()
        try:
            yield
        finally:
            self._enter()

    def offer(self) -> None:
        """Let one that waits go first, after a while of work."""
        since = getattr(self._mine, "since", None)
        if since is not None and self._waiting and time.monotonic() - since > SLICE:
            self._leave()
            self._enter()


TURNS = Turns()


class Watch:
    """Watches one running statement: cancel token, time limit, memory."""

    def __init__(self, limits: Limits, token: CancelToken | None = None, seconds: float = 0.0) -> None:
        self.limits = limits
        self.token = token or CancelToken()
        bounds = [s for s in (limits.seconds, seconds) if s > 0]
        self.seconds = min(bounds, default=0.0)
        self.deadline = time.monotonic() + self.seconds if bounds else float("inf")
        self._most = 0  # bytes that one step needed
        self._texts = 0  # bytes of texts made so far
        self._look = 0.0  # when to look at the memory of the process again

    def check(self) -> None:
        """Raise if the statement was cancelled, ran out of time or the process out of memory; others may go first here.

        Raises:
            CancelledError: cancelled, or out of time.
            LimitError: the process holds too much, and this statement is one that needed much.
        """
        TURNS.offer()
        if self.token.cancelled:
            raise CancelledError("The statement was cancelled.")
        now = time.monotonic()
        if now > self.deadline:
            raise CancelledError(f"The statement ran longer than its time limit of {self.seconds:g} seconds.")
        if now > self._look and self._most >= MUCH:
            self._look = now + LOOK
            self._fits(0)

    def needs(self, size: int) -> None:
        """Take note of a step that needs `size` bytes, before they are taken. Raises: LimitError: too much."""
        self.limits.hold("memory", size)
        self._most = max(self._most, size)
        if size >= MUCH:
            self._fits(size)

    def counted(self, made: Iterable[T]) -> list[T]:
        """Values in a list; the texts among them are counted while they are made. Raises: LimitError: too many."""
        found = []
        for value in made:
            if isinstance(value, str):
                self.text(len(value))
            found.append(value)
        return found

    def text(self, letters: int) -> None:
        """Count a text of so many letters, before it is made if it can be long. Raises: LimitError: too many."""
        self.limits.hold("text", letters)
        self._add(letters + PER_TEXT)

    def texts(self, letters: int) -> None:
        """Count texts of so many letters together. Raises: LimitError: too many."""
        self._add(letters)

    def _add(self, size: int) -> None:
        self._texts += size
        if self._texts > self.limits.texts:
            self.limits.hold("texts", self._texts)
        self._most = max(self._most, self._texts)

    def _fits(self, size: int) -> None:
        if self.limits.process and resident() + size > self.limits.process:
            raise LimitError(
                "The server has not enough memory for this statement now.",
                hint="Ask for less, or ask again when less is running.",
            )

    @contextmanager
    def stops(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` when cancelled or out of time while the block runs."""
        with self.token.stops(stop), DEADLINES.at(self.deadline, stop) if self.seconds else nullcontext():
            yield


class Gate:
    """Counts the requests that each principal has running."""

    def __init__(self) -> None:
        self._running: dict[str, int] = {}
        self._lock = threading.Lock()

    def enter(self, principal: str, limits: Limits) -> None:
        """Count a request that begins. Raises: LimitError: too many at a time."""
        with self._lock:
            running = self._running.get(principal, 0)
            if limits.concurrent and running >= limits.concurrent:
                raise LimitError(
                    f"{running} requests are running already; the limit is {limits.concurrent} at a time.",
                    hint="Wait for one of them, or cancel it.",
                )
            self._running[principal] = running + 1

    def leave(self, principal: str) -> None:
        """Count a request no more."""
        with self._lock:
            self._running[principal] -= 1
            if not self._running[principal]:
                del self._running[principal]
