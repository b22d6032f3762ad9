"""Who was where at a moment, also as it was known on an earlier day: changes between figures are counted from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.warehouse.database import run
from flis.warehouse.graph import source_of
from flis.warehouse.history import kept
from flis.warehouse.step import step_named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    import pyarrow as pa

    from flis.warehouse.database import Connection

__all__ = ["stays"]


def stays(connection: Connection, area: str, known: Iterable[date]) -> pa.Table:
    """Stays of the population as known on some days: municipality, person (a number), first day, day after the last.

    `known_from` and `known_to` say as of which of the days a row holds. What is known now is there in any case.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE stay AS SELECT p.kommune, p.person, p.fra, p.til, h.known_from, "
        "DATE '9999-12-31' AS known_to FROM presence p JOIN history.present h ON h.person = p.person "
        "WHERE p.measure = 'antal'"
    )
    for day in sorted(set(known)):
        _as_known(connection, area, day)
    return connection.sql(
        "SELECT kommune, dense_rank() OVER (ORDER BY person) - 1 AS person, fra, til, known_from, known_to FROM stay"
    ).to_arrow_table()


def _as_known(connection: Connection, area: str, day: date) -> None:
    """Add the stays, as known on `day`, of those of whom something else has been told since."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE version_then AS SELECT person, known_from FROM history.past "
        "WHERE known_from <= CAST($day AS DATE) AND known_to > CAST($day AS DATE)",
        {"day": day},
    )
    member = step_named(area, "member")
    for name in {name.rpartition(".")[2] for name in member.inputs} & {step.name for step in kept(source_of(area))}:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT t.* EXCLUDE (known_from) FROM history.{name} t "
            "JOIN version_then v ON v.person = t.person AND v.known_from = t.known_from"
        )
    run(connection, member)
    connection.execute(
        "INSERT INTO stay SELECT m.kommune, coalesce(i.person, m.person), m.valid_from, m.valid_to, "
        "CAST($day AS DATE), CAST($day AS DATE) + INTERVAL 1 DAY "
        "FROM member m LEFT JOIN history.identity i ON i.number = m.person WHERE m.measure = 'antal'",
        {"day": day},
    )
