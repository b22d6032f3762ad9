"""An area that no code knows, with facts made by hand: what a release does with it, before any warehouse."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from flis.warehouse import Coverage, FactProblem, MissingPeriod
from flis.warehouse.step_fingerprints import fingerprints
from tests.made_areas import write_area
from tests.made_contracts import contract, table
from tests.made_contracts import field as column

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from flis.config import State
    from flis.warehouse.step_fingerprints import Fingerprints

__all__ = ["CODES", "CUBE", "VISITS", "MadeFacts", "MadeWarehouse", "contract_of", "write_visits"]

REPORTED = """\
-- What municipalities reported.
-- in besoeg: kommune VARCHAR, maaned DATE, slags VARCHAR, timer DOUBLE
-- out reported: kommune VARCHAR, maaned DATE, slags VARCHAR, timer DOUBLE
-- kind kept
SELECT kommune, maaned, slags, timer FROM besoeg
"""
VISITS = """\
-- Visits by month and kind.
-- in reported: kommune VARCHAR, maaned DATE, slags VARCHAR, timer DOUBLE
-- out visits: kommune VARCHAR, maaned DATE, slags VARCHAR, timer DOUBLE
-- kind fact
-- place kommune, maaned by year
-- store municipal, national
SELECT kommune, maaned, slags, sum(timer) AS timer FROM reported GROUP BY ALL
"""
NEGATIVE = """\
-- No hours are below zero.
-- in visits: kommune VARCHAR, maaned DATE, timer DOUBLE
-- out negative: rule VARCHAR, dato DATE, kommune VARCHAR
-- kind check
SELECT 'negative' AS rule, maaned AS dato, kommune FROM visits WHERE timer < 0
"""
GROUPS = """\
-- The groups of kinds.
-- in codes_slags: code VARCHAR, da VARCHAR
-- out grupper: gruppe VARCHAR, navn VARCHAR
-- kind fact
-- store municipal, national
SELECT code AS gruppe, da AS navn FROM codes_slags
"""
CODES = "code,da,en,valid_from,valid_to\nA,Pleje,Care,,\nB,Hjælp,Help,,\n"
CUBE = """\
cube: {id}
dimensions:
  - Kommune
  - Dato
  - name: Slags
    table: slags
    key: code
    attributes: [{{name: Slags, key: code, caption_columns: {{da: da, en: en}}}}]
measure_groups:
  - name: Besøg
    table: visits
    links: {{Kommune: kommune, Dato: maaned, Slags: slags}}
    measures: [{{name: Timer, aggregate: sum, column: timer, type: number}}]
"""

Row = tuple[str, date, str, float]


def contract_of(area: str, *more: str) -> str:
    """The contract of `write_visits`, with `more` columns of text."""
    columns = (column("slags"), column("timer", "number"), *map(column, more))
    return contract(
        area,
        "csv",
        table("besoeg", *columns),
        recognise={"name": f"{area.upper()}_{{kommune}}_{{maaned}}_{{sekvens}}.csv"},
        part=["kommune", "maaned"],
    )


def write_visits(shelf: Path, area: str, **files: str) -> Path:
    """An area with visits by municipality, month and kind, cut by year."""
    made = {
        "contract.yaml": contract_of(area),
        "steps/reported.sql": REPORTED,
        "steps/visits.sql": VISITS,
        "steps/negative.sql": NEGATIVE,
        "steps/grupper.sql": GROUPS,
        "codes/slags.csv": CODES,
        "cube.yaml": CUBE.format(id=area),
    }
    return write_area(shelf, area, **{**made, **files})


@dataclass
class MadeFacts:
    """The facts of `write_visits`, load by load: each replaces what a municipality said of a month."""

    area: str
    loads: list[dict[tuple[str, date], list[Row]]] = field(default_factory=list)
    gaps: tuple[MissingPeriod, ...] = ()
    series: str = ""
    read: dict[str, str] = field(default_factory=dict)
    laid: list[Row] = field(default_factory=list)
    begins: date | None = None
    """The first day covered, where it is not the first day of the rows."""
    ends: date | None = None
    """The last day that the area covers, where single municipalities cover more."""
    newest: bool = True

    def add(self, *rows: Row) -> MadeFacts:
        """A further load."""
        parts: dict[tuple[str, date], list[Row]] = {}
        for row in rows:
            parts.setdefault(row[:2], []).append(row)
        self.loads.append(parts)
        return self

    @property
    def rows(self) -> list[Row]:
        """What counts now, sorted as the step says."""
        known: dict[tuple[str, date], list[Row]] = {}
        for parts in self.loads:
            known |= parts
        return sorted(row for part in known.values() for row in part)

    @property
    def coverage(self) -> Coverage:
        """From the first month to the last."""
        days = sorted(row[1] for row in self.rows)
        count = len(self.loads)
        return Coverage(self.begins or days[0], self.ends or days[-1], f"d{count}", count, count, days[-1])

    @property
    def covered(self) -> dict[str, dict[str, tuple[date, date]]]:
        """Of each municipality from its first month to its last, none before that in which the area begins."""
        covered: dict[str, tuple[date, date]] = {}
        for code, day, *_ in self.rows:
            first, last = covered.get(code, (day, day))
            covered[code] = (max(min(first, day), self.begins or date.min), max(last, day))
        return {"dap-cube": dict(sorted(covered.items()))}

    def fingerprints(self) -> Fingerprints:
        """Of the files of the area, and of its deliveries and those that it reads."""
        return fingerprints(self.area) | {"delivery": {self.area: f"{self.series}{len(self.loads)}", **self.read}}

    def has_loaded(self, load: int, series: str) -> bool:
        """Whether the loads up to one are those of that series."""
        return series == f"{self.series}{load}"

    def strays(self) -> bool:
        """No row is without municipality."""
        return False

    def touched(self, since_load: int | None) -> dict[str, set[str]]:
        """The years of the loads after one, with their municipalities."""
        found: dict[str, set[str]] = {} if since_load else {"": set()}
        for parts in self.loads[since_load or 0 :]:
            for code, month in parts:
                found.setdefault(f"{month.year}", set()).add(code)
        return found

    def lay_out(self, period: str) -> dict[str, pa.Table]:
        """The visits of a year; without one the groups."""
        if not period:
            return {"grupper": pa.table({"gruppe": ["A"], "navn": ["Pleje"]})}
        self.laid = [row for row in self.rows if f"{row[1].year}" == period]
        names = ("kommune", "maaned", "slags", "timer")
        columns = zip(names, zip(*self.laid, strict=True) if self.laid else ((),) * 4, strict=True)
        types = (pa.string(), pa.date32(), pa.string(), pa.float64())
        return {"visits": pa.table({name: pa.array(list(c), t) for (name, c), t in zip(columns, types, strict=True)})}

    def figures(self, since_load: int | None) -> dict[str, dict[str, pa.Table]]:  # noqa: ARG002 - as the warehouse has it
        """Nothing is public."""
        return {}

    def check(self) -> list[FactProblem]:
        """Hours below zero."""
        return [FactProblem("negative", f"{row[1]}", row[0]) for row in self.laid if row[3] < 0]


class MadeWarehouse:
    """A warehouse with the facts of some areas in place of the real one."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.areas: dict[str, MadeFacts] = {}
        patch.setattr("flis.release.exact.area_facts", self._opened)

    def of(self, area: str) -> MadeFacts:
        """The facts of an area."""
        return self.areas.setdefault(area, MadeFacts(area))

    @contextmanager
    def _opened(self, _: State, area: str) -> Iterator[MadeFacts | None]:
        yield self.areas.get(area)
