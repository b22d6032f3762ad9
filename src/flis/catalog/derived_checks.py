"""What derived measures and published totals need of the whole cube: measures, time with dates, hierarchies, levels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flis.catalog.cube import DerivedMeasure, DerivedType, Whole
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.catalog.cube import Cube, MeasureGroup, PublishedTotal
    from flis.catalog.yaml import YamlEntry

__all__ = ["check_derived", "check_published", "group_of"]


def group_of(cube: Cube, measure: str) -> MeasureGroup:
    """The measure group whose facts a stored or derived measure is of; of a ratio that of its numerator."""
    derived = {one.name: one.measure for one in cube.derived_measures}
    while measure in derived:
        measure = derived[measure]
    return next(group for group in cube.measure_groups if any(one.name == measure for one in group.measures))


def check_derived(place: YamlEntry, measure: DerivedMeasure, cube: Cube) -> None:
    """Raise CatalogError, with the place, where a derived measure asks for what the cube does not have."""
    if measure.derived is DerivedType.RATIO:
        _ratio(place, measure, cube)
    elif measure.derived is DerivedType.SHARE_OF_PARENT:
        _share(place, measure, cube)
    else:
        _time(place, measure, cube)


def _time(place: YamlEntry, measure: DerivedMeasure, cube: Cube) -> None:
    group = group_of(cube, measure.measure)
    times = [d for d in cube.dimensions if d.dimension.time and d.name in group.links]
    if not times:
        raise place.error(
            f"{measure.name} is a {measure.derived}, and {group.name} has no time dimension.",
            "A dimension with `time: true` must be linked.",
        )
    if not times[0].dimension.date_column:
        raise place.error(
            f"{measure.name} is a {measure.derived}, and the rows of {times[0].name} have no dates.",
            "Give it a level with `type: days` and `key_type: date`, or name the column with `date:`.",
        )


def _ratio(place: YamlEntry, measure: DerivedMeasure, cube: Cube) -> None:
    lines = place.fields()
    if measure.yearly:
        _yearly(lines["yearly"], measure, cube)
    if not measure.paired_by:
        return
    at = lines.get("paired_by", place)
    _known(at, measure.paired_by, [d.name for d in cube.dimensions if d.dimension.table], "the cube has no dimension")
    for base in measure.bases:
        group = group_of(cube, base)
        if measure.paired_by not in group.links:
            raise at.error(
                f"{measure.name} is paired by {measure.paired_by}, to which {group.name} has no link.",
                "Name a dimension of both, or write `paired_by: null`: then no member leaves a ratio.",
            )


def _yearly(place: YamlEntry, measure: DerivedMeasure, cube: Cube) -> None:
    stored = {one.name: one for group in cube.measure_groups for one in group.measures}
    for base in measure.bases:
        if base not in stored or not stored[base].adds_up:
            raise place.error(
                f"{measure.name} adds up years, and {base} does not add up over time.",
                "Name stored measures that are a sum or a count.",
            )
        _time(place, replace(measure, measure=base), cube)


def _share(place: YamlEntry, measure: DerivedMeasure, cube: Cube) -> None:
    lines = place.fields()
    ratios = {one.name for one in cube.derived_measures if one.is_ratio}
    if measure.measure in ratios:
        raise lines["measure"].error(f"{measure.measure} is a quotient: nothing is a share of it.")
    group = group_of(cube, measure.measure)
    known = {d.name: d for d in cube.dimensions}
    _known(lines["dimension"], measure.dimension, known, "the cube has no dimension")
    _known(lines["dimension"], measure.dimension, group.links, f"{group.name} has no link to the dimension")
    hierarchies = {h.name: h for h in known[measure.dimension].dimension.hierarchies}
    if measure.hierarchy:
        _known(lines["hierarchy"], measure.hierarchy, hierarchies, f"{measure.dimension} has no hierarchy")
    hierarchy = hierarchies.get(measure.hierarchy) or next(iter(hierarchies.values()))
    if measure.level:
        levels = [level.name for level in hierarchy.levels]
        _known(lines["level"], measure.level, levels, f"{hierarchy.name} has no level")
    if _goes_by_levels(measure) and hierarchy.parent_child:
        raise place.error(
            f"{measure.name} is a share of the level above, and {hierarchy.name} refers to itself.",
            "Say `of: all` or name the member.",
        )


def _goes_by_levels(measure: DerivedMeasure) -> bool:
    return not measure.member and measure.of is Whole.PARENT


def check_published(place: YamlEntry, total: PublishedTotal, cube: Cube) -> None:
    """Raise CatalogError, with the place, where a published total is of what the cube does not have."""
    lines = place.fields()
    stored = [one.name for group in cube.measure_groups for one in group.measures]
    _known(lines["measure"], total.measure, stored, "the cube has no stored measure")
    group = group_of(cube, total.measure)
    known = [d.name for d in cube.dimensions if d.dimension.table]
    for name in total.links:
        _known(lines["links"], name, known, "the cube has no dimension with a table that is called")
        _known(lines["links"], name, group.links, f"{group.name} has no link to the dimension")


def _known(place: YamlEntry, name: str, known: Iterable[str], what: str) -> None:
    known = list(known)
    if name not in known:
        raise place.error(f"{what} {name}.", suggest(name, known) or f"There are: {', '.join(known)}.")
