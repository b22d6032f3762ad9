"""How often the attacks are made: numbers for CI, and with `FLIS_SOAK` set (`make soak`) the full ones."""

from __future__ import annotations

import os
from dataclasses import dataclass

__all__ = ["FULL", "TIMES", "Times", "share"]

FULL = bool(os.environ.get("FLIS_SOAK"))


@dataclass(frozen=True)
class Times:
    """The size of each attack."""

    requests: int  # put to two worlds each, and to the municipality alone
    pages: int  # combinations of the parameters of pages
    mutations: int  # of everything that is read, together
    kills: int  # at random moments; every step of a day is killed at besides
    seconds: int  # of many connections at once
    seeds: int  # simulated registers whose public files are attacked
    quiet: int  # small figures of a public cell that may be told apart
    areas: int  # municipalities whose public figures are solved for


TIMES = Times(10_000, 10_000, 20_000, 140, 600, 3, 4, 100) if FULL else Times(2_000, 1_500, 2_000, 8, 60, 2, 1, 8)


def share(whole: int, part: int, parts: int) -> range:
    """The numbers of part `part` of `parts`: tests that are made in parts run beside each other.

    >>> share(10, 1, 3)
    range(1, 10, 3)
    """
    return range(part, whole, parts)
