"""The facts of the area `ukraine`: who counts where and when, and what moved the count, kept up delivery by delivery.

`presence` and `event` hold what is known now, a row per person and span or day; entries and exits of the literal
reading are spans too, from their day on. `unread` holds who would be counted but for what cannot be read. The figures
with known time (`total`, `flow_day`, `flow_week`) are counted anew from the first day on which a delivery tells
something else. `touched` says which months of which municipality ('0000': of all) a delivery changed, so that a
release lays out no other.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis.validation import Load
from flis.warehouse.database import KEPT, create, run
from flis.warehouse.definition import definition
from flis.warehouse.graph import KNOWN, ordered
from flis.warehouse.revisions import keep, revise
from flis.warehouse.step import Kind, all_of_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Step

__all__ = ["LONG_PAST", "choose_days", "follow", "prepare", "set_days", "weight"]

LONG_PAST = timedelta(30)
"""A change of days so far before the production date is a late correction."""


def prepare(connection: Connection, area: str) -> None:
    """Make the tables that the steps of an area keep where they are missing."""
    steps = ordered(area)
    for step in _newest(steps):
        create(connection, step.name, step.output)
    create(connection, "touched", {"month": "VARCHAR", "kommune": "VARCHAR", "produced": "DATE"})
    for step in all_of_kind(steps, Kind.REVISED):
        keep(connection, step.name, step.output)


def follow(connection: Connection, area: str, produced: date, before: date | None) -> None:
    """Bring the facts up to a delivery that was just told; `before` is the last day covered until now."""
    steps = ordered(area)
    for step in all_of_kind(steps, Kind.TOLD, Kind.KEPT):
        run(connection, step)
    touched = all_of_kind(steps, Kind.TOUCHED)
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


def _newest(steps: Sequence[Step]) -> list[Step]:
    return [step for step in all_of_kind(steps, Kind.KEPT) if step.newest]


def weight(connection: Connection, produced: date) -> Load:
    """What the delivery of `produced` did to totals and inhabitants, and how many persons' past it changed."""
    ((before, corrected),) = connection.execute(
        "SELECT (SELECT max(produced) FROM delivery WHERE produced < $produced), "
        "(SELECT max(corrected) FROM delivery WHERE produced = $produced)",
        {"produced": produced},
    ).fetchall()
    return Load(
        before=_totals(connection, before),
        after=_totals(connection, produced),
        corrected=corrected if before else 0,
        inhabitants_before=_inhabitants(connection, before),
        inhabitants_after=_inhabitants(connection, produced),
        unread=_unread(connection, produced),
    )


def set_days(connection: Connection, first: date, last: date) -> None:
    """Make the temporary table `day` that steps read: `first` through `last`."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE day AS SELECT CAST(range AS DATE) AS dato FROM "
        "range(CAST($first AS TIMESTAMP), CAST($after AS TIMESTAMP), INTERVAL 1 DAY)",
        {"first": first, "after": last + timedelta(1)},
    )


def choose_days(connection: Connection, days: Sequence[date]) -> None:
    """Make the temporary table `day` that steps read, of some days."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE day AS SELECT unnest(CAST($days AS DATE[])) AS dato", {"days": list(days)}
    )


def _count(connection: Connection, area: str, produced: date, fresh: date) -> None:
    """Count the figures anew from the first day that changed; `fresh` is the first that was not covered before."""
    start = definition(area).entered_from
    ((told,),) = connection.execute("SELECT min(fra) FROM difference").fetchall()
    first = min(fresh, max(start, told)) if told else fresh
    if first <= produced:
        set_days(connection, first, produced)
        _set_weeks(connection, first, produced)
        for step in all_of_kind(ordered(area), Kind.REVISED):
            run(connection, step)
            revise(connection, step.name, step.output, step.keys, produced)
    connection.execute(
        "INSERT INTO touched SELECT DISTINCT strftime(d.dato, '%Y-%m'), f.kommune, CAST($produced AS DATE) FROM "
        "(SELECT DISTINCT kommune, fra, til FROM difference "
        "UNION ALL SELECT '0000', CAST($fresh AS DATE), DATE '9999-12-31') f "
        "JOIN (SELECT CAST(range AS DATE) AS dato FROM "
        "range(CAST($first AS TIMESTAMP), CAST($after AS TIMESTAMP), INTERVAL 1 DAY)) d "
        "ON f.fra <= d.dato AND f.til > d.dato",
        {"produced": produced, "first": min(first, fresh), "after": produced + timedelta(1), "fresh": fresh},
    )


def _totals(connection: Connection, day: date | None) -> dict[str, int]:
    """The municipalities' totals of a production date, as known on it."""
    rows = connection.execute(
        "SELECT kommune, antal FROM total WHERE dato = CAST($day AS DATE) AND known_from <= dato "
        "AND (known_to IS NULL OR known_to > dato) AND kommune <> '0000' AND antal > 0",
        {"day": day},
    ).fetchall()
    return dict(rows)


def _inhabitants(connection: Connection, known: date | None) -> dict[str, int]:
    """The municipalities' inhabitants as known on a production date."""
    rows = connection.execute(
        "SELECT kommune, antal FROM inhabitants WHERE known_from <= CAST($known AS DATE) "
        "AND (known_to IS NULL OR known_to > CAST($known AS DATE)) AND antal > 0",
        {"known": known},
    ).fetchall()
    return dict(rows)


def _unread(connection: Connection, day: date) -> dict[str, int]:
    """How many persons are missing in the figures through `day`, by reason (`unread.sql`).

    An entry that is dated later than its delivery counts from that day on, and is no longer missing then.
    """
    rows = connection.execute(
        "SELECT u.reason, count(*) FROM unread u ANTI JOIN (SELECT person FROM presence "
        "WHERE measure = 'antal' AND fra <= CAST($day AS DATE) AND til > CAST($day AS DATE)) p "
        "ON p.person = u.person AND u.reason NOT IN ('earlier', 'imprecise') GROUP BY u.reason",
        {"day": day},
    ).fetchall()
    return dict(rows)


def _set_weeks(connection: Connection, first: date, last: date) -> None:
    """Make the temporary table `week`: the whole weeks that hold any of the days."""
    monday, sunday = first - timedelta(first.weekday()), last - timedelta(last.isoweekday() % 7)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE week AS "
        "SELECT CAST(range AS DATE) AS monday, CAST(range + INTERVAL 7 DAY AS DATE) AS after FROM "
        "range(CAST($monday AS TIMESTAMP), CAST($sunday AS TIMESTAMP), INTERVAL 7 DAY)",
        {"monday": monday, "sunday": sunday},
    )
