"""Whom a release of exact facts changes: its rows beside those that serve, by municipality and day."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from flis.engine import open_database
from flis.release.reader import NATIONAL
from flis.release.shapes import facts_of, shaped
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
    """The municipalities of which a national fact has other rows than before, and at how many days of what was covered.

    A day counts once for each municipality. Facts that the country's store does not hold are taken as they were told.
    """
    changed: set[str] = set()
    earlier: set[tuple[str, date]] = set()
    for name, fact in content.facts.items():
        step = facts_of(before.area)[name]
        for part, rows in fact.parts.items():
            if not (fact.owner and fact.national):
                changed |= content.municipalities.get(part, set()) if fact.owner else set()
                continue
            for kommune, day in _places(step, rows, _served(before, step, part)):
                changed.add(kommune)
                if day and day <= before.tree.data_through:
                    earlier.add((kommune, day))
    return Changes(sorted(changed), len(earlier))


def _served(before: Released, step: Step, part: str) -> pa.Table:
    """The rows of a partition as they serve; none where there is none, or it has other columns."""
    path = before.partitions(NATIONAL, step.name).get(part)
    try:
        return shaped(step, pq.read_table(path)) if path else shaped(step, _none(step))
    except (pa.ArrowException, OSError):
        return shaped(step, _none(step))


def _none(step: Step) -> pa.Table:
    return pa.table({name: pa.array([], pa.null()) for name in step.output})


def _places(step: Step, now: pa.Table, before: pa.Table) -> list[tuple[str, date | None]]:
    day = step.place.columns[-1] if step.place and step.place.cut else ""
    at = {"kommune": step.owner, "day": f"CAST({day} AS DATE)" if day else "CAST(NULL AS DATE)"}
    with closing(open_database()) as connection:
        connection.register("rows_now", now)
        connection.register("rows_before", before)
        summed = {name: SUMMED.format(table=f"rows_{name}", **at) for name in ("now", "before")}
        return connection.execute(OTHERWISE.format(now=summed["now"], then=summed["before"])).fetchall()
