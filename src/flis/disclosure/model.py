"""What protector and auditor speak of: the true counts of a table, and the figures shown of it, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.int64]

__all__ = ["SHOWN", "Division", "FigureTable", "Moment", "Shown", "Truth", "empty", "place_numbers", "truth_of"]

SHOWN = pa.schema(
    [
        ("level", pa.string()),
        ("place", pa.string()),
        ("dimension", pa.string()),
        ("day", pa.date32()),
        ("known", pa.date32()),
        ("came", pa.int64()),
        ("went", pa.int64()),
        ("group", pa.string()),
        ("count", pa.int64()),
    ]
)
"""Figures as the register keeps them: a row per group. `came` and `went` are the persons who came to the place and left
it since the figure before."""


class Moment(NamedTuple):
    """A day, and the day on which it is known."""

    day: date
    known: date


@dataclass(frozen=True, slots=True)
class Division:
    """A way of dividing persons: its groups in order, and the one that takes what rounding leaves over."""

    name: str
    groups: tuple[str, ...]
    balance: str

    @property
    def rest(self) -> int:
        """The place of the balance group."""
        return self.groups.index(self.balance)


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures: its name, and its places in order."""

    name: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of the places of one level at some moments, oldest first. It never leaves the process.

    `counts` is by dimension: moment × place × group, for the moments from `fresh` on, the others being known only by
    what was shown of them. `came` and `went` are place × moment × moment: the persons who are in the place at the later
    moment and were not at the earlier one, and the other way round, or those whom the published totals and flows show,
    where these are fewer.
    """

    level: FigureTable
    moments: tuple[Moment, ...]
    fresh: int
    counts: Mapping[str, Numbers]
    came: Numbers
    went: Numbers


@dataclass(frozen=True, slots=True)
class Shown:
    """Figures of one level and dimension: a row per figure, ordered by place, then by day.

    `place` is an index into the level's places, `day` and `known` are days since 1970-01-01; `counts` is figure ×
    group.
    """

    place: Numbers
    day: Numbers
    known: Numbers
    came: Numbers
    went: Numbers
    counts: Numbers

    @classmethod
    def of(cls, table: pa.Table, level: FigureTable, dimension: Division) -> Shown:
        """The figures of a level and a dimension among rows of `SHOWN`."""
        rows = table.filter(pc.and_(pc.equal(table["level"], level.name), pc.equal(table["dimension"], dimension.name)))
        if not rows.num_rows:
            return empty(len(dimension.groups))
        place = place_numbers(rows["place"], level.places)
        group = place_numbers(rows["group"], dimension.groups)
        day = rows["day"].cast(pa.int32()).to_numpy().astype(np.int64)
        order = np.lexsort((group, day, place))
        width = len(dimension.groups)
        heads = order[::width]
        known, came, went = (
            rows[n].cast(pa.int32()).to_numpy().astype(np.int64)[heads] for n in ("known", "came", "went")
        )
        return cls(place[heads], day[heads], known, came, went, rows["count"].to_numpy()[order].reshape(-1, width))

    def rows(self, level: FigureTable, dimension: Division) -> pa.Table:
        """The figures as rows of `SHOWN`."""
        width = len(dimension.groups)
        places, groups = pa.array(level.places, pa.string()), pa.array(dimension.groups, pa.string())

        def each(values: Numbers) -> pa.Array:
            return pa.array(np.repeat(values, width))

        count = len(self.place)
        return pa.Table.from_arrays(
            [
                pa.repeat(level.name, count * width),
                places.take(each(self.place)),
                pa.repeat(dimension.name, count * width),
                each(self.day).cast(pa.int32()).cast(pa.date32()),
                each(self.known).cast(pa.int32()).cast(pa.date32()),
                each(self.came),
                each(self.went),
                groups.take(pa.array(np.tile(np.arange(width), count))),
                pa.array(self.counts.reshape(-1)),
            ],
            schema=SHOWN,
        )

    def joined(self, other: Shown) -> Shown:
        """These figures and others, in order."""
        parts = [np.concatenate([getattr(self, n), getattr(other, n)]) for n in self.__slots__]
        order = np.lexsort((parts[1], parts[0]))
        return Shown(*(part[order] for part in parts))

    def chosen(self, rows: NDArray[np.bool_]) -> Shown:
        """Some of the figures."""
        return Shown(*(getattr(self, n)[rows] for n in self.__slots__))


def empty(groups: int) -> Shown:
    """No figure yet."""
    nothing = np.zeros(0, np.int64)
    return Shown(nothing, nothing, nothing, nothing, nothing, np.zeros((0, groups), np.int64))


def place_numbers(names: pa.ChunkedArray, known: Sequence[str]) -> Numbers:
    """The index of each name among those known.

    Raises:
        ValueError: a name is not among them.
    """
    found = pc.index_in(names, pa.array(known, pa.string()))
    if found.null_count:
        raise ValueError("A name is not known.")
    return np.asarray(found.to_numpy(), np.int64)


def truth_of(
    level: FigureTable,
    moments: Iterable[Moment],
    fresh: int,
    counts: Mapping[str, Numbers],
    *,
    stayed: Numbers,
    seen: Numbers,
) -> Truth:
    """The truth, from `stayed` (place × moment × moment: persons there at both) and what the public sees of changes.

    `seen` is 2 × place × moment × moment: persons who came, persons who left.
    """
    present = np.einsum("pmm->pm", stayed)
    came = present[:, None, :] - stayed
    went = present[:, :, None] - stayed
    return Truth(level, tuple(moments), fresh, counts, np.minimum(came, seen[0]), np.minimum(went, seen[1]))
