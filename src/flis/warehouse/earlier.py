"""What was known of the persons of a linked chain on a day: their kept tables then, and what steps make of them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis.warehouse.database import run
from flis.warehouse.graph import ordered, source_of
from flis.warehouse.history import kept
from flis.warehouse.step import StepKind, all_of_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    import pyarrow as pa

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Step

__all__ = ["known_then", "stays"]

CHANGED, ALL = "history.past", "history.version"
"""The versions of those persons of whom something else has been told since, and of all."""


def stays(connection: Connection, step: Step, former: Step, known: Iterable[date]) -> pa.Table:
    """Stays as known now, by `step`, and as known on some days, by `former`.

    They are municipality, person (a number), first day, day after the last, and `known_from` and `known_to`: on which
    of the days a row was known. What is known now is there in any case. A number given up since is its person's.
    """
    kommune, person, first, after = step.output
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE stays_known AS SELECT s.*, h.known_from, DATE '9999-12-31' AS known_to "
        f"FROM ({step.select}) s JOIN history.present h ON h.person = s.{person}"
    )
    for day in sorted(set(known)):
        with known_then(connection, former, day, changed_alone=True):
            connection.execute(
                f"INSERT INTO stays_known SELECT s.{kommune}, coalesce(i.person, s.{person}), s.{first}, s.{after}, "
                "CAST($day AS DATE), CAST($day AS DATE) + INTERVAL 1 DAY "
                f"FROM ({former.select}) AS s ({', '.join(step.output)}) "
                f"LEFT JOIN history.identity i ON i.number = s.{person}",
                {"day": day},
            )
    return connection.sql(
        f"SELECT {kommune}, dense_rank() OVER (ORDER BY {person}) - 1 AS {person}, {first}, {after}, known_from, "
        "known_to FROM stays_known"
    ).to_arrow_table()


@contextmanager
def known_then(connection: Connection, step: Step, day: date, *, changed_alone: bool = False) -> Iterator[None]:
    """Let what a step reads be as it was known on `day`: kept tables, and what its area's steps make of them.

    `changed_alone`: of those persons alone of whom something else has been told since.
    """
    chain = _makers(step)
    there = {one.name for one in kept(source_of(step.area))}
    tables = sorted({_kept(one, name, there) for one in (step, *chain) for name in one.inputs if "." in name})
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE version_then AS SELECT person, known_from "
        f"FROM {CHANGED if changed_alone else ALL} "
        "WHERE known_from <= CAST($day AS DATE) AND known_to > CAST($day AS DATE)",
        {"day": day},
    )
    # of all persons each table is read once, so a copy would cost more than it saves
    kind = "TABLE" if changed_alone else "VIEW"
    try:
        for name in tables:
            connection.execute(
                f"CREATE TEMP {kind} {name} AS SELECT t.* EXCLUDE (known_from) FROM history.{name} t "
                "JOIN version_then v ON v.person = t.person AND v.known_from = t.known_from"
            )
        for one in chain:
            run(connection, one)
        yield
    finally:
        for name in (one.name for one in chain):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
        for name in tables:
            connection.execute(f"DROP {kind} IF EXISTS temp.{name}")


def _kept(step: Step, name: str, there: set[str]) -> str:
    """The kept table that a step calls AREA.TABLE."""
    table = name.rpartition(".")[2]
    if table not in there:
        raise step.error(f"{name} is not kept, so nobody knows what it was on an earlier day.", name)
    return table


def _makers(step: Step) -> list[Step]:
    """The steps of the area that make what a step reads of each delivery, in their order."""
    of_a_delivery = {one.name: one for one in all_of_kind(ordered(step.area), StepKind.TOLD, StepKind.KEPT)}
    wanted, open_ones = set[str](), [step]
    while open_ones:
        new = {name for name in open_ones.pop().inputs if name in of_a_delivery} - wanted
        wanted |= new
        open_ones += [of_a_delivery[name] for name in new]
    return [one for name, one in of_a_delivery.items() if name in wanted]
