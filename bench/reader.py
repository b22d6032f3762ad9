"""The CPR reader on one core: full-width lines, lines trimmed at the right, no line breaks; beside polars and DuckDB.

A file of made-up persons with the mix of record types of the official test file, read from the page cache. Every
method runs in a process of its own with one thread, so that memory peaks and thread settings are its own; the
processes take turns, round by round, so that other work on the machine meets all alike. Times are those of the
processor. A ratio is that of the medians.

The rivals cut the same fields of the same full-width lines as text, and do nothing else: they read the lines as one
column, and for each record type kept they filter its lines and take the plain `str.slice` (`substring` in DuckDB) of
each field. They leave blanks, parse no dates, hash nothing, check nothing and know no other form.

With `FLIS_BENCH_READER_MB=3000` one more file of that size, full-width lines, is read once: it shows that memory stays.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from flis.catalog import contracts
from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.hashes import PersonHashes
from flis.delivery.readers.cpr.layout import LATEST, RECORDS
from flis.delivery.readers.cpr.reading import read
from flis.delivery.readers.cpr.writer import Block, encode, end_record, start_record, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUNDS = 7
SIZE = 300_000_000
PART = 50_000_000
"""Bytes for DuckDB, which is slow at this."""
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
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as processes:
        if large := int(os.environ.get("FLIS_BENCH_READER_MB", "0")):
            results |= _large(Path(folder, "large"), large)
        flis = {}
        for shape in Shape:
            path = Path(folder, shape.value)
            _make(path, PhysicalForm(shape), SIZE)
            flis[shape] = processes.enter_context(_Method("flis", path))
        polars = processes.enter_context(_Method("polars", Path(folder, Shape.FULL)))
        for number in range(ROUNDS + 1):
            for method in (*flis.values(), polars):
                method.round(kept=number > 0)  # in the first one memory and caches are new
        duckdb = processes.enter_context(_Method("duckdb", _part(Path(folder, Shape.FULL))))
        duckdb.round()
    for shape, method in flis.items():
        results |= {f"{shape} {name}": value for name, value in _described(method).items()}
    results["full polars MB/s"], results["full duckdb MB/s"] = round(polars.speed), round(duckdb.speed)
    results["full, times polars"] = round(flis[Shape.FULL].speed / polars.speed, 2)
    results["unbroken, share of full"] = round(flis[Shape.UNBROKEN].speed / flis[Shape.FULL].speed, 2)
    return results


class _Method:
    """A process that reads a file once whenever it is asked to, and says what that took."""

    def __init__(self, name: str, path: Path) -> None:
        self.megabytes = path.stat().st_size / 1e6
        self._rounds: list[dict[str, float]] = []
        one_thread = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.reader", name, str(path)],
            env=os.environ | one_thread,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def round(self, *, kept: bool = True) -> None:
        """Read the file once."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(file=self._process.stdin, flush=True)
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        if kept:
            self._rounds.append(found)

    def median(self, name: str) -> float:
        """What was measured under a name."""
        return statistics.median(found[name] for found in self._rounds)

    @property
    def speed(self) -> float:
        """MB/s, without hashing."""
        return self.megabytes / self.median("reading")


def _described(method: _Method) -> dict[str, object]:
    hashing = method.median("hashing")
    return {
        "MB": round(method.megabytes),
        "MB/s": round(method.speed),
        "MB/s with hashing": round(method.megabytes / (method.median("reading") + hashing)),
        "hashing, s": round(hashing, 2),
        "peak memory, MB": round(method.median("peak")),
    }


def _large(path: Path, size: int) -> dict[str, object]:
    _make(path, PhysicalForm(Shape.FULL), size * 1_000_000)
    with _Method("flis", path) as method:
        method.round()
    path.unlink()
    return {f"{size} MB, {name}": value for name, value in _described(method).items()}


def _part(path: Path) -> Path:
    part = path.with_name("part")
    with path.open("rb") as lines:
        part.write_bytes(b"".join(lines.readlines(PART)))
    return part


def _make(path: Path, form: PhysicalForm, size: int) -> None:
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


def _flis(path: Path) -> Callable[[], float]:
    keep = contracts.load("borger").kept
    resolve = PersonHashes.resolve
    hashing = 0.0

    def timed(self: PersonHashes) -> None:
        nonlocal hashing
        begin = time.process_time()
        resolve(self)
        hashing += time.process_time() - begin

    PersonHashes.resolve = timed  # type: ignore[method-assign]

    def once() -> float:
        nonlocal hashing
        hashing = 0
        for _ in read(_chunks(path), keep, KEY).batches():
            pass
        return hashing

    return once


def _peak() -> int:
    """The most memory that this process had, in MB (a counter of the kernel that starts anew with the program)."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1000


def _polars(path: Path) -> Callable[[], float]:
    import polars as pl

    def once() -> float:
        lines = pl.read_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
        line = pl.col("line")
        for code, cut in _cuts().items():
            fields = [line.str.slice(start, length).alias(name) for name, start, length in cut]
            lines.filter(line.str.starts_with(code)).select(fields)
        return 0

    return once


def _duckdb(path: Path) -> Callable[[], float]:
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    options = "header=false, delim='\x01', quote='', columns={'line': 'VARCHAR'}"

    def once() -> float:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE lines AS FROM read_csv('{path}', {options})")
        for code, cut in _cuts().items():
            fields = ", ".join(f"substring(line, {start + 1}, {length}) AS {name}" for name, start, length in cut)
            connection.sql(f"SELECT {fields} FROM lines WHERE line[1:3] = '{code}'").to_arrow_table()
        return 0

    return once


def _plain(fields: Sequence[str]) -> list[str]:
    return [name for name in fields if not name.endswith(LATEST)]


def _cuts() -> dict[str, list[tuple[str, int, int]]]:
    kept = contracts.load("borger").kept
    return {
        code: [(f.column, f.offset, f.length) for f in map(RECORDS[code].field, _plain(fields))]
        for code, fields in kept.items()
    }


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _serve(method: Callable[[Path], Callable[[], float]], path: Path) -> None:
    """Read once for each line that comes, and print the seconds of reading and hashing, and the peak memory."""
    once = method(path)
    for _ in sys.stdin:
        begin = time.process_time()
        hashing = once()
        spent = time.process_time() - begin
        print(json.dumps({"reading": spent - hashing, "hashing": hashing, "peak": _peak()}), flush=True)


METHODS = {"flis": _flis, "polars": _polars, "duckdb": _duckdb}

if __name__ == "__main__":
    _serve(METHODS[sys.argv[1]], Path(sys.argv[2]))
