"""What is hidden is left out of sets of members, as in Analysis Services; its name is taken all the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.database import Databases, Options, execute
from flis.query.result import CellSet
from flis.query.session import SessionNames
from tests.query import tiny

if TYPE_CHECKING:
    from flis.query.database import Database


@pytest.fixture(scope="module")
def base() -> Database:
    return tiny.database(Path(mkdtemp()))


def asked(base: Database, text: str, session: SessionNames | None = None) -> tuple[list[str], list[Any]]:
    found = execute(open_scope(), base, text, Options(lcid=1033, session=session))
    assert isinstance(found, CellSet)
    return found.axes[0].captions(0, "en"), [found.cells.value(n) for n in range(len(found))]


@pytest.mark.parametrize(
    "written",
    [
        "[Measures].Members",
        "[Measures].[MeasuresLevel].Members",
        "[Measures].AllMembers",
        "[Measures].[MeasuresLevel].AllMembers",
        "AddCalculatedMembers({[Measures].[Amount]})",
        "[Measures].[Amount].Siblings",
        "{[Measures].[Amount] : NULL}",
        'MeasureGroupMeasures("Sales")',
    ],
)
def test_hidden_measures_are_in_no_set(base: Database, written: str) -> None:
    names, _ = asked(base, f"SELECT {written} ON 0 FROM [Tiny]")
    assert names[0] == "Amount"
    assert not {"Control", "Hidden"} & set(names)
    assert ("Double" in names) == ("All" in written or "Add" in written)


def test_their_names_are_taken(base: Database) -> None:
    text = 'SELECT {[Measures].[Control], [Measures].[Hidden], StrToMember("[Measures].[Control]")} ON 0 FROM [Tiny]'
    assert asked(base, f"{text} WHERE [Place].[Place].[All places]") == (["Control", "Hidden", "Control"], [43, 1, 43])


def test_a_member_of_a_statement_or_session_hides_itself(base: Database) -> None:
    with_it = "WITH MEMBER [Measures].[mine] AS 1, VISIBLE = {} SELECT [Measures].AllMembers ON 0 FROM [Tiny]"
    assert "mine" in asked(base, with_it.format(1))[0]
    assert "mine" not in asked(base, with_it.format(0))[0]
    assert "mine" not in asked(base, with_it.format("FALSE"))[0]
    below = "MEMBER [Unit].[Unit].[All units].[mine] AS 1, VISIBLE = 0"
    drill = "DrilldownLevel({[Unit].[Unit].[All units]},,,INCLUDE_CALC_MEMBERS)"
    assert "mine" not in asked(base, f"WITH {below} SELECT {drill} ON 0 FROM [Tiny]")[0]
    session = SessionNames()
    execute(open_scope(), base, "CREATE MEMBER [Tiny].[Measures].[kept] AS 2, VISIBLE = 0", Options(session=session))
    assert "kept" not in asked(base, "SELECT [Measures].AllMembers ON 0 FROM [Tiny]", session)[0]
    assert asked(base, "SELECT [Measures].[kept] ON 0 FROM [Tiny]", session) == (["kept"], [2])


def changed(folder: Path, *changes: tuple[str, str]) -> Database:
    """The small catalogue with other words in its files."""
    return Databases().of_folder(open_scope(), folder, load(tiny.changed(folder, *changes)))


def test_a_default_measure_may_be_hidden(tmp_path: Path) -> None:
    base = changed(tmp_path, ("default_measure: Amount", "default_measure: Hidden"))
    assert asked(base, "SELECT [Place].[Place].[All places] ON 0 FROM [Tiny]")[1] == [1]


def test_members_of_hidden_dimensions_hierarchies_and_levels_are_found(tmp_path: Path) -> None:
    base = changed(
        tmp_path,
        ("type: months}", "type: months, visible: false}"),
        ("        all_name: All places\n", "        all_name: All places\n        visible: false\n"),
        ("dimension: Day}", "dimension: Day, visible: false}"),
    )
    assert asked(base, "SELECT [Place].[Place].[Place].Members ON 0 FROM [Tiny]")[0] == ["Alpha", "Beta", "Gamma"]
    assert asked(base, "SELECT [Day].[Calendar].[Month].Members ON 0 FROM [Tiny]")[0] == ["2024-01", "2024-02"]
    assert len(asked(base, "SELECT [Day].[Calendar].Members ON 0 FROM [Tiny]")[0]) == 1 + 1 + 2 + 4
