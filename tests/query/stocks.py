"""Small tables of waste and homes with holes, and ratios over stocks counted from their rows in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FOLDER = Path(__file__).parent / "fixtures" / "stocks"
MONTHS = [date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]
REGIONS = {"a": "west", "b": "west", "c": "west", "d": "east"}
KINDS = ["glass", "paper"]
Number: TypeAlias = float | None
Key: TypeAlias = tuple[date, str]


@dataclass(frozen=True)
class Row:
    """What one place collects of one kind in one month."""

    month: date
    place: str
    kind: str
    kg: Number
    homes: Number
    price: Number


@dataclass(frozen=True)
class Waste:
    """The rows, and what each measure says of some months and places."""

    rows: tuple[Row, ...]

    def write(self, folder: Path) -> None:
        """The tables as Parquet files."""
        waste = pa.table(
            {
                "month": pa.array([r.month for r in self.rows], pa.date32()),
                "place": pa.array([r.place for r in self.rows], pa.string()),
                "kind": pa.array([r.kind for r in self.rows], pa.string()),
                **{n: pa.array([getattr(r, n) for r in self.rows], pa.float64()) for n in ("kg", "homes", "price")},
            }
        )
        tables = {
            "waste": waste,
            "dates": pa.Table.from_pylist([{"month": m, "year": m.year} for m in MONTHS]),
            "places": pa.Table.from_pylist([{"place": p, "region": r} for p, r in REGIONS.items()]),
            "kinds": pa.Table.from_pylist([{"kind": k} for k in KINDS]),
        }
        for name, table in tables.items():
            pq.write_table(table, folder / f"{name}.parquet")

    def values(self, keys: frozenset[Key]) -> dict[str, Number]:
        """Every ratio and weighted average over the facts of some pairs of a month and a place."""
        rows = [r for r in self.rows if (r.month, r.place) in keys]
        final = max((month for month, _ in keys), default=None)
        by_place = [[r for r in rows if r.place == place] for place in REGIONS]
        by_kind = [[r for r in rows if r.kind == kind] for kind in KINDS]

        def loaded(part: Sequence[Row]) -> Number:
            return added(r.homes for r in part if r.month == final)

        pairs: dict[str, tuple[Callable[[Sequence[Row]], Number], Callable[[Sequence[Row]], Number]]] = {
            "Kg per last": (kg, last),
            "Kg per first": (kg, first),
            "Kg per mean": (kg, mean),
            "Kg per loaded": (kg, loaded),
            "Last per kg": (last, kg),
            "Last per first": (last, first),
        }
        found = {name: over(by_place, above, below) for name, (above, below) in pairs.items()}
        both = [part for part in by_place if kg(part) is not None and last(part) is not None]
        stock = sum(last(part) or 0 for part in both)
        paired = [r for part in both for r in part]
        return {
            **found,
            "Kg per last by kind": over(by_kind, kg, last),
            "Kg per last unpaired": over([rows], kg, last),
            "Dearest per last": max(r.kg for r in paired if r.kg is not None) / stock if stock else None,
            "Price": price_of(last_days(rows)),
            "Price of the mean": price_of(rows),
        }

    def to_date(self, months: Iterable[date], places: Iterable[str]) -> Number:
        """Kg of some months over the last stock from New Year of the last one's year through that month."""
        final = max(months)
        asked = [r for r in self.rows if r.place in places]
        earlier = [r for r in asked if r.month.year == final.year and r.month <= final]
        each = [
            (kg([r for r in asked if r.place == place and r.month in months]), last(of_place(earlier, place)))
            for place in places
        ]
        return quotient(each)


def of_place(rows: Iterable[Row], place: str) -> list[Row]:
    """The rows of a place."""
    return [r for r in rows if r.place == place]


def over(
    parts: Iterable[Sequence[Row]],
    above: Callable[[Sequence[Row]], Number],
    below: Callable[[Sequence[Row]], Number],
) -> Number:
    """The sum of numerators over that of denominators, of the parts that have both."""
    return quotient([(above(part), below(part)) for part in parts])


def quotient(pairs: Iterable[tuple[Number, Number]]) -> Number:
    """The same of pairs."""
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    under = sum(b for _, b in both)
    return sum(a for a, _ in both) / under if under else None


def added(values: Iterable[Number]) -> Number:
    """A sum; nothing where there is no value."""
    found = [v for v in values if v is not None]
    return sum(found) if found else None


def kg(rows: Sequence[Row]) -> Number:
    """The kg of all months."""
    return added(r.kg for r in rows)


def known_days(rows: Sequence[Row]) -> list[date]:
    """The months with a stock, in order."""
    return sorted({r.month for r in rows if r.homes is not None})


def last(rows: Sequence[Row]) -> Number:
    """The stock of the last month that has one."""
    return added(r.homes for r in rows if r.month in known_days(rows)[-1:])


def first(rows: Sequence[Row]) -> Number:
    """The stock of the first month that has one."""
    return added(r.homes for r in rows if r.month in known_days(rows)[:1])


def mean(rows: Sequence[Row]) -> Number:
    """The average stock of the months that have one."""
    days = known_days(rows)
    return sum(added(r.homes for r in rows if r.month == day) or 0 for day in days) / len(days) if days else None


def last_days(rows: Sequence[Row]) -> list[Row]:
    """The rows of the last month with a weight and a value."""
    days = sorted({r.month for r in rows if r.homes is not None and r.price is not None})
    return [r for r in rows if r.month in days[-1:]]


def price_of(rows: Iterable[Row]) -> Number:
    """The price weighted by homes."""
    known = [(r.price, r.homes) for r in rows if r.price is not None and r.homes is not None]
    return quotient([(price * homes, homes) for price, homes in known])
