"""Rows with two clocks: the day that a figure is about, and the days on which it was known.

The public store keeps one row per figure and version. `Versions` holds such a table in memory; `as_known` lays
the versions that were known on one day out as a dense array, so that everything after it is plain indexing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.int64]

__all__ = ["EPOCH", "Versions", "day_number", "number_day"]

EPOCH = date(1970, 1, 1)
FOREVER = np.iinfo(np.int64).max


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def number_day(number: int) -> date:
    """The day that lies `number` days after 1970-01-01."""
    return EPOCH + timedelta(days=int(number))


@dataclass(frozen=True, slots=True)
class Versions:
    """A bitemporal table: per row a day, an area, the first and last-plus-one day of being known, and values."""

    first: int
    count: int
    areas: int
    day: Numbers
    area: Numbers
    known_from: Numbers
    known_to: Numbers
    values: Numbers

    @classmethod
    def read(
        cls, table: pa.Table, *, day: str, areas: dict[str, int], measures: Sequence[str], step: int = 1
    ) -> Versions:
        """From a public table; `day` names its day column, `step` its distance in days (7: weeks).

        Rows of an area that `areas` does not name are left out; a table without `kommune` is the country's.
        """
        days = _days(table, day)
        if "kommune" in table.column_names:
            names = table.column("kommune").to_pylist()
            area = np.fromiter((areas.get(n, -1) for n in names), np.int64, len(names))
        else:
            area = np.zeros(len(days), np.int64)
        values = np.stack(
            [np.nan_to_num(table.column(m).to_numpy()).astype(np.int64) for m in measures], axis=1
        ).reshape(len(days), len(measures))
        keep = area >= 0
        first = int(days[keep].min()) if keep.any() else 0
        place = (days - first) // step
        return cls(
            first=first,
            count=int(place[keep].max()) + 1 if keep.any() else 0,
            areas=len(areas),
            day=place[keep],
            area=area[keep],
            known_from=_days(table, "known_from")[keep],
            known_to=_days(table, "known_to")[keep],
            values=values[keep],
        )

    def as_known(self, known: int) -> Numbers:
        """The values known at the end of day `known`: an array of day × area × measure, 0 where there is no row."""
        dense = np.zeros((self.count, self.areas, self.values.shape[1]), np.int64)
        rows = (self.known_from <= known) & (self.known_to > known)
        dense[self.day[rows], self.area[rows]] = self.values[rows]
        return dense

    def last_known(self, known: int) -> int:
        """The place of the newest day that was known then, -1 where none was."""
        rows = self.known_from <= known
        return int(self.day[rows].max()) if rows.any() else -1

    def first_published(self, area: int, known: int) -> dict[int, tuple[Numbers, int, int]]:
        """Per place of a day: the values first published, and the days of the first and of the newest version."""
        rows = np.flatnonzero((self.area == area) & (self.known_from <= known))
        rows = rows[np.argsort(self.known_from[rows], kind="stable")]
        found: dict[int, tuple[Numbers, int, int]] = {}
        for row in rows:
            place, at = int(self.day[row]), int(self.known_from[row])
            values, first, _ = found.get(place, (self.values[row], at, at))
            found[place] = (values, first, at)
        return found


def _days(table: pa.Table, column: str) -> Numbers:
    """A date column as day numbers; null (still known) is for ever."""
    values = table.column(column).cast("int32").to_pylist()
    return np.fromiter((FOREVER if v is None else v for v in values), np.int64, len(values))
