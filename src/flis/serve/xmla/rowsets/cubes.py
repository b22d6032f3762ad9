"""Rows about cubes, dimensions, hierarchies, levels, measures, measure groups, sets and key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flis.catalog.cube import Aggregate, DataType, DerivedMeasure, LevelType, say
from flis.query.cubes.member_table import quote
from flis.query.languages.mdx.syntax import String
from flis.serve.xmla.rowsets.asking import CUBE, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flis.catalog.cube import Kpi, Measure, Text
    from flis.query.cubes.structure import BoundDimension, BoundGroup, BoundHierarchy, BoundLevel
    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row, SessionDefinition, View

__all__ = [
    "DBTYPES",
    "NUMBERS",
    "actions",
    "cube_rows",
    "dimensions",
    "groups_in",
    "hierarchies",
    "kpis",
    "levels",
    "measuregroup_dimensions",
    "measuregroups",
    "measures",
    "sets",
    "unique_name",
]

DBTYPES = {DataType.INTEGER: 20, DataType.NUMBER: 5, DataType.TEXT: 130, DataType.BOOLEAN: 11, DataType.DATE: 7}
NUMBERS = {DataType.INTEGER: (19, -1), DataType.NUMBER: (16, -1)}  # NUMERIC_PRECISION, NUMERIC_SCALE
VARIANT, ANY_PRECISION = 12, 65535
INTEGER, STRING = 3, 130
AGGREGATORS = {
    Aggregate.SUM: 1,
    Aggregate.COUNT: 2,
    Aggregate.MIN: 3,
    Aggregate.MAX: 4,
    Aggregate.AVERAGE: 5,
    Aggregate.DISTINCT_COUNT: 8,
    Aggregate.AVERAGE_OF_CHILDREN: 10,
    Aggregate.DISTINCT_STORED: 8,
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
USER, ATTRIBUTE, KEY = 1, 2, 4  # HIERARCHY_ORIGIN, LEVEL_ORIGIN
BALANCED, RAGGED, UNBALANCED = 0, 1, 2  # STRUCTURE
VISIBLE, HIDDEN = 1, 2
STATIC, DYNAMIC = 1, 2  # SET_EVALUATION_CONTEXT
GLOBAL, SESSION = 1, 2  # SCOPE


def shown(visible: bool) -> int:
    """A visibility as the bit that restrictions test."""
    return VISIBLE if visible else HIDDEN


def cube_rows(asking: Asking, asked: Asked) -> Iterator[Row]:
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
            key = _granular(dimension)
            visible = _visible(dimension)
            yield view.row | {
                "DIMENSION_NAME": dimension.name,
                "DIMENSION_UNIQUE_NAME": dimension.unique_name,
                "DIMENSION_CAPTION": dimension.caption(asking.language),
                "DIMENSION_ORDINAL": dimension.ordinal,
                "DIMENSION_TYPE": _type(dimension),
                "DIMENSION_CARDINALITY": view.count(key, key.levels[-1].cardinality),
                "DEFAULT_HIERARCHY": dimension.hierarchies[0].unique_name,
                "DESCRIPTION": _described(dimension, asking.language),
                "IS_VIRTUAL": False,
                "IS_READWRITE": False,
                "DIMENSION_UNIQUE_SETTINGS": 1,
                "DIMENSION_MASTER_NAME": dimension.definition.name if dimension.definition else dimension.name,
                "DIMENSION_IS_VISIBLE": visible,
                "DIMENSION_VISIBILITY": shown(visible),
            }


def hierarchies(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_HIERARCHIES."""
    for view, hierarchy in each_hierarchy(asking, asked):
        definition, dimension = hierarchy.definition, hierarchy.dimension
        visible = _hierarchy_visible(hierarchy)
        origin = _origin(hierarchy)
        yield view.row | {
            "DIMENSION_UNIQUE_NAME": dimension.unique_name,
            "HIERARCHY_NAME": hierarchy.name,
            "HIERARCHY_UNIQUE_NAME": hierarchy.unique_name,
            "HIERARCHY_CAPTION": hierarchy.caption(asking.language),
            "DIMENSION_TYPE": _type(dimension),
            "HIERARCHY_CARDINALITY": view.count(hierarchy, sum(level.cardinality for level in hierarchy.levels)),
            "DEFAULT_MEMBER": unique_name(hierarchy, view.default(hierarchy)),
            "ALL_MEMBER": unique_name(hierarchy, 0) if hierarchy.has_all else None,
            "DESCRIPTION": say(definition.description, asking.language) if definition else "",
            "STRUCTURE": _structure(hierarchy),
            "IS_VIRTUAL": False,
            "IS_READWRITE": False,
            "DIMENSION_UNIQUE_SETTINGS": 1,
            "DIMENSION_IS_VISIBLE": _visible(dimension),
            "HIERARCHY_ORDINAL": hierarchy.index,
            "DIMENSION_IS_SHARED": True,
            "HIERARCHY_IS_VISIBLE": visible,
            "HIERARCHY_VISIBILITY": shown(visible),
            "HIERARCHY_ORIGIN": origin,
            "HIERARCHY_DISPLAY_FOLDER": say(definition.folder, asking.language) if definition else "",
            "INSTANCE_SELECTION": 0 if origin & ATTRIBUTE else None,
            "GROUPING_BEHAVIOR": 1,
            "STRUCTURE_TYPE": "Natural",
        }


def levels(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_LEVELS."""
    for view, hierarchy in each_hierarchy(asking, asked):
        for level in hierarchy.levels:
            definition = level.definition
            visible = _hierarchy_visible(hierarchy) and (definition is None or definition.visible)
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
                "LEVEL_UNIQUE_SETTINGS": 1 if definition and definition.unique else 0,
                "LEVEL_IS_VISIBLE": visible,
                "LEVEL_VISIBILITY": shown(visible),
                "LEVEL_ORDERING_PROPERTY": level.name if not hierarchy.is_measures else None,
                "LEVEL_DBTYPE": _key_type(level),
                "LEVEL_ATTRIBUTE_HIERARCHY_NAME": _attribute(hierarchy, level),
                "LEVEL_KEY_CARDINALITY": level.key_count,
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
            if definition.kind == "measure" and definition.of(view):
                yield _session_measure(view, definition)


def measuregroups(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_MEASUREGROUPS."""
    for view in asking.within(asked):
        for group in groups_in(view):
            yield view.row | {
                "MEASUREGROUP_NAME": group.name,
                "DESCRIPTION": say(group.definition.description, asking.language),
                "IS_WRITE_ENABLED": False,
                "MEASUREGROUP_CAPTION": say(group.definition.caption, asking.language, group.name),
            }


def measuregroup_dimensions(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_MEASUREGROUP_DIMENSIONS."""
    for view in asking.within(asked):
        for group in groups_in(view):
            for dimension in view.dimensions:
                if dimension.name not in group.definition.links:
                    continue
                visible = _visible(dimension)
                of_facts = dimension.definition is not None and dimension.definition.table in (
                    "",
                    group.definition.table,
                )
                yield view.row | {
                    "MEASUREGROUP_NAME": group.name,
                    "MEASUREGROUP_CARDINALITY": "ONE",
                    "DIMENSION_UNIQUE_NAME": dimension.unique_name,
                    "DIMENSION_CARDINALITY": "MANY",
                    "DIMENSION_IS_VISIBLE": visible,
                    "DIMENSION_VISIBILITY": shown(visible),
                    "DIMENSION_IS_FACT_DIMENSION": of_facts,
                    "DIMENSION_GRANULARITY": _granular(dimension).unique_name,
                }


def sets(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_SETS: the cube's own and those of the session."""
    for view in asking.within(asked):
        if view.source != CUBE:
            continue
        for named in view.cube.named_sets:
            if not _shown(view, named.expression):
                continue
            yield _set_row(view, named.name, named.expression, GLOBAL, static=named.static) | {
                "DESCRIPTION": say(named.description, asking.language),
                "SET_CAPTION": say(named.caption, asking.language, named.name),
                "SET_DISPLAY_FOLDER": say(named.folder, asking.language),
            }
        for definition in asking.definitions:
            listed = definition.kind == "set" and definition.visible and definition.of(view)
            if listed and _shown(view, definition.expression):
                own = definition.properties
                static = not definition.dynamic
                yield _set_row(view, definition.name, definition.expression, SESSION, static=static) | {
                    "DESCRIPTION": own.get("DESCRIPTION"),
                    "SET_CAPTION": own.get("CAPTION", definition.name),
                    "SET_DISPLAY_FOLDER": own.get("DISPLAY_FOLDER"),
                }


def kpis(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_KPIS."""
    for view in asking.within(asked):
        groups = {g.name for g in groups_in(view)}
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
                "SCOPE": GLOBAL,
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


def _hierarchy_visible(hierarchy: BoundHierarchy) -> bool:
    """Whether it is shown, which nothing of a hidden dimension is."""
    return _visible(hierarchy.dimension) and (hierarchy.definition is None or hierarchy.definition.visible)


def _described(dimension: BoundDimension, language: str) -> str:
    texts: list[Text] = [t.description for t in (dimension.used, dimension.definition) if t is not None]
    return next((said for t in texts if (said := say(t, language))), "")


def unique_name(hierarchy: BoundHierarchy, ordinal: int) -> str:
    """The unique name of a member."""
    import numpy as np

    return hierarchy.members.unique_names(np.array([ordinal], dtype=np.int32))[0]


def _structure(hierarchy: BoundHierarchy) -> int:
    if hierarchy.definition is not None and hierarchy.definition.parent_child:
        return UNBALANCED
    return RAGGED if hierarchy.ragged else BALANCED


def _origin(hierarchy: BoundHierarchy) -> int:
    if hierarchy.definition is None:
        return ATTRIBUTE | KEY
    if hierarchy.definition.parent_child:
        return USER | ATTRIBUTE
    if not hierarchy.definition.attribute:
        return USER
    dimension = hierarchy.dimension.definition
    return ATTRIBUTE | KEY if dimension and hierarchy.definition.levels[0].key == dimension.key else ATTRIBUTE


def _granular(dimension: BoundDimension) -> BoundHierarchy:
    """The hierarchy by whose lowest level facts are linked: the one of the key, an attribute's before others."""
    key = dimension.definition.key if dimension.definition else ""
    fitting = [h for h in dimension.hierarchies if h.definition and h.definition.levels[-1].key == key]
    fitting.sort(key=lambda h: not _origin(h) & KEY)
    return (*fitting, *dimension.hierarchies)[0]


def _key_type(level: BoundLevel) -> int | None:
    """The type of a key, none where several columns make it."""
    if level.definition is None:
        return INTEGER if level.is_all else STRING
    return DBTYPES[level.definition.key_type] if level.key_count == 1 else None


def _attribute(hierarchy: BoundHierarchy, level: BoundLevel) -> str | None:
    """The attribute hierarchy of the same column, for a level of a user hierarchy."""
    if level.definition is None:
        return hierarchy.name if hierarchy.is_measures else None
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


def _listed_aggregate(measure: Measure) -> Aggregate:
    """The aggregate that clients are told: of a weighted average not that of its weight."""
    return Aggregate.AVERAGE if measure.weight else measure.aggregate


def _stored_measures(view: View, language: str) -> Iterator[dict[str, Any]]:
    for group, measure in view.cube.measures:
        kind = DataType.INTEGER if measure.counts else measure.type
        derived = isinstance(measure, DerivedMeasure)
        precision, scale = NUMBERS.get(kind, (None, None))
        yield _measure_row(view, measure.name, say(measure.caption, language, measure.name)) | {
            "MEASURE_AGGREGATOR": CALCULATED if derived else AGGREGATORS[_listed_aggregate(measure)],
            "DATA_TYPE": DBTYPES[kind],
            "NUMERIC_PRECISION": precision,
            "NUMERIC_SCALE": scale,
            "DESCRIPTION": say(measure.description, language),
            "MEASURE_IS_VISIBLE": measure.visible,
            "MEASURE_VISIBILITY": shown(measure.visible),
            "MEASUREGROUP_NAME": group.name,
            "MEASURE_DISPLAY_FOLDER": say(measure.folder, language),
            "DEFAULT_FORMAT_STRING": measure.format,
        }


def _calculated_measures(view: View, language: str) -> Iterator[dict[str, Any]]:
    for member in view.cube.hierarchies[0].calculations:
        own = {name: p.text for name, p in member.properties.items() if isinstance(p, String)}
        caption = say(member.caption, language, member.name)
        yield _formula(view, member.name, caption, member.text, own, visible=member.visible) | {
            "DESCRIPTION": say(member.description, language),
            "MEASURE_DISPLAY_FOLDER": say(member.folder, language),
        }


def _session_measure(view: View, definition: SessionDefinition) -> dict[str, Any]:
    own = definition.properties
    caption = own.get("CAPTION", definition.name)
    return _formula(view, definition.name, caption, definition.expression, own, visible=definition.visible) | {
        "DESCRIPTION": own.get("DESCRIPTION"),
        "MEASURE_DISPLAY_FOLDER": own.get("DISPLAY_FOLDER"),
    }


def _formula(
    view: View, name: str, caption: str, expression: str, own: Mapping[str, str], *, visible: bool
) -> dict[str, Any]:
    """A calculated measure; its values may be of any type."""
    return _measure_row(view, name, caption) | {
        "MEASURE_AGGREGATOR": CALCULATED,
        "DATA_TYPE": VARIANT,
        "NUMERIC_PRECISION": ANY_PRECISION,
        "NUMERIC_SCALE": -1,
        "EXPRESSION": expression,
        "MEASURE_IS_VISIBLE": visible,
        "MEASURE_VISIBILITY": shown(visible),
        "MEASUREGROUP_NAME": own.get("ASSOCIATED_MEASURE_GROUP"),
        "DEFAULT_FORMAT_STRING": own.get("FORMAT_STRING"),
    }


def groups_in(view: View) -> list[BoundGroup]:
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


def _shown(view: View, expression: str) -> bool:
    """Whether a view has all that a set is made of."""
    return all(h.dimension in view.dimensions for h in _hierarchies_in(view, expression))


def _set_row(view: View, name: str, expression: str, scope: int, *, static: bool) -> dict[str, Any]:
    inside = [h.unique_name for h in _hierarchies_in(view, expression)]
    return view.row | {
        "SET_NAME": name,
        "SCOPE": scope,
        "EXPRESSION": expression,
        "DIMENSIONS": ",".join(inside),
        "HIERARCHY_UNIQUE_NAME": inside[0] if len(inside) == 1 else None,
        "SET_CAPTION": name,
        "SET_EVALUATION_CONTEXT": STATIC if static else DYNAMIC,
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
