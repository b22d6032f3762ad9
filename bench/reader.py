"""The CPR reader on one core: full-width lines, lines trimmed at the right, no line breaks; beside polars and DuckDB.

A file of made-up persons with the mix of record types of the official test file, read from the page cache. Every
method runs in a process of its own with one thread, so that memory peaks and thread settings are its own. The rivals
cut the same fields as text; they neither find line breaks in all forms, nor parse dates, hash or check.
`FLIS_BENCH_READER_MB` is the file's size (default 300; 3000 shows that memory stays).
Times are those of the processor, so that other work on the machine disturbs little.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.catalog import contracts
from flis.delivery.readers.cpr.defects import Defects
from flis.delivery.readers.cpr.form import Form, Shape
from flis.delivery.readers.cpr.frames import Frames
from flis.delivery.readers.cpr.hashes import PersonHashes
from flis.delivery.readers.cpr.layout import RECORDS
from flis.delivery.readers.cpr.reading import read
from flis.delivery.readers.cpr.write import Block, encode, end_record, start_record, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 5
SHARES = {
    "001": 1, "002": 0.86, "003": 1, "004": 0.49, "005": 0.04, "008": 1, "009": 1, "010": 1, "011": 1, "012": 1,
    "013": 0.05, "014": 0.36, "015": 1, "022": 0.09, "023": 0.95, "024": 0.26, "025": 0.09, "026": 0.46, "027": 0.05,
    "029": 0.31, "030": 0.05, "099": 1.45,
}  # fmt: skip
"""Records per person in the official test file."""
PERSONS = 20_000
KEY = bytes(32)
CHUNK = 1 << 20


def run() -> dict[str, object]:
    """Measure all methods on one file per form; MB/s are of the file's own bytes, medians of some rounds."""
    size = int(os.environ.get("FLIS_BENCH_READER_MB", "300")) * 1_000_000
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder, "full")
        for shape in (Shape.FULL, Shape.TRIMMED, Shape.UNBROKEN):
            path = Path(folder, shape.value)
            _make(path, Form(shape), size)
            found = _measure("flis", path)
            for name, value in found.items():
                results[f"{shape.value} {name}"] = value
            if path != full:
                path.unlink()
        small = Path(folder, "small")
        with full.open("rb") as lines:
            small.write_bytes(b"".join(lines.readlines(50_000_000)))
        for rival in ("polars", "duckdb"):
            results[f"full {rival} MB/s"] = _measure(rival, small)["MB/s"]
    ours = float(str(results["full MB/s"]))
    results["full, times polars"] = round(ours / float(str(results["full polars MB/s"])), 1)
    results["unbroken, share of full"] = round(float(str(results["unbroken MB/s"])) / ours, 2)
    return results


def _measure(method: str, path: Path) -> dict[str, Any]:
    one_thread = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "bench.reader", method, str(path)]
    done = subprocess.run(command, env=os.environ | one_thread, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _make(path: Path, form: Form, size: int) -> None:
    """A file of about `size` bytes at full width (the same persons in every form)."""
    random = np.random.default_rng(1)
    count = written = first = 0
    with path.open("wb") as file:
        file.write(write([start_record("110901", date(2022, 3, 1), None)], form))
        while written < size:
            blocks = list(_persons(random, first))
            rows = sum(len(block.rows) for block in blocks)
            written += sum(block.rows.size for block in blocks) + rows
            count += rows
            first += PERSONS
            file.write(write(blocks, form))
        file.write(write([end_record(count)], form))


def _persons(random: np.random.Generator, first: int) -> Iterator[Block]:
    numbers = 101_500_000 + (first + np.arange(PERSONS)) * 97
    for code, share in SHARES.items():
        whole = np.repeat(np.arange(PERSONS), int(share))
        more = np.flatnonzero(random.random(PERSONS) < share % 1)
        order = np.sort(np.concatenate([whole, more]))
        yield Block(code, encode(code, dict(_columns(random, code, numbers[order]))), order)


def _columns(random: np.random.Generator, code: str, own: np.ndarray[Any, Any]) -> Iterator[tuple[str, Any]]:
    count = len(own)
    yield RECORDS[code].fields[1].name, own
    for field in RECORDS[code].fields[2:]:
        if field.is_person_number:
            yield field.name, np.char.zfill(random.integers(101_500_000, 3_112_999_999, count).astype("S10"), 10)
        elif field.is_date:
            days = np.datetime64("1930-01-01") + random.integers(0, 30_000, count)
            yield field.name, np.where(random.random(count) < 0.8, days, np.datetime64("NaT"))
        elif field.kind == "N":
            yield field.name, random.integers(0, 10 ** min(field.length, 4), count)
        elif field.length == 1:
            yield field.name, np.where(random.random(count) < 0.1, b"*", b" ")
        else:
            names = np.array([b"Jensen", b"Anne Marie", b"", b"Skovvej 12, st.", b"Nielsen-Holm"])
            yield field.name, random.choice(names, count).astype(f"S{field.length}")


def _flis(path: Path) -> dict[str, Any]:
    hashing: list[float] = []
    resolve = PersonHashes.resolve

    def timed(self: PersonHashes) -> None:
        begin = time.process_time()
        resolve(self)
        hashing[-1] += time.process_time() - begin

    PersonHashes.resolve = timed  # type: ignore[method-assign]
    keep = contracts.load("borger").kept

    def once() -> int:
        hashing.append(0)
        return sum(batch.num_rows for _, batch in read(_chunks(path), keep, KEY).batches())

    whole = _time(once)
    framing = _time(lambda: sum(len(window) for window in Frames(_chunks(path), Defects())))
    size = path.stat().st_size / 1e6
    hashed = statistics.median(hashing)
    return {
        "MB": round(size),
        "MB/s": round(size / (whole - hashed)),
        "MB/s with hashing": round(size / whole),
        "hashing, s": round(hashed, 2),
        "MB/s, finding records only": round(size / framing),
        "peak memory, MB": _peak(),
        "fields kept": sum(len(fields) - 1 for fields in keep.values()),
    }


def _peak() -> int:
    """The most memory that this process had, in MB (a counter of the kernel that starts anew with the program)."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1000


def _polars(path: Path) -> dict[str, Any]:
    import polars as pl

    def once() -> int:
        lines = pl.read_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
        line = pl.col("line")
        return sum(
            lines.filter(line.str.starts_with(code))
            .select([line.str.slice(start, length).str.strip_chars_end(" ").alias(name) for name, start, length in cut])
            .height
            for code, cut in _cuts().items()
        )

    return {"MB/s": round(path.stat().st_size / 1e6 / _time(once))}


def _duckdb(path: Path) -> dict[str, Any]:
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    options = "header=false, delim='\x01', quote='', columns={'line': 'VARCHAR'}"

    def once() -> int:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE lines AS FROM read_csv('{path}', {options})")
        rows = 0
        for code, cut in _cuts().items():
            fields = ", ".join(
                f"rtrim(substring(line, {start + 1}, {length})) AS {name}" for name, start, length in cut
            )
            query = f"SELECT {fields} FROM lines WHERE line[1:3] = '{code}'"
            rows += int(connection.sql(query).to_arrow_table().num_rows)
        return rows

    return {"MB/s": round(path.stat().st_size / 1e6 / _time(once, rounds=1))}


def _cuts() -> dict[str, list[tuple[str, int, int]]]:
    kept = contracts.load("borger").kept
    return {
        code: [(f.column, f.offset, f.length) for f in map(RECORDS[code].field, fields)]
        for code, fields in kept.items()
    }


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _time(once: Callable[[], int], rounds: int = ROUNDS) -> float:
    once()  # not measured: memory and caches are new
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        once()
        times.append(time.process_time() - begin)
    return statistics.median(times)


METHODS = {"flis": _flis, "polars": _polars, "duckdb": _duckdb}

if __name__ == "__main__":
    print(json.dumps(METHODS[sys.argv[1]](Path(sys.argv[2]))))
