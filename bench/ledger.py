"""The monthly delivery of a ledger: 2.5 million rows in 98 files taken in, judged and kept, beside DuckDB's COPY.

A made-up area: each municipality sends every month what stands on its accounts in all months of two years. In the next
month's files 97 % of the rows are as they were: that month comes to it, and the one before is corrected. The files are
measured in turn with a COPY of the same bytes, without their control lines, into a table of a file; and with one of the
same text as UTF-8, which DuckDB reads faster. Only the ratios count; seconds of the processor stand beside those of the
clock. In the end the rows that are known now have to be those that were copied.

`FLIS_BENCH_LEDGER_SHARE=0.1` takes a tenth of the files, `FLIS_BENCH_LEDGER_ROUNDS=3` measures in so many new
installations; the figures are then medians.
"""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from flis import validation, warehouse
from flis.catalog.area_paths import look_in
from flis.catalog.reference import municipalities
from flis.config import State
from flis.delivery import DeliveryState, deliveries, intake
from flis.delivery.keys import simulated_keys
from flis.delivery.readers import rows
from flis.delivery.reading import Tables
from flis.errors import FlisError
from flis.warehouse.keeping import parted_tables
from flis.warehouse.parts import known_now
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["run"]

SHARE = float(os.environ.get("FLIS_BENCH_LEDGER_SHARE", "1"))
ROUNDS = int(os.environ.get("FLIS_BENCH_LEDGER_ROUNDS", "1"))
AREA = "finans"
ROWS = 25_500
"""Of a file."""
MONTHS = np.arange("2024-01", "2026-01", dtype="datetime64[M]")
LAST = {"first": len(MONTHS) - 1, "next": len(MONTHS)}
"""How many months a delivery tells of."""
NEW, CORRECTED = 0.02, 0.01
"""The shares of rows that the next delivery has more, and that it corrects: 97 % stay."""
ARTS = ("1", "2", "3", "4", "5", "7", "8", "9")
TEXTS = ("", "Løn", "Børnehave Åkandevej", "Regning nr. 17", "Tilskud", "Refusion; 2. rate")
AMOUNT: dict[str, Any] = {"physicalType": "DECIMAL(18,2)", "required": True}
QUALITY = {
    "konto-16": ("regexp_full_match(konto, '[0-9]{16}')", "hold"),
    "beloeb-rimeligt": ("abs(regnskab) < 10000000000", "warn"),
    "aar-af-maaned": ("regnskabsaar = year(periode)", "hold"),
    "art-fortegn": ("art <> '7' OR regnskab <= 0 OR tekst <> ''", "warn"),
}
STEP = """\
-- What stands on the accounts of a municipality in a month.
-- in saldo: kommune VARCHAR, regnskabsaar BIGINT, periode DATE, konto VARCHAR, art VARCHAR, regnskab DECIMAL(18,2),
--    oprindeligt DECIMAL(18,2), korrigeret DECIMAL(18,2), tekst VARCHAR
-- out bogfoert: kommune VARCHAR, regnskabsaar BIGINT, periode DATE, konto VARCHAR, art VARCHAR, regnskab DECIMAL(18,2),
--    oprindeligt DECIMAL(18,2), korrigeret DECIMAL(18,2), tekst VARCHAR
-- kind kept
SELECT kommune, regnskabsaar, periode, konto, art, regnskab, oprindeligt, korrigeret, tekst
FROM saldo
"""
COPIED = """
CREATE TABLE saldo (
    kommune VARCHAR, regnskabsaar BIGINT, periode DATE, konto VARCHAR, art VARCHAR, regnskab DECIMAL(18,2),
    oprindeligt DECIMAL(18,2), korrigeret DECIMAL(18,2), tekst VARCHAR
)
"""
HOW = "DELIMITER ';', HEADER, DECIMAL_SEPARATOR ',', DATEFORMAT '%d-%m-%Y', QUOTE '\"'"


PARTS: dict[str, tuple[Any, str]] = {
    "receive: hash and encrypt": (intake, "_encrypt"),
    "receive: decrypt, read and write": (intake, "read_into"),
    "receive: read, types": (rows, "typed"),
    "receive: write": (Tables, "_write"),
}


def run() -> dict[str, object]:
    """Seconds of the first and the next month, their ratios to COPY, and the stages of each."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=os.environ.get("FLIS_BENCH_LEDGER_DIR")) as folder:
            look_in((_area(Path(folder) / "areas"),))
            try:
                for name, value in _round(Path(folder), number).items():
                    found[name].append(value)
            finally:
                look_in()
    return {name: round(statistics.median(values), 3) for name, values in found.items()}


def _round(folder: Path, number: int) -> dict[str, float]:
    state = State(folder / "state", folder / "state" / "keys")
    simulated_keys(state, 7)
    codes = [m.code for m in municipalities() if m.has_council][: max(1, round(98 * SHARE))]
    told: dict[str, float] = {"files": len(codes)}
    grown, written = dict[str, int](), dict[str, float]()
    for month, months in LAST.items():
        bare, copy = folder / "bare" / month, folder / f"{month}.duckdb"
        told[f"{month}: rows"] = _write(codes, state.inbox, bare, months, number)
        told[f"{month}: MB"] = sum(f.stat().st_size for f in bare.iterdir()) / 1e6
        copied, flis, before = _Clock(), _Clock(), _held(state)
        with copied:
            _copy(copy, bare)
        for file in bare.iterdir():
            file.write_bytes(file.read_bytes().decode("iso-8859-1").encode())
        with (plain := _Clock()):
            _copy(folder / f"{month}-utf-8.duckdb", bare, "utf-8")
        with flis, flis.parts():
            _take(state, flis)
        grown[month], written[month] = _held(state) - before, flis.told["load, MB written"]
        told |= {f"{month}: COPY, {name}": value for name, value in copied.told.items()}
        told |= {f"{month}: COPY of UTF-8, {name}": value for name, value in plain.told.items()}
        told |= {f"{month}: flis, {name}": value for name, value in flis.told.items()}
        told |= {f"{month}: times COPY, {name}": flis.told[name] / copied.told[name] for name in copied.told}
        told[f"{month}: times COPY of UTF-8, s"] = flis.told["s"] / plain.told["s"]
        told[f"{month}: MB of warehouse"] = grown[month] / 1e6
        told[f"{month}: peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        _check(state, copy)
    told["next: share of what the first wrote"] = written["next"] / written["first"]
    told["next: share of what the warehouse grew by"] = grown["next"] / grown["first"]
    return told


def _take(state: State, clock: _Clock) -> None:
    """Receive, judge and load what lies in the inbox, as the run of a month does."""
    with clock.of("receive"):
        for _, taken in intake.receive_all(state, intake.inbox(state)):
            if isinstance(taken, FlisError):
                raise taken
    with clock.of("judge"):
        validation.settle(state)
    before = _written()
    with clock.of("load"):
        warehouse.load(state, AREA)
    clock.told["load, MB written"] = (_written() - before) / 1e6


def _copy(file: Path, folder: Path, encoding: str = "latin-1") -> None:
    with duckdb.connect(str(file), config={"threads": 2}) as connection:
        connection.execute(COPIED)
        connection.execute(f"COPY saldo FROM '{folder}/*.csv' ({HOW}, ENCODING '{encoding}')")


def _check(state: State, copied: Path) -> None:
    """Whether every file was accepted, no row held back, and what is known now is what was copied.

    Raises:
        RuntimeError: it is not.
    """
    lying = deliveries(state)
    if any(d.state is not DeliveryState.LOADED or d.manifest.held for d in lying):
        raise RuntimeError("Not every delivery was loaded whole.")
    (kept,) = parted_tables(AREA)
    with duckdb.connect(str(state.warehouse / AREA / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute(f"ATTACH '{copied}' AS copied (READ_ONLY)")
        mine, theirs = f"SELECT * FROM ({known_now(kept)})", "SELECT * FROM copied.saldo"
        ((differing,),) = connection.execute(
            f"SELECT count(*) FROM (({mine} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {mine}))"
        ).fetchall()
    if differing:
        raise RuntimeError(f"{differing} rows of the warehouse differ from the files.")


def _held(state: State) -> int:
    """The bytes of the warehouse."""
    return sum(f.stat().st_size for f in (state.warehouse / AREA).glob("*.duckdb*")) if state.warehouse.exists() else 0


def _written() -> int:
    """The bytes that this process has written to files so far."""
    told = Path("/proc/self/io").read_text("ascii")
    return int(told.split("wchar:")[1].split()[0])


def _area(shelf: Path) -> Path:
    text = contract(
        AREA,
        "csv",
        table(
            "saldo",
            field("kommune", required=True, codes="kommune"),
            field("regnskabsaar", "integer", required=True),
            field("periode", "date", required=True),
            field("konto", required=True),
            field("art", required=True, codes="art"),
            field("regnskab", "number", **AMOUNT),
            field("oprindeligt", "number", **AMOUNT),
            field("korrigeret", "number", **AMOUNT),
            field("tekst"),
            quality=[_rule(name, *rule) for name, rule in QUALITY.items()],
        ),
        recognise={"name": "FINANS_{kommune}_{maaned}_{sekvens}_{udtraek}.csv"},
        dialect={"profile": "kom-csv", "sums": ["regnskab", "oprindeligt", "korrigeret"]},
        known="udtraek",
        part=["kommune", "periode"],
        window=24,
        expects={"each": "kommune", "every": "month"},
    )
    arts = "code,da,en,valid_from,valid_to\n" + "".join(f"{kind},Art {kind},Type {kind},,\n" for kind in ARTS)
    write_area(shelf, AREA, **{"contract.yaml": text, "codes/art.csv": arts, "steps/bogfoert.sql": STEP})
    return shelf


def _rule(name: str, condition: str, breach: str) -> dict[str, Any]:
    english = [{"property": "descriptionEnglish", "value": f"The rule {name} is broken."}]
    return {
        "type": "custom",
        "engine": "flis",
        "name": name,
        "implementation": condition,
        "description": f"Reglen {name} er brudt.",
        "customProperties": [*english, {"property": "breach", "value": breach}],
    }


def _write(codes: list[str], inbox: Path, bare: Path, months: int, number: int) -> int:
    """Make the files of all municipalities, with and without their control line; how many rows they have."""
    inbox.mkdir(parents=True, exist_ok=True)
    bare.mkdir(parents=True)
    period, count = str(MONTHS[months - 1]).replace("-", ""), 0
    for code in codes:
        ledger = _ledger(code, months, number)
        text = _csv(ledger)
        (bare / f"{code}.csv").write_bytes(text)
        sums = [
            str(pc.sum(ledger[name]).as_py()).replace(".", ",") for name in ("REGNSKAB", "OPRINDELIGT", "KORRIGERET")
        ]
        ending = ";".join(["SLUT", str(ledger.num_rows), *sums]) + "\n"
        (inbox / f"FINANS_{code}_{period}_1_{period}28.csv").write_bytes(text + ending.encode())
        count += ledger.num_rows
    return count


def _ledger(code: str, months: int, number: int) -> Any:
    """What stands on the accounts of a municipality in the first so many months."""
    random, last = np.random.default_rng((int(code), number)), len(MONTHS) - 1
    new = round(ROWS * NEW)
    month = np.concatenate([np.sort(random.integers(0, last, ROWS)), np.full(new, last)])
    count = ROWS + new
    account = random.integers(1_525 * 10**12, 9_525 * 10**12, count)
    amounts = random.integers(-(10**8), 10**9, (3, count))
    text = np.array(TEXTS, object)[random.integers(0, len(TEXTS), count)]
    art = np.array(ARTS, object)[random.integers(0, len(ARTS), count)]
    if months > last:
        amounts[0, np.flatnonzero(month == last - 1)[: round(ROWS * CORRECTED)]] += 100
    found = pa.table(
        {
            "KOMMUNE": pa.array([code] * count),
            "REGNSKABSAAR": (MONTHS[month].astype("datetime64[Y]").astype(int) + 1970).astype(str),
            "PERIODE": pc.strftime(pa.array(MONTHS[month].astype("datetime64[D]")), "%d-%m-%Y"),
            "KONTO": account.astype(str),
            "ART": pa.array(art, pa.string()),
            **{
                name: pc.multiply(pa.array(oere).cast(pa.decimal128(20, 0)), pa.scalar(Decimal("0.01")))
                for name, oere in zip(("REGNSKAB", "OPRINDELIGT", "KORRIGERET"), amounts, strict=True)
            },
            "TEKST": pa.array(text, pa.string()),
        }
    )
    return found.filter(pa.array(month < months))


def _csv(ledger: Any) -> bytes:
    """The rows as the sender writes them."""
    out = pa.BufferOutputStream()
    columns = [
        pc.replace_substring(c.cast(pa.string()), ".", ",") if pa.types.is_decimal(c.type) else c
        for c in ledger.columns
    ]
    options = pacsv.WriteOptions(include_header=False, delimiter=";", quoting_style="needed")
    pacsv.write_csv(pa.table(columns, names=ledger.column_names), out, options)
    text: str = ";".join(ledger.column_names) + "\n" + out.getvalue().to_pybytes().decode()
    return text.encode("iso-8859-1")


class _Clock:
    """Seconds of the clock and of the processor, in all and by stage."""

    def __init__(self) -> None:
        self.told: defaultdict[str, float] = defaultdict(float)

    def __enter__(self) -> Self:
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        clock, processor = self._began
        self.told["s"] += time.perf_counter() - clock
        self.told["processor s"] += time.process_time() - processor

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Count the block to a stage."""
        clock, processor = time.perf_counter(), time.process_time()
        yield
        self.told[f"{stage}, s"] += time.perf_counter() - clock
        self.told[f"{stage}, processor s"] += time.process_time() - processor

    @contextmanager
    def parts(self) -> Iterator[None]:
        """Count the parts of receiving, each in the thread that does it, while the block runs."""
        with ExitStack() as patches:
            for stage, (home, name) in PARTS.items():
                patches.enter_context(patch.object(home, name, self._counted(stage, getattr(home, name))))
            yield

    def _counted(self, stage: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return do(*given, **named)
            finally:
                self.told[f"{stage}, processor s"] += time.thread_time() - began

        return counted
