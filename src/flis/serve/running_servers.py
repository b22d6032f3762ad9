"""Which servers of a state folder run: each leaves a note with its address, and holds a lock on it while it lives.

The kernel drops the lock with its process, so the note of a server that was killed is known for what it is.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from flis.disk import is_locked, locked, writing
from flis.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State

__all__ = ["noted", "running"]


@contextmanager
def noted(state: State, address: str) -> Iterator[None]:
    """Let others find the server of this process at `address`; a state that cannot be written gets no note."""
    with ExitStack() as held:
        with suppress(StorageError), writing("the note of the server"):
            held.enter_context(_held(_folder(state) / str(os.getpid()), address))
        yield


def running(state: State) -> list[str]:
    """The addresses of the servers of `state` that run now; what killed ones left is cleared away."""
    found = []
    for note in sorted(_folder(state).glob("[0-9]*")):
        with suppress(FileNotFoundError):
            if is_locked(note):
                found.append(note.read_text("ascii"))
                continue
            with suppress(OSError):
                note.unlink()
    return found


@contextmanager
def _held(note: Path, address: str) -> Iterator[None]:
    """The note, locked before it has its name, so that nobody takes it for one that was left behind."""
    part = note.with_name(f".{note.name}")
    with locked(part, mode=0o644):
        part.write_text(address, "ascii")
        part.replace(note)
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def _folder(state: State) -> Path:
    return state.operations / "serving"
