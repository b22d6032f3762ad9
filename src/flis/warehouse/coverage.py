"""What a warehouse covers of an area by product, municipality and period, and what was expected and is not there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flis.catalog import contracts
from flis.catalog.area_file import area as area_named
from flis.catalog.sender_file import expected as expected_senders
from flis.delivery import DeliveryState
from flis.delivery.folders import select
from flis.delivery.index import NOT_WHOLE, look
from flis.validation.holding import held_rows
from flis.warehouse import ledger
from flis.warehouse.graph import source_of
from flis.warehouse.ledger import LEDGER
from flis.warehouse.periods import between, first_day, last_day

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from flis.catalog.contract import Contract
    from flis.config import State
    from flis.delivery import Delivery
    from flis.warehouse.database import Connection

__all__ = ["Coverage", "Covered", "MissingPeriod", "Why", "by_periods", "coverage_of", "not_whole"]

Covered = dict[str, dict[str, tuple["date", "date"]]]
"""The first and the last day covered, by product and municipality; under '' those of the area."""


class Why(StrEnum):
    """Why a period of a municipality is not there, or not whole."""

    NOT_DELIVERED = "not-delivered"
    QUARANTINED = "quarantined"
    WAITING = "waiting"
    ROWS_HELD = "rows-held"

    @property
    def text(self) -> tuple[str, str]:
        """The same in words, Danish and English."""
        return _TEXTS[self]


_TEXTS = {
    Why.NOT_DELIVERED: ("ikke leveret", "not delivered"),
    Why.QUARANTINED: ("i karantæne", "in quarantine"),
    Why.WAITING: ("venter på en tidligere leverance", "waits for an earlier delivery"),
    Why.ROWS_HELD: ("fejlbehæftede rækker er holdt tilbage", "faulty rows are held back"),
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the warehouse covers: its days, and the newest of its deliveries with the number of its load."""

    first: date
    last: date
    delivery: str
    deliveries: int
    load: int = 0
    known: date | None = None


@dataclass(frozen=True, slots=True, order=True)
class MissingPeriod:
    """A period of a municipality ('': of the national sender) that was expected and is not there whole, and why."""

    kommune: str
    periode: str
    why: str
    """One of `Why`."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What is loaded of the deliveries with periods: by interface, the periods of each sender."""

    periods: dict[str, dict[str, set[str]]]

    @property
    def senders(self) -> dict[str, set[str]]:
        """The periods of each sender, of whichever interface."""
        found: dict[str, set[str]] = {}
        for by_sender in self.periods.values():
            for sender, periods in by_sender.items():
                found.setdefault(sender, set()).update(periods)
        return found


def coverage_of(connection: Connection, area: str, through: int | None = None) -> Coverage | None:
    """The days that an area covers: through the newest period of which at least half of the expected senders are there.

    One early bird does not move it, and two missing ones do not hold it. `through` is the last load whose periods
    count; None: all count.
    """
    newest, loaded = ledger.newest(connection), _loaded(connection, through)
    senders = loaded.senders
    periods = sorted(set().union(*senders.values())) if senders else []
    if newest is None or not periods:
        return None
    of_area = contracts.of_area(source_of(area))
    expected = {period: max((len(expected_senders(c, period)) for c in of_area), default=1) for period in periods}
    there = {period: sum(period in of for of in senders.values()) for period in periods}
    whole = [period for period in periods if 2 * there[period] >= expected[period]] or periods[:1]
    ((count,),) = connection.execute(f"SELECT count(*) FROM {LEDGER}").fetchall()
    return Coverage(
        first_day(periods[0]), last_day(whole[-1]), newest.id, count, newest.load, _newest_known(connection)
    )


def by_periods(
    state: State, connection: Connection, area: str, coverage: Coverage
) -> tuple[Covered, tuple[MissingPeriod, ...]]:
    """What an area covers by product and municipality, and its gaps up to the last day that it covers."""
    loaded, source = _loaded(connection), source_of(area)
    places = {"": (coverage.first, coverage.last)}
    by_municipality = {c.interface for c in contracts.of_area(source) if not c.sender}
    for interface in by_municipality & loaded.periods.keys():
        for sender, periods in loaded.periods[interface].items():
            first, last = places.get(sender, (coverage.last, coverage.first))
            places[sender] = (min(first, first_day(min(periods))), max(last, last_day(max(periods))))
    known = not_whole(state, source)
    refused = {
        (d.manifest.interface, d.manifest.sender, d.manifest.period): d.state
        for d in known
        if d.state is not DeliveryState.LOADED
    }
    gaps = {
        MissingPeriod(
            "" if contract.sender else sender, period, _why(refused.get((contract.interface, sender, period)))
        )
        for contract in contracts.of_area(source)
        for sender, period in _missing(contract, loaded, coverage)
    }
    gaps |= {
        MissingPeriod(
            d.manifest.sender if d.manifest.interface in by_municipality else "", d.manifest.period, Why.ROWS_HELD
        )
        for d in known
        if d.state is DeliveryState.LOADED and held_rows(d)
    }
    products: Covered = {str(product): dict(sorted(places.items())) for product in area_named(area).products}
    return products, tuple(sorted(gaps))


def not_whole(state: State, source: str) -> list[Delivery]:
    """The deliveries of an area that are refused or wait, and those loaded of which rows may be held back."""
    with look(state) as index:
        return select(index, state, f"area = :area AND {NOT_WHOLE}", {"area": source})


def _missing(contract: Contract, loaded: _Loaded, coverage: Coverage) -> Iterable[tuple[str, str]]:
    """Senders and periods that a contract expects within the days covered, and that are not loaded."""
    of = loaded.periods.get(contract.interface, {})
    periods = sorted(period for periods in of.values() for period in periods)
    if contract.expects is None or not periods:
        return []
    expected = [p for p in between(periods[0], periods[-1], contract.expects.every) if last_day(p) <= coverage.last]
    return [(sender, p) for p in expected for sender in expected_senders(contract, p) if p not in of.get(sender, set())]


def _why(state: DeliveryState | None) -> Why:
    if state is None:
        return Why.NOT_DELIVERED
    return Why.QUARANTINED if state is DeliveryState.QUARANTINED else Why.WAITING


def _loaded(connection: Connection, through: int | None = None) -> _Loaded:
    found: dict[str, dict[str, set[str]]] = {}
    rows = connection.execute(
        f"SELECT DISTINCT interface, sender, period FROM {LEDGER} WHERE period <> '' "
        "AND load <= coalesce($through, load)",
        {"through": through},
    ).fetchall()
    for interface, sender, period in rows:
        found.setdefault(interface, {}).setdefault(sender, set()).add(period)
    return _Loaded(found)


def _newest_known(connection: Connection) -> date | None:
    ((known,),) = connection.execute(f"SELECT max(produced) FROM {LEDGER}").fetchall()
    return known  # type: ignore[no-any-return]
