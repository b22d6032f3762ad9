"""The history of persons, with two clocks.

Valid time (`valid_from`, `valid_to`) is when something was so; known time (`known_from`, `known_to`) is the production
date of the delivery that told it, up to the one that told otherwise. Both end before their second date, and
9999-12-31 stands for no end. A delivery replaces a person as a whole, so known time is kept once per person and
delivery (`history.version`), not in every row: the rows of a version are only ever added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog import contracts
from flis.catalog.area_paths import area_folders
from flis.warehouse.database import copy, create, define, opened, run
from flis.warehouse.graph import linked, ordered
from flis.warehouse.revisions import keep, revise
from flis.warehouse.step import StepKind, all_of_kind, columns_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from flis.config import State
    from flis.warehouse.database import Connection
    from flis.warehouse.step import Step

__all__ = ["kept", "prepare", "replace", "residents", "tell"]

ADDED = "_latest"
"""How columns end that records read by an earlier version lack: their dates stand for the day that they name."""

_RESIDENTS = """
CREATE OR REPLACE MACRO residents(place, day, known) AS TABLE
    SELECT coalesce(i.person, r.person) AS person
    FROM history.residence r
    JOIN history.version v ON v.person = r.person AND v.known_from = r.known_from
    LEFT JOIN history.identity i ON i.number = r.person
    WHERE r.kommune = place AND r.valid_from <= day AND r.valid_to > day
        AND v.known_from <= known AND v.known_to > known
"""


def prepare(connection: Connection, area: str) -> None:
    """Make the tables of the history where they are missing.

    `history.version` says from when until when a delivery's word on a person held; `history.identity` leads from a
    number that was given up to the current one; `inhabitants` are the municipalities' by known time.
    `residents(kommune, day, known)` is a macro to query by.
    """
    define(connection, "CREATE SCHEMA IF NOT EXISTS history")
    create(connection, "history.present", {"person": "BLOB", "known_from": "DATE", "kommune": "VARCHAR"})
    connection.execute("CREATE OR REPLACE TEMP VIEW present AS SELECT kommune FROM history.present")
    for step in all_of_kind(ordered(area), StepKind.REVISED):
        keep(connection, step.name, step.output)
    create(connection, "history.past", {"person": "BLOB", "known_from": "DATE", "known_to": "DATE"})
    create(connection, "history.identity", {"number": "BLOB", "person": "BLOB"})
    for step in kept(area):
        create(connection, f"history.{step.name}", step.output | {"known_from": "DATE"})
    define(
        connection,
        "CREATE OR REPLACE VIEW history.version AS SELECT person, known_from, known_to FROM history.past "
        "UNION ALL SELECT person, known_from, DATE '9999-12-31' FROM history.present",
    )
    define(connection, _RESIDENTS)


def kept(area: str) -> list[Step]:
    """The steps of an area whose output is kept with two clocks."""
    return [step for step in all_of_kind(ordered(area), StepKind.KEPT) if not step.newest]


def tell(
    connection: Connection, area: str, records: Mapping[str, Path], produced: date, also: Sequence[Step] = ()
) -> None:
    """Make temporary tables of what a delivery tells: those that are kept, and `changed`, the numbers it replaces.

    What the steps `also` read of the records lies in temporary tables too.

    Raises:
        StateError: a record file lacks a column; the contract of the area no longer keeps it.
    """
    steps = [step for step in ordered(area) if step.kind.of_a_delivery]
    readers = [*steps, *also]
    for table in contracts.load(area).tables:
        wanted = columns_read(readers, table.name)
        if not wanted:
            continue
        optional = [column for column in wanted if column.endswith(ADDED)]
        copy(connection, table.name, wanted, records.get(table.source), optional=optional)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE production AS SELECT CAST($produced AS DATE) AS produced", {"produced": produced}
    )
    for step in steps:
        run(connection, step)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE changed AS SELECT person FROM person UNION SELECT number FROM number"
    )


def replace(connection: Connection, area: str, produced: date) -> None:
    """Put what was told in place of what was known of the same persons, as of `produced`."""
    known = {"produced": produced}
    connection.execute(
        "INSERT INTO history.past SELECT p.person, p.known_from, CAST($produced AS DATE) FROM history.present p "
        "SEMI JOIN changed c ON c.person = p.person",
        known,
    )
    connection.execute("DELETE FROM history.present WHERE person IN (SELECT person FROM changed)")
    connection.execute("INSERT INTO history.present SELECT h.person, d.produced, h.kommune FROM home h, production d")
    for step in kept(area):
        values = f"SELECT *, CAST($produced AS DATE) FROM temp.{step.name}"
        connection.execute(f"INSERT INTO history.{step.name} {values}", known)
    _identify(connection)
    for step in all_of_kind(ordered(area), StepKind.REVISED):
        run(connection, step)
        revise(connection, step.name, step.output, step.keys, produced)


def residents(state: State, kommune: str, day: date, known: date) -> list[bytes]:
    """The persons resident in a municipality at the end of `day`, as known on `known`: hashed current numbers, sorted.

    A number that was given up since counts under the one that took its place, so one person is one person throughout.
    """
    source = next(area for area in area_folders() if linked(area))
    with opened(state, source) as connection:
        rows = connection.execute(
            "SELECT DISTINCT person FROM residents($place, CAST($day AS DATE), CAST($known AS DATE)) ORDER BY person",
            {"place": kommune, "day": day, "known": known},
        ).fetchall()
    return [row[0] for row in rows]


def _identify(connection: Connection) -> None:
    """Note the numbers given up, and lead those given up earlier on to the newest one."""
    if connection.execute("SELECT count(*) FROM number").fetchall() == [(0,)]:
        return
    connection.execute("DELETE FROM history.identity WHERE number IN (SELECT number FROM number)")
    connection.execute("INSERT INTO history.identity SELECT number, min(person) FROM number GROUP BY number")
    for _ in range(8):
        moved = connection.execute(
            "UPDATE history.identity AS i SET person = j.person FROM history.identity j "
            "WHERE j.number = i.person AND j.person <> i.person AND j.person <> i.number"
        ).fetchall()
        if moved == [(0,)]:
            break
