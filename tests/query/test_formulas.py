"""Formulas of a catalogue: what is wrong is told when it is opened, with file and line."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.errors import CatalogError
from flis.query.database import Databases
from tests.query import tiny

if TYPE_CHECKING:
    from pathlib import Path

WRONG = {
    '"[Measures].[Amount] * 2"': ('"[Measures].[Amount * 2"', "Double", "has no closing ]"),
    '{name: Hidden, expression: "1"': ('{name: Hidden, expression: "[Measures].[Amuont]"', "Hidden", "Did you mean"),
    'format: "0.0"': ('properties: {FORE_COLOR: "IIf("}', "Double", ""),
    '"{[Place].[Place].&[A], [Place].[Place].&[B]}"': ('"{[Plaice].[Place].&[A]}"', "Both", "Did you mean Place?"),
    '"[Measures].[Amount]"': ('"Summ([Place].[Place].Members)"', "value:", "Did you mean Sum"),
    'goal: "50"': ('goal: "{50}"', "goal:", ""),
    'status: "IIf([Measures].[Amount] > 40, 1, -1)"': ('status: "IIf([Measures].[Amount] >, 1, -1)"', "status:", ""),
}


@pytest.mark.parametrize("right", WRONG)
def test_a_wrong_formula_is_told_with_its_place(right: str, tmp_path: Path) -> None:
    wrong, line, says = WRONG[right]
    catalogue = shutil.copytree(tiny.FOLDER, tmp_path / "catalogue")
    file = catalogue / "cubes" / "tiny.yaml"
    text = file.read_text("utf-8")
    assert text.count(right) == 1
    file.write_text(text.replace(right, wrong), "utf-8")
    data = tmp_path / "data"
    data.mkdir()
    tiny.write(data)
    with pytest.raises(CatalogError) as caught:
        Databases().of_folder(open_scope(), data, load(catalogue)).warm()
    assert caught.value.file == "cubes/tiny.yaml"
    assert line in file.read_text("utf-8").splitlines()[caught.value.line - 1]
    assert says in str(caught.value)


def test_the_formulas_as_they_are(tmp_path: Path) -> None:
    tiny.database(tmp_path).warm()


def test_the_sql_of_a_measure_group_reads_its_facts_alone(tmp_path: Path) -> None:
    catalogue = shutil.copytree(tiny.FOLDER, tmp_path / "catalogue")
    file = catalogue / "cubes" / "tiny.yaml"
    text = file.read_text("utf-8")
    at = text.index("    measures:")
    file.write_text(f"{text[:at]}    where: (SELECT true FROM read_text('{file}'))\n{text[at:]}", "utf-8")
    data = tmp_path / "data"
    data.mkdir()
    tiny.write(data)
    with pytest.raises(CatalogError, match="reads a table"):
        Databases().of_folder(open_scope(), data, load(catalogue)).warm()
