"""Whom a release of exact facts changes: its rows beside those that serve, by municipality and day."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from flis.catalog.reference import municipalities
from flis.engine import open_database
from flis.release.reader import NATIONAL, municipal
from flis.release.shapes import facts_of, schema
from flis.release.source import Changes

if TYPE_CHECKING:
    from datetime import date

    from flis.release.reader import Released
    from flis.release.stores import Content
    from flis.warehouse.step import Step

__all__ = ["differing"]

SUMMED = "SELECT {kommune} AS kommune, {day} AS day, count(*), sum(hash(one)) FROM {table} AS one GROUP BY ALL"
OTHERWISE = """SELECT DISTINCT kommune, day FROM (({now} EXCEPT {then}) UNION ALL ({then} EXCEPT {now}))
WHERE kommune IS NOT NULL"""


def differing(before: Released, content: Content) -> Changes:
    """The municipalities of which a fact has other rows than those that serve, and on how many days that were covered.

    A day counts once for each municipality.
    """
    found: set[tuple[str, date | None]] = set()
    for name, fact in content.facts.items():
        step = facts_of(before.area)[name]
        for part, rows in fact.parts.items() if fact.owner else ():
            found.update(_places(step, rows, _served(before, step, part, national=fact.national)))
    earlier = [day for _, day in found if day and day <= before.tree.data_through]
    return Changes(sorted({kommune for kommune, _ in found}), len(earlier))


def _served(before: Released, step: Step, part: str, *, national: bool) -> pa.Table:
    """The rows of a partition as they serve: the country's, or those of all municipalities together.

    None of a file that is missing or damaged, or that has other columns than the fact has now.
    """
    stores = [NATIONAL] if national else [municipal(m.code) for m in municipalities()]
    shape = schema(step)
    tables = [shape.empty_table()]
    for path in (before.partitions(store, step.name).get(part) for store in stores if store in before.tree.stores):
        try:
            rows = pq.read_table(path) if path else tables[0]
            tables += [rows.cast(shape)] if rows.column_names == shape.names else []
        except (pa.ArrowException, OSError):
            continue
    return pa.concat_tables(tables)


def _places(step: Step, now: pa.Table, before: pa.Table) -> list[tuple[str, date | None]]:
    day = step.place.columns[-1] if step.place and step.place.cut else ""
    at = {"kommune": step.owner, "day": f"CAST({day} AS DATE)" if day else "CAST(NULL AS DATE)"}
    with closing(open_database()) as connection:
        connection.register("rows_now", now)
        connection.register("rows_before", before)
        summed = {name: SUMMED.format(table=f"rows_{name}", **at) for name in ("now", "before")}
        return connection.execute(OTHERWISE.format(now=summed["now"], then=summed["before"])).fetchall()
