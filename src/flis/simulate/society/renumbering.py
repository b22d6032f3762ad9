"""Person numbers that are given up: changed ones (status 60), and second numbers of one person (status 50)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.simulate.society import rates
from flis.simulate.society.day_numbers import DAYS, MINUTES
from flis.simulate.society.register import FormerRecord
from flis.simulate.society.residence import close_address
from flis.simulate.society.table import unique_rows, walk

if TYPE_CHECKING:
    from flis.simulate.society.register import PopulationRegister
    from flis.simulate.society.table import Rows
    from flis.simulate.society.today import Today

__all__ = ["Doubles", "changes"]

CHANGED, DELETED = 60, 50
OF_OTHERS = 0.015
"""How often others' numbers are changed, as a part of how often refugees' are."""
NEVER = DAYS
"""As the day of the newest change it means that nothing happens to a number any more."""


def changes(today: Today) -> None:
    """A date of birth, and with it the number, was wrong; the person goes on under a new one."""
    rng, people, register = today.chance("numbers"), today.people, today.register
    most = rates.NUMBER_CHANGES
    rows = today.free(today.drawn(rng, most))
    rows = today.thinned(rng, rows, np.where(today.refugee(rows), most, most * OF_OTHERS), most)
    for relative in (people.spouse, people.mother, people.father):
        rows = rows[~np.isin(relative[rows], rows)]
    if not len(rows):
        return
    new = people.copy(rows)
    people.birth[new] = people.birth[rows] - rng.integers(1, 40, len(rows))
    people.serial[new] = register.series.take(people.birth[new], people.sex[new])
    people.start[new] = today.day
    family = _family(register, rows)
    _relink(register, rows, new)
    _give_up(today, rows, new, CHANGED)
    today.note(rng, rows, "P03")
    today.note(rng, new, "P03", "PN")
    today.note(rng, family, "P03", "BØ")


class Doubles:
    """People who were registered twice on entry, and the day-by-day finding of them."""

    def __init__(self) -> None:
        self._open: list[tuple[int, int]] = []

    def live(self, today: Today) -> None:
        """Some who have just entered get a second number; some second numbers are found out and deleted."""
        rng, people = today.chance("doubles"), today.people
        found = [pair for pair, luck in zip(self._open, rng.random(len(self._open)), strict=True) if luck < 0.03]
        self._delete(today, rng, found)
        rows = today.drawn(rng, rates.SECOND_NUMBERS)
        rows = today.free(rows[people.entered[rows] > today.day - 10])
        if not len(rows):
            return
        doubles = people.extend(
            len(rows), **{name: getattr(people, name)[rows] for name in COPIED}, start=today.day, latest=NEVER
        )
        people.serial[doubles] = today.register.series.take(people.birth[doubles], people.sex[doubles])
        people.civil[doubles] = ord("U")
        entered = people.moved[doubles]
        today.register.remember(doubles, FormerRecord.ENTRY, b=people.place[doubles], stop=entered)
        today.note(rng, doubles, "A05")
        self._open += zip(doubles.tolist(), rows.tolist(), strict=True)

    def _delete(self, today: Today, rng: np.random.Generator, found: list[tuple[int, int]]) -> None:
        if not found:
            return
        people = today.people
        pairs = [(double, row) for double, row in found if people.current[row] < 0]
        self._open = [pair for pair in self._open if pair not in found]
        doubles, rows = (np.array([pair[n] for pair in pairs], np.int64) for n in (0, 1))
        _give_up(today, doubles, rows, DELETED)
        today.note(rng, doubles, "P02")
        today.note(rng, rows, "P02", "PN")


COPIED = (
    "birth", "birth_mark", "sex", "status", "country", "country_time", "country_mark", "komkod", "road", "house",
    "floor", "moved", "moved_in", "entered", "given", "family", "name_time", "church", "church_day", "place",
)  # fmt: skip


def _give_up(today: Today, rows: Rows, current: Rows, status: int) -> None:
    """Numbers that are valid no longer point to the one that is, and it has them among its former numbers."""
    people, register = today.people, today.register
    time = np.full(len(rows), today.day * MINUTES + 13 * 60, np.int32)
    close_address(register, rows, time)
    register.remember(current, FormerRecord.NUMBER, ref=rows, start=people.start[rows] * MINUTES, stop=time)
    people.status[rows] = status
    people.status_time[rows] = time
    people.current[rows] = current
    people.stop[rows] = today.day
    people.latest[rows] = NEVER


def _family(register: PopulationRegister, rows: Rows) -> Rows:
    """Those whose records name the persons: spouses, parents, children."""
    people = register.people
    _, children = register.children_of(rows)
    return unique_rows(people.spouse[rows], people.mother[rows], people.father[rows], children)


def _relink(register: PopulationRegister, rows: Rows, new: Rows) -> None:
    """Families refer to the new numbers."""
    people, links = register.people, register.links
    at, children = register.children_of(rows)
    for column in (people.mother, people.father):
        own = column[children] == rows[at]
        column[children[own]] = new[at[own]]
    married = people.spouse[rows] >= 0
    spouses = people.spouse[rows[married]]
    mutual = people.spouse[spouses] == rows[married]
    people.spouse[spouses[mutual]] = new[married][mutual]
    for parents in (people.mother[rows], people.father[rows]):
        known = np.flatnonzero(parents >= 0)
        at, link = walk(people.children[parents[known]], links.before)
        own = links.child[link] == rows[known[at]]
        links.child[link[own]] = new[known[at[own]]]
