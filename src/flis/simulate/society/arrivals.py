"""Who comes from abroad for the first time: parties of people who travel, live and are registered together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society import census, rates
from flis.simulate.society.census import UKRAINE
from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.life import new_addresses
from flis.simulate.society.population import baptise
from flis.simulate.society.register import ABROAD, FormerRecord, Unsure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.simulate.society.table import Rows
    from flis.simulate.society.today import Today

__all__ = ["Parties", "arrive", "immigration", "migrants"]

HEAD, SPOUSE, CHILD = range(3)


@dataclass(frozen=True, slots=True)
class Parties:
    """Persons who come, party by party, the head of each party first."""

    party: NDArray[np.int64]
    role: NDArray[np.int64]
    sex: NDArray[np.int64]
    age: NDArray[np.int64]
    civil: NDArray[np.int64]

    @classmethod
    def join(cls, parts: list[tuple[NDArray[Any], int, NDArray[Any], NDArray[Any], NDArray[Any]]]) -> Parties:
        """Parties from columns per role: party, role, sex, age and civil state."""
        party = np.concatenate([part[0] for part in parts])
        role = np.repeat([part[1] for part in parts], [len(part[0]) for part in parts])
        order = np.lexsort((role, party))
        sex, age, civil = (np.concatenate([part[n] for part in parts])[order] for n in (2, 3, 4))
        return cls(party[order], role[order], sex, age, civil)

    def size(self) -> NDArray[np.int64]:
        """Persons in each party."""
        return np.bincount(self.party)

    def first(self, count: int) -> Parties:
        """The first parties only."""
        n = int(np.searchsorted(self.party, count))
        return Parties(self.party[:n], self.role[:n], self.sex[:n], self.age[:n], self.civil[:n])


def arrive(
    today: Today,
    rng: np.random.Generator,
    parties: Parties,
    komkod: NDArray[Any],
    *,
    country: NDArray[Any],
    origin: NDArray[Any],
    earliest: int = 0,
) -> Rows:
    """Parties enter and live together; municipality, citizenship and country left are given per party."""
    register, at = today.register, parties.party
    day = np.maximum(today.day - today.delay(rng, len(komkod)), earliest)
    time = (day * MINUTES + rng.integers(8 * 60, 16 * 60, len(day)))[at]
    birth = day[at] - np.floor(parties.age * 365.2425).astype(np.int64) - rng.integers(1, 365, len(at))
    home = new_addresses(rng, komkod)[at]
    rows = register.people.extend(
        len(at), birth=birth, sex=parties.sex, civil=parties.civil, start=day[at], entered=day[at], latest=day[at],
        country=country[at], country_time=birth * MINUTES, komkod=home.komkod, road=home.road, house=home.house,
        floor=home.floor, status=np.where(home.road >= 9900, 3, 1), moved=time, moved_in=time,
        serial=register.series.take(birth, parties.sex),
    )  # fmt: skip
    register.remember(rows, FormerRecord.ENTRY, b=origin[at], stop=time)
    _unsure(today, rng, rows)
    _relate(today, rng, rows, parties)
    baptise(register, rows, rng)
    register.people.place[rows] = country[at]
    today.note(rng, rows, "A05")
    return rows


def migrants(rng: np.random.Generator, count: int) -> Parties:
    """People who come for work, study or family: mostly alone, some with a spouse and a child."""
    every = np.arange(count)
    couple, parent = every[rng.random(count) < 0.2], every[rng.random(count) < 0.15]
    age = np.clip(rng.gamma(6, 2.2, count) + 17, 18, 75).astype(np.int64)
    sex = rng.integers(0, 2, count)
    civil = np.full(count, ord("U"))
    civil[couple] = ord("G")
    young = rng.integers(0, np.maximum(age[parent] - 19, 1))
    unmarried = np.full(len(parent), ord("U"))
    return Parties.join(
        [
            (every, HEAD, sex, age, civil),
            (couple, SPOUSE, 1 - sex[couple], np.maximum(age[couple] - 1, 18), civil[couple]),
            (parent, CHILD, rng.integers(0, 2, len(parent)), np.minimum(young, 17), unmarried),
        ]
    )


def immigration(today: Today, scale: float) -> None:
    """Foreigners other than Ukrainians who come; Danish citizens come back by `flis.simulate.society.life.returns`."""
    rng = today.chance("immigration")
    yearly = rates.IMMIGRATION * census.INHABITANTS * scale / 1.35
    count = rng.poisson(yearly / 365.25 * today.weight)
    if not count:
        return
    codes, share = census.countries()
    share = np.where(codes == UKRAINE, 0, share)
    country = rng.choice(codes, count, p=share / share.sum())
    komkod = rng.choice(census.codes(), count, p=census.shares())
    arrive(today, rng, migrants(rng, count), komkod, country=country, origin=country)


def _unsure(today: Today, rng: np.random.Generator, rows: Rows) -> None:
    """A few birth dates are doubtful, and some citizenships have the date of entry."""
    people = today.people
    doubtful = rows[rng.random(len(rows)) < 0.004]
    people.birth_mark[doubtful] = Unsure.STAR
    undated = rows[rng.random(len(rows)) < 0.03]
    people.country_time[undated] = people.moved[undated]
    people.country_mark[undated] = Unsure.STAR


def _relate(today: Today, rng: np.random.Generator, rows: Rows, parties: Parties) -> None:
    """Spouses and children within a party; who is married and came alone has a spouse without a number."""
    people, register = today.people, today.register
    head = rows[np.searchsorted(parties.party, parties.party)]
    spouse = np.full(parties.party[-1] + 1, -1, np.int64)
    is_spouse = parties.role == SPOUSE
    spouse[parties.party[is_spouse]] = rows[is_spouse]
    married = rows[parties.civil != ord("U")]
    people.spouse[married] = ABROAD
    adult = people.birth[married] + 20 * 365
    years = rng.random(len(married)) * np.maximum(people.start[married] - adult, 30)
    people.civil_time[married] = (people.start[married] - 15 - years).astype(np.int64) * MINUTES + 720
    both, heads = rows[is_spouse], head[is_spouse]
    people.spouse[both], people.spouse[heads] = heads, both
    people.civil_time[both] = people.civil_time[heads] = np.maximum(people.civil_time[both], people.civil_time[heads])
    is_child = parties.role == CHILD
    children, parent, other = rows[is_child], head[is_child], spouse[parties.party[is_child]]
    for who in (parent, other):
        known = who >= 0
        for sex, column in ((0, people.mother), (1, people.father)):
            chosen = known & (people.sex[who] == sex)
            column[children[chosen]] = who[chosen]
        register.link(who[known], children[known])
