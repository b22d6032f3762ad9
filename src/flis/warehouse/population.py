"""The facts of the area `ukraine`: who counts where and when, and what moved the count, kept up delivery by delivery.

`presence` and `event` hold what is known now, a row per person and span or day; entries and exits of the literal
reading are spans too, from their day on. `untold` holds who would be counted but for what cannot be read. The figures
with known time (`total`, `flow_day`, `flow_week`) are counted anew from the first day on which a delivery tells
something else. `touched` says which months of which municipality ('0000': of all) a delivery changed, so that a
release lays out no other.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis.catalog import codes
from flis.catalog.reference import municipalities
from flis.validation import Load
from flis.warehouse.database import create, run
from flis.warehouse.definition import definition
from flis.warehouse.revisions import keep, revise
from flis.warehouse.transformation import Transformation, transformation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.warehouse.database import Connection

__all__ = ["LONG_PAST", "choose_days", "follow", "prepare", "set_days", "steps", "weight"]

AREA = "ukraine"
STEPS = ("member", "passage", "presence_told", "happening", "transition", "event_told", "unread")
LONG_PAST = timedelta(30)
"""A change of days so far before the production date is a late correction."""
FIGURES = {"total": ("dato", "kommune"), "flow_day": ("dato",), "flow_week": ("uge", "kommune")}


def prepare(connection: Connection) -> None:
    """Make the tables of the facts where they are missing, and those that every step reads."""
    create(connection, "presence", _step("presence_told").output)
    create(connection, "event", _step("event_told").output)
    create(connection, "untold", _step("unread").output)
    create(connection, "touched", {"month": "VARCHAR", "kommune": "VARCHAR", "produced": "DATE"})
    for name in FIGURES:
        keep(connection, name, _step(f"{name}_told").output)
    rules = definition(AREA)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE definition AS "
        "SELECT CAST($citizenship AS VARCHAR) AS citizenship, CAST($entered_from AS DATE) AS entered_from",
        {"citizenship": rules.citizenship, "entered_from": rules.entered_from},
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE municipality AS SELECT unnest(CAST($codes AS VARCHAR[])) AS kommune",
        {"codes": [m.code for m in municipalities()]},
    )
    parts = {old: new.more["successor"] for old, new in codes.load("borger", "successors").items()}
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE successor AS SELECT unnest(CAST($code AS VARCHAR[])) AS code, "
        "unnest(CAST($kommune AS VARCHAR[])) AS kommune",
        {"code": [old for old, new in parts.items() if new], "kommune": [new for new in parts.values() if new]},
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE country AS SELECT unnest(CAST($codes AS VARCHAR[])) AS country",
        {"codes": list(codes.load("borger", "countries"))},
    )


def steps() -> list[Transformation]:
    """What `follow` runs, in order."""
    return [_step(name) for name in STEPS]


def follow(connection: Connection, produced: date, before: date | None) -> None:
    """Bring the facts up to a delivery that was just told; `before` is the last day covered until now."""
    for step in steps():
        run(connection, step)
    for name in ("presence", "event"):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name}_known AS "
            f"SELECT p.* FROM {name} p SEMI JOIN changed c ON c.person = p.person"
        )
    run(connection, _step("difference"))
    for name in ("presence", "event"):
        connection.execute(f"DELETE FROM {name} WHERE person IN (SELECT person FROM {name}_known)")
        connection.execute(f"INSERT INTO {name} SELECT * FROM {name}_told")
    connection.execute("DELETE FROM untold WHERE person IN (SELECT person FROM changed)")
    connection.execute("INSERT INTO untold SELECT * FROM unread")
    start = definition(AREA).entered_from
    if produced >= start:
        _count(connection, produced, max(start, before + timedelta(1)) if before else start)


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


def _count(connection: Connection, produced: date, fresh: date) -> None:
    """Count the figures anew from the first day that changed; `fresh` is the first that was not covered before."""
    start = definition(AREA).entered_from
    ((told,),) = connection.execute("SELECT min(fra) FROM difference").fetchall()
    first = min(fresh, max(start, told)) if told else fresh
    if first <= produced:
        set_days(connection, first, produced)
        _set_weeks(connection, first, produced)
        for name, keys in FIGURES.items():
            step = _step(f"{name}_told")
            run(connection, step)
            revise(connection, name, step.output, keys, produced)
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
        "SELECT u.reason, count(*) FROM untold u ANTI JOIN (SELECT person FROM presence "
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


def _step(name: str) -> Transformation:
    return transformation(AREA, name)
