"""Ukrainians who fled: how many come and go follows the plan, who they are what was published about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.simulate.society import census
from flis.simulate.society.arrivals import CHILD, HEAD, SPOUSE, Parties, arrive
from flis.simulate.society.census import UKRAINE
from flis.simulate.society.life import leave, new_addresses
from flis.simulate.society.refugee_plan import plan
from flis.simulate.society.residence import enter
from flis.simulate.society.today import REFUGE, Group
from flis.simulate.society.unions import NOT_SURE_WHERE_FROM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.simulate.society.table import Rows
    from flis.simulate.society.today import Today

__all__ = ["Refugees", "parties"]

MOTHER, WOMAN, MAN, OLD, YOUNG = range(5)
KINDS = (0.395, 0.375, 0.105, 0.055, 0.07)
"""Shares of parties: a mother with children, a woman, a man, somebody old, somebody of 17 to 19."""
PERSONS = 1.72
"""Persons in an average party."""
RETURN = 0.0006
"""The daily chance that a household that left comes back."""
WEEKEND = 0.08
ELSEWHERE = (5154, 5180, 5170, 5110)
"""Where those go who do not go home."""


class Refugees:
    """The flow of refugees at a scale: what was planned until today, and what has happened of it."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self._in = np.zeros(len(census.codes()))
        self._out = 0.0

    def live(self, today: Today) -> None:
        """Those who come, come back and leave today."""
        if not self.scale:
            return
        self._in += plan().entries_on(today.date) * self.scale
        self._out += plan().exits_on(today.date) * self.scale
        open_today = 1.0 if today.date.weekday() < 5 else WEEKEND
        rng = today.chance("refugees")
        pool = today.refugees()
        self._return(today, rng, pool[today.people.status[pool] == 80])
        self._leave(today, rng, today.free(pool), self._out * open_today)
        self._arrive(today, rng, self._in.sum() * open_today * rng.uniform(0.8, 1.0))

    def _arrive(self, today: Today, rng: np.random.Generator, wanted: float) -> None:
        if wanted < 0.5:
            return
        many = parties(rng, int(wanted / PERSONS * 1.3) + 8, today.day)
        count = int(np.searchsorted(np.cumsum(many.size()), wanted + 0.5))
        if not count:
            return
        some, size = many.first(count), many.size()[:count]
        foreign = rng.random(count) < 0.012
        country = np.where(foreign, rng.choice(NOT_SURE_WHERE_FROM, count), UKRAINE)
        place = self._places(rng, np.where(foreign, 0, size))
        origin = np.where(rng.random(count) < 0.05, 5154, UKRAINE)
        arrive(today, rng, some, census.codes()[place], country=country, origin=origin, earliest=REFUGE)

    def _places(self, rng: np.random.Generator, size: NDArray[np.int64]) -> NDArray[np.int64]:
        """A municipality for each party: one of those that most is planned for and not yet come to."""
        luck = rng.random((len(size), len(self._in)))
        place = np.empty(len(size), np.int64)
        for n, persons in enumerate(size):
            place[n] = np.argmax(self._in * luck[n])
            self._in[place[n]] -= persons
        return place

    def _leave(self, today: Today, rng: np.random.Generator, here: Rows, wanted: float) -> None:
        adults = here[today.age(here) >= 18]
        if wanted < 1 or not len(adults):
            return
        chosen = rng.choice(adults, min(int(wanted) + 1, len(adults)), replace=False)
        group, time = today.valid(rng, today.household(chosen))
        first = np.cumsum(np.bincount(group.at, minlength=len(group.first))) <= wanted
        kept = group.keep(first)
        elsewhere = rng.choice(ELSEWHERE, len(kept.first))
        there = np.where(rng.random(len(kept.first)) < 0.72, UKRAINE, elsewhere)
        leave(today, rng, kept, time[first[group.at]], there)
        self._out -= len(kept.rows)

    def _return(self, today: Today, rng: np.random.Generator, gone: Rows) -> None:
        """Households come back together: those who left the same address at the same time."""
        people = today.people
        gone = gone[people.latest[gone] < today.day]
        _, at = np.unique(
            np.stack([people.status_time[gone], people.road[gone], people.house[gone]]), axis=1, return_inverse=True
        )
        at = at.ravel()
        households = int(at.max(initial=-1)) + 1
        back = rng.random(households) < RETURN * today.weight
        first = np.zeros(households, np.int64)
        first[at[::-1]] = gone[::-1]
        group, time = today.valid(rng, Group(first, gone, at).keep(back))
        there = rng.choice(len(census.codes()), len(group.first), p=census.shares())
        place = np.where(rng.random(len(group.first)) < 0.6, _place_of(people.komkod[group.first]), there)
        enter(today.register, group.rows, new_addresses(rng, census.codes()[place])[group.at], time)
        np.subtract.at(self._in, place[group.at], 1)
        today.note(rng, group.rows, "A06")


def parties(rng: np.random.Generator, count: int, day: int) -> Parties:
    """Parties as they came: mothers with children, women, few men before 2023, old and young people."""
    kind = rng.choice(len(KINDS), count, p=KINDS)
    kind[(kind == WOMAN) & (rng.random(count) < _men_instead(day))] = MAN
    every = np.arange(count)
    mothers = every[kind == MOTHER]
    children = np.repeat(mothers, rng.choice([1, 2, 3], len(mothers), p=[0.55, 0.35, 0.10]))
    child_age = np.where(
        rng.random(len(children)) < 0.33, rng.integers(0, 7, len(children)), rng.integers(7, 17, len(children))
    )
    eldest = np.zeros(count, np.int64)
    np.maximum.at(eldest, children, child_age)
    age = np.select(
        [kind == MOTHER, kind == OLD, kind == YOUNG],
        [eldest + rng.integers(20, 33, count), 67 + rng.gamma(2, 3.2, count), rng.integers(17, 20, count)],
        np.clip(rng.gamma(5, 5.2, count) + 20, 20, 66),
    ).astype(np.int64)
    even = rng.random(count)
    sex = np.select([kind == MAN, kind == OLD, kind == YOUNG], [1, even < 0.22, even < 0.5], 0).astype(np.int64)
    civil = _civil(rng, kind)
    with_husband = every[((kind == MOTHER) & (even < 0.13)) | ((kind == OLD) & (even > 0.88))]
    civil[with_husband] = ord("G")
    husband_age = age[with_husband] + rng.integers(0, 5, len(with_husband))
    return Parties.join(
        [
            (every, HEAD, sex, age, civil),
            (with_husband, SPOUSE, np.ones(len(with_husband), np.int64), husband_age, civil[with_husband]),
            (children, CHILD, rng.integers(0, 2, len(children)), child_age, np.full(len(children), ord("U"))),
        ]
    )


def _civil(rng: np.random.Generator, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """Mostly unmarried: CPR registers another civil state only on papers."""
    states = [ord(state) for state in "UGFE"]
    adult = rng.choice(states, len(kind), p=(0.79, 0.14, 0.05, 0.02))
    old = rng.choice(states, len(kind), p=(0.52, 0.22, 0.08, 0.18))
    return np.select([kind == YOUNG, kind == OLD], [ord("U"), old], adult)


def _men_instead(day: int) -> float:
    """The share of lone women in whose place a man comes: more of them after the first summer."""
    return float(np.clip((day - REFUGE - 200) / 400, 0, 0.35))


def _place_of(komkod: NDArray[np.uint16]) -> NDArray[np.int64]:
    return np.searchsorted(census.codes(), komkod)
