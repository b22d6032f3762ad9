"""Rows that show databases as relational clients see them: catalogues, tables, columns, types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.cube import say
from flis.serve.xmla.rowsets.asking import CUBE, stamp
from flis.serve.xmla.rowsets.cubes import groups_in
from flis.serve.xmla.rowsets.table import Type
from flis.serve.xmla.rowsets.tables import ROWSETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row, View
    from flis.serve.xmla.rowsets.table import SchemaRowset

__all__ = ["catalogs", "columns", "provider_types", "tables"]

SYSTEM = "$SYSTEM"
STRING, VARIANT = 130, 12
NULLABLE = 0x20 | 0x40  # DBCOLUMNFLAGS
OLEDB = {
    Type.TEXT: STRING,
    Type.BOOL: 11,
    Type.SHORT: 2,
    Type.INT: 3,
    Type.LONG: 20,
    Type.USHORT: 18,
    Type.UINT: 19,
    Type.ULONG: 21,
    Type.DOUBLE: 5,
    Type.TIME: 135,
    Type.GUID: 72,
    Type.XML: STRING,
    Type.ANY: VARIANT,
    Type.NESTED: 136,
}
# name: (number, size, quotes, unsigned, fixed scale)
TYPES = {
    "INTEGER": (3, 10, None, False, True),
    "DOUBLE": (5, 15, None, False, False),
    "CURRENCY": (6, 19, None, False, True),
    "BOOLEAN": (11, 1, None, None, False),
    "LARGE_INTEGER": (20, 19, None, False, True),
    "STRING": (130, 65535, '"', None, False),
}
SEARCHABLE = 4


def catalogs(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DBSCHEMA_CATALOGS."""
    for name, description in sorted(asking.catalogs.items()):
        yield {
            "CATALOG_NAME": name,
            "DESCRIPTION": description,
            "ROLES": "",
            "DATE_MODIFIED": stamp(asking.updated(name)),
            "COMPATIBILITY_LEVEL": 1100,
            "TYPE": 0,
            "DATABASE_ID": name,
            "CURRENTLY_USED": name == asking.catalog,
        }


def tables(asking: Asking, asked: Asked) -> Iterator[Row]:
    """DBSCHEMA_TABLES: measure groups and dimensions of each cube, and the rowsets."""
    for view in asking.within(asked):
        start = {"TABLE_CATALOG": view.catalog, "TABLE_SCHEMA": view.name, "DATE_MODIFIED": stamp(view.updated)}
        if view.source != CUBE:
            continue
        for group in groups_in(view):
            text = say(group.definition.description, asking.language)
            yield start | {
                "TABLE_NAME": group.name,
                "TABLE_TYPE": "TABLE",
                "TABLE_OLAP_TYPE": "MEASURE_GROUP",
                "DESCRIPTION": text,
            }
        for dimension in view.dimensions:
            if not dimension.is_measures:
                yield start | {
                    "TABLE_NAME": f"${dimension.name}",
                    "TABLE_TYPE": "SYSTEM TABLE",
                    "TABLE_OLAP_TYPE": "CUBE_DIMENSION",
                }
    for start, rowset in _schema(asking, asked):
        yield start | {"TABLE_TYPE": "SCHEMA", "TABLE_OLAP_TYPE": "SCHEMA", "DESCRIPTION": rowset.description}


def columns(asking: Asking, asked: Asked) -> Iterator[Row]:
    """DBSCHEMA_COLUMNS: measures and levels of each cube, and the columns of the rowsets."""
    for view in asking.within(asked):
        if view.source == CUBE:
            yield from _of_cube(view)
    for start, rowset in _schema(asking, asked):
        for position, column in enumerate(rowset.columns, 1):
            yield start | _column(column.field, position, OLEDB[column.type], "SCHEMA")


def _schema(asking: Asking, asked: Asked) -> Iterator[tuple[dict[str, str], SchemaRowset]]:
    """The rowsets, which every database has, and how a row about each begins."""
    for catalog in asking.databases(asked):
        for rowset in ROWSETS.values():
            yield {"TABLE_CATALOG": catalog, "TABLE_SCHEMA": SYSTEM, "TABLE_NAME": rowset.name}, rowset


def _of_cube(view: View) -> Iterator[Row]:
    start = {"TABLE_CATALOG": view.catalog, "TABLE_SCHEMA": view.name}
    shown = [pair for pair, seen in zip(view.cube.measures, view.measures, strict=False) if seen]
    for group in groups_in(view):
        for position, measure in enumerate((m for g, m in shown if g is group), 1):
            yield start | {"TABLE_NAME": group.name} | _column(measure.name, position, VARIANT, "MEASURE")
    for dimension in view.dimensions:
        # a level of several hierarchies is one column
        names = dict.fromkeys(lv.name for h in dimension.hierarchies for lv in h.levels if lv.definition)
        for position, name in enumerate(names, 1):
            yield start | {"TABLE_NAME": f"${dimension.name}"} | _column(name, position, STRING, "ATTRIBUTE")


def provider_types(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DBSCHEMA_PROVIDER_TYPES."""
    for name, (number, size, quotes, unsigned, fixed) in TYPES.items():
        yield {
            "TYPE_NAME": name,
            "DATA_TYPE": number,
            "COLUMN_SIZE": size,
            "LITERAL_PREFIX": quotes,
            "LITERAL_SUFFIX": quotes,
            "IS_NULLABLE": True,
            "CASE_SENSITIVE": False,
            "SEARCHABLE": SEARCHABLE,
            "UNSIGNED_ATTRIBUTE": unsigned,
            "FIXED_PREC_SCALE": fixed,
            "AUTO_UNIQUE_VALUE": False,
            "IS_LONG": False,
            "BEST_MATCH": True,
            "IS_FIXEDLENGTH": number != STRING,
        }


def _column(name: str, position: int, kind: int, sort: str) -> dict[str, object]:
    text = kind == STRING
    return {
        "COLUMN_NAME": name,
        "ORDINAL_POSITION": position,
        "COLUMN_HAS_DEFAULT": False,
        "COLUMN_FLAGS": NULLABLE,
        "IS_NULLABLE": False,
        "DATA_TYPE": kind,
        "CHARACTER_MAXIMUM_LENGTH": 0 if text else None,
        "CHARACTER_OCTET_LENGTH": 0 if text else None,
        "COLUMN_OLAP_TYPE": sort,
    }
