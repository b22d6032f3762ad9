"""The pivot of our own cube through HTTP (municipalities by months, three measures), beside SQL for the same cells.

The served state is `FLIS_BENCH_STATE`, a folder with a release; without it a made-up one of 2,200 persons and eleven
weeks, which is lighter than the real thing. Each pivot leaves out another age, so that no segment answers it.
"""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from bench._server import Connection, milliseconds
from bench._state import served_state
from flis.access import Grant, Principals
from flis.config import Settings
from flis.release import NATIONAL, SHARED, current
from flis.release.tree import DIMENSION
from tests.serve.web.served import serving

if TYPE_CHECKING:
    from flis.config import State

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
    """Milliseconds, medians of 40 pivots."""
    with tempfile.TemporaryDirectory() as folder:
        state = served_state(Path(folder) / "state")
        with serving(state) as address:
            return _cube(state, int(address.rpartition(":")[2]))


def _cube(state: Path, port: int) -> dict[str, object]:
    folders = Settings(state=state).folders
    name, password = "bench", secrets.token_urlsafe(12)
    Principals(folders).add(name, password, (Grant(),))
    connection = Connection(port, "FLIS", f"{name}:{password}")
    first = connection.ask(MDX.format(120))[0]  # signs in, loads the facts
    asked = [connection.ask(MDX.format(age)) for age in range(PIVOTS)]
    if faults := [answer for _, answer in asked if b"<CellData" not in answer]:
        raise RuntimeError(faults[0][:400].decode())
    again = [connection.ask(MDX.format(age))[0] for age in range(PIVOTS)]
    ours, bare = statistics.median(seconds for seconds, _ in asked), statistics.median(_bare(folders))
    return {
        "first pivot (signs in, loads the facts) ms": milliseconds(first),
        "Kommune x Måned, 3 measures, nothing held, median ms": milliseconds(ours),
        "bare SQL over the same store, median ms": milliseconds(bare),
        "allowed: 1.5 x SQL + 3 ms": milliseconds(bare * 1.5 + 0.003),
        "the same again, median ms": milliseconds(statistics.median(again)),
        "cells": len(asked[-1][1].split(b"<Cell ")) - 1,
    }


def _bare(folders: State) -> list[float]:
    """Seconds of the same questions in SQL over the national store, loaded into memory."""
    release = current(folders)
    assert release
    with duckdb.connect() as connection:
        area = release.area("ukraine")
        for store, table in ((NATIONAL, "stock"), (NATIONAL, "flow"), (SHARED, f"{DIMENSION}dato")):
            files = [str(path) for path in area.files(store, table)]
            name = table.removeprefix(DIMENSION)
            connection.execute(f"CREATE TABLE {name} AS FROM read_parquet({files})")
        found = []
        for age in [*range(2), *range(PIVOTS)]:
            start = time.perf_counter()
            connection.sql(SQL, params=[age]).to_arrow_table()
            found.append(time.perf_counter() - start)
    return found[2:]
