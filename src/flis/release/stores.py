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
from flis.warehouse.dimensions import municipality_rows, without_municipality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.release.tree import Entry, Stores, Tables

__all__ = ["MUNICIPALITIES", "Content", "Fact", "lay_out", "municipal_parts"]

MUNICIPALITIES = "dim.kommune"
"""The one dimension of which a municipal store holds its own row alone."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact's rows by partition ('2022-08', '2022', or '' where nothing cuts it), sorted as its step says.

    `owner` is the column that says whose a row is, empty where no municipal store holds the fact.
    """

    parts: Mapping[str, pa.Table]
    owner: str = ""
    national: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """What a release is to hold of an area that the one before it does not.

    `municipalities` says whose rows changed in which partition; `public` is by table and partition, None where the area
    shows nothing to the public; `shared` are the tables that all stores share. `strays`: some rows are of no
    municipality.
    """

    municipalities: Mapping[str, set[str]]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    public: Mapping[str, Mapping[str, pa.Table]] | None = None
    shared: Mapping[str, pa.Table] = field(default_factory=dict)
    strays: bool = False


def lay_out(files: Files, content: Content, before: Mapping[str, Tables]) -> Stores:
    """Write the files of all stores that are not there yet, and list all of each store."""
    stores = {name: {t: dict(parts) for t, parts in tables.items()} for name, tables in before.items()}
    for name in (NATIONAL, SHARED, *(municipal(m.code) for m in municipalities())):
        stores.setdefault(name, {})
    for table, fact in content.facts.items():
        for part, rows in fact.parts.items():
            if fact.national:
                stores[NATIONAL].setdefault(table, {})[part] = files.put(NATIONAL, table, rows)
            if fact.owner:
                _add_own(files, stores, table, part, fact=fact, changed=content.municipalities.get(part, set()))
    _add_dimensions(files, stores, content)
    for table, parts in (content.public or {}).items():
        for part, rows in parts.items():
            stores.setdefault(PUBLIC, {}).setdefault(table, {})[part] = files.put(PUBLIC, table, rows)
    return {
        name: {t: dict(sorted(parts.items())) for t, parts in sorted(stores[name].items())} for name in sorted(stores)
    }


def municipal_parts(rows: pa.Table, owner: str) -> dict[str, pa.Table]:
    """The rows of each municipality that has any, in the order in which they stand."""
    column = rows[owner].combine_chunks()
    rises = pc.all(pc.less_equal(column.slice(0, max(len(column) - 1, 0)), column.slice(1))).as_py() is not False
    ordered = rows if rises and not column.null_count else rows.take(pc.sort_indices(column))  # a stable sort
    counts = ordered.group_by(owner, use_threads=False).aggregate([([], "count_all")]).sort_by(owner)
    starts = pc.subtract(pc.cumulative_sum(counts["count_all"]), counts["count_all"])
    found = zip(counts[owner].to_pylist(), starts.to_pylist(), counts["count_all"].to_pylist(), strict=True)
    return {code: ordered.slice(start, count) for code, start, count in found if code is not None}


def _add_own(files: Files, stores: dict[str, Tables], table: str, part: str, *, fact: Fact, changed: set[str]) -> None:
    rows = fact.parts[part]
    parts = municipal_parts(rows, fact.owner)
    nothing = encode(rows.slice(0, 0))
    for m in municipalities():
        own = municipal(m.code)
        entries: dict[str, Entry] = stores[own].setdefault(table, {})
        if m.code in changed or part not in entries:
            mine = parts.get(m.code)
            data, count = (encode(mine), mine.num_rows) if mine else (nothing, 0)
            entries[part] = files.put_bytes(own, table, data, count)


def _add_dimensions(files: Files, stores: dict[str, Tables], content: Content) -> None:
    stores[SHARED] |= {name: {"": files.put(SHARED, name, rows)} for name, rows in content.shared.items()}
    for m in municipalities():
        own = municipal(m.code)
        if MUNICIPALITIES not in stores[own]:
            stores[own][MUNICIPALITIES] = {"": files.put(own, MUNICIPALITIES, municipality_rows(m.code))}
    rows = municipality_rows()
    if content.strays:
        rows = pa.concat_tables([rows, without_municipality()])
    stores[NATIONAL][MUNICIPALITIES] = {"": files.put(NATIONAL, MUNICIPALITIES, rows)}
