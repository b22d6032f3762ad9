"""The checks of a release can fail: each finds its own kind of tampering, and a spoiled check is caught."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import pytest

from flis.warehouse.step import StepKind, all_of_kind, area_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.warehouse.step import Step

CHECKS = {step.name: step for step in all_of_kind(area_steps("ukraine"), StepKind.CHECK)}
FLOWS = [name for name in CHECKS["flows"].inputs["flow"] if name not in {"dato", "kommune"}]
CELL = "DATE '2022-03-02', '0101'"

TAMPERED = {
    "a person more in the total": (
        "UPDATE total SET antal = antal + 1 WHERE kommune = '0101' AND dato = DATE '2022-03-02'",
        {("flows", "0101"), ("cells", "0101"), ("country", "0000")},
    ),
    "a person more in total and country": (
        "UPDATE total SET antal = antal + 1 WHERE kommune <> '0461' AND dato = DATE '2022-03-02'",
        {("flows", "0101"), ("cells", "0101")},
    ),
    "a flow is gone": ("UPDATE flow SET indrejste = 0 WHERE indrejste > 0", {("flows", "0101")}),
    "an entry counts twice": ("UPDATE flow SET indrejste = 2 * indrejste", {("flows", "0101")}),
    "a cell is gone": ("DELETE FROM stock WHERE kommune = '0461'", {("cells", "0461")}),
    "a crossing is gone": (
        "DELETE FROM crossing WHERE kommune = '0101'",
        {("crossings", "0101"), ("crossings", "0000")},
    ),
    "a crossing without municipality": ("UPDATE crossing SET kommune = 'uden'", {("crossings", "0101")}),
    "the country counts otherwise": (
        "UPDATE total SET antal = antal - 1 WHERE kommune = '0000' AND dato = DATE '2022-03-02'",
        {("country", "0000")},
    ),
    "a move that arrives nowhere": (
        "UPDATE flow SET tilflyttede = 0, oevrige = 1 WHERE tilflyttede > 0",
        {("moves", "0000")},
    ),
    "a cell below zero": (
        f"INSERT INTO stock VALUES ({CELL}, 1, 0), ({CELL}, -1, 0)",
        {("negative", "0101")},
    ),
    "births below zero": ("UPDATE stock SET foedt_i_danmark = -1 WHERE kommune = '0461'", {("negative", "0461")}),
}


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two municipalities on two days: one person enters 0101, one moves from there to 0461, and all adds up."""
    connection = duckdb.connect()
    made: dict[str, dict[str, str]] = {}
    for name in ("flows", "crossings", "negative", "cells"):
        for table, columns in CHECKS[name].inputs.items():
            made.setdefault(table, {}).update(columns)
    for table, columns in made.items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    connection.execute("INSERT INTO day VALUES (DATE '2022-03-02')")
    connection.execute(
        "INSERT INTO total (dato, kommune, antal, indrejste_minus_udrejste) VALUES "
        "(DATE '2022-03-01', '0101', 3, 3), (DATE '2022-03-01', '0461', 0, 0), (DATE '2022-03-01', '0000', 3, 3), "
        "(DATE '2022-03-02', '0101', 3, 4), (DATE '2022-03-02', '0461', 1, 0), (DATE '2022-03-02', '0000', 4, 4)"
    )
    connection.execute(f"INSERT INTO stock VALUES ({CELL}, 3, 0), (DATE '2022-03-02', '0461', 1, 0)")
    connection.execute(f"INSERT INTO crossing VALUES ({CELL}, 4)")
    for kommune, flows in (("0101", {"indrejste": 1, "fraflyttede": 1}), ("0461", {"tilflyttede": 1})):
        values = ", ".join(str(flows.get(name, 0)) for name in FLOWS)
        connection.execute(f"INSERT INTO flow VALUES (DATE '2022-03-02', '{kommune}', {values})")
    yield connection
    connection.close()


def problems(connection: duckdb.DuckDBPyConnection, *checks: Step) -> set[tuple[str, str]]:
    """What the checks find (default: all)."""
    return {
        (step.name, kommune)
        for step in checks or CHECKS.values()
        for (kommune,) in connection.execute(f"SELECT kommune FROM ({step.select})").fetchall()
    }


def test_the_tables_add_up(tables: duckdb.DuckDBPyConnection) -> None:
    assert problems(tables) == set()


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_is_found(how: str, tables: duckdb.DuckDBPyConnection) -> None:
    statement, found = TAMPERED[how]
    assert tables.execute(statement).fetchall() != [(0,)]
    assert problems(tables) == found


@pytest.mark.parametrize("name", CHECKS)
def test_without_a_check_its_finding_is_gone(name: str, tables: duckdb.DuckDBPyConnection) -> None:
    statement = next(statement for statement, found in TAMPERED.values() if name in {rule for rule, _ in found})
    tables.execute(statement)
    spoiled = replace(CHECKS[name], select=f"{CHECKS[name].select}\nLIMIT 0")
    assert problems(tables, CHECKS[name])
    assert problems(tables, spoiled) == set()


def test_every_check_has_a_failing_case_and_says_what_has_to_hold() -> None:
    assert set(CHECKS) == {rule for _, found in TAMPERED.values() for rule, _ in found}
    assert CHECKS["moves"].text == "Moves between municipalities cancel in the country."
    assert all(step.text.endswith(".") for step in CHECKS.values())
