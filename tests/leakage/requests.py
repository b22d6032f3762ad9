"""What a curious analyst of one municipality would ask in order to learn of the others."""

from __future__ import annotations

from tests.serve.xmla.asking import discover, execute
from tests.serve.xmla.test_sessions import BEGIN, within

__all__ = ["CONVERSATION", "DISCOVERS", "EXECUTES", "STATEMENTS"]

CUBE = "[Ukraine Statistik]"
NAMES = {"CATALOG_NAME": "FLIS", "CUBE_NAME": "Ukraine Statistik"}
OWN = "[Kommune].[Kommune].&[0101]"
OTHER = "[Kommune].[Kommune].&[0461]"
GEOGRAPHY = "[Kommune].[Geografi]"


def _members(**restrictions: object) -> bytes:
    return discover("MDSCHEMA_MEMBERS", NAMES | restrictions)


DISCOVERS: dict[str, bytes] = {
    **{
        rowset: discover(rowset)
        for rowset in (
            "DBSCHEMA_CATALOGS",
            "DBSCHEMA_TABLES",
            "DISCOVER_DATASOURCES",
            "DISCOVER_PROPERTIES",
            "DISCOVER_SCHEMA_ROWSETS",
            "DISCOVER_SESSIONS",
            "DISCOVER_XML_METADATA",
            "MDSCHEMA_CUBES",
            "MDSCHEMA_DIMENSIONS",
            "MDSCHEMA_HIERARCHIES",
            "MDSCHEMA_LEVELS",
            "MDSCHEMA_MEASUREGROUPS",
            "MDSCHEMA_MEASURES",
            "MDSCHEMA_PROPERTIES",
            "MDSCHEMA_SETS",
            "NO_SUCH_ROWSET",
        )
    },
    "english": discover("MDSCHEMA_LEVELS", LocaleIdentifier=1033),
    "columns": discover("DBSCHEMA_COLUMNS", {"TABLE_NAME": "$Kommune"}),
    "members": _members(HIERARCHY_UNIQUE_NAME="[Kommune].[Kommune]"),
    "geography": _members(HIERARCHY_UNIQUE_NAME=GEOGRAPHY),
    "civil": _members(HIERARCHY_UNIQUE_NAME="[Civilstand].[Civilstand]"),
    "ages": _members(LEVEL_UNIQUE_NAME="[Alder].[Alder].[Alder]"),
    "own": _members(MEMBER_UNIQUE_NAME=OWN),
    "other": _members(MEMBER_UNIQUE_NAME=OTHER),
    "other by caption": _members(MEMBER_CAPTION="Odense"),
    "no such": _members(MEMBER_UNIQUE_NAME="[Kommune].[Kommune].&[9999]"),
    **{f"tree {op} of own": _members(MEMBER_UNIQUE_NAME=OWN, TREE_OP=op) for op in (1, 2, 4, 8, 16, 32, 63)},
    **{
        f"tree {op} of all": _members(MEMBER_UNIQUE_NAME=f"{GEOGRAPHY}.[All]", TREE_OP=op)
        for op in (1, 2, 4, 8, 16, 32)
    },
    **{f"tree {op} of another": _members(MEMBER_UNIQUE_NAME=OTHER, TREE_OP=op) for op in (2, 4, 32)},
    "region": _members(MEMBER_UNIQUE_NAME=f"{GEOGRAPHY}.[Region].&[1084]", TREE_OP=1),
}
"""Metadata, by what is asked."""

STATEMENTS: dict[str, str] = {
    "all": f"SELECT FROM {CUBE}",
    "measures": f"SELECT [Measures].AllMembers ON 0, {GEOGRAPHY}.AllMembers ON 1 FROM {CUBE}",
    "non empty": f"SELECT [Measures].AllMembers ON 0, NON EMPTY CrossJoin([Kommune].[Kommune].Members, "
    f"[Civilstand].[Civilstand].Members) ON 1 FROM {CUBE}",
    "days": f"SELECT NON EMPTY [Dato].[Dag].Members ON 0, NON EMPTY [Kommune].[Kommune].Members ON 1 FROM {CUBE}",
    "non empty function": f"SELECT NonEmpty([Alder].[Alder].[Alder].Members, [Measures].[Antal personer]) ON 0 "
    f"FROM {CUBE} WHERE [Dato].[Måned].&[2022-07]",
    "top": f"SELECT TopCount([Kommune].[Kommune].[Kommune].Members, 5, [Measures].[Indrejste]) ON 0 FROM {CUBE}",
    "order": f"SELECT Order({GEOGRAPHY}.Members, [Measures].[Antal personer], BDESC) ON 0 FROM {CUBE}",
    "filter by name": "SELECT Filter([Kommune].[Kommune].Members, InStr([Kommune].[Kommune].CurrentMember.Name, "
    f'"Odense") > 0) ON 0 FROM {CUBE}',
    "filter by own name": "SELECT Filter([Kommune].[Kommune].Members, "
    f'[Kommune].[Kommune].CurrentMember.Name = "København") ON 0 FROM {CUBE}',
    "counted": f"WITH MEMBER [Measures].[N] AS {GEOGRAPHY}.[Kommune].Members.Count SELECT [Measures].[N] ON 0 "
    f"FROM {CUBE}",
    "ranked": f"WITH MEMBER [Measures].[N] AS Rank({OWN}, Order([Kommune].[Kommune].[Kommune].Members, "
    f"[Measures].[Antal personer], BDESC)) SELECT [Measures].[N] ON 0 FROM {CUBE}",
    "total without own": f"WITH MEMBER [Measures].[Rest] AS ([Measures].[Antal personer], "
    f"[Kommune].[Kommune].[All]) - ([Measures].[Antal personer], {OWN}) "
    f"SELECT {{[Measures].[Antal personer], [Measures].[Rest]}} ON 0, [Dato].[Dag].Members ON 1 FROM {CUBE}",
    "total over the geography": f"WITH MEMBER [Measures].[Share] AS [Measures].[Antal personer] / "
    f"([Measures].[Antal personer], {GEOGRAPHY}.[All]) SELECT [Measures].[Share] ON 0, {OWN} ON 1 FROM {CUBE}",
    "ancestor": f"WITH MEMBER [Measures].[Up] AS ([Measures].[Antal personer], {GEOGRAPHY}.CurrentMember.Parent) "
    f"SELECT [Measures].[Up] ON 0, {GEOGRAPHY}.[Kommune].Members ON 1 FROM {CUBE}",
    "siblings": f"SELECT {{{OWN}.Siblings, {OWN}.NextMember, {OWN}.Lead(3), {OWN}.FirstSibling}} ON 0 FROM {CUBE}",
    "subselect": f"SELECT [Kommune].[Kommune].Members ON 0 FROM (SELECT {{{OWN}}} ON 0 FROM {CUBE})",
    "subselect of another": f"SELECT [Kommune].[Kommune].Members ON 0 FROM (SELECT {{{OTHER}}} ON 0 FROM {CUBE})",
    "all but own": f"SELECT Except([Kommune].[Kommune].[Kommune].Members, {{{OWN}}}) ON 0 FROM {CUBE}",
    "visual totals": f"SELECT VisualTotals({{{GEOGRAPHY}.[All], Descendants({GEOGRAPHY}.[All])}}) ON 0 FROM {CUBE}",
    "another": f"SELECT {OTHER} ON 0 FROM {CUBE}",
    "another by name": f"SELECT [Kommune].[Kommune].[Odense] ON 0 FROM {CUBE}",
    "nobody": f"SELECT [Kommune].[Kommune].&[9999] ON 0 FROM {CUBE}",
    "another by text": f'SELECT StrToMember("{OTHER}") ON 0 FROM {CUBE}',
    "another as slicer": f"SELECT FROM {CUBE} WHERE {OTHER}",
    "filtered difference": "SELECT Filter([Kommune].[Kommune].Members, [Measures].[Indrejste minus udrejste] > 20) "
    f"ON 0 FROM {CUBE} WHERE ([Measures].[Indrejste minus udrejste], [Dato].[Dag].&[2022-08-16])",
    "difference": f"SELECT [Measures].[Indrejste minus udrejste] ON 0, [Dato].[Dag].Members ON 1 FROM {CUBE}",
    "shares": "SELECT {[Measures].[Antal personer], [Measures].[Andel af landet], [Measures].[Andel af området over]} "
    f"ON 0, {GEOGRAPHY}.Members ON 1 FROM {CUBE}",
    "shares of nothing published": f"SELECT {{[Measures].[Andel af landet], [Measures].[Andel af området over]}} ON 0, "
    f"[Køn].[Køn].Members ON 1 FROM {CUBE} WHERE {{[Dato].[Dag].&[2022-08-14], [Dato].[Dag].&[2022-08-13]}}",
    "share of another": f"SELECT [Measures].[Andel af landet] ON 0 FROM (SELECT {{{OTHER}}} ON 0 FROM {CUBE})",
    "changes": f"SELECT {{[Measures].[Ændring på 7 dage], [Measures].[Ændring på 30 dage]}} ON 0, "
    f"NON EMPTY [Dato].[Dag].Members * [Kommune].[Kommune].Members ON 1 FROM {CUBE}",
    "drill through": f"DRILLTHROUGH MAXROWS 50 SELECT ([Measures].[Antal personer], [Dato].[Dag].&[2022-08-15]) ON 0 "
    f"FROM {CUBE}",
    "drill through all": f"DRILLTHROUGH MAXROWS 20 SELECT [Measures].[Indrejste] ON 0 FROM {CUBE} "
    "WHERE [Dato].[Måned].&[2022-08]",
    "properties": f"SELECT [Kommune].[Kommune].Members DIMENSION PROPERTIES CHILDREN_CARDINALITY, "
    f"PARENT_UNIQUE_NAME, MEMBER_KEY ON 0 FROM {CUBE}",
    "dimension cube": "SELECT [Kommune].[Kommune].Members ON 0 FROM [$Kommune]",
    "rowset by statement": "SELECT [MEMBER_CAPTION] FROM $SYSTEM.MDSCHEMA_MEMBERS "
    "WHERE [HIERARCHY_UNIQUE_NAME] = '[Kommune].[Kommune]'",
    "levels by statement": "SELECT [LEVEL_UNIQUE_NAME], [LEVEL_CARDINALITY] FROM $SYSTEM.MDSCHEMA_LEVELS",
    "no statement": "SELEC",
    "no cube": "SELECT FROM [Ukraine]",
    "no measure": f"SELECT [Measures].[Antal] ON 0 FROM {CUBE}",
    "division by nothing": f"WITH MEMBER [Measures].[X] AS 1 / ([Measures].[Døde] - [Measures].[Døde]) "
    f"SELECT [Measures].[X] ON 0, {GEOGRAPHY}.Members ON 1 FROM {CUBE}",
    "create cube": "CREATE GLOBAL CUBE [x] FROM [y]",
}
"""MDX and the like, by what is asked."""

EXECUTES: dict[str, bytes] = {
    **{name: execute(text, Catalog="FLIS") for name, text in STATEMENTS.items()},
    "table": execute(STATEMENTS["measures"], Format="Tabular"),
    "english": execute(STATEMENTS["measures"], LocaleIdentifier=1033),
    "other catalogue": execute(STATEMENTS["all"], Catalog="FoodMart"),
}

CONVERSATION: list[str] = [
    body.decode()
    for body in (
        execute("", header=BEGIN, Catalog="FLIS"),
        execute(
            f"CREATE SESSION MEMBER {CUBE}.[Measures].[Rest] AS ([Measures].[Antal personer], "
            f"[Kommune].[Kommune].[All]) - ([Measures].[Antal personer], {OWN})",
            header=within("SESSION-ID"),
        ),
        execute(f"SELECT [Measures].[Rest] ON 0, [Dato].[Dag].Members ON 1 FROM {CUBE}", header=within("SESSION-ID")),
        execute(
            f"CREATE SESSION SET {CUBE}.[Top] AS TopCount([Kommune].[Kommune].[Kommune].Members, 3, "
            "[Measures].[Indrejste])",
            header=within("SESSION-ID"),
        ),
        execute(f"SELECT [Top] ON 0 FROM {CUBE}", header=within("SESSION-ID")),
        discover("MDSCHEMA_MEASURES", header=within("SESSION-ID")),
        discover("MDSCHEMA_SETS", header=within("SESSION-ID")),
        discover("DISCOVER_SESSIONS", header=within("SESSION-ID")),
        discover("DISCOVER_COMMANDS", header=within("SESSION-ID")),
        execute("", header=within("SESSION-ID", "End")),
        execute(f"SELECT [Top] ON 0 FROM {CUBE}", header=within("SESSION-ID")),
    )
]
"""Requests of one session, in order; SESSION-ID stands for its number."""
