"""A perspective shows what it names, in rowsets and in statements; names of the rest are still taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from flis.serve.xmla import Call, FolderBackend, Service, Sessions
from flis.serve.xmla.names import ENGINE, XMLA
from flis.serve.xmla.soap import read
from tests.query import tiny
from tests.serve.xmla.asking import Asker, discover, execute, rows_of

if TYPE_CHECKING:
    from pathlib import Path

SMALL = {"CUBE_NAME": "Small"}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    folder: Path = tmp_path_factory.mktemp("tiny")
    tiny.database(folder)
    service = Service(FolderBackend(tiny.FOLDER, folder), Sessions(folder / "sessions.db"))
    return Asker(lambda body: etree.fromstring(b"".join(service.answer(read(body), Call(None)))))


def column(rows: list[dict[str, str]], name: str) -> list[str]:
    return [row[name] for row in rows]


def test_rowsets_list_what_it_names(ask: Asker) -> None:
    assert column(ask.rows("MDSCHEMA_MEASURES", SMALL), "MEASURE_NAME") == ["Amount", "Double"]
    assert column(ask.rows("MDSCHEMA_DIMENSIONS", SMALL), "DIMENSION_NAME") == ["Measures", "Day", "Place"]
    measures = SMALL | {"HIERARCHY_UNIQUE_NAME": "[Measures]"}
    assert column(ask.rows("MDSCHEMA_MEMBERS", measures), "MEMBER_NAME") == ["Amount", "Double"]
    assert column(ask.rows("MDSCHEMA_HIERARCHIES", measures), "HIERARCHY_CARDINALITY") == ["2"]
    assert column(ask.rows("MDSCHEMA_LEVELS", measures), "LEVEL_CARDINALITY") == ["2"]
    assert column(ask.rows("MDSCHEMA_CUBES", SMALL), "CUBE_CAPTION") == ["Udsnit"]
    assert column(ask.rows("MDSCHEMA_SETS", SMALL), "SET_NAME") == ["Both", "Busy", "Busy now"]


def test_measures_that_it_does_not_name_are_listed_in_no_rowset(ask: Asker) -> None:
    rows = ask.rows("MDSCHEMA_HIERARCHIES", {"CUBE_NAME": "Other", "HIERARCHY_UNIQUE_NAME": "[Measures]"})
    assert column(rows, "DEFAULT_MEMBER") == ["[Measures].[Rows]"]
    assert ask.rows("MDSCHEMA_SETS", {"CUBE_NAME": "Other"}) == []
    asked = {"DatabaseID": "Tiny", "CubeID": "Other", "MeasureGroupID": "Sales"}
    measures = ask.post(discover("DISCOVER_XML_METADATA", asked)).iter(f"{{{ENGINE}}}Measure")
    assert [m.findtext(f"{{{ENGINE}}}Name") for m in measures] == ["Rows", "Highest"]


def test_it_has_what_a_session_gives_its_cube(ask: Asker) -> None:
    begun = ask.post(execute("", header=f'<BeginSession xmlns="{XMLA}"/>')).find(f".//{{{XMLA}}}Session")
    assert begun is not None
    header = f'<Session xmlns="{XMLA}" SessionId="{begun.get("SessionId")}"/>'
    for text in (
        "CREATE MEMBER [Small].[Measures].[Mine] AS 1",
        "CREATE SET [Small].[Places] AS {[Place].[Place].&[A]}",
        "CREATE SET [Tiny].[Units] AS {[Unit].[Unit].&[top]}",
    ):
        ask.post(execute(text, header=header))
    for cube in ("Small", "Tiny"):
        asked = {"CUBE_NAME": cube, "MEASURE_NAME": "Mine"}
        assert len(ask.rows("MDSCHEMA_MEASURES", asked, header=header)) == 1
        members = {"CUBE_NAME": cube, "MEMBER_UNIQUE_NAME": "[Measures].[Mine]"}
        assert len(ask.rows("MDSCHEMA_MEMBERS", members, header=header)) == 1
    sets = {
        cube: ask.rows("MDSCHEMA_SETS", {"CUBE_NAME": cube, "SCOPE": 2}, header=header) for cube in ("Small", "Tiny")
    }
    assert [column(rows, "SET_NAME") for rows in sets.values()] == [["Places"], ["Places", "Units"]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[Measures].Members", ["Amount"]),
        ("[Measures].AllMembers", ["Amount", "Double"]),
        ("AddCalculatedMembers([Measures].Members)", ["Amount", "Double"]),
        ("{[Measures].[Highest]}", ["Highest"]),
    ],
)
def test_statements_show_its_measures_and_take_the_names_of_others(ask: Asker, text: str, shown: list[str]) -> None:
    found = rows_of(ask.post(execute(f"SELECT {text} ON 0 FROM [Small]", Format="Tabular")))
    assert len(found) == 1
    assert list(found[0]) == [f"_x005B_Measures_x005D_._x005B_{name}_x005D_" for name in shown]


def test_its_default_measure_is_one_that_it_shows(ask: Asker) -> None:
    for cube, value in (("Small", "35"), ("Other", "3")):
        row = rows_of(ask.post(execute(f"SELECT FROM [{cube}]", Format="Tabular")))[0]
        assert list(row.values()) == [value]
