"""Rows about the server: data source, properties, rowsets, keywords, literals, enumerations, instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.serve.xmla.properties import NAMED_VALUES, PRODUCT, PROPERTIES, current
from flis.serve.xmla.rowsets.asking import stamp
from flis.serve.xmla.rowsets.table import Type
from flis.serve.xmla.rowsets.tables import ROWSETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row

__all__ = [
    "data_sources",
    "enumerators",
    "input_data_sources",
    "instances",
    "keywords",
    "literals",
    "properties",
    "schema_rowsets",
]

KEYWORDS = (
    "ALL",
    "AND",
    "AS",
    "ASC",
    "AXIS",
    "BASC",
    "BDESC",
    "BEFORE",
    "BEFORE_AND_AFTER",
    "BY",
    "CALCULATION",
    "CALCULATE",
    "CASE",
    "CELL",
    "CHAPTERS",
    "COLUMNS",
    "CREATE",
    "CUBE",
    "DESC",
    "DIMENSION",
    "DRILLTHROUGH",
    "DROP",
    "EMPTY",
    "END",
    "EXISTING",
    "EXCLUDEEMPTY",
    "FALSE",
    "FIRSTROWSET",
    "FROM",
    "GLOBAL",
    "HAVING",
    "HIDDEN",
    "INCLUDEEMPTY",
    "IS",
    "LEAVES",
    "MAXROWS",
    "MEASURE",
    "MEMBER",
    "NON",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "PAGES",
    "POST",
    "PROPERTIES",
    "RECURSIVE",
    "REFRESH",
    "RETURN",
    "ROWS",
    "SCOPE",
    "SECTIONS",
    "SELECT",
    "SELF",
    "SELF_AND_AFTER",
    "SELF_AND_BEFORE",
    "SELF_BEFORE_AFTER",
    "SESSION",
    "SET",
    "SOLVE_ORDER",
    "THEN",
    "TRUE",
    "VISUAL",
    "WHEN",
    "WHERE",
    "WITH",
    "XOR",
)
# name: (value, characters it cannot hold, characters it cannot begin with, OLE DB's number)
LITERALS = {
    "DBLITERAL_CATALOG_NAME": (None, ".", "0123456789", 2),
    "DBLITERAL_CATALOG_SEPARATOR": (".", None, None, 3),
    "DBLITERAL_COLUMN_ALIAS": (None, "'\"[]", "0123456789", 5),
    "DBLITERAL_COLUMN_NAME": (None, ".", "0123456789", 6),
    "DBLITERAL_CORRELATION_NAME": (None, "'\"[]", "0123456789", 7),
    "DBLITERAL_CUBE_NAME": (None, ".", "0123456789", 21),
    "DBLITERAL_DIMENSION_NAME": (None, ".", "0123456789", 22),
    "DBLITERAL_HIERARCHY_NAME": (None, ".", "0123456789", 23),
    "DBLITERAL_LEVEL_NAME": (None, ".", "0123456789", 24),
    "DBLITERAL_MEMBER_NAME": (None, ".", "0123456789", 25),
    "DBLITERAL_PROCEDURE_NAME": (None, ".", "0123456789", 14),
    "DBLITERAL_PROPERTY_NAME": (None, ".", "0123456789", 26),
    "DBLITERAL_QUOTE_PREFIX": ("[", None, None, 15),
    "DBLITERAL_QUOTE_SUFFIX": ("]", None, None, 28),
    "DBLITERAL_TABLE_NAME": (None, ".", "0123456789", 17),
    "DBLITERAL_TEXT_COMMAND": (None, None, None, 18),
    "DBLITERAL_USER_NAME": (None, None, None, 19),
}
LONGEST = {"DBLITERAL_CATALOG_SEPARATOR": 1, "DBLITERAL_QUOTE_PREFIX": 1, "DBLITERAL_QUOTE_SUFFIX": 1}
SIMPLE = {Type.BOOL: "xsd:boolean", Type.INT: "xsd:int", Type.USHORT: "xsd:unsignedShort"}


def data_sources(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_DATASOURCES: this server."""
    yield {
        "DataSourceName": PRODUCT,
        "DataSourceDescription": "FLIS: kommunale data" if asking.language == "da" else "FLIS: municipal data",
        "URL": asking.url,
        "DataSourceInfo": PRODUCT,
        "ProviderName": PRODUCT,
        "ProviderType": [{"MDP": ""}],
        "AuthenticationMode": "Authenticated" if asking.principal else "Unauthenticated",
    }


def properties(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_PROPERTIES, with the values that hold in this session."""
    for found in PROPERTIES:
        yield {
            "PropertyName": found.name,
            "PropertyDescription": found.danish if asking.language == "da" else found.english,
            "PropertyType": found.type,
            "PropertyAccessType": found.access,
            "IsRequired": False,
            "Value": current(found, asking.properties, asking.catalog, asking.lcid),
        }


def schema_rowsets(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_SCHEMA_ROWSETS: the tables of this package."""
    for rowset in sorted(ROWSETS.values(), key=lambda r: r.name):
        yield {
            "SchemaName": rowset.name,
            "SchemaGuid": rowset.guid,
            "Restrictions": [{"Name": r.name, "Type": str(r.type)} for r in rowset.restrictions],
            "Description": rowset.description,
            "RestrictionsMask": (1 << len(rowset.restrictions)) - 1,
        }


def keywords(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_KEYWORDS."""
    return ({"Keyword": word} for word in KEYWORDS)


def literals(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_LITERALS."""
    for name, (value, invalid, starting, number) in LITERALS.items():
        yield {
            "LiteralName": name,
            "LiteralValue": value,
            "LiteralInvalidChars": invalid,
            "LiteralInvalidStartingChars": starting,
            "LiteralMaxLength": LONGEST.get(name, -1),
            "LiteralNameEnumValue": number,
        }


def enumerators(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_ENUMERATORS."""
    for name, elements in NAMED_VALUES.items():
        for element, value in elements.items():
            yield {
                "EnumName": name,
                "EnumType": "integer" if value.lstrip("-").isdecimal() else "string",
                "ElementName": element,
                "ElementValue": value,
            }


def instances(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_INSTANCES: one, started."""
    yield {"INSTANCE_NAME": PRODUCT, "INSTANCE_STATE": 0}


def input_data_sources(asking: Asking, asked: Asked) -> Iterator[Row]:
    """MDSCHEMA_INPUT_DATASOURCES: the released files, as one source."""
    for catalog in filter(None, asking.databases(asked)):
        yield {
            "CATALOG_NAME": catalog,
            "DATASOURCE_NAME": catalog,
            "DATASOURCE_TYPE": "Relational",
            "LAST_SCHEMA_UPDATE": stamp(asking.updated(catalog)),
            "DESCRIPTION": asking.catalogs[catalog],
            "TIMEOUT": 0,
        }
