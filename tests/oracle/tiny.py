"""The tiny cube: its rows, made from a seed, as Python and as Parquet."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from flis.catalog.cubes import load

__all__ = ["CATALOG", "cube", "rows", "write"]

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


def cube() -> Any:
    """The cube's description."""
    return load(CATALOG).cubes[0]


def rows(seed: int) -> dict[str, Rows]:
    """The tables; about thirty facts, some of whose values are missing."""
    chance = random.Random(seed)

    def value(most: int) -> int | None:
        found: int | None = chance.choice([None, *range(-2, most)])
        return found

    sales = [
        {
            "day": chance.randint(1, len(DAYS) - 1),  # nothing is sold on the last day
            "place": chance.choice([1, 2, 3, 4, 5, 7, 8, 9]),  # nor in Shop6
            "staff": chance.randint(1, len(STAFF)),
            "colour": chance.choice(COLOURS),
            "amount": value(9),
            "buyer": value(4),
            "stock": value(6),
        }
        for _ in range(30)
    ]
    plan = [
        {"day": chance.randint(1, len(DAYS)), "place": chance.randint(1, len(PLACES)), "goal": chance.randint(1, 9)}
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
