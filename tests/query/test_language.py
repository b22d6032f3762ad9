"""MDX statements and what they give, from `fixtures/language.yaml`: on FoodMart, on a small cube, and faults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from flis.access import open_scope
from flis.errors import FlisError, LimitError, StatementError
from flis.query.database import Options, execute
from flis.query.result import CellSet
from tests.foodmart import harness
from tests.query import tiny
from tests.shared import shared

if TYPE_CHECKING:
    from flis.query.database import Database

CASES = yaml.safe_load((Path(__file__).parent / "fixtures/language.yaml").read_text("utf-8"))
ENGLISH = Options(lcid=1033)


@pytest.fixture(scope="module")
def foodmart() -> Database:
    return harness.database(shared("foodmart/parquet"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return tiny.database(tmp_path_factory.mktemp("tiny"))


def cases(part: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in CASES[part]]


def agrees(base: Database, case: dict[str, Any]) -> None:
    found = execute(open_scope(), base, case["statement"], ENGLISH)
    assert isinstance(found, CellSet)
    axes = []
    for axis in found.axes:
        captions = [axis.captions(i, "en") for i in range(len(axis.hierarchies))]
        axes.append([" / ".join(row) for row in zip(*captions, strict=True)])
    assert axes == case["axes"]
    assert list(found.cells.texts) == case["cells"]


@pytest.mark.parametrize("case", cases("foodmart"))
def test_statement_on_foodmart(foodmart: Database, case: dict[str, Any]) -> None:
    agrees(foodmart, case)


@pytest.mark.parametrize("case", cases("tiny"))
def test_statement_on_the_small_cube(small: Database, case: dict[str, Any]) -> None:
    agrees(small, case)


@pytest.mark.parametrize("case", cases("faults"))
def test_fault_says_what_and_where(foodmart: Database, case: dict[str, Any]) -> None:
    with pytest.raises(FlisError) as raised:
        execute(open_scope(), foodmart, case["statement"], ENGLISH)
    assert case["says"] in str(raised.value)
    if "place" in case:
        assert isinstance(raised.value, StatementError)
        assert [raised.value.line, raised.value.column] == case["place"]
    else:
        assert isinstance(raised.value, StatementError | LimitError)
