"""Every rowset that is offered, with columns, types and restrictions as [MS-SSAS] documents them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.serve.xmla.rowsets.table import SchemaRowset, columns, restrictions

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROWSETS"]

OLAP = "5CF3-11CE-ADE5-00AA0044773D"
MD = "8148-11D0-87BB-00C04FC33942"

_ALL = (
    SchemaRowset(
        "DISCOVER_DATASOURCES",
        "06C03D41-F66D-49F3-B1B8-987F7AF4CF18",
        "The data source of this server.",
        columns(
            "DataSourceName!, DataSourceDescription, URL, DataSourceInfo, ProviderName, ProviderType, "
            "AuthenticationMode",
            ProviderType="TDP, MDP, DMP",
        ),
        restrictions("DataSourceName, URL, ProviderName, ProviderType, AuthenticationMode"),
    ),
    SchemaRowset(
        "DISCOVER_PROPERTIES",
        "4B40ADFB-8B09-4758-97BB-636E8AE97BCF",
        "The properties that a request may carry or ask for.",
        columns("PropertyName!, PropertyDescription, PropertyType, PropertyAccessType!, IsRequired:bool, Value"),
        restrictions("PropertyName"),
    ),
    SchemaRowset(
        "DISCOVER_SCHEMA_ROWSETS",
        "EEA0302B-7922-4992-8991-0E605D0E5593",
        "The rowsets that are offered, with their restrictions.",
        columns(
            "SchemaName!, SchemaGuid:guid, Restrictions, Description, RestrictionsMask:ulong", Restrictions="Name, Type"
        ),
        restrictions("SchemaName"),
    ),
    SchemaRowset(
        "DISCOVER_ENUMERATORS",
        "55A9E78B-ACCB-45B4-95A6-94C5065617A7",
        "The named values that properties and columns take.",
        columns("EnumName!, EnumDescription, EnumType!, ElementName!, ElementDescription, ElementValue"),
        restrictions("EnumName"),
    ),
    SchemaRowset(
        "DISCOVER_KEYWORDS",
        "1426C443-4CDD-4A40-8F45-572FAB9BBAA1",
        "The reserved words of the statement language.",
        columns("Keyword!"),
        restrictions("Keyword"),
    ),
    SchemaRowset(
        "DISCOVER_LITERALS",
        "C3EF5ECB-0A07-4665-A140-B075722DBDC2",
        "The literals of the statement language.",
        columns(
            "LiteralName!, LiteralValue, LiteralInvalidChars, LiteralInvalidStartingChars, LiteralMaxLength:int, "
            "LiteralNameEnumValue:int"
        ),
        restrictions("LiteralName"),
    ),
    SchemaRowset(
        "DISCOVER_SESSIONS",
        f"A07CCD26-{MD}",
        "The caller's own open sessions.",
        columns(
            "SESSION_ID!, SESSION_SPID:int, SESSION_CONNECTION_ID:int, SESSION_USER_NAME, SESSION_CURRENT_DATABASE, "
            "SESSION_USED_MEMORY:int, SESSION_PROPERTIES, SESSION_START_TIME:time, SESSION_ELAPSED_TIME_MS:ulong, "
            "SESSION_LAST_COMMAND_START_TIME:time, SESSION_LAST_COMMAND_END_TIME:time, "
            "SESSION_LAST_COMMAND_ELAPSED_TIME_MS:ulong, SESSION_IDLE_TIME_MS:ulong, SESSION_CPU_TIME_MS:ulong, "
            "SESSION_LAST_COMMAND, SESSION_LAST_COMMAND_CPU_TIME_MS:ulong, SESSION_STATUS:int, SESSION_READS:ulong, "
            "SESSION_WRITES:ulong, SESSION_READ_KB:ulong, SESSION_WRITE_KB:ulong, SESSION_COMMAND_COUNT:int"
        ),
        restrictions(
            "SESSION_ID, SESSION_SPID:int, SESSION_CONNECTION_ID:int, SESSION_USER_NAME, SESSION_CURRENT_DATABASE, "
            "SESSION_ELAPSED_TIME_MS:ulong, SESSION_CPU_TIME_MS:ulong, SESSION_IDLE_TIME_MS:ulong, SESSION_STATUS:int"
        ),
    ),
    SchemaRowset(
        "DISCOVER_CONNECTIONS",
        f"A07CCD25-{MD}",
        "The caller's own connections: one for each open session, as HTTP keeps none.",
        columns(
            "CONNECTION_ID!:int, CONNECTION_USER_NAME, CONNECTION_IMPERSONATED_USER_NAME, CONNECTION_HOST_NAME, "
            "CONNECTION_HOST_APPLICATION, CONNECTION_START_TIME:time, CONNECTION_ELAPSED_TIME_MS:long, "
            "CONNECTION_LAST_COMMAND_START_TIME:time, CONNECTION_LAST_COMMAND_END_TIME:time, "
            "CONNECTION_LAST_COMMAND_ELAPSED_TIME_MS:long, CONNECTION_IDLE_TIME_MS:long, CONNECTION_BYTES_SENT:long, "
            "CONNECTION_DATA_BYTES_SENT:long, CONNECTION_BYTES_RECEIVED:long, CONNECTION_DATA_BYTES_RECEIVED:long"
        ),
        restrictions(
            "CONNECTION_ID:int, CONNECTION_USER_NAME, CONNECTION_IMPERSONATED_USER_NAME, CONNECTION_HOST_NAME, "
            "CONNECTION_ELAPSED_TIME_MS:long, CONNECTION_LAST_COMMAND_ELAPSED_TIME_MS:long, "
            "CONNECTION_IDLE_TIME_MS:long"
        ),
    ),
    SchemaRowset(
        "DISCOVER_COMMANDS",
        f"A07CCD34-{MD}",
        "The last command of each of the caller's own sessions.",
        columns(
            "SESSION_SPID!:int, SESSION_COMMAND_COUNT:int, COMMAND_START_TIME:time, COMMAND_ELAPSED_TIME_MS:long, "
            "COMMAND_CPU_TIME_MS:long, COMMAND_READS:long, COMMAND_READ_KB:long, COMMAND_WRITES:long, "
            "COMMAND_WRITE_KB:long, COMMAND_TEXT, COMMAND_END_TIME:time"
        ),
        restrictions("SESSION_SPID:int"),
    ),
    SchemaRowset(
        "DISCOVER_XML_METADATA",
        "3444B255-171E-4CB9-AD98-19E57888A75F",
        "The server and its databases as one XML document, as object model clients read it.",
        columns("METADATA:xml"),
        restrictions(
            "DatabaseID, DimensionID, CubeID, MeasureGroupID, PartitionID, PerspectiveID, DimensionPermissionID, "
            "RoleID, DatabasePermissionID, MiningModelID, MiningModelPermissionID, DataSourceID, MiningStructureID, "
            "AggregationDesignID, TraceID, MiningStructurePermissionID, CubePermissionID, AssemblyID, MdxScriptID, "
            "DataSourceViewID, DataSourcePermissionID, ObjectExpansion"
        ),
    ),
    SchemaRowset(
        "DISCOVER_INSTANCES",
        "20518699-2474-4C15-9885-0E947EC7A7E3",
        "The one instance of this server.",
        columns("INSTANCE_NAME!, INSTANCE_PORT_NUMBER:int, INSTANCE_STATE:int"),
        restrictions("INSTANCE_NAME"),
    ),
    SchemaRowset(
        "DBSCHEMA_CATALOGS",
        f"C8B52211-{OLAP}",
        "The databases.",
        columns(
            "CATALOG_NAME!, DESCRIPTION, ROLES, DATE_MODIFIED:time, COMPATIBILITY_LEVEL:int, TYPE:uint, VERSION:int, "
            "DATABASE_ID, DATE_QUERIED:time, CURRENTLY_USED:bool, POPULARITY:double"
        ),
        restrictions("CATALOG_NAME"),
    ),
    SchemaRowset(
        "DBSCHEMA_TABLES",
        f"C8B52229-{OLAP}",
        "Cubes, measure groups, dimensions and rowsets as tables.",
        columns(
            "TABLE_CATALOG!, TABLE_SCHEMA, TABLE_NAME!, TABLE_TYPE!, TABLE_GUID:guid, DESCRIPTION, TABLE_PROPID:uint, "
            "DATE_CREATED:time, DATE_MODIFIED:time, TABLE_OLAP_TYPE"
        ),
        restrictions("TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_OLAP_TYPE"),
    ),
    SchemaRowset(
        "DBSCHEMA_COLUMNS",
        f"C8B52214-{OLAP}",
        "Measures and attributes as columns of the tables.",
        columns(
            "TABLE_CATALOG!, TABLE_SCHEMA, TABLE_NAME!, COLUMN_NAME!, COLUMN_GUID:guid, COLUMN_PROPID:uint, "
            "ORDINAL_POSITION:uint, COLUMN_HAS_DEFAULT:bool, COLUMN_DEFAULT, COLUMN_FLAGS:uint, IS_NULLABLE:bool, "
            "DATA_TYPE:ushort, TYPE_GUID:guid, CHARACTER_MAXIMUM_LENGTH:uint, CHARACTER_OCTET_LENGTH:uint, "
            "NUMERIC_PRECISION:ushort, NUMERIC_SCALE:short, DATETIME_PRECISION:uint, CHARACTER_SET_CATALOG, "
            "CHARACTER_SET_SCHEMA, CHARACTER_SET_NAME, COLLATION_CATALOG, COLLATION_SCHEMA, COLLATION_NAME, "
            "DOMAIN_CATALOG, DOMAIN_SCHEMA, DOMAIN_NAME, DESCRIPTION, COLUMN_OLAP_TYPE"
        ),
        restrictions("TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_OLAP_TYPE"),
    ),
    SchemaRowset(
        "DBSCHEMA_PROVIDER_TYPES",
        f"C8B5222C-{OLAP}",
        "The data types of values.",
        columns(
            "TYPE_NAME!, DATA_TYPE!:ushort, COLUMN_SIZE:uint, LITERAL_PREFIX, LITERAL_SUFFIX, CREATE_PARAMS, "
            "IS_NULLABLE:bool, CASE_SENSITIVE:bool, SEARCHABLE:uint, UNSIGNED_ATTRIBUTE:bool, FIXED_PREC_SCALE:bool, "
            "AUTO_UNIQUE_VALUE:bool, LOCAL_TYPE_NAME, MINIMUM_SCALE:short, MAXIMUM_SCALE:short, GUID:guid, TYPELIB, "
            "VERSION, IS_LONG:bool, BEST_MATCH:bool, IS_FIXEDLENGTH:bool"
        ),
        restrictions("DATA_TYPE:ushort, BEST_MATCH:bool"),
    ),
    SchemaRowset(
        "MDSCHEMA_CUBES",
        f"C8B522D8-{OLAP}",
        "The cubes of a database, and with CUBE_SOURCE 2 its dimensions.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, CUBE_TYPE, CUBE_GUID:guid, CREATED_ON:time, "
            "LAST_SCHEMA_UPDATE:time, SCHEMA_UPDATED_BY, LAST_DATA_UPDATE:time, DATA_UPDATED_BY, DESCRIPTION, "
            "IS_DRILLTHROUGH_ENABLED:bool, IS_LINKABLE:bool, IS_WRITE_ENABLED:bool, IS_SQL_ENABLED:bool, CUBE_CAPTION, "
            "BASE_CUBE_NAME, CUBE_SOURCE:ushort, PREFERRED_QUERY_PATTERNS:ushort"
        ),
        restrictions("CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, BASE_CUBE_NAME, CUBE_SOURCE:ushort&=1"),
    ),
    SchemaRowset(
        "MDSCHEMA_DIMENSIONS",
        f"C8B522D9-{OLAP}",
        "The dimensions of a cube.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, DIMENSION_NAME!, DIMENSION_UNIQUE_NAME!, DIMENSION_GUID:guid, "
            "DIMENSION_CAPTION, DIMENSION_ORDINAL:uint, DIMENSION_TYPE:short, DIMENSION_CARDINALITY:uint, "
            "DEFAULT_HIERARCHY, DESCRIPTION, IS_VIRTUAL:bool, IS_READWRITE:bool, DIMENSION_UNIQUE_SETTINGS:int, "
            "DIMENSION_MASTER_NAME, DIMENSION_IS_VISIBLE:bool"
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, DIMENSION_NAME, DIMENSION_UNIQUE_NAME, CUBE_SOURCE:ushort&=1, "
            "DIMENSION_VISIBILITY:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_HIERARCHIES",
        f"C8B522DA-{OLAP}",
        "The hierarchies of a dimension.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, DIMENSION_UNIQUE_NAME!, HIERARCHY_NAME!, HIERARCHY_UNIQUE_NAME!, "
            "HIERARCHY_GUID:guid, HIERARCHY_CAPTION, DIMENSION_TYPE:short, HIERARCHY_CARDINALITY:uint, DEFAULT_MEMBER, "
            "ALL_MEMBER, DESCRIPTION, STRUCTURE:short, IS_VIRTUAL:bool, IS_READWRITE:bool, "
            "DIMENSION_UNIQUE_SETTINGS:int, DIMENSION_MASTER_UNIQUE_NAME, DIMENSION_IS_VISIBLE:bool, "
            "HIERARCHY_ORDINAL:uint, DIMENSION_IS_SHARED:bool, HIERARCHY_IS_VISIBLE:bool, HIERARCHY_ORIGIN:ushort, "
            "HIERARCHY_DISPLAY_FOLDER, INSTANCE_SELECTION:ushort, GROUPING_BEHAVIOR:ushort, STRUCTURE_TYPE"
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, DIMENSION_UNIQUE_NAME, HIERARCHY_NAME, HIERARCHY_UNIQUE_NAME, "
            "HIERARCHY_ORIGIN:ushort&=3, CUBE_SOURCE:ushort&=1, HIERARCHY_VISIBILITY:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_LEVELS",
        f"C8B522DB-{OLAP}",
        "The levels of a hierarchy.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, DIMENSION_UNIQUE_NAME!, HIERARCHY_UNIQUE_NAME!, LEVEL_NAME!, "
            "LEVEL_UNIQUE_NAME!, LEVEL_GUID:guid, LEVEL_CAPTION, LEVEL_NUMBER:uint, LEVEL_CARDINALITY:uint, "
            "LEVEL_TYPE:int, DESCRIPTION, CUSTOM_ROLLUP_SETTINGS:int, LEVEL_UNIQUE_SETTINGS:int, "
            "LEVEL_IS_VISIBLE:bool, LEVEL_ORDERING_PROPERTY, LEVEL_DBTYPE:int, LEVEL_MASTER_UNIQUE_NAME, "
            "LEVEL_NAME_SQL_COLUMN_NAME, LEVEL_KEY_SQL_COLUMN_NAME, LEVEL_UNIQUE_NAME_SQL_COLUMN_NAME, "
            "LEVEL_ATTRIBUTE_HIERARCHY_NAME, "
            "LEVEL_KEY_CARDINALITY:ushort, LEVEL_ORIGIN:ushort"
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, DIMENSION_UNIQUE_NAME, HIERARCHY_UNIQUE_NAME, LEVEL_NAME, "
            "LEVEL_UNIQUE_NAME, LEVEL_ORIGIN:ushort&=3, CUBE_SOURCE:ushort&=1, LEVEL_VISIBILITY:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_MEASURES",
        f"C8B522DC-{OLAP}",
        "The measures of a cube.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, MEASURE_NAME!, MEASURE_UNIQUE_NAME!, MEASURE_CAPTION, "
            "MEASURE_GUID:guid, MEASURE_AGGREGATOR:int, DATA_TYPE:ushort, NUMERIC_PRECISION:ushort, "
            "NUMERIC_SCALE:short, MEASURE_UNITS, DESCRIPTION, EXPRESSION, MEASURE_IS_VISIBLE:bool, LEVELS_LIST, "
            "MEASURE_NAME_SQL_COLUMN_NAME, MEASURE_UNQUALIFIED_CAPTION, MEASUREGROUP_NAME, MEASURE_DISPLAY_FOLDER, "
            "DEFAULT_FORMAT_STRING"
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, MEASURE_NAME, MEASURE_UNIQUE_NAME, MEASUREGROUP_NAME, "
            "CUBE_SOURCE:ushort&=1, MEASURE_VISIBILITY:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_MEASUREGROUPS",
        "E1625EBF-FA96-42FD-BEA6-DB90ADAFD96B",
        "The measure groups of a cube.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, MEASUREGROUP_NAME!, DESCRIPTION, IS_WRITE_ENABLED:bool, "
            "MEASUREGROUP_CAPTION"
        ),
        restrictions("CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, MEASUREGROUP_NAME"),
    ),
    SchemaRowset(
        "MDSCHEMA_MEASUREGROUP_DIMENSIONS",
        f"A07CCD33-{MD}",
        "The dimensions of a measure group.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, MEASUREGROUP_NAME!, MEASUREGROUP_CARDINALITY, "
            "DIMENSION_UNIQUE_NAME!, DIMENSION_CARDINALITY, DIMENSION_IS_VISIBLE:bool, "
            "DIMENSION_IS_FACT_DIMENSION:bool, DIMENSION_PATH, DIMENSION_GRANULARITY",
            DIMENSION_PATH="MeasureGroupDimension",
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, MEASUREGROUP_NAME, DIMENSION_UNIQUE_NAME, "
            "DIMENSION_VISIBILITY:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_MEMBERS",
        f"C8B522DE-{OLAP}",
        "The members of a hierarchy, with TREE_OP also the relatives of one; those of one level with its properties.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, DIMENSION_UNIQUE_NAME!, HIERARCHY_UNIQUE_NAME!, "
            "LEVEL_UNIQUE_NAME!, LEVEL_NUMBER!:uint, MEMBER_ORDINAL:uint, MEMBER_NAME!, MEMBER_UNIQUE_NAME!, "
            "MEMBER_TYPE!:int, MEMBER_GUID:guid, MEMBER_CAPTION, CHILDREN_CARDINALITY:uint, PARENT_LEVEL:uint, "
            "PARENT_UNIQUE_NAME, PARENT_COUNT:uint, DESCRIPTION, EXPRESSION, MEMBER_KEY, IS_PLACEHOLDERMEMBER:bool, "
            "IS_DATAMEMBER:bool, SCOPE:int"
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, DIMENSION_UNIQUE_NAME, HIERARCHY_UNIQUE_NAME, LEVEL_UNIQUE_NAME, "
            "LEVEL_NUMBER:uint, MEMBER_NAME, MEMBER_UNIQUE_NAME, MEMBER_CAPTION, MEMBER_TYPE:int, TREE_OP:int, "
            "CUBE_SOURCE:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_PROPERTIES",
        f"C8B522DD-{OLAP}",
        "The properties of members, and with PROPERTY_TYPE 2 those of cells.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME, DIMENSION_UNIQUE_NAME, HIERARCHY_UNIQUE_NAME, LEVEL_UNIQUE_NAME, "
            "MEMBER_UNIQUE_NAME, PROPERTY_TYPE!:short, PROPERTY_NAME!, PROPERTY_CAPTION!, DATA_TYPE:ushort, "
            "CHARACTER_MAXIMUM_LENGTH:uint, CHARACTER_OCTET_LENGTH:uint, NUMERIC_PRECISION:ushort, "
            "NUMERIC_SCALE:short, DESCRIPTION, PROPERTY_CONTENT_TYPE:short, SQL_COLUMN_NAME, LANGUAGE:ushort, "
            "PROPERTY_ORIGIN:ushort, PROPERTY_ATTRIBUTE_HIERARCHY_NAME, PROPERTY_CARDINALITY, MIME_TYPE, "
            "PROPERTY_IS_VISIBLE:bool"
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, DIMENSION_UNIQUE_NAME, HIERARCHY_UNIQUE_NAME, LEVEL_UNIQUE_NAME, "
            "MEMBER_UNIQUE_NAME, PROPERTY_TYPE:short&=3, PROPERTY_NAME, PROPERTY_CONTENT_TYPE:short, "
            "PROPERTY_ORIGIN:ushort&=3, CUBE_SOURCE:ushort&=1, PROPERTY_VISIBILITY:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_SETS",
        f"A07CCD0B-{MD}",
        "The named sets of a cube and of the session.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, SET_NAME!, SCOPE:int, DESCRIPTION, EXPRESSION, DIMENSIONS, "
            "SET_CAPTION, SET_DISPLAY_FOLDER, SET_EVALUATION_CONTEXT:int"
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, SET_NAME, SCOPE:int, HIERARCHY_UNIQUE_NAME, CUBE_SOURCE:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_KPIS",
        "2AE44109-ED3D-4842-B16F-B694D1CB0E3F",
        "The key performance indicators of a cube.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, MEASUREGROUP_NAME, KPI_NAME!, KPI_CAPTION, KPI_DESCRIPTION, "
            "KPI_DISPLAY_FOLDER, KPI_VALUE, KPI_GOAL, KPI_STATUS, KPI_TREND, KPI_STATUS_GRAPHIC, KPI_TREND_GRAPHIC, "
            "KPI_WEIGHT, KPI_CURRENT_TIME_MEMBER, KPI_PARENT_KPI_NAME, SCOPE:int, ANNOTATIONS"
        ),
        restrictions("CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, KPI_NAME, CUBE_SOURCE:ushort&=1"),
    ),
    SchemaRowset(
        "MDSCHEMA_FUNCTIONS",
        f"A07CCD07-{MD}",
        "The functions of the statement language.",
        columns(
            "FUNCTION_NAME!, DESCRIPTION, PARAMETER_LIST, RETURN_TYPE!:int, ORIGIN!:int, INTERFACE_NAME!, "
            "LIBRARY_NAME, DLL_NAME, HELP_FILE, HELP_CONTEXT:int, OBJECT, CAPTION"
        ),
        restrictions("LIBRARY_NAME, INTERFACE_NAME, FUNCTION_NAME, ORIGIN:int"),
    ),
    SchemaRowset(
        "MDSCHEMA_ACTIONS",
        f"A07CCD08-{MD}",
        "Actions on members and cells: none are defined here.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, CUBE_NAME!, ACTION_NAME!, ACTION_TYPE:int, COORDINATE, COORDINATE_TYPE:int, "
            "ACTION_CAPTION, DESCRIPTION, CONTENT, APPLICATION, INVOCATION:int"
        ),
        restrictions(
            "CATALOG_NAME, SCHEMA_NAME, CUBE_NAME, ACTION_NAME, ACTION_TYPE:int&, COORDINATE, COORDINATE_TYPE:int, "
            "INVOCATION:int, CUBE_SOURCE:ushort&=1"
        ),
    ),
    SchemaRowset(
        "MDSCHEMA_INPUT_DATASOURCES",
        f"A07CCD32-{MD}",
        "What a database is made from.",
        columns(
            "CATALOG_NAME!, SCHEMA_NAME, DATASOURCE_NAME!, DATASOURCE_TYPE, CREATED_ON:time, LAST_SCHEMA_UPDATE:time, "
            "DESCRIPTION, TIMEOUT:uint"
        ),
        restrictions("CATALOG_NAME, SCHEMA_NAME, DATASOURCE_NAME, DATASOURCE_TYPE"),
    ),
)

ROWSETS: Mapping[str, SchemaRowset] = {r.name: r for r in _ALL}
"""All rowsets by name."""
