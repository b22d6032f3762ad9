"""What a database knows of statements by their text: the syntax tree, and what was prepared from it; never figures.

Both are kept for whoever asks the same again. What was prepared serves one run at a time, as a text put together during
evaluation is bound by the same binder: a run takes it, and gives it back when it has ended well.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis.query.languages.mdx import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flis.query.languages.mdx import syntax as s
    from flis.query.prepared import Prepared

__all__ = ["KnownStatement", "Statements"]

BOUND = 250_000  # characters of all texts; what is kept of them takes some 80 bytes each
LONGEST = 20_000  # characters: a list of thousands of members is seldom asked for twice
MOMENT = 0.005  # seconds of processor time (as long as Python stays with a thread), and
FEW = 2_000  # cells or tuples, up to which a statement is a quick one


class KnownStatement:
    """A statement's syntax tree, what was prepared from it for each cube, and whether it was a quick one last time."""

    def __init__(self, tree: s.Statement) -> None:
        self.tree = tree
        self.quick = False
        self._idle: dict[tuple[object, ...], Prepared] = {}

    @contextmanager
    def prepared(self, of: tuple[object, ...], make: Callable[[], Prepared]) -> Iterator[Prepared]:
        """What is ready for one run on a cube, with or without members that are not there.

        Made where it is not ready, another run has it, or the last one failed.
        """
        found = self._idle.pop(of, None) or make()
        yield found
        self._idle[of] = found

    def took(self, seconds: float, size: int) -> None:
        """Note how much of its thread's time a run took, and how many cells or tuples came of it."""
        self.quick = seconds <= MOMENT and size <= FEW


class Statements:
    """The statements asked last, bounded by the characters of their texts."""

    def __init__(self, bound: int = BOUND) -> None:
        self._bound = bound
        self._known: OrderedDict[str, KnownStatement] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def quick(self, text: str) -> bool:
        """Whether a statement was answered within a moment when it was asked last."""
        found = self._known.get(text)
        return found is not None and found.quick

    def known(self, text: str) -> KnownStatement:
        """A statement by its text.

        Raises:
            StatementError: it is none.
        """
        with self._lock:
            found = self._known.get(text)
            if found is not None:
                self._known.move_to_end(text)
                return found
        made = KnownStatement(parse(text))
        if len(text) <= LONGEST:
            with self._lock:
                if text not in self._known:
                    self._size += len(text)
                self._known[text] = made
                while self._size > self._bound:
                    oldest, _ = self._known.popitem(last=False)
                    self._size -= len(oldest)
        return made
