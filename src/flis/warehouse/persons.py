"""Load a delivery that replaces persons: its chain is linked, and its history is kept by person.

The general form of parts would write a version for each person of each delivery. Here what is known now and what was
known before lie apart (`history.present`, `history.past`), so that a day's work does not grow with the history.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from flis.steps import step
from flis.validation import Load
from flis.warehouse import history, population, volumes
from flis.warehouse.given import give
from flis.warehouse.graph import followers, ordered
from flis.warehouse.step import StepKind, all_of_kind

if TYPE_CHECKING:
    from datetime import date

    from flis.delivery import Delivery
    from flis.warehouse.database import Connection
    from flis.warehouse.ledger import LedgerEntry

__all__ = ["prepare", "take", "weight"]

LONG_PAST = timedelta(30)
"""A change of days so far before the production date is a late correction."""
PERSONS, INHABITANTS, CORRECTED = "persons", "inhabitants", "corrected"
"""What is counted: the persons of a population, all inhabitants, the persons whose days long past a delivery changed.

Any other count is of persons who would be among the first but for what it is called.
"""


def prepare(connection: Connection, source: str) -> None:
    """Make every table that is missing."""
    volumes.prepare(connection)
    area, *made_of_it = followers(source)
    give(connection, area, area, ordered(area))
    history.prepare(connection, area)
    for other in made_of_it:
        give(connection, other, area, ordered(other))
        population.prepare(connection, other)


def take(connection: Connection, delivery: Delivery, entry: LedgerEntry, before: date | None) -> date | None:
    """Keep what a delivery tells of its persons; `before` is the production date of the one before it.

    The first day whose figures it changed, if any.

    Raises:
        StateError: its records lack a column that a step reads.
    """
    area, *made_of_it = followers(entry.area)
    history.tell(
        connection, area, delivery.records, entry.produced, [s for other in made_of_it for s in ordered(other)]
    )
    step("load.told")
    history.replace(connection, area, entry.produced)
    for other in made_of_it:
        population.follow(connection, other, entry.produced, before)
    steps = [one for other in (area, *made_of_it) for one in ordered(other)]
    volumes.count(connection, entry.load, all_of_kind(steps, StepKind.VOLUME))
    spans = population.spans(steps)
    if not spans:
        return None
    ((changed, corrected),) = connection.execute(
        f"SELECT min(fra), count(DISTINCT person) FILTER (fra < CAST($past AS DATE)) FROM ({spans})",
        {"past": entry.produced - LONG_PAST},
    ).fetchall()
    volumes.note(connection, entry.load, {CORRECTED: corrected if before else 0})
    return cast("date | None", changed)


def weight(connection: Connection, delivery: Delivery) -> Load:
    """What loading a delivery did to totals and inhabitants, and how many persons' past it changed."""
    ((load,),) = connection.execute("SELECT load FROM delivery WHERE id = $id", {"id": delivery.id}).fetchall()
    told = volumes.noted(connection, load)
    persons, inhabitants = told.pop(PERSONS, {}), told.pop(INHABITANTS, {})
    _, corrected = told.pop(CORRECTED, {}).get("", (0, 0))
    return Load(
        before={kommune: before for kommune, (before, _) in persons.items()},
        after={kommune: after for kommune, (_, after) in persons.items()},
        corrected=corrected,
        inhabitants_before={kommune: before for kommune, (before, _) in inhabitants.items()},
        inhabitants_after={kommune: after for kommune, (_, after) in inhabitants.items()},
        unread={what: after for what, of in told.items() for _, after in of.values() if after},
    )
