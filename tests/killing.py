"""A day's chain in a process that dies where it is told to; forked from a warm server, so that it starts at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from flis import steps
from flis.cli import chain
from flis.config import Settings
from flis.errors import StorageError

if TYPE_CHECKING:
    from collections import Counter
    from multiprocessing.connection import Connection
    from pathlib import Path

__all__ = ["fill", "fill_up", "run"]

NOWHERE = "nowhere"
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["flis.cli.chain", "flis.release", "flis.warehouse", "flis.delivery", "flis.validation"]
)


def run(folder: Path, *, crash_at: str = NOWHERE, after: float | None = None) -> Counter[str] | None:
    """Do the day's work in `folder`; the steps that were passed, None where the process was killed on its way.

    It dies at the step `crash_at` (see `flis.steps`), or `after` so many seconds.
    """
    ours, theirs = _context.Pipe(duplex=False)
    process = _context.Process(target=_work, args=(folder, crash_at, theirs))
    process.start()
    theirs.close()
    assert ours.recv() == "ready"
    if after is not None:
        time.sleep(after)
        process.kill()
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    passed: Counter[str] | None = ours.recv() if process.exitcode == 0 else None
    ours.close()
    return passed


def fill(folder: Path, *, at: str) -> str:
    """Do the day's work on a disk that is full from the step `at` on; the text of the error, empty if all is done.

    The step is one at which a kill test would end the process: here it writes the disk full instead.
    """
    ours, theirs = _context.Pipe(duplex=False)
    process = _context.Process(target=_work_on_full, args=(folder, at, theirs))
    process.start()
    theirs.close()
    said = str(ours.recv())
    process.join()
    assert process.exitcode == 0
    ours.close()
    return said


def fill_up(file: Path) -> None:
    """Write zeros into `file` until its disk takes no more."""
    with suppress(OSError), file.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(1 << 12))


def _work_on_full(folder: Path, at: str, parent: Connection) -> None:
    def full(*_: object) -> None:
        fill_up(folder.parent / "filler")

    os.environ["FLIS_CRASH_AT"] = at
    os.kill = full
    try:
        chain.day(Settings(state=folder), hooks=False)
    except StorageError as e:
        parent.send(str(e))
    else:
        parent.send("")


def _work(folder: Path, crash_at: str, parent: Connection) -> None:
    os.environ["FLIS_CRASH_AT"] = crash_at
    parent.send("ready")
    chain.day(Settings(state=folder), hooks=False)
    parent.send(steps.seen)
