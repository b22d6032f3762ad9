"""Sets of a dimension's rows, one for each of many contexts: what an asked period is, and the periods beside it.

A set holds rows, not members: whatever filter names it, in whichever hierarchy, the same rows are the same period.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import Unit
from flis.query.cubes.member_table import expanded
from flis.query.evaluation.cubequery import Windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.structure import BoundHierarchy
    from flis.query.evaluation.values import Rows
    from flis.query.result import Ordinals

__all__ = ["Calendar", "RowSets", "below", "under"]

MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


@dataclass(frozen=True, slots=True, eq=False)
class RowSets:
    """`count` sets: the rows of each, and by `of` which one each context has."""

    count: int
    numbers: Rows  # the set of each row, ascending
    rows: Rows
    of: Rows

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which contexts have any row."""
        return np.bincount(self.numbers, minlength=self.count)[self.of] > 0

    def take(self, contexts: NDArray[np.int64]) -> RowSets:
        """For some of the contexts."""
        return replace(self, of=self.of[contexts])

    def holding(self, numbers: Rows, rows: Rows) -> RowSets:
        """Sets of the same contexts with other rows, each once."""
        width = int(rows.max(initial=0)) + 1
        both = np.unique(numbers * width + rows)
        return replace(self, numbers=both // width, rows=both % width)

    def windows(self, dimension: str) -> tuple[Windows, Ordinals]:
        """As windows, equal sets once, and the number of the window of each context."""
        starts = np.searchsorted(self.numbers, np.arange(self.count + 1))
        known: dict[bytes, int] = {}
        number = np.array(
            [known.setdefault(self.rows[a:b].tobytes(), len(known)) for a, b in pairwise(starts)],
            dtype=np.int32,
        )
        _, first = np.unique(number, return_index=True)
        at, rows = expanded(starts[first], np.diff(starts)[first], self.rows)
        return Windows.of(dimension, len(first), at, rows), number[self.of]


def below(
    hierarchies: Sequence[BoundHierarchy],
    columns: Sequence[Ordinals],
    left: Sequence[NDArray[np.bool_]],
    which: Ordinals | None = None,
) -> RowSets:
    """The rows that lie below every member of each context's tuple, of those that are left, in the first or other way.

    A number below 0 in a column stands for no member that restricts anything.
    """
    which = np.zeros(len(columns[0]), dtype=np.int32) if which is None else which
    tuples, of = np.unique(np.stack([*columns, which]), axis=1, return_inverse=True)
    size = len(left[0])
    numbers, rows = np.divmod(np.arange(tuples.shape[1] * size), max(size, 1))
    active = [i for i in range(len(hierarchies)) if (tuples[i] >= 0).any()]
    if active:
        numbers, rows = under(hierarchies[active[0]], tuples[active[0]])
        for i in active[1:]:
            own = hierarchies[i].numbered.own[rows]
            first, last = _range(hierarchies[i], tuples[i])
            keep = (own >= first[numbers]) & (own <= last[numbers])
            numbers, rows = numbers[keep], rows[keep]
    keep = np.stack(left)[tuples[-1][numbers], rows]
    return RowSets(tuples.shape[1], numbers[keep], rows[keep], of.reshape(-1))


def _range(hierarchy: BoundHierarchy, members: Ordinals) -> tuple[Ordinals, Ordinals]:
    """The first and last number of what lies below each member; everything for a number below 0."""
    table = hierarchy.table
    first = np.where(members >= 0, members, -1)
    last = np.where(members >= 0, table.last[np.maximum(members, 0)], table.size)
    for data, owner in table.owner.items():
        first = np.where(members == data, owner, first)
        last = np.where(members == data, owner, last)
    return first, last


def under(hierarchy: BoundHierarchy, members: Ordinals) -> tuple[Rows, Rows]:
    """The rows below each member: (place of the member, row), in order; all rows below a number below 0."""
    own = hierarchy.numbered.own
    order = np.argsort(own, kind="stable")
    first, last = _range(hierarchy, members)
    start = np.searchsorted(own[order], first, side="left")
    end = np.searchsorted(own[order], last, side="right")
    numbers, rows = expanded(start, end - start, order)
    at = np.lexsort((rows, numbers))
    return numbers[at], rows[at]


class Calendar:
    """The days of a time dimension's rows, and the periods beside a period."""

    def __init__(self, dates: NDArray[np.datetime64]) -> None:
        self.dates = dates
        order = np.argsort(dates, kind="stable")
        self._rows = order[~np.isnat(dates[order])]  # rows with a date, in its order
        self._days = dates[self._rows]
        self._months = self._days.astype("datetime64[M]")

    def year_to_date(self, asked: RowSets) -> RowSets:
        """From the first day of the year of each period's last day through that day."""
        last = self._last(asked)
        there = ~np.isnat(last)
        start = np.searchsorted(self._days, last.astype("datetime64[Y]").astype("datetime64[D]"), side="left")
        end = np.searchsorted(self._days, last, side="right")
        numbers, rows = expanded(start, np.where(there, end - start, 0), self._rows)
        return asked.holding(numbers, rows)

    def by_year(self, asked: RowSets) -> tuple[Rows, RowSets, RowSets]:
        """Each year of each context: the context, its asked rows in that year, and all rows of the year."""
        years = self.dates.astype("datetime64[Y]").astype(np.int64)
        known = ~np.isnat(self.dates[asked.rows])
        numbers, rows = asked.numbers[known], asked.rows[known]
        low = int(years[rows].min(initial=0))
        width = int(years[rows].max(initial=0)) - low + 1
        parts, of = np.unique(numbers * width + years[rows] - low, return_inverse=True)
        order = np.lexsort((rows, of))
        sets, year = np.divmod(parts, width)
        starts = np.searchsorted(sets, np.arange(asked.count + 1))
        contexts, part = expanded(starts[asked.of], np.diff(starts)[asked.of], np.arange(len(parts)))
        first = (year + low).astype("datetime64[Y]")
        begin, end = (np.searchsorted(self._days, (first + n).astype("datetime64[D]")) for n in (0, 1))
        at, whole = expanded(begin, end - begin, self._rows)
        within = RowSets(len(parts), of[order], rows[order], part)
        return contexts, within, RowSets(len(parts), at, whole, part).holding(at, whole)

    def _last(self, asked: RowSets) -> NDArray[np.datetime64]:
        """The last day of each set; none where it has no day."""
        days = self.dates[asked.rows]
        known = ~np.isnat(days)
        last = np.full(asked.count, np.iinfo(np.int64).min)
        np.maximum.at(last, asked.numbers[known], days[known].astype(np.int64))
        return last.astype("datetime64[D]")

    def back(self, asked: RowSets, periods: int, unit: Unit) -> RowSets:
        """Each day as many units before; where a period holds a whole month, so does the one before it."""
        days = self.dates[asked.rows]
        known = ~np.isnat(days)
        numbers, days = asked.numbers[known], days[known]
        one = self._on(numbers, self._day_before(days, periods, unit))
        if unit in DAYS:
            return asked.holding(*one)
        other = self._in(*self._whole_months(numbers, days), periods * MONTHS[unit])
        return asked.holding(np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1])))

    def reaches(self, asked: RowSets, periods: int, unit: Unit) -> NDArray[np.bool_]:
        """The contexts whose first day has a row at or before the day so far back."""
        days = self.dates[asked.rows]
        known = ~np.isnat(days)
        first = np.full(asked.count, np.iinfo(np.int64).max)
        np.minimum.at(first, asked.numbers[known], self._day_before(days[known], periods, unit).astype(np.int64))
        begin = self._days[:1].astype(np.int64)
        return (first >= begin if len(begin) else np.zeros(asked.count, dtype=np.bool_))[asked.of]

    @staticmethod
    def _day_before(days: NDArray[np.datetime64], periods: int, unit: Unit) -> NDArray[np.datetime64]:
        """The same day so many units before."""
        if unit in DAYS:
            return days - np.timedelta64(periods * DAYS[unit], "D")
        return _months_before(days, periods * MONTHS[unit])

    def _on(self, numbers: Rows, days: NDArray[np.datetime64]) -> tuple[Rows, Rows]:
        """The rows of days."""
        start = np.searchsorted(self._days, days, side="left")
        count = np.searchsorted(self._days, days, side="right") - start
        at, rows = expanded(start, count, self._rows)
        return numbers[at], rows

    def _in(self, numbers: Rows, months: NDArray[np.datetime64], before: int) -> tuple[Rows, Rows]:
        """The rows of the months that lie so many months before some."""
        wanted = months - np.timedelta64(before, "M")
        start = np.searchsorted(self._months, wanted, side="left")
        count = np.searchsorted(self._months, wanted, side="right") - start
        at, rows = expanded(start, count, self._rows)
        return numbers[at], rows

    def _whole_months(self, numbers: Rows, days: NDArray[np.datetime64]) -> tuple[Rows, NDArray[np.datetime64]]:
        """The months of which a set holds every row; the last month of all only where it is over."""
        if not len(self._days):
            return numbers[:0], days[:0].astype("datetime64[M]")
        month = days.astype("datetime64[M]").astype(np.int64)
        known, size = np.unique(self._months.astype(np.int64), return_counts=True)
        place = np.searchsorted(known, month)
        both, held = np.unique(numbers * len(known) + place, return_counts=True)
        number, place = np.divmod(both, len(known))
        over = self._days[-1] + np.timedelta64(1, "D") == (self._months[-1] + 1).astype("datetime64[D]")
        whole = (held == size[place]) & (over | (place < len(known) - 1))
        return number[whole], known[place[whole]].astype("datetime64[M]")


def _months_before(days: NDArray[np.datetime64], months: int) -> NDArray[np.datetime64]:
    """The same day of the month so many months before, or the last one of a shorter month."""
    month = days.astype("datetime64[M]")
    day = days - month.astype("datetime64[D]")
    to = month - np.timedelta64(months, "M")
    last = (to + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    found: NDArray[np.datetime64] = np.minimum(to.astype("datetime64[D]") + day, last)
    return found
