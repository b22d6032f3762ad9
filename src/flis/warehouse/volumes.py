"""What loading a delivery showed, for validation to weigh: counts after it and what the area's rules found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.warehouse.database import KEPT, create

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Step

__all__ = ["count", "find", "found", "note", "noted", "prepare"]

VOLUME = {"load": "INTEGER", "what": "VARCHAR", "kommune": "VARCHAR", "counted": "BIGINT"}
FINDING = {"load": "INTEGER", "area": "VARCHAR", "rule": "VARCHAR", "kommune": "VARCHAR", "record": "BIGINT"}


def prepare(connection: Connection) -> None:
    """Make the tables of what loading showed where they are missing."""
    create(connection, f"{KEPT}.volume", VOLUME)
    create(connection, f"{KEPT}.finding", FINDING)


def count(connection: Connection, load: int, steps: Sequence[Step]) -> None:
    """Keep what the steps of kind `volume` count after a load: each puts out `what`, `kommune` and a number."""
    for step in steps:
        connection.execute(f"INSERT INTO {KEPT}.volume SELECT $load, * FROM ({step.select})", {"load": load})


def note(connection: Connection, load: int, what: str, counted: int) -> None:
    """Keep a count of a load."""
    connection.execute(
        f"INSERT INTO {KEPT}.volume VALUES ($load, $what, '', $n)", {"load": load, "what": what, "n": counted}
    )


def noted(connection: Connection, load: int) -> dict[str, dict[str, tuple[int, int]]]:
    """What was counted after the load before and after this one: by what is counted and municipality ('': of all)."""
    rows = connection.execute(
        "SELECT what, kommune, coalesce(sum(counted) FILTER (load < $load), 0), "
        "coalesce(sum(counted) FILTER (load = $load), 0) "
        f"FROM {KEPT}.volume WHERE load IN ($load - 1, $load) GROUP BY ALL",
        {"load": load},
    ).fetchall()
    told: dict[str, dict[str, tuple[int, int]]] = {}
    for what, kommune, before, after in rows:
        told.setdefault(what, {})[kommune] = (int(before), int(after))
    return told


def find(connection: Connection, load: int, steps: Sequence[Step]) -> None:
    """Keep what the steps of kind `rule` find: a row is a finding, of its `kommune` and `ordinal` where it has them."""
    for step in steps:
        kommune = "kommune" if "kommune" in step.output else "NULL"
        record = "ordinal" if "ordinal" in step.output else "NULL"
        connection.execute(
            f"INSERT INTO {KEPT}.finding SELECT $load, $area, $rule, {kommune}, {record} FROM ({step.select})",
            {"load": load, "area": step.area, "rule": step.name},
        )


def found(connection: Connection, load: int) -> list[tuple[str, str, str | None, int | None]]:
    """The findings of a load: area, rule, municipality, record."""
    return connection.execute(
        f"SELECT area, rule, kommune, record FROM {KEPT}.finding WHERE load = $load ORDER BY ALL", {"load": load}
    ).fetchall()
