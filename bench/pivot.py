"""Pivots on 1 and 20 million fact rows against the bare SQL for the same cells, large answers, many connections.

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

import duckdb
import psutil

from bench._server import Connection, flis_command, free_port, milliseconds, percentile, started

PRODUCTS, STORES, DAYS = 1000, 500, 730
SIZES = (1_000_000, 20_000_000)
CATALOGUE = {
    "catalogue.yaml": "catalogue: Bench\ncubes: [sales]\n",
    "dimensions/store.yaml": """dimension: Store
table: store
key: store_id
hierarchies:
  - name: Store
    levels:
      - {name: Region, key: region, key_type: integer}
      - {name: Store, key: store_id, key_type: integer}
""",
    "dimensions/product.yaml": """dimension: Product
table: product
key: product_id
hierarchies:
  - name: Product
    levels:
      - {name: Group, key: group_id, key_type: integer}
      - {name: Product, key: product_id, key_type: integer}
""",
    "dimensions/day.yaml": """dimension: Day
table: day
key: day_id
time: true
hierarchies:
  - name: Day
    levels:
      - {name: Month, key: month, key_type: integer, type: months}
      - {name: Day, key: day_id, key_type: integer, type: days}
""",
    "cubes/sales.yaml": """cube: Sales
dimensions: [Store, Product, Day]
measure_groups:
  - name: Sales
    table: sales
    links: {Store: store_id, Product: product_id, Day: day_id}
    measures:
      - {name: Units, aggregate: sum, column: units, type: integer, format: "#,##0"}
      - {name: Amount, aggregate: sum, column: amount, format: "#,##0.00"}
      - {name: Rows, aggregate: count, column: units, type: integer, format: "#,##0"}
""",
}
MDX = (
    "SELECT {{[Measures].[Units], [Measures].[Amount], [Measures].[Rows]}} ON 0, "
    "NON EMPTY [Store].[Store].[Region].Members * [Day].[Day].[Month].Members ON 1 "
    "FROM [Sales] WHERE [Product].[Product].[Group].&[{}]"
)
SQL = (
    "SELECT s.region, d.month, sum(f.units), sum(f.amount), count(f.units) FROM sales f JOIN store s USING (store_id) "
    "JOIN day d USING (day_id) JOIN product p USING (product_id) WHERE p.group_id = $1 GROUP BY ALL ORDER BY ALL"
)
LARGE = {
    "500,000 cells, 500 x 1,000": "SELECT [Store].[Store].[Store].Members ON 0, "
    "[Product].[Product].[Product].Members ON 1 FROM [Sales] WHERE [Measures].[Units]",
    "500,000 cells, one column": "SELECT {[Measures].[Units]} ON 0, "
    "[Store].[Store].[Store].Members * [Product].[Product].[Product].Members ON 1 FROM [Sales]",
}


def run() -> dict[str, object]:
    """Milliseconds, medians; ratios to the bare SQL; seconds and bytes of the large answer; requests per second."""
    result: dict[str, object] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            _make(Path(folder), size)
            result |= {f"{size:,} rows: {k}": v for k, v in _pivots(Path(folder)).items()}
            if size == SIZES[0]:
                result |= _large(Path(folder))
                result |= _throughput(Path(folder))
    return result


def _make(folder: Path, rows: int) -> None:
    for name, text in CATALOGUE.items():
        file = folder / "catalog" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    data = folder / "data"
    data.mkdir()
    tables = {
        "store": f"SELECT i AS store_id, i // 20 AS region FROM range({STORES}) t(i)",
        "product": f"SELECT i AS product_id, i % 40 AS group_id FROM range({PRODUCTS}) t(i)",
        "day": f"SELECT i AS day_id, i // 30 AS month FROM range({DAYS}) t(i)",
        "sales": f"SELECT CAST(hash(i) % {STORES} AS INTEGER) AS store_id, "
        f"CAST(hash(i + 1) % {PRODUCTS} AS INTEGER) AS product_id, "
        f"CAST(i * {DAYS} // {rows} AS INTEGER) AS day_id, CAST(hash(i + 2) % 9 AS INTEGER) AS units, "
        f"CAST(hash(i + 3) % 10000 AS DOUBLE) / 100 AS amount FROM range({rows}) t(i)",
    }
    with duckdb.connect() as connection:
        for name, query in tables.items():
            connection.execute(f"COPY ({query}) TO '{data / name}.parquet'")


def _serve(folder: Path, port: int, *more: str) -> list[str]:
    return flis_command("--catalog", str(folder / "catalog"), "--data", str(folder / "data"), *more, port=port)


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
    with started(_serve(folder, port), port):
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


def _large(folder: Path) -> dict[str, object]:
    result: dict[str, object] = {}
    for what, mdx in LARGE.items():
        port = free_port()
        with started(_serve(folder, port), port) as pid:
            connection = Connection(port, "Bench")
            connection.ask(MDX.format(0))
            peak = _Peak(pid)
            seconds, answer = connection.ask(mdx)
            result[f"{what}: seconds"] = round(seconds, 2)
            result[f"{what}: MB of answer"] = round(len(answer) / 1e6, 1)
            result[f"{what}: MB of server memory at most"] = round(peak.stop() / 1e6)
    return result


class _Peak:
    """The most memory that a process and its children held while it was watched."""

    def __init__(self, pid: int) -> None:
        self.bytes, self.over = 0, threading.Event()
        self.process = psutil.Process(pid)
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not self.over.wait(0.01):
            family = [self.process, *self.process.children(recursive=True)]
            self.bytes = max(self.bytes, sum(p.memory_info().rss for p in family))

    def stop(self) -> int:
        """Bytes at most."""
        self.over.set()
        self.thread.join()
        return self.bytes


def _throughput(folder: Path) -> dict[str, object]:
    result: dict[str, object] = {}
    rates = []
    for what, workers, pinned in (("one core", "1", True), ("two cores, two workers", "2", False)):
        port = free_port()
        command = _serve(folder, port, "--workers", workers)
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
