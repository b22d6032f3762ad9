"""The members that released facts point at: the days of all of them, and how many rows have a key without a member."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.catalog.reference import municipalities
from flis.release.reader import NATIONAL, SHARED
from flis.release.shapes import facts_of
from flis.release.shared_store import cube_of
from flis.release.tree import DIMENSION, Unplaced
from flis.warehouse.dimensions import NO_MUNICIPALITY, days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flis.catalog.cube import CubeDimension, MeasureGroup
    from flis.release.reader import Released
    from flis.release.stores import Content

__all__ = ["of_laid_out", "with_all_days", "without_member"]

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


def without_member(area: str, content: Content, base: Released | None) -> Unplaced:
    """How many rows have a key that no row of the dimension has: of what is laid out, and of the files that stay.

    Every link of the cube is named, also where all rows have a member. Of distinct counts, whose sets do not cut by
    everything, a key that is null is none of them.
    """
    found: dict[str, dict[str, int]] = {}
    for group, used, column in _links(area):
        name, keys = f"{group.table}.{column}: {used.name}", _keys(content, base, used)
        if keys is None or name in found:
            continue
        laid_out = _parts(content, group.table)
        counts = {part: _missing(rows[column], keys, group) for part, rows in laid_out.items()}
        for part, rows in _of_staying(base, group, column, name, _Changed.of(base, used, keys)):
            if part not in laid_out:
                counts[part] = counts.get(part, 0) + rows
        found[name] = {part: rows for part, rows in sorted(counts.items()) if rows}
    return dict(sorted(found.items()))


def of_laid_out(content: Content, found: Unplaced) -> dict[str, int]:
    """The same of what is laid out alone, in all partitions."""
    totals = {
        name: sum(rows for part, rows in counts.items() if part in _parts(content, name.partition(".")[0]))
        for name, counts in found.items()
    }
    return {name: rows for name, rows in totals.items() if rows}


@dataclass(frozen=True, slots=True)
class _Changed:
    """What a dimension has become, against the one that the files that stay were counted by."""

    keys: pa.Array
    gained: bool = False
    lost: bool = False

    @classmethod
    def of(cls, base: Released | None, used: CubeDimension, keys: pa.Array) -> _Changed:
        """Against the dimension of the release before."""
        before = _keys_of_release(base, used)
        if before is None or _is_everywhere(used):
            return cls(keys)
        own, theirs = _alike(before, keys)
        return cls(
            keys,
            gained=not pc.all(pc.is_in(theirs, value_set=own)).as_py(),
            lost=not pc.all(pc.is_in(own, value_set=theirs)).as_py(),
        )


def _of_staying(
    base: Released | None, group: MeasureGroup, column: str, name: str, dimension: _Changed
) -> Iterator[tuple[str, int]]:
    """Rows without a member in files that stay; a file is read where the dimension may give it another number."""
    known = base.tree.without_member.get(name) if base else {}
    if known is not None and not dimension.gained and not dimension.lost:
        yield from known.items()
        return
    for part, file in _staying(base, group.table):
        if known is None or dimension.lost or part in known:
            yield part, _missing(pq.read_table(file, columns=[column])[column], dimension.keys, group)


def _missing(column: pa.ChunkedArray, keys: pa.Array, group: MeasureGroup) -> int:
    own, theirs = _alike(column, keys)
    missing = pc.invert(pc.is_in(own, value_set=theirs))
    known = pc.is_valid(column) if group.grouping_sets else True
    return pc.sum(pc.and_(missing, known)).as_py() or 0


def _alike(one: pa.ChunkedArray, other: pa.Array) -> tuple[pa.ChunkedArray, pa.Array]:
    """Both with the same type: a key may be a number here and a text there."""
    return (one, other) if one.type == other.type else (one.cast(pa.string()), other.cast(pa.string()))


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


def _keys(content: Content, base: Released | None, used: CubeDimension) -> pa.Array | None:
    """The keys of a dimension's rows; None where there is no such table."""
    if _is_everywhere(used):
        return pa.array([*(m.code for m in municipalities()), NO_MUNICIPALITY])
    name = used.dimension.table.removeprefix(DIMENSION)
    table = content.shared.get(name, content.shared.get(f"{DIMENSION}{name}"))
    if table is None:  # made by a step of rows that did not change
        return _keys_of_release(base, used)
    column = used.dimension.key.rpartition(".")[2]
    return table[column].combine_chunks() if column in table.column_names else None


def _keys_of_release(base: Released | None, used: CubeDimension) -> pa.Array | None:
    """The keys of a dimension's rows as they were released."""
    name, column = used.dimension.table.removeprefix(DIMENSION), used.dimension.key.rpartition(".")[2]
    files = (base.partitions(SHARED, table).get("") for table in (name, f"{DIMENSION}{name}")) if base else ()
    file = next(filter(None, files), None)
    if file is None or column not in pq.read_schema(file).names:
        return None
    return pq.read_table(file, columns=[column])[column].combine_chunks()


def _is_everywhere(used: CubeDimension) -> bool:
    """Whether a dimension is that of the municipalities, which is the same in every release."""
    return used.dimension.table.removeprefix(DIMENSION) in {"kommune", "kommune_alle"}


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
