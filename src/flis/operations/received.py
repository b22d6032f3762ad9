"""How far the accepted deliveries of an area reach, whether they are published or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flis.catalog.area_file import Phrase
from flis.catalog.sender_file import expected
from flis.operations.due_days import last_day
from flis.operations.kept import ACCEPTED, CHAINED, DAY, independent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.operations.arrived_periods import Arrivals
    from flis.operations.kept import Recorded

__all__ = ["Received", "received_through"]


@dataclass(frozen=True, slots=True)
class Received:
    """The last day that is received; `text` says of it that it is not published yet."""

    through: date
    text: Phrase


def received_through(kept: Recorded, came: Mapping[str, Arrivals]) -> dict[str, Received]:
    """Per delivered area, how far the accepted deliveries reach that were known at the end of the day.

    Those of a chain reach to their production date. Of an interface whose periods stand alone the newest period counts
    that at least half of its senders have delivered: one early bird moves nothing.
    """
    chained = kept.rows(f"SELECT area, max({DAY}) FROM delivery WHERE {ACCEPTED} AND {CHAINED} GROUP BY area")
    days = {area: date.fromisoformat(day) for area, day in chained}
    found = {area: Received(day, _of_day(day)) for area, day in days.items()}
    for interface, contract in independent().items():
        accepted = came[interface].accepted
        for period in sorted(accepted, key=last_day, reverse=True):
            wanted = expected(contract, period)
            if 2 * len(accepted[period] & wanted) >= len(wanted):
                reached = Received(last_day(period), _of_period(period))
                found[contract.area] = max(found.get(contract.area, reached), reached, key=lambda r: r.through)
                break
    return found


def _of_day(day: date) -> Phrase:
    return Phrase(
        f"Leveringen med produktionsdato {day} er modtaget, ikke udgivet endnu.",
        f"The delivery with the production date {day} is received, not published yet.",
        f"Поставку з датою створення {day} отримано, але ще не опубліковано.",
    )


def _of_period(period: str) -> Phrase:
    return Phrase(
        f"Leveringerne for {period} er modtaget, ikke udgivet endnu.",
        f"The deliveries of {period} are received, not published yet.",
        f"Поставки за {period} отримано, але ще не опубліковано.",
    )
