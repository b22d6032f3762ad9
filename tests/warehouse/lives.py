"""Lives told in a few words, and the CPR files that follow from them: for tests that need one certain case.

A `Life` is a list of things that happened, each with the day on which CPR came to know it. `records` renders what CPR
would deliver of it on a day, `write_delivery` makes a whole delivery file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.readers.cpr.writer import Block, encode, end_record, start_record, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["Event", "Life", "write_delivery"]

UKRAINE, DENMARK, RUSSIA = "5704", "5100", "5700"
Row = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on `day`, known to CPR from `known` on (None: the same day)."""

    kind: str
    day: date
    value: str = ""
    known: date | None = None


@dataclass
class Life:
    """One person: number, birth, sex, citizenship at first, and what happened, in order."""

    number: str
    birth: date = date(1990, 6, 15)
    sex: str = "K"
    country: str = UKRAINE
    events: list[Event] = field(default_factory=list)
    later: tuple[str, date] | None = None
    """Another number that this person has from a day on."""

    def add(self, kind: str, day: date, value: str = "", known: date | None = None) -> Life:
        """Let something happen; returns the life, so that calls can follow each other."""
        self.events.append(Event(kind, day, value, known))
        return self

    def known_on(self, day: date) -> list[Event]:
        """What CPR knows on `day`."""
        return [e for e in self.events if (e.known or e.day) <= day]

    def changed(self, after: date | None, through: date) -> bool:
        """Whether CPR came to know something after one day and through another."""
        days = [e.known or e.day for e in self.events]
        days += [self.later[1]] if self.later else []
        return any((after is None or after < d) and d <= through for d in days)

    def records(self, day: date) -> list[Row]:
        """The person's records as delivered on `day`."""
        if self.later and self.later[1] <= day:
            old = {
                "PNR": self.number,
                "PNRGAELD": self.later[0],
                "STATUS": "60",
                "STATUSHAENSTART": _time(self.later[1]),
            }
            new = Life(self.later[0], self.birth, self.sex, self.country, self.events)
            return [
                ("001", old | self._facts()),
                *new.records(day),
                ("022", {"PNRGAELD": self.later[0], "PNR": self.number}),
            ]
        return _State(self, self.known_on(day)).render()

    def _facts(self) -> dict[str, object]:
        return {"KOEN": self.sex, "FOED_DT": np.datetime64(self.birth)}


class _State:
    """The register's view of one life, built event by event."""

    def __init__(self, life: Life, events: Sequence[Event]) -> None:
        self.life, self.status = life, "01"
        self.since: date | None = None
        self.home: tuple[str, date] | None = None
        self.rows: list[Row] = []
        self.out: date | None = None
        self.lost: date | None = None
        self.country, self.country_from = life.country, life.birth
        self.civil: tuple[str, date | None] = ("U", None)
        self.here = False
        for event in events:
            getattr(self, event.kind)(event)

    def born(self, e: Event) -> None:
        self.home, self.here = (e.value, e.day), True

    def enter(self, e: Event) -> None:
        home, _, country = e.value.partition(" from ")
        fields: dict[str, object] = {"INDRDTO": _time(e.day), "INDR_LANDEKOD": country or UKRAINE}
        if self.out:
            fields |= {"UDRDTO": _time(self.out), "UDR_LANDEKOD": UKRAINE}
        self.rows.append(("024", fields))
        self.home, self.out, self.status, self.since, self.here = (home, e.day), None, "01", None, True

    def arrive(self, e: Event) -> None:
        """An entry (from the country in `value`) without an address, which may follow as a move."""
        self.enter(Event("enter", e.day, f" from {e.value}"))
        self.home = None

    def annulled(self, e: Event) -> None:
        self.rows.append(("024", {"ANNKOR": "A", "INDRDTO": _time(e.day), "UDRDTO": _time(e.day)}))

    def leave(self, e: Event) -> None:
        self._move_out(e.day)
        if self.lost:
            self.rows.append(("025", {"FORSVINDDTO": _time(self.lost), "GENFINDDTO": _time(e.day)}))
            self.lost = None
        self.out, self.status, self.since = e.day, "80", e.day

    def move(self, e: Event) -> None:
        self._move_out(e.day)
        self.home = (e.value, e.day)

    def vanish(self, e: Event) -> None:
        self._move_out(e.day)
        self.lost, self.status, self.since = e.day, "70", e.day

    def found(self, e: Event) -> None:
        assert self.lost
        self.rows.append(("025", {"FORSVINDDTO": _time(self.lost), "GENFINDDTO": _time(e.day)}))
        self.home, self.lost, self.status, self.since = (e.value, e.day), None, "01", None

    def die(self, e: Event) -> None:
        self._move_out(e.day)
        self._end_civil(e.day)
        self.civil, self.status, self.since = ("D", e.day), "90", e.day

    def citizen(self, e: Event) -> None:
        self.rows.append(
            (
                "027",
                {
                    "LANDEKOD": self.country,
                    "HAENSTART-STATSBORGERSKAB": _time(self.country_from),
                    "HAENSLUT-STATSBORGERSKAB": _time(e.day),
                },
            )
        )
        self.country, self.country_from = e.value, e.day

    def civil_state(self, e: Event) -> None:
        self._end_civil(e.day)
        self.civil = (e.value, e.day)

    def administrative(self, e: Event) -> None:
        """No longer resident, for no reason that has a record of its own."""
        self._move_out(e.day)
        self.status, self.since = "20", e.day

    def cancelled(self, e: Event) -> None:
        self._move_out(e.day)
        self.status, self.since = "30", e.day

    def _move_out(self, day: date) -> None:
        if self.home:
            kommune, since = self.home
            self.rows.append(("023", {"KOMKOD": kommune, "TILFLYDTO": _time(since), "FRAFLYDTO": _time(day)}))
        self.home = None

    def _end_civil(self, day: date) -> None:
        state, since = self.civil
        if state != "U" and since:
            self.rows.append(
                ("029", {"CIVST": state, "HAENSTART-CIVILSTAND": _time(since), "HAENSLUT-CIVILSTAND": _time(day)})
            )

    def render(self) -> list[Row]:
        head: dict[str, object] = {"STATUS": self.status, **self.life._facts()}
        if self.since:
            head["STATUSHAENSTART"] = _time(self.since)
        rows: list[Row] = [("001", head)]
        if self.home:
            rows.append(("002", {"KOMKOD": self.home[0], "TILFLYDTO": _time(self.home[1])}))
        if self.out:
            rows.append(("005", {"UDRDTO": _time(self.out), "UDR_LANDEKOD": UKRAINE}))
        if self.lost:
            rows.append(("007", {"FORSVINDDTO": _time(self.lost)}))
        rows.append(("010", {"LANDEKOD": self.country, "HAENSTART-STATSBORGERSKAB": _time(self.country_from)}))
        state, since = self.civil
        rows.append(("012", {"CIVST": state} | ({"HAENSTART-CIVILSTAND": _time(since)} if since else {})))
        rows += sorted(self.rows, key=lambda row: row[0])
        return [(code, {"PNR": self.life.number} | fields) for code, fields in rows]


def write_delivery(folder: Path, produced: date, previous: date | None, lives: Iterable[Life]) -> Path:
    """Write the delivery of `produced`: whoever changed since `previous`; everybody where that is None."""
    told = [life for life in lives if life.known_on(produced) and life.changed(previous, produced)]
    rows = [row for life in told for row in life.records(produced)]
    body = b"".join(
        write([Block(code, encode(code, {n: np.asarray([v]) for n, v in fields.items()}))]) for code, fields in rows
    )
    path = folder / f"D{produced:%y%m%d}.L110901"
    path.write_bytes(write([start_record("110901", produced, previous)]) + body + write([end_record(len(rows))]))
    return path


def _time(day: date) -> np.datetime64:
    return np.datetime64(day, "m") + np.timedelta64(720, "m")
