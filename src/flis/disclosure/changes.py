"""How many persons a place kept from one moment to another, and how many changes the public can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from flis.disclosure.model import Numbers

__all__ = ["seen", "together"]


def together(
    place: Numbers, person: Numbers, days: Numbers, known: Numbers, *, moments: Numbers, places: int
) -> Numbers:
    """Persons who were in a place at both of two moments: place × moment × moment.

    A row is a stay: `days` is row × (first day, day after the last), `known` row × (from, until before), `moments`
    moment × (day, known), all as days since 1970-01-01. A place below zero is none. A person's stays in one place count
    as one.
    """
    inside = place >= 0
    place, person, days, known = place[inside], person[inside], days[inside], known[inside]
    pairs, at = np.unique(place * (person.max(initial=0) + 1) + person, return_inverse=True)
    home = pairs // (person.max(initial=0) + 1)
    there = np.zeros((len(pairs), len(moments)), np.float32)
    holds = (days[:, :1] <= moments[:, 0]) & (days[:, 1:] > moments[:, 0])
    holds &= (known[:, :1] <= moments[:, 1]) & (known[:, 1:] > moments[:, 1])
    rows, columns = np.nonzero(holds)
    there[at[rows], columns] = 1
    starts = np.searchsorted(home, np.arange(places + 1))
    made = np.zeros((places, len(moments), len(moments)), np.int64)
    for n in range(places):
        part = there[starts[n] : starts[n + 1]]
        made[n] = part.T @ part
    return made


def seen(ends: Numbers, flows: Numbers, totals: Numbers, moments: Numbers, shown: Numbers) -> Numbers:
    """Changes from one moment to a later one as the public can see them: 2 (came, left) × place × moment × moment.

    Of each published period, which ends on a day of `ends`: `flows` is 2 × place × period, who came and who left,
    `totals` place × period, persons at its end. What flows do not explain of the change is a flow of its own. `moments`
    are days, `shown` their totals as they were shown then (moment × place): a total corrected since is a change too.
    """
    places = totals.shape[0]
    rest = np.diff(totals, axis=1, prepend=0) - flows[0] + flows[1]
    steps = flows + np.stack([np.maximum(rest, 0), np.maximum(-rest, 0)])
    running = np.concatenate([np.zeros((2, places, 1), np.int64), np.cumsum(steps, axis=2)], axis=2)
    now = np.concatenate([np.zeros((places, 1), np.int64), totals], axis=1)
    at = np.searchsorted(ends, moments, side="right")
    reached = running[:, :, at]
    corrected = now[:, at] - shown.T
    change = reached[:, :, None, :] - reached[:, :, :, None]
    made: Numbers = change + np.stack([np.maximum(corrected, 0), np.maximum(-corrected, 0)])[..., None]
    return made
