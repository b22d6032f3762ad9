"""Load: accepted deliveries into the warehouse, in the order of their chain, each in one transaction."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis import validation
from flis.delivery import DeliveryState, advance, broken, deliveries
from flis.delivery.lock import lock
from flis.errors import DamagedError, StateError
from flis.steps import step
from flis.warehouse import history, population, rulebook
from flis.warehouse.database import create, opened
from flis.warehouse.given import give
from flis.warehouse.graph import followers, ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from flis.config import State
    from flis.delivery import Delivery
    from flis.warehouse.database import Connection

__all__ = ["Loaded", "load", "loaded_days", "loader", "prepare"]

LOG = logging.getLogger("flis.warehouse")
SMALL = 50_000
AREA = "borger"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A delivery that came into the warehouse: whom it told of, and the first day whose figures it changed, if any."""

    id: str
    produced: date
    persons: int
    first_changed: date | None


def load(state: State, area: str = AREA) -> list[Loaded]:
    """Take every accepted delivery of `area` that the warehouse does not hold, oldest first, and mark it loaded.

    Loading twice changes nothing. A warehouse that was put aside, or was counted by other rules than those of this
    version, is built again from all accepted deliveries.

    Raises:
        StateError: an older delivery turned up after a newer one was loaded, or its records are gone.
    """
    if not _accepted(state, area):
        return []
    with loader(state, area) as take:
        return take()


@contextmanager
def loader(state: State, area: str = AREA) -> Iterator[Callable[[], list[Loaded]]]:
    """The warehouse kept open for many loads, one delivery after the other; each call does what `load` does."""
    with opened(state) as connection:
        if not rulebook.follows(connection):
            _begin_anew(state, connection, area)
        prepare(connection)
        yield lambda: _take(state, connection, area)


def _take(state: State, connection: Connection, area: str) -> list[Loaded]:
    done: list[Loaded] = []
    with lock(state):
        held = {row[0] for row in connection.execute("SELECT id FROM delivery").fetchall()}
        lost = [b for b in broken(state) if b.state.accepted and b.id not in held]
        _check_whole([b.id for b in lost if b.state is DeliveryState.LOADED])
        if lost:
            LOG.warning("Nothing is loaded: the manifest of the delivery %s is damaged.", lost[0].id)
            return done
        for delivery in _accepted(state, area):
            new = delivery.id not in held
            if new:
                done.append(_load(connection, delivery))
                step("load.committed")
            if new or delivery.state is not DeliveryState.LOADED:
                weighed = _weigh(state, connection, delivery)
                step("load.weighed")
                advance(state, weighed, DeliveryState.LOADED)
                step("load.moved")
    return done


def _begin_anew(state: State, connection: Connection, area: str) -> None:
    """Empty a warehouse that was counted by other rules; its deliveries are loaded again."""
    known = _accepted(state, area)
    _check_whole([b.id for b in broken(state) if b.state.accepted])
    for delivery in known:
        _check_records(delivery)
    LOG.warning(
        "The warehouse was counted by the rules of another version: it is built anew from %d deliveries.", len(known)
    )
    rulebook.renew(connection)
    step("load.emptied")


def _check_whole(lost: list[str]) -> None:
    """Let no warehouse be built anew without a delivery that it held: DamagedError."""
    if lost:
        raise DamagedError(
            f"The warehouse is not built anew: the manifest of the delivery {lost[0]} is damaged.",
            hint="Put its manifest.json back from a backup; where the file is kept, `flis run daily` writes it anew.",
        )


def _accepted(state: State, area: str) -> list[Delivery]:
    found = deliveries(state, DeliveryState.VALIDATED, DeliveryState.LOADED)
    return [d for d in found if d.manifest.area == area]


def prepare(connection: Connection) -> None:
    """Make every table of the warehouse that is missing.

    Raises:
        StateError: the warehouse was counted by other rules.
    """
    rulebook.check(connection)
    create(connection, "delivery", {"id": "VARCHAR", "produced": "DATE", "persons": "INTEGER", "corrected": "INTEGER"})
    area, *made_of_it = followers(AREA)
    give(connection, area, area, ordered(area))
    history.prepare(connection, area)
    for other in made_of_it:
        give(connection, other, area, ordered(other))
        population.prepare(connection, other)


def loaded_days(connection: Connection) -> tuple[str, date] | None:
    """Id and production date of the newest delivery in the warehouse."""
    rows = connection.execute("SELECT id, produced FROM delivery ORDER BY produced DESC LIMIT 1").fetchall()
    return rows[0] if rows else None


def _weigh(state: State, connection: Connection, delivery: Delivery) -> Delivery:
    """Let the rules that look at what loading did judge a delivery that is in the warehouse."""
    assert delivery.manifest.produced  # noqa: S101
    return validation.weigh(state, delivery, population.weight(connection, delivery.manifest.produced))


def _load(connection: Connection, delivery: Delivery) -> Loaded:
    produced = delivery.manifest.produced
    newest = loaded_days(connection)
    if produced is None or (newest and newest[1] >= produced):
        raise StateError(f"The delivery {delivery.id} is older than what the warehouse holds.")
    _check_records(delivery)
    # Of a day's delivery most of the time goes into planning, which a second thread only slows down.
    connection.execute("SET threads = 1" if delivery.manifest.persons < SMALL else "RESET threads")
    connection.execute("BEGIN")
    try:
        area, *made_of_it = followers(delivery.manifest.area)
        history.tell(connection, area, delivery.records, produced, [s for other in made_of_it for s in ordered(other)])
        step("load.told")
        history.replace(connection, area, produced)
        for other in made_of_it:
            population.follow(connection, other, produced, newest[1] if newest else None)
        ((persons, changed, corrected),) = connection.execute(
            "SELECT (SELECT count(*) FROM person), (SELECT min(fra) FROM difference), "
            "(SELECT count(DISTINCT person) FROM difference WHERE fra < CAST($past AS DATE))",
            {"past": produced - population.LONG_PAST},
        ).fetchall()
        connection.execute(
            "INSERT INTO delivery VALUES ($id, $produced, $persons, $corrected)",
            {"id": delivery.id, "produced": produced, "persons": persons, "corrected": corrected},
        )
        step("load.written")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return Loaded(delivery.id, produced, persons, changed)


def _check_records(delivery: Delivery) -> None:
    if delivery.manifest.persons and not delivery.records:
        raise StateError(f"The records of the delivery {delivery.id} are gone.")
