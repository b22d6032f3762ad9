"""A formula answers under a filter as the table of docs/concepts/filters.md says, however the filter is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from flis.access import open_scope
from flis.query.database import Options, execute
from flis.query.result import CellSet
from tests.foodmart.facts import unit_sales
from tests.soundness.foodmart import base

PAGE = Path(__file__).parents[2] / "docs/concepts/filters.md"
ROWS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("filters.yaml").read_text("utf-8"))["rows"]
QUARTERS = "{[Time].[1997].[Q2], [Time].[1997].[Q3]}"
WAYS = {
    "set": ("", "[Sales]", f" WHERE {QUARTERS}"),
    "subselect": ("", f"(SELECT {QUARTERS} ON 0 FROM [Sales])", ""),
    "aggregate": (f" MEMBER [Time].[Both] AS Aggregate({QUARTERS})", "[Sales]", " WHERE [Time].[Both]"),
}


def asked(formula: str, way: str) -> tuple[Any, str]:
    """The value of a formula under the filter, and the error of its cell."""
    member, source, where = WAYS[way]
    text = f"WITH MEMBER [Measures].[x] AS {formula}{member} SELECT {{[Measures].[x]}} ON 0 FROM {source}{where}"
    found = execute(open_scope(), base(), text, Options(lcid=1033))
    assert isinstance(found, CellSet)
    return found.cells.value(0), found.cells.errors.get(0, "")


def wanted(said: Any) -> Any:
    """What a cell of the table says; the figure is that of SQL."""
    if isinstance(said, list):
        assert unit_sales(said[1]) == said[0]
        return said[0]
    return said


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["formula"])
def test_a_formula_answers_as_the_table_says(row: dict[str, Any], way: str) -> None:
    value, error = asked(row["formula"], way)
    if row[way] == "error":
        assert "[Time]" in error
        assert "subselect" in error
    else:
        assert (value, error) == (wanted(row[way]), "")


def test_the_page_has_the_same_table() -> None:
    said = re.findall(r"^\| `(.+)` \| (.+) \| (.+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    table = {f.replace("\\|", "|"): tuple(cells) for f, *cells in said}
    assert table == {row["formula"]: tuple(shown(row[way]) for way in WAYS) for row in ROWS}


def shown(said: Any) -> str:
    """A cell of the table as the page writes it."""
    said = said[0] if isinstance(said, list) else said
    if said is None:
        return "empty"
    if isinstance(said, bool):
        return str(said).lower()
    return f"{said:,}" if isinstance(said, int) else str(said)
