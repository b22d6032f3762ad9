"""The release of one area's month in an installation of eighteen areas and sixty months, and of that area alone.

The areas are made up: each has one fact by municipality, month and kind, cut by year. Every round delivers and loads
one more month of 98 municipalities to the same area of both, and releases it in a process that has just begun.
"""

from __future__ import annotations

import csv
import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from flis import delivery, release, validation, warehouse
from flis.catalog.area_paths import look_in
from flis.catalog.reference import municipalities
from flis.config import State
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["run"]

AREAS = int(os.environ.get("FLIS_BENCH_AREAS", "18"))
YEARS = range(2020, 2025)
ROUNDS = 6
KINDS = 20
MEASURED = "omraade00"
KEPT = """\
-- What municipalities reported.
-- in besoeg: kommune VARCHAR, dag DATE, slags VARCHAR, timer DOUBLE
-- out meldt: kommune VARCHAR, dag DATE, slags VARCHAR, timer DOUBLE
-- kind kept
SELECT kommune, dag, slags, timer FROM besoeg
"""
FACT = """\
-- Hours by municipality, month and kind.
-- in meldt: kommune VARCHAR, dag DATE, slags VARCHAR, timer DOUBLE
-- out timer: dato DATE, kommune VARCHAR, slags VARCHAR, timer DOUBLE
-- kind fact
-- place kommune, dato by year
-- store municipal, national
SELECT dag AS dato, kommune, slags, sum(timer) AS timer FROM meldt GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """A state folder and the folder of its areas."""

    state: State
    shelf: Path

    @classmethod
    def begin(cls, folder: Path, areas: int) -> Installation:
        """Sixty months of each area, delivered by year, loaded and released."""
        made = cls(State(folder / "state", folder / "state" / "keys"), folder / "areas")
        for number in range(areas):
            _write_area(made.shelf, f"omraade{number:02}")
        look_in((made.shelf,))
        for number in range(areas):
            for year in YEARS:
                made.deliver(f"omraade{number:02}", year, 12)
        warehouse.load(made.state)
        release.apply(made.state)
        return made

    def deliver(self, area: str, year: int, through: int) -> None:
        """A file about a year up to one of its months, received and judged."""
        self.state.inbox.mkdir(parents=True, exist_ok=True)
        file = self.state.inbox / f"{area.upper()}_{year}{through:02}_1.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out, delimiter=";").writerows([("KOMMUNE", "DAG", "SLAGS", "TIMER"), *_rows(year, through)])
        delivery.receive(self.state, file)
        validation.settle(self.state)

    def add_month(self, month: int) -> None:
        """One more month of the measured area, loaded."""
        look_in((self.shelf,))
        self.deliver(MEASURED, YEARS.stop, month)
        warehouse.load(self.state)

    def afresh(self, step: Callable[[State], object]) -> tuple[float, float]:
        """Seconds and processor seconds of a step in a process that has just begun."""
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_timed, self, step).result()

    def released(self) -> dict[Path, int]:
        """Bytes of each file of the releases."""
        return {file: file.stat().st_size for file in self.state.releases.rglob("*") if file.is_file()}


def run() -> dict[str, object]:
    """Medians of the rounds, taken in turn, and the ratios of pairs."""
    with tempfile.TemporaryDirectory(prefix="flis-bench-") as folder:
        began = time.perf_counter()
        one, many = (Installation.begin(Path(folder) / f"{n}", n) for n in (1, AREAS))
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode
        told: dict[str, object] = {"areas": AREAS, "laid out in (s)": round(time.perf_counter() - began)}
        pairs = [(_round(one, month), _round(many, month)) for month in range(1, ROUNDS + 1)]
        root = max(many.state.releases.glob("*/release.json"), key=lambda file: int(file.parent.name))
        told["root of the release (bytes, figure: under 3,000)"] = root.stat().st_size
        look_in()
    for name in dict.fromkeys(name for pair in pairs for name in pair[0]):
        found = [(a[name], b[name]) for a, b in pairs if name in a]
        alone, among = map(statistics.median, zip(*found, strict=True))
        told[f"{name}, one area"] = round(alone, 4)
        told[f"{name}, {AREAS} areas"] = round(among, 4)
        told[f"{name}, ratio (median of pairs)"] = round(statistics.median(b / a for a, b in found), 3)
    return told


def _round(installation: Installation, month: int) -> dict[str, float]:
    """One more month: what its plan and its release take."""
    installation.add_month(month)
    found: dict[str, float] = {}
    areas = (MEASURED,) if month % 2 else ()
    steps: dict[str, Callable[[State], object]] = {
        "plan of the area": partial(release.plan, areas=(MEASURED,)),
        "plan of all areas": release.plan,
        f"release of {'the area' if areas else 'all areas'}": partial(release.apply, areas=areas),
    }
    before = installation.released()
    for name, step in steps.items():
        found[f"{name} (s)"], found[f"{name} (processor s)"] = installation.afresh(step)
    found["bytes written"] = sum(size for file, size in installation.released().items() if file not in before)
    return found


def _timed(installation: Installation, step: Callable[[State], object]) -> tuple[float, float]:
    look_in((installation.shelf,))
    began, cpu = time.perf_counter(), time.process_time()
    step(installation.state)
    return time.perf_counter() - began, time.process_time() - cpu


def _write_area(shelf: Path, area: str) -> None:
    columns = (field("kommune"), field("dag", "date"), field("slags"), field("timer", "number"))
    text = contract(
        area,
        "csv",
        table("besoeg", *columns),
        recognise={"name": f"{area.upper()}_{{maaned}}_{{sekvens}}.csv"},
        part=["kommune", "dag"],
        window="year",
    )
    write_area(shelf, area, **{"contract.yaml": text, "steps/meldt.sql": KEPT, "steps/timer.sql": FACT})


def _rows(year: int, through: int) -> Iterator[tuple[str, date, str, int]]:
    """The first day of each month counts, with hours that differ."""
    number = count(year * 1000)
    for m in municipalities():
        if m.has_council:
            for month in range(1, through + 1):
                for kind in range(KINDS):
                    yield m.code, date(year, month, 1), f"S{kind:02}", next(number) % 997
