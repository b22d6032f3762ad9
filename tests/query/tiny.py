"""A small catalogue with one of everything: measures of all kinds, parent and child, a dimension in two roles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.database import Databases

if TYPE_CHECKING:
    from flis.query.database import Database

FOLDER = Path(__file__).parent / "fixtures" / "tiny"
TABLES: dict[str, dict[str, list[str | int | None]]] = {
    "day": {
        "day": ["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"],
        "month": ["2024-01", "2024-01", "2024-02", "2024-02"],
        "year": [2024, 2024, 2024, 2024],
    },
    "place": {"place": ["A", "B", "C"], "name": ["Alpha", "Beta", "Gamma"], "navn": ["Alfa", "Beta", "Gamma"]},
    "unit": {"unit": ["top", "left", "right", "leaf"], "parent": [None, "top", "top", "left"]},
    "sale": {
        "sale": [1, 2, 3, 4, 5],
        "day": ["2024-01-30", "2024-01-31", "2024-02-01", "2024-01-30", "2024-02-02"],
        "ordered": ["2024-01-30", "2024-01-30", "2024-01-31", "2024-01-30", "2024-02-01"],
        "place": ["A", "A", "A", "B", "B"],
        "unit": ["top", "leaf", "right", "left", "leaf"],
        "person": ["x", "x", "y", "y", "z"],
        "amount": [10, 20, 5, 1, 7],
    },
}


def write(folder: Path) -> None:
    """The tables as Parquet files."""
    for name, columns in TABLES.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """The tables, and the catalogue with other words in its files; the catalogue's folder."""
    write(folder)
    for file in FOLDER.rglob("*.yaml"):
        to = folder / "catalog" / file.relative_to(FOLDER)
        to.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text("utf-8")
        for before, after in changes:
            text = text.replace(before, after)
        to.write_text(text, "utf-8")
    return folder / "catalog"


def database(folder: Path) -> Database:
    """The catalogue over tables written to a folder."""
    write(folder)
    return Databases().of_folder(open_scope(), folder, load(FOLDER))
