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
    by_code,
    code_index,
    columns_of,
    person_numbers,
    record_types,
    sliding,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HEAD", "follow", "heads", "next_start"]

LANE = 32 << 10
"""Bytes of the file per walker."""

STRETCH = int(LENGTHS.max())
"""The longest record: somewhere in so many bytes a record starts, if there are records at all."""

HEAD = 16
"""Bytes at a record's start that are looked at together: its type, its person, and three more."""

_STEPS = by_code(LENGTHS, 0)


def heads(buffer: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """What stands at each place, one row of `HEAD` characters each."""
    return sliding(buffer, f"V{HEAD}")[places].view(np.uint8).reshape(len(places), HEAD)


def follow(buffer: NDArray[np.uint8], start: int, size: int) -> tuple[NDArray[np.int64], int]:
    """The starts of all whole records from `start` on, and the place behind the last of them.

    That place is `size` at the end of the data; else an unknown record type or a cut record stands there.
    """
    places, end = _chain(buffer, start, size)
    strange = np.flatnonzero(record_types(columns_of(heads(buffer, places), 0, "<u4")) == UNKNOWN)
    if len(strange):
        return places[: strange[0]], int(places[strange[0]])
    if len(places) and end > size:
        return places[:-1], int(places[-1])
    return places, end


def next_start(buffer: NDArray[np.uint8], start: int, stop: int) -> int | None:
    """The first place from `start` up to `stop` at which a record, another and a third follow each other."""
    for begin in range(start, stop, LANE):
        places = np.arange(begin, min(begin + LANE, stop))
        found = places[_looks_right(buffer, places)]
        if len(found):
            return int(found[0])
    return None


def _chain(buffer: NDArray[np.uint8], start: int, size: int) -> tuple[NDArray[np.int64], int]:
    """All steps from `start` on, and where the last one leads; characters are taken for digits unseen."""
    bounds = np.arange(start, max(size, start + 1), LANE)
    stops = np.append(bounds[1:], size)
    starts = _guess(buffer, bounds)
    starts[0] = start
    walks: list[NDArray[np.int64]] = [bounds] * len(bounds)
    ends = starts.copy()
    wrong = np.ones(len(bounds), np.bool_)
    while wrong.any():
        lanes = np.flatnonzero(wrong)
        steps = _walk(buffer, starts[lanes], stops[lanes])
        ends[lanes] = steps[:, -1]
        for lane, places in zip(lanes, steps, strict=True):
            walks[lane] = places
        missed = np.append(False, starts[1:] != ends[:-1])
        wrong = missed & ~np.append(False, missed[:-1])  # behind a walker that must go again nothing is known
        starts[wrong] = ends[np.flatnonzero(wrong) - 1]
    return np.concatenate([places[:-1][np.diff(places) > 0] for places in walks]), int(ends[-1])


def _walk(buffer: NDArray[np.uint8], places: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each walker stands after each step, one row per walker; who has come to the end stays there."""
    words = sliding(buffer, "<u4")
    steps = [places]
    while True:
        lengths = _STEPS[code_index(words[places])] * (places < stops)
        if not lengths.any():
            return np.stack(steps, axis=1)
        places = places + lengths
        steps.append(places)


def _guess(buffer: NDArray[np.uint8], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first place behind each bound that looks like a record; the bound itself where nothing does."""
    places = bounds[:, None] + np.arange(STRETCH)
    first: NDArray[np.int64] = _looks_right(buffer, places.ravel()).reshape(places.shape).argmax(axis=1)
    return bounds + first


def _looks_right(buffer: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether three records with a known type and a number behind it follow each other from each place."""
    right = np.zeros(len(places), np.bool_)
    limit = len(buffer) - HEAD
    found = np.arange(len(places))
    at = places
    for _ in range(3):
        inside = at < limit
        found, at = found[inside], at[inside]
        rows = heads(buffer, at)
        types = record_types(columns_of(rows, 0, "<u4"))
        known = (types != UNKNOWN) & (types != NUMBERS["000"])  # many fields in a row are filled with zeros
        found, at, types = found[known], at[known], types[known]
        _, plain = person_numbers(rows[known])
        found, at = found[plain], at[plain] + LENGTHS[types[plain]]
    right[found] = True
    return right
