"""*Økonomi Statistik* over a month of 98 files as they are simulated: the first pivot, and pivots as `own_pivot`.

The state is `FLIS_BENCH_STATE`, a folder with a release of Økonomi; without it one is made, which takes minutes at full
size. `FLIS_BENCH_ACCOUNTS_SCALE=0.1` makes files of a tenth.
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from bench._state import served_state
from bench.own_pivot import PIVOTS, OwnPivot, measured
from flis.access import operator_scope
from flis.catalog import codes
from flis.catalog.cubes import own_catalogue
from flis.config import Settings
from flis.delivery.keys import simulated_keys
from flis.query.database import Databases, execute
from flis.release import NATIONAL, current
from flis.simulate import simulate
from tests.made_up.walk import receive, run_month

__all__ = ["run"]

AREA = "okonomi"
MONTH, ARRIVED = date(2025, 6, 1), date(2025, 7, 10)
SCALE = float(os.environ.get("FLIS_BENCH_ACCOUNTS_SCALE", "1"))
ACCOUNTS = OwnPivot(
    AREA,
    "SELECT {{[Measures].[Regnskab], [Measures].[Korrigeret budget], [Measures].[Nettodriftsudgift]}} ON 0, "
    "NON EMPTY [Kommune].[Kommune].[Kommune].Members * [Regnskabsår].[Regnskabsår].[Periode].Members ON 1 "
    "FROM [Økonomi Statistik] WHERE Except([Kontoplan].[Kontoplan].[Funktion].Members, "
    "{{[Kontoplan].[Kontoplan].[Funktion].&[{}]}})",
    """
    SELECT kommune, dato, sum(regnskab), sum(korrigeret_budget),
        sum(CASE WHEN dranst IN ('1', '2') AND funktion < '7' THEN regnskab END)
    FROM oko_saldo WHERE funktion <> $1 GROUP BY ALL ORDER BY ALL
    """,
    ((NATIONAL, "oko_saldo"),),
    tuple(code for code in codes.load(AREA, "funktion") if code < "7")[: PIVOTS + 1],
)


def run() -> dict[str, object]:
    """Milliseconds; the first pivot is that of a process that has just begun, with nothing loaded."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        state = served_state(place / "state") if "FLIS_BENCH_STATE" in os.environ else _made(place)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            first = pool.submit(_first, state).result()
        return {"first pivot after start, the store opened for it, ms": round(first * 1000)} | measured(state, ACCOUNTS)


def _first(state: Path) -> float:
    published = current(Settings(state=state).folders)
    assert published
    scope = operator_scope(published.number)
    own_catalogue()
    start = time.perf_counter()
    database = Databases().of_release(scope, published, own_catalogue())
    execute(scope, database, ACCOUNTS.mdx.format(ACCOUNTS.keys[0]))
    return time.perf_counter() - start


def _made(folder: Path) -> Path:
    state = folder / "state"
    state.mkdir()
    simulated_keys(Settings(state=state).folders, 1)
    files = simulate(AREA, folder / "files", MONTH, MONTH, scale=SCALE, seed=1)
    assert receive(state, files, ARRIVED, areas=folder) == 0
    assert run_month(state, ARRIVED, areas=folder) == 0
    return state
