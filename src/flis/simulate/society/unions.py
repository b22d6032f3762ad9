"""Marriages, separations, divorces, changes of citizenship and church, as they are registered day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.simulate.society import rates
from flis.simulate.society.census import DENMARK, UKRAINE
from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.register import FormerRecord
from flis.simulate.society.residence import Addresses, civil_state, move
from flis.simulate.society.today import Group

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from flis.simulate.society.table import Rows
    from flis.simulate.society.today import Today

__all__ = ["churches", "citizenships", "divorces", "marriages", "separations", "turn"]

ASKED = 64
"""How many others each one meets who is about to marry."""
SINGLE = tuple(map(ord, "UFE"))
NOT_SURE_WHERE_FROM = (5700, 5103, 5999, 5706)
"""Citizenships that some who fled from Ukraine are registered with until their papers are seen."""


def marriages(today: Today) -> None:
    """Couples marry, mostly within a municipality; who moves moves to the one who asked."""
    rng, people = today.chance("marriages"), today.people
    rows = _single(today, today.drawn(rng, rates.MARRIAGES))
    if not len(rows):
        return
    met = rng.integers(0, people.size, (len(rows), ASKED))
    fits = _fits(today, rows[:, None], met)
    near = people.komkod[met] == people.komkod[rows][:, None]
    best = (fits * (1 + near)).argmax(axis=1)
    other = met[np.arange(len(rows)), best]
    found = fits[np.arange(len(rows)), best]
    rows, other = _disjoint(rows[found], other[found])
    time = _day(today, rng, np.maximum(people.civil_time[rows], people.civil_time[other]))
    together = time > 0
    rows, other, time = rows[together], other[together], time[together]
    for one, two in ((rows, other), (other, rows)):
        civil_state(today.register, one, ord("G"), two, time)
        today.note(rng, one, "A19")
    _take_name(today, rng, rows, other, time)
    _move_in(today, rng, rows, other)


def separations(today: Today) -> None:
    """Married couples separate, and stay married for a while."""
    rng, people = today.chance("separations"), today.people
    rows = _couples(today, today.drawn(rng, rates.DIVORCES))
    rows = rows[people.separated[rows] == 0]
    for one in (rows, people.spouse[rows].astype(np.int64)):
        people.separated[one] = today.day
        today.note(rng, one, "P35")


def divorces(today: Today) -> None:
    """Couples divorce, most of the separated within a year."""
    rng, people = today.chance("divorces"), today.people
    most = 1.5
    rows = _couples(today, today.drawn(rng, most))
    rows = rows[people.separated[rows] > 0]
    other = people.spouse[rows].astype(np.int64)
    time = _day(today, rng, np.maximum(people.separated[rows] * MINUTES, people.civil_time[rows]))
    possible = time > 0
    for one, two in ((rows, other), (other, rows)):
        civil_state(today.register, one[possible], ord("F"), two[possible], time[possible])
        today.note(rng, one[possible], "A24")


def citizenships(today: Today) -> None:
    """Foreigners become Danish after some years; some refugees' citizenship is settled later, either way."""
    rng, people = today.chance("citizenships"), today.people
    rows = today.free(today.drawn(rng, rates.NATURALISATION))
    refugee, country = today.refugee(rows), people.country[rows]
    fled = (people.entered[rows] >= today.day - 730) & np.isin(country, NOT_SURE_WHERE_FROM)
    settled = (country != DENMARK) & (people.entered[rows] < today.day - 9 * 365)
    rate = np.select([refugee, fled, settled], np.array([0.014, 1, 0.14]) * rates.NATURALISATION, 0.0)
    chosen = today.thinned(rng, rows, rate, rates.NATURALISATION)
    group, time = today.valid(rng, Group(chosen, chosen, np.arange(len(chosen))))
    fled = (people.entered[group.rows] >= today.day - 730) & ~today.refugee(group.rows)
    turn(today, group.rows, np.where(fled, UKRAINE, DENMARK), time)
    today.note(rng, group.rows, "A27")


def churches(today: Today) -> None:
    """Some leave the Church of Denmark."""
    rng, people = today.chance("churches"), today.people
    rows = today.free(today.drawn(rng, rates.LEAVING_CHURCH))
    rows = rows[(people.church[rows] == ord("F")) & (people.church_day[rows] < today.day)]
    today.register.remember(
        rows,
        FormerRecord.CHURCH,
        a=people.church[rows],
        start=people.church_day[rows] * MINUTES,
        stop=today.day * MINUTES,
    )
    people.church[rows] = ord("U")
    people.church_day[rows] = today.day
    today.note(rng, rows, "A13")


def turn(today: Today, rows: Rows, country: NDArray[Any], time: NDArray[Any]) -> None:
    """Another citizenship from a time."""
    people = today.people
    today.register.remember(
        rows,
        FormerRecord.CITIZENSHIP,
        a=people.country[rows],
        start=people.country_time[rows],
        start_mark=people.country_mark[rows],
        stop=time,
    )
    people.country[rows] = country
    people.country_time[rows] = time
    people.country_mark[rows] = 0
    people.latest[rows] = time // MINUTES


def _single(today: Today, rows: Rows) -> Rows:
    rows = today.free(rows)
    adult = (today.age(rows) >= 20) & (today.age(rows) < 70)
    return rows[adult & np.isin(today.people.civil[rows], SINGLE)]


def _fits(today: Today, rows: NDArray[Any], met: NDArray[Any]) -> NDArray[np.bool_]:
    people = today.people
    near_in_age = np.abs(people.birth[rows] - people.birth[met]) < 8 * 365
    single = np.isin(people.civil[met], SINGLE) & today.register.resident(met) & (today.age(met) >= 20)
    kin = (people.mother[rows] == people.mother[met]) & (people.mother[rows] >= 0)
    stranger = (people.mother[met] != rows) & (people.mother[rows] != met) & ~kin
    free = people.latest[met] < today.day
    opposite = people.sex[met] != people.sex[rows]
    fits: NDArray[np.bool_] = opposite & near_in_age & single & stranger & free
    return fits


def _disjoint(rows: Rows, other: Rows) -> tuple[Rows, Rows]:
    """Only those couples of which nobody is in an earlier couple."""
    both = np.stack([rows, other], axis=1).ravel()
    _, first = np.unique(both, return_index=True)
    once = np.zeros(len(both), bool)
    once[first] = True
    alone = once.reshape(-1, 2).all(axis=1)
    return rows[alone], other[alone]


def _couples(today: Today, rows: Rows) -> Rows:
    """The wives among the drawn whose marriage is one of two residents."""
    people = today.people
    rows = today.free(rows)
    rows = rows[(people.civil[rows] == ord("G")) & (people.spouse[rows] >= 0) & (people.sex[rows] == 0)]
    spouse = people.spouse[rows].astype(np.int64)
    mutual = (people.spouse[spouse] == rows) & (people.civil[spouse] == ord("G")) & (people.sex[spouse] == 1)
    wives: Rows = rows[mutual & today.register.resident(spouse)]
    return wives


def _day(today: Today, rng: np.random.Generator, after: NDArray[Any]) -> NDArray[np.int32]:
    """A time a little before today and on a later day than another time; 0 where there is none."""
    day = np.maximum(today.day - today.delay(rng, len(after)), after // MINUTES + 1)
    return np.where(day <= today.day, day * MINUTES + 12 * 60, 0).astype(np.int32)


def _take_name(today: Today, rng: np.random.Generator, rows: Rows, other: Rows, time: NDArray[Any]) -> None:
    """One of the couple takes the other's family name, in two of five marriages."""
    people = today.people
    takes = (rng.random(len(rows)) < 0.4) & (people.family[rows] != people.family[other])
    rows, other, time = rows[takes], other[takes], time[takes]
    today.register.remember(
        rows, FormerRecord.NAME, a=people.given[rows], b=people.family[rows], start=people.name_time[rows], stop=time
    )
    people.family[rows] = people.family[other]
    people.name_time[rows] = time
    today.note(rng, rows, "A16")


def _move_in(today: Today, rng: np.random.Generator, rows: Rows, other: Rows) -> None:
    """The newly wed and those children who live with them share an address from some day."""
    people = today.people
    apart = (people.road[rows] != people.road[other]) | (people.komkod[rows] != people.komkod[other])
    rows, other = rows[apart], other[apart]
    group, time = today.valid(rng, today.household(other))
    order = np.argsort(other)
    at = order[np.searchsorted(other, group.first, sorter=order)]
    move(today.register, group.rows, Addresses.of(today.register, rows[at])[group.at], time)
    today.note(rng, group.rows, "A01")
