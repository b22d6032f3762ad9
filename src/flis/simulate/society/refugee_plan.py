"""How many Ukrainians enter and leave, by month and municipality: published figures, and what lies between them.

`data/refugees.csv` has the country's months, `data/refugees_by_municipality.csv` what was published of municipalities
(without a month: the net number of 2022-08-12). The rest follows the number of inhabitants.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from flis.simulate.society import census

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Plan", "plan"]

NET = 23_135
"""Entries less exits of the country through `NET_DAY`."""
NET_DAY = date(2022, 8, 12)
SPREAD = 0.9
"""Small municipalities took more per inhabitant: their share follows this power of the inhabitants."""
ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """Entries by month and municipality, exits by month."""

    months: tuple[str, ...]
    entries: NDArray[np.float64]
    exits: NDArray[np.float64]

    def entries_on(self, day: date) -> NDArray[np.float64]:
        """Entries of an average day, by municipality; after the last month the plan goes on with it."""
        month = self._month(day)
        return self.entries[month] / _length(day) if month >= 0 else np.zeros(self.entries.shape[1])

    def exits_on(self, day: date) -> float:
        """Exits of an average day."""
        month = self._month(day)
        return float(self.exits[month]) / _length(day) if month >= 0 else 0.0

    def _month(self, day: date) -> int:
        name = f"{day:%Y-%m}"
        if name < self.months[0]:
            return -1
        return self.months.index(name) if name in self.months else len(self.months) - 1


@cache
def plan() -> Plan:
    """The plan, fitted so that months, municipalities and what was published of both agree."""
    table = census.rows("refugees.csv")
    months = tuple(row["month"] for row in table)
    entries = np.array([float(row["entries"]) for row in table])
    exits = np.array([float(row["exits"]) for row in table])
    first = sum(month <= f"{NET_DAY:%Y-%m}" for month in months)
    fixed, totals = _published(months)
    share = _shares(totals)
    before = entries[:first].copy()
    before[-1] *= NET_DAY.day / _length(NET_DAY)
    fitted = _fit(np.outer(before, share), fixed[:first], before, share * before.sum())
    fitted[-1] *= entries[first - 1] / before[-1]
    return Plan(months, np.vstack([fitted, np.outer(entries[first:], share)]), exits)


def _published(months: tuple[str, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By month and municipality, and net by municipality; NaN where nothing was published."""
    place = {int(code): n for n, code in enumerate(census.codes())}
    fixed, totals = np.full((len(months), len(place)), np.nan), np.full(len(place), np.nan)
    for row in census.rows("refugees_by_municipality.csv"):
        where, persons = place[int(row["code"])], float(row["persons"])
        if row["month"]:
            fixed[months.index(row["month"]), where] = persons
        else:
            totals[where] = persons
    return fixed, totals


def _shares(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(totals)
    share = np.where(known, totals / NET, 0)
    weight = np.where(known, 0, census.inhabitants() ** SPREAD)
    whole: NDArray[np.float64] = share + weight / weight.sum() * (1 - share.sum())
    return whole


def _fit(
    table: NDArray[np.float64], fixed: NDArray[np.float64], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Iterative proportional fitting to row and column sums, with some cells given."""
    given = ~np.isnan(fixed)
    held = np.where(given, np.nan_to_num(fixed), 0)
    free = np.where(given, 0, table)
    for _ in range(ROUNDS):
        free *= (np.maximum(columns - held.sum(axis=0), 0) / np.maximum(free.sum(axis=0), 1e-9))[None, :]
        free *= ((rows - held.sum(axis=1)) / free.sum(axis=1))[:, None]
    return free + held


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]
