"""By which loading steps a warehouse was built: where they are others now, it is built anew from its deliveries.

So it is where the engine hashes rows otherwise than it did: what is kept would look changed wherever it was told again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.errors import StateError
from flis.warehouse.database import create, is_read_only
from flis.warehouse.graph import is_daily, linked
from flis.warehouse.parts import hashing
from flis.warehouse.step_fingerprints import loading

if TYPE_CHECKING:
    from flis.warehouse.database import Connection

__all__ = ["check", "follows", "renew"]

HASHING = "hash of rows"
"""Stands among the names of steps, of which none has a blank."""


def follows(connection: Connection, source: str) -> bool:
    """Whether the warehouse was built by the steps of today; an empty one was."""
    tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "delivery" not in tables or connection.execute("SELECT count(*) FROM delivery").fetchall() == [(0,)]:
        return True
    return "loading_step" in tables and _noted(connection) == _today(connection, source)


def check(connection: Connection, source: str) -> None:
    """Note the steps in an empty warehouse.

    Raises:
        StateError: the warehouse was built by other steps.
    """
    if not follows(connection, source):
        raise StateError(
            "The warehouse was built by other steps, contracts or code lists than those of today.",
            hint=f"`flis load {source}` (or the next `flis run {'daily' if is_daily(source) else 'monthly'}`) "
            "builds it anew from the deliveries.",
        )
    create(connection, "loading_step", {"name": "VARCHAR", "fingerprint": "VARCHAR"})
    now = _today(connection, source)
    if not is_read_only(connection) and _noted(connection) != now:
        connection.execute("DELETE FROM loading_step")
        connection.execute(
            "INSERT INTO loading_step SELECT unnest(CAST($names AS VARCHAR[])), unnest(CAST($found AS VARCHAR[]))",
            {"names": list(now), "found": list(now.values())},
        )


def renew(connection: Connection) -> None:
    """Empty the warehouse, so that every delivery is loaded again; all of it or nothing."""
    connection.execute("BEGIN")
    views = connection.execute("SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
    for kind, found in (("VIEW", views), ("TABLE", tables)):
        for schema, name in found:
            connection.execute(f"DROP {kind} {schema}.{name}")
    connection.execute("COMMIT")


def _today(connection: Connection, source: str) -> dict[str, str]:
    """The fingerprints of today's steps, and how rows are hashed where parts are told apart by it."""
    return loading(source) if linked(source) else loading(source) | {HASHING: hashing(connection)}


def _noted(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT name, fingerprint FROM loading_step").fetchall())
