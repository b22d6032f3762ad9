"""Pivots on 1 and 20 million fact rows against the bare SQL for the same cells, and many connections.

Every pivot is asked with another slicer, so that no segment held in memory answers it; the SQL runs in a process of its
own over the same Parquet, loaded into memory, on as many threads as the server has.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench._sales import make, serve
from bench._server import Connection, free_port, milliseconds, percentile, started

SIZES = (1_000_000, 20_000_000)
MDX = (
    "SELECT {{[Measures].[Units], [Measures].[Amount], [Measures].[Rows]}} ON 0, "
    "NON EMPTY [Store].[Store].[Region].Members * [Day].[Day].[Month].Members ON 1 "
    "FROM [Sales] WHERE [Product].[Product].[Group].&[{}]"
)
SQL = (
    "SELECT s.region, d.month, sum(f.units), sum(f.amount), count(f.units) FROM sales f JOIN store s USING (store_id) "
    "JOIN day d USING (day_id) JOIN product p USING (product_id) WHERE p.group_id = $1 GROUP BY ALL ORDER BY ALL"
)


def run() -> dict[str, object]:
    """Milliseconds, medians; ratios to the bare SQL; seconds and bytes of the large answer; requests per second."""
    result: dict[str, object] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), size)
            result |= {f"{size:,} rows: {k}": v for k, v in _pivots(Path(folder)).items()}
            if size == SIZES[0]:
                result |= _throughput(Path(folder))
    return result


def _pivots(folder: Path) -> dict[str, object]:
    code = (
        "import duckdb, json, sys, time\n"
        "c = duckdb.connect(); c.execute('SET threads = 2')\n"
        "for t in ('store', 'product', 'day', 'sales'):\n"
        f"    c.execute(f\"CREATE TABLE {{t}} AS FROM '{folder}/data/{{t}}.parquet'\")\n"
        "times = []\n"
        "for n in [0, 1, *range(40)]:\n"
        "    s = time.perf_counter()\n"
        f"    c.execute({SQL!r}, [n]).to_arrow_table()\n"
        "    times.append(time.perf_counter() - s)\n"
        "print(json.dumps(times[2:]))\n"
    )
    bare = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
    port = free_port()
    with started(serve(folder, port), port):
        connection = Connection(port, "Bench")
        first = connection.ask(MDX.format(0))[0]
        ours = [connection.ask(MDX.format(n))[0] for n in range(1, 40)]
    ours_median, bare_median = statistics.median(ours), statistics.median(bare)
    return {
        "pivot, first (loads the facts) ms": milliseconds(first),
        "pivot, no segment held, median ms": milliseconds(ours_median),
        "bare SQL, median ms": milliseconds(bare_median),
        "allowed: 1.5 x SQL + 3 ms": milliseconds(bare_median * 1.5 + 0.003),
    }


def _throughput(folder: Path) -> dict[str, object]:
    result: dict[str, object] = {}
    rates = []
    for what, workers, pinned in (("one core", "1", True), ("two cores, two workers", "2", False)):
        port = free_port()
        command = serve(folder, port, "--workers", workers)
        with started(["taskset", "-c", "0", *command] if pinned else command, port):
            times: list[float] = []
            threads = [threading.Thread(target=_ask, args=(port, n, times)) for n in range(16)]
            Connection(port, "Bench").ask(MDX.format(0))
            start = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            rates.append(len(times) / (time.monotonic() - start))
            result[f"16 connections, {what}: requests per second"] = round(rates[-1], 1)
            result[f"16 connections, {what}: p95 ms"] = milliseconds(percentile(times, 0.95))
    result["16 connections: two cores to one"] = round(rates[1] / rates[0], 2)
    result["cores"] = os.cpu_count()
    return result


def _ask(port: int, seed: int, times: list[float]) -> None:
    connection = Connection(port, "Bench")
    for n in range(40):
        times.append(connection.ask(MDX.format((seed * 7 + n) % 40))[0])
