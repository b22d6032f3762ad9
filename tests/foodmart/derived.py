"""A FoodMart cube with derived measures of every type, and their figures by SQL that shares no code with the engine.

The SQL follows docs/guides/own-cubes.md: an asked period is a set of days, and another period another set of days.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.database import Databases
from tests.foodmart.facts import rows
from tests.foodmart.harness import CATALOG
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from flis.query.database import Database

__all__ = ["BASES", "TYPES", "Asked", "ask_sql", "days", "derived_database", "stores"]

CUBE = """\
cube: Derived
default_measure: Unit Sales
dimensions:
  - Store
  - name: Time
    table: time_by_day
    key: time_id
    time: true
    date: the_date
    hierarchies:
      - name: Time
        levels:
          - {name: Year, key: the_year, key_type: integer, type: years}
          - {name: Quarter, key: quarter, unique: false, type: quarters}
          - {name: Month, key: month_of_year, key_type: integer, unique: false, type: months}
          - {name: Day, key: day_of_month, key_type: integer, unique: false, type: days}
      - name: Weekly
        levels:
          - {name: Year, key: the_year, key_type: integer, type: years}
          - {name: Week, key: week_of_year, key_type: integer, unique: false, type: weeks}
  - Gender
measure_groups:
  - name: Sales
    table: sales_both
    links: {Store: store_id, Time: time_id, Gender: customer_id}
    measures:
      - {name: Unit Sales, aggregate: sum, column: unit_sales, format: "#,##0"}
      - {name: Sales Count, aggregate: count}
      - {name: Largest, aggregate: max, column: unit_sales}
      - {name: Customer Count, aggregate: distinct_count, column: customer_id}
      - {name: Stock, aggregate: last_loaded, column: unit_sales}
      - {name: Last Sold, aggregate: last_non_empty, column: unit_sales}
"""
TYPES = {
    "last year": "type: same_period_last_year",
    "to date": "type: year_to_date",
    "7 days": "type: change, periods: 7, unit: day",
    "2 weeks in percent": "type: change, periods: 2, unit: week, percent: true",
    "a month": "type: change, periods: 1, unit: month",
    "a quarter": "type: change, periods: 1, unit: quarter",
    "a year in percent": "type: change, periods: 1, unit: year, percent: true",
    "of parent": "type: share_of_parent, dimension: Store",
    "of state": "type: share_of_parent, dimension: Store, level: Store State",
    "of all": "type: share_of_parent, dimension: Store, of: all",
    "of USA": 'type: share_of_parent, dimension: Store, member: "[Store].[Store].[USA]"',
}
"""By what a measure's name ends with."""
AGGREGATES = {
    "Unit Sales": "sum(unit_sales)",
    "Sales Count": "count(*)",
    "Largest": "max(unit_sales)",
    "Customer Count": "count(DISTINCT customer_id)",
    "Stock": "sum(unit_sales)",
    "Last Sold": "sum(unit_sales)",
}
BASES = tuple(AGGREGATES)
NO_ZERO = ("Largest", "Last Sold")  # nothing is not 0 there
OF_LAST_DAY = ("Stock", "Last Sold")
BOTH = "SELECT * FROM sales_fact_1997 UNION ALL SELECT * FROM sales_fact_dec_1998"
JOINED = f"({BOTH}) JOIN time_by_day USING (time_id) JOIN customer USING (customer_id)"

Days = frozenset[date]
Stores = frozenset[int]


def derived_database(folder: Path, types: Mapping[str, str] = TYPES, more: str = "") -> Database:
    """The cube over the sales of both years, opened: every measure derived in these ways, and further fields behind."""
    data, catalog = folder / "data", folder / "catalog"
    (catalog / "cubes").mkdir(parents=True)
    data.mkdir()
    for file in shared("foodmart/parquet").glob("*.parquet"):
        (data / file.name).symlink_to(file)
    rows(f"COPY ({BOTH}) TO '{data}/sales_both.parquet' (FORMAT parquet)")
    (catalog / "dimensions").symlink_to(CATALOG / "dimensions")
    (catalog / "catalogue.yaml").write_text("catalogue: FoodMart\n", "utf-8")
    listed = ["derived_measures:"] if types else []
    listed += [
        f"  - {{name: {base} {name}, measure: {base}, {said}}}" for base in BASES for name, said in types.items()
    ]
    (catalog / "cubes/derived.yaml").write_text("\n".join([CUBE, *listed, more]), "utf-8")
    return Databases().of_folder(open_scope(), data, load(catalog))


@cache
def days() -> dict[date, tuple[str, ...]]:
    """The days of the time dimension, with what the levels of Time and Weekly call them."""
    picked = "CAST(the_date AS DATE), the_year, quarter, month_of_year, day_of_month, week_of_year"
    return {row[0]: tuple(map(str, row[1:])) for row in rows(f"SELECT {picked} FROM time_by_day")}


@cache
def stores() -> dict[int, tuple[str, ...]]:
    """The stores, with the names of their country, state, city and their own."""
    picked = "store_id, store_country, store_state, store_city, store_name"
    return {row[0]: tuple(map(str, row[1:])) for row in rows(f"SELECT {picked} FROM store")}


@cache
def facts() -> str:
    """The table of all sales by day, store and sex."""
    picked = "CAST(the_date AS DATE) AS day, store_id, gender, customer_id, unit_sales"
    rows(f"CREATE OR REPLACE TEMP TABLE all_sales AS SELECT {picked} FROM {JOINED}")
    return "all_sales"


@cache
def figure(base: str, period: Days, places: Stores, gender: str) -> float | None:
    """A stored measure by SQL; None where there are no facts."""
    if not period or not places:
        return None
    if base == "Stock":
        period = frozenset({max(period)})
    listed = ", ".join(f"DATE '{d}'" for d in sorted(period))
    where = f"day IN ({listed}) AND store_id IN ({', '.join(map(str, sorted(places)))})"
    where += f" AND gender = '{gender}'" if gender else ""
    if base == "Last Sold":
        where += f" AND day = (SELECT max(day) FROM {facts()} WHERE {where})"
    [(value, count)] = rows(f"SELECT {AGGREGATES[base]}, count(*) FROM {facts()} WHERE {where}")
    return float(value) if count else None


def to_date(period: Days) -> Days:
    """From New Year of the last day's year through that day."""
    last = max(period)
    return frozenset(d for d in days() if date(last.year, 1, 1) <= d <= last)


def days_before(count: int) -> Callable[[date], date]:
    return lambda day: day - timedelta(count)


def months_before(count: int) -> Callable[[date], date]:
    def moved(day: date) -> date:
        month = day.year * 12 + day.month - 1 - count
        year, month = month // 12, month % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))

    return moved


def moved(period: Days, before: Callable[[date], date], *, whole: bool) -> Days:
    """Each day so far back; of months that are asked whole, the whole months there."""
    out = {before(day) for day in period}
    for year, month in {(day.year, day.month) for day in period} if whole else ():
        length = monthrange(year, month)[1]
        if all(date(year, month, day) in period for day in range(1, length + 1)):
            to = before(date(year, month, 1))
            out |= {to.replace(day=day) for day in range(1, monthrange(to.year, to.month)[1] + 1)}
    return frozenset(out & days().keys())


BACK: dict[str, tuple[Callable[[date], date], bool]] = {
    "7 days": (days_before(7), False),
    "2 weeks in percent": (days_before(14), False),
    "a month": (months_before(1), True),
    "a quarter": (months_before(3), True),
    "a year in percent": (months_before(12), True),
}


def change(base: str, name: str, asked: Asked) -> float | None:
    """The figure less the one so far back, or that in relation to it."""
    before, whole = BACK[name]
    period = moved(asked.period, before, whole=whole)
    if not period or (base not in OF_LAST_DAY and before(min(asked.period)) < min(days())):
        return None
    now, then = (figure(base, p, asked.places, asked.gender) for p in (asked.period, period))
    if (now is None and then is None) or (base in NO_ZERO and (now is None or then is None)):
        return None
    difference = (now or 0) - (then or 0)
    if "percent" not in name:
        return difference
    return difference / then if then else None


@dataclass(frozen=True)
class Asked:
    """What a cell is of: days, stores and a sex; and the members by which the stores are named."""

    period: Days
    places: Stores
    gender: str = ""
    named: tuple[tuple[str, ...], ...] = ()  # the member on the axis, else those of the filter: paths of names


def whole(name: str, asked: Asked) -> Stores:
    """The stores that a share is of."""
    if name == "of all":
        return frozenset(stores())
    if name == "of USA":
        return under([("USA",)])
    depth = 2 if name == "of state" else min(map(len, asked.named), default=1) - 1
    return under({stores()[place][:depth] for place in asked.places})


def under(paths: Iterable[tuple[str, ...]]) -> Stores:
    """The stores below members given by their paths."""
    return frozenset(s for s, own in stores().items() if any(own[: len(path)] == path for path in paths))


def ask_sql(base: str, name: str, asked: Asked) -> float | None:
    """What the derived measure is for a cell."""
    if not asked.period:
        return None
    if name == "to date":
        return figure(base, to_date(asked.period), asked.places, asked.gender)
    if name == "last year":
        return figure(base, moved(asked.period, months_before(12), whole=True), asked.places, asked.gender)
    if name in BACK:
        return change(base, name, asked)
    part = figure(base, asked.period, asked.places, asked.gender)
    of = figure(base, asked.period, whole(name, asked), asked.gender)
    return part / of if part is not None and of else None
