"""Published figures with known time: a new row only where a figure changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.warehouse.database import KEPT, create

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Columns

__all__ = ["keep", "revise"]


def keep(connection: Connection, table: str, columns: Columns) -> None:
    """Make the table of a figure that is kept with known time; `known_to` NULL is the row that holds now."""
    create(connection, table, columns | {"known_from": "DATE", "known_to": "DATE"})


def revise(
    connection: Connection, table: str, columns: Columns, keys: Sequence[str], known: date, *, whole: bool = False
) -> None:
    """Take in the rows of the temporary table `<table>`: those that say something new hold from `known` on.

    Where it has the `whole` of the figures, those that it lacks hold no longer.
    """
    figures = [name for name in columns if name not in keys]
    same = " AND ".join(f"t.{key} IS NOT DISTINCT FROM n.{key}" for key in keys)
    differs = " OR ".join(f"t.{name} IS DISTINCT FROM n.{name}" for name in figures) or "false"
    connection.execute(
        f"UPDATE {KEPT}.{table} AS t SET known_to = CAST($known AS DATE) FROM temp.{table} n "
        f"WHERE {same} AND t.known_to IS NULL AND ({differs})",
        {"known": known},
    )
    if whole:
        connection.execute(
            f"UPDATE {KEPT}.{table} AS t SET known_to = CAST($known AS DATE) "
            f"WHERE t.known_to IS NULL AND NOT EXISTS (SELECT 1 FROM temp.{table} n WHERE {same})",
            {"known": known},
        )
    connection.execute(
        f"INSERT INTO {KEPT}.{table} SELECT {', '.join(f'n.{name}' for name in columns)}, CAST($known AS DATE), NULL "
        f"FROM temp.{table} n ANTI JOIN (SELECT * FROM {KEPT}.{table} WHERE known_to IS NULL) t ON {same}",
        {"known": known},
    )
    connection.execute(f"DROP TABLE temp.{table}")
