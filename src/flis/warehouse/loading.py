"""Load: accepted deliveries into the warehouse of their area, each in one transaction."""

from __future__ import annotations

import logging
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flis import validation
from flis.catalog.area_paths import area_folders
from flis.catalog.contracts import all_contracts, of_area, unreadable
from flis.delivery import DeliveryState, advance, broken, deliveries
from flis.errors import CatalogError, DamagedError, StateError, StorageError
from flis.steps import step
from flis.threads import side_by_side
from flis.warehouse import keeping, ledger, other_areas, persons, register, rulebook
from flis.warehouse.database import beside, opened
from flis.warehouse.graph import followers, is_daily, linked, ordered
from flis.warehouse.step import StepKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from flis.config import State
    from flis.delivery import Delivery
    from flis.errors import FlisError
    from flis.warehouse.database import Connection

__all__ = ["Loaded", "load", "loadable", "loader", "prepare"]

LOG = logging.getLogger("flis.warehouse")
SMALL = 50_000
LARGE = 500_000
"""A delivery of more rows is loaded by itself."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A delivery that came into the warehouse: the number of its load there, whom it told of where its records are of
    persons, and the first day whose figures it changed, where that is known.
    """

    id: str
    area: str
    load: int
    produced: date
    persons: int
    first_changed: date | None = None


def load(state: State, area: str | None = None) -> list[Loaded]:
    """Take every accepted delivery of an area (None: of all) that the warehouse does not hold, and mark it loaded.

    Loading twice changes nothing. A warehouse that was put aside, or was built by other steps than those of today, is
    built again from all accepted deliveries. Where every area is loaded, one that another process is loading is left to
    it, unless its deliveries come every day.

    Raises:
        StateError: an older delivery of a chain turned up after a newer one was loaded; or a delivery cannot be loaded:
            its records are gone, or a step fails over them. Where deliveries are no chain, the others are loaded, and
            the other areas in any case.
        CatalogError: a step of a chain fails.
    """
    areas = loadable(state)
    if area is not None:
        return _load(state, area) if area in areas else []
    done: list[Loaded] = []
    faults: list[FlisError] = []
    for one in areas:
        busy = None if is_daily(one) else StateError(f"Another process is loading {one}.")
        try:
            done += _load(state, one, busy)
        except StorageError:
            raise
        except (CatalogError, StateError) as refused:
            if refused is busy:
                LOG.info("%s", refused)
            else:
                faults.append(refused)
    if faults:
        raise faults[0]
    return done


def loadable(state: State) -> list[str]:
    """The areas with accepted deliveries and steps that keep them, daily ones first."""
    accepted = {d.manifest.area for d in deliveries(state, DeliveryState.VALIDATED, DeliveryState.LOADED)}
    areas = [one for one in area_folders() if one in accepted and one not in unreadable() and _is_kept(one)]
    return sorted(areas, key=lambda one: (not is_daily(one), one))


def _load(state: State, area: str, busy: StateError | None = None) -> list[Loaded]:
    with loader(state, area, busy) as take:
        return take()


@contextmanager
def loader(state: State, area: str, busy: StateError | None = None) -> Iterator[Callable[[], list[Loaded]]]:
    """The warehouse of an area kept open for many loads, one delivery after the other; each call does what `load` does.

    With `busy` that error is raised where another process has it open.
    """
    others, known = other_areas.snapshots(state, area, loading=True), register.register_of(state, area)
    with opened(state, area, busy=busy) as connection:
        if not rulebook.follows(connection, area):
            _begin_anew(state, connection, area)
        prepare(connection, area)
        with other_areas.attached(connection, others):
            yield lambda: _take(state, connection, area, known)


def prepare(connection: Connection, area: str) -> None:
    """Make every table of an area's warehouse that is missing.

    Raises:
        StateError: the warehouse was built by other steps.
    """
    rulebook.check(connection, area)
    ledger.prepare(connection)
    if linked(area):
        persons.prepare(connection, area)
    else:
        keeping.prepare(connection, area)


def _is_kept(area: str) -> bool:
    """Whether a step keeps what the deliveries of an area tell; also where none can be read: loading says why."""
    try:
        return bool(of_area(area)) and any(s.kind is StepKind.KEPT for other in followers(area) for s in ordered(other))
    except CatalogError:
        return True


def _take(state: State, connection: Connection, area: str, known: Path | None) -> list[Loaded]:
    done: list[Loaded] = []
    there = ledger.held(connection)
    lost = [b for b in broken(state) if b.state.accepted and b.id not in there and _may_be_of(b.id, area)]
    _check_whole(area, [b.id for b in lost if b.state is DeliveryState.LOADED])
    if lost:
        LOG.warning("Nothing is loaded: the manifest of the delivery %s is damaged.", lost[0].id)
        return done
    faults: list[StateError] = []
    open_ones = (d for d in _accepted(state, area) if d.id not in there or d.state is not DeliveryState.LOADED)
    with ExitStack() as cursors, closing(side_by_side(_told, _beside(connection, open_ones, there, cursors))) as told:
        for (delivery, own), telling in told:
            new = delivery.id not in there
            if new:
                try:
                    done.append(_load_one(own or connection, delivery, is_told=telling.result()))
                except (CatalogError, StateError) as fault:
                    if linked(area):  # the next link cannot come before this one
                        raise
                    LOG.warning("%s is not loaded: %s", delivery.id, fault)
                    faults.append(_not_loaded(delivery, fault))
                    continue
                finally:
                    if own:
                        own.close()
                step("load.committed")
            weighed = _weigh(state, connection, delivery, known)
            step("load.weighed")
            advance(state, weighed, DeliveryState.LOADED)
            step("load.moved")
    connection.execute("RESET threads")  # what is worked into the file in the end is worth all of them
    if faults:
        raise faults[0]
    return done


def _beside(
    connection: Connection, some: Iterable[Delivery], there: Collection[str], cursors: ExitStack
) -> Iterator[tuple[Delivery, Connection | None]]:
    """Each delivery, with a connection of its own where it can be told while others are.

    One of a chain is told by its load, and a large one in its turn: there is no room for several.
    """
    for delivery in some:
        alone = linked(delivery.manifest.area) or delivery.manifest.records > LARGE
        own = None if alone or delivery.id in there else cursors.enter_context(closing(beside(connection)))
        yield delivery, own


def _told(one: tuple[Delivery, Connection | None]) -> bool:
    """Make the temporary tables of what a delivery tells, in its own connection; whether it has one."""
    delivery, own = one
    if own:
        _check_records(delivery)
        keeping.tell(own, delivery)
    return own is not None


def _not_loaded(delivery: Delivery, fault: FlisError) -> StateError:
    told = delivery.manifest
    of = " ".join(part for part in (told.interface, told.sender, told.period) if part)
    return StateError(f"The delivery {delivery.id} ({of}) is not loaded: {fault.message}", hint=fault.hint)


def _begin_anew(state: State, connection: Connection, area: str) -> None:
    """Empty a warehouse that was built by other steps; its deliveries are loaded again."""
    known = _accepted(state, area)
    _check_whole(area, [b.id for b in broken(state) if b.state.accepted and _may_be_of(b.id, area)])
    for delivery in known:
        _check_records(delivery)
    LOG.warning(
        "The warehouse was built by other steps, contracts or code lists: it is built anew from %d deliveries.",
        len(known),
    )
    rulebook.renew(connection)
    step("load.emptied")


def _may_be_of(name: str, area: str) -> bool:
    """Whether a delivery whose manifest is damaged may be one of the area, by what its id begins with."""
    others = [c.id for c in all_contracts() if c.area != area and not linked(c.area)]
    return not any(name.startswith(f"{other}-") for other in others)


def _check_whole(area: str, lost: list[str]) -> None:
    """Let no warehouse be built anew without a delivery that it held: DamagedError."""
    if lost:
        raise DamagedError(
            f"The warehouse is not built anew: the manifest of the delivery {lost[0]} is damaged.",
            hint="Put its manifest.json back from a backup; where the file is kept, "
            f"`flis run {'daily' if is_daily(area) else 'monthly'}` writes it anew.",
        )


def _accepted(state: State, area: str) -> list[Delivery]:
    """The accepted deliveries of an area: in the order of their chain, or in that of their arrival."""
    found = [d for d in deliveries(state, DeliveryState.VALIDATED, DeliveryState.LOADED) if d.manifest.area == area]
    return found if linked(area) else sorted(found, key=lambda d: (d.manifest.received, d.id))


def _weigh(state: State, connection: Connection, delivery: Delivery, known: Path | None) -> Delivery:
    """Let the rules that look at what loading did judge a delivery that is in the warehouse.

    `known` is the snapshot of the register of persons.
    """
    area = delivery.manifest.area
    if linked(area):
        return validation.weigh(state, delivery, persons.weight(connection, delivery))
    rows, strangers = register.strangers(connection, delivery, known)
    weight = replace(keeping.weight(connection, delivery, area), rows=rows, strangers=strangers)
    return validation.weigh(state, delivery, weight)


def _load_one(connection: Connection, delivery: Delivery, *, is_told: bool) -> Loaded:
    entry, chained = ledger.next_entry(connection, delivery), linked(delivery.manifest.area)
    last = ledger.newest(connection) if chained else None
    if chained and last and last.produced >= entry.produced:
        raise StateError(f"The delivery {delivery.id} is older than what the warehouse holds.")
    _check_records(delivery)
    if not (chained or is_told):
        keeping.tell(connection, delivery)
    # Of a small delivery most of the time goes into planning, which a second thread only slows down.
    connection.execute("SET threads = 1" if (entry.persons or delivery.manifest.records) < SMALL else "RESET threads")
    connection.execute("BEGIN")
    try:
        if chained:
            changed = persons.take(connection, delivery, entry, last.produced if last else None)
        else:
            changed = None
            keeping.take(connection, entry)
        ledger.note(connection, entry)
        step("load.written")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return Loaded(delivery.id, entry.area, entry.load, entry.produced, entry.persons, changed)


def _check_records(delivery: Delivery) -> None:
    tables = {name for c in of_area(delivery.manifest.area) for t in c.tables for name in (t.name, t.source)}
    if tables & delivery.manifest.types.keys() and not delivery.records:
        raise StateError(f"The records of the delivery {delivery.id} are gone.")
    if delivery.records and not tables & delivery.records.keys():  # its contract was changed since
        raise StateError(
            f"The records of the delivery {delivery.id} are of a table that no contract of its area has any more: "
            f"{', '.join(sorted(delivery.records))}.",
            hint="Give the table its name back in the contract.",
        )
