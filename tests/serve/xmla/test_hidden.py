"""What is hidden is in schema rowsets only where it is asked for by its visibility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from flis.serve.xmla import Call, FolderBackend, Service, Sessions
from flis.serve.xmla.names import ENGINE
from flis.serve.xmla.soap import read
from tests.query import tiny
from tests.serve.xmla.asking import Asker, discover

if TYPE_CHECKING:
    from pathlib import Path

CHANGES = (
    ("type: months}", "type: months, visible: false}"),
    ("        all_name: All places\n", "        all_name: All places\n        visible: false\n"),
    ("dimension: Day}", "dimension: Day, visible: false}"),
)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    folder: Path = tmp_path_factory.mktemp("hidden")
    service = Service(FolderBackend(tiny.changed(folder, *CHANGES), folder), Sessions(folder / "sessions.db"))
    return Asker(lambda body: etree.fromstring(b"".join(service.answer(read(body), Call(None)))))


@pytest.mark.parametrize(
    ("rowset", "restriction", "column", "hidden"),
    [
        ("MDSCHEMA_DIMENSIONS", "DIMENSION_VISIBILITY", "DIMENSION_UNIQUE_NAME", {"[Day]", "[Place]"}),
        (
            "MDSCHEMA_HIERARCHIES",
            "HIERARCHY_VISIBILITY",
            "HIERARCHY_UNIQUE_NAME",
            {"[Day].[Calendar]", "[Place].[Place]"},
        ),
        ("MDSCHEMA_MEASURES", "MEASURE_VISIBILITY", "MEASURE_NAME", {"Control", "Hidden"}),
        ("MDSCHEMA_MEASUREGROUP_DIMENSIONS", "DIMENSION_VISIBILITY", "DIMENSION_UNIQUE_NAME", {"[Day]", "[Place]"}),
    ],
)
def test_it_is_listed_where_asked_for(ask: Asker, rowset: str, restriction: str, column: str, hidden: set[str]) -> None:
    def names(**more: int) -> set[str]:
        return {row[column] for row in ask.rows(rowset, {"CUBE_NAME": "Tiny", **more})}

    shown = names()
    assert shown
    assert not shown & hidden
    assert names(**{restriction: 2}) == hidden
    assert names(**{restriction: 3}) == shown | hidden


def test_hidden_levels(ask: Asker) -> None:
    levels = {"CUBE_NAME": "Tiny", "HIERARCHY_UNIQUE_NAME": "[Order day].[Calendar]"}
    assert [r["LEVEL_NAME"] for r in ask.rows("MDSCHEMA_LEVELS", levels)] == ["(All)", "Year", "Day"]
    assert [r["LEVEL_NAME"] for r in ask.rows("MDSCHEMA_LEVELS", levels | {"LEVEL_VISIBILITY": 2})] == ["Month"]


def test_levels_of_what_is_hidden_are_hidden(ask: Asker) -> None:
    def names(**more: int) -> set[str]:
        return {row["LEVEL_UNIQUE_NAME"] for row in ask.rows("MDSCHEMA_LEVELS", {"CUBE_NAME": "Tiny", **more})}

    hidden = {name for name in names(LEVEL_VISIBILITY=3) if name.startswith(("[Day].", "[Place]."))}
    assert hidden | {"[Order day].[Calendar].[Month]"} == names(LEVEL_VISIBILITY=2)
    assert not hidden & names()


@pytest.mark.parametrize(
    ("rowset", "said"),
    [
        ("MDSCHEMA_DIMENSIONS", "DIMENSION_IS_VISIBLE"),
        ("MDSCHEMA_HIERARCHIES", "HIERARCHY_IS_VISIBLE"),
        ("MDSCHEMA_LEVELS", "LEVEL_IS_VISIBLE"),
        ("MDSCHEMA_MEASURES", "MEASURE_IS_VISIBLE"),
    ],
)
def test_rows_say_what_their_restriction_says(ask: Asker, rowset: str, said: str) -> None:
    for visibility, value in ((1, "true"), (2, "false")):
        rows = ask.rows(rowset, {said.replace("_IS_VISIBLE", "_VISIBILITY"): visibility})
        assert {row[said] for row in rows} == {value}


def test_object_models_are_told_what_is_hidden(ask: Asker) -> None:
    answer = ask.post(discover("DISCOVER_XML_METADATA", {"DatabaseID": "Tiny", "ObjectExpansion": "ExpandFull"}))
    shown: dict[str, str | None] = {}
    for one in answer.iter(*(f"{{{ENGINE}}}{kind}" for kind in ("Attribute", "Dimension", "Measure"))):
        said = [one.findtext(f"{{{ENGINE}}}{tag}") for tag in ("AttributeHierarchyVisible", "Visible")]
        name = one.findtext(f"{{{ENGINE}}}Name")
        if name and any(said):
            shown[f"{one.tag.rpartition('}')[2]} {name}"] = said[0] or said[1]
    hidden = {name for name, visible in shown.items() if visible == "false"}
    assert hidden >= {"Dimension Day", "Attribute Place", "Measure Control"}
    assert not hidden & {"Dimension Order day", "Dimension Place", "Attribute Sale", "Measure Amount"}


def test_hidden_measures_are_no_members(ask: Asker) -> None:
    asked = {"CUBE_NAME": "Tiny", "HIERARCHY_UNIQUE_NAME": "[Measures]"}
    members = [row["MEMBER_NAME"] for row in ask.rows("MDSCHEMA_MEMBERS", asked)]
    assert members == [row["MEASURE_NAME"] for row in ask.rows("MDSCHEMA_MEASURES", {"CUBE_NAME": "Tiny"})]
    assert [row["HIERARCHY_CARDINALITY"] for row in ask.rows("MDSCHEMA_HIERARCHIES", asked)] == [str(len(members))]
    assert [row["LEVEL_CARDINALITY"] for row in ask.rows("MDSCHEMA_LEVELS", asked)] == [str(len(members))]
