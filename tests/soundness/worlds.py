"""Cubes whose filters can be written as SQL: members as conditions on the joined tables, measures as figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import duckdb

from flis.access import operator_scope
from flis.catalog.cubes import own_catalogue
from flis.query.database import Databases
from flis.release import current
from tests.foodmart import facts
from tests.release.sample import build_sample
from tests.soundness import foodmart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flis.query.database import Database

__all__ = ["Chosen", "Filtered", "Hierarchy", "World", "foodmart_world", "ukraine_world"]


@dataclass(frozen=True)
class Chosen:
    """A member as statements write it, and the condition of its rows."""

    text: str
    condition: str


@dataclass(frozen=True)
class Hierarchy:
    """A hierarchy: its dimension's rows, a level at or below all members drawn, the level's key, these members."""

    name: str
    table: str
    level: str
    key: str
    members: tuple[Chosen, ...]
    has_all: bool = True


@dataclass(frozen=True)
class Filtered:
    """Tuples of members of some hierarchies: facts have to lie under one of them."""

    hierarchies: tuple[Hierarchy, ...]
    tuples: tuple[tuple[Chosen, ...], ...]

    @property
    def condition(self) -> str:
        return any_of(" AND ".join(m.condition for m in t) for t in self.tuples)

    def along(self, table: str) -> str:
        """What it says of the rows of one dimension."""
        at = [i for i, h in enumerate(self.hierarchies) if h.table == table]
        return any_of(" AND ".join(t[i].condition for i in at) for t in self.tuples) if at else "true"

    def beside(self, hierarchy: Hierarchy) -> str:
        """What it says of all other hierarchies."""
        at = [i for i, h in enumerate(self.hierarchies) if h is not hierarchy]
        return any_of(" AND ".join(t[i].condition for i in at) for t in self.tuples) if at else "true"


@dataclass(frozen=True)
class World:
    """A cube: measures by name, each the figure of a condition on facts and one on the days that are asked."""

    database: Database
    cube: str
    hierarchies: tuple[Hierarchy, ...]
    measures: dict[str, Callable[[str, str], float | None]]
    rows: Callable[[str], list[tuple[Any, ...]]]
    days: str  # the table of days, the dimension that measures of one day look at

    def figures(self, names: Sequence[str], condition: str, days: str) -> list[float | None]:
        """The figures of some measures by SQL."""
        return [self.measures[name](condition, days) for name in names]


def any_of(conditions: Any) -> str:
    return "(" + " OR ".join(f"({c})" for c in dict.fromkeys(conditions)) + ")"


@cache
def foodmart_world() -> World:
    """Sales of FoodMart: sums, a count, a distinct count and a ratio. 1998, Mexico and Canada have no facts."""
    states = {"USA": ("CA", "OR", "WA"), "Mexico": ("DF", "Zacatecas"), "Canada": ("BC",)}
    place = [
        *(Chosen(f"[Store].[{c}].[{s}]", f"store_state = '{s}'") for c in states for s in states[c]),
        Chosen("[Store].[USA].[WA].[Seattle]", "store_state = 'WA' AND store_city = 'Seattle'"),
        Chosen("[Store].[USA].[OR].[Salem]", "store_state = 'OR' AND store_city = 'Salem'"),
        Chosen("[Store].[Canada]", "store_country = 'Canada'"),
    ]
    quarter = {1: "Q1", 2: "Q1", 5: "Q2", 9: "Q3", 11: "Q4"}
    time = [
        *(Chosen(f"[Time].[1997].[Q{q}]", f"the_year = 1997 AND quarter = 'Q{q}'") for q in (1, 2, 3, 4)),
        *(Chosen(f"[Time].[1997].[{q}].[{m}]", f"the_year = 1997 AND month_of_year = {m}") for m, q in quarter.items()),
        Chosen("[Time].[1998].[Q1]", "the_year = 1998 AND quarter = 'Q1'"),
    ]
    week = [
        Chosen(f"[Time].[Weekly].[1997].[{n}]", f"the_year = 1997 AND week_of_year = {n}") for n in (3, 10, 15, 30, 47)
    ]
    family = "product_family = '{}'"
    product = [
        *(Chosen(f"[Product].[{f}]", family.format(f)) for f in ("Drink", "Food", "Non-Consumable")),
        Chosen("[Product].[Drink].[Dairy]", f"{family.format('Drink')} AND product_department = 'Dairy'"),
        Chosen("[Product].[Food].[Dairy]", f"{family.format('Food')} AND product_department = 'Dairy'"),
    ]
    gender = [Chosen(f"[Gender].[{g}]", f"gender = '{g}'") for g in "FM"]
    products = "product JOIN product_class USING (product_class_id)"

    def figure(what: str) -> Callable[[str, str], float | None]:
        return lambda condition, _: facts.figure(f"SELECT {what} FROM {facts.SALES} WHERE {condition}")

    return World(
        foodmart.base(),
        "[Sales]",
        (
            Hierarchy("[Store]", "store", "[Store].[Store City]", "store_state, store_city", tuple(place)),
            Hierarchy(
                "[Time].[Time]", "time_by_day", "[Time].[Month]", "the_year, month_of_year", tuple(time), has_all=False
            ),
            Hierarchy(
                "[Time].[Weekly]", "time_by_day", "[Time].[Weekly].[Week]", "the_year, week_of_year", tuple(week)
            ),
            Hierarchy(
                "[Product]",
                products,
                "[Product].[Product Department]",
                "product_family, product_department",
                tuple(product),
            ),
            Hierarchy("[Gender]", "customer", "[Gender].[Gender]", "gender", tuple(gender)),
        ),
        {
            "Unit Sales": figure("sum(unit_sales)"),
            "Store Sales": figure("sum(store_sales)"),
            "Sales Count": figure("nullif(count(product_id), 0)"),
            "Customer Count": figure("nullif(count(DISTINCT customer_id), 0)"),
            "Profit": figure("sum(store_sales) - sum(store_cost)"),
        },
        facts.rows,
        "time_by_day",
    )


@cache
def ukraine_world() -> World:
    """The made-up release of *Ukraine Statistik*: stocks of the last loaded day, the running sum, and flows."""
    release = current(build_sample(Path(mkdtemp()), releases=1))
    assert release is not None
    base = Databases().of_release(operator_scope(release.number), release, own_catalogue())
    connection = duckdb.connect()
    stores = next(p for p in release.folder.parents if (p / "stores").is_dir()) / "stores"
    folders = {name: f"national/ukraine.{name}" for name in ("stock", "flow", "crossing")}
    folders |= {"kommune": "national/dim.kommune", "dato": "shared/dim.dato", "koen": "shared/dim.koen"}
    for table, folder in folders.items():
        connection.read_parquet(f"{stores}/{folder}/*.parquet").create_view(table)

    def rows(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query).fetchall()

    def number(query: str) -> float | None:
        found = rows(query)[0][0]
        return None if found is None else float(found)

    def joined(table: str) -> str:
        return f"{table} AS f JOIN dato USING (dato) JOIN kommune USING (kommune)"

    def of_last_day(table: str, column: str) -> Callable[[str, str], float | None]:
        def figure(condition: str, days: str) -> float | None:
            last = f"(SELECT max(dato) FROM dato WHERE {days})"
            return number(f"SELECT sum({column}) FROM {joined(table)} WHERE {condition} AND dato = {last}")

        return figure

    def summed(table: str, column: str) -> Callable[[str, str], float | None]:
        return lambda condition, _: number(f"SELECT sum({column}) FROM {joined(table)} WHERE {condition}")

    month = "[Dato].[Kalender].[Måned].&[{}]"
    months = [
        Chosen(month.format(m), f"maaned = '{m}'") for (m,) in rows("SELECT DISTINCT maaned FROM dato ORDER BY 1")
    ]
    days = [Chosen(f"[Dato].[Dag].&[{d}]", f"dato = '{d}'") for d in ("2022-06-15", "2022-07-20", "2022-08-07")]
    codes = ("0101", "0461", "0751", "0411")
    places = [Chosen(f"[Kommune].[Kommune].&[{c}]", f"kommune = '{c}'") for c in codes]
    regions = [
        Chosen(f"[Kommune].[Geografi].[Region].&[{r}]", f"region = '{r}'")
        for (r,) in rows("SELECT DISTINCT region FROM kommune ORDER BY 1")
    ]
    sexes = [Chosen(f"[Køn].[Køn].&[{k}]", f"koen = '{k}'") for k in "KM"]
    return World(
        base,
        "[Ukraine Statistik]",
        (
            Hierarchy("[Dato].[Kalender]", "dato", "[Dato].[Kalender].[Dag]", "dato", tuple(months)),
            Hierarchy("[Dato].[Dag]", "dato", "[Dato].[Dag].[Dag]", "dato", tuple(days)),
            Hierarchy("[Kommune].[Kommune]", "kommune", "[Kommune].[Kommune].[Kommune]", "kommune", tuple(places)),
            Hierarchy("[Kommune].[Geografi]", "kommune", "[Kommune].[Geografi].[Kommune]", "kommune", tuple(regions)),
            Hierarchy("[Køn].[Køn]", "koen", "[Køn].[Køn].[Køn]", "koen", tuple(sexes)),
        ),
        {
            "Antal personer": of_last_day("stock", "antal"),
            "Indrejste minus udrejste": of_last_day("crossing", "indrejste_minus_udrejste"),
            "Indrejste": summed("flow", "indrejste"),
            "Registrerede udrejser": summed("crossing", "registrerede_udrejser"),
        },
        rows,
        "dato",
    )
