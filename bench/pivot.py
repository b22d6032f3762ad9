"""Pivots on 1 and 20 million fact rows against the bare SQL for the same cells, and many connections.

Every pivot is asked with another slicer, so that no segment held in memory answers it: thirty with two groups, which
are never held, and three with one group each (after three, the server loads all groups at once). The SQL runs in a
process of its own over the same Parquet, loaded into memory, on as many threads as the server has.
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
from itertools import count
from pathlib import Path

from bench._sales import make, serve
from bench._server import Connection, free_port, milliseconds, peak_memory, percentile, started

SIZES = (1_000_000, 20_000_000)
CONNECTIONS = 16
SECONDS = 5  # that they ask for
MDX = (
    "SELECT {{[Measures].[Units], [Measures].[Amount], [Measures].[Rows]}} ON 0, "
    "NON EMPTY [Store].[Store].[Region].Members * [Day].[Day].[Month].Members ON 1 "
    "FROM [Sales] WHERE {}"
)
SQL = (
    "SELECT s.region, d.month, sum(f.units), sum(f.amount), count(f.units) FROM sales f JOIN store s USING (store_id) "
    "JOIN day d USING (day_id) JOIN product p USING (product_id) WHERE p.group_id IN ($1, $2) GROUP BY ALL ORDER BY ALL"
)
ONE = [(n, n) for n in (0, 11, 22)]
TWO = [(n, (n * 7 + 3) % 40) for n in range(30) if n != (n * 7 + 3) % 40]
BARE = """
import duckdb, json, sys, time
data, sql = sys.argv[1:3]
connection = duckdb.connect()
connection.execute("SET threads = 2")
for table in ("store", "product", "day", "sales"):
    connection.execute(f"CREATE TABLE {table} AS FROM '{data}/{table}.parquet'")
connection.execute(sql, [0, 1]).to_arrow_table()
out = []
for pairs in map(json.loads, sys.argv[3:]):
    out.append([])
    for pair in pairs:
        start = time.perf_counter()
        connection.execute(sql, pair).to_arrow_table()
        out[-1].append(time.perf_counter() - start)
print(json.dumps(out))
"""


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


def _asked(*groups: int) -> str:
    """The pivot of some groups."""
    members = ", ".join(f"[Product].[Product].[Group].&[{n}]" for n in groups)
    return MDX.format(f"{{{members}}}" if len(groups) > 1 else members)


def _pivots(folder: Path) -> dict[str, object]:
    bare = json.loads(
        subprocess.run(
            [sys.executable, "-c", BARE, str(folder / "data"), SQL, json.dumps(TWO), json.dumps(ONE)],
            capture_output=True, check=True, text=True,
        ).stdout
    )  # fmt: skip
    port = free_port()
    result: dict[str, object] = {}
    began = time.monotonic()
    with started(serve(folder, port), port) as pid:
        connection = Connection(port, "Bench")
        connection.ask("SELECT FROM [Sales]")
        result["from start to first answer s"] = round(time.monotonic() - began, 1)
        # the few come last: what a server does for the first time only is no part of a warm store
        for what, pairs, theirs in (("two groups", TWO, bare[0]), ("one group", ONE, bare[1])):
            ours = [connection.ask(_asked(*sorted({*pair})))[0] for pair in pairs]
            median = statistics.median(theirs)
            result[f"pivot of {what}, no segment held, median ms"] = milliseconds(statistics.median(ours))
            result[f"bare SQL of {what}, median ms"] = milliseconds(median)
            result[f"allowed for {what}: 1.5 x SQL + 3 ms"] = milliseconds(median * 1.5 + 0.003)
        result["MB of server memory at most"] = round(peak_memory(pid) / 1e6)
    return result


def _throughput(folder: Path) -> dict[str, object]:
    result: dict[str, object] = {}
    rates = []
    for what, workers, pinned in (("one core", "1", True), ("two cores, two workers", "2", False)):
        port = free_port()
        command = serve(folder, port, "--workers", workers)
        with started(["taskset", "-c", "0", *command] if pinned else command, port, workers=int(workers)):
            times: list[float] = []
            ready = threading.Barrier(CONNECTIONS + 1, timeout=120)
            threads = [threading.Thread(target=_ask, args=(port, n, times, ready)) for n in range(CONNECTIONS)]
            for thread in threads:
                thread.start()
            ready.wait()
            for thread in threads:
                thread.join()
            rates.append(len(times) / SECONDS)
            result[f"16 connections, {what}: requests per second"] = round(rates[-1], 1)
            result[f"16 connections, {what}: p95 ms"] = milliseconds(percentile(times, 0.95))
    result["16 connections: two cores to one"] = round(rates[1] / rates[0], 2)
    result["cores"] = os.cpu_count()
    return result


def _ask(port: int, seed: int, times: list[float], ready: threading.Barrier) -> None:
    connection = Connection(port, "Bench")
    for n in range(5):
        connection.ask(_asked((seed * 7 + n) % 40))
    ready.wait()
    end = time.monotonic() + SECONDS
    for n in count():
        took, _ = connection.ask(_asked((seed * 7 + n) % 40))
        if time.monotonic() > end:
            return
        times.append(took)
