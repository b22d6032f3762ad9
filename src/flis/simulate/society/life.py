"""What is registered on an ordinary day: births, deaths, moves, emigration, disappearances and returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society import census, rates
from flis.simulate.society.census import DENMARK
from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.population import baptise
from flis.simulate.society.register import Unsure
from flis.simulate.society.residence import Addresses, die, emigrate, enter, find, lose, move
from flis.simulate.society.today import Group

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.simulate.society.table import Rows
    from flis.simulate.society.today import Today

__all__ = ["births", "deaths", "departures", "findings", "leave", "losses", "moves", "new_addresses", "returns"]

DESTINATIONS = (5120, 5110, 5170, 5180, 5390, 5164, 5130)


def births(today: Today) -> None:
    """Children of women who live here; Danish if one parent is, else of their mother's citizenship."""
    rng, people = today.chance("births"), today.people
    women = today.free(today.drawn(rng, rates.FERTILITY))
    women = women[people.sex[women] == 0]
    rate = rates.fertility(today.age(women)) * np.where(today.refugee(women), 0.4, 1.0)
    group, time = today.valid(rng, _alone(today.thinned(rng, women, rate, rates.FERTILITY)))
    if not len(group.first):
        return
    mothers = group.first
    fathers = _fathers(today, mothers)
    danish = (people.country[mothers] == DENMARK) | ((fathers >= 0) & (people.country[fathers] == DENMARK))
    day = time // MINUTES
    like = {name: getattr(people, name)[mothers] for name in ("komkod", "road", "house", "floor", "status")}
    values: dict[str, Any] = {"birth": day, "start": day, "latest": day, "moved": time, "moved_in": time}
    country = np.where(danish, DENMARK, people.country[mothers])
    sex = rng.integers(0, 2, len(mothers))
    children = people.extend(
        len(mothers), **like, **values, sex=sex, civil=ord("U"), country=country, country_time=time,
        mother=mothers, father=fathers, serial=today.register.series.take(day, sex),
    )  # fmt: skip
    today.register.link(mothers, children)
    today.register.link(fathers[fathers >= 0], children[fathers >= 0])
    baptise(today.register, children, rng)
    people.place[children] = rng.integers(8000, 9200, len(children))
    today.note(rng, children, "A51")
    today.note(rng, mothers, "A51", "MO")
    today.note(rng, fathers[fathers >= 0], "A51", "FA")


def deaths(today: Today) -> None:
    """Deaths of residents; who died abroad is not registered in this register."""
    rng, people = today.chance("deaths"), today.people
    rows = today.free(today.drawn(rng, rates.DEATHS))
    rate = rates.mortality(today.age(rows), people.sex[rows] == 1)
    group, time = today.valid(rng, _alone(today.thinned(rng, rows, rate, rates.DEATHS)))
    dead = group.rows
    die(today.register, dead, time)
    people.status_mark[dead] = np.where(rng.random(len(dead)) < 0.01, Unsure.STAR, Unsure.NO)
    today.note(rng, dead, "A21")
    today.note_spouses(rng, dead, "A21")


def moves(today: Today) -> None:
    """Households move, two of three within the municipality."""
    rng, people = today.chance("moves"), today.people
    most = rates.MOVES * 1.4
    rows = today.drawn(rng, most)
    rate = rates.mobility(today.age(rows)) * np.where(today.refugee(rows), 1.4, 1.0)
    group, time = today.valid(rng, today.household(today.thinned(rng, rows, rate, most)))
    away = rng.random(len(group.first)) < 0.33
    there = rng.choice(census.codes(), len(group.first), p=census.shares())
    komkod = np.where(away, there, people.komkod[group.first])
    move(today.register, group.rows, new_addresses(rng, komkod)[group.at], time)
    people.moved_mark[group.rows] = np.where(rng.random(len(group.first)) < 0.005, Unsure.STAR, Unsure.NO)[group.at]
    today.note(rng, group.rows, "A01")


def departures(today: Today) -> None:
    """Households leave the country; refugees have figures of their own and are not among them."""
    rng, people = today.chance("departures"), today.people
    rows = today.drawn(rng, rates.EMIGRATION)
    rate = np.where(people.country[rows] == DENMARK, 0.004, rates.EMIGRATION)
    young = np.where(today.age(rows) < 18, 0.0, np.where(today.age(rows) < 45, 1.0, 0.3))
    chosen = today.thinned(rng, rows, rate * young, rates.EMIGRATION)
    group, time = today.valid(rng, today.household(chosen[~today.refugee(chosen)]))
    leave(today, rng, group, time, rng.choice(DESTINATIONS, len(group.first)))


def leave(today: Today, rng: np.random.Generator, group: Group, time: NDArray[Any], country: NDArray[Any]) -> None:
    """Households go to a country; now and then the municipality has had to guess the date."""
    emigrate(today.register, group.rows, country[group.at], time)
    guessed = np.where(rng.random(len(group.first)) < 0.03, Unsure.STAR, Unsure.NO)
    today.people.status_mark[group.rows] = guessed[group.at]
    today.note(rng, group.rows, "A33")


def returns(today: Today) -> None:
    """People who had emigrated come back, each for oneself, half of them to the municipality that they left."""
    rng, people = today.chance("returns"), today.people
    rows = today.drawn(rng, rates.RETURNS)
    rows = rows[(people.status[rows] == 80) & (people.latest[rows] < today.day) & ~today.refugee(rows)]
    rows = rows[people.country[rows] != census.UKRAINE]
    group, time = today.valid(rng, _alone(rows))
    enter(today.register, group.rows, _home(today, rng, group.rows), time)
    today.note(rng, group.rows, "A06")


def losses(today: Today) -> None:
    """People who do not answer the authorities are registered as disappeared, the date often a guess."""
    rng, people = today.chance("losses"), today.people
    rows = today.drawn(rng, rates.LOSSES)
    rate = np.where(today.refugee(rows), rates.LOSSES, 0.0003) * (today.age(rows) >= 18)
    group, time = today.valid(rng, _alone(today.free(today.thinned(rng, rows, rate, rates.LOSSES))))
    lose(today.register, group.rows, time)
    people.status_mark[group.rows] = np.where(rng.random(len(group.rows)) < 0.3, Unsure.STAR, Unsure.NO)
    today.note(rng, group.rows, "A02")


def findings(today: Today) -> None:
    """Some of those who had disappeared are found."""
    rng, people = today.chance("findings"), today.people
    rows = today.drawn(rng, rates.FINDINGS)
    rows = rows[(people.status[rows] == 70) & (people.latest[rows] < today.day)]
    group, time = today.valid(rng, _alone(rows))
    find(today.register, group.rows, _home(today, rng, group.rows), time)
    today.note(rng, group.rows, "A03")


def new_addresses(rng: np.random.Generator, komkod: NDArray[Any]) -> Addresses:
    """One new address in each municipality; a few have none but a special road code."""
    count = len(komkod)
    homeless = rng.random(count) < 0.003
    road = np.where(homeless, 9910, rng.integers(1, 1500, count))
    house = np.where(homeless, 0, rng.integers(1, 160, count))
    return Addresses(komkod, road, house, np.where(homeless, 0, np.maximum(rng.integers(-12, 16, count), 0)))


def _alone(rows: Rows) -> Group:
    return Group(rows, rows, np.arange(len(rows)))


def _fathers(today: Today, mothers: Rows) -> Rows:
    """The husband, or the father of the mother's first child, if he is alive."""
    people = today.people
    at, children = today.register.children_of(mothers)
    fathers = np.full(len(mothers), -1, np.int64)
    fathers[at] = people.father[children]
    married = people.civil[mothers] == ord("G")
    fathers = np.where(married, people.spouse[mothers], fathers)
    return np.where((fathers >= 0) & (people.status[fathers] < 50), fathers, -1)


def _home(today: Today, rng: np.random.Generator, rows: Rows) -> Addresses:
    """A new address in the municipality of the last one, or in another."""
    there = rng.choice(census.codes(), len(rows), p=census.shares())
    return new_addresses(rng, np.where(rng.random(len(rows)) < 0.5, today.people.komkod[rows], there))
