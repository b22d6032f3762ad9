"""The public store of one release, read into memory once: small tables, indexed by day and area."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.catalog.reference import municipalities
from flis.release.tables import public_tables
from flis.serve.web.ukraine.known_versions import Versions, day_number, number_day
from flis.serve.web.ukraine.rules import AREA, groups_shown
from flis.serve.web.ukraine.spans import SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from flis.serve.web.ukraine.known_versions import Numbers

__all__ = [
    "AREAS",
    "COUNTRY",
    "DAILY",
    "MEASURES",
    "RARE",
    "Breakdown",
    "Figures",
    "Known",
    "LoadedDelivery",
    "Month",
]

COUNTRY = "0000"
AREAS: dict[str, int] = {COUNTRY: 0} | {m.code: n for n, m in enumerate(municipalities(), 1)}
MEASURES = ("antal", "indrejste_minus_udrejste")
DAILY = ("indrejste", "udrejste")
RARE = (
    "tilflyttede",
    "fraflyttede",
    "doede",
    "forsvundne",
    "genfundne",
    "statsborgerskab_opnaaet",
    "statsborgerskab_mistet",
    "oevrige",
)
"""The flows that are shown by day or week, and those that are shown for the country's whole months."""
REMEMBERED = 16  # days of being known that are kept laid out


@dataclass(frozen=True, slots=True)
class LoadedDelivery:
    """A loaded delivery: the day that it was produced on, and its id."""

    produced: date
    id: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One way of dividing an area's persons, on one day: groups and counts in the catalogue's order.

    `made` is the production date of the delivery that it was counted from. It is not counted again.
    """

    dimension: str
    day: date
    groups: tuple[str, ...]
    counts: tuple[int, ...]
    made: date


@dataclass(frozen=True, slots=True)
class Month:
    """The country's rare flows of whole months, from `first` through `last`, which are not counted again."""

    first: date
    last: date
    flows: tuple[int, ...]
    made: date


@dataclass(frozen=True)
class Known:
    """All that was known on a day: dense arrays, day × area × measure."""

    first: date
    last: date
    totals: Numbers
    flows_daily: Numbers
    flows_weekly: Numbers
    first_flow: date
    first_week: date

    @property
    def days(self) -> int:
        """How many days are covered."""
        return (self.last - self.first).days + 1

    def place(self, day: date) -> int:
        """The index of a day in `totals`."""
        return (day - self.first).days

    @cached_property
    def people(self) -> Numbers:
        """Antal personer, day × area."""
        return self.totals[:, :, 0]


@dataclass
class Figures:
    """Everything that the pages of one release show; `simulated` says that all persons are."""

    release: int
    applied: datetime
    simulated: bool
    deliveries: tuple[LoadedDelivery, ...]
    total: Versions
    flow_day: Versions
    flow_week: Versions
    breakdowns: Mapping[tuple[str, str], Sequence[Breakdown]]
    months: tuple[Month, ...] = ()
    _known: OrderedDict[int, Known] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def read(cls, release: int, applied: datetime, simulated: bool, tables: Mapping[str, Sequence[Path]]) -> Figures:
        """From the Parquet files of a release's public store."""
        total = _table(tables, "total")
        flow_day = _table(tables, "flow_day")
        flow_week = _small(_table(tables, "flow_week"))
        delivery = _table(tables, "delivery").sort_by("produced")
        return cls(
            release=release,
            applied=applied,
            simulated=simulated,
            deliveries=tuple(
                LoadedDelivery(produced, name)
                for produced, name in zip(
                    delivery.column("produced").to_pylist(), delivery.column("id").to_pylist(), strict=True
                )
            ),
            total=Versions.read(total, day="dato", areas=AREAS, measures=MEASURES),
            flow_day=Versions.read(flow_day, day="dato", areas={COUNTRY: 0}, measures=DAILY),
            flow_week=Versions.read(flow_week, day="uge", areas=AREAS, measures=DAILY, step=7),
            breakdowns=_breakdowns(_table(tables, "breakdown")),
            months=_months(_table(tables, "flow_month")),
        )

    @property
    def mark(self) -> tuple[int, datetime, bool]:
        """What tells these figures from others: an answer made of them is good for as long as it is the same."""
        return self.release, self.applied, self.simulated

    @property
    def newest(self) -> date:
        """The production date of the newest delivery: the newest day of being known."""
        return self.deliveries[-1].produced

    def delivery(self, known: date) -> LoadedDelivery | None:
        """The newest delivery produced up to a day; None before the first."""
        return next((d for d in reversed(self.deliveries) if d.produced <= known), None)

    def known(self, day: date) -> Known:
        """What was known on `day`; later than the newest delivery is as known from that delivery."""
        number = min(day_number(day), day_number(self.newest))
        with self._lock:
            if number in self._known:
                self._known.move_to_end(number)
                return self._known[number]
        known = self._lay_out(number)
        with self._lock:
            self._known[number] = known
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known

    def _lay_out(self, number: int) -> Known:
        last = self.total.last_known(number)
        daily, weekly = self.flow_day.as_known(number)[:, 0], self.flow_week.as_known(number)
        week_of = (np.arange(len(daily)) + self.flow_day.first - self.flow_week.first) // 7
        whole = (week_of >= 0) & (week_of < len(weekly))
        np.add.at(weekly[:, AREAS[COUNTRY]], week_of[whole], daily[whole])
        return Known(
            first=number_day(self.total.first),
            last=number_day(self.total.first + last),
            totals=self.total.as_known(number)[: last + 1],
            flows_daily=daily,
            flows_weekly=weekly,
            first_flow=number_day(self.flow_day.first),
            first_week=number_day(self.flow_week.first),
        )

    @property
    def breakdowns_since(self) -> date | None:
        """The production date from which on breakdowns have been published by the rules that hold now."""
        return min((b.made for of in self.breakdowns.values() for b in of), default=None)

    def breakdown(self, area: str, dimension: str, day: date) -> Breakdown | None:
        """A division of an area: the newest published one up to a day."""
        found = self.breakdowns.get((area, dimension), ())
        place = bisect_right(found, day, key=lambda b: b.day)
        return found[place - 1] if place else None


def _table(tables: Mapping[str, Sequence[Path]], name: str) -> pa.Table:
    listed = [pq.read_table(path) for path in tables.get(name, ())]
    return pa.concat_tables(listed) if listed else public_tables(AREA)[name].empty_table()


def _small(table: pa.Table) -> pa.Table:
    """Small counts, which the store leaves out, under a number of their own."""
    columns = {n: pc.fill_null(table[n], SMALL) if n in DAILY else table[n] for n in table.column_names}
    return pa.table(columns)


def _breakdowns(table: pa.Table) -> dict[tuple[str, str], list[Breakdown]]:
    """By area and dimension, oldest day first; a figure without a group of the dimension is none."""
    counts: dict[tuple[str, str, date, date], dict[str, int]] = {}
    for row in table.to_pylist():
        key = (row["kommune"], row["dimension"], row["dato"], row["opgjort"])
        counts.setdefault(key, {})[row["gruppe"]] = row["antal"]
    found: dict[tuple[str, str], list[Breakdown]] = {}
    for area, dimension, day, made in sorted(counts):
        groups, names = counts[area, dimension, day, made], groups_shown()[dimension]
        found.setdefault((area, dimension), []).append(
            Breakdown(dimension, day, names, tuple(groups[name] for name in names), made)
        )
    return found


def _months(table: pa.Table) -> tuple[Month, ...]:
    rows = sorted(table.to_pylist(), key=lambda row: row["maaned"])
    return tuple(Month(row["fra"], row["maaned"], tuple(row[name] for name in RARE), row["opgjort"]) for row in rows)
