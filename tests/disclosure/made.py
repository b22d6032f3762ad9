"""Made-up truths: persons who come to places, leave, and never change groups, so that all is known of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from flis.disclosure import Division, FigureTable, Moment, Truth, truth_of

if TYPE_CHECKING:
    from flis.disclosure.model import Numbers

__all__ = ["AGES", "FIRST", "SEXES", "truth"]

SEXES = Division("koen", ("K", "M"), "K")
AGES = Division("alder", ("0-6", "7-16", "17-19", "20-66", "67+"), "20-66")
SHARES = {"koen": (0.65, 0.35), "alder": (0.12, 0.22, 0.05, 0.52, 0.09)}
FIRST = date(2022, 1, 2)


def truth(*, seed: int, places: int = 12, weeks: int = 20, persons: int = 60) -> Truth:
    """The truth of a level at the end of some weeks; the persons are seen as they come and leave."""
    draw = np.random.default_rng(seed)
    level = FigureTable("place", tuple(f"p{n:02}" for n in range(places)))
    counts = {name: np.zeros((weeks, places, len(shares)), np.int64) for name, shares in SHARES.items()}
    stayed = np.zeros((places, weeks, weeks), np.int64)
    for place in range(places):
        of = int(persons * draw.uniform(0.4, 2.5))
        comes = (weeks * draw.random(of) ** 1.4).astype(int)
        leaves = np.where(draw.random(of) < 0.3, comes + draw.integers(1, 8, of), weeks)
        there = (comes <= np.arange(weeks)[:, None]) & (leaves > np.arange(weeks)[:, None])
        stayed[place] = there.astype(int) @ there.T
        for name, shares in SHARES.items():
            group = draw.choice(len(shares), of, p=shares)
            for g in range(len(shares)):
                counts[name][:, place, g] = there[:, group == g].sum(1)
    moments = [Moment(FIRST + timedelta(7 * n), FIRST + timedelta(7 * weeks)) for n in range(weeks)]
    return truth_of(level, moments, 0, counts, stayed=stayed, seen=_seen(stayed))


def _seen(stayed: Numbers) -> Numbers:
    """What the public sees of changes: everybody who came or left, from one week to the next."""
    present = np.einsum("pmm->pm", stayed)
    nearest = np.diagonal(stayed, 1, 1, 2)
    came = np.concatenate([present[:, :1] * 0, np.cumsum(present[:, 1:] - nearest, 1)], 1)
    left = np.concatenate([present[:, :1] * 0, np.cumsum(present[:, :-1] - nearest, 1)], 1)
    return np.stack([came[:, None, :] - came[:, :, None], left[:, None, :] - left[:, :, None]])
