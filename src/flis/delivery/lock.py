"""One process at a time changes deliveries."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis.errors import StateError
from flis.storage import writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State

__all__ = ["lock"]

_held = threading.local()


@contextmanager
def lock(state: State, *, wait: bool = True) -> Iterator[None]:
    """Hold the deliveries of `state`; others wait until the block ends or the holder dies.

    The kernel drops the lock with its process, so a killed run leaves no stale one. A thread that holds it may take it
    again.

    Raises:
        StateError: another process holds it, and `wait` is off.
        StorageError: the disk refuses what the block writes.
    """
    file = state.deliveries / ".lock"
    held: set[Path] = _held.__dict__.setdefault("files", set())
    if file in held:
        yield
        return
    with writing("the deliveries"):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(descriptor, wait=wait)
            held.add(file)
            try:
                yield
            finally:
                held.discard(file)
        finally:
            os.close(descriptor)


def _take(descriptor: int, *, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise StateError(
            "Another process is working on the deliveries.", hint="Wait until it is done, then try again."
        ) from None
