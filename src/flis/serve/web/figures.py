"""The public store of one release, read into memory once: small tables, indexed by day and area."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from flis.catalog.reference import municipalities
from flis.release.tables import FLOWS
from flis.serve.web.clocks import Versions, day_number, number_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from flis.serve.web.clocks import Numbers

__all__ = ["AREAS", "COUNTRY", "GROUPS", "MEASURES", "Breakdown", "Delivered", "Figures", "Known"]

COUNTRY = "0000"
AREAS: dict[str, int] = {COUNTRY: 0} | {m.code: n for n, m in enumerate(municipalities(), 1)}
MEASURES = ("antal", "indrejste_minus_udrejste")
GROUPS = {
    "aldersgruppe": ("00-06", "07-16", "17-19", "20-66", "67+"),
    "koen": ("K", "M"),
    "civilstand": ("ugift", "gift", "andet"),
}
REMEMBERED = 16  # days of being known that are kept laid out


@dataclass(frozen=True, slots=True)
class Delivered:
    """A loaded delivery: the day that it was produced on, and its id."""

    produced: date
    id: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One way of dividing an area's persons, on one day: groups and counts in the catalogue's order."""

    dimension: str
    day: date
    groups: tuple[str, ...]
    counts: tuple[int, ...]


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
    deliveries: tuple[Delivered, ...]
    total: Versions
    flow_day: Versions
    flow_week: Versions
    breakdowns: Mapping[tuple[str, str], Mapping[date, Breakdown]]
    _known: OrderedDict[int, Known] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def read(cls, release: int, applied: datetime, simulated: bool, tables: Mapping[str, Sequence[Path]]) -> Figures:
        """From the Parquet files of a release's public store."""
        total = _table(tables, "total")
        flow_day = _table(tables, "flow_day")
        flow_week = _table(tables, "flow_week")
        delivery = _table(tables, "delivery").sort_by("produced")
        return cls(
            release=release,
            applied=applied,
            simulated=simulated,
            deliveries=tuple(
                Delivered(produced, name)
                for produced, name in zip(
                    delivery.column("produced").to_pylist(), delivery.column("id").to_pylist(), strict=True
                )
            ),
            total=Versions.read(total, day="dato", areas=AREAS, measures=MEASURES),
            flow_day=Versions.read(flow_day, day="dato", areas={COUNTRY: 0}, measures=FLOWS),
            flow_week=Versions.read(flow_week, day="uge", areas=AREAS, measures=FLOWS, step=7),
            breakdowns=_breakdowns(_table(tables, "breakdown")),
        )

    @property
    def mark(self) -> tuple[int, datetime, bool]:
        """What tells these figures from others: an answer made of them is good for as long as it is the same."""
        return self.release, self.applied, self.simulated

    @property
    def newest(self) -> date:
        """The production date of the newest delivery: the newest day of being known."""
        return self.deliveries[-1].produced

    def delivery(self, known: date) -> Delivered | None:
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

    def breakdown(self, area: str, dimension: str, day: date) -> Breakdown | None:
        """A division of an area: the day's own where it is published, else the newest published one."""
        found = self.breakdowns.get((area, dimension))
        if not found:
            return None
        return found.get(day) or (found[max(found)] if area != COUNTRY else None)


def _table(tables: Mapping[str, Sequence[Path]], name: str) -> pa.Table:
    return pa.concat_tables([pq.read_table(path) for path in tables[name]])


def _breakdowns(table: pa.Table) -> dict[tuple[str, str], dict[date, Breakdown]]:
    """By area and dimension, then by day; a group without a row has nobody (or, rounded, next to nobody)."""
    counts: dict[tuple[str, str, date], dict[str, int]] = {}
    for row in table.to_pylist():
        counts.setdefault((row["kommune"], row["dimension"], row["dato"]), {})[row["gruppe"]] = row["antal"]
    week = max((day for area, _, day in counts if area != COUNTRY), default=None)
    if week:
        for area in AREAS:
            for dimension in GROUPS:
                counts.setdefault((area, dimension, week), {})
    found: dict[tuple[str, str], dict[date, Breakdown]] = {}
    for (area, dimension, day), groups in counts.items():
        names = GROUPS[dimension]
        found.setdefault((area, dimension), {})[day] = Breakdown(
            dimension, day, names, tuple(groups.get(name, 0) for name in names)
        )
    return found
