"""Two releases that are the same for one municipality and differ everywhere else; and that municipality alone.

Whoever may see København (0101) only must not be able to tell the two releases apart, by no answer and by no error.
`alone` holds the rows of København and nothing else, filtered here and not by the package's own layout of stores: an
engine without any notion of rights gives over it what the municipality's own people may see.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.access import open_scope
from flis.catalog.cubes import own_catalogue
from flis.catalog.reference import municipalities
from flis.config import State
from flis.errors import CatalogError
from flis.query.cubes.own import own_catalogue_for
from flis.query.database import Database
from flis.query.limits import Limits
from flis.release import PUBLIC, current
from flis.release.files import Files
from flis.release.shared_store import shared_tables
from flis.release.stores import Content, Fact, lay_out
from flis.release.tables import public_municipalities
from flis.serve.xmla.backend import Opened
from flis.warehouse.dimensions import MUNICIPALITY, days, described, municipality_rows
from tests.release.sample import FLOWS, PUBLIC_TABLES, crossing_rows, publish_tree, star, tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from flis.access import Principal

__all__ = [
    "FIRST", "LAST", "OTHER", "OWN", "THIRD", "UNPUBLISHED", "Alone", "Elsewhere", "alone", "behind", "publish_world",
    "published", "world", "write_alone",
]  # fmt: skip

FIRST, LAST = date(2022, 7, 11), date(2022, 8, 16)
AREA = "ukraine"
OWN, OTHER, THIRD = "0101", "0461", "0851"
GROUPS = {"00-06": 0, "07-16": 7, "17-19": 17, "20-66": 20, "67+": 67}
APPLIED = datetime(2022, 8, 17, 3, 30, tzinfo=UTC)
CELL = ("dato", "kommune", "alder", "koen", "civilstand")
ORDER = ("kommune", "dato", "alder", "koen", "civilstand")  # of the rows of a file
UNPUBLISHED = date(2022, 8, 14)  # a day without published totals
LIMITS = Limits(concurrent=16, tuples=20_000_000)  # as the server's own

Row = dict[str, Any]


@dataclass(frozen=True)
class Elsewhere:
    """What the municipalities but one are like: the seed of their figures, who of them has any, when, and how many."""

    seed: int
    every: int  # each so many municipalities has persons
    days: tuple[date, date]  # none before the first and after the second
    largest: int
    civil: str
    oldest: int


FEW = Elsewhere(1, 9, (FIRST, date(2022, 8, 1)), 3, "U", 30)
MANY = Elsewhere(2, 2, (date(2022, 7, 20), LAST), 900, "UGFEPOL", 120)


def world(root: Path, elsewhere: Elsewhere, number: int = 1, *, shown: str = "sample") -> State:
    """A state folder whose current release holds København as always, and the rest as `elsewhere` says."""
    state = State(root, root / "keys")
    publish_world(state, elsewhere, number, shown=shown)
    return state


def publish_world(state: State, elsewhere: Elsewhere, number: int, *, own_seed: int = 0, shown: str = "sample") -> None:
    """Publish such a release."""
    stores = lay_out(Files(state.releases / "stores", AREA), _content(elsewhere, own_seed), {})
    publish_tree(state, number, tree(stores, FIRST, LAST, elsewhere.seed), APPLIED, shown)


def published() -> list[Row]:
    """The published totals, which everybody knows: the same in all worlds, and no sums of what lies there."""
    places = [m.code for m in municipalities()]
    rows: list[Row] = []
    for nth, day in enumerate(d for d in _days(FIRST, LAST) if d != UNPUBLISHED):
        counts = {code: 300 + place + nth for place, code in enumerate(places)}
        counts["0000"] = sum(counts.values())
        known = {"known_from": LAST, "known_to": None}
        rows += [{"dato": day, "kommune": code, "antal": count} | known for code, count in counts.items()]
        rows.append({"dato": day, "kommune": "0000", "antal": 1, "known_from": FIRST, "known_to": LAST})
    return rows


def behind(root: Path, shown: State, elsewhere: Elsewhere) -> State:
    """A state folder that shows the public what `shown` does, over such municipalities."""
    state = State(root, root / "keys")
    serving = current(shown)
    assert serving
    public = serving.area(AREA).tree.stores[PUBLIC]
    shutil.copytree(shown.releases / "stores" / PUBLIC, state.releases / "stores" / PUBLIC)
    stores = lay_out(Files(state.releases / "stores", AREA), _content(elsewhere, 0), {}) | {PUBLIC: public}
    made = msgspec.structs.replace(serving.area(AREA).tree, stores=stores)
    publish_tree(state, serving.number, made, APPLIED, serving.root.shown)
    return state


def _content(elsewhere: Elsewhere, own_seed: int) -> Content:
    stock, flow = _facts(elsewhere, own_seed)
    months = sorted({f"{d:%Y-%m}" for d in _days(FIRST, LAST)})
    return Content(
        municipalities={month: {m.code for m in municipalities()} for month in months},
        facts={
            name: Fact(_by_month(rows, star(name)), "kommune")
            for name, rows in (("stock", stock), ("flow", flow), ("crossing", crossing_rows(flow, LAST)))
        },
        public={
            "total": _by_month(published(), PUBLIC_TABLES["total"]),
            "kommune": {"": public_municipalities()},
        },
        shared=shared_tables(AREA, FIRST, LAST),
    )


def _facts(elsewhere: Elsewhere, own_seed: int) -> tuple[list[Row], list[Row]]:
    own = Elsewhere(own_seed, 1, (FIRST, LAST), 40, "UG", 80)
    stock: list[Row] = []
    flow: list[Row] = []
    draw = np.random.default_rng(elsewhere.seed)
    for place, m in enumerate(municipalities()):
        if m.code == OWN:
            _fill(stock, flow, m.code, own, np.random.default_rng(own.seed))
        elif place % elsewhere.every == 0 or m.code in (OTHER, THIRD):
            _fill(stock, flow, m.code, elsewhere, draw)
    return stock, flow


def _fill(stock: list[Row], flow: list[Row], code: str, like: Elsewhere, draw: np.random.Generator) -> None:
    for day in _days(*like.days):
        cells = {
            (
                day,
                code,
                int(draw.integers(0, like.oldest)),
                "KM"[int(draw.integers(2))],
                str(draw.choice([*like.civil])),
            )
            for _ in range(5)
        }
        for cell in sorted(cells):
            named: Row = dict(zip(CELL, cell, strict=True))
            stock.append(
                named | {"antal": int(draw.integers(1, like.largest)), "foedt_i_danmark": int(draw.integers(2))}
            )
            if draw.random() < 0.5:
                flow.append(named | {name: int(draw.integers(0, 4)) for name in FLOWS})


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _by_month(rows: Iterable[Row], schema: pa.Schema) -> dict[str, pa.Table]:
    months: dict[str, list[Row]] = {f"{d:%Y-%m}": [] for d in _days(FIRST, LAST)}
    for row in sorted(rows, key=lambda r: [r[name] for name in ORDER if name in r]):
        months[f"{row['dato']:%Y-%m}"].append(row)
    return {month: pa.Table.from_pylist(listed, schema) for month, listed in months.items()}


@dataclass(frozen=True)
class Physical:
    """A folder of one file per table, with the number and time of a release."""

    folder: Path
    public: Path
    partial: frozenset[str] = frozenset({"kommune"})

    @property
    def identity(self) -> tuple[object, ...]:
        return (str(self.folder),)

    @property
    def release(self) -> int:
        return 1

    @property
    def last_update(self) -> datetime:
        return APPLIED

    def files(self, table: str) -> tuple[Path, ...]:
        file = self.folder / f"{table}.parquet"
        if not file.exists():
            raise CatalogError(table)
        return (file,)

    def columns(self, table: str) -> dict[str, str]:  # noqa: ARG002
        return {}

    def published(self, table: str) -> tuple[Path, ...]:
        file = self.public / f"{table}.parquet"
        return (file,) if file.exists() else ()


class Alone:
    """What `alone` gives, served to whoever asks."""

    limits = LIMITS

    def __init__(self, folder: Path) -> None:
        scope = open_scope()
        database = Database.over(
            own_catalogue_for(own_catalogue()), Physical(folder, folder / "public"), scope, APPLIED
        )
        self._opened = Opened(scope, database, "Release 1.")

    def warm(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Free the data."""
        self._opened.database.close()

    def catalogs(self, principal: Principal | None) -> Mapping[str, str]:  # noqa: ARG002 - whoever asks
        catalogue = own_catalogue()
        return {catalogue.name: catalogue.description["da"]}

    def open(self, principal: Principal | None, catalog: str) -> Opened:  # noqa: ARG002 - whoever asks
        return self._opened


def alone(folder: Path) -> Alone:
    """A server over a folder in which there is nothing but København."""
    write_alone(folder)
    return Alone(folder)


def write_alone(folder: Path) -> Path:
    """A folder with the star tables of København and nothing else, and the path of it."""
    folder.mkdir()
    stock, flow = _facts(FEW, 0)
    place = municipality_rows()
    place = place.filter(pc.equal(place["kommune"], OWN)).to_pylist()[0]
    place |= {"landsdel": "egne", "region": "egne", "landsdel_navn": "Egne kommuner", "region_navn": "Egne kommuner"}
    place |= {"landsdel_navn_en": "Own municipalities", "region_navn_en": "Own municipalities"}
    tables = {
        **{
            name: pa.Table.from_pylist([r for r in rows if r["kommune"] == OWN], star(name))
            for name, rows in (("stock", stock), ("flow", flow), ("crossing", crossing_rows(flow, LAST)))
        },
        "kommune": pa.Table.from_pylist([place], MUNICIPALITY),
        "dato": days(FIRST, LAST),
        **{name: rows for name, rows in described(GROUPS).items() if name in {"alder", "koen", "civilstand"}},
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    (folder / "public").mkdir()
    pq.write_table(pa.Table.from_pylist(published(), PUBLIC_TABLES["total"]), folder / "public/total.parquet")
    pq.write_table(municipality_rows(), folder / "public/kommune.parquet")
    return folder
