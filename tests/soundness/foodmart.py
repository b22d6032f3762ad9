"""FoodMart for the soundness tests."""

from __future__ import annotations

from typing import Any

from flis.access import open_scope
from flis.query.database import Database, Options, execute
from flis.query.result import CellSet
from tests.foodmart.harness import database
from tests.shared import shared


def base() -> Database:
    """The database, shared with the other FoodMart tests."""
    return database(shared("foodmart/parquet"))


def ask(text: str, on: Database | None = None) -> CellSet:
    """The cell set of a statement."""
    found = execute(open_scope(), on or base(), text, Options(lcid=1033))
    assert isinstance(found, CellSet)
    return found


def answer(text: str) -> tuple[list[Any], list[Any]]:
    """Names on the axes and values, comparable."""
    found = ask(text)
    names = [[a.unique_names(i) for i in range(len(a.hierarchies))] for a in found.axes]
    return names, [round(v, 6) if isinstance(v := found.cells.value(i), float) else v for i in range(len(found))]
