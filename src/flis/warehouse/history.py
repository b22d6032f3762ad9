"""The history of persons, with two clocks.

Valid time (`valid_from`, `valid_to`) is when something was so; known time (`known_from`, `known_to`) is the production
date of the delivery that told it, up to the one that told otherwise. Both end before their second date, and
9999-12-31 stands for no end. A delivery replaces a person as a whole, so known time is kept once per person and
delivery (`history.version`), not in every row: the rows of a version are only ever added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.warehouse.database import copy, create, define, opened, run
from flis.warehouse.revisions import keep, revise
from flis.warehouse.transformation import columns, transformation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from flis.config import State
    from flis.warehouse.database import Connection
    from flis.warehouse.transformation import Transformation

__all__ = ["prepare", "replace", "residents", "tell"]

STEPS = (
    "number", "person", "address", "abroad", "entry_country", "missing", "citizenship", "civil_state", "whereabouts",
    "residence",
)  # fmt: skip
INHABITANTS = ("kommune",)
ADDED = "_latest"
"""How columns end that records read by an earlier version lack: their dates stand for the day that they name."""
KEPT = ("person", "residence", "citizenship", "civil_state", "abroad", "missing")

_RESIDENTS = """
CREATE OR REPLACE MACRO residents(place, day, known) AS TABLE
    SELECT coalesce(i.person, r.person) AS person
    FROM history.residence r
    JOIN history.version v ON v.person = r.person AND v.known_from = r.known_from
    LEFT JOIN history.identity i ON i.number = r.person
    WHERE r.kommune = place AND r.valid_from <= day AND r.valid_to > day
        AND v.known_from <= known AND v.known_to > known
"""


def prepare(connection: Connection) -> None:
    """Make the tables of the history where they are missing.

    `history.version` says from when until when a delivery's word on a person held; `history.identity` leads from a
    number that was given up to the current one; `inhabitants` are the municipalities' by known time.
    `residents(kommune, day, known)` is a macro to query by.
    """
    define(connection, "CREATE SCHEMA IF NOT EXISTS history")
    create(connection, "history.present", {"person": "BLOB", "known_from": "DATE", "kommune": "VARCHAR"})
    connection.execute("CREATE OR REPLACE TEMP VIEW present AS SELECT kommune FROM history.present")
    keep(connection, "inhabitants", transformation("borger", "inhabitants_told").output)
    create(connection, "history.past", {"person": "BLOB", "known_from": "DATE", "known_to": "DATE"})
    create(connection, "history.identity", transformation("borger", "number").output)
    for name in KEPT:
        create(connection, f"history.{name}", transformation("borger", name).output | {"known_from": "DATE"})
    define(
        connection,
        "CREATE OR REPLACE VIEW history.version AS SELECT person, known_from, known_to FROM history.past "
        "UNION ALL SELECT person, known_from, DATE '9999-12-31' FROM history.present",
    )
    define(connection, _RESIDENTS)


def tell(connection: Connection, records: Mapping[str, Path], also: Sequence[Transformation] = ()) -> None:
    """Make temporary tables of what a delivery tells: those of `KEPT`, and `changed`, the numbers that it replaces.

    What the transformations `also` read of the records lies in temporary tables too.

    Raises:
        StateError: a record file lacks a column; the contract of the area no longer keeps it.
    """
    steps = [transformation("borger", name) for name in STEPS]
    readers = [*steps, *also]
    read = sorted({table for step in readers for table in step.inputs if table.startswith("record_")})
    for table in read:
        wanted = columns(readers, table)
        optional = [column for column in wanted if column.endswith(ADDED)]
        copy(connection, table, wanted, records.get(table.removeprefix("record_")), optional=optional)
    for step in steps:
        run(connection, step)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE changed AS SELECT person FROM person UNION SELECT number FROM number"
    )


def replace(connection: Connection, produced: date) -> None:
    """Put what was told in place of what was known of the same persons, as of `produced`."""
    known = {"produced": produced}
    connection.execute(
        "INSERT INTO history.past SELECT p.person, p.known_from, CAST($produced AS DATE) FROM history.present p "
        "SEMI JOIN changed c ON c.person = p.person",
        known,
    )
    connection.execute("DELETE FROM history.present WHERE person IN (SELECT person FROM changed)")
    connection.execute("CREATE OR REPLACE TEMP TABLE production AS SELECT CAST($produced AS DATE) AS produced", known)
    run(connection, transformation("borger", "home"))
    connection.execute("INSERT INTO history.present SELECT h.person, d.produced, h.kommune FROM home h, production d")
    for name in KEPT:
        connection.execute(f"INSERT INTO history.{name} SELECT *, CAST($produced AS DATE) FROM temp.{name}", known)
    _identify(connection)
    counted = transformation("borger", "inhabitants_told")
    run(connection, counted)
    revise(connection, "inhabitants", counted.output, INHABITANTS, produced)


def residents(state: State, kommune: str, day: date, known: date) -> list[bytes]:
    """The persons resident in a municipality at the end of `day`, as known on `known`: hashed current numbers, sorted.

    A number that was given up since counts under the one that took its place, so one person is one person throughout.
    """
    with opened(state) as connection:
        prepare(connection)
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
