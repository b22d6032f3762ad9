"""Named points between two changes of state, where a kill test can end the process.

In normal operation a step does nothing. With `FLIS_CRASH_AT` in the environment the process kills itself there,
as a power cut would: no handler runs, no buffer is written.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

__all__ = ["seen", "step"]

seen: Counter[str] = Counter()
"""How often each step was passed in this process, `*` all of them; counted only where `FLIS_CRASH_AT` is set."""


def step(name: str) -> None:
    """Say that the state on disk has just changed; `name` is `stage.what`, such as `receive.encrypted`.

    `FLIS_CRASH_AT=NAME` kills at the first step of that name, `NAME:3` at the third; `*:17` at the 17th of any name,
    so that a test can walk through all of them without a list.
    """
    wanted = os.environ.get("FLIS_CRASH_AT")
    if not wanted:
        return
    seen.update((name, "*"))
    target, _, count = wanted.partition(":")
    if target in {name, "*"} and seen[target] == int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
