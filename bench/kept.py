"""Looking at an installation that keeps a hundred thousand deliveries: overview, status, list, and taking one more.

Eighteen made-up areas of 98 municipalities have delivered every month for almost five years; of a thousand files two
were refused, and twenty have a warning. Only manifests and reports are there, as the looking reads nothing else.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench._server import flis_command, free_port, started
from flis import operations, validation
from flis.catalog.area_paths import look_in
from flis.catalog.reference import municipalities
from flis.config import State
from flis.delivery import DeliveryState, Manifest, archive_key, deliveries, person_key, receive
from flis.delivery.model import Counts
from flis.disk import with_checksum
from flis.operations import stop
from flis.validation import DeliveryReport, Finding, Severity
from tests.operations.gardens import write_gardens

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["run"]

AREAS = 18
MONTHS = int(os.environ.get("FLIS_BENCH_KEPT_MONTHS", "57"))
FIRST = 2020 * 12
TIMES = 9


def run() -> dict[str, object]:
    """Seconds; those of a command count its start."""
    with tempfile.TemporaryDirectory() as folder:
        shelf, state = Path(folder) / "areas", State(Path(folder) / "state", Path(folder) / "state" / "keys")
        for number in range(AREAS):
            write_gardens(shelf, area=_area(number))
        look_in((shelf,))
        stop_at = date(2024, 11, 15)
        count = _fill(state, stop_at)
        stop(state, stop_at)
        environment = {**os.environ, "FLIS_AREAS": str(shelf)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode
        told: dict[str, object] = {
            "deliveries": count,
            "the index made anew": _seconds(lambda: deliveries(state, DeliveryState.RECEIVED), 1),
            "all deliveries": _seconds(lambda: deliveries(state)),
            "the overview, first": _seconds(lambda: operations.status(state), 1),
            "the overview": _seconds(lambda: operations.status(state)),
            "the list of areas": _seconds(lambda: operations.area_states(state)),
        }
        for words in (("status",), ("areas",), ("deliveries", "list", "--json"), ("--help",)):
            told[f"flis {' '.join(words)}"] = _seconds(partial(_command, words, state, environment))
        told |= _pages(state, environment)
        told["one more file, received and judged"] = _seconds(lambda: _take(state), 5)
        look_in()
    return told


def _area(number: int) -> str:
    return f"omraade{number:02}"


def _fill(state: State, last: date) -> int:
    archive_key(state), person_key(state)  # made while nothing is kept
    codes = [m.code for m in municipalities() if m.has_council]
    count = 0
    for month in range(MONTHS):
        year, of_year = divmod(FIRST + month, 12)
        period, came = f"{year}-{of_year + 1:02}", date(year, of_year + 1, 28) + timedelta(20)
        for number in range(AREAS):
            for place, code in enumerate(codes):
                count += 1
                if came <= last:
                    _keep(state, _area(number), code, period, came=came, lot=(month * 7 + number * 31 + place) % 1000)
    return count


def _keep(state: State, area: str, code: str, period: str, *, came: date, lot: int) -> None:
    """Put a delivery where it would lie."""
    refused, warned = lot < 2, 2 <= lot < 22
    at = DeliveryState.QUARANTINED if refused else DeliveryState.LOADED
    name = f"{area}-csv-{code}-{period.replace('-', '')}-1-{abs(hash((area, code, period))):016x}"[:60]
    found = Counts(fatal=int(refused), warning=int(warned))
    told = Manifest(
        id=name,
        area=area,
        sender=code,
        file=f"{area.upper()}_{code}_{period.replace('-', '')}_1_{came:%Y%m%d}.csv",
        sha256=f"{abs(hash((code, area, period))):064x}",
        size=1000,
        received=datetime(came.year, came.month, came.day, 10, tzinfo=UTC),
        form="csv",
        interface=f"{area}-csv/1",
        period=period,
        produced=came,
        records=100,
        types={"have": 100},
        findings=found,
    )
    folder = state.deliveries / at / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes(with_checksum(msgspec.json.format(msgspec.json.encode(told), indent=1)))
    if refused or warned:
        (folder / "report.json").write_bytes(msgspec.json.encode(_report(told, at)))


def _report(told: Manifest, at: DeliveryState) -> DeliveryReport:
    refused = at is DeliveryState.QUARANTINED
    finding = Finding(
        rule="g-02-column-missing" if refused else "g-19-no-rows",
        severity=Severity.FATAL if refused else Severity.WARNING,
        file=told.file,
        message="Mangler.",
        message_en="Missing.",
    )
    return DeliveryReport(
        id=told.id,
        area=told.area,
        file=told.file,
        state=at,
        sequence="",
        produced=told.produced,
        previous=None,
        missing=None,
        records=100,
        persons=0,
        error_records=0,
        receipts=0,
        counts=told.findings,
        findings=(finding,),
    )


def _take(state: State) -> None:
    """Receive and judge the next file of the inbox."""
    state.inbox.mkdir(exist_ok=True)
    file = state.inbox / f"OMRAADE00_0101_202410_{time.time_ns() % 9000 + 2}_20241115.csv"
    file.write_text(f"NR\n{time.time_ns()}\n", "utf-8")
    receive(state, file)
    validation.settle(state)


def _command(words: tuple[str, ...], state: State, environment: dict[str, str]) -> None:
    where = () if words == ("--help",) else ("--state", str(state.root))
    subprocess.run([sys.executable, "-m", "flis", *words, *where], env=environment, capture_output=True, check=True)


def _pages(state: State, environment: dict[str, str]) -> dict[str, float]:
    """The page of the overview over HTTP: the first time, and when it was asked before."""
    port = free_port()
    with started(flis_command("--state", str(state.root), port=port), port, environment=environment):
        page = HTTPConnection("127.0.0.1", port, timeout=60)

        def ask() -> None:
            page.request("GET", "/drift")
            answer = page.getresponse()
            answer.read()
            assert answer.status == HTTPStatus.OK, answer.status

        return {"/drift, first": _seconds(ask, 1), "/drift": _seconds(ask)}


def _seconds(what: Callable[[], object], times: int = TIMES) -> float:
    """The median time that it takes."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return round(statistics.median(taken), 4)
