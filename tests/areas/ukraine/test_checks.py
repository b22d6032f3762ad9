"""The checks of a release can fail: each finds its own kind of tampering, and a spoiled check is caught."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import pytest

from flis.warehouse.database import run
from flis.warehouse.step import Kind, all_of_kind, area_steps, step_named

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECK = step_named("ukraine", "imbalance")
FLOWS = [name for name in CHECK.inputs["flow"] if name not in {"dato", "kommune"}]
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
    for table, columns in CHECK.inputs.items():
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


def problems(connection: duckdb.DuckDBPyConnection, select: str = CHECK.select) -> set[tuple[str, str]]:
    run(connection, replace(CHECK, select=select))
    return set(connection.execute("SELECT rule, kommune FROM imbalance").fetchall())


def test_the_tables_add_up(tables: duckdb.DuckDBPyConnection) -> None:
    assert problems(tables) == set()


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_is_found(how: str, tables: duckdb.DuckDBPyConnection) -> None:
    statement, found = TAMPERED[how]
    assert tables.execute(statement).fetchall() != [(0,)]
    assert problems(tables) == found


def test_every_rule_and_every_check_has_a_failing_case() -> None:
    rules = set(re.findall(r"SELECT '(\w+)'", CHECK.select))
    assert rules == {rule for _, found in TAMPERED.values() for rule, _ in found}
    assert [step.name for step in all_of_kind(area_steps("ukraine"), Kind.CHECK)] == ["imbalance"]
