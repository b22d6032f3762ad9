"""What SQL of an area may reach: the tables that it declares, and functions that answer the same to the same values.

A file of the machine, another table, a setting, the clock and chance are out of reach. DuckDB's own parser is asked:
DuckDB runs the SQL, and another parser may read the same text otherwise.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec

from flis.engine import open_database
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

__all__ = ["Problem", "reads_of_scalar", "reads_of_select", "texts_in"]

ROWS = frozenset({"unnest", "range", "generate_series"})
"""The functions in FROM that make rows of the values that they are given."""
SESSION = frozenset(
    {
        *("current_date", "current_time", "current_timestamp", "current_localtime", "current_localtimestamp"),
        *("localtime", "localtimestamp", "current_user", "current_role", "session_user", "user", "ago"),
        *("current_catalog", "current_schema", "current_database", "get_block_size", "getenv", "version"),
        *("json_serialize_plan", "json_deserialize_sql"),
    }
)
"""Words of clock, session and machine, which DuckDB does not mark as volatile or has under several names."""
DECLARED = "A step reads the tables that its head declares with `-- in`."
UNSTEADY = "The same rows must give the same figures on every day and machine."
ONE = "A step is one SELECT."
NOWHERE = 2**64 - 1  # the place of what no text stands for
REMEMBERED = 4096

Problem = tuple[str, int, str]
"""What is wrong, on which line of the text (from 1), and what was probably meant."""


@lru_cache(REMEMBERED)
def reads_of_select(select: str, tables: frozenset[str], columns: frozenset[str]) -> Problem | None:
    """The first thing out of reach in a SELECT that may read `tables`, which have `columns`; None where there is none.

    >>> reads_of_select("SELECT a FROM 'x.csv'", frozenset({"t"}), frozenset({"a"}))[0]
    'The SELECT reads x.csv, which the head does not name.'
    """
    statements, told, line = _parsed(select)
    if told or len(statements) != 1:
        return told or ONE, line, ""
    known = {one.lower() for one in columns} | set(_aliases(statements))
    walk = _Walk(tables, known)
    for told, place, hint in walk.problems(statements[0]["node"], frozenset()):
        return f"The SELECT {told}", _line(select, place), hint
    return None


@lru_cache(REMEMBERED)
def reads_of_scalar(expression: str, columns: frozenset[str]) -> str:
    """What is out of reach in an expression over the columns of one row; an empty text where nothing is.

    >>> reads_of_scalar("(SELECT content FROM read_text('x'))", frozenset())
    'the expression reads a table, and not the columns of its row alone.'
    """
    node: dict[str, Any] = {}
    for text in (f"SELECT {expression}", f"SELECT ({expression})"):
        statements, told, _ = _parsed(text)
        if told and told != ONE:
            return told
        node = statements[0]["node"] if len(statements) == 1 else {}
        alone = len(node.get("select_list", ())) == 1 and not (node["where_clause"] or node["modifiers"])
        if not alone or node["from_table"]["type"] != "EMPTY":
            return "one expression was expected."
    if any(one.get("class") == "SUBQUERY" for one in _nodes(node)):
        return "the expression reads a table, and not the columns of its row alone."
    walk = _Walk(frozenset(), {one.lower() for one in columns})
    return next((f"the expression {told}" for told, *_ in walk.problems(node, frozenset())), "")


def texts_in(select: str) -> frozenset[str]:
    """The texts that stand in a SELECT as they are.

    >>> sorted(texts_in("SELECT CASE WHEN a THEN 'x' ELSE 'y' END FROM t"))
    ['x', 'y']
    """
    literals = (node.get("literal") for node in _nodes(_parsed(select)[0]))
    return frozenset(one["text"] for one in literals if isinstance(one, dict) and one.get("kind") == "STRING")


class _Walk:
    """Goes through what DuckDB's parser found, with the names that WITH gives."""

    def __init__(self, tables: AbstractSet[str], columns: AbstractSet[str]) -> None:
        self.tables = {way for name in tables for way in (name.lower(), name.lower().rpartition(".")[2])}
        self.shown = sorted(tables)
        self.columns = columns

    def problems(self, node: object, named: frozenset[str]) -> Iterator[Problem]:
        if isinstance(node, list):
            for one in node:
                yield from self.problems(one, named)
        elif isinstance(node, dict):
            for entry in (node.get("cte_map") or {}).get("map", ()):
                yield from self.problems(entry["value"], named)
                named |= {entry["key"].lower()}
            yield from self._own(node, named)
            recurring = node.get("type") == "RECURSIVE_CTE_NODE"
            for key, value in node.items():
                inside = named | {node["cte_name"].lower()} if recurring and key == "right" else named
                if key != "cte_map":
                    yield from self.problems(value, inside)

    def _own(self, node: Mapping[str, Any], named: AbstractSet[str]) -> Iterator[Problem]:
        """What is wrong with one node itself."""
        kind, place = node.get("type"), node.get("query_location", NOWHERE)
        told, hint = "", UNSTEADY
        if kind == "BASE_TABLE":
            told, hint = self._table([str(part).lower() for part in node["qualified_name"]["path"]], named)
        elif kind == "TABLE_FUNCTION":
            name = str(node["function"].get("function_name", "")).lower()
            told, hint = "" if name in ROWS else f"reads rows of {name}(…).", DECLARED
        elif kind == "SHOW_REF":
            told, hint = "describes a table.", "A step reads the rows of tables."
        elif node.get("class") in {"FUNCTION", "WINDOW"}:
            told = _called(node)
        elif kind == "COLUMN_REF" and len(node["column_names"]) == 1:
            name = str(node["column_names"][0]).lower()
            told = f"asks for {name}." if name in SESSION and name not in self.columns else ""
        if told:
            yield told, place, hint
        if node.get("sample"):
            yield "takes a sample.", place, UNSTEADY

    def _table(self, path: list[str], named: AbstractSet[str]) -> tuple[str, str]:
        name = ".".join(path)
        if name in self.tables or (len(path) == 1 and name in named):
            return "", ""
        return f"reads {name}, which the head does not name.", suggest(name, self.shown) or DECLARED


def _called(node: Mapping[str, Any]) -> str:
    name = str(node.get("function_name", "")).lower()
    outside = name in _unsteady() or str(node.get("schema", "")).lower() == "pg_catalog"
    return f"calls {name}()." if outside else ""


@cache
def _unsteady() -> frozenset[str]:
    """The functions whose answer may be another one for the same values: of chance, clock, settings, sequences."""
    with _parser() as connection:
        rows = connection.execute(
            "SELECT function_name FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate') "
            "AND stability <> 'CONSISTENT' OR schema_name = 'pg_catalog' AND function_type = 'macro'"
        ).fetchall()
    return frozenset(name.lower() for (name,) in rows) | SESSION


def _parsed(text: str) -> tuple[list[Any], str, int]:
    """The statements of an SQL text as DuckDB's parser reads them, or what it says is wrong, and on which line."""
    with _parser() as connection:
        try:
            told = connection.execute("SELECT json_serialize_sql(CAST($text AS VARCHAR))", {"text": text}).fetchall()
        except duckdb.Error:
            return [], "DuckDB cannot read it.", 1
    found = msgspec.json.decode(told[0][0])
    if not found["error"]:
        return found["statements"], "", 1
    if found.get("error_type") == "not implemented":
        return [], ONE, 1
    refused = found["error_message"].splitlines()[0].rstrip(".!")
    return [], f"DuckDB refuses it: {refused}.", _line(text, int(found.get("position") or 0))


def _parser() -> duckdb.DuckDBPyConnection:
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One database in memory for the process: to open one takes longer than to read most steps."""
    return open_database(enable_external_access="false", threads=1)


def _nodes(found: object) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        yield found
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from _nodes(one)


def _aliases(found: Iterable[object]) -> Iterator[str]:
    """The names that an SQL text gives to columns."""
    for node in _nodes(found):
        yield str(node.get("alias") or "").lower()
        for key in ("aliases", "column_name_alias"):
            yield from (str(name).lower() for name in node.get(key) or ())


def _line(text: str, place: int) -> int:
    """The line of a place, which DuckDB counts in bytes."""
    return 1 if place == NOWHERE else text.encode()[:place].count(b"\n") + 1
