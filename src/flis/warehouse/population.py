"""A population that is followed from delivery to delivery of a linked chain: who belongs where and when, and why.

Kept tables hold what is known now, by person. Figures with known time are counted anew from the first day on which a
delivery tells something else. `touched` says which months of which municipality ('0000': of all) a delivery changed, so
that a release lays out no other.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis.warehouse.database import KEPT, create, run
from flis.warehouse.definitions import definition
from flis.warehouse.given import set_days, set_weeks
from flis.warehouse.graph import KNOWN, ordered
from flis.warehouse.revisions import keep, revise
from flis.warehouse.step import StepKind, all_of_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Step

__all__ = ["follow", "prepare", "spans"]


def prepare(connection: Connection, area: str) -> None:
    """Make the tables that the steps of an area keep where they are missing."""
    steps = ordered(area)
    for step in _newest(steps):
        create(connection, step.name, step.output)
    create(connection, "touched", {"month": "VARCHAR", "kommune": "VARCHAR", "produced": "DATE"})
    for step in all_of_kind(steps, StepKind.REVISED):
        keep(connection, step.name, step.output)


def follow(connection: Connection, area: str, produced: date, before: date | None) -> None:
    """Bring the facts up to a delivery that was just told; `before` is the last day covered until now."""
    steps = ordered(area)
    for step in all_of_kind(steps, StepKind.TOLD, StepKind.KEPT):
        run(connection, step)
    touched = all_of_kind(steps, StepKind.TOUCHED)
    for step in _newest(steps):
        if any(f"{step.name}{KNOWN}" in other.inputs for other in touched):
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {step.name}{KNOWN} AS "
                f"SELECT p.* FROM {KEPT}.{step.name} p SEMI JOIN changed c ON c.person = p.person"
            )
    for step in touched:
        run(connection, step)
    for step in _newest(steps):
        connection.execute(f"DELETE FROM {KEPT}.{step.name} WHERE person IN (SELECT person FROM changed)")
        connection.execute(f"INSERT INTO {KEPT}.{step.name} SELECT * FROM temp.{step.name}")
        connection.execute(f"DROP TABLE temp.{step.name}")
    start = definition(area).entered_from
    if produced >= start:
        _count(connection, area, produced, max(start, before + timedelta(1)) if before else start)


def spans(steps: Sequence[Step]) -> str:
    """The table of who changed where, from when until when, as the steps that compare tell it; '' where none does."""
    touched = all_of_kind(steps, StepKind.TOUCHED)
    return " UNION ".join(f"SELECT person, kommune, fra, til FROM {one.name}" for one in touched)


def _newest(steps: Sequence[Step]) -> list[Step]:
    return [step for step in all_of_kind(steps, StepKind.KEPT) if step.newest]


def _count(connection: Connection, area: str, produced: date, fresh: date) -> None:
    """Count the figures anew from the first day that changed; `fresh` is the first that was not covered before."""
    start, changed = definition(area).entered_from, spans(ordered(area))
    ((told,),) = connection.execute(f"SELECT min(fra) FROM ({changed})").fetchall()
    first = min(fresh, max(start, told)) if told else fresh
    if first <= produced:
        set_days(connection, first, produced)
        set_weeks(connection, first, produced)
        for step in all_of_kind(ordered(area), StepKind.REVISED):
            run(connection, step)
            revise(connection, step.name, step.output, step.keys, produced)
    connection.execute(
        "INSERT INTO touched SELECT DISTINCT strftime(d.dato, '%Y-%m'), f.kommune, CAST($produced AS DATE) FROM "
        f"(SELECT DISTINCT kommune, fra, til FROM ({changed}) "
        "UNION ALL SELECT '0000', CAST($fresh AS DATE), DATE '9999-12-31') f "
        "JOIN (SELECT CAST(range AS DATE) AS dato FROM "
        "range(CAST($first AS TIMESTAMP), CAST($after AS TIMESTAMP), INTERVAL 1 DAY)) d "
        "ON f.fra <= d.dato AND f.til > d.dato",
        {"produced": produced, "first": min(first, fresh), "after": produced + timedelta(1), "fresh": fresh},
    )
