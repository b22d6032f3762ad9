"""One process at a time changes deliveries."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis.disk import locked, writing
from flis.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State

__all__ = ["lock"]


@contextmanager
def lock(state: State, *, wait: bool = True) -> Iterator[None]:
    """Hold the deliveries of `state`; others wait until the block ends or the holder dies.

    A thread that holds them may take them again.

    Raises:
        StateError: another process holds them, and `wait` is off.
        StorageError: the disk refuses what the block writes.
    """
    busy = StateError("Another process is working on the deliveries.", hint="Wait until it is done, then try again.")
    with writing("the deliveries"), locked(state.deliveries / ".lock", busy=None if wait else busy):
        yield
