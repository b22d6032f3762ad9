"""Rowsets: what each is (`tables`), where its rows come from, how they are restricted and written.

Owns every schema rowset, asked for by Discover or by `SELECT … FROM $SYSTEM.…`. Must never read data of a cube other
than members and their counts, and never more than the caller's Scope opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.errors import NotFoundError, suggest
from flis.serve.xmla.rowsets import (
    activity,
    cubes,
    functions,
    members,
    metadata,
    properties,
    relational,
    server,
    session,
)
from flis.serve.xmla.rowsets.asking import Asking
from flis.serve.xmla.rowsets.restrict import keep, normal
from flis.serve.xmla.rowsets.tables import ROWSETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flis.query.limits import Watch
    from flis.serve.xmla.rowsets.asking import Asked, Row, Source
    from flis.serve.xmla.rowsets.table import RowsetColumn, SchemaRowset

__all__ = ["ROWSETS", "SOURCES", "Asking", "columns", "find", "found", "rows"]

OFTEN = 256  # rows between two looks whether to stop


def _members(asking: Asking, asked: Asked) -> Iterator[Row]:
    """The members of cubes, then those of the caller's session."""
    yield from members.member_rows(asking, asked)
    yield from session.members(asking, asked)


SOURCES: Mapping[str, Source] = {
    "DBSCHEMA_CATALOGS": relational.catalogs,
    "DBSCHEMA_COLUMNS": relational.columns,
    "DBSCHEMA_PROVIDER_TYPES": relational.provider_types,
    "DBSCHEMA_TABLES": relational.tables,
    "DISCOVER_COMMANDS": activity.commands,
    "DISCOVER_CONNECTIONS": activity.connections,
    "DISCOVER_DATASOURCES": server.data_sources,
    "DISCOVER_ENUMERATORS": server.enumerators,
    "DISCOVER_INSTANCES": server.instances,
    "DISCOVER_KEYWORDS": server.keywords,
    "DISCOVER_LITERALS": server.literals,
    "DISCOVER_PROPERTIES": server.properties,
    "DISCOVER_SCHEMA_ROWSETS": server.schema_rowsets,
    "DISCOVER_SESSIONS": activity.sessions,
    "DISCOVER_XML_METADATA": metadata.xml_metadata,
    "MDSCHEMA_ACTIONS": cubes.actions,
    "MDSCHEMA_CUBES": cubes.cube_rows,
    "MDSCHEMA_DIMENSIONS": cubes.dimensions,
    "MDSCHEMA_FUNCTIONS": functions.listed_functions,
    "MDSCHEMA_HIERARCHIES": cubes.hierarchies,
    "MDSCHEMA_INPUT_DATASOURCES": server.input_data_sources,
    "MDSCHEMA_KPIS": cubes.kpis,
    "MDSCHEMA_LEVELS": cubes.levels,
    "MDSCHEMA_MEASUREGROUPS": cubes.measuregroups,
    "MDSCHEMA_MEASUREGROUP_DIMENSIONS": cubes.measuregroup_dimensions,
    "MDSCHEMA_MEASURES": cubes.measures,
    "MDSCHEMA_MEMBERS": _members,
    "MDSCHEMA_PROPERTIES": properties.member_properties,
    "MDSCHEMA_SETS": cubes.sets,
}


def find(name: str) -> SchemaRowset:
    """The rowset of a name, letter case ignored.

    Raises:
        NotFoundError: none is offered under it.
    """
    found = ROWSETS.get(name.upper())
    if found is None:
        raise NotFoundError(f"There is no rowset {name[:60]}.", hint=suggest(name, ROWSETS))
    return found


def columns(rowset: SchemaRowset, asking: Asking, asked: Asked) -> tuple[RowsetColumn, ...]:
    """The columns of a rowset under restrictions: its own ones, and what one level's members have beside them."""
    if rowset.name != "MDSCHEMA_MEMBERS":
        return rowset.columns
    known = {c.field for c in rowset.columns}
    more = members.property_columns(asking, normal(rowset, asked))
    return (*rowset.columns, *(c for c in more if c.field not in known))


def rows(rowset: SchemaRowset, asking: Asking, asked: Asked) -> Iterator[Row]:
    """The rows of a rowset under restrictions.

    Raises:
        NotFoundError: a restriction that the rowset does not have.
    """
    return found(rowset, asking, normal(rowset, asked))


def found(rowset: SchemaRowset, asking: Asking, asked: Asked, *, defaults: bool = True) -> Iterator[Row]:
    """The rows under restrictions by their own names; the request's watch looks on."""
    asking.watch.limits.hold("conditions", sum(map(len, asked.values())))
    rows = keep(rowset, asked, SOURCES[rowset.name](asking, asked), defaults=defaults)
    return _watched(rows, asking.watch)


def _watched(rows: Iterator[Row], watch: Watch) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if not number % OFTEN:
            watch.check()
        yield row
