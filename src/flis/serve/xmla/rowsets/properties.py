"""MDSCHEMA_PROPERTIES: properties of members (type 1), of cells (2), and the intrinsic ones of every member (4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flis.catalog.cube import DataType, say
from flis.serve.xmla.rowsets.asking import CUBE, DIMENSION
from flis.serve.xmla.rowsets.cubes import DBTYPES, NUMBERS, each_hierarchy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row

__all__ = ["member_properties"]

MEMBER, CELL, SYSTEM = 1, 2, 4
USER, ATTRIBUTE = 1, 2
UINT, STRING, VARIANT, SHORT = 19, 130, 12, 18
CELLS = {
    "VALUE": VARIANT,
    "FORMATTED_VALUE": STRING,
    "FORMAT_STRING": STRING,
    "LANGUAGE": UINT,
    "CELL_ORDINAL": UINT,
    "BACK_COLOR": UINT,
    "FORE_COLOR": UINT,
    "FONT_NAME": STRING,
    "FONT_SIZE": SHORT,
    "FONT_FLAGS": 3,
    "ACTION_TYPE": UINT,
    "UPDATEABLE": UINT,
    "SOLVE_ORDER": 3,
}
INTRINSIC = {
    "CATALOG_NAME": STRING,
    "CUBE_NAME": STRING,
    "DIMENSION_UNIQUE_NAME": STRING,
    "HIERARCHY_UNIQUE_NAME": STRING,
    "LEVEL_UNIQUE_NAME": STRING,
    "LEVEL_NUMBER": UINT,
    "MEMBER_UNIQUE_NAME": STRING,
    "MEMBER_NAME": STRING,
    "MEMBER_CAPTION": STRING,
    "MEMBER_TYPE": 3,
    "MEMBER_KEY": STRING,
    "MEMBER_VALUE": VARIANT,
    "CHILDREN_CARDINALITY": UINT,
    "PARENT_LEVEL": UINT,
    "PARENT_UNIQUE_NAME": STRING,
    "PARENT_COUNT": UINT,
    "DESCRIPTION": STRING,
}


def member_properties(asking: Asking, asked: Asked) -> Iterator[Row]:
    """The rows."""
    wanted = 0
    for kind in asked.get("PROPERTY_TYPE", (str(MEMBER | CELL | SYSTEM),)):
        wanted |= int(kind) if kind.isdecimal() else 0
    if wanted & CELL:
        for start in _everywhere(asking, asked):
            for name, number in CELLS.items():
                yield start | _row(name, name, number, CELL)
    if wanted & (MEMBER | SYSTEM):
        yield from _of_levels(asking, asked, wanted)


def _everywhere(asking: Asking, asked: Asked) -> Iterator[dict[str, Any]]:
    """How rows about cells begin: they hold for every cube of a database, and so for those that are asked for."""
    for catalog in asking.databases(asked):
        yield {"CATALOG_NAME": catalog, "CUBE_SOURCE": CUBE | DIMENSION, "PROPERTY_ORIGIN": USER | ATTRIBUTE}
    if asked.get("CUBE_NAME"):
        for view in asking.within(asked):
            yield view.row | {"PROPERTY_ORIGIN": USER | ATTRIBUTE}


def _of_levels(asking: Asking, asked: Asked, wanted: int) -> Iterator[Row]:
    for view, hierarchy in each_hierarchy(asking, asked):
        attribute = hierarchy.definition is None or hierarchy.definition.attribute
        for level in hierarchy.levels:
            start = view.row | {
                "DIMENSION_UNIQUE_NAME": hierarchy.dimension.unique_name,
                "HIERARCHY_UNIQUE_NAME": hierarchy.unique_name,
                "LEVEL_UNIQUE_NAME": level.unique_name,
                "PROPERTY_ORIGIN": ATTRIBUTE if attribute else USER,
            }
            if wanted & MEMBER and level.definition is not None:
                for own in level.definition.properties:
                    caption = say(own.caption, asking.language, own.name)
                    yield start | _row(own.name, caption, DBTYPES[own.type], MEMBER, own.type)
            if wanted & SYSTEM:
                for name, kind in INTRINSIC.items():
                    yield start | _row(name, name, kind, SYSTEM)


def _row(name: str, caption: str, kind: int, sort: int, type_: DataType = DataType.TEXT) -> dict[str, Any]:
    textual = kind == STRING and type_ is DataType.TEXT
    return {
        "PROPERTY_TYPE": sort,
        "PROPERTY_NAME": name,
        "PROPERTY_CAPTION": caption,
        "DATA_TYPE": kind,
        "CHARACTER_MAXIMUM_LENGTH": 0 if textual else None,
        "CHARACTER_OCTET_LENGTH": 0 if textual else None,
        "NUMERIC_PRECISION": NUMBERS[type_][0] if sort == MEMBER and type_ in NUMBERS else None,
        "PROPERTY_CONTENT_TYPE": 0,
        "PROPERTY_CARDINALITY": "MANY" if sort == MEMBER else None,
        "PROPERTY_ATTRIBUTE_HIERARCHY_NAME": name if sort == MEMBER else None,
        "PROPERTY_IS_VISIBLE": True,
        "PROPERTY_VISIBILITY": 1,
    }
