"""A catalogue bound to data: the cubes, dimensions, hierarchies, levels and measures that statements name.

These are also what the metadata rowsets list. Members are loaded when first asked for.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flis.catalog.cube import (
    Cube,
    CubeDimension,
    Dimension,
    Hierarchy,
    Kpi,
    Level,
    LevelType,
    Measure,
    MeasureGroup,
    NamedSet,
    Perspective,
    Text,
    say,
)
from flis.errors import CatalogError, StatementError
from flis.query.languages.mdx import parse_expression
from flis.query.members import Members, MemberTable, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from flis.catalog.cube import CalculatedMember, Place
    from flis.query.dimension import NumberedHierarchy
    from flis.query.languages.mdx.syntax import Expression
    from flis.query.result import Ordinals
    from flis.query.store import LoadedDimension, LoadedFacts, Store

NAMES = 4096  # names of members whose hierarchies are remembered

__all__ = [
    "MEASURES",
    "BoundCube",
    "BoundDimension",
    "BoundGroup",
    "BoundHierarchy",
    "BoundLevel",
    "Calculation",
    "told",
]

MEASURES = 0  # the place of the measures among a cube's hierarchies


@dataclass(frozen=True, eq=False)
class Calculation:
    """A calculated member as the evaluator sees it; `parent` is a member's ordinal, -1 for none."""

    name: str
    hierarchy: int
    parent: int
    level: int
    expression: Expression
    solve_order: float = 0.0
    properties: Mapping[str, Expression] = field(default_factory=dict)  # by upper-case name; FORMAT_STRING …
    caption: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    folder: Text = field(default_factory=dict)
    visible: bool = True
    session: bool = False
    text: str = ""  # the formula as the catalogue writes it
    rule: object = None  # made during evaluation, in place of a formula: a set slicer or a visual total


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
        self.spoken_name = quote(dimension.name) if same and self.spoken_by_path else self.unique_name
        self.ragged = bool(definition and any(level.hide != "never" for level in definition.levels))
        self._kept: dict[tuple[str, str], dict[int, str]] = {}
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

    @cached_property
    def default(self) -> int:
        """The default member's ordinal."""
        return self.dimension.cube.default_member(self)

    @property
    def root(self) -> int:
        """The member that stands for the whole: All, or the default member where there is no All."""
        return 0 if self.has_all else self.default

    def caption(self, language: str) -> str:
        """The caption."""
        if self.definition is None:
            return self.dimension.caption(language)
        own = say(self.definition.caption, language)
        return own or (self.dimension.caption(language) if self.name == self.dimension.name else self.name)

    def kept(self, what: str, language: str) -> dict[int, str]:
        """Texts of stored members that a writer keeps, bounded by itself."""
        return self._kept.setdefault((what, language), {})

    def stored_names(self, ordinals: Ordinals) -> list[str]:
        """The unique names of stored members: by key, behind those of the ancestors that make it unique."""
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

    def __init__(self, cube: BoundCube, used: CubeDimension | None, ordinal: int, first: int) -> None:
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

    def loaded(self, group: BoundGroup | None = None) -> LoadedDimension:
        """The rows in the store."""
        assert self.definition is not None  # noqa: S101
        if not self.definition.table and group is None:
            group = next((g for g in self.cube.groups.values() if self.name in g.definition.links), None)
        return self.cube.store.dimension(self.definition, group.definition if group else None)


class BoundGroup:
    """A measure group of a cube."""

    def __init__(self, cube: BoundCube, definition: MeasureGroup) -> None:
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
    def facts(self) -> LoadedFacts:
        """The facts in the store."""
        return self.cube.store.facts(self.definition, self.cube.definition.dimensions)


class BoundCube:
    """A cube with its data."""

    def __init__(self, definition: Cube, store: Store, *, path_names: bool = False) -> None:
        self.definition = definition
        self.name = definition.name
        self.store = store
        self.path_names = path_names
        dimensions: list[BoundDimension] = []
        first = 0
        for ordinal, used in enumerate((None, *definition.dimensions)):
            dimensions.append(BoundDimension(self, used, ordinal, first))
            first += len(dimensions[-1].hierarchies)
        self.dimensions = tuple(dimensions)
        self.hierarchies = tuple(h for d in dimensions for h in d.hierarchies)
        self._by_name = {h.unique_name: h for h in self.hierarchies}
        self.groups = {g.name: BoundGroup(self, g) for g in definition.measure_groups}
        self.measures: tuple[tuple[BoundGroup, Measure], ...] = tuple(
            (g, m) for g in self.groups.values() for m in g.definition.measures
        )
        self.measure_table = self._measure_table()
        self._calculate()

    def hierarchy(self, unique_name: str) -> BoundHierarchy:
        """A hierarchy by its unique name."""
        return self._by_name[unique_name]

    @cached_property
    def beginnings(self) -> Mapping[str, tuple[BoundHierarchy | BoundLevel, ...]]:
        """What a path can begin with besides dimensions and members, by name in lower case, likeliest first."""
        found: dict[str, list[BoundHierarchy | BoundLevel]] = {}
        for h in self.hierarchies:
            found.setdefault(f"{h.dimension.name}.{h.name}".casefold(), []).append(h)
        for h in self.hierarchies:
            if h.name.casefold() != h.dimension.name.casefold():
                found.setdefault(h.name.casefold(), []).append(h)
        for h in self.hierarchies:
            for level in h.levels:
                found.setdefault(level.name.casefold(), []).append(level)
        return {name: tuple(things) for name, things in found.items()}

    @cached_property
    def holding(self) -> Callable[[str], frozenset[int]]:
        """The hierarchies that have a stored member of a name, given in lower case, or another name of All."""
        return lru_cache(maxsize=NAMES)(self._holding)

    def _holding(self, name: str) -> frozenset[int]:
        alls = (h.index for h in self.hierarchies if h.has_all and name in ("all", f"all {h.name}".casefold()))
        return frozenset([*alls, *(h.index for h in self.hierarchies if len(h.table.named(name)))])

    @property
    def named_sets(self) -> tuple[NamedSet, ...]:
        """The cube's named sets."""
        return self.definition.named_sets

    @cached_property
    def set_expressions(self) -> Mapping[str, Expression]:
        """The named sets' expressions, by name."""
        return {x.name: parsed(x.place, "expression", x.expression) for x in self.named_sets}

    @property
    def kpis(self) -> tuple[Kpi, ...]:
        """The cube's key performance indicators."""
        return self.definition.kpis

    def perspective(self, name: str) -> Perspective | None:
        """The perspective of a name; None for the cube itself."""
        return next((p for p in self.definition.perspectives if p.name.casefold() == name.casefold()), None)

    def measures_in(self, name: str) -> NDArray[np.bool_] | None:
        """Which measures, calculated ones behind the stored, a perspective shows; None for the cube itself."""
        perspective = self.perspective(name)
        if perspective is None:
            return None
        names = [m.name for _, m in self.measures] + [c.name for c in self.hierarchies[MEASURES].calculations]
        return np.array([n in perspective.measures for n in names], dtype=np.bool_)

    def _measure_table(self) -> MemberTable:
        names = [m.name for _, m in self.measures]
        count = len(names)
        captions = {
            language: pa.array([say(m.caption, language, m.name) for _, m in self.measures], pa.string())
            for language in ("da", "en")
        }
        return MemberTable(
            np.full(count, -1, dtype=np.int32),
            np.zeros(count, dtype=np.int32),
            np.arange(count, dtype=np.int32),
            pa.array(names, pa.string()),
            pa.array(names, pa.string()),
            captions,
        )

    def _calculate(self) -> None:
        """Give every hierarchy its calculated members of the catalogue."""
        from flis.query.names import Names

        found: dict[int, list[Calculation]] = {}
        names = Names(self)
        for member in self.definition.calculated_members:
            with told(member.place, "parent"):
                hierarchy, parent = names.parent(parse_expression(member.parent), member.name)
            found.setdefault(hierarchy.index, []).append(calculation(member, hierarchy, parent))
        for index, calculations in found.items():
            self.hierarchies[index].calculations = tuple(calculations)

    @cached_property
    def measures_ordered(self) -> bool:
        """Whether the catalogue gives the measures an order of their own."""
        return self.measure_order != tuple(range(len(self.measure_order)))

    @cached_property
    def measure_order(self) -> tuple[int, ...]:
        """Measures and calculated measures in the order shown: by `ordinal` where given, else as written."""
        written = [m.ordinal for _, m in self.measures]
        written += [m.ordinal for m in self.definition.calculated_members if self._is_measure(m)]
        if not any(written):
            return tuple(range(len(written)))
        return tuple(sorted(range(len(written)), key=lambda i: (written[i] or len(written) + i + 1000, i)))

    @staticmethod
    def _is_measure(member: CalculatedMember) -> bool:
        return member.parent.strip().casefold() in ("[measures]", "measures")

    def default_member(self, hierarchy: BoundHierarchy) -> int:
        """The default member of a hierarchy. Raises: CatalogError: the catalogue names none that exists."""
        from flis.query.names import Names

        definition = hierarchy.definition
        wanted = self.definition.default_measure if definition is None else definition.default_member
        if not wanted:
            return 0
        found = Names(self).member_below(hierarchy, wanted)
        if found < 0:
            raise CatalogError(f"Cube {self.name}: {hierarchy.unique_name} has no default member {wanted}.")
        return found

    def time_table(self, group: BoundGroup) -> str:
        """The lookup table of the group's time dimension."""
        time = next((d for d in self.dimensions if d.is_time and d.name in group.definition.links), None)
        if time is None:
            raise CatalogError(f"Cube {self.name}: a semi-additive measure needs a time dimension.")
        return time.loaded(group).table


@contextmanager
def told(place: Place | None, part: str) -> Iterator[None]:
    """Say of wrong MDX in the catalogue where it is written."""
    try:
        yield
    except StatementError as error:
        if place is None:
            raise
        raise place.error(part, error.message, error.hint) from None


def parsed(place: Place | None, part: str, text: str) -> Expression:
    """A formula of the catalogue. Raises: CatalogError: it is not MDX; names file and line."""
    with told(place, part):
        return parse_expression(text)


def calculation(member: CalculatedMember, hierarchy: BoundHierarchy, parent: int) -> Calculation:
    """A calculated member of the catalogue."""
    properties = {name.upper(): parsed(member.place, "properties", text) for name, text in member.properties.items()}
    if member.format:
        text = member.format.replace('"', '""')
        properties["FORMAT_STRING"] = parse_expression(f'"{text}"')
    return Calculation(
        name=member.name,
        hierarchy=hierarchy.index,
        parent=parent,
        level=int(hierarchy.table.level[parent]) + 1 if parent >= 0 else 0,
        expression=parsed(member.place, "expression", member.expression),
        solve_order=member.solve_order,
        properties=properties,
        caption=member.caption,
        description=member.description,
        folder=member.folder,
        visible=member.visible,
        text=member.expression,
    )
