"""What rowsets say of cubes: the codes that Analysis Services documents, as its own answers have them."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import etree

from flis.errors import NameStatementError
from flis.serve.xmla import Call, FolderBackend, Service, Sessions
from flis.serve.xmla.names import XMLA
from flis.serve.xmla.rowsets import ROWSETS
from flis.serve.xmla.soap import read
from tests.query import tiny
from tests.serve.xmla.asking import Asker, discover, execute, rows_of, validate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN = f'<BeginSession xmlns="{XMLA}"/>'


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Asker]:
    """Asks of a cube with one of everything: a dimension in two roles, parent and child, one made of facts."""
    tiny.write(tmp_path)
    sessions = Sessions(tmp_path / "sessions.db")
    service = Service(FolderBackend(tiny.FOLDER, tmp_path), sessions)
    yield Asker(lambda body: etree.fromstring(b"".join(service.answer(read(body), Call(None)))))
    sessions.close()


def column(rows: list[dict[str, str]], key: str, value: str) -> dict[str, str | None]:
    return {r[key]: r.get(value) for r in rows}


def test_a_dimension_names_the_one_whose_role_it_plays(small: Asker) -> None:
    rows = small.rows("MDSCHEMA_DIMENSIONS", {"CUBE_NAME": "Tiny"})
    assert column(rows, "DIMENSION_NAME", "DIMENSION_MASTER_NAME") == {
        "Measures": "Measures",
        "Day": "Day",
        "Order day": "Day",
        "Place": "Place",
        "Unit": "Unit",
        "Sale": "Sale",
    }


def test_cardinalities_are_those_of_the_key_and_of_all_levels(small: Asker) -> None:
    sizes = {name: len(next(iter(columns.values()))) for name, columns in tiny.TABLES.items()}
    dimensions = small.rows("MDSCHEMA_DIMENSIONS", {"CUBE_NAME": "Tiny"})
    found = column(dimensions, "DIMENSION_NAME", "DIMENSION_CARDINALITY")
    assert {n: int(found[n] or 0) for n in ("Day", "Order day", "Place", "Unit", "Sale")} == {
        "Day": sizes["day"],
        "Order day": sizes["day"],
        "Place": sizes["place"],
        "Unit": sizes["unit"],
        "Sale": sizes["sale"],
    }
    hierarchies = small.rows("MDSCHEMA_HIERARCHIES", {"CUBE_NAME": "Tiny"})
    levels = small.rows("MDSCHEMA_LEVELS", {"CUBE_NAME": "Tiny"})
    for row in hierarchies:
        name = row["HIERARCHY_UNIQUE_NAME"]
        of_levels = [int(x["LEVEL_CARDINALITY"]) for x in levels if x["HIERARCHY_UNIQUE_NAME"] == name]
        assert int(row["HIERARCHY_CARDINALITY"]) == sum(of_levels), name


# 1 a user's, 2 an attribute's, 2 | 4 that of the key attribute, 1 | 2 parent and child
ORIGINS = {
    "[Measures]": "6",
    "[Day].[Calendar]": "1",
    "[Order day].[Calendar]": "1",
    "[Place].[Place]": "6",
    "[Unit].[Unit]": "3",
    "[Sale].[Sale]": "6",
}


def test_origins_tell_key_attributes_from_others(small: Asker) -> None:
    rows = small.rows("MDSCHEMA_HIERARCHIES", {"CUBE_NAME": "Tiny"})
    assert column(rows, "HIERARCHY_UNIQUE_NAME", "HIERARCHY_ORIGIN") == ORIGINS
    selection = column(rows, "HIERARCHY_UNIQUE_NAME", "INSTANCE_SELECTION")
    assert {n for n, v in selection.items() if v is None} == {n for n, v in ORIGINS.items() if v == "1"}
    assert [r["HIERARCHY_ORDINAL"] for r in rows] == [str(n) for n in range(6)]
    assert column(rows, "HIERARCHY_UNIQUE_NAME", "STRUCTURE")["[Unit].[Unit]"] == "2"
    for row in small.rows("MDSCHEMA_LEVELS", {"CUBE_NAME": "Tiny"}):
        assert row["LEVEL_ORIGIN"] == ORIGINS[row["HIERARCHY_UNIQUE_NAME"]]


@pytest.mark.parametrize(("origin", "count"), [(1, 3), (2, 4), (4, 3), (8, 0)])
def test_origins_are_restricted_by_bits(small: Asker, origin: int, count: int) -> None:
    asked = {"CUBE_NAME": "Tiny", "HIERARCHY_ORIGIN": origin}
    assert len(small.rows("MDSCHEMA_HIERARCHIES", asked)) == count


def test_levels_tell_how_many_columns_make_a_key(ask: Asker) -> None:
    rows = ask.rows("MDSCHEMA_LEVELS", {"HIERARCHY_UNIQUE_NAME": "[Date].[Date]"})
    said = [(r["LEVEL_NAME"], r["LEVEL_KEY_CARDINALITY"], r.get("LEVEL_DBTYPE")) for r in rows]
    assert said == [("(All)", "1", "3"), ("Year", "1", "20"), ("Quarter", "2", None), ("Month", "1", "130")]
    assert [r["LEVEL_UNIQUE_SETTINGS"] for r in rows] == ["0", "1", "0", "1"]
    assert [r["LEVEL_ORDERING_PROPERTY"] for r in rows] == ["(All)", "Year", "Quarter", "Month"]
    assert [r["LEVEL_TYPE"] for r in rows] == ["1", str(0x14), str(0x44), str(0x84)]
    answer = ask.cells(
        "SELECT {[Date].[Date].[All], [Date].[Date].[Quarter].&[2021]&[2], [Date].[Date].[Month].&[2021-04]} "
        "DIMENSION PROPERTIES KEY_COUNT ON 0 FROM [Sales]"
    )
    assert [e.text for e in answer.iter() if str(e.tag).endswith("}KEY_COUNT") and e.text] == ["1", "2", "1"]


def test_properties_give_the_parts_of_a_key(ask: Asker) -> None:
    asked = ("KEY0", "KEY1", "MEMBER_KEY", "CATALOG_NAME")
    rows = ask.table(
        "SELECT {[Measures].[Orders]} ON 0, {[Date].[Date].[Quarter].&[2021]&[2], [Date].[Date].[Month].&[2021-04]} "
        f"DIMENSION PROPERTIES {', '.join(asked)} ON 1 FROM [Sales]",
        Format="Tabular",
    )
    quarter, month = [
        [row.get(f"_x005B_Date_x005D_._x005B_Date_x005D_._x005B_{level}_x005D_._x005B_{p}_x005D_") for p in asked]
        for row, level in zip(rows, ("Quarter", "Month"), strict=True)
    ]
    assert quarter == ["2021", "2", None, "SALES_ANALYTICS"]
    assert month == ["2021-04", None, "2021-04", "SALES_ANALYTICS"]
    with pytest.raises(NameStatementError, match="no member property KEY2"):
        ask.table("SELECT [Date].[Date].Members DIMENSION PROPERTIES KEY2 ON 0 FROM [Sales]")


def test_a_member_has_a_key_where_one_column_makes_it(ask: Asker) -> None:
    rows = ask.rows("MDSCHEMA_MEMBERS", {"CUBE_NAME": "Sales", "HIERARCHY_UNIQUE_NAME": "[Date].[Date]"})
    keys = column(rows, "MEMBER_UNIQUE_NAME", "MEMBER_KEY")
    assert keys["[Date].[Date].[All]"] == "0"
    assert keys["[Date].[Date].[Year].&[2022]"] == "2022"
    assert keys["[Date].[Date].[Quarter].&[2022]&[1]"] is None
    assert keys["[Date].[Date].[Month].&[2022-01]"] == "2022-01"


def test_measures_tell_type_and_format(ask: Asker, small: Asker) -> None:
    names = ("MEASURE_AGGREGATOR", "DATA_TYPE", "NUMERIC_PRECISION", "NUMERIC_SCALE", "DEFAULT_FORMAT_STRING")
    rows = ask.rows("MDSCHEMA_MEASURES", {"CUBE_NAME": "Sales"})
    assert {r["MEASURE_NAME"]: tuple(r[n] for n in names) for r in rows} == {
        "Revenue": ("1", "5", "16", "-1", "#,##0.00"),
        "Orders": ("2", "20", "19", "-1", "#,##0"),
        "Revenue Prior Year": ("127", "12", "65535", "-1", "#,##0.00"),
        "Revenue QTD": ("127", "12", "65535", "-1", "#,##0.00"),
    }
    types = column(small.rows("MDSCHEMA_MEASURES", {"CUBE_NAME": "Tiny"}), "MEASURE_NAME", "DATA_TYPE")
    assert [types[n] for n in ("Amount", "Rows", "Persons")] == ["5", "20", "20"]


def test_aggregators_have_the_documented_numbers(small: Asker) -> None:
    rows = small.rows("MDSCHEMA_MEASURES", {"CUBE_NAME": "Tiny"})
    assert column(rows, "MEASURE_NAME", "MEASURE_AGGREGATOR") == {
        "Amount": "1",
        "Rows": "2",
        "Lowest": "3",
        "Highest": "4",
        "Average": "5",
        "Persons": "8",
        "Daily": "10",
        "First loaded": "11",
        "Last loaded": "12",
        "First": "13",
        "Last": "14",
        "Double": "127",
    }


def test_dimensions_of_a_measure_group(small: Asker) -> None:
    rows = small.rows("MDSCHEMA_MEASUREGROUP_DIMENSIONS", {"CUBE_NAME": "Tiny"})
    assert column(rows, "DIMENSION_UNIQUE_NAME", "DIMENSION_GRANULARITY") == {
        "[Day]": "[Day].[Calendar]",
        "[Order day]": "[Order day].[Calendar]",
        "[Place]": "[Place].[Place]",
        "[Unit]": "[Unit].[Unit]",
        "[Sale]": "[Sale].[Sale]",
    }
    facts = column(rows, "DIMENSION_UNIQUE_NAME", "DIMENSION_IS_FACT_DIMENSION")
    assert [name for name, fact in facts.items() if fact == "true"] == ["[Sale]"]
    assert {(r["MEASUREGROUP_CARDINALITY"], r["DIMENSION_CARDINALITY"]) for r in rows} == {("ONE", "MANY")}


@pytest.fixture
def header(ask: Asker) -> str:
    """The header of a session that is open."""
    begun = ask.post(execute("", header=BEGIN)).find(f".//{{{XMLA}}}Session")
    assert begun is not None
    return f'<Session xmlns="{XMLA}" SessionId="{begun.get("SessionId")}"/>'


def test_sets_and_measures_of_a_session_say_what_their_statement_says(ask: Asker, header: str) -> None:
    def run(statement: str) -> None:
        ask.post(execute(statement, header=header))

    run(
        "CREATE SESSION DYNAMIC SET [Sales].[Mine] AS {[Segment].[Segment].&[Corporate]}, "
        "CAPTION = 'My segments', DISPLAY_FOLDER = 'Own'"
    )
    run("CREATE SET [Sales].[Still] AS {[Segment].[Segment].&[Corporate]}")
    run(
        "CREATE MEMBER [Sales].[Measures].[Half] AS [Measures].[Revenue] / 2, FORMAT_STRING = '0.0', "
        "CAPTION = 'Halvdelen', DISPLAY_FOLDER = 'Own', ASSOCIATED_MEASURE_GROUP = 'Sales'"
    )
    sets = {r["SET_NAME"]: r for r in ask.rows("MDSCHEMA_SETS", {"SCOPE": 2}, header=header)}
    assert sets["Mine"]["SET_CAPTION"] == "My segments"
    assert sets["Mine"]["SET_DISPLAY_FOLDER"] == "Own"
    assert {n: s["SET_EVALUATION_CONTEXT"] for n, s in sets.items()} == {"Mine": "2", "Still": "1"}
    [half] = ask.rows("MDSCHEMA_MEASURES", {"MEASURE_NAME": "Half"}, header=header)
    assert half["DEFAULT_FORMAT_STRING"] == "0.0"
    assert (half["MEASURE_CAPTION"], half["MEASURE_DISPLAY_FOLDER"]) == ("Halvdelen", "Own")
    assert (half["MEASUREGROUP_NAME"], half["NUMERIC_PRECISION"]) == ("Sales", "65535")
    assert ask.rows("MDSCHEMA_MEASURES", {"MEASURE_NAME": "Half"}) == []


ALL = "[Date].[Date].[All]"
YEAR = "[Date].[Date].[Year].&[2021]"
RECENT = f"{ALL}.[Recent]"
LATE = f"{YEAR}.[Late]"


@pytest.mark.parametrize(
    ("member", "operator", "names"),
    [
        (RECENT, 8, [RECENT]),
        (RECENT, 4, [ALL]),
        (RECENT, 2, [YEAR, "[Date].[Date].[Year].&[2022]"]),
        (LATE, 4 | 8, [YEAR, LATE]),
        (LATE, 32, [ALL, YEAR]),
        (ALL, 1, [YEAR, "[Date].[Date].[Year].&[2022]", RECENT]),
        (YEAR, 2, ["[Date].[Date].[Year].&[2022]", RECENT]),
        (YEAR, 1, [*(f"[Date].[Date].[Quarter].&[2021]&[{n}]" for n in (1, 2, 3, 4)), LATE]),
        ("[Date].[Date].[Month].&[2021-01]", 2, [f"[Date].[Date].[Month].&[2021-{n:02}]" for n in (2, 3)]),
    ],
)
def test_members_of_a_session_are_relatives(
    ask: Asker, header: str, member: str, operator: int, names: list[str]
) -> None:
    ask.post(execute(f"CREATE SESSION MEMBER [Sales].{RECENT} AS 1", header=header))
    ask.post(execute(f"CREATE SESSION MEMBER [Sales].{LATE} AS 2", header=header))
    asked = {"CUBE_NAME": "Sales", "MEMBER_UNIQUE_NAME": member, "TREE_OP": operator}
    found = [r["MEMBER_UNIQUE_NAME"] for r in ask.rows("MDSCHEMA_MEMBERS", asked, header=header)]
    assert sorted(found) == sorted(names)
    without = [r["MEMBER_UNIQUE_NAME"] for r in ask.rows("MDSCHEMA_MEMBERS", asked)]
    assert without == [n for n in found if n not in (RECENT, LATE) and member not in (RECENT, LATE)]


def test_members_of_a_session_are_listed(ask: Asker, header: str) -> None:
    for name in (RECENT, "[Measures].[Half]"):
        ask.post(execute(f"CREATE SESSION MEMBER [Sales].{name} AS 1, CAPTION = 'Mit'", header=header))
    ask.post(execute("CREATE SESSION MEMBER [Sales].[Measures].[Unseen] AS 1, VISIBLE = 0", header=header))
    [recent] = ask.rows("MDSCHEMA_MEMBERS", {"MEMBER_NAME": "Recent", "CUBE_NAME": "Sales"}, header=header)
    assert recent["MEMBER_UNIQUE_NAME"] == RECENT
    assert (recent["LEVEL_UNIQUE_NAME"], recent["LEVEL_NUMBER"]) == ("[Date].[Date].[Year]", "1")
    assert (recent["PARENT_UNIQUE_NAME"], recent["PARENT_LEVEL"], recent["PARENT_COUNT"]) == (ALL, "0", "1")
    assert (recent["MEMBER_TYPE"], recent["SCOPE"], recent["EXPRESSION"]) == ("4", "2", "1")
    assert recent["MEMBER_CAPTION"] == "Mit"
    measures = ask.rows("MDSCHEMA_MEMBERS", {"LEVEL_UNIQUE_NAME": "[Measures].[MeasuresLevel]"}, header=header)
    assert [r["MEMBER_NAME"] for r in measures if r.get("SCOPE") == "2"] == ["Half"]
    formulas = ask.rows("MDSCHEMA_MEMBERS", {"MEMBER_TYPE": 4, "HIERARCHY_UNIQUE_NAME": "[Date].[Date]"}, header=header)
    assert [r["MEMBER_NAME"] for r in formulas] == ["Recent"]
    assert ask.rows("MDSCHEMA_MEMBERS", {"MEMBER_NAME": "Recent"}) == []


def test_functions_name_the_object_that_they_stand_behind(ask: Asker) -> None:
    rows = ask.rows("MDSCHEMA_FUNCTIONS", {"FUNCTION_NAME": "Members"})
    assert {r.get("OBJECT") for r in rows} >= {"Level", "Hierarchy"}
    assert all("OBJECT" not in r for r in ask.rows("MDSCHEMA_FUNCTIONS", {"FUNCTION_NAME": "CrossJoin"}))


# The inline schemas of Analysis Services' own answers, SQL Server 2017 or later: texts are not marked.
ANSWERED = {
    "MDSCHEMA_DIMENSIONS": (
        "CATALOG_NAME SCHEMA_NAME CUBE_NAME DIMENSION_NAME DIMENSION_UNIQUE_NAME DIMENSION_GUID:uuid DIMENSION_CAPTION "
        "DIMENSION_ORDINAL:unsignedInt DIMENSION_TYPE:short DIMENSION_CARDINALITY:unsignedInt DEFAULT_HIERARCHY "
        "DESCRIPTION IS_VIRTUAL:boolean IS_READWRITE:boolean DIMENSION_UNIQUE_SETTINGS:int DIMENSION_MASTER_NAME "
        "DIMENSION_IS_VISIBLE:boolean"
    ),
    "MDSCHEMA_HIERARCHIES": (
        "CATALOG_NAME SCHEMA_NAME CUBE_NAME DIMENSION_UNIQUE_NAME HIERARCHY_NAME HIERARCHY_UNIQUE_NAME "
        "HIERARCHY_GUID:uuid HIERARCHY_CAPTION DIMENSION_TYPE:short HIERARCHY_CARDINALITY:unsignedInt DEFAULT_MEMBER "
        "ALL_MEMBER DESCRIPTION STRUCTURE:short IS_VIRTUAL:boolean IS_READWRITE:boolean DIMENSION_UNIQUE_SETTINGS:int "
        "DIMENSION_MASTER_UNIQUE_NAME DIMENSION_IS_VISIBLE:boolean HIERARCHY_ORDINAL:unsignedInt "
        "DIMENSION_IS_SHARED:boolean HIERARCHY_IS_VISIBLE:boolean HIERARCHY_ORIGIN:unsignedShort "
        "HIERARCHY_DISPLAY_FOLDER INSTANCE_SELECTION:unsignedShort GROUPING_BEHAVIOR:unsignedShort STRUCTURE_TYPE"
    ),
    "MDSCHEMA_LEVELS": (
        "CATALOG_NAME SCHEMA_NAME CUBE_NAME DIMENSION_UNIQUE_NAME HIERARCHY_UNIQUE_NAME LEVEL_NAME LEVEL_UNIQUE_NAME "
        "LEVEL_GUID:uuid LEVEL_CAPTION LEVEL_NUMBER:unsignedInt LEVEL_CARDINALITY:unsignedInt LEVEL_TYPE:int "
        "DESCRIPTION CUSTOM_ROLLUP_SETTINGS:int LEVEL_UNIQUE_SETTINGS:int LEVEL_IS_VISIBLE:boolean "
        "LEVEL_ORDERING_PROPERTY LEVEL_DBTYPE:int LEVEL_MASTER_UNIQUE_NAME LEVEL_NAME_SQL_COLUMN_NAME "
        "LEVEL_KEY_SQL_COLUMN_NAME LEVEL_UNIQUE_NAME_SQL_COLUMN_NAME LEVEL_ATTRIBUTE_HIERARCHY_NAME "
        "LEVEL_KEY_CARDINALITY:unsignedShort LEVEL_ORIGIN:unsignedShort"
    ),
    "MDSCHEMA_MEASURES": (
        "CATALOG_NAME SCHEMA_NAME CUBE_NAME MEASURE_NAME MEASURE_UNIQUE_NAME MEASURE_CAPTION MEASURE_GUID:uuid "
        "MEASURE_AGGREGATOR:int DATA_TYPE:unsignedShort NUMERIC_PRECISION:unsignedShort NUMERIC_SCALE:short "
        "MEASURE_UNITS DESCRIPTION EXPRESSION MEASURE_IS_VISIBLE:boolean LEVELS_LIST MEASURE_NAME_SQL_COLUMN_NAME "
        "MEASURE_UNQUALIFIED_CAPTION MEASUREGROUP_NAME MEASURE_DISPLAY_FOLDER DEFAULT_FORMAT_STRING"
    ),
    "MDSCHEMA_MEASUREGROUPS": (
        "CATALOG_NAME SCHEMA_NAME CUBE_NAME MEASUREGROUP_NAME DESCRIPTION IS_WRITE_ENABLED:boolean MEASUREGROUP_CAPTION"
    ),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_columns_are_those_of_answers_of_analysis_services(name: str) -> None:
    found = [(c.field, str(c.type).removeprefix("xsd:")) for c in ROWSETS[name].columns]
    wanted = [(column, kind or "string") for column, _, kind in (c.partition(":") for c in ANSWERED[name].split())]
    assert found == wanted


def test_a_perspective_has_its_own_columns(small: Asker) -> None:
    rows = small.rows("DBSCHEMA_COLUMNS", {"TABLE_SCHEMA": "Other"})
    assert [(r["TABLE_NAME"], r["COLUMN_NAME"]) for r in rows] == [
        ("Sales", "Rows"),
        ("Sales", "Highest"),
        ("$Day", "Year"),
        ("$Day", "Month"),
        ("$Day", "Day"),
    ]


RAGGED = """
cube: Ragged
dimensions:
  - name: Place
    table: place
    key: city
    hierarchies:
      - name: Place
        levels:
          - {name: Country, key: country}
          - {name: State, key: state, hide: parents_name}
          - {name: City, key: city, properties: [{name: People, column: people, type: integer}]}
measure_groups:
  - {name: Facts, table: facts, links: {Place: city}, measures: [{name: Rows, aggregate: count}]}
"""


@pytest.mark.parametrize(
    ("member", "operator", "people"),
    [
        ("[Place].[Place].[City].&[Rome]", 8, ["3000000000"]),
        ("[Place].[Place].[City].&[Rome]", 2, [None]),
        ("[Place].[Place].[Country].&[Italy]", 1, [None, None]),
    ],
)
def test_relatives_in_a_ragged_hierarchy_can_be_of_several_levels(
    tmp_path: Path, member: str, operator: int, people: list[str | None]
) -> None:
    catalog = tmp_path / "catalog"
    (catalog / "cubes").mkdir(parents=True)
    (catalog / "catalogue.yaml").write_text("catalogue: Ragged\n")
    (catalog / "cubes" / "ragged.yaml").write_text(RAGGED)
    places = {
        "country": ["Italy"] * 2,
        "state": ["Italy", "Veneto"],
        "city": ["Rome", "Padua"],
        "people": [3 * 10**9, 1],
    }
    pq.write_table(pa.table(places), tmp_path / "place.parquet")
    pq.write_table(pa.table({"city": ["Rome", "Padua"]}), tmp_path / "facts.parquet")
    service = Service(FolderBackend(catalog, tmp_path), Sessions(tmp_path / "sessions.db"))
    body = discover("MDSCHEMA_MEMBERS", {"CUBE_NAME": "Ragged", "MEMBER_UNIQUE_NAME": member, "TREE_OP": operator})
    answer = etree.fromstring(b"".join(service.answer(read(body), Call(None))))
    validate(deepcopy(answer))
    assert [r.get("People") for r in rows_of(answer)] == people
