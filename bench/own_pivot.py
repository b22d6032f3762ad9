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

Ask = Callable[[int], float]
"""Seconds of the question that leaves out an age."""
PIVOTS = 40
MDX = (
    "SELECT {{[Measures].[Antal personer], [Measures].[Indrejste], [Measures].[Udrejste]}} ON 0, "
    "NON EMPTY [Kommune].[Kommune].[Kommune].Members * [Dato].[Måned].[Måned].Members ON 1 "
    "FROM [Ukraine Statistik] WHERE Except([Alder].[Alder].[Alder].Members, {{[Alder].[Alder].&[{}]}})"
)
SQL = """
WITH ends AS (SELECT strftime(dato, '%Y-%m') AS month, max(dato) AS dato FROM dato GROUP BY 1),
held AS (
    SELECT s.kommune, e.month, sum(s.antal) AS antal FROM stock s JOIN ends e ON e.dato = s.dato
    WHERE s.alder <> $1 GROUP BY ALL
), moved AS (
    SELECT kommune, strftime(dato, '%Y-%m') AS month, sum(indrejste) AS indrejste, sum(udrejste) AS udrejste
    FROM flow WHERE alder <> $1 GROUP BY ALL
)
SELECT kommune, month, antal, indrejste, udrejste FROM held FULL JOIN moved USING (kommune, month) ORDER BY ALL
"""
"""The same cells in plain SQL; the count of a month is that of its last covered day."""


def run() -> dict[str, object]:
    """Milliseconds, medians of 40 pivots; each is asked over HTTP, in process and in SQL, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        state = served_state(Path(folder) / "state")
        folders, password = Settings(state=state).folders, secrets.token_urlsafe(12)
        Principals(folders).add("bench", password, (Grant(),))
        with serving(state) as address, _bare(folders) as bare:
            connection = Connection(int(address.rpartition(":")[2]), "FLIS", f"bench:{password}")
            return _cube(connection, _within(folders), bare)


def _cube(connection: Connection, within: Ask, bare: Ask) -> dict[str, object]:
    first = connection.ask(MDX.format(120))[0]  # signs in, loads the facts
    within(120), bare(120)
    asked = [(connection.ask(MDX.format(age)), within(age), bare(age)) for age in range(PIVOTS)]
    if faults := [answer for (_, answer), _, _ in asked if b"<CellData" not in answer]:
        raise RuntimeError(faults[0][:400].decode())
    again = [connection.ask(MDX.format(age))[0] for age in range(PIVOTS)]
    ours, own, sql = map(statistics.median, zip(*((http[0], *others) for http, *others in asked), strict=True))
    return {
        "first pivot (signs in, loads the facts) ms": milliseconds(first),
        "Kommune x Måned, 3 measures, nothing held, over HTTP, median ms": milliseconds(ours),
        "the same in process, median ms": milliseconds(own),
        "bare SQL over the same store, median ms": milliseconds(sql),
        "allowed: 1.5 x SQL + 3 ms": milliseconds(sql * 1.5 + 0.003),
        "the same again over HTTP, median ms": milliseconds(statistics.median(again)),
        "cells": len(asked[-1][0][1].split(b"<Cell ")) - 1,
    }


def _within(folders: State) -> Ask:
    """Asks the cube in this process, without a server; the answer is not written."""
    published = current(folders)
    assert published
    scope = operator_scope(published.number)
    database = Databases().of_release(scope, published, own_catalogue())

    def seconds(age: int) -> float:
        start = time.perf_counter()
        execute(scope, database, MDX.format(age))
        return time.perf_counter() - start

    return seconds


@contextmanager
def _bare(folders: State) -> Iterator[Ask]:
    """Asks the same in SQL over the national store, loaded into memory."""
    published = current(folders)
    assert published
    with duckdb.connect() as connection:
        area = published.area("ukraine")
        for store, table in ((NATIONAL, "stock"), (NATIONAL, "flow"), (SHARED, f"{DIMENSION}dato")):
            files = [str(path) for path in area.files(store, table)]
            name = table.removeprefix(DIMENSION)
            connection.execute(f"CREATE TABLE {name} AS FROM read_parquet({files})")

        def seconds(age: int) -> float:
            start = time.perf_counter()
            connection.sql(SQL, params=[age]).to_arrow_table()
            return time.perf_counter() - start

        yield seconds
