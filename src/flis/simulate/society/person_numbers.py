"""Person numbers: a serial for a birth date and sex, never given twice.

Century and sex follow the official table. Serials that pass modulus 11 are used up first, as CPR did; numbers
are drawn, so that one equal to a real person's is chance and says nothing about that person.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society.byte_texts import birth_digits
from flis.simulate.society.day_numbers import DAYS, EPOCH

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Series"]

WEIGHTS = np.array([4, 3, 2, 7, 6, 5, 4, 3, 2, 1])
CENTURIES = (range(1, 4000), range(1, 5000), range(4000, 10000))
"""Serials of those born 1900-1936, 1937-1999 and 2000-2036."""
TURN = 7919
"""Each birth date begins elsewhere in its serials, so that numbers of a small register are as mixed as of a big one."""


class Series:
    """Which serials have been given to each birth date and sex."""

    def __init__(self) -> None:
        self._given = np.zeros((DAYS, 2), np.int16)

    def take(self, birth: NDArray[Any], sex: NDArray[Any]) -> NDArray[np.uint16]:
        """One new serial per person, in order; the same calls give the same serials."""
        key = birth.astype(np.int64) * 2 + sex
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        first = np.ones(len(key), bool)
        first[1:] = ordered[1:] != ordered[:-1]
        start = np.maximum.accumulate(np.where(first, np.arange(len(key)), 0))
        rank = np.empty(len(key), np.int64)
        rank[order] = np.arange(len(key)) - start
        taken = self._given[birth, sex] + rank
        np.add.at(self._given, (birth, sex), 1)
        century, remainder = _classes()
        serials, good = _serials()
        some = good[century[birth], sex, remainder[birth]]
        turned = np.where(taken < some, (taken + birth * TURN) % some, taken)
        found: NDArray[np.uint16] = serials[century[birth], sex, remainder[birth], turned]
        return found


@cache
def _classes() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per day: which century's serials, and the remainder that they must have for modulus 11."""
    day = np.arange(DAYS)
    born = np.datetime64(EPOCH) + day
    year = born.astype("datetime64[Y]").astype(int) + 1970
    century = np.where(year < 1937, 0, np.where(year < 2000, 1, 2))
    return century, (-(birth_digits(day) - ord("0")).astype(np.int64) @ WEIGHTS[:6]) % 11


@cache
def _serials() -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Serials by century, sex and remainder: first, mixed, those with a check digit; and how many have one."""
    table = np.zeros((len(CENTURIES), 2, 11, 3000), np.uint16)
    count = np.zeros((len(CENTURIES), 2, 11), np.int64)
    for c, serials in enumerate(CENTURIES):
        every = np.random.default_rng(1968).permutation(np.array(serials))
        digits = np.stack([every // 1000, every // 100 % 10, every // 10 % 10, every % 10])
        remainder = WEIGHTS[6:] @ digits % 11
        for sex in range(2):
            own = every % 2 == sex
            for r in range(11):
                good = own & (remainder == r)
                row = np.concatenate([every[good], every[own & ~good]])
                table[c, sex, r, : len(row)] = row
                count[c, sex, r] = good.sum()
    return table, count
