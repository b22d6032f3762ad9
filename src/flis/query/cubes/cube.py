"""A cube with its data: the dimensions, measures and calculated members that statements name.

Members are loaded when first asked for.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flis.catalog.cube import (
    Aggregate,
    Cube,
    DerivedMeasure,
    GroupingSet,
    Kpi,
    Measure,
    MeasureGroup,
    NamedSet,
    Perspective,
    say,
)
from flis.catalog.derived_checks import group_of
from flis.errors import CatalogError
from flis.query.cubes.calculations import Calculation, SetFormula, parsed, told
from flis.query.cubes.member_table import MemberTable
from flis.query.cubes.names import Names
from flis.query.cubes.store import column_sql, text_sql
from flis.query.cubes.structure import MEASURES, BoundDimension, BoundGroup, BoundHierarchy, BoundLevel
from flis.query.languages.mdx import parse_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from flis.catalog.cube import CalculatedMember
    from flis.query.cubes.store import CubeStore

__all__ = ["ROWS", "BoundCube"]

ROWS = "\0rows"  # beside the counts of a grouping set: how many rows a cell has, which is one
NAMES = 4096  # names of members whose hierarchies are remembered


class BoundCube:
    """A cube with its data."""

    def __init__(self, definition: Cube, store: CubeStore, *, catalog: str = "", path_names: bool = False) -> None:
        self.definition = definition
        self.catalog = catalog
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
        self._by_name: dict[str, BoundHierarchy] = {h.unique_name: h for h in self.hierarchies}
        self.groups = {g.name: BoundGroup(self, g) for g in definition.measure_groups}
        self.measures: tuple[tuple[BoundGroup, Measure], ...] = tuple(
            (g, m) for g in self.groups.values() for m in g.definition.measures
        ) + tuple((self.groups[group_of(definition, m.measure).name], m) for m in definition.derived_measures)
        self._places: dict[BoundDimension, NDArray[np.int64]] = {}
        self.measure_table = self._measure_table()
        self._calculate()

    @cached_property
    def measure_ordinals(self) -> Mapping[str, int]:
        """The ordinals of stored and derived measures, by name."""
        return {m.name: ordinal for ordinal, (_, m) in enumerate(self.measures)}

    @property
    def measure_names(self) -> list[str]:
        """The names of the measures that are listed, calculated ones last."""
        calculated = [c.name for c in self.hierarchies[MEASURES].calculations if c.visible]
        return [m.name for _, m in self.measures if m.visible] + calculated

    def stored_measures(self, ordinal: int) -> set[int]:
        """The stored measures that a measure is, or is worked out from."""
        measure = self.measures[ordinal][1]
        if not isinstance(measure, DerivedMeasure):
            return {ordinal}
        return {stored for base in measure.bases for stored in self.stored_measures(self.measure_ordinals[base])}

    def is_partial(self, dimension: BoundDimension) -> bool:
        """Whether the store holds only some of the dimension's rows."""
        return bool(dimension.definition and dimension.definition.table in self.store.source.partial)

    @cached_property
    def published(self) -> BoundCube:
        """The cube's published totals, a measure group for each, over the same dimensions with all their rows."""
        groups = []
        for place, total in enumerate(self.definition.published_totals):
            measure = self.measures[self.measure_ordinals[total.measure]][1]
            stored = replace(measure, column=total.column, expression="")
            groups.append(MeasureGroup(f"{place}", total.table, (stored,), total.links, total.where))
        whole = Cube(f"{self.name} (published)", self.definition.dimensions, tuple(groups))
        return BoundCube(whole, self.store.published, catalog=self.catalog, path_names=self.path_names)

    def counted(self, group: BoundGroup, cut: GroupingSet) -> BoundGroup:
        """The counts of one grouping set of a group."""
        return self._grouping_sets.groups[f"{group.name}: {cut.name}"]

    @cached_property
    def _grouping_sets(self) -> BoundCube:
        """A measure group for each grouping set of each group, over the same dimensions: the counts, and their rows."""
        groups = []
        for group in self.definition.measure_groups:
            for one in group.grouping_sets:
                where = (
                    f"{column_sql(group.set_column, group.table)} = {text_sql(one.name)}" if group.set_column else ""
                )
                both = " AND ".join(f"({c})" for c in (group.where, where) if c)
                counts = tuple(replace(m, aggregate=Aggregate.SUM) for m in group.measures)
                links = {name: group.links[name] for name in one.by}
                rows = Measure(ROWS, Aggregate.COUNT)
                name = f"{group.name}: {one.name}"
                groups.append(MeasureGroup(name, group.table, (*counts, rows), links, both))
        whole = Cube(f"{self.name} (grouping sets)", self.definition.dimensions, tuple(groups))
        return BoundCube(whole, self.store, catalog=self.catalog, path_names=self.path_names)

    def places_in_whole(self, dimension: BoundDimension) -> NDArray[np.int64]:
        """For each row of a dimension the one with its key among all rows; -1 for none."""
        if dimension not in self._places:
            keys = self.store.published.keys(self.published.dimensions[dimension.ordinal].loaded())
            own = self.store.keys(dimension.loaded())
            self._places[dimension] = np.array([keys.get(key, -1) for key in own], dtype=np.int64)
        return self._places[dimension]

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
    def set_formulas(self) -> Mapping[str, SetFormula]:
        """The named sets' formulas, by name."""
        return {x.name: SetFormula(parsed(x.place, "expression", x.expression), x.static) for x in self.named_sets}

    @property
    def kpis(self) -> tuple[Kpi, ...]:
        """The cube's key performance indicators."""
        return self.definition.kpis

    def perspective(self, name: str) -> Perspective | None:
        """The perspective of a name; None for the cube itself."""
        return next((p for p in self.definition.perspectives if p.name.casefold() == name.casefold()), None)

    def measures_in(self, name: str) -> NDArray[np.bool_]:
        """Which measures, calculated ones behind the stored, the cube or a perspective of it has, hidden ones too."""
        perspective = self.perspective(name)
        names = [m.name for _, m in self.measures] + [c.name for c in self.hierarchies[MEASURES].calculations]
        return np.array([perspective is None or n in perspective.measures for n in names], dtype=np.bool_)

    def listed_measures(self, name: str) -> NDArray[np.bool_]:
        """Which of these are listed as members: all but hidden ones."""
        listed = [m.visible for _, m in self.measures] + [c.listed for c in self.hierarchies[MEASURES].calculations]
        return self.measures_in(name) & np.array(listed, dtype=np.bool_)

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
        found: dict[int, list[Calculation]] = {}
        names = Names(self)
        for member in self.definition.calculated_members:
            with told(member.place, "parent"):
                hierarchy, parent = names.parent(parse_expression(member.parent), member.name)
            found.setdefault(hierarchy.index, []).append(_calculated(member, hierarchy, parent))
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
        definition = hierarchy.definition
        wanted = self.definition.default_measure if definition is None else definition.default_member
        if not wanted:
            return 0
        found = Names(self).member_below(hierarchy, wanted)
        if found < 0:
            raise CatalogError(f"Cube {self.name}: {hierarchy.unique_name} has no default member {wanted}.")
        return found

    @cached_property
    def defaults(self) -> tuple[int, ...]:
        """The default members of all hierarchies."""
        return tuple(h.default for h in self.hierarchies)

    def time_table(self, group: BoundGroup) -> str:
        """The lookup table of the group's time dimension."""
        time = next((d for d in self.dimensions if d.is_time and d.name in group.definition.links), None)
        if time is None:
            raise CatalogError(f"Cube {self.name}: a semi-additive measure needs a time dimension.")
        return time.loaded().table


def _calculated(member: CalculatedMember, hierarchy: BoundHierarchy, parent: int) -> Calculation:
    """A calculated member of the catalogue."""
    properties = {name.upper(): parsed(member.place, "properties", text) for name, text in member.properties.items()}
    if member.format:
        text = member.format.replace('"', '""')
        properties["FORMAT_STRING"] = parse_expression(f'"{text}"')
    return Calculation(
        name=member.name,
        hierarchy=hierarchy.index,
        parent=parent,
        level=hierarchy.level_below(parent),
        expression=parsed(member.place, "expression", member.expression),
        solve_order=member.solve_order,
        properties=properties,
        caption=member.caption,
        description=member.description,
        folder=member.folder,
        visible=member.visible,
        listed=member.visible or hierarchy.spoken_by_path,  # as FoodMart's recorded answers have it
        text=member.expression,
    )
