"""Where records start in a file without line breaks.

Every record says by its type how long it is, and so where the next one starts: a chain that asks for one step after
another. Here many walkers go at once. Each starts at the first place in its own lane that looks like a record and
walks into the next lane; where it does not arrive at the place from which the next walker started, that walker
starts again from there. When all agree, their steps together are the one chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.readers.cpr.digits import LENGTHS, UNKNOWN, person_numbers, record_types, sliding

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["follow", "next_start"]

LANE = 32 << 10
"""Bytes of the file per walker."""

STRETCH = int(LENGTHS.max())
"""The longest record: somewhere in so many bytes a record starts, if there are records at all."""


def follow(buffer: NDArray[np.uint8], start: int, size: int) -> tuple[NDArray[np.int64], int]:
    """The starts of all whole records from `start` on, and the place behind the last of them.

    That place is `size` at the end of the data; else an unknown record type or a cut record stands there.
    """
    bounds = np.arange(start, max(size, start + 1), LANE)
    stops = np.append(bounds[1:], size)
    starts = _guess(buffer, bounds)
    starts[0] = start
    steps = np.full((len(bounds), 0), -1)
    ends = starts.copy()
    wrong = np.ones(len(bounds), np.bool_)
    while wrong.any():
        walked, ends[wrong] = _walk(buffer, starts[wrong], stops[wrong])
        steps = _replace(steps, wrong, walked)
        wrong[0] = False
        wrong[1:] = starts[1:] != ends[:-1]
        starts[1:] = ends[:-1]
    places = steps[steps >= 0]
    if len(places) and ends[-1] > size:
        return places[:-1], int(places[-1])
    return places, int(ends[-1])


def next_start(buffer: NDArray[np.uint8], start: int, stop: int) -> int | None:
    """The first place from `start` up to `stop` at which a record, another and a third follow each other."""
    for begin in range(start, stop, LANE):
        places = np.arange(begin, min(begin + LANE, stop))
        found = places[_looks_right(buffer, places)]
        if len(found):
            return int(found[0])
    return None


def _walk(
    buffer: NDArray[np.uint8], places: NDArray[np.int64], stops: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each walker's steps as a row (-1: none any more), and where it stands in the end."""
    words = sliding(buffer, "<u4")
    steps = []
    while True:
        lengths = np.where(places < stops, LENGTHS[record_types(words[places])], 0)
        if not lengths.any():
            break
        steps.append(np.where(lengths > 0, places, -1))
        places = places + lengths
    return np.stack(steps, axis=1) if steps else np.full((len(places), 0), -1), places


def _replace(steps: NDArray[np.int64], rows: NDArray[np.bool_], walked: NDArray[np.int64]) -> NDArray[np.int64]:
    """`steps` with the given rows walked anew."""
    missing = walked.shape[1] - steps.shape[1]
    if missing > 0:
        steps = np.pad(steps, ((0, 0), (0, missing)), constant_values=-1)
    steps[rows] = -1
    steps[rows, : walked.shape[1]] = walked
    return steps


def _guess(buffer: NDArray[np.uint8], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first place behind each bound that looks like a record; the bound itself where nothing does."""
    places = bounds[:, None] + np.arange(STRETCH)
    first: NDArray[np.int64] = _looks_right(buffer, places.ravel()).reshape(places.shape).argmax(axis=1)
    return bounds + first


def _looks_right(buffer: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether three records with a known type and a number behind it follow each other from each place."""
    right = np.zeros(len(places), np.bool_)
    words = sliding(buffer, "<u4")
    limit = len(words) - 16
    found = np.arange(len(places))
    at = places
    for _ in range(3):
        inside = at < limit
        found, at = found[inside], at[inside]
        types = record_types(words[at])
        known = types != UNKNOWN
        found, at, types = found[known], at[known], types[known]
        _, plain = person_numbers(buffer, at)
        found, at = found[plain], at[plain] + LENGTHS[types[plain]]
    right[found] = True
    return right
