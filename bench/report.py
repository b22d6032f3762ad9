"""The Ukraine report through HTTP: first drawing, once drawn, held in memory.

The served state is `FLIS_BENCH_STATE`, a folder with a release; without it a made-up one of 2,200 persons and eleven
weeks, which is lighter than the real thing. Areas, days and days of being known are drawn from a fixed seed.
"""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bench._state import served_state
from flis.catalog.reference import municipalities
from flis.config import Settings
from flis.serve.web.ukraine.newest_charts import draw_newest_charts
from tests.serve.web.served import serving

if TYPE_CHECKING:
    from collections.abc import Iterable


PAGES = 60


def run() -> dict[str, object]:
    """Milliseconds, medians and 95th percentiles, of 60 pages of different areas and days."""
    with tempfile.TemporaryDirectory() as folder:
        state = served_state(Path(folder) / "state")
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
    return {
        "pages": PAGES,
        "first drawing, median ms (figure: under 700)": statistics.median(first),
        "first drawing, p95 ms": _p95(first),
        "once drawn, median ms (figure: under 50)": statistics.median(again),
        "once drawn, p95 ms": _p95(again),
        "held in memory, median ms": statistics.median(held),
        "page, bytes, plain and compressed": size,
        "drawing the newest day of all areas, s and charts": drawn,
    }


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
