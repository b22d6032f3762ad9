"""What CPR later finds to have been wrong: dates, moves and exits that never were, numbers changed or given twice.

A corrected registration stays in the register, marked K (corrected), A (annulled) or Æ (technical change), begins and
ends at the same time, and is no longer true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society import rates
from flis.simulate.society.day_numbers import DAYS, MINUTES
from flis.simulate.society.register import FormerRecord, Mark
from flis.simulate.society.residence import Addresses, close_address, now_at
from flis.simulate.society.table import walk
from flis.simulate.society.today import REFUGE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.simulate.society.table import Rows
    from flis.simulate.society.today import Today

__all__ = ["annulments", "correct_entries", "entry_dates", "move_dates", "technical", "undo_moves"]

RECENT = 60
"""Days after which nothing is corrected any more."""


def entry_dates(today: Today) -> None:
    """Entries get another date, mostly an earlier one."""
    rng = today.chance("entry dates")
    correct_entries(today, rng, today.drawn(rng, rates.ENTRY_CORRECTIONS))


def correct_entries(today: Today, rng: np.random.Generator, rows: Rows) -> Rows:
    """Correct the newest entry of those persons for whom it is the newest change; returns who they were."""
    people, history, register = today.people, today.register.history, today.register
    rows = today.free(rows)
    rows = rows[(people.entered[rows] > today.day - RECENT) & (people.latest[rows] == people.entered[rows])]
    entry = register.newest(rows, FormerRecord.ENTRY)
    right = entry >= 0
    right[right] = history.stop[entry[right]] == people.moved[rows[right]]
    rows, entry = rows[right], entry[right]
    was = history.stop[entry].copy()
    earliest = np.maximum(np.maximum(history.start[entry] // MINUTES, people.birth[rows]) + 1, REFUGE)
    day = was // MINUTES + _shift(rng, len(rows))
    possible = (day >= earliest) & (day <= today.day) & (was // MINUTES >= REFUGE)
    rows, entry, was, day = rows[possible], entry[possible], was[possible], day[possible]
    time = (day * MINUTES + was % MINUTES).astype(np.int32)
    values = {name: getattr(history, name)[entry] for name in ("a", "b", "start", "start_mark")}
    history.start[entry] = was
    history.mark[entry] = Mark.CORRECTED
    register.remember(rows, FormerRecord.ENTRY, stop=time, **values)
    undated = people.country_time[rows] == was
    people.country_time[rows[undated]] = time[undated]
    people.entered[rows] = day
    _begin_at(today, rows, was, time)
    today.note(rng, rows, "A09")
    return rows


def move_dates(today: Today) -> None:
    """Moves get another date."""
    rng, people, history = today.chance("move dates"), today.people, today.register.history
    rows, before = _recent_moves(today, today.drawn(rng, rates.MOVE_CORRECTIONS))
    was = people.moved[rows].copy()
    day = was // MINUTES + _shift(rng, len(rows))
    possible = (day > history.start[before] // MINUTES) & (day <= today.day)
    rows, before, was, day = rows[possible], before[possible], was[possible], day[possible]
    time = (day * MINUTES + was % MINUTES).astype(np.int32)
    close_address(today.register, rows, was, mark=Mark.CORRECTED)
    history.stop[before] = time
    _begin_at(today, rows, was, time)
    today.note(rng, rows, "A09")


def annulments(today: Today) -> None:
    """Moves, exits and whole numbers that should never have been registered."""
    rng, people, history, register = today.chance("annulments"), today.people, today.register.history, today.register
    drawn = today.drawn(rng, rates.ANNULMENTS)
    rows, before = _recent_moves(today, drawn)
    undo_moves(today, rng, rows, before)
    gone = drawn[(people.status[drawn] == 80) & (people.latest[drawn] > today.day - RECENT)]
    gone = gone[people.latest[gone] < today.day]
    last = register.newest(gone, FormerRecord.ADDRESS)
    whole = (last >= 0) & (history.stop[last] == people.status_time[gone])
    gone, last = gone[whole], last[whole]
    time, country = people.status_time[gone], people.abroad[gone]
    register.remember(gone, FormerRecord.ENTRY, a=country, b=country, start=time, stop=time, mark=Mark.ANNULLED)
    _restore(today, gone, last)
    today.note(rng, gone, "A10")
    _annul_numbers(today, rng)


def undo_moves(today: Today, rng: np.random.Generator, rows: Rows, before: Rows) -> None:
    """The newest moves never were: everybody lives where the row of history `before` says."""
    close_address(today.register, rows, today.people.moved[rows], mark=Mark.ANNULLED)
    _restore(today, rows, before)
    today.note(rng, rows, "A10")


def technical(today: Today) -> None:
    """Rows of history are written anew without any change of content; the old ones stay, marked."""
    rng, history = today.chance("technical"), today.register.history
    rows = today.free(today.drawn(rng, rates.TECHNICAL_CHANGES))
    for kind in (FormerRecord.ADDRESS, FormerRecord.ENTRY):
        newest = today.register.newest(rows, kind)
        some, of = rows[newest >= 0], newest[newest >= 0]
        values = {name: getattr(history, name)[of] for name in ("a", "b", "c", "d")}
        time = history.stop[of]
        today.register.remember(some, kind, start=time, stop=time, mark=Mark.TECHNICAL, **values)
        today.note(rng, some, "K74")


def _annul_numbers(today: Today, rng: np.random.Generator) -> None:
    """A number that nobody should have been given: the entry never was."""
    people, history, register = today.people, today.register.history, today.register
    rows = today.free(today.drawn(rng, rates.ANNULLED_NUMBERS))
    rows = rows[(people.entered[rows] > today.day - RECENT) & (people.latest[rows] == people.entered[rows])]
    rows = rows[(people.spouse[rows] < 0) & (people.children[rows] < 0) & (people.mother[rows] < 0)]
    entry = register.newest(rows, FormerRecord.ENTRY)
    fresh = (entry >= 0) & (history.start[entry] == 0)
    rows, entry = rows[fresh], entry[fresh]
    history.start[entry] = history.stop[entry]
    history.mark[entry] = Mark.ANNULLED
    close_address(register, rows, people.moved[rows], mark=Mark.ANNULLED)
    people.status[rows] = 30
    people.status_time[rows] = today.day * MINUTES + 720
    people.stop[rows] = people.latest[rows] = today.day
    people.latest[rows] = DAYS
    people.entered[rows] = 0
    today.note(rng, rows, "P10")


def _recent_moves(today: Today, rows: Rows) -> tuple[Rows, Rows]:
    """Those whose newest change is a recent move, and the row of history of the address before."""
    people, history = today.people, today.register.history
    rows = today.free(rows)
    rows = rows[(people.latest[rows] > today.day - RECENT) & (people.moved[rows] // MINUTES == people.latest[rows])]
    before = today.register.newest(rows, FormerRecord.ADDRESS)
    moved = (before >= 0) & (history.stop[before] == people.moved[rows]) & (people.entered[rows] != people.latest[rows])
    return rows[moved], before[moved]


def _begin_at(today: Today, rows: Rows, was: NDArray[Any], time: NDArray[Any]) -> None:
    """Everything that began with the current address begins at another time."""
    people = today.people
    people.moved[rows] = time
    people.latest[rows] = time // MINUTES
    for column in (people.moved_in, people.previous_time):
        same = column[rows] == was
        column[rows[same]] = time[same]


def _restore(today: Today, rows: Rows, past: Rows) -> None:
    """A former address becomes the current one again, as if it had never ended."""
    people, history = today.people, today.register.history
    latest = people.latest[rows].copy()
    address = Addresses(history.a[past], history.b[past], history.c[past], history.d[past])
    time, moved_in, mark = history.start[past].copy(), history.ref[past].copy(), history.start_mark[past].copy()
    history.kind[past] = FormerRecord.UNDONE
    now_at(today.register, rows, address, time)
    people.moved_in[rows], people.moved_mark[rows], people.latest[rows] = moved_in, mark, latest
    at, row = walk(people.history[rows], history.before)
    elsewhere = (history.kind[row] == FormerRecord.ADDRESS) & (history.mark[row] == Mark.NONE)
    elsewhere &= history.a[row] != address.komkod[at]
    people.previous[rows] = people.previous_time[rows] = 0
    people.previous[rows[at[elsewhere]]] = history.a[row[elsewhere]]
    people.previous_time[rows[at[elsewhere]]] = history.stop[row[elsewhere]]


def _shift(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Days by which a date was wrong: never none, mostly too late."""
    return np.where(rng.random(count) < 0.7, -rng.integers(1, 15, count), rng.integers(1, 10, count))
