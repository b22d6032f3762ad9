"""The pivot of our own cube (municipalities by months, three measures), over HTTP and in process, beside bare SQL.

The served state is `FLIS_BENCH_STATE`, a folder with a release; without it a made-up one of 2,200 persons and eleven
weeks, which is lighter than the real thing. Each pivot leaves out another age, so that no segment answers it.
"""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from bench._server import Connection, milliseconds
from bench._state import served_state
from flis.access import Grant, Principals, operator_scope
from flis.catalog.cubes import own_catalogue
from flis.config import Settings
from flis.query.database import Databases, execute
from flis.release import NATIONAL, SHARED, current
from flis.release.tree import DIMENSION
from tests.serve.web.served import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State

__all__ = ["OwnPivot", "measured"]

Ask = Callable[[str], float]
"""Seconds of the question that leaves out a member."""
PIVOTS = 40


@dataclass(frozen=True, slots=True)
class OwnPivot:
    """A pivot of an own cube in MDX and in plain SQL over its tables; each time another member is left out."""

    area: str
    mdx: str  # with {} for the member's key
    sql: str  # with $1 for it
    tables: tuple[tuple[str, str], ...]  # store, table
    keys: tuple[str, ...]  # of the members; the first one is left out to begin with


UKRAINE = OwnPivot(
    "ukraine",
    "SELECT {{[Measures].[Antal personer], [Measures].[Indrejste], [Measures].[Udrejste]}} ON 0, "
    "NON EMPTY [Kommune].[Kommune].[Kommune].Members * [Dato].[Måned].[Måned].Members ON 1 "
    "FROM [Ukraine Statistik] WHERE Except([Alder].[Alder].[Alder].Members, {{[Alder].[Alder].&[{}]}})",
    """
    WITH ends AS (SELECT strftime(dato, '%Y-%m') AS month, max(dato) AS dato FROM dato GROUP BY 1),
    held AS (
        SELECT s.kommune, e.month, sum(s.antal) AS antal FROM stock s JOIN ends e ON e.dato = s.dato
        WHERE s.alder <> CAST($1 AS SMALLINT) GROUP BY ALL
    ), moved AS (
        SELECT kommune, strftime(dato, '%Y-%m') AS month, sum(indrejste) AS indrejste, sum(udrejste) AS udrejste
        FROM flow WHERE alder <> CAST($1 AS SMALLINT) GROUP BY ALL
    )
    SELECT kommune, month, antal, indrejste, udrejste FROM held FULL JOIN moved USING (kommune, month) ORDER BY ALL
    """,  # the count of a month is that of its last covered day
    ((NATIONAL, "stock"), (NATIONAL, "flow"), (SHARED, f"{DIMENSION}dato")),
    ("120", *map(str, range(PIVOTS))),
)


def run() -> dict[str, object]:
    """Milliseconds, medians of 40 pivots; each is asked over HTTP, in process and in SQL, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        return measured(served_state(Path(folder) / "state"), UKRAINE)


def measured(state: Path, pivot: OwnPivot) -> dict[str, object]:
    """The milliseconds of a pivot over a served state."""
    folders, password = Settings(state=state).folders, secrets.token_urlsafe(12)
    Principals(folders).add("bench", password, (Grant(),))
    with serving(state) as address, _bare(folders, pivot) as bare:
        connection = Connection(int(address.rpartition(":")[2]), "FLIS", f"bench:{password}")
        return _cube(connection, _within(folders, pivot), bare, pivot)


def _cube(connection: Connection, within: Ask, bare: Ask, pivot: OwnPivot) -> dict[str, object]:
    begin, *keys = pivot.keys
    first = connection.ask(pivot.mdx.format(begin))[0]  # signs in, loads the facts
    within(begin), bare(begin)
    asked = [(connection.ask(pivot.mdx.format(key)), within(key), bare(key)) for key in keys]
    if faults := [answer for (_, answer), _, _ in asked if b"<CellData" not in answer]:
        raise RuntimeError(faults[0][:400].decode())
    again = [connection.ask(pivot.mdx.format(key))[0] for key in keys]
    ours, own, sql = map(statistics.median, zip(*((http[0], *others) for http, *others in asked), strict=True))
    return {
        "first pivot (signs in, loads the facts) ms": milliseconds(first),
        "municipalities by periods, 3 measures, nothing held, over HTTP, median ms": milliseconds(ours),
        "the same in process, median ms": milliseconds(own),
        "bare SQL over the same store, median ms": milliseconds(sql),
        "allowed: 1.5 x SQL + 3 ms": milliseconds(sql * 1.5 + 0.003),
        "the same again over HTTP, median ms": milliseconds(statistics.median(again)),
        "cells": len(asked[-1][0][1].split(b"<Cell ")) - 1,
        "kB": round(len(asked[-1][0][1]) / 1000),
    }


def _within(folders: State, pivot: OwnPivot) -> Ask:
    """Asks the cube in this process, without a server; the answer is not written."""
    published = current(folders)
    assert published
    scope = operator_scope(published.number)
    database = Databases().of_release(scope, published, own_catalogue())

    def seconds(key: str) -> float:
        start = time.perf_counter()
        execute(scope, database, pivot.mdx.format(key))
        return time.perf_counter() - start

    return seconds


@contextmanager
def _bare(folders: State, pivot: OwnPivot) -> Iterator[Ask]:
    """Asks the same in SQL over the national store, loaded into memory."""
    published = current(folders)
    assert published
    with duckdb.connect() as connection:
        area = published.area(pivot.area)
        for store, table in pivot.tables:
            files = [str(path) for path in area.files(store, table)]
            name = table.removeprefix(DIMENSION)
            connection.execute(f"CREATE TABLE {name} AS FROM read_parquet({files})")

        def seconds(key: str) -> float:
            start = time.perf_counter()
            connection.sql(pivot.sql, params=[key]).to_arrow_table()
            return time.perf_counter() - start

        yield seconds
