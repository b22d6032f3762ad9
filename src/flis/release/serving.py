"""Which release serves: let an earlier one serve again, also where the pointer or a manifest is lost."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis import clock
from flis.errors import DamagedError, NotFoundError, ReleaseError
from flis.release.planning import AREA
from flis.release.publishing import lift, point
from flis.release.reader import Hold, building, numbers, pointer, readable, release
from flis.steps import step
from flis.storage import writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from flis.config import State
    from flis.release.reader import Pointer, Release

__all__ = ["alone", "resume", "rollback"]


def rollback(
    state: State, number: int | None = None, *, reason: str = "", reason_en: str = "", until: date | None = None
) -> Release:
    """Let an earlier release serve again: `number`, or the newest whole one that the serving one was built upon.

    It holds: nothing new is published through the day `until`, or until `resume`. The newest release is never held.
    Where the pointer is lost or damaged it is written anew, and the newest release that is whole serves.

    Raises:
        NotFoundError: there is no such release.
        DamagedError: the release wanted is not whole.
        ReleaseError: there is no earlier one that is.
    """
    with alone(state):
        at = _pointer(state)
        newest = at.newest if at else max(set(numbers(state)) - {building(state)}, default=0)
        wanted = number if number is not None else _earlier(state, at, newest)
        if wanted > newest:
            raise NotFoundError(f"There is no release {wanted}.", hint="`flis release list` shows all.")
        found = release(state, wanted)
        if damaged := found.damage():
            raise DamagedError(
                f"Release {wanted} is damaged, too: {', '.join(damaged[:3])}.",
                hint="Name another release, or lay the files out anew: `flis release resume`, `flis release apply`.",
            )
        hold = Hold((AREA,), reason.strip(), reason_en.strip(), until) if wanted != newest else None
        point(state, wanted, newest, clock.moment().replace(microsecond=0), hold)
        step("release.rolled_back")
        return release(state, wanted)


def resume(state: State) -> bool:
    """Let new releases come again after a roll-back; False where nothing held them. What serves goes on serving."""
    with alone(state):
        lifted = lift(state)
        step("release.resumed")
        return lifted


def _pointer(state: State) -> Pointer | None:
    """The pointer; None where it is lost or damaged, or there is none yet."""
    try:
        return pointer(state)
    except DamagedError:
        return None


def _earlier(state: State, at: Pointer | None, newest: int) -> int:
    """The newest whole release before the serving one; where nobody knows which serves, the newest whole one."""
    serving = readable(state, at.current) if at else None
    last = newest if at is None else (serving.manifest.previous or 0) if serving else at.current - 1
    before = [n for n in reversed(numbers(state)) if n <= last]
    for number in before:
        found = readable(state, number)
        if found and not found.damage():
            return number
    if before:
        raise ReleaseError(
            "No earlier release is whole.", hint="`flis release apply` publishes from the warehouse what it holds."
        )
    raise ReleaseError(
        "There is no earlier release to go back to.",
        hint="" if serving and not serving.damage() else "`flis release apply` publishes what the warehouse holds.",
    )


@contextmanager
def alone(state: State) -> Iterator[None]:
    """One process at a time builds or moves releases; others wait."""
    with writing("the release"):
        state.releases.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(state.releases / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
