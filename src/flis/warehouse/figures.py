"""Figures with known time, as they are kept: what is known now, what was known on a day, and what became another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.warehouse.database import KEPT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pyarrow as pa

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Step

__all__ = ["Revision", "as_known", "known_now", "revisions"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A figure of a day and municipality that was known otherwise before."""

    day: date
    kommune: str
    before: int
    after: int


def known_now(connection: Connection, figure: Step) -> pa.Table:
    """The rows of a figure that hold now."""
    columns = ", ".join(figure.output)
    return connection.sql(f"SELECT {columns} FROM {KEPT}.{figure.name} WHERE known_to IS NULL").to_arrow_table()


def as_known(connection: Connection, figure: Step, moments: Sequence[tuple[date, date]]) -> pa.Table:
    """The rows of a figure of some days, each as known on another day: number of the moment (`n`), then its columns.

    The first key of the figure is the day.
    """
    columns = ", ".join(f"f.{name}" for name in figure.output)
    return connection.sql(
        f"SELECT m.n, {columns} FROM (SELECT unnest(range(len(CAST($day AS DATE[])))) AS n, "
        "unnest(CAST($day AS DATE[])) AS day, unnest(CAST($known AS DATE[])) AS known) m "
        f"JOIN {KEPT}.{figure.name} f ON f.{figure.keys[0]} = m.day AND f.known_from <= m.known "
        "AND coalesce(f.known_to, DATE '9999-12-31') > m.known",
        params={"day": [day for day, _ in moments], "known": [known for _, known in moments]},
    ).to_arrow_table()


def revisions(connection: Connection, figure: Step, since: date, through: date) -> list[Revision]:
    """The values of days up to `through` that are known otherwise than on `since`.

    The keys of the figure are day and municipality, and the column after them is the value.
    """
    day, kommune = figure.keys
    value = next(name for name in figure.output if name not in figure.keys)
    rows = connection.execute(
        f"SELECT n.{day}, n.{kommune}, b.{value}, n.{value} FROM {KEPT}.{figure.name} n JOIN {KEPT}.{figure.name} b "
        f"ON b.{day} = n.{day} AND b.{kommune} = n.{kommune} "
        f"WHERE n.known_to IS NULL AND n.known_from > $since AND n.{day} <= $through "
        f"AND b.known_from <= $since AND b.known_to > $since AND b.{value} <> n.{value} ORDER BY 1, 2",
        {"since": since, "through": through},
    ).fetchall()
    return [Revision(*row) for row in rows]
