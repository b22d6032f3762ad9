"""Opening a store of twenty million rows with the check of its files' hashes, beside opening it without.

A store is open when its facts and dimensions are loaded. Each opening has a process of its own, as a process checks a
file once. The files are in the cache of the system.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import duckdb

from flis.access import operator_scope
from flis.catalog.cubes import own_catalogue
from flis.catalog.reference import municipalities
from flis.config import State
from flis.query.database import Databases
from flis.release import NATIONAL, current
from flis.release.damage import prove
from flis.release.files import Files
from flis.warehouse.periods import days_of
from tests.release.sample import FIRST, LAST, build_sample, publish_tree, star, tree

__all__ = ["run"]

AREA = "ukraine"
ROUNDS = 4
FIGURE = 1.3
STOCK = """
SELECT dato, kommune, alder, koen, civilstand, '5704' AS statsborgerskab, '5704' AS indrejseland,
    hash(dato, kommune, alder, koen, civilstand, half) % 50 + 1 AS antal,
    hash(half, civilstand, koen, alder, kommune, dato) % 5 AS foedt_i_danmark
FROM (SELECT unnest($codes) AS kommune), (SELECT unnest(range($first, $after, INTERVAL 1 DAY)) AS dato),
    range(96) AS ages(alder), (SELECT unnest(['K', 'M']) AS koen),
    (SELECT unnest(['E', 'F', 'G', 'L', 'O', 'P', 'U']) AS civilstand), range(2) AS halves(half)
ORDER BY kommune, dato, alder, koen, civilstand, half
"""


def run() -> dict[str, object]:
    """Seconds, the least of four rounds in turn, and the median ratio of pairs."""
    with tempfile.TemporaryDirectory() as folder:
        state = State(Path(folder) / "state", Path(folder) / "state" / "keys")
        rows, size = _fill(state)
        for check in (True, False):
            _afresh(state, check=check)
        pairs = [(_afresh(state, check=False), _afresh(state, check=True)) for _ in range(ROUNDS)]
    told: dict[str, object] = {"rows": rows, "MB": round(size / 1e6)}
    for place, name in enumerate(("s", "processor s")):
        without, checked = (min(pair[n][place] for pair in pairs) for n in (0, 1))
        told[f"without the check ({name})"] = round(without, 3)
        told[f"with the check ({name})"] = round(checked, 3)
        ratio = statistics.median(b[place] / a[place] for a, b in pairs)
        told[f"ratio ({name}; figure: {FIGURE})"] = round(ratio, 3)
    return told


def _fill(state: State) -> tuple[int, int]:
    """A release whose national store holds the stock of every cell of every day; its rows and bytes."""
    build_sample(state.root, releases=1)
    sample = current(state)
    assert sample
    stores = {name: {t: dict(parts) for t, parts in of.items()} for name, of in sample.area(AREA).tree.stores.items()}
    files = Files(state.releases / "stores", AREA)
    shape = star("stock")
    with duckdb.connect() as connection:
        codes = [m.code for m in municipalities()]
        for part in stores[NATIONAL]["stock"]:
            first, after = days_of(part)
            days = {"first": max(first, FIRST), "after": min(after, LAST + timedelta(1))}
            made = connection.sql(STOCK, params={"codes": codes, **days}).to_arrow_table()
            stores[NATIONAL]["stock"][part] = files.put(NATIONAL, "stock", made.select(shape.names).cast(shape))
    publish_tree(state, 2, tree(stores, FIRST, LAST), datetime(2022, 8, 18, tzinfo=UTC))
    entries = [entry for parts in stores[NATIONAL].values() for entry in parts.values()]
    found = current(state)
    assert found
    paths = [file for table in stores[NATIONAL] for file in found.area(AREA).files(NATIONAL, table)]
    return sum(entry.rows for entry in entries), sum(path.stat().st_size for path in paths)


def _afresh(state: State, *, check: bool) -> tuple[float, float]:
    """Seconds and processor seconds of an opening in a process that has just begun."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_opened, state, check).result()


def _opened(state: State, check: bool) -> tuple[float, float]:
    catalogue = own_catalogue()
    with patch("flis.release.reader.prove") as unchecked:
        if check:
            unchecked.side_effect = prove
        began, cpu = time.perf_counter(), time.process_time()
        published = current(state)
        assert published
        database = Databases().of_release(operator_scope(published.number), published, catalogue)
        database.warm()
        return time.perf_counter() - began, time.process_time() - cpu
