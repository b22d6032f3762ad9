"""The run log: one JSON line per command that changed something, with what it did and how it ended."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from flis import clock
from flis.disk import append, writing
from flis.errors import FlisError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State

__all__ = ["Run", "logged", "runs"]


class Run(msgspec.Struct, kw_only=True):
    """One run of a command; `did` holds counts and ids, never file names or values; `outcome` an error's code or ok."""

    command: str
    started: datetime
    seconds: float = 0.0
    outcome: str = "ok"
    did: dict[str, int | str] = {}


@contextmanager
def logged(state: State, command: str) -> Iterator[Run]:
    """Run the block and add a line on it to the log, also where it fails; the block fills in `did`."""
    run, began = Run(command=command, started=clock.now()), time.monotonic()
    try:
        yield run
    except BaseException as e:
        run.outcome = e.code if isinstance(e, FlisError) else "failed"
        with suppress(StorageError):  # what ended the run says more than a log that cannot be written either
            _note(state, run, began)
        raise
    _note(state, run, began)


def runs(state: State, newest: int = 50) -> list[Run]:
    """The last runs, the newest first; a line that a power cut left unfinished is passed over."""
    try:
        lines = _file(state).read_bytes().splitlines()[-newest:]
    except FileNotFoundError:
        return []
    found = []
    for line in reversed(lines):
        try:
            found.append(msgspec.json.decode(line, type=Run))
        except msgspec.MsgspecError:
            continue
    return found


def _note(state: State, run: Run, began: float) -> None:
    run.seconds = round(time.monotonic() - began, 3)
    with writing("the run log"):
        _file(state).parent.mkdir(parents=True, exist_ok=True)
        # The line break comes first: what a power cut left unfinished takes no other line with it.
        append(_file(state), b"\n" + msgspec.json.encode(run))


def _file(state: State) -> Path:
    return state.operations / "runs.jsonl"
