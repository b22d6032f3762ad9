"""The Ukraine report through HTTP (first drawing, once drawn, held in memory), and the pivot of its cube beside SQL.

The served state is `FLIS_BENCH_STATE`, a folder with a release; without it a made-up one of 2,200 persons and eleven
weeks, which is lighter than the real thing. Areas, days and days of being known are drawn from a fixed seed.
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import httpx

from bench._server import Connection, milliseconds
from flis.access import Grant, Principals
from flis.catalog.reference import municipalities
from flis.config import Settings
from flis.release import NATIONAL, current
from flis.serve.web.ukraine.newest_charts import draw_newest_charts
from tests.release.sample import build_sample
from tests.serve.web.served import serving

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.config import State

PAGES = 60
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
    """Milliseconds, medians and 95th percentiles, of 60 pages of different areas and days."""
    with tempfile.TemporaryDirectory() as folder:
        state = _state(Path(folder) / "state")
        drawn = _drawing(state)
        shutil.rmtree(state / "cache", ignore_errors=True)
        with serving(state) as address, httpx.Client(base_url=address, timeout=60) as client:
            covered = client.get("/ukraine.json").json()["daekker"]
            pages = _pages(date.fromisoformat(covered["fra"]), date.fromisoformat(covered["til"]))
            time.sleep(2)  # the drawing library starts beside
            first = _times(client, pages)
            pages = [f"{page}&t=1" for page in pages]  # an unknown name: worked out anew, the charts drawn
            again = _times(client, pages)
            held = _times(client, pages[-40:])
            size = len(client.get(pages[0]).content), int(client.get(pages[0]).headers["content-length"])
            cube = _cube(state, int(address.rpartition(":")[2]))
    return {
        "pages": PAGES,
        "first drawing, median ms (figure: under 700)": statistics.median(first),
        "first drawing, p95 ms": _p95(first),
        "once drawn, median ms (figure: under 50)": statistics.median(again),
        "once drawn, p95 ms": _p95(again),
        "held in memory, median ms": statistics.median(held),
        "page, bytes, plain and compressed": size,
        "drawing the newest day of all areas, s and charts": drawn,
        **cube,
    }


def _cube(state: Path, port: int) -> dict[str, object]:
    """The pivot by municipality and month: each time without another age, so that no segment answers it; then again."""
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
        "cube, first pivot (signs in, loads the facts) ms": milliseconds(first),
        "cube, Kommune x Måned, 3 measures, median ms (figure: under 30)": milliseconds(ours),
        "cube, the same again, median ms": milliseconds(statistics.median(again)),
        "bare SQL over the same store, median ms": milliseconds(bare),
        "cube to bare SQL": round(ours / bare, 2),
    }


def _bare(folders: State) -> list[float]:
    """Seconds of the same questions in SQL over the national store, loaded into memory."""
    release = current(folders)
    assert release
    with duckdb.connect() as connection:
        for table in ("stock", "flow", "dato"):
            files = [str(path) for path in release.area("ukraine").store(NATIONAL).tables[table]]
            connection.execute(f"CREATE TABLE {table} AS FROM read_parquet({files})")
        found = []
        for age in [*range(2), *range(PIVOTS)]:
            start = time.perf_counter()
            connection.sql(SQL, params=[age]).to_arrow_table()
            found.append(time.perf_counter() - start)
    return found[2:]


def _state(path: Path) -> Path:
    given = os.environ.get("FLIS_BENCH_STATE")
    if not given:
        return build_sample(path, releases=1).root
    shutil.copytree(given, path, symlinks=True, ignore=shutil.ignore_patterns("cache", "deliveries", "warehouse"))
    return path


def _drawing(state: Path) -> tuple[float, int]:
    start = time.perf_counter()
    count = draw_newest_charts(Settings(state=state))
    return round(time.perf_counter() - start, 1), count


def _pages(first: date, last: date) -> list[str]:
    chance = random.Random(20220224)
    found = []
    for _ in range(PAGES):
        area, other = chance.sample([m.code for m in municipalities()], 2)
        day = first + timedelta(days=chance.randrange((last - first).days + 1))
        known = day + timedelta(days=chance.randrange(3, 30))
        language = chance.choice(["", "/en", "/uk"])
        found.append(f"{language}/ukraine?kommune={area}&dato={day}&kendt={known}&sammenlign={other}")
    return found


def _times(client: httpx.Client, pages: Iterable[str]) -> list[float]:
    found = []
    for page in pages:
        start = time.perf_counter()
        answer = client.get(page)
        found.append(round((time.perf_counter() - start) * 1000, 1))
        if answer.status_code != 200:
            raise RuntimeError(f"{page}: {answer.status_code}")
    return found


def _p95(times: list[float]) -> float:
    return round(statistics.quantiles(times, n=20)[-1], 1)
