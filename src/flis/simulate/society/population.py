"""The register as it is when the simulation begins: Denmark's population at a scale.

Municipalities have their share of the inhabitants; age, sex and civil state follow the country's distribution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society import census
from flis.simulate.society.census import DENMARK, UKRAINE
from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.families import couple, give_parents
from flis.simulate.society.register import ABROAD, FormerRecord, PopulationRegister, Unsure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.simulate.society.table import Rows

__all__ = ["baptise", "populate", "settle"]

FOREIGN = 0.095
GONE = 0.02
LOST = 0.0005
NUMBERED = 0.001
WIDOWED = ord("E")
OLD_CITIZENSHIP = 51577
"""1991-03-20, with 99 minutes: the date that CPR has for those who were Danish citizens before it kept dates."""


def populate(register: PopulationRegister, scale: float, today: int, rng: np.random.Generator) -> None:
    """Fill an empty register with everybody known on a day; scale 1 is the whole population."""
    count = _shares(census.inhabitants() * scale)
    total = int(count.sum())
    register.people.reserve(int(total * 1.08) + 1024)
    register.history.reserve(int(total * 1.3) + 1024)
    register.links.reserve(int(total * 1.1) + 1024)
    rows = _persons(register, np.repeat(census.codes(), count), today, rng)
    couple(register, rows, today, rng)
    give_parents(register, rows, today, rng)
    _citizenships(register, rows, rng)
    _households(register, rows, today, rng)
    _entries(register, rows, today, rng)
    _former_addresses(register, rows, rng)
    register.people.latest[rows] = register.moved_day(rows)
    _inactive(register, rows, today, rng)
    every = np.arange(register.people.size)
    people = register.people
    people.serial[every] = register.series.take(people.birth[every], people.sex[every])
    baptise(register, every, rng)


def settle(register: PopulationRegister, rows: Rows, rng: np.random.Generator) -> None:
    """Give each person an address of its own, sometimes none but a special road code."""
    people = register.people
    people.road[rows] = rng.integers(1, 1500, len(rows))
    people.house[rows] = rng.integers(1, 160, len(rows))
    people.floor[rows] = np.maximum(rng.integers(-12, 16, len(rows)), 0)
    homeless = rows[rng.random(len(rows)) < 0.003]
    people.road[homeless] = 9900 + homeless % 3 * 10
    people.house[homeless] = people.floor[homeless] = 0


def baptise(register: PopulationRegister, rows: Rows, rng: np.random.Generator) -> None:
    """Give names, church, birthplace and job; children bear their mother's family name."""
    people, names = register.people, census.names()
    for origin, abroad in (("danish", False), ("ukrainian", True)):
        of = rows[(people.country[rows] == UKRAINE) == abroad]
        people.family[of] = rng.integers(*names.family_range[origin], len(of))
        for sex in (0, 1):
            own = of[people.sex[of] == sex]
            people.given[own] = rng.integers(*names.given_range[origin, sex], len(own))
    children = rows[people.mother[rows] >= 0]
    children = children[np.argsort(people.birth[children], kind="stable")]
    people.family[children] = people.family[people.mother[children]]
    people.name_time[rows] = np.maximum(people.birth[rows], people.start[rows]) * MINUTES + 10 * 60
    danish = people.country[rows] == DENMARK
    member = danish & (rng.random(len(rows)) < 0.73)
    people.church[rows] = np.where(member, ord("F"), ord("U"))
    people.church_day[rows] = np.maximum(people.birth[rows], people.start[rows])
    people.place[rows] = np.where(danish, rng.integers(8000, 9200, len(rows)), people.country[rows])
    job = rng.integers(0, len(names.jobs), len(rows))
    people.job[rows] = np.where(people.birth[rows] < people.start.max() - 20 * 365, job, 0)


def _shares(exact: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers that sum to the rounded sum: the largest remainders are rounded up."""
    count = np.floor(exact).astype(np.int64)
    rest = round(exact.sum()) - int(count.sum())
    count[np.argsort(count - exact, kind="stable")[:rest]] += 1
    return count


def _persons(register: PopulationRegister, komkod: NDArray[np.int64], today: int, rng: np.random.Generator) -> Rows:
    cells, count = census.cells(), len(komkod)
    steps = (rng.permutation(count) + rng.random(count)) / count
    cell = np.searchsorted(np.cumsum(cells.count) / cells.count.sum(), steps)
    age = cells.age[cell]
    birth = today - np.ceil(age * 365.2425).astype(np.int64) - rng.integers(0, 365, count)
    adult = np.where(age < 18, ord("U"), cells.civil[cell])
    values: dict[str, Any] = {"birth": birth, "start": birth, "sex": cells.sex[cell], "civil": adult}
    return register.people.extend(count, status=1, komkod=komkod, country=DENMARK, **values)


def _citizenships(register: PopulationRegister, rows: Rows, rng: np.random.Generator) -> None:
    """Foreigners, most of them married to one another; a child is Danish if one parent is."""
    people = register.people
    foreign = rows[rng.random(len(rows)) < FOREIGN]
    codes, share = census.countries()
    people.country[foreign] = rng.choice(codes, len(foreign), p=share)
    wives = rows[(people.sex[rows] == 0) & (people.spouse[rows] >= 0) & (rng.random(len(rows)) < 0.8)]
    people.country[wives] = people.country[people.spouse[wives]]
    children = rows[people.mother[rows] >= 0]
    children = children[np.argsort(people.birth[children], kind="stable")]
    mothers, fathers = people.mother[children], people.father[children]
    danish = (people.country[mothers] == DENMARK) | ((fathers >= 0) & (people.country[fathers] == DENMARK))
    people.country[children] = np.where(danish, DENMARK, people.country[mothers])
    people.country_time[rows] = people.birth[rows] * MINUTES
    old = rows[(people.country[rows] == DENMARK) & (people.birth[rows] < OLD_CITIZENSHIP)]
    people.country_time[old] = OLD_CITIZENSHIP * MINUTES + 12 * 60
    people.country_mark[old] = Unsure.MINUTE


def _households(register: PopulationRegister, rows: Rows, today: int, rng: np.random.Generator) -> None:
    """Couples and minors with their mother share an address and the day on which they moved there."""
    people = register.people
    settle(register, rows, rng)
    people.moved[rows] = (today - 1 - np.minimum(rng.exponential(3000, len(rows)), 15000)).astype(np.int64)
    married = rows[(people.civil[rows] == ord("G")) & (people.spouse[rows] >= 0)]
    head = np.arange(people.size)
    head[married] = np.minimum(married, people.spouse[married])
    minors = rows[(people.mother[rows] >= 0) & (register.age(rows, today) < 18)]
    head[minors] = head[people.mother[minors]]
    for column in (people.road, people.house, people.floor, people.moved):
        column[rows] = column[head[rows]]
    people.moved[rows] = np.maximum(people.moved[rows], people.birth[rows]) * MINUTES + 8 * 60
    people.moved_in[rows] = people.moved[rows]
    people.status[rows] = np.where(people.road[rows] >= 9900, 3, 1)


def _entries(register: PopulationRegister, rows: Rows, today: int, rng: np.random.Generator) -> None:
    """Foreign adults entered some day; minors entered with their mother or were born here."""
    people = register.people
    foreign = rows[people.country[rows] != DENMARK]
    day = today - 20 - rng.exponential(2500, len(foreign)).astype(np.int64)
    entered = np.zeros(people.size, np.int64)
    entered[foreign] = np.maximum(day, people.birth[foreign] + 1)
    minors = foreign[(register.age(foreign, today) < 18) & (people.mother[foreign] >= 0)]
    with_mother = entered[people.mother[minors]]
    entered[minors] = np.where(with_mother > people.birth[minors], with_mother, 0)
    came = foreign[entered[foreign] > 0]
    people.entered[came] = people.start[came] = entered[came]
    time = entered[came] * MINUTES + 10 * 60
    people.moved[came] = people.moved_in[came] = np.maximum(people.moved[came], time)
    register.remember(came, FormerRecord.ENTRY, b=people.country[came], stop=time)


def _former_addresses(register: PopulationRegister, rows: Rows, rng: np.random.Generator) -> None:
    """Everybody whose address began later than the own life in Denmark lived somewhere else before."""
    people = register.people
    began = people.start[rows] * MINUTES + 10 * 60
    before = people.moved[rows] - began > 30 * MINUTES
    foreign = people.entered[rows] > 0
    chosen = before & (foreign | (rng.random(len(rows)) < 0.6))
    mover, since = rows[chosen], began[chosen]
    elsewhere = rng.random(len(mover)) < 0.45
    komkod = np.where(elsewhere, rng.permutation(people.komkod[mover]), people.komkod[mover])
    same = komkod == people.komkod[mover]
    values: dict[str, Any] = {
        "a": komkod,
        "b": rng.integers(1, 1500, len(mover)),
        "c": rng.integers(1, 160, len(mover)),
    }
    register.remember(mover, FormerRecord.ADDRESS, start=since, stop=people.moved[mover], ref=since, **values)
    people.moved_in[mover] = np.where(same, since, people.moved[mover])
    people.previous[mover] = np.where(same, 0, komkod)
    people.previous_time[mover] = np.where(same, 0, people.moved[mover])


def _inactive(register: PopulationRegister, rows: Rows, today: int, rng: np.random.Generator) -> None:
    """Persons that CPR still knows: emigrated, disappeared, dead spouses, numbers given for tax."""
    people = register.people
    adults = rows[register.age(rows, today) > 20]
    for status, share in ((80, GONE), (70, LOST), (20, NUMBERED)):
        model = rng.choice(adults, int(len(rows) * share + rng.random()), replace=False)
        gone = _alike(register, model, status, rng)
        if status == 20:
            people.country[gone] = rng.choice(census.countries()[0], len(gone))
            people.komkod[gone] = 11
            people.status_time[gone] = people.moved[gone]
        else:
            since = (today - 5 - rng.integers(0, 3000, len(gone))) * MINUTES + 600
            _leave_before(register, gone, since)
            people.abroad[gone] = np.where(status == 80, rng.choice([5120, 5110, 5170, 5180, 5390], len(gone)), 0)
    widowed = rows[(people.civil[rows] == WIDOWED) & (rng.random(len(rows)) < 0.3)]
    people.spouse[rows[people.civil[rows] == WIDOWED]] = ABROAD
    dead = _alike(register, widowed, 90, rng)
    people.sex[dead] = 1 - people.sex[widowed]
    people.civil[dead] = ord("D")
    people.spouse[dead] = widowed
    people.spouse[widowed] = dead
    _leave_before(register, dead, people.civil_time[widowed])
    people.civil_time[dead] = people.civil_time[widowed]


def _alike(register: PopulationRegister, model: Rows, status: int, rng: np.random.Generator) -> Rows:
    """New persons who are like others, without their family and history."""
    people = register.people
    birth = people.birth[model] - rng.integers(0, 300, len(model))
    values = {name: getattr(people, name)[model] for name in ("sex", "komkod", "road", "house", "floor")}
    return people.extend(
        len(model), birth=birth, start=birth, status=status, civil=ord("U"), country=DENMARK,
        country_time=birth * MINUTES, moved=birth * MINUTES + 600, moved_in=birth * MINUTES + 600, **values,
    )  # fmt: skip


def _leave_before(register: PopulationRegister, rows: Rows, time: NDArray[Any]) -> None:
    """End the address, and with it the active status, at a time before the simulation begins."""
    people = register.people
    people.status_time[rows] = time
    people.latest[rows] = time // MINUTES
    address = {"a": people.komkod[rows], "b": people.road[rows], "c": people.house[rows], "d": people.floor[rows]}
    register.remember(
        rows, FormerRecord.ADDRESS, start=people.moved[rows], stop=time, ref=people.moved_in[rows], **address
    )
