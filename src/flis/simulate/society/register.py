"""The simulated register: one row per person number, one row per closed registration.

The columns hold what CPR would know, as codes and numbers; `flis.simulate.cpr.records` writes them as records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.person_numbers import Series
from flis.simulate.society.table import Code, ColumnTable, Flag, Number, Row, Rows, unique_rows, walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ABROAD", "Event", "FormerRecord", "History", "Links", "Mark", "People", "PopulationRegister", "Unsure"]

ABROAD = -2
"""In place of a spouse's row: a spouse without a Danish person number."""


class FormerRecord(IntEnum):
    """Which historical record a row of history becomes."""

    UNDONE = 0
    NUMBER = 22
    ADDRESS = 23
    ENTRY = 24
    LOST = 25
    NAME = 26
    CITIZENSHIP = 27
    CHURCH = 28
    CIVIL = 29
    SEPARATION = 30


class Mark(IntEnum):
    """ANNKOR: why a row of history does not count."""

    NONE = 0
    CORRECTED = 1
    ANNULLED = 2
    TECHNICAL = 3


class Unsure(IntEnum):
    """How uncertain a date is: a star, and what of it is zero or 99."""

    NO = 0
    STAR = 1
    DAY = 2
    MONTH = 3
    MINUTE = 4


class People(ColumnTable):
    """One row per person number; `moved` and what follows is the last address, current while the status is 1 or 3."""

    birth: Number
    birth_mark: Flag
    serial: Code
    sex: Flag
    status: Flag
    status_time: Number
    status_mark: Flag
    current: Row
    start: Number
    stop: Number
    civil: Flag
    civil_time: Number
    civil_mark: Flag
    spouse: Row
    separated: Number
    country: Code
    country_time: Number
    country_mark: Flag
    mother: Row
    father: Row
    children: Row
    komkod: Code
    road: Code
    house: Code
    floor: Flag
    moved: Number
    moved_mark: Flag
    moved_in: Number
    previous: Code
    previous_time: Number
    abroad: Code
    entered: Number
    latest: Number
    given: Code
    family: Code
    name_time: Number
    church: Flag
    church_day: Number
    place: Code
    job: Flag
    history: Row


class History(ColumnTable):
    """Closed registrations; what `a` to `d` and `ref` mean depends on the kind (see `flis.simulate.cpr.records`)."""

    kind: Flag
    mark: Flag
    a: Code
    b: Code
    c: Code
    d: Flag
    start: Number
    start_mark: Flag
    stop: Number
    stop_mark: Flag
    ref: Row
    before: Row


class Links(ColumnTable):
    """Children of a person."""

    child: Row
    before: Row


@dataclass(frozen=True, slots=True)
class Event:
    """Events (record 099) of some persons: time of registration, code and role."""

    rows: Rows
    time: NDArray[np.int32]
    code: str
    role: str


@dataclass(slots=True)
class PopulationRegister:
    """All tables, the series of person numbers, and what has happened since the last delivery."""

    people: People = field(default_factory=People)
    history: History = field(default_factory=History)
    links: Links = field(default_factory=Links)
    series: Series = field(default_factory=Series)
    events: list[Event] = field(default_factory=list)

    def note(self, rows: Rows, time: Any, code: str, role: str = "") -> None:
        """Say that something was registered about persons, so that they come in the next delivery."""
        if len(rows):
            self.events.append(Event(rows, np.broadcast_to(np.asarray(time, np.int32), len(rows)), code, role))

    def touched(self) -> Rows:
        """The persons of the next delivery, by birth and number."""
        if not self.events:
            return np.empty(0, np.int64)
        return self.ordered(unique_rows(*(event.rows for event in self.events)))

    def ordered(self, rows: Rows) -> Rows:
        """Rows in the order of a delivery: by birth, then number."""
        return rows[np.lexsort((self.people.serial[rows], self.people.birth[rows]))]

    def remember(self, rows: Rows, kind: FormerRecord, **values: Any) -> None:
        """Add one row of history to each of these (different) persons."""
        if not len(rows):
            return
        new = self.history.extend(len(rows), kind=kind, before=self.people.history[rows], **values)
        self.people.history[rows] = new

    def newest(self, rows: Rows, kind: FormerRecord) -> Rows:
        """Each person's newest row of history of a kind that is not marked; -1 where there is none."""
        history = self.history
        found = np.full(len(rows), -1, np.int64)
        position, past = walk(self.people.history[rows], history.before)
        right = (history.kind[past] == kind) & (history.mark[past] == Mark.NONE)
        found[position[right]] = past[right]
        return found

    def link(self, parents: Rows, children: Rows) -> None:
        """Note children of parents; a parent may come several times."""
        order = np.argsort(parents, kind="stable")
        parents, children = parents[order], children[order]
        first = np.ones(len(parents), bool)
        first[1:] = parents[1:] != parents[:-1]
        new = self.links.extend(len(parents), child=children)
        before = new - 1
        before[first] = self.people.children[parents[first]]
        self.links.before[new] = before
        self.people.children[parents] = new

    def children_of(self, rows: Rows) -> tuple[Rows, Rows]:
        """All children: positions in `rows`, and the children's rows."""
        position, link = walk(self.people.children[rows], self.links.before)
        return position, self.links.child[link].astype(np.int64)

    def resident(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether the persons live in a Danish municipality."""
        status = self.people.status[rows]
        lives: NDArray[np.bool_] = (status == 1) | (status == 3)
        return lives

    def age(self, rows: Rows, day: int) -> NDArray[np.int64]:
        """Age in whole years, good to a day."""
        return ((day - self.people.birth[rows].astype(np.int64)) / 365.2425).astype(np.int64)

    def moved_day(self, rows: Rows) -> NDArray[np.int32]:
        """The day on which the current address began."""
        return self.people.moved[rows] // MINUTES
