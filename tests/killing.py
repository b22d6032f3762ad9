"""A day's chain in a process that dies where it is told to; forked from a warm server, so that it starts at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING

from flis import steps
from flis.cli import chain
from flis.config import Settings

if TYPE_CHECKING:
    from collections import Counter
    from multiprocessing.connection import Connection
    from pathlib import Path

__all__ = ["run"]

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


def _work(folder: Path, crash_at: str, parent: Connection) -> None:
    os.environ["FLIS_CRASH_AT"] = crash_at
    parent.send("ready")
    chain.day(Settings(state=folder), charts=False)
    parent.send(steps.seen)
