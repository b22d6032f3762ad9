"""Which servers of a state folder run: each leaves a note with its address, and holds a lock on it while it lives.

The kernel drops the lock with its process, so the note of a server that was killed is known for what it is.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from flis.errors import StorageError
from flis.storage import writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State

__all__ = ["noted", "running"]


@contextmanager
def noted(state: State, address: str) -> Iterator[None]:
    """Let others find the server of this process at `address`; a state that cannot be written gets no note."""
    note = _folder(state) / str(os.getpid())
    descriptor = -1
    with suppress(StorageError), writing("the note of the server"):
        descriptor = _write(note, address)
    try:
        yield
    finally:
        if descriptor >= 0:
            note.unlink(missing_ok=True)
            os.close(descriptor)


def running(state: State) -> list[str]:
    """The addresses of the servers of `state` that run now; what killed ones left is cleared away."""
    found = []
    for note in sorted(_folder(state).glob("[0-9]*")):
        with suppress(FileNotFoundError), note.open("r", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append(file.read())
            else:
                with suppress(OSError):
                    note.unlink()
    return found


def _write(note: Path, address: str) -> int:
    """Write the note and lock it before it has its name, so that nobody takes it for one that was left behind."""
    note.parent.mkdir(parents=True, exist_ok=True)
    part = note.with_name(f".{note.name}")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, address.encode("ascii"))
    part.replace(note)
    return descriptor


def _folder(state: State) -> Path:
    return state.operations / "serving"
