"""One process at a time: a lock on a file, which the kernel drops with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.errors import FlisError

__all__ = ["is_locked", "locked"]

_held = threading.local()


@contextmanager
def locked(file: Path, *, busy: FlisError | None = None, mode: int = 0o600) -> Iterator[None]:
    """Hold the lock on `file`, which is made where it is missing, as its folder is; others wait.

    With `busy` nobody waits: that error is raised where another process holds the lock. A thread that holds it may
    take it again.
    """
    held: set[Path] = _held.__dict__.setdefault("files", set())
    if file in held:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, mode)
    try:
        _take(descriptor, busy)
        held.add(file)
        try:
            yield
        finally:
            held.discard(file)
    finally:
        os.close(descriptor)


def is_locked(file: Path) -> bool:
    """Whether somebody holds the lock on `file` now.

    Raises:
        FileNotFoundError: there is no such file.
    """
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _take(descriptor: int, busy: FlisError | None) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
    except BlockingIOError:
        assert busy  # noqa: S101
        raise busy from None
