"""The members that released facts point at: the days of all of them, and how many rows have a key without a member."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.catalog.reference import municipalities
from flis.release.reader import NATIONAL
from flis.release.shapes import facts_of
from flis.release.shared_store import cube_of
from flis.release.tree import DIMENSION
from flis.warehouse.dimensions import NO_MUNICIPALITY, days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flis.catalog.cube import CubeDimension, MeasureGroup
    from flis.release.reader import Released
    from flis.release.stores import Content

__all__ = ["with_all_days", "without_member"]

DAY = f"{DIMENSION}dato"
EARLIEST = date(1900, 1, 1)
LATEST_AFTER = timedelta(366)
"""Days of facts lie from 1900 through a year after what is covered (rule g-17); no table of days goes further."""


def with_all_days(area: str, content: Content, base: Released | None) -> Content:
    """The content with a day dimension that also has the days of facts before and after what is covered.

    A delivery of a month may tell of earlier months. Partitions that are not laid out are those of `base`.
    """
    if DAY not in content.shared:
        return content
    covered = content.shared[DAY]["dato"]
    first, last = covered[0].as_py(), covered[-1].as_py()
    linked = [(g.table, c) for g, d, c in _links(area) if d.dimension.table in {"dato", DAY}]
    found = [day for table, column in linked for day in _days(content, base, table, column)]
    found = [day for day in found if EARLIEST <= day <= last + LATEST_AFTER]
    begin, end = min([first, *found]), max([last, *found])
    if (begin, end) == (first, last):
        return content
    return replace(content, shared={**content.shared, DAY: days(begin, end)})


def without_member(area: str, content: Content) -> dict[str, int]:
    """How many rows that are laid out have a key that no row of the dimension has, by `table.column: dimension`.

    Of distinct counts, whose sets do not cut by everything, a key that is null is none of them.
    """
    found: dict[str, int] = {}
    for group, used, column in _links(area):
        keys = _keys(content, used)
        if keys is None:
            continue
        for part in _parts(content, group.table).values():
            own, theirs = part[column], keys
            if own.type != theirs.type:  # the same key may be a number here and a text there
                own, theirs = own.cast(pa.string()), theirs.cast(pa.string())
            missing = pc.invert(pc.is_in(own, value_set=theirs))
            known = pc.is_valid(part[column]) if group.grouping_sets else True
            rows = pc.sum(pc.and_(missing, known)).as_py() or 0
            name = f"{group.table}.{column}: {used.name}"
            found[name] = found.get(name, 0) + rows
    return {name: rows for name, rows in sorted(found.items()) if rows}


def _links(area: str) -> Iterator[tuple[MeasureGroup, CubeDimension, str]]:
    """The measure groups of an area's cube with each dimension that they point at, and by which column."""
    cube = cube_of(area)
    for group in cube.measure_groups if cube else ():
        for used in cube.dimensions if cube else ():
            column = group.links.get(used.name)
            fact = facts_of(area).get(group.table)
            if (
                used.dimension.table and column and fact and column in fact.output
            ):  # else the cube is wrong, and not open
                yield group, used, column


def _parts(content: Content, table: str) -> Mapping[str, pa.Table]:
    if table in content.facts:
        return content.facts[table].parts
    return {"": content.shared[table]} if table in content.shared else {}


def _keys(content: Content, used: CubeDimension) -> pa.Array | None:
    """The keys of a dimension's rows; None where the table is not whole here."""
    name = used.dimension.table.removeprefix(DIMENSION)
    if name in {"kommune", "kommune_alle"}:
        return pa.array([*(m.code for m in municipalities()), NO_MUNICIPALITY])
    table = content.shared.get(name, content.shared.get(f"{DIMENSION}{name}"))
    column = used.dimension.key.rpartition(".")[2]
    return None if table is None or column not in table.column_names else table[column].combine_chunks()


def _days(content: Content, base: Released | None, table: str, column: str) -> Iterator[date]:
    """The first and the last day in each part of a fact: of what is laid out, and of the files that stay."""
    parts = _parts(content, table)
    for rows in parts.values():
        if pa.types.is_date(rows[column].type) and rows.num_rows:
            yield from (day for day in pc.min_max(rows[column]).as_py().values() if day)
    for part, file in _staying(base, table):
        if part not in parts:
            yield from _told_by_file(file, column)


def _staying(base: Released | None, table: str) -> Iterable[tuple[str, str]]:
    if base is None:
        return
    stores = [NATIONAL] if table in base.tree.stores.get(NATIONAL, {}) else base.stores
    for store in stores:
        yield from ((part, str(path)) for part, path in base.partitions(store, table).items())


def _told_by_file(file: str, column: str) -> Iterator[date]:
    about = pq.read_metadata(file)
    at = about.schema.names.index(column)
    for group in range(about.num_row_groups):
        told = about.row_group(group).column(at).statistics
        if told is not None and told.has_min_max and isinstance(told.min, date):
            yield from (told.min, told.max)
