"""The tiny cube: its rows, made from a seed, as Python and as Parquet."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from flis.catalog.cubes import load

if TYPE_CHECKING:
    from flis.catalog.cube import Catalogue, CubeDimension

__all__ = ["CATALOG", "catalogue", "rows", "write"]

CATALOG = Path(__file__).parent / "tiny"
Rows = list[dict[str, Any]]
DAYS = ["2021-01-04", "2021-01-20", "2021-02-01", "2021-02-02", "2021-11-30", "2022-01-01", "2022-01-15", "2022-03-01"]
PLACES = [
    ("Ade", "Aone", "Axe", "Shop1", "big"),
    ("Ade", "Aone", "Axe", "Shop2", "small"),
    ("Ade", "Aone", "Ayr", "Shop3", "small"),
    ("Ade", "Atwo", "Azu", "Shop4", "big"),
    ("Ben", "Ben", "Bob", "Shop5", "small"),
    ("Ben", "Ben", "Bub", "Shop6", "big"),
    ("Cat", "Cone", None, "Shop7", "mini"),
    ("Cat", "Ctwo", "Cup", "Shop8", "small"),
    ("Dot", "Dot", None, "Shop9", "big"),
]
STAFF = [(1, None, "Ann"), (2, 1, "Bo"), (3, 1, "Cy"), (4, 2, "Di"), (5, 2, "Ed"), (6, 5, "Flo"), (7, None, "Gus")]
COLOURS = ["blue", "green", "red"]


def catalogue(seed: int) -> Catalogue:
    """The catalogue; of an even seed with the unknown members shown that are hidden else, and the other way round."""
    found = load(CATALOG)
    if seed % 2:
        return found
    cube = found.cubes[0]
    return replace(found, cubes=(replace(cube, dimensions=tuple(_flipped(d) for d in cube.dimensions)),))


def _flipped(used: CubeDimension) -> CubeDimension:
    member = used.dimension.unknown_member
    turned = replace(member, visible=not member.visible)
    return replace(used, dimension=replace(used.dimension, unknown_member=turned))


def rows(seed: int) -> dict[str, Rows]:
    """The tables; about thirty facts, some of whose values or keys are missing or unknown."""
    chance = random.Random(seed)

    def value(most: int) -> int | None:
        found: int | None = chance.choice([None, *range(-2, most)])
        return found

    sales = [
        {
            "day": chance.choice([1, 2, 3, 4, 5, 6, 7, 77, None]),  # nothing is sold on the last day
            "place": chance.choice([1, 2, 3, 4, 5, 7, 8, 9, 77, None]),  # nor in Shop6
            "staff": chance.choice([1, 2, 3, 4, 5, 6, 7, 77, None]),
            "colour": chance.choice(COLOURS),
            "amount": value(9),
            "buyer": value(4),
            "stock": value(6),
        }
        for _ in range(30)
    ]
    plan = [
        {
            "day": chance.randint(1, len(DAYS) + 1),
            "place": chance.randint(1, len(PLACES) + 1),
            "goal": chance.randint(1, 9),
        }
        for _ in range(8)
    ]
    return {
        "day": [{"id": n, "name": d, "month": d[:7], "year": int(d[:4])} for n, d in enumerate(DAYS, 1)],
        "place": [
            {"id": n, "country": a, "state": b, "city": c, "name": d, "kind": e}
            for n, (a, b, c, d, e) in enumerate(PLACES, 1)
        ],
        "staff": [{"id": n, "boss": boss, "name": name} for n, boss, name in STAFF],
        "sales": sales,
        "plan": plan,
    }


def write(folder: Path, tables: dict[str, Rows]) -> Path:
    """The tables as Parquet files."""
    for name, content in tables.items():
        pq.write_table(pa.Table.from_pylist(content), folder / f"{name}.parquet")
    return folder
