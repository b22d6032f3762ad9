"""Decide what is shown: groups rounded with a secret offset that stays, one balance group that keeps the sum exact.

A figure once shown is never computed again. It is refreshed by another day's figure when enough persons have changed
and the auditor finds that all figures together still tell nothing; else the former one stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.disclosure.cell_offsets import held, offsets
from flis.disclosure.model import Shown
from flis.disclosure.outsider import chains, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.disclosure.model import Division, Numbers, Truth
    from flis.disclosure.policy import Rules

__all__ = ["protect", "rounded"]


def protect(truth: Truth, dimension: Division, past: Shown, rules: Rules, key: bytes) -> Shown:
    """The figures that the fresh moments add to those shown before; `past` holds all of the level and dimension."""
    secret = offsets(key, rules.base, truth.level, dimension)
    shown = past
    for at in range(truth.fresh, len(truth.moments)):
        shown = shown.joined(_refreshed(truth, dimension, shown, rules, at=at, secret=secret, key=key))
    return shown.chosen(~_within(shown, past))


def rounded(counts: Numbers, secret: Numbers, base: int, rest: int) -> Numbers:
    """Counts (place × group) rounded down to multiples of `base` after adding the offsets; group `rest` balances."""
    made = (counts + secret) // base * base
    made[:, rest] = 0
    made[:, rest] = counts.sum(1) - made.sum(1)
    return made


def _refreshed(
    truth: Truth, dimension: Division, shown: Shown, rules: Rules, *, at: int, secret: Numbers, key: bytes
) -> Shown:
    """The figures of moment `at` that may stand beside those shown."""
    moment = truth.moments[at]
    counts = truth.counts[dimension.name][at - truth.fresh]
    figures = rounded(counts, secret, rules.base, dimension.rest)
    came, went, first = _since(truth, shown, at)
    wanted = (
        (counts.sum(1) >= rules.shown_from)
        & (figures[:, dimension.rest] >= rules.base)
        & (first | (came + went >= rules.refresh_from))
    )
    places = np.flatnonzero(wanted)
    places = places[~held(key, rules.held_one_in, truth.level, dimension, (moment.day, places))]
    day, known = (np.datetime64(d, "D").astype(np.int64) for d in moment)
    new = Shown(
        places,
        np.full(len(places), day),
        np.full(len(places), known),
        came[places],
        went[places],
        figures[places],
    )
    return new.chosen(_passes(shown, new, dimension, rules))


def _since(truth: Truth, shown: Shown, at: int) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    """By place: who came and who left since the newest figure, and whether there is none yet."""
    places = len(truth.level.places)
    came, went = np.zeros(places, np.int64), np.zeros(places, np.int64)
    last = np.append(shown.place[1:] != shown.place[:-1], [True]) if len(shown.place) else np.zeros(0, np.bool_)
    newest = shown.chosen(last)
    moments = {
        (int(np.datetime64(m.day, "D").astype(np.int64)), int(np.datetime64(m.known, "D").astype(np.int64))): n
        for n, m in enumerate(truth.moments)
    }
    before = np.fromiter((moments[d, k] for d, k in zip(newest.day.tolist(), newest.known.tolist(), strict=True)), int)
    came[newest.place] = truth.came[newest.place, before, at]
    went[newest.place] = truth.went[newest.place, before, at]
    first = np.ones(places, np.bool_)
    first[newest.place] = False
    return came, went, first


def _passes(shown: Shown, new: Shown, dimension: Division, rules: Rules) -> NDArray[np.bool_]:
    """Which of the new figures tell nothing beside all former ones of the same place."""
    if not len(new.place):
        return np.zeros(0, np.bool_)
    of = shown.chosen(np.isin(shown.place, new.place)).joined(new)
    works_out = told(chains(of, rules.base, dimension.rest))
    changed_groups = works_out.torn[_newest(of), np.arange(len(works_out.place))]
    return ~(works_out.any_of | changed_groups)


def _newest(shown: Shown) -> Numbers:
    """The number of each place's newest figure among its own."""
    return np.unique(shown.place, return_counts=True)[1] - 1


def _within(shown: Shown, past: Shown) -> NDArray[np.bool_]:
    """Which figures are among the former ones."""
    former = set(zip(past.place.tolist(), past.day.tolist(), strict=True))
    return np.fromiter(((p, d) in former for p, d in zip(shown.place.tolist(), shown.day.tolist(), strict=True)), bool)
