"""A cube with a measure of each kind, over rows made from a seed, and its cells counted by hand in plain Python."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

FOLDER = Path(__file__).parent / "fixtures" / "kinds"
DAYS = {date(year, month, day) for year, month in ((2024, 11), (2024, 12), (2025, 1), (2025, 2)) for day in (14, 28)}
MONTHS = sorted({f"{day:%Y-%m}" for day in DAYS})
REGIONS = {"101": "A", "102": "A", "103": "A", "201": "B", "202": "B", "301": "C"}
GROUPS = {"dagpenge": "kort", "sygedagpenge": "kort", "pension": "lang"}
NOT_COUNTED = "ikke beregnet for dette snit"
Row = dict[str, Any]
Number = float | None


@dataclass(frozen=True)
class Cell:
    """The months, municipalities and benefits that a cell is of."""

    months: frozenset[str] = frozenset(MONTHS)
    places: frozenset[str] = frozenset(REGIONS)
    benefits: frozenset[str] = frozenset(GROUPS)


@dataclass
class Country:
    """Absence, active days, staff and receivers; `own`: those of some municipalities only."""

    seed: int
    own: Collection[str] = tuple(REGIONS)
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        keys = [{"dato": d, "kommune": k, "ydelse": y} for d in sorted(DAYS) for k in REGIONS for y in GROUPS]
        absence, active, staff, received = list[Row](), list[Row](), list[Row](), list[Row]()
        lacking = {(m, k) for m in MONTHS for k in REGIONS if chance.random() < 0.2}
        for key in keys:
            month = f"{key['dato']:%Y-%m}"
            if chance.random() < 0.8 and (month, key["kommune"]) not in lacking:
                grade = chance.choice([None, 2, 4, 7, 10, 12])
                absence.append(key | {"dage": chance.randint(0, 9), "karakter": grade})
            if key["ydelse"] == "pension" and key["kommune"] != "202":
                active.append({n: key[n] for n in ("dato", "kommune")} | {"dage": chance.choice([None, 20, 31, 40])})
            if chance.random() < 0.7:
                age = chance.choice([None, 25, 40, 61])
                staff.append(key | {"antal": chance.choice([None, 1, 2, 5, 8]), "alder": age})
            received += [key | {"person": f"{chance.randint(1, 9)}"} for _ in range(chance.randint(0, 4))]
        first = {day.year: day for day in sorted(DAYS, reverse=True)}
        living = [
            {"dato": day, "kommune": k, "antal": chance.randint(20, 90)}
            for day in first.values()
            for k in REGIONS
            if chance.random() < 0.75
        ]
        made = {"fravaer": absence, "aktive": active, "ansat": staff, "person": received, "folk": living}
        self.tables = {name: [r for r in rows if r["kommune"] in self.own] for name, rows in made.items()}

    # what the cube has to say, counted from the rows

    def total(self, table: str, column: str, cell: Cell) -> Number:
        found = [r[column] for r in self._rows(table, cell) if r[column] is not None]
        return sum(found) if found else None

    def _rows(self, table: str, cell: Cell) -> list[Row]:
        return [
            r
            for r in self.tables[table]
            if f"{r['dato']:%Y-%m}" in cell.months
            and r["kommune"] in cell.places
            and ("ydelse" not in r or r["ydelse"] in cell.benefits)
        ]

    def ratio(self, cell: Cell, *, paired: bool) -> Number:
        """Days of absence over active days, of the municipalities that have both where they are paired."""
        places = cell.places & set(self.own)
        each = [frozenset({place}) for place in places] if paired else [places]
        both = []
        for some in each:
            part = Cell(cell.months, some, cell.benefits)
            pair = self.total("fravaer", "dage", part), self.total("aktive", "dage", part)
            both += [pair] if None not in pair else []
        return _over(both)

    def yearly(self, cell: Cell) -> Number:
        """Days of absence over inhabitants, of the municipalities and years that have both."""
        both = []
        for place in cell.places & set(self.own):
            for year in {month[:4] for month in cell.months}:
                part = Cell(frozenset(m for m in cell.months if m[:4] == year), frozenset({place}), cell.benefits)
                living = [
                    r["antal"] for r in self.tables["folk"] if (r["kommune"], str(r["dato"].year)) == (place, year)
                ]
                days = self.total("fravaer", "dage", part)
                both += [(days, living[0])] if living and days is not None else []
        return _over(both)

    def days(self, cell: Cell) -> list[date]:
        return sorted(day for day in DAYS if f"{day:%Y-%m}" in cell.months)

    def values(self, cell: Cell) -> Mapping[str, Number | str]:
        """Every measure of the cube."""
        staff = self._rows("ansat", cell)
        days = self.days(cell)
        last, first = ([r for r in staff if r["dato"] == day] for day in (days[-1], days[0]))
        known = sorted({r["dato"] for r in staff if r["antal"] is not None})
        weighed = sorted({r["dato"] for r in staff if None not in (r["antal"], r["alder"])})
        persons = self.persons(cell)
        absence = self.total("fravaer", "dage", cell)
        per_person = (
            persons
            if isinstance(persons, str)
            else _over([(absence, persons)] if absence is not None and persons else [])
        )
        percent = self.ratio(cell, paired=True)
        per_thousand = self.ratio(cell, paired=False)
        return {
            "Fraværsdage": absence,
            "Aktive dage": self.total("aktive", "dage", cell),
            "Karakter": _weighted("karakter", "dage", self._rows("fravaer", cell)),
            "Fraværsprocent": percent,
            "Dobbelt": None if percent is None else percent * 2,
            "Dage pr. 1000": None if per_thousand is None else per_thousand * 1000,
            "Dage pr. indbygger": self.yearly(cell),
            "Sidste": _sum(r["antal"] for r in last),
            "Første": _sum(r["antal"] for r in first),
            "Sidste kendte": _sum(r["antal"] for r in staff if known and r["dato"] == known[-1]),
            "Gennemsnit": _over([(_sum(r["antal"] for r in staff if r["dato"] == day), 1) for day in known]),
            "Alder sidst": _weighted("alder", "antal", last),
            "Alder kendt": _weighted("alder", "antal", [r for r in staff if weighed and r["dato"] == weighed[-1]]),
            "Alder i snit": _weighted("alder", "antal", staff),
            "Modtagere": persons,
            "Dage pr. modtager": per_person,
            "Modtagere pr. dag": self.paired_count(cell, persons),
        }

    def paired_count(self, cell: Cell, persons: Number | str) -> Number | str:
        """Persons over days of absence, of the municipalities that have both; a text where that is not known."""
        places = cell.places & set(self.own)
        each = [Cell(cell.months, frozenset({place}), cell.benefits) for place in places]
        pairs = [(self.persons(one), self.total("fravaer", "dage", one)) for one in each]
        if isinstance(persons, str) or not persons or self.total("fravaer", "dage", cell) is None:
            return persons if isinstance(persons, str) else None
        if len(each) > 1 and any(isinstance(n, str) or (n and days is None) for n, days in pairs):
            return NOT_COUNTED
        return _over([(persons, sum(days for n, days in pairs if n and days is not None))])

    def persons(self, cell: Cell) -> Number | str:
        """Different persons; a text where no grouping set cuts as the cell does."""
        places = cell.places & set(self.own)
        month = len(cell.months) == 1
        year = cell.months in [frozenset(m for m in MONTHS if m[:4] == y) for y in ("2024", "2025")]
        alone = len(places) == 1
        region = places in [frozenset(p for p in self.own if REGIONS[p] == r) for r in "ABC"]
        whole = places == set(REGIONS)
        everything = cell.benefits == set(GROUPS)
        group = cell.benefits in [frozenset(y for y in GROUPS if GROUPS[y] == g) for g in ("kort", "lang")]
        sets = (
            month and everything and (whole or region or alone),
            month and alone and group,
            year and alone and everything,
        )
        if not any(sets):
            return NOT_COUNTED
        return len({r["person"] for r in self._rows("person", cell)}) or None

    # and as a folder of tables

    @cached_property
    def counts(self) -> list[Row]:
        """The rows of the grouping sets: each points at the first day and place that lie below its members."""
        cuts: list[tuple[str, Any]] = [
            ("land", lambda r: (f"{r['dato']:%Y-%m}",)),
            ("region", lambda r: (f"{r['dato']:%Y-%m}", REGIONS[r["kommune"]])),
            ("kommune", lambda r: (f"{r['dato']:%Y-%m}", r["kommune"])),
            ("gruppe", lambda r: (f"{r['dato']:%Y-%m}", r["kommune"], GROUPS[r["ydelse"]])),
            ("kommune_aar", lambda r: (f"{r['dato']:%Y}", r["kommune"])),
        ]
        out: list[Row] = []
        for name, key in cuts:
            by: dict[Any, list[Row]] = {}
            for row in self.tables["person"]:
                by.setdefault(key(row), []).append(row)
            if name == "land" and set(self.own) != set(REGIONS):
                continue
            for rows in by.values():
                out.append(
                    {
                        "snit": name,
                        "dato": rows[0]["dato"],
                        "kommune": None if name == "land" else rows[0]["kommune"],
                        "ydelse": rows[0]["ydelse"] if name == "gruppe" else None,
                        "modtagere": len({r["person"] for r in rows}),
                    }
                )
        return out

    def write(self, folder: Path) -> None:
        """The tables as Parquet files."""
        days = [{"dato": d, "maaned": f"{d:%Y-%m}", "aar": d.year} for d in sorted(DAYS)]
        places = [{"kommune": k, "region": r} for k, r in REGIONS.items() if k in self.own]
        benefits = [{"ydelse": y, "gruppe": g} for y, g in GROUPS.items()]
        tables = {**self.tables, "modtagere": self.counts, "dato": days, "kommune": places, "ydelse": benefits}
        for name, rows in tables.items():
            pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")


def _sum(values: Iterable[Number]) -> Number:
    found = [v for v in values if v is not None]
    return sum(found) if found else None


def _weighted(value: str, weight: str, rows: Iterable[Row]) -> Number:
    return _over([(r[value] * r[weight], r[weight]) for r in rows if None not in (r[value], r[weight])])


def _over(pairs: list[tuple[Any, Any]]) -> Number:
    above, below = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    return above / below if below else None


def members(cell: Cell) -> tuple[list[str], list[str], list[str]]:
    """The members that name a cell's months, municipalities and benefits."""
    return (
        [f"[Dato].[Kalender].[Måned].&[{m}]" for m in sorted(cell.months)],
        [f"[Kommune].[Kommune].&[{p}]" for p in sorted(cell.places)],
        [f"[Ydelse].[Ydelser].[Ydelse].&[{y}]" for y in sorted(cell.benefits)],
    )
