"""What loading a delivery showed, for validation to weigh: counts after it and what the area's rules found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.warehouse.database import KEPT, create, failing
from flis.warehouse.ledger import LEDGER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Step

__all__ = ["count", "find", "found", "note", "noted", "of_delivery", "prepare"]

VOLUME = {"load": "INTEGER", "what": "VARCHAR", "kommune": "VARCHAR", "counted": "BIGINT"}
FINDING = {"load": "INTEGER", "rule": "VARCHAR", "kommune": "VARCHAR", "da": "VARCHAR", "en": "VARCHAR"}


def prepare(connection: Connection) -> None:
    """Make the tables of what loading showed where they are missing."""
    create(connection, f"{KEPT}.volume", VOLUME)
    create(connection, f"{KEPT}.finding", FINDING)


def count(connection: Connection, load: int, steps: Sequence[Step]) -> None:
    """Keep what the steps of kind `volume` count after a load: each puts out `what`, `kommune` and a number."""
    for step in steps:
        with failing(step):
            connection.execute(f"INSERT INTO {KEPT}.volume SELECT $load, * FROM ({step.select})", {"load": load})


def note(connection: Connection, load: int, counted: Mapping[str, int]) -> None:
    """Keep what was counted of a load."""
    connection.execute(
        f"INSERT INTO {KEPT}.volume SELECT $load, unnest(CAST($what AS VARCHAR[])), '', "
        "unnest(CAST($counted AS BIGINT[]))",
        {"load": load, "what": list(counted), "counted": list(counted.values())},
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


def of_delivery(connection: Connection, delivery: str) -> dict[str, int]:
    """What was counted of the load of a delivery as a whole."""
    rows = connection.execute(
        f"SELECT what, counted FROM {KEPT}.volume "
        f"WHERE kommune = '' AND load = (SELECT load FROM {LEDGER} WHERE id = $id)",
        {"id": delivery},
    ).fetchall()
    return dict(rows)


def find(connection: Connection, load: int, steps: Sequence[Step]) -> None:
    """Keep what the steps of kind `rule` find: a row is a finding, with its message, and its `kommune` if any."""
    for step in steps:
        kommune = "kommune" if "kommune" in step.output else "NULL"
        with failing(step):
            connection.execute(
                f"INSERT INTO {KEPT}.finding SELECT $load, $rule, {kommune}, da, en FROM ({step.select})",
                {"load": load, "rule": step.name},
            )


def found(connection: Connection, delivery: str, steps: Sequence[Step]) -> dict[str, list[dict[str, object]]]:
    """What each of the steps of kind `rule` found in a delivery: of every row `kommune`, `da`, `en` and `status`."""
    told: dict[str, list[dict[str, object]]] = {step.name: [] for step in steps}
    if not told:
        return told
    status = {step.name: step.status for step in steps}
    rows = connection.execute(
        f"SELECT f.rule, f.kommune, f.da, f.en FROM {KEPT}.finding f JOIN {LEDGER} d ON d.load = f.load "
        "WHERE d.id = $id ORDER BY ALL",
        {"id": delivery},
    ).fetchall()
    for rule, kommune, da, en in rows:
        told[rule].append({"kommune": kommune, "da": da, "en": en, "status": status[rule]})
    return told
