"""The parts of a cube bound to data: its dimensions, hierarchies, levels and measure groups.

These are also what the metadata rowsets list.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from flis.catalog.cube import (
    CubeDimension,
    Dimension,
    Hierarchy,
    Level,
    LevelType,
    Measure,
    MeasureGroup,
    say,
)
from flis.query.cubes.member_table import UNKNOWN_NAME, MemberTable, quote
from flis.query.cubes.members import Members

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

    from flis.query.cubes.calculations import Calculation
    from flis.query.cubes.dimension import NumberedHierarchy
    from flis.query.cubes.store import CubeStore, LoadedDimension, LoadedFacts
    from flis.query.result import Ordinals


__all__ = ["MEASURES", "BoundDimension", "BoundGroup", "BoundHierarchy", "BoundLevel", "CubeData"]

MEASURES = 0  # the place of the measures among a cube's hierarchies


class CubeData(Protocol):
    """A cube as its own parts and the SQL over its facts need it: the other parts, and where its data are."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def catalog(self) -> str:
        """The name of the catalogue that it is of."""
        ...

    @property
    def path_names(self) -> bool:
        """Whether expressions say members by the path of their names."""
        ...

    @property
    def store(self) -> CubeStore:
        """Where its data are."""
        ...

    @property
    def dimensions(self) -> tuple[BoundDimension, ...]:
        """Its dimensions, that of the measures first."""
        ...

    @property
    def hierarchies(self) -> tuple[BoundHierarchy, ...]:
        """The hierarchies of all dimensions, in order."""
        ...

    @property
    def groups(self) -> Mapping[str, BoundGroup]:
        """Its measure groups by name."""
        ...

    @property
    def measure_table(self) -> MemberTable:
        """The measures as members."""
        ...

    @property
    def measure_order(self) -> tuple[int, ...]:
        """Measures and calculated measures in the order shown."""
        ...

    @property
    def measures_ordered(self) -> bool:
        """Whether that is an order of their own."""
        ...

    def hierarchy(self, unique_name: str) -> BoundHierarchy:
        """A hierarchy by its unique name."""
        ...

    def default_member(self, hierarchy: BoundHierarchy) -> int:
        """The ordinal of a hierarchy's default member."""
        ...

    def time_table(self, group: BoundGroup) -> str:
        """The lookup table of the time dimension of a measure group."""
        ...


@dataclass(frozen=True, eq=False)
class BoundLevel:
    """A level of a hierarchy in a cube; `definition` is None for the All level and the level of measures."""

    hierarchy: BoundHierarchy
    number: int
    name: str
    definition: Level | None = None

    @property
    def unique_name(self) -> str:
        """`[D].[H].[L]`."""
        return f"{self.hierarchy.unique_name}.{quote(self.name)}"

    @property
    def spoken_name(self) -> str:
        """What `.UniqueName` says: shorter in a catalogue of path names."""
        return f"{self.hierarchy.spoken_name}.{quote(self.name)}"

    @property
    def shares_name(self) -> bool:
        """Whether its name may as well mean its hierarchy: [Gender].[Gender] in a catalogue of path names."""
        return self.hierarchy.spoken_by_path and self.name.casefold() == self.hierarchy.name.casefold()

    @property
    def is_all(self) -> bool:
        """Whether this is the level of the All member."""
        return self.definition is None and not self.hierarchy.is_measures

    @property
    def type(self) -> LevelType:
        """What the level means to time functions."""
        return self.definition.type if self.definition else LevelType.REGULAR

    @property
    def key_count(self) -> int:
        """How many keys name a member: its own, and those of the ancestors that make it unique."""
        above = self.hierarchy.levels[self.number - 1] if self.number else self
        if self.definition is None or self.definition.unique or above.definition is None or above is self:
            return 1
        return above.key_count + 1

    @property
    def cardinality(self) -> int:
        """How many members it has."""
        by_level = self.hierarchy.table.by_level
        return len(by_level[self.number]) if self.number < len(by_level) else 0

    def caption(self, language: str) -> str:
        """The caption."""
        return say(self.definition.caption, language, self.name) if self.definition else self.name


class BoundHierarchy:
    """A hierarchy of a cube. `index` is its place among the cube's hierarchies, `place` that in its dimension."""

    def __init__(self, dimension: BoundDimension, definition: Hierarchy | None, index: int, place: int) -> None:
        self.dimension = dimension
        self.definition = definition
        self.index = index
        self.place = place
        self.is_measures = definition is None
        self.name = definition.name if definition else "Measures"
        self.has_all = definition is not None and definition.all_name is not None
        self.unique_name = "[Measures]" if self.is_measures else f"{quote(dimension.name)}.{quote(self.name)}"
        self.spoken_by_path = dimension.cube.path_names
        same = self.name == dimension.name or not self.spoken_by_path
        self.spoken_name: str = quote(dimension.name) if same and self.spoken_by_path else self.unique_name
        self.ragged = bool(definition and any(level.hide != "never" for level in definition.levels))
        self.kept: dict[tuple[str, str], dict[Hashable, str]] = {}  # texts of stored members that a writer keeps
        self.levels = self._levels()
        self.calculations: tuple[Calculation, ...] = ()

    def _levels(self) -> tuple[BoundLevel, ...]:
        if self.definition is None:
            return (BoundLevel(self, 0, "MeasuresLevel"),)
        levels = [BoundLevel(self, 0, self.definition.all_level_name)] if self.has_all else []
        for level in self.definition.levels:
            levels.append(BoundLevel(self, len(levels), level.name, level))
        return tuple(levels)

    @cached_property
    def numbered(self) -> NumberedHierarchy:
        """The members as numbered from the dimension's rows."""
        return self.dimension.loaded().hierarchies[self.place]

    @cached_property
    def table(self) -> MemberTable:
        """The stored members."""
        return self.dimension.cube.measure_table if self.is_measures else self.numbered.members

    @cached_property
    def members(self) -> Members:
        """The stored members and the cube's own calculated ones."""
        return Members(self, self.table, self.calculations)

    def level_below(self, parent: int) -> int:
        """The number of the level right below a member, the lowest of a parent-child hierarchy; -1 for none."""
        if parent < 0:
            return 0
        below = int(self.table.level[parent]) + 1
        lowest = len(self.levels) - 1
        return below if below <= lowest else lowest if self.table.parent_child else -1

    @cached_property
    def default(self) -> int:
        """The default member's ordinal."""
        return self.dimension.cube.default_member(self)

    @property
    def root(self) -> int:
        """The member that stands for the whole: All, or the default member where there is no All."""
        return 0 if self.has_all else self.default

    @cached_property
    def cuts(self) -> NDArray[np.int32]:
        """The level by which each stored member cuts facts, -1 for All; so for -1 and -2, which stand for no member."""
        level = np.append(self.table.level, (-1, -1)).astype(np.int32)
        return np.where(level == 0, -1, level) if self.has_all else level

    @property
    def belongs_to(self) -> tuple[str, str, str]:
        """The names of its catalogue and cube, and the unique name of its dimension."""
        cube = self.dimension.cube
        return cube.catalog, cube.name, self.dimension.unique_name

    @property
    def null_name(self) -> str:
        """What no member is called."""
        return self.dimension.cube.store.null_name

    @property
    def listed_order(self) -> tuple[int, ...] | None:
        """The members in the order that the catalogue gives them; None where that is the order of their numbers."""
        cube = self.dimension.cube
        return cube.measure_order if self.is_measures and cube.measures_ordered else None

    def caption(self, language: str) -> str:
        """The caption."""
        if self.definition is None:
            return self.dimension.caption(language)
        own = say(self.definition.caption, language)
        return own or (self.dimension.caption(language) if self.name == self.dimension.name else self.name)

    def stored_names(self, ordinals: Ordinals) -> list[str]:
        """The unique names of stored members."""
        unknown = self.table.are_unknown(ordinals)
        if not unknown.any():
            return self._key_names(ordinals)
        names = iter(self._key_names(ordinals[~unknown]))
        top = f"{self.unique_name}.{quote(self.table.names[0].as_py())}" if self.has_all else self.unique_name
        return [
            self.unknown_name(o, top) if u else next(names)
            for o, u in zip(ordinals.tolist(), unknown.tolist(), strict=True)
        ]

    def unknown_name(self, ordinal: int, top: str) -> str:
        """The name of an unknown member below that of All, or of the hierarchy where there is no All."""
        return top + f".{UNKNOWN_NAME}" * (ordinal - self.table.unknown.start + 1)

    def _key_names(self, ordinals: Ordinals) -> list[str]:
        """Unique names by key, behind those of the ancestors that make it unique."""
        table = self.table
        unique = np.array(table.unique_levels, dtype=np.bool_)
        whole = np.array([level.definition is None for level in self.levels], dtype=np.bool_)
        level = table.level[ordinals]
        paths = ["&" + quote(key) for key in table.keys.take(pa.array(ordinals)).to_pylist()]
        at, deeper = ordinals, ~unique[level] & ~whole[level]
        while deeper.any():
            at = np.where(deeper, table.parent[at], at)
            deeper &= (at >= 0) & ~whole[table.level[at]]
            rows = np.flatnonzero(deeper)
            for row, key in zip(rows.tolist(), table.keys.take(pa.array(at[rows])).to_pylist(), strict=True):
                paths[row] = f"&{quote(key)}{paths[row]}"
            deeper &= ~unique[table.level[at]]
        for row in np.flatnonzero(whole[level]).tolist():
            paths[row] = quote(table.names[int(ordinals[row])].as_py())
        attribute = self.definition is not None and self.definition.attribute
        bases = [f"{self.unique_name if attribute or x.definition is None else x.unique_name}." for x in self.levels]
        return [bases[n] + path for n, path in zip(level.tolist(), paths, strict=True)]


class BoundDimension:
    """A dimension of a cube, in its role; the first of every cube is that of the measures."""

    def __init__(self, cube: CubeData, used: CubeDimension | None, ordinal: int, first: int) -> None:
        self.cube = cube
        self.used = used
        self.ordinal = ordinal
        self.name = used.name if used else "Measures"
        self.unique_name = quote(self.name)
        self.definition: Dimension | None = used.dimension if used else None
        self.is_measures = used is None
        self.is_time = bool(self.definition and self.definition.time)
        hierarchies: tuple[Hierarchy | None, ...] = self.definition.hierarchies if self.definition else (None,)
        self.hierarchies = tuple(BoundHierarchy(self, h, first + n, n) for n, h in enumerate(hierarchies))

    def caption(self, language: str) -> str:
        """The caption."""
        if self.used is None or self.definition is None:
            return "Measures" if language == "en" else "Målinger"
        return say(self.used.caption, language) or say(self.definition.caption, language, self.name)

    def loaded(self) -> LoadedDimension:
        """The rows in the store, the same for all measure groups."""
        assert self.definition is not None  # noqa: S101
        return self.cube.store.dimension(self.definition, self._tables)

    @cached_property
    def _tables(self) -> tuple[str, ...]:
        """The tables that have its rows: its own one, or the facts of every measure group that a degenerate one has."""
        if self.definition is not None and self.definition.table:
            return (self.definition.table,)
        linked = (g.definition for g in self.cube.groups.values() if self.name in g.definition.links)
        return tuple(dict.fromkeys(g.table for g in linked))


class BoundGroup:
    """A measure group of a cube."""

    def __init__(self, cube: CubeData, definition: MeasureGroup) -> None:
        self.cube = cube
        self.definition = definition
        self.name = definition.name
        self._measures = {m.name: m for m in definition.measures}

    def measure(self, name: str) -> Measure:
        """A measure by name."""
        return self._measures[name]

    @cached_property
    def linked(self) -> frozenset[int]:
        """The hierarchies whose dimension the group has."""
        names = self.definition.links
        return frozenset(h.index for h in self.cube.hierarchies if h.dimension.name in names)

    @cached_property
    def roots(self) -> Mapping[int, int]:
        """The linked hierarchies in order, each with the ordinal of its All member; -1 where it has none."""
        hierarchies = self.cube.hierarchies
        return {h: 0 if hierarchies[h].has_all else -1 for h in sorted(self.linked)}

    @cached_property
    def facts(self) -> LoadedFacts:
        """The facts in the store."""
        return self.cube.store.facts(self.definition, self.cube.dimensions)
