"""Whom the register of persons knows: everybody of the one area whose deliveries are links of a chain."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flis.catalog import contracts
from flis.catalog.area_paths import area_folders
from flis.catalog.contract import Classification
from flis.errors import StateError
from flis.warehouse.database import rows_of
from flis.warehouse.graph import linked
from flis.warehouse.other_areas import of_tables

if TYPE_CHECKING:
    from pathlib import Path

    from flis.catalog.contract import Contract
    from flis.config import State
    from flis.delivery import Delivery
    from flis.warehouse.database import Connection

__all__ = ["names_persons", "register_of", "strangers"]

LOG = logging.getLogger("flis.warehouse")
TABLE = "register"
KNOWN = "SELECT person FROM history.present UNION SELECT number FROM history.identity"
"""Current numbers, and those that were given up."""


def names_persons(source: str) -> bool:
    """Whether deliveries of an area have persons that the register can be asked for: it is not the register itself."""
    return not linked(source) and any(_persons(contract) for contract in contracts.of_area(source))


def register_of(state: State, source: str) -> Path | None:
    """A snapshot of the persons that the register knows; None where none is loaded, or nobody is to be looked up.

    Whoever asks has no warehouse open.
    """
    register = next((area for area in area_folders() if linked(area)), "")
    if not register or not names_persons(source):
        return None
    try:
        found, _ = of_tables(state, register, {TABLE: {"person": "BLOB"}}, lambda *_: KNOWN)
    except StateError as refused:  # what another area's warehouse lacks stops nobody who does not read its tables
        LOG.warning("Persons are not looked up in the register: %s", refused)
        return None
    return found.get(TABLE)


def strangers(connection: Connection, delivery: Delivery, register: Path | None) -> tuple[int, int | None]:
    """How many rows of a delivery name a person, and how many of them one whom the register does not know.

    The second is None where there is no register.
    """
    rows = unknown = 0
    for table, fields in _persons(contracts.by_interface(delivery.manifest.interface)).items():
        if (file := delivery.records.get(table)) is None:
            continue
        named = " OR ".join(f"{field} IS NOT NULL" for field in fields)
        strange = "false"
        if register is not None:
            known = f"SELECT person FROM {rows_of(register)}"
            strange = " OR ".join(f"({field} IS NOT NULL AND {field} NOT IN ({known}))" for field in fields)
        ((count, strange_ones),) = connection.execute(
            "SELECT count(*) FILTER (named), count(*) FILTER (strange) "
            f"FROM (SELECT {named} AS named, {strange} AS strange FROM {rows_of(file)})"
        ).fetchall()
        rows, unknown = rows + count, unknown + strange_ones
    return rows, None if register is None else unknown


def _persons(contract: Contract) -> dict[str, list[str]]:
    """The fields of each table that name a person of their own; those that rows take over were looked at there."""
    found = {
        table.name: [
            f.name for f in table.fields if f.classification is Classification.PSEUDONYM and not f.is_inherited
        ]
        for table in contract.tables
    }
    return {table: fields for table, fields in found.items() if fields}
