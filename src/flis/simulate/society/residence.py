"""Changes of where people live: each closes a registration and opens the next, as CPR does.

All functions take different persons. Times are those from which a change is valid, given per person; a person's
changes must follow each other by days, which `flis.simulate.society.life` sees to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.register import FormerRecord, PopulationRegister

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.simulate.society.table import Rows

__all__ = ["Addresses", "civil_state", "close_address", "die", "emigrate", "enter", "find", "lose", "move", "now_at"]

HOMELESS = 9900


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where persons go, one address per person."""

    komkod: NDArray[Any]
    road: NDArray[Any]
    house: NDArray[Any]
    floor: NDArray[Any]

    @classmethod
    def of(cls, register: PopulationRegister, rows: Rows) -> Addresses:
        """The addresses of persons."""
        people = register.people
        return cls(people.komkod[rows], people.road[rows], people.house[rows], people.floor[rows])

    def __getitem__(self, at: NDArray[Any]) -> Addresses:
        """Some of the addresses."""
        return Addresses(self.komkod[at], self.road[at], self.house[at], self.floor[at])


def close_address(register: PopulationRegister, rows: Rows, time: NDArray[Any], *, mark: int = 0) -> None:
    """The current address becomes a former one; a marked row begins and ends at the same time."""
    people = register.people
    register.remember(
        rows,
        FormerRecord.ADDRESS,
        a=people.komkod[rows],
        b=people.road[rows],
        c=people.house[rows],
        d=people.floor[rows],
        start=time if mark else people.moved[rows],
        start_mark=people.moved_mark[rows],
        stop=time,
        ref=people.moved_in[rows],
        mark=mark,
    )


def now_at(register: PopulationRegister, rows: Rows, address: Addresses, time: NDArray[Any]) -> None:
    """A new current address from a time; moving into a municipality begins only where it is another one."""
    people = register.people
    away = address.komkod != people.komkod[rows]
    people.komkod[rows] = address.komkod
    people.road[rows] = address.road
    people.house[rows] = address.house
    people.floor[rows] = address.floor
    people.moved[rows] = time
    people.moved_mark[rows] = 0
    people.moved_in[rows[away]] = time[away]
    people.status[rows] = np.where(address.road >= HOMELESS, 3, 1)
    people.status_time[rows] = people.status_mark[rows] = 0
    people.latest[rows] = time // MINUTES


def move(register: PopulationRegister, rows: Rows, address: Addresses, time: NDArray[Any]) -> None:
    """Residents move to another address, in the same municipality or another."""
    people = register.people
    close_address(register, rows, time)
    away = address.komkod != people.komkod[rows]
    people.previous[rows[away]] = people.komkod[rows[away]]
    people.previous_time[rows[away]] = time[away]
    now_at(register, rows, address, time)


def emigrate(register: PopulationRegister, rows: Rows, country: NDArray[Any], time: NDArray[Any]) -> None:
    """Residents leave the country."""
    register.people.abroad[rows] = country
    _go(register, rows, 80, time)


def lose(register: PopulationRegister, rows: Rows, time: NDArray[Any]) -> None:
    """Residents disappear."""
    _go(register, rows, 70, time)


def enter(register: PopulationRegister, rows: Rows, address: Addresses, time: NDArray[Any]) -> None:
    """Persons who had emigrated come back, from the country that they went to."""
    people = register.people
    register.remember(
        rows,
        FormerRecord.ENTRY,
        a=people.abroad[rows],
        b=people.abroad[rows],
        start=people.status_time[rows],
        start_mark=people.status_mark[rows],
        stop=time,
    )
    people.entered[rows] = time // MINUTES
    _return(register, rows, address, time)


def find(register: PopulationRegister, rows: Rows, address: Addresses, time: NDArray[Any]) -> None:
    """Persons who had disappeared are found, living in Denmark."""
    people = register.people
    since, mark = people.status_time[rows], people.status_mark[rows]
    register.remember(rows, FormerRecord.LOST, start=since, start_mark=mark, stop=time)
    _return(register, rows, address, time)


def die(register: PopulationRegister, rows: Rows, time: NDArray[Any]) -> None:
    """Residents die; death is a civil state too, and a spouse's becomes widowed."""
    people = register.people
    _go(register, rows, 90, time)
    married = people.civil[rows] == ord("G")
    with_spouse = rows[married & (people.spouse[rows] >= 0)]
    widowed = people.spouse[with_spouse].astype(np.int64)
    when = people.status_time[with_spouse]
    civil_state(register, rows, ord("D"), people.spouse[rows].astype(np.int64), time)
    alive = (people.status[widowed] != 90) & (people.spouse[widowed] == with_spouse)
    civil_state(register, widowed[alive], ord("E"), with_spouse[alive], when[alive])


def civil_state(register: PopulationRegister, rows: Rows, state: int, spouses: Rows, time: NDArray[Any]) -> None:
    """A new civil state; the one before becomes history, but CPR keeps none of being unmarried."""
    people = register.people
    was = rows[people.civil[rows] != ord("U")]
    register.remember(
        was,
        FormerRecord.CIVIL,
        a=people.civil[was],
        start=people.civil_time[was],
        start_mark=people.civil_mark[was],
        stop=time[people.civil[rows] != ord("U")],
        ref=people.spouse[was],
    )
    apart = people.separated[rows] > 0
    since = people.separated[rows[apart]] * MINUTES
    register.remember(rows[apart], FormerRecord.SEPARATION, start=since, stop=time[apart])
    people.separated[rows] = people.civil_mark[rows] = 0
    people.civil[rows] = state
    people.civil_time[rows] = time
    people.spouse[rows] = spouses


def _go(register: PopulationRegister, rows: Rows, status: int, time: NDArray[Any]) -> None:
    people = register.people
    close_address(register, rows, time)
    people.status[rows] = status
    people.status_time[rows] = time
    people.latest[rows] = time // MINUTES


def _return(register: PopulationRegister, rows: Rows, address: Addresses, time: NDArray[Any]) -> None:
    people = register.people
    away = address.komkod != people.komkod[rows]
    people.previous[rows[away]] = people.komkod[rows[away]]
    people.previous_time[rows[away]] = people.status_time[rows[away]]
    now_at(register, rows, address, time)
