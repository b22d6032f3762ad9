"""What can only be seen when a whole cube is there: names that must exist, be linked, or differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.cube import Aggregate, MeasureGroup, level_named
from flis.catalog.derived_checks import check_derived, check_published
from flis.catalog.dimension_file import columns_of
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.catalog.cube import Cube, CubeDimension, Drillthrough, GroupingSet
    from flis.catalog.cube_file import CubeFile
    from flis.catalog.yaml import YamlEntry

__all__ = ["check"]

SEMI_ADDITIVE = frozenset(
    {
        Aggregate.LAST_NON_EMPTY,
        Aggregate.FIRST_NON_EMPTY,
        Aggregate.LAST_LOADED,
        Aggregate.FIRST_LOADED,
        Aggregate.AVERAGE_OF_CHILDREN,
    }
)


def check(entry: YamlEntry, file: CubeFile, cube: Cube) -> None:
    """Raise CatalogError, with the place, at the first thing in `cube` that does not fit together."""
    if not cube.dimensions or not cube.measure_groups:
        raise entry.error(f"the cube {cube.name} needs a dimension and a measure group.")
    _names_differ(file, cube)
    _groups_fit(file, cube)
    _dimensions_are_reached(file, cube)
    _names_are_known(entry, file, cube)
    for (place, _), derived in zip(file.derived_measures, cube.derived_measures, strict=True):
        check_derived(place, derived, cube)
    for place, total in file.published_totals:
        check_published(place, total, cube)


def _groups_fit(file: CubeFile, cube: Cube) -> None:
    for (place, written), group in zip(file.measure_groups, cube.measure_groups, strict=True):
        if isinstance(written, MeasureGroup):
            _links(place, group, cube)
            _sets(place, group, cube)
        _weights(place, group)
        _time(place, group, cube)


def _names_are_known(entry: YamlEntry, file: CubeFile, cube: Cube) -> None:
    measures = [one.name for group in cube.measure_groups for one in group.measures]
    measures += [one.name for one in cube.derived_measures]
    measures += [one.name for one in cube.calculated_members if one.parent == "[Measures]"]
    if cube.default_measure:
        _known(entry.fields()["default_measure"], cube.default_measure, measures, "measure")
    groups = [group.name for group in cube.measure_groups]
    dimensions = [dimension.name for dimension in cube.dimensions]
    for place, drillthrough in file.drillthroughs:
        _known(place, drillthrough.measure_group, groups, "measure group")
        _tables_are_known(place, drillthrough, cube)
    for place, kpi in file.kpis:
        if kpi.measure_group:
            _known(place, kpi.measure_group, groups, "measure group")
    for place, perspective in file.perspectives:
        for name in perspective.dimensions:
            _known(place, name, dimensions, "dimension")
        for name in perspective.measures:
            _known(place, name, measures, "measure")


def _tables_are_known(place: YamlEntry, drillthrough: Drillthrough, cube: Cube) -> None:
    group = next(one for one in cube.measure_groups if one.name == drillthrough.measure_group)
    linked = [d for d in cube.dimensions if d.name in group.links]
    known = [group.table, *(d.name for d in linked), *(table for d in linked for table in d.dimension.tables)]
    for column in drillthrough.columns.values():
        table, dot, _ = column.partition(".")
        if dot and table not in known:
            text = f"{column} is not of the facts of {group.name}, nor of a dimension that they are linked to."
            raise place.error(text, suggest(table, known))


def _known(place: YamlEntry, name: str, known: Iterable[str], what: str) -> None:
    known = list(known)
    if name not in known:
        raise place.error(f"the cube has no {what} {name}.", suggest(name, known))


def _names_differ(file: CubeFile, cube: Cube) -> None:
    seen: set[tuple[str, str]] = set()
    named: list[tuple[YamlEntry, str, str]] = []
    for (place, _), dimension in zip(file.dimensions, cube.dimensions, strict=True):
        named.append((place, "dimension", dimension.name))
    for (place, written), group in zip(file.measure_groups, cube.measure_groups, strict=True):
        named.append((place, "measure group", group.name))
        own = place.fields()["measures"].items() if isinstance(written, MeasureGroup) else [place] * len(group.measures)
        named += [(at, "measure", measure.name) for at, measure in zip(own, group.measures, strict=True)]
    named += [(place, "measure", one.name) for place, one in file.derived_measures]
    for (place, _), member in zip(file.calculated_members, cube.calculated_members, strict=True):
        measure = member.parent == "[Measures]"
        named.append((place, "measure" if measure else f"member under {member.parent}", member.name))
    named += [(place, "named set", one.name) for place, one in file.named_sets]
    named += [(place, "KPI", one.name) for place, one in file.kpis]
    named += [(place, "perspective", one.name) for place, one in file.perspectives]
    for place, what, name in named:
        if (what, name.casefold()) in seen:
            raise place.error(f"the cube has another {what} {name}.")
        if what == "dimension" and name.casefold() == "measures":
            raise place.error("a dimension cannot be called Measures.")
        seen.add((what, name.casefold()))


def _links(place: YamlEntry, group: MeasureGroup, cube: Cube) -> None:
    known = {dimension.name: dimension for dimension in cube.dimensions}
    names = place.fields()["links"].keys()
    for name, column in group.links.items():
        _known(names[name], name, known, "dimension")
        degenerate = not known[name].dimension.table
        if degenerate and any(name in one.by for one in group.grouping_sets):
            raise names[name].error(*_cut_without_table(name))
        if degenerate and column:
            raise place.error(f"{name} has no table: it is linked without a column (`{name}: ''`).")
        if not degenerate and not column:
            raise place.error(f"{name} has a table: its link needs the fact's column that points at its key.")
    for name in group.own_links:
        at = place.fields()["own_links"].fields()[name]
        _known(at, name, known, "dimension")
        if name in group.links:
            raise at.error(f"{group.name} has a link to {name} for everybody already.")
        if not known[name].dimension.table:
            raise at.error(f"{name} has no table, and owners alone can use only a dimension that has one.")
    owners = [name for name in group.links if known[name].own]
    if len(owners) > 1:
        raise names[owners[1]].error(
            f"{owners[0]} and {owners[1]} both own the rows of {group.name}, and a municipal store is of one owner.",
            "Keep `own: true` at one of them.",
        )
    if not group.measures:
        raise place.error(f"the measure group {group.name} has no measures.")


def _cut_without_table(name: str) -> tuple[str, str]:
    """What is wrong with a degenerate dimension in a grouping set, and what to do."""
    told = f"{name} has no table, and grouping sets cut by dimensions that have one."
    return told, f"Give {name} a `table` (a code list, or what a step puts out) and its `key`, and link it to a column."


def _weights(place: YamlEntry, group: MeasureGroup) -> None:
    names = {measure.name for measure in group.measures}
    for measure in group.measures:
        if measure.weight and measure.weight not in names:
            raise place.error(f"{measure.name} is weighed by {measure.weight}, which must be taken over with it.")


def _sets(place: YamlEntry, group: MeasureGroup, cube: Cube) -> None:
    """Stored distinct counts and grouping sets go together, and the sets cut by levels that the group has."""
    lines = place.fields()
    stored = [measure.aggregate is Aggregate.DISTINCT_STORED for measure in group.measures]
    if not group.grouping_sets:
        if any(stored):
            raise place.error(
                f"{group.name} has distinct counts that are stored, and no grouping sets.",
                "grouping_sets: the cuts by which they are counted.",
            )
        return
    if not all(stored):
        name = group.measures[stored.index(False)].name
        raise place.error(f"{name} is not distinct_stored: a measure group with grouping sets has no other measures.")
    if len(group.grouping_sets) > 1 and not group.set_column:
        raise lines["grouping_sets"].error("several grouping sets need a set_column that tells their rows apart.")
    seen: set[str] = set()
    for at, one in zip(lines["grouping_sets"].items(), group.grouping_sets, strict=True):
        if one.name in seen:
            raise at.error(f"{group.name} has another grouping set {one.name}.")
        seen.add(one.name)
        _cut(at, one, group, cube)


def _cut(place: YamlEntry, one: GroupingSet, group: MeasureGroup, cube: Cube) -> None:
    names = place.fields()["by"].fields()
    dimensions = {d.name: d.dimension for d in cube.dimensions if d.name in group.links and d.dimension.table}
    for name, level in one.by.items():
        if name not in dimensions:
            raise names[name].error(f"{group.name} has no link to a dimension {name}.", suggest(name, dimensions))
        if level_named(dimensions[name], level) is None:
            levels = [found.name for h in dimensions[name].hierarchies for found in h.levels if not h.parent_child]
            hint = suggest(level, levels) or f"It has: {', '.join(dict.fromkeys(levels))}."
            raise names[name].error(f"{name} has no level {level}.", hint)


def _time(place: YamlEntry, group: MeasureGroup, cube: Cube) -> None:
    times = [d for d in cube.dimensions if d.dimension.time and d.name in group.links]
    for measure in group.measures:
        if measure.aggregate in SEMI_ADDITIVE and not times:
            raise place.error(
                f"{measure.name} is {measure.aggregate.value}, and {group.name} has no time dimension.",
                "A dimension with `time: true` must be linked.",
            )


def _dimensions_are_reached(file: CubeFile, cube: Cube) -> None:
    for (place, _), dimension in zip(file.dimensions, cube.dimensions, strict=True):
        if not any(dimension.name in {**group.links, **group.own_links} for group in cube.measure_groups):
            raise place.error(f"no measure group has a link to the dimension {dimension.name}.")
        _columns(place, dimension)


def _columns(place: YamlEntry, dimension: CubeDimension) -> None:
    if not dimension.dimension.table and any("." in column for column in columns_of(dimension.dimension)):
        raise place.error(f"{dimension.name} is degenerate: its columns are the fact's, without a table's name.")
