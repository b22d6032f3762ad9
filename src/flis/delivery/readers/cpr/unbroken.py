"""Where records start in a file without line breaks.

Every record says by its type how long it is, and so where the next one starts: a chain that asks for one step after
another. Here many walkers go at once. Each starts at the first place in its own lane that looks like a record and
walks into the next lane; where it does not arrive at the place from which the next walker started, that walker
starts again from there. When all agree, their steps together are the one chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.readers.cpr.digits import (
    LENGTHS,
    NUMBERS,
    UNKNOWN,
    lengths_by_code,
    person_numbers,
    record_types,
    sliding,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HEAD", "follow", "heads", "next_start"]

LANE = 16 << 10
"""Bytes of the file per walker."""

GLANCE = 128
"""Places that are looked at together for a walker's start."""

STRETCH = int(LENGTHS.max())
"""The longest record: somewhere in so many bytes a record starts, if there are records at all."""

HEAD = 16
"""Bytes at a record's start that are looked at together: its type, its person, and three more."""


def heads(buffer: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """What stands at each place, one row of `HEAD` characters each."""
    return sliding(buffer, f"V{HEAD}")[places].view(np.uint8).reshape(len(places), HEAD)


def follow(buffer: NDArray[np.uint8], start: int, size: int) -> tuple[NDArray[np.int64], int]:
    """The starts of all whole records from `start` on, and the place behind the last of them.

    That place is `size` at the end of the data; else an unknown record type or a cut record stands there.
    """
    bounds = np.arange(start, max(size, start + 1), LANE)
    stops = np.append(bounds[1:], size)
    guesses = _guess(buffer, bounds)
    steps = _walk(buffer, guesses, stops)
    arrived = steps[:, -1]
    chain, place, lane = [], start, 0
    while lane < len(stops) and (lane == 0 or place >= stops[lane - 1]):
        if guesses[lane] == place:  # this walker is right, and so are those behind it that were arrived at
            right = 1 + int(np.argmin(np.append(guesses[lane + 1 :] == arrived[lane:-1], False)))
            walked = steps[lane : lane + right]
        else:
            right = 1
            walked = _walk(buffer, np.array([place]), stops[lane : lane + 1])
        chain.append(walked[:, :-1][walked[:, 1:] > walked[:, :-1]])
        place = int(walked[-1, -1])
        lane += right
    places = np.concatenate(chain)
    return (places[:-1], int(places[-1])) if place > size else (places, place)


def next_start(buffer: NDArray[np.uint8], start: int, stop: int) -> int | None:
    """The first place from `start` up to `stop` at which a record, another and a third follow each other."""
    for begin in range(start, stop, LANE):
        places = np.arange(begin, min(begin + LANE, stop))
        found = places[_looks_right(buffer, places)]
        if len(found):
            return int(found[0])
    return None


def _walk(buffer: NDArray[np.uint8], places: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each walker stands after each step, one row per walker; who cannot go on stays there."""
    words = sliding(buffer, "<u4")
    if len(places) == 1:
        return _walk_alone(words, int(places[0]), int(stops[0]))
    steps = [places]
    while True:
        lengths = LENGTHS.take(record_types(words[places])) * (places < stops)
        if not lengths.any():
            return np.stack(steps, axis=1)
        places = places + lengths
        steps.append(places)


def _walk_alone(words: NDArray[np.uint32], place: int, stop: int) -> NDArray[np.int64]:
    """As `_walk` for one walker, for whom arrays of one item are slow: where every guess is wrong, each walks alone."""
    lengths, steps = lengths_by_code(), [place]
    while place < stop and (length := lengths.get(words.item(place) & 0xFFFFFF)):
        place += length
        steps.append(place)
    return np.array([steps], np.int64)


def _guess(buffer: NDArray[np.uint8], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first place behind each bound that looks like a record; the bound itself where nothing does."""
    guesses = bounds.copy()
    open_lanes = np.arange(len(bounds))
    for begin in range(0, STRETCH, GLANCE):
        places = bounds[open_lanes, None] + np.arange(begin, begin + GLANCE)
        right = _looks_right(buffer, places.ravel()).reshape(places.shape)
        found = right.any(axis=1)
        guesses[open_lanes[found]] = places[found, right[found].argmax(axis=1)]
        open_lanes = open_lanes[~found]
    return guesses


def _looks_right(buffer: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether three records with a known type and a number behind it follow each other from each place."""
    right = np.zeros(len(places), np.bool_)
    limit = len(buffer) - HEAD
    words = sliding(buffer, "<u4")
    found, at = np.arange(len(places)), places
    for _ in range(3):
        inside = at < limit
        found, at = found[inside], at[inside]
        types = record_types(words[at])
        known = np.flatnonzero((types != UNKNOWN) & (types != NUMBERS["000"]))  # many fields are filled with zeros
        _, plain = person_numbers(heads(buffer, at[known]))
        known = known[plain]
        found, at = found[known], at[known] + LENGTHS[types[known]]
    right[found] = True
    return right
