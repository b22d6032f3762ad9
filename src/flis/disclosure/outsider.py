"""What an outsider can work out of figures who knows everything but the key.

The outsider knows how figures are rounded, that a cell's offset stays, every figure ever shown, and at most how many
persons came and left between two of them; and takes it that nobody changes groups. Where that contradicts the figures,
they tell that somebody had a birthday, or married. The outsider lets go of the step at which they do, and works on.

Arrays are figure × place × group × offset. Per offset a cell's possible values are one interval; they are narrowed
from figure to figure, both ways, and by the exact sum, until nothing changes. Every interval holds at least what is
possible, and work that does not settle counts as told: what is not known to be safe is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.disclosure.model import Numbers, Shown

__all__ = ["WIDE", "Chains", "Told", "chains", "told"]

WIDE = 3
"""A cell, and its change between two figures, has to have at least so many possible values."""
ROUNDS = 40
MANY = np.int64(10**9)


@dataclass(frozen=True, slots=True)
class Chains:
    """The figures of each place one after the other, filled up at the end to the length of the longest.

    `figures` is figure × place × group, of which `rest` is the balance group and the others are rounded to `base`;
    `came` and `went` are figure × place, of the step that ends there; `there` says which are figures and which fill.
    """

    place: Numbers
    figures: Numbers
    came: Numbers
    went: Numbers
    there: NDArray[np.bool_]
    base: int
    rest: int


@dataclass(frozen=True, slots=True)
class Told:
    """What figures tell: which cells and which steps have too few possible values."""

    place: Numbers
    cells: NDArray[np.bool_]
    """Figure × place × group."""
    steps: NDArray[np.bool_]
    """Figure × place × group, of the step that ends there."""
    torn: NDArray[np.bool_]
    """Figure × place: only a change of groups explains the step that ends there."""
    open: NDArray[np.bool_]
    """By place: the work did not settle."""

    @property
    def any_of(self) -> NDArray[np.bool_]:
        """By place: whether anything is told, but for changes of groups."""
        return self.cells.any((0, 2)) | self.steps.any((0, 2)) | self.open


@dataclass(slots=True)
class _Bounds:
    """Possible values: of the rounded groups per offset, of the balance group."""

    low: Numbers
    high: Numbers
    low_rest: Numbers
    high_rest: Numbers
    alive: NDArray[np.bool_]


def chains(shown: Shown, base: int, rest: int) -> Chains:
    """Figures, ordered by place and day, as chains."""
    place, start, length = np.unique(shown.place, return_index=True, return_counts=True)
    longest = int(length.max(initial=0))
    at = np.minimum(np.arange(longest)[:, None], length - 1) + start
    there = np.arange(longest)[:, None] < length
    step = there & (np.arange(longest)[:, None] > 0)
    came, went = (np.where(step, column[at], MANY) for column in (shown.came, shown.went))
    return Chains(place, shown.counts[at], came, went, there, base, rest)


def told(shown: Chains) -> Told:
    """What the figures of each place tell."""
    of = replace(shown, came=shown.came.copy(), went=shown.went.copy())
    for _ in range(len(of.figures) + 1):
        bounds, settled = _narrowed(of)
        torn = _torn(bounds)
        if not torn.any():
            break
        _let_go(of, torn)
    cells, steps = _too_few(of, bounds)
    return Told(of.place, cells, steps, of.came > shown.came, ~settled | torn)


def _start(of: Chains) -> _Bounds:
    """What a single figure says: r <= x + u <= r + base - 1, 0 <= x <= total."""
    total = of.figures.sum(2)
    rounded = np.delete(of.figures, of.rest, 2)[..., None]
    offset = np.arange(of.base)
    low = np.maximum(rounded - offset, 0)
    high = np.minimum(rounded + (of.base - 1) - offset, total[..., None, None])
    low[~of.there], high[~of.there] = 0, MANY
    nothing = np.zeros_like(total)
    alive = np.ones(low.shape[1:], np.bool_)
    return _Bounds(low, high, nothing, np.where(of.there, total, MANY), alive)


def _narrowed(of: Chains) -> tuple[_Bounds, NDArray[np.bool_]]:
    """The bounds narrowed until nothing changes, and which places have settled."""
    bounds = _start(of)
    total = of.figures.sum(2)
    settled = np.zeros(total.shape[1], np.bool_)
    for _ in range(ROUNDS):
        former = [np.copy(a) for a in (bounds.low, bounds.high, bounds.low_rest, bounds.high_rest, bounds.alive)]
        _by_steps(bounds, of.came, of.went)
        _by_total(bounds, total, of.there)
        now = (bounds.low, bounds.high, bounds.low_rest, bounds.high_rest, bounds.alive)
        settled = np.ones_like(settled)
        for place_axis, a, b in zip((1, 1, 1, 1, 0), former, now, strict=True):
            others = tuple(n for n in range(a.ndim) if n != place_axis)
            settled &= (a == b).all(others)
        if settled.all():
            break
    return bounds, settled


def _hull(bounds: _Bounds) -> tuple[Numbers, Numbers]:
    """The least and the greatest possible value of each rounded group, over all offsets that are left."""
    low = np.where(bounds.alive, bounds.low, MANY).min(3)
    high = np.where(bounds.alive, bounds.high, -MANY).max(3)
    return low, high


def _by_steps(bounds: _Bounds, came: Numbers, went: Numbers) -> None:
    """From a figure to the next a group grows by at most who came, and shrinks by at most who left.

    Who came into other groups for certain did not come into this one.
    """
    least, most = _changes(bounds)
    up, down = np.maximum(least, 0), np.maximum(-most, 0)
    room_up = came[1:, :, None] - (up.sum(2)[..., None] - up)
    room_down = went[1:, :, None] - (down.sum(2)[..., None] - down)
    low, high = bounds.low, bounds.high
    _walk(low, high, room_up[..., 1:, None], room_down[..., 1:, None])
    _walk(bounds.low_rest, bounds.high_rest, room_up[..., 0], room_down[..., 0])
    bounds.alive &= (low <= high).all(0)


def _walk(low: Numbers, high: Numbers, up: Numbers, down: Numbers) -> None:
    for n in range(1, len(low)):
        np.maximum(low[n], low[n - 1] - down[n - 1], out=low[n])
        np.minimum(high[n], high[n - 1] + up[n - 1], out=high[n])
    for n in range(len(low) - 1, 0, -1):
        np.maximum(low[n - 1], low[n] - up[n - 1], out=low[n - 1])
        np.minimum(high[n - 1], high[n] + down[n - 1], out=high[n - 1])


def _changes(bounds: _Bounds) -> tuple[Numbers, Numbers]:
    """The least and the greatest possible change of each group from figure to figure, the balance group first."""
    least = np.where(bounds.alive, bounds.low[1:] - bounds.high[:-1], MANY).min(3, initial=MANY)
    most = np.where(bounds.alive, bounds.high[1:] - bounds.low[:-1], -MANY).max(3, initial=-MANY)
    least[least == MANY], most[most == -MANY] = -MANY, MANY
    rest = (
        (bounds.low_rest[1:] - bounds.high_rest[:-1])[..., None],
        (bounds.high_rest[1:] - bounds.low_rest[:-1])[..., None],
    )
    return np.concatenate([rest[0], least], 2), np.concatenate([rest[1], most], 2)


def _by_total(bounds: _Bounds, total: Numbers, there: NDArray[np.bool_]) -> None:
    """The groups add up to the exact total."""
    low, high = _hull(bounds)
    possible = there & _possible(bounds)
    low_rest = np.maximum(bounds.low_rest, total - high.sum(2))
    high_rest = np.minimum(bounds.high_rest, total - low.sum(2))
    bounds.low_rest, bounds.high_rest = (
        np.where(possible, low_rest, bounds.low_rest),
        np.where(possible, high_rest, bounds.high_rest),
    )
    others_low = low.sum(2)[..., None] - low + bounds.low_rest[..., None]
    others_high = high.sum(2)[..., None] - high + bounds.high_rest[..., None]
    at_least = np.where(possible[..., None], total[..., None] - others_high, -MANY)
    at_most = np.where(possible[..., None], total[..., None] - others_low, MANY)
    np.maximum(bounds.low, at_least[..., None], out=bounds.low)
    np.minimum(bounds.high, at_most[..., None], out=bounds.high)
    bounds.alive &= (bounds.low <= bounds.high).all(0)


def _let_go(of: Chains, torn: NDArray[np.bool_]) -> None:
    """Free the step at which the figures of a place come to contradict each other: the first that cannot be walked."""
    for place in np.flatnonzero(torn):
        good, bad = 0, int(of.there[:, place].sum()) - 1
        while bad - good > 1:
            middle = (good + bad) // 2
            if _is_torn(of, slice(0, middle + 1), slice(place, place + 1)):
                bad = middle
            else:
                good = middle
        of.came[bad, place] = of.went[bad, place] = MANY


def _is_torn(of: Chains, part: slice, one: slice) -> bool:
    chain = replace(
        of,
        place=of.place[one],
        figures=of.figures[part, one],
        came=of.came[part, one],
        went=of.went[part, one],
        there=of.there[part, one],
    )
    return bool(_torn(_narrowed(chain)[0]).any())


def _possible(bounds: _Bounds) -> NDArray[np.bool_]:
    """By place: every group has an offset that explains all figures."""
    groups: NDArray[np.bool_] = np.any(bounds.alive, axis=2)
    return np.asarray(np.all(groups, axis=1), np.bool_)


def _torn(bounds: _Bounds) -> NDArray[np.bool_]:
    """By place: the figures contradict what the outsider takes for granted."""
    return np.asarray(~_possible(bounds) | np.any(bounds.low_rest > bounds.high_rest, axis=0), np.bool_)


def _too_few(of: Chains, bounds: _Bounds) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which cells, and which changes, have fewer than `WIDE` possible values."""
    came, went, rest = of.came, of.went, of.rest
    reach = np.arange(1 - of.base, of.base)
    rounded = np.delete(of.figures, rest, 2)
    alive = bounds.alive[..., None]
    values = (rounded[..., None] + reach)[:, :, :, None]
    possible = (values >= bounds.low[..., None]) & (values <= bounds.high[..., None]) & alive
    cells = np.zeros(of.figures.shape, np.bool_)
    others = [g for g in range(of.figures.shape[2]) if g != rest]
    cells[..., others] = possible.any(3).sum(3) < WIDE
    cells[..., rest] = bounds.high_rest - bounds.low_rest + 1 < WIDE
    cells &= of.there[..., None]
    steps = np.zeros(of.figures.shape, np.bool_)
    if len(of.figures) > 1:
        taken = of.there[1:] & (came[1:] < MANY)
        changes = (np.diff(rounded, axis=0)[..., None] + reach)[:, :, :, None]
        least, most = bounds.low[1:] - bounds.high[:-1], bounds.high[1:] - bounds.low[:-1]
        possible = (changes >= least[..., None]) & (changes <= most[..., None]) & alive
        possible &= (changes <= came[1:, :, None, None, None]) & (changes >= -went[1:, :, None, None, None])
        steps[1:, :, others] = possible.any(3).sum(3) < WIDE
        least_rest = np.maximum(bounds.low_rest[1:] - bounds.high_rest[:-1], -went[1:])
        most_rest = np.minimum(bounds.high_rest[1:] - bounds.low_rest[:-1], came[1:])
        steps[1:, :, rest] = most_rest - least_rest + 1 < WIDE
        steps[1:] &= taken[..., None]
    return cells, steps
