"""Who is married to whom, and whose child is whose, in the register as it is when the simulation begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.register import ABROAD, PopulationRegister

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.simulate.society.table import Rows

__all__ = ["couple", "give_parents"]

NOON = MINUTES // 2
MARRIED, DIVORCED, WIDOWED = map(ord, "GFE")


def couple(register: PopulationRegister, rows: Rows, today: int, rng: np.random.Generator) -> None:
    """Pair the married and the divorced within their municipality, by age; who is left has a spouse abroad."""
    people = register.people
    for civil in (MARRIED, DIVORCED):
        both = rows[people.civil[rows] == civil]
        people.spouse[both] = ABROAD
        women, men = (_by_age(register, both[people.sex[both] == sex], rng) for sex in (0, 1))
        _, w, m = np.intersect1d(_places(register, women), _places(register, men), return_indices=True)
        people.spouse[women[w]] = men[m]
        people.spouse[men[m]] = women[w]
    changed = rows[np.isin(people.civil[rows], (MARRIED, DIVORCED, WIDOWED))]
    people.civil_time[changed] = _wedding(register, changed, today, rng)
    wives = changed[(people.spouse[changed] >= 0) & (people.sex[changed] == 0)]
    husbands = people.spouse[wives].astype(np.int64)
    people.civil_time[wives] = people.civil_time[husbands] = np.maximum(
        people.civil_time[wives], people.civil_time[husbands]
    )


def give_parents(register: PopulationRegister, rows: Rows, today: int, rng: np.random.Generator) -> None:
    """Give persons under 46 a mother, mostly, and her husband as father; minors live in her municipality."""
    people = register.people
    children = rows[register.age(rows, today) < 46]
    women = rows[(people.sex[rows] == 0) & (register.age(rows, today) >= 17)]
    key = _place_and_age(register, women, women, today)
    order = np.argsort(key, kind="stable")
    women, key = women[order], key[order]
    away = (register.age(children, today) >= 18) & (rng.random(len(children)) < 0.5)
    near = np.where(away, rng.permutation(children), children)
    older = np.clip(rng.normal(30, 5, len(children)), 18, 44).astype(np.int64)
    wanted = _place_and_age(register, near, children, today) + older
    first, last = np.searchsorted(key, wanted, "left"), np.searchsorted(key, wanted, "right")
    choice = np.minimum(first + (rng.random(len(children)) * (last - first)).astype(np.int64), len(women) - 1)
    found = (last > first) & (rng.random(len(children)) < 0.96)
    children, mothers = children[found], women[choice[found]]
    people.mother[children] = mothers
    register.link(mothers, children)
    fathers = people.spouse[mothers].astype(np.int64)
    known = (fathers >= 0) & (people.birth[fathers] < people.birth[children] - 17 * 365)
    people.father[children[known]] = fathers[known]
    register.link(fathers[known], children[known])


def _by_age(register: PopulationRegister, rows: Rows, rng: np.random.Generator) -> Rows:
    """Rows by municipality and roughly by age."""
    around = register.people.birth[rows] + rng.normal(0, 500, len(rows))
    return rows[np.lexsort((around, register.people.komkod[rows]))]


def _places(register: PopulationRegister, rows: Rows) -> NDArray[np.int64]:
    """Municipality and rank within it, of rows that are ordered by municipality."""
    komkod = register.people.komkod[rows].astype(np.int64)
    start = np.searchsorted(komkod, komkod, "left")
    return (komkod << 32) + np.arange(len(rows)) - start


def _place_and_age(register: PopulationRegister, near: Rows, rows: Rows, today: int) -> NDArray[np.int64]:
    return register.people.komkod[near].astype(np.int64) * 256 + register.age(rows, today)


def _wedding(register: PopulationRegister, rows: Rows, today: int, rng: np.random.Generator) -> NDArray[Any]:
    """The time of the newest change of civil state: some day since the person's 20th year."""
    adult = register.people.birth[rows] + 20 * 365
    day = adult + rng.random(len(rows)) ** 0.7 * np.maximum(today - adult, 0)
    return np.minimum(day, today - 30).astype(np.int64) * MINUTES + NOON
