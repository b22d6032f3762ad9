"""Whether the deliveries of an installation are simulated, and on which day it stands then: two small files.

A state folder is simulated where `flis demo` made it, or where the first delivery that it ever took came with a day of
arrival. The mark is never taken away, and a folder with deliveries that came as they came never gets it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from flis import clock
from flis.disk import write
from flis.errors import RefusedError, StateError

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["arrival", "go_on_to", "mark_simulated", "simulated", "stands_at", "stop"]

NOON = time(12)


def mark_simulated(state: State) -> None:
    """Mark the state folder: all persons in it are simulated. The mark is never taken away."""
    state.operations.mkdir(parents=True, exist_ok=True)
    write(state.operations / "simulated", b"All persons in this state folder are simulated.\n")


def simulated(state: State) -> bool:
    """Whether the persons are simulated, so that every page and file must say so.

    A demonstration made before there was a mark is known by the file in which it keeps its dates and scales.
    """
    return (state.operations / "simulated").exists() or (state.root / "demo.json").exists()


def stands_at(state: State) -> date | None:
    """The day at which the clock of a simulated state folder stands; None where it goes as all clocks do.

    Raises:
        StateError: what `stop` wrote cannot be read.
    """
    try:
        return date.fromisoformat((state.operations / "today").read_text("ascii").strip())
    except FileNotFoundError:
        return None
    except ValueError:
        raise StateError(
            "The stopped clock of the state folder cannot be read.", hint="Remove operations/today."
        ) from None


def stop(state: State, day: date) -> None:
    """Let the clock of this state folder stand at `day`, as simulated data need it."""
    state.operations.mkdir(parents=True, exist_ok=True)
    write(state.operations / "today", day.isoformat().encode())


def go_on_to(state: State, day: date) -> None:
    """Let the clock of a simulated state folder stand at `day`, unless it stands at a later one; of another nothing."""
    if simulated(state) and (stands_at(state) or date.min) < day:
        stop(state, day)


def arrival(state: State, day: date | None, known: int) -> datetime:
    """The moment at which a delivery is received that is said to arrive on `day`, where `known` ones came before it.

    Of a day in a simulated state the order of receipt alone is told, not the time.

    Raises:
        RefusedError: a day is given, and the state folder holds deliveries that came without one.
    """
    if simulated(state):
        day = day or stands_at(state)
    elif day is not None and known:
        raise RefusedError(
            "The state folder holds deliveries that came as they came: no day of arrival can be given here.",
            hint="Simulate in a state folder of its own: its first delivery comes with --arrived.",
        )
    if day is None:
        return clock.moment()
    noon = datetime.combine(day, NOON, clock.COPENHAGEN).astimezone(UTC)
    return noon + timedelta(microseconds=known)
