"""Rows about cubes, dimensions, hierarchies, levels, measures, measure groups, sets and key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flis.catalog.cube import Aggregate, DataType, LevelType, say
from flis.query.cubes.members import quote
from flis.serve.xmla.rowsets.asking import CUBE, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.catalog.cube import Kpi, Text
    from flis.query.cubes.parts import BoundDimension, BoundGroup, BoundHierarchy, BoundLevel
    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row, View

__all__ = [
    "DBTYPES",
    "actions",
    "cubes",
    "dimensions",
    "hierarchies",
    "kpis",
    "levels",
    "measuregroup_dimensions",
    "measuregroups",
    "measures",
    "sets",
]

DBTYPES = {DataType.INTEGER: 20, DataType.NUMBER: 5, DataType.TEXT: 130, DataType.BOOLEAN: 11, DataType.DATE: 7}
VARIANT = 12
AGGREGATORS = {
    Aggregate.SUM: 1,
    Aggregate.COUNT: 2,
    Aggregate.MIN: 3,
    Aggregate.MAX: 4,
    Aggregate.AVERAGE: 5,
    Aggregate.DISTINCT_COUNT: 8,
    Aggregate.AVERAGE_OF_CHILDREN: 10,
    Aggregate.FIRST_LOADED: 11,
    Aggregate.LAST_LOADED: 12,
    Aggregate.FIRST_NON_EMPTY: 13,
    Aggregate.LAST_NON_EMPTY: 14,
}
CALCULATED = 127
LEVEL_TYPES = {
    LevelType.REGULAR: 0,
    LevelType.YEARS: 0x14,
    LevelType.HALF_YEARS: 0x24,
    LevelType.QUARTERS: 0x44,
    LevelType.MONTHS: 0x84,
    LevelType.WEEKS: 0x104,
    LevelType.DAYS: 0x204,
}
ALL_LEVEL = 1
TIME, MEASURE, OTHER = 1, 2, 3  # DIMENSION_TYPE
USER, ATTRIBUTE = 1, 2  # HIERARCHY_ORIGIN, LEVEL_ORIGIN
BALANCED, RAGGED, UNBALANCED = 0, 1, 2  # STRUCTURE
VISIBLE, HIDDEN = 1, 2


def shown(visible: bool) -> int:
    """A visibility as the bit that restrictions test."""
    return VISIBLE if visible else HIDDEN


def cubes(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_CUBES."""
    for view in asking.within(asked):
        definition = view.cube.definition
        own = view.source == CUBE
        if own and not definition.visible and asking.properties.get("ShowHiddenCubes", "").casefold() != "true":
            continue
        updated = stamp(view.updated)
        perspective = view.cube.perspective(view.name) if own else None
        said = (perspective or definition).caption if own else {}
        yield view.row | {
            "CUBE_TYPE": "CUBE" if own else "DIMENSION",
            "LAST_SCHEMA_UPDATE": updated,
            "LAST_DATA_UPDATE": updated,
            "DESCRIPTION": view.description(asking.language),
            "IS_DRILLTHROUGH_ENABLED": own,
            "IS_LINKABLE": False,
            "IS_WRITE_ENABLED": False,
            "IS_SQL_ENABLED": False,
            "CUBE_CAPTION": say(said, asking.language, view.name),
            "BASE_CUBE_NAME": definition.name if perspective else None,
            "PREFERRED_QUERY_PATTERNS": 0,
        }


def dimensions(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_DIMENSIONS."""
    for view in asking.within(asked):
        for dimension in view.dimensions:
            hierarchy = dimension.hierarchies[0]
            visible = _visible(dimension)
            yield view.row | {
                "DIMENSION_NAME": dimension.name,
                "DIMENSION_UNIQUE_NAME": dimension.unique_name,
                "DIMENSION_CAPTION": dimension.caption(asking.language),
                "DIMENSION_ORDINAL": dimension.ordinal,
                "DIMENSION_TYPE": _type(dimension),
                "DIMENSION_CARDINALITY": view.count(hierarchy, hierarchy.members.count),
                "DEFAULT_HIERARCHY": hierarchy.unique_name,
                "DESCRIPTION": _described(dimension, asking.language),
                "IS_VIRTUAL": False,
                "IS_READWRITE": False,
                "DIMENSION_UNIQUE_SETTINGS": 1,
                "DIMENSION_IS_VISIBLE": visible,
                "DIMENSION_VISIBILITY": shown(visible),
            }


def hierarchies(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_HIERARCHIES."""
    for view, hierarchy in each_hierarchy(asking, asked):
        definition, dimension = hierarchy.definition, hierarchy.dimension
        members = hierarchy.members
        visible = definition.visible if definition else True
        yield view.row | {
            "DIMENSION_UNIQUE_NAME": dimension.unique_name,
            "HIERARCHY_NAME": hierarchy.name,
            "HIERARCHY_UNIQUE_NAME": hierarchy.unique_name,
            "HIERARCHY_CAPTION": hierarchy.caption(asking.language),
            "DIMENSION_TYPE": _type(dimension),
            "HIERARCHY_CARDINALITY": view.count(hierarchy, members.count),
            "DEFAULT_MEMBER": _name(hierarchy, view.default(hierarchy)),
            "ALL_MEMBER": _name(hierarchy, 0) if hierarchy.has_all else None,
            "DESCRIPTION": say(definition.description, asking.language) if definition else "",
            "STRUCTURE": _structure(hierarchy),
            "IS_VIRTUAL": False,
            "IS_READWRITE": False,
            "DIMENSION_UNIQUE_SETTINGS": 1,
            "DIMENSION_IS_VISIBLE": _visible(dimension),
            "HIERARCHY_ORDINAL": hierarchy.index,
            "DIMENSION_IS_SHARED": True,
            "HIERARCHY_IS_VISIBLE": visible,
            "HIERARCHY_VISIBILITY": shown(visible and _visible(dimension)),
            "HIERARCHY_ORIGIN": _origin(hierarchy),
            "HIERARCHY_DISPLAY_FOLDER": say(definition.folder, asking.language) if definition else "",
            "INSTANCE_SELECTION": 0,
            "GROUPING_BEHAVIOR": 1,
            "STRUCTURE_TYPE": "Natural",
        }


def levels(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_LEVELS."""
    for view, hierarchy in each_hierarchy(asking, asked):
        for level in hierarchy.levels:
            definition = level.definition
            visible = definition.visible if definition else True
            yield view.row | {
                "DIMENSION_UNIQUE_NAME": hierarchy.dimension.unique_name,
                "HIERARCHY_UNIQUE_NAME": hierarchy.unique_name,
                "LEVEL_NAME": level.name,
                "LEVEL_UNIQUE_NAME": level.unique_name,
                "LEVEL_CAPTION": level.caption(asking.language),
                "LEVEL_NUMBER": level.number,
                "LEVEL_CARDINALITY": view.count(hierarchy, level.cardinality),
                "LEVEL_TYPE": ALL_LEVEL if level.is_all else LEVEL_TYPES[level.type],
                "DESCRIPTION": say(definition.description, asking.language) if definition else "",
                "CUSTOM_ROLLUP_SETTINGS": 0,
                "LEVEL_UNIQUE_SETTINGS": 1 if definition is None or definition.unique else 0,
                "LEVEL_IS_VISIBLE": visible,
                "LEVEL_VISIBILITY": shown(visible),
                "LEVEL_ORDERING_PROPERTY": level.name if definition else None,
                "LEVEL_DBTYPE": DBTYPES[definition.key_type] if definition else 130,
                "LEVEL_ATTRIBUTE_HIERARCHY_NAME": _attribute(hierarchy, level),
                "LEVEL_KEY_CARDINALITY": 1,
                "LEVEL_ORIGIN": _origin(hierarchy),
            }


def measures(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_MEASURES, stored ones and calculated ones in the order in which the cube shows them."""
    for view in asking.within(asked):
        if view.source != CUBE:
            continue
        if not view.dimensions:
            continue
        rows = [*_stored_measures(view, asking.language), *_calculated_measures(view, asking.language)]
        seen = view.measures
        yield from (rows[i] for i in view.cube.measure_order if seen[i])
        for definition in asking.definitions:
            if definition.kind == "measure" and definition.cube.casefold() == view.name.casefold():
                yield _measure_row(view, definition.name, definition.name) | {
                    "MEASURE_AGGREGATOR": CALCULATED,
                    "DATA_TYPE": VARIANT,
                    "EXPRESSION": definition.expression,
                }


def measuregroups(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_MEASUREGROUPS."""
    for view in asking.within(asked):
        for group in _groups(view):
            yield view.row | {
                "MEASUREGROUP_NAME": group.name,
                "DESCRIPTION": say(group.definition.description, asking.language),
                "IS_WRITE_ENABLED": False,
                "MEASUREGROUP_CAPTION": say(group.definition.caption, asking.language, group.name),
            }


def measuregroup_dimensions(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_MEASUREGROUP_DIMENSIONS."""
    for view in asking.within(asked):
        for group in _groups(view):
            for dimension in view.dimensions:
                if dimension.name not in group.definition.links:
                    continue
                visible = _visible(dimension)
                degenerate = dimension.definition is not None and not dimension.definition.table
                yield view.row | {
                    "MEASUREGROUP_NAME": group.name,
                    "MEASUREGROUP_CARDINALITY": "ONE",
                    "DIMENSION_UNIQUE_NAME": dimension.unique_name,
                    "DIMENSION_CARDINALITY": "MANY",
                    "DIMENSION_IS_VISIBLE": visible,
                    "DIMENSION_VISIBILITY": shown(visible),
                    "DIMENSION_IS_FACT_DIMENSION": degenerate,
                    "DIMENSION_GRANULARITY": dimension.hierarchies[0].unique_name,
                }


def sets(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_SETS: the cube's own and those of the session."""
    for view in asking.within(asked):
        if view.source != CUBE:
            continue
        for named in view.cube.named_sets:
            if any(h.dimension not in view.dimensions for h in _hierarchies_in(view, named.expression)):
                continue
            yield _set_row(view, named.name, named.expression, 1) | {
                "DESCRIPTION": say(named.description, asking.language),
                "SET_CAPTION": say(named.caption, asking.language, named.name),
                "SET_DISPLAY_FOLDER": say(named.folder, asking.language),
            }
        for definition in asking.definitions:
            if definition.kind == "set" and definition.cube.casefold() == view.name.casefold():
                yield _set_row(view, definition.name, definition.expression, 2)


def kpis(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_KPIS."""
    for view in asking.within(asked):
        groups = {g.name for g in _groups(view)}
        for kpi in view.cube.kpis if view.source == CUBE else ():
            if kpi.measure_group and kpi.measure_group not in groups:
                continue
            yield view.row | {
                "MEASUREGROUP_NAME": kpi.measure_group,
                "KPI_NAME": kpi.name,
                "KPI_CAPTION": say(kpi.caption, asking.language, kpi.name),
                "KPI_DESCRIPTION": say(kpi.description, asking.language),
                "KPI_DISPLAY_FOLDER": say(kpi.folder, asking.language),
                "KPI_VALUE": _kpi_member(kpi, "KPIValue", kpi.value),
                "KPI_GOAL": _kpi_member(kpi, "KPIGoal", kpi.goal),
                "KPI_STATUS": _kpi_member(kpi, "KPIStatus", kpi.status),
                "KPI_TREND": _kpi_member(kpi, "KPITrend", kpi.trend),
                "KPI_STATUS_GRAPHIC": kpi.status_graphic,
                "KPI_TREND_GRAPHIC": kpi.trend_graphic,
                "KPI_WEIGHT": _kpi_member(kpi, "KPIWeight", kpi.weight),
                "KPI_CURRENT_TIME_MEMBER": kpi.current_time_member or None,
                "SCOPE": 1,
            }


def actions(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """MDSCHEMA_ACTIONS: none."""
    return iter(())


def each_hierarchy(asking: Asking, asked: Asked) -> Iterator[tuple[View, BoundHierarchy]]:
    """The hierarchies that the restrictions on dimension and hierarchy leave."""
    names = {n.casefold() for n in asked.get("DIMENSION_UNIQUE_NAME", ())}
    wanted = {n.casefold() for n in asked.get("HIERARCHY_UNIQUE_NAME", ())}
    for view in asking.within(asked):
        for dimension in view.dimensions:
            if names and dimension.unique_name.casefold() not in names:
                continue
            for hierarchy in dimension.hierarchies:
                if not wanted or hierarchy.unique_name.casefold() in wanted:
                    yield view, hierarchy


def _type(dimension: BoundDimension) -> int:
    return MEASURE if dimension.is_measures else TIME if dimension.is_time else OTHER


def _visible(dimension: BoundDimension) -> bool:
    used = dimension.used
    return used is None or (used.visible and any(h.visible for h in used.dimension.hierarchies))


def _described(dimension: BoundDimension, language: str) -> str:
    texts: list[Text] = [t.description for t in (dimension.used, dimension.definition) if t is not None]
    return next((said for t in texts if (said := say(t, language))), "")


def _name(hierarchy: BoundHierarchy, ordinal: int) -> str:
    import numpy as np

    return hierarchy.members.unique_names(np.array([ordinal], dtype=np.int32))[0]


def _structure(hierarchy: BoundHierarchy) -> int:
    if hierarchy.definition is not None and hierarchy.definition.parent_child:
        return UNBALANCED
    return RAGGED if hierarchy.ragged else BALANCED


def _origin(hierarchy: BoundHierarchy) -> int:
    if hierarchy.definition is None:
        return ATTRIBUTE
    if hierarchy.definition.parent_child:
        return USER | ATTRIBUTE
    return ATTRIBUTE if hierarchy.definition.attribute else USER


def _attribute(hierarchy: BoundHierarchy, level: BoundLevel) -> str | None:
    """The attribute hierarchy of the same column, for a level of a user hierarchy."""
    if level.definition is None:
        return None
    for other in hierarchy.dimension.hierarchies:
        definition = other.definition
        if definition and definition.attribute and definition.levels[0].key == level.definition.key:
            return other.name
    return level.name


def _measure_row(view: View, name: str, caption: str) -> dict[str, Any]:
    return view.row | {
        "MEASURE_NAME": name,
        "MEASURE_UNIQUE_NAME": f"[Measures].{quote(name)}",
        "MEASURE_CAPTION": caption,
        "MEASURE_UNQUALIFIED_CAPTION": caption,
        "MEASURE_NAME_SQL_COLUMN_NAME": name,
        "MEASURE_IS_VISIBLE": True,
        "MEASURE_VISIBILITY": VISIBLE,
    }


def _stored_measures(view: View, language: str) -> Iterator[dict[str, Any]]:
    for group, measure in view.cube.measures:
        yield _measure_row(view, measure.name, say(measure.caption, language, measure.name)) | {
            "MEASURE_AGGREGATOR": AGGREGATORS[measure.aggregate],
            "DATA_TYPE": DBTYPES[measure.type],
            "NUMERIC_PRECISION": 19 if measure.type is DataType.INTEGER else 16,
            "NUMERIC_SCALE": -1,
            "DESCRIPTION": say(measure.description, language),
            "MEASURE_IS_VISIBLE": measure.visible,
            "MEASURE_VISIBILITY": shown(measure.visible),
            "MEASUREGROUP_NAME": group.name,
            "MEASURE_DISPLAY_FOLDER": say(measure.folder, language),
            "DEFAULT_FORMAT_STRING": measure.format,
        }


def _calculated_measures(view: View, language: str) -> Iterator[dict[str, Any]]:
    for member in view.cube.hierarchies[0].calculations:
        yield _measure_row(view, member.name, say(member.caption, language, member.name)) | {
            "MEASURE_AGGREGATOR": CALCULATED,
            "DATA_TYPE": VARIANT,
            "DESCRIPTION": say(member.description, language),
            "EXPRESSION": member.text,
            "MEASURE_IS_VISIBLE": member.visible,
            "MEASURE_VISIBILITY": shown(member.visible),
            "MEASURE_DISPLAY_FOLDER": say(member.folder, language),
        }


def _groups(view: View) -> list[BoundGroup]:
    """The measure groups of which the view shows a measure."""
    if view.source != CUBE:
        return []
    names = {group.name for (group, _), seen in zip(view.cube.measures, view.measures, strict=False) if seen}
    return [group for group in view.cube.groups.values() if group.name in names]


def _hierarchies_in(view: View, expression: str) -> list[BoundHierarchy]:
    named = expression.casefold()
    return [
        h
        for h in view.cube.hierarchies
        if h.unique_name.casefold() in named or (h.place == 0 and f"{h.dimension.unique_name}.".casefold() in named)
    ]


def _set_row(view: View, name: str, expression: str, scope: int) -> dict[str, Any]:
    inside = [h.unique_name for h in _hierarchies_in(view, expression)]
    return view.row | {
        "SET_NAME": name,
        "SCOPE": scope,
        "EXPRESSION": expression,
        "DIMENSIONS": ",".join(inside),
        "HIERARCHY_UNIQUE_NAME": inside[0] if len(inside) == 1 else None,
        "SET_CAPTION": name,
        "SET_EVALUATION_CONTEXT": 1,
    }


def _kpi_member(kpi: Kpi, function: str, expression: str) -> str | None:
    """The measure that an expression is, else the function that gives its value; None where there is none."""
    if not expression:
        return None
    bare = expression.strip()
    if bare.casefold().startswith("[measures].[") and bare.count("[") == 2 and bare.endswith("]"):
        return bare
    name = kpi.name.replace('"', '""')
    return f'{function}("{name}")'
