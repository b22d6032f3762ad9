"""One day of registrations: chance, delays, and who moves along with whom.

Every kind of event draws from its own stream of random numbers, named by seed, event and day. So the same arguments
give the same register, whatever is written of it, and a longer period begins with the same files.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from flis.simulate.society.census import UKRAINE
from flis.simulate.society.day_numbers import MINUTES, day_number

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from flis.simulate.society.register import PopulationRegister
    from flis.simulate.society.table import Rows

__all__ = ["REFUGE", "Group", "Today", "generator"]

YEAR = 365.25
WEEKDAYS = (1.3, 1.3, 1.3, 1.3, 1.3, 0.25, 0.25)
"""How much is registered on each day of the week, Monday first, as a multiple of the average day."""
REFUGE = 62822
"""2022-01-01: who enters from this day on is of the population of the Ukraine report."""


@dataclass(frozen=True, slots=True)
class Group:
    """Households: `first` are those whose decision it was; `rows` everybody who goes along, `at` with whom."""

    first: Rows
    rows: Rows
    at: NDArray[np.int64]

    def keep(self, chosen: NDArray[np.bool_]) -> Group:
        """Only some of the households."""
        number = np.cumsum(chosen) - 1
        stays = chosen[self.at]
        return Group(self.first[chosen], self.rows[stays], number[self.at[stays]])


def generator(seed: int, name: str, day: int) -> np.random.Generator:
    """The random numbers of one kind of event on one day."""
    return np.random.Generator(np.random.PCG64([seed, crc32(name.encode()), day]))


class Today:
    """A day on which things are registered in a register."""

    def __init__(self, register: PopulationRegister, date: date, seed: int) -> None:
        self.register = register
        self.people = register.people
        self.date = date
        self.day = day_number(date)
        self.seed = seed

    @cached_property
    def weight(self) -> float:
        """How much is registered today, as a multiple of the average day."""
        return WEEKDAYS[self.date.weekday()]

    def chance(self, name: str) -> np.random.Generator:
        """The random numbers of one kind of event today."""
        return generator(self.seed, name, self.day)

    def drawn(self, rng: np.random.Generator, most: float) -> Rows:
        """Persons to whom something may happen that happens at most `most` times a year to anybody."""
        count = rng.poisson(self.people.size * most / YEAR * self.weight)
        return np.unique(rng.integers(0, self.people.size, count))

    def thinned(self, rng: np.random.Generator, rows: Rows, rate: NDArray[np.float64], most: float) -> Rows:
        """Those of the drawn to whom it does happen, given each one's own yearly rate."""
        return rows[rng.random(len(rows)) * most < rate]

    def age(self, rows: Rows) -> NDArray[np.int64]:
        """Age today."""
        return self.register.age(rows, self.day)

    def refugee(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether somebody is a Ukrainian citizen who has entered since 2022-01-01."""
        fled: NDArray[np.bool_] = (self.people.country[rows] == UKRAINE) & (self.people.entered[rows] >= REFUGE)
        return fled

    def refugees(self) -> Rows:
        """All Ukrainian citizens of whom an entry since 2022-01-01 is known, wherever they are now."""
        return np.flatnonzero(self.refugee(np.arange(self.people.size)))

    def free(self, rows: Rows) -> Rows:
        """Residents to whom nothing else was registered for today."""
        return rows[self.register.resident(rows) & (self.people.latest[rows] < self.day)]

    def delay(self, rng: np.random.Generator, count: int) -> NDArray[np.int64]:
        """Days between the day on which something is valid and today: mostly few, now and then many."""
        days = np.minimum(rng.exponential(2.0, count), 14).astype(np.int64)
        return days + np.where(rng.random(count) < 0.03, rng.integers(7, 50, count), 0)

    def valid(self, rng: np.random.Generator, group: Group) -> tuple[Group, NDArray[np.int32]]:
        """Since when a change of each household is valid, after the latest one of everybody in it.

        Households for which no such day is left are dropped. The times are given per person in `rows`.
        """
        earliest = self.day - self.delay(rng, len(group.first))
        np.maximum.at(earliest, group.at, self.people.latest[group.rows] + 1)
        minute = rng.integers(8 * 60, 16 * 60, len(group.first))
        possible = earliest <= self.day
        time = (earliest * MINUTES + minute).astype(np.int32)[possible]
        kept = group.keep(possible)
        return kept, time[kept.at]

    def registered(self, rng: np.random.Generator, count: int) -> NDArray[np.int64]:
        """Times of today at which something is registered."""
        return self.day * MINUTES + rng.integers(16 * 60, 20 * 60, count)

    def household(self, rows: Rows) -> Group:
        """Persons with the spouse and the minor children who live at the same address."""
        people, rows = self.people, self.free(rows)
        married = np.flatnonzero((people.civil[rows] == ord("G")) & (people.spouse[rows] >= 0))
        spouses = people.spouse[rows[married]].astype(np.int64)
        of_self, children = self.register.children_of(rows)
        of_spouse, theirs = self.register.children_of(spouses)
        at = np.concatenate([np.arange(len(rows)), married, of_self, married[of_spouse]])
        member = np.concatenate([rows, spouses, children, theirs])
        together = self.register.resident(member)
        for column in (people.komkod, people.road, people.house, people.floor):
            together &= column[member] == column[rows[at]]
        minor = self.age(member) < 18
        minor[: len(rows) + len(married)] = True
        at, member = at[together & minor], member[together & minor]
        _, once = np.unique(member, return_index=True)
        once.sort()
        return Group(rows, member[once], at[once])

    def note(self, rng: np.random.Generator, rows: Rows, code: str, role: str = "") -> None:
        """Register that something happened to persons today."""
        self.register.note(rows, self.registered(rng, len(rows)), code, role)

    def note_spouses(self, rng: np.random.Generator, rows: Rows, code: str) -> None:
        """Register a change for the spouses of persons, too."""
        spouses: NDArray[Any] = self.people.spouse[rows]
        self.note(rng, np.unique(spouses[spouses >= 0]).astype(np.int64), code, "ÆG")
