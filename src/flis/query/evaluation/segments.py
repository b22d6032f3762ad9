"""Segments: loaded measure values over one vector of levels, and the bounded cache that keeps them.

A segment holds all members of its levels that have facts (under its filters), as sorted packed keys. A coarser segment
is rolled up from a finer one where the measure allows it. One cache belongs to one store, so to one release and scope.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from flis.catalog.cube import Aggregate
from flis.errors import LimitError
from flis.query.evaluation.cubequery import CubeQuery, GroupBy, MemberFilter, Windows
from flis.query.evaluation.planner import kind, plan
from flis.query.limits import TURNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.structure import BoundGroup, CubeData
    from flis.query.evaluation.planner import Sql
    from flis.query.limits import Watch
    from flis.query.result import Ordinals

__all__ = ["Segment", "Segments"]

Levels: TypeAlias = tuple[tuple[int, int], ...]  # (hierarchy, level) of every grouped hierarchy, by hierarchy
Filters: TypeAlias = tuple[MemberFilter, ...]
Place: TypeAlias = tuple[
    str, str, Aggregate | None, Filters, tuple[Windows, ...]
]  # segments of one place have the same keys for all measures

FEW_FACTS = 200_000  # up to so many, all members of a level are loaded though one is asked for
LARGEST_WHOLE = 1_000_000  # cells of levels that are loaded whole, where single members will do
OFTEN = 3  # members of a level asked for one by one before all of them are loaded
LARGEST_ROLLED = 200_000  # a finer segment with more rows is not rolled up: the store is faster


@dataclass(eq=False)
class Segment:
    """Values by packed key, which begins with the numbers of windows; NaN where there is none."""

    levels: Levels
    columns: tuple[Ordinals, ...]  # of windows, then of levels
    keys: NDArray[np.int64]
    strides: tuple[int, ...]
    values: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes held."""
        arrays: Iterable[NDArray[np.generic]] = (self.keys, *self.columns, *self.values.values())
        return sum(a.nbytes for a in arrays) + 500

    def find(self, coordinates: Sequence[int | Ordinals], size: int, measure: str) -> NDArray[np.float64]:
        """The values at coordinates (one per window and level), NaN where there are none."""
        values = self.values[measure]
        if not self.strides:
            return np.full(size, values[0] if len(values) else np.nan)
        wanted: NDArray[np.int64] | int = 0
        for c, stride in zip(coordinates, self.strides, strict=True):
            wanted = wanted + (c.astype(np.int64) if isinstance(c, np.ndarray) else c) * stride
        if not len(self.keys):
            return np.full(size, np.nan)
        if isinstance(wanted, int):
            at = int(np.searchsorted(self.keys, wanted))
            hit = at < len(self.keys) and self.keys[at] == wanted
            return np.full(size, values[at] if hit else np.nan)
        found = np.searchsorted(self.keys, wanted)
        found[found == len(self.keys)] = 0
        return np.where(self.keys[found] == wanted, values[found], np.nan)


class Segments:
    """All segments of one store, the least recently used ones dropped when `bound` bytes are passed."""

    def __init__(self, bound: int = 256 << 20, observe: Callable[[CubeQuery, Sql], None] | None = None) -> None:
        self.bound = bound
        self.observe = observe  # told of every statement that is sent to the store
        self._held: OrderedDict[Place, dict[Levels, Segment]] = OrderedDict()
        self._fixed: dict[Place, dict[Levels, set[tuple[int, ...]]]] = {}
        self._bytes = 0
        self._lock = threading.RLock()

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._bytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._fixed.clear()
            self._bytes = 0

    def get(
        self,
        cube: CubeData,
        group: BoundGroup,
        measure: str,
        wanted: Iterable[Levels],
        *,
        also: Sequence[str] = (),
        filters: Filters = (),
        windows: tuple[Windows, ...] = (),
        fixed: Mapping[int, int] | None = None,
        watch: Watch | None = None,
    ) -> dict[Levels, Segment]:
        """The segments of some level vectors, with one measure at least; `also` are measures worth loading with it.

        `fixed` are hierarchies of which one member only is looked at: a segment may lack them, and hold that member's
        values alone. Those of windows are asked of the store as they are.
        """
        sort = kind(group.measure(measure).aggregate)
        place = (cube.name, group.name, sort, filters, windows)
        with self._lock:
            known = self._held.setdefault(place, {})
            self._held.move_to_end(place)
        out: dict[Levels, Segment] = {}
        for levels in sorted(wanted, key=lambda v: (-len(v), [-n for _, n in v])):
            segment = known.get(levels)
            if segment is None or measure not in segment.values:
                before = segment.size if segment else 0
                made = None if windows else self._rolled(cube, group, known, levels, measure)
                if made is None and (cut := self._cut(cube, group, place, levels, fixed or {})):
                    rest, more = cut
                    found = self.get(cube, group, measure, [rest], also=also, filters=(*filters, *more), watch=watch)
                    out[levels] = found[rest]
                    continue
                segment = made or self._asked(
                    cube, group, levels, measure, also=also, filters=(filters, windows), watch=watch, known=segment
                )
                with self._lock:
                    known[levels] = segment
                    self._bytes += segment.size - before
            out[levels] = segment
        if self._bytes > self.bound:
            self._shrink(place)
        return out

    def _cut(
        self, cube: CubeData, group: BoundGroup, place: Place, levels: Levels, fixed: Mapping[int, int]
    ) -> tuple[Levels, Filters] | None:
        """Levels without the fixed members, and these as filters; None where all members are worth loading.

        That is so where there are few facts, and where members of these levels were asked for several times already.
        """
        if place[2] is not None or place[4] or group.facts.rows <= FEW_FACTS:
            return None
        tables = {h: cube.hierarchies[h] for h, _ in levels if h in fixed}
        mine = [h for h, hierarchy in tables.items() if not hierarchy.ragged and not hierarchy.table.parent_child]
        if not mine:
            return None
        with self._lock:
            before = self._fixed.setdefault(place, {}).setdefault(levels, set())
            if len(before) <= OFTEN:
                before.add(tuple(fixed[h] for h in mine))
            if len(before) > OFTEN and _combinations(cube, levels) <= LARGEST_WHOLE:
                return None
        filters = tuple(MemberFilter((tables[h].unique_name,), ((fixed[h],),)) for h in mine)
        return tuple(pair for pair in levels if pair[0] not in mine), filters

    def _shrink(self, keep: Place) -> None:
        with self._lock:
            while self._bytes > self.bound and len(self._held) > 1:
                place = next(p for p in self._held if p != keep)
                self._bytes -= sum(s.size for s in self._held.pop(place).values())
                self._fixed.pop(place, None)
            if self._bytes > self.bound:
                self._held.clear()
                self._fixed.clear()
                self._bytes = 0

    def _asked(
        self,
        cube: CubeData,
        group: BoundGroup,
        levels: Levels,
        measure: str,
        *,
        also: Sequence[str],
        filters: tuple[Filters, tuple[Windows, ...]],
        watch: Watch | None,
        known: Segment | None,
    ) -> Segment:
        """Ask the store."""
        sort = kind(group.measure(measure).aggregate)
        plain = group.measure(measure).rolls_up
        same = [m for m in also if m != measure and kind(group.measure(m).aggregate) is sort]
        same = [m for m in same if group.measure(m).rolls_up is plain]
        names = (measure, *(m for m in same if known is None or m not in known.values))
        by = tuple(GroupBy(cube.hierarchies[h].unique_name, n) for h, n in levels)
        query = CubeQuery(cube.name, group.name, names, by, *filters)
        sql = plan(query, cube)
        if self.observe is not None:
            self.observe(query, sql)
        with TURNS.aside():
            table = cube.store.query(sql.text, sql.parameters, watch)
        windows = filters[1]
        width = len(windows) + len(levels)
        columns = tuple(np.asarray(table[f"g{i}"]).astype(np.int32, copy=False) for i in range(width))
        values = [_floats(table[f"v{i}"]) for i in range(len(names))]
        return _segment(levels, columns, dict(zip(names, values, strict=True)), known, _widths(cube, levels, windows))

    def _rolled(
        self, cube: CubeData, group: BoundGroup, known: Mapping[Levels, Segment], levels: Levels, measure: str
    ) -> Segment | None:
        """From a finer segment, if there is a small enough one."""
        if not group.measure(measure).rolls_up:
            return None
        fit = [s for v, s in known.items() if measure in s.values and v != levels and _covers(cube, v, levels)]
        finer = min((s for s in fit if len(s.keys) <= LARGEST_ROLLED), key=lambda s: len(s.keys), default=None)
        if finer is None:
            return None
        at = dict(levels)
        columns = []
        for (h, n), column in zip(finer.levels, finer.columns, strict=True):
            if h in at:
                table = cube.hierarchies[h].table
                columns.append(column if at[h] == n else table.ancestors(column, at[h]))
        measures = [m for m in finer.values if group.measure(m).rolls_up]
        keys, _ = _pack(_widths(cube, levels), columns, len(finer.keys))
        unique, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        values = {m: _reduce(group.measure(m).aggregate, finer.values[m], inverse, len(unique)) for m in measures}
        for m in values.keys() & group.facts.decimals.keys():  # sums of doubles drift; those of decimals end on one
            values[m] = np.round(values[m], group.facts.decimals[m])
        return _segment(levels, tuple(c[first] for c in columns), values, known.get(levels), _widths(cube, levels))


def _combinations(cube: CubeData, levels: Levels) -> int:
    """How many cells some levels have at most."""
    return prod(cube.hierarchies[h].levels[n].cardinality for h, n in levels)


def _floats(column: NDArray[Any]) -> NDArray[np.float64]:
    """A column of numbers, NaN where there is no value."""
    if isinstance(column, np.ma.MaskedArray):
        return np.asarray(column.filled(np.nan), dtype=np.float64)
    return np.asarray(column, dtype=np.float64)


def _reduce(aggregate: Aggregate, values: NDArray[np.float64], at: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    there = ~np.isnan(values)
    if aggregate in (Aggregate.SUM, Aggregate.COUNT):
        out = np.bincount(at[there], weights=values[there], minlength=size).astype(np.float64)
        out[np.bincount(at[there], minlength=size) == 0] = np.nan
        return out
    out = np.full(size, np.nan, dtype=np.float64)
    (np.fmin if aggregate is Aggregate.MIN else np.fmax).at(out, at[there], values[there])
    return out


def _covers(cube: CubeData, finer: Levels, coarser: Levels) -> bool:
    """Whether every coarser level is an ancestor of a finer one."""
    have = dict(finer)
    for h, n in finer:
        if cube.hierarchies[h].table.parent_child and (h, n) not in coarser:
            return False
    wanted = dict(coarser)
    for h, n in coarser:
        if h not in have or have[h] < n or (have[h] != n and cube.hierarchies[h].ragged):
            return False
    return not any(cube.hierarchies[h].ragged and h not in wanted for h, _ in finer)


def _widths(cube: CubeData, levels: Levels, windows: Sequence[Windows] = ()) -> list[int]:
    """How many different numbers each column of a key can have."""
    return [*(w.count for w in windows), *(cube.hierarchies[h].table.size + 1 for h, _ in levels)]


def _pack(widths: Sequence[int], columns: Sequence[Ordinals], size: int) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    keys = np.zeros(size, dtype=np.int64)
    stride = 1
    strides: list[int] = []
    for width, column in zip(widths, columns, strict=True):
        keys += column.astype(np.int64) * stride
        strides.append(stride)
        stride *= width
    if stride > 1 << 63:
        raise LimitError("The statement combines too many large levels.", hint="Leave out one of them.")
    return keys, tuple(strides)


def _segment(
    levels: Levels,
    columns: tuple[Ordinals, ...],
    values: dict[str, NDArray[np.float64]],
    known: Segment | None,
    widths: Sequence[int],
) -> Segment:
    size = len(next(iter(values.values())))
    keys, strides = _pack(widths, columns, size)
    order = np.argsort(keys, kind="stable")
    segment = Segment(levels, tuple(c[order] for c in columns), keys[order], strides)
    segment.values = {m: v[order] for m, v in values.items()}
    if known is not None:
        segment.values = {**known.values, **segment.values}
    return segment
