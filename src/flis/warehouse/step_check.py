"""What DuckDB says of SQL that an area brings, asked over empty tables: before any data have come."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from flis.engine import open_database
from flis.warehouse.reach import reads_of_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flis.warehouse.step import Step

__all__ = ["condition_problem", "scalar_problem", "select_problem"]

_LINE = re.compile(r"\bLINE (\d+):")
_KIND = re.compile(r"^(Parser|Binder|Catalog|Conversion) Error: ")


def select_problem(step: Step) -> tuple[str, int]:
    """What is wrong with the SELECT of a step, and on which line of it (from 1); an empty text where nothing is.

    It must read what its head declares, and put out the declared columns with their types.

    Raises:
        CatalogError: it reads what the head does not declare, or the head has a type that there is not; names file and
            line.
    """
    step.check_reach()
    with _engine() as connection:
        _make(connection, step)
        try:
            connection.execute(f"CREATE VIEW made AS {step.select}")
            found = {row[0]: row[1] for row in connection.execute("DESCRIBE made").fetchall()}
        except duckdb.Error as problem:
            return _said(problem)
    if list(found.items()) == list(step.output.items()):
        return "", 0
    for (name, kind), (made, made_kind) in zip(step.output.items(), found.items(), strict=False):
        if (name, kind) != (made, made_kind):
            return f"the head declares the column {name} {kind}, and the SELECT puts out {made} {made_kind}.", 1
    return f"the head declares {len(step.output)} columns, and the SELECT puts out {len(found)}.", 1


def scalar_problem(expression: str, columns: Iterable[str]) -> str:
    """What is wrong with a scalar expression over the columns of a table; an empty text where nothing is."""
    return _expression_problem(expression, dict.fromkeys(columns, ""))


def condition_problem(condition: str, columns: Mapping[str, str], each: Iterable[str] = ()) -> str:
    """What is wrong with a condition over columns of some SQL types; an empty text where nothing is.

    It is one over a row, or over the sums and counts of a group: the rows that have the same in the columns `each`.
    """
    return _expression_problem(condition, columns, tuple(each) or None)


def _expression_problem(expression: str, columns: Mapping[str, str], each: tuple[str, ...] | None = ()) -> str:
    if told := reads_of_scalar(expression, frozenset(columns)):
        return told
    nothing = {name: f"CAST(NULL AS {kind})" if kind else "NULL" for name, kind in columns.items()}
    listed = ", ".join(f'{value} AS "{name}"' for name, value in nothing.items())
    asked = f"SELECT {expression if each is not None else f'TRY({expression})'} FROM (SELECT {listed})"
    grouped = ", ".join(f'"{column}"' for column in each or ())
    with _engine() as connection:
        try:
            connection.execute(f"{asked} GROUP BY {grouped}" if grouped else asked)
        except duckdb.Error as problem:
            return _said(problem)[0]
    return ""


def _engine() -> duckdb.DuckDBPyConnection:
    """DuckDB that sees no file and no extension."""
    return open_database(enable_external_access="false", threads=1)


def _make(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Empty tables; a SELECT may call one of another area by its bare name too."""
    for table, columns in [("declared.output", step.output), *step.inputs.items()]:
        schema, dot, bare = table.rpartition(".")
        if dot:
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        try:
            connection.execute(f"CREATE TABLE {table} ({declared})")
        except duckdb.Error as problem:
            raise step.error(_said(problem)[0], table if table in step.inputs else "out") from None
        if dot and bare not in step.inputs:
            connection.execute(f"CREATE VIEW {bare} AS FROM {table}")


def _said(problem: duckdb.Error) -> tuple[str, int]:
    text = str(problem)
    line = _LINE.search(text)
    first = _KIND.sub("", text.splitlines()[0])
    return f"DuckDB refuses it: {first.rstrip('.!')}.", int(line[1]) if line else 1
