"""Lay facts out as stores: one per municipality with its own rows, the national one, the public one.

Only what changed is handed in; every partition that is not comes from the release before, by its hash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.reference import municipalities
from flis.release.files import Files, encode
from flis.release.reader import NATIONAL, PUBLIC, SHARED, municipal
from flis.release.tables import PUBLIC_TABLES, STAR_TABLES
from flis.warehouse.dimensions import (
    ages,
    citizenships,
    civil_states,
    days,
    entry_countries,
    municipality_rows,
    sexes,
    without_municipality,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flis.release.tree import Stores, Tables

__all__ = ["Content", "lay_out"]

COUNTRY = "0000"
MUNICIPALITIES = "dim.kommune"
"""The one dimension of which a municipal store holds its own row alone."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a release is to hold that the one before it does not.

    `municipalities` says whose rows changed in which month ('2022-08'); `facts` are national, by table and month,
    sorted by municipality, day and cell; `public` is by table and partition. `strays`: some rows are of no
    municipality.
    """

    first: date
    last: date
    age_groups: Mapping[str, int]
    municipalities: Mapping[str, set[str]]
    facts: Mapping[str, Mapping[str, pa.Table]] = field(default_factory=dict)
    public: Mapping[str, Mapping[str, pa.Table]] = field(default_factory=dict)
    strays: bool = False


def lay_out(files: Files, content: Content, before: Mapping[str, Tables]) -> Stores:
    """Write the files of all stores that are not there yet, and list all of each store."""
    stores = {name: {t: dict(parts) for t, parts in tables.items()} for name, tables in before.items()}
    for name in (NATIONAL, PUBLIC, SHARED, *(municipal(m.code) for m in municipalities())):
        stores.setdefault(name, {})
    for table, months in content.facts.items():
        for month, facts in months.items():
            rows, changed = facts.cast(STAR_TABLES[table]), content.municipalities[month]
            _add_month(files, stores, table, month, changed=changed, facts=rows)
    _add_dimensions(files, stores, content)
    for table, parts in content.public.items():
        for part, rows in parts.items():
            entry = files.put(PUBLIC, table, rows.cast(PUBLIC_TABLES[table]))
            stores[PUBLIC].setdefault(table, {})[part] = entry
    stores[PUBLIC]["kommune"] = {"": files.put(PUBLIC, "kommune", _public_municipalities())}
    return {
        name: {t: dict(sorted(parts.items())) for t, parts in sorted(stores[name].items())} for name in sorted(stores)
    }


def _add_month(
    files: Files, stores: dict[str, Tables], table: str, month: str, *, changed: set[str], facts: pa.Table
) -> None:
    stores[NATIONAL].setdefault(table, {})[month] = files.put(NATIONAL, table, facts)
    places = _places(facts)
    nothing = encode(facts.slice(0, 0))
    for m in municipalities():
        own = municipal(m.code)
        parts = stores[own].setdefault(table, {})
        if m.code in changed or month not in parts:
            start, rows = places.get(m.code, (0, 0))
            parts[month] = files.put_bytes(own, table, encode(facts.slice(start, rows)) if rows else nothing, rows)


def _places(facts: pa.Table) -> dict[str, tuple[int, int]]:
    """Where the rows of each municipality begin, and how many they are; the rows are sorted by municipality."""
    counts = facts.group_by("kommune", use_threads=False).aggregate([([], "count_all")])
    ordered = counts.sort_by("kommune")
    starts = pc.subtract(pc.cumulative_sum(ordered["count_all"]), ordered["count_all"])
    rows = zip(ordered["kommune"].to_pylist(), starts.to_pylist(), ordered["count_all"].to_pylist(), strict=True)
    return {kommune: (start, count) for kommune, start, count in rows}


def _add_dimensions(files: Files, stores: dict[str, Tables], content: Content) -> None:
    shared = {
        "dato": days(content.first, content.last),
        "alder": ages(content.age_groups),
        "koen": sexes(),
        "civilstand": civil_states(),
        "statsborgerskab": citizenships(),
        "indrejseland": entry_countries(),
    }
    stores[SHARED] = {f"dim.{name}": {"": files.put(SHARED, f"dim.{name}", rows)} for name, rows in shared.items()}
    for m in municipalities():
        own = municipal(m.code)
        if MUNICIPALITIES not in stores[own]:
            stores[own][MUNICIPALITIES] = {"": files.put(own, MUNICIPALITIES, municipality_rows(m.code))}
    rows = municipality_rows()
    if content.strays:
        rows = pa.concat_tables([rows, without_municipality()])
    stores[NATIONAL][MUNICIPALITIES] = {"": files.put(NATIONAL, MUNICIPALITIES, rows)}


def _public_municipalities() -> pa.Table:
    known = {m.code: m for m in municipalities()}
    rows = municipality_rows().to_pylist()
    for row in rows:
        row |= {
            "indbyggere": known[row["kommune"]].inhabitants,
            "indbyggere_dato": known[row["kommune"]].inhabitants_date,
        }
    country = {
        "kommune": COUNTRY,
        "navn": "Danmark",
        "indbyggere": sum(m.inhabitants for m in municipalities()),
        "indbyggere_dato": municipalities()[0].inhabitants_date,
    }
    return pa.Table.from_pylist([country, *rows], PUBLIC_TABLES["kommune"])
