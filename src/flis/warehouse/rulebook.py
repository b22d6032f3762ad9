"""By which rules a warehouse was counted: where they are others now, it is built anew from its deliveries."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flis.catalog.area_folders import folder_of, remembered
from flis.errors import StateError
from flis.warehouse.database import create, is_read_only
from flis.warehouse.step import area_steps

if TYPE_CHECKING:
    from flis.warehouse.database import Connection

__all__ = ["check", "follows", "renew", "rules"]

AREAS = ("borger", "ukraine")


@remembered
def rules() -> str:
    """A SHA-256 of what the figures depend on: every step, the definition, the lists of codes."""
    found = hashlib.sha256()
    for area in AREAS:
        for step in area_steps(area):
            found.update(repr((area, step.name, step.inputs, step.output, step.select.split())).encode())
    codes = (folder_of("borger") / "codes").iterdir()
    lists = sorted((f for f in codes if f.name.endswith(".csv")), key=lambda f: f.name)
    for file in (folder_of("ukraine") / "definition.yaml", *lists):
        found.update(file.read_bytes())
    return found.hexdigest()


def follows(connection: Connection) -> bool:
    """Whether the warehouse was counted by the rules of today; an empty one was."""
    tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "delivery" not in tables or connection.execute("SELECT count(*) FROM delivery").fetchall() == [(0,)]:
        return True
    return "rules" in tables and connection.execute("SELECT digest FROM rules").fetchall() == [(rules(),)]


def check(connection: Connection) -> None:
    """Note the rules in an empty warehouse.

    Raises:
        StateError: the warehouse was counted by other rules.
    """
    if not follows(connection):
        raise StateError(
            "The warehouse was counted by the rules of another version of flis.",
            hint="`flis load` (or the next `flis run daily`) builds it anew from the deliveries.",
        )
    create(connection, "rules", {"digest": "VARCHAR"})
    noted = connection.execute("SELECT digest FROM rules").fetchall()
    if noted != [(rules(),)] and not is_read_only(connection):
        connection.execute("DELETE FROM rules")
        connection.execute("INSERT INTO rules VALUES ($digest)", {"digest": rules()})


def renew(connection: Connection) -> None:
    """Empty the warehouse, so that every delivery is loaded again; all of it or nothing."""
    connection.execute("BEGIN")
    views = connection.execute("SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
    for kind, found in (("VIEW", views), ("TABLE", tables)):
        for schema, name in found:
            connection.execute(f"DROP {kind} {schema}.{name}")
    connection.execute("COMMIT")
