"""What the release that serves lacks of an area: periods of senders that others have delivered, or that are overdue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flis.catalog.sender_file import expected
from flis.operations.due_days import last_day
from flis.operations.kept import independent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from flis.catalog.area_file import Area
    from flis.catalog.contract import Contract
    from flis.operations.arrived_periods import Arrivals
    from flis.operations.derive import Derived

__all__ = ["Gap", "Lack", "gaps"]


class Lack(StrEnum):
    """Lack a period of a municipality is not there."""

    NOT_DELIVERED = "not-delivered"
    REFUSED = "quarantined"
    NOT_RELEASED = "not-released"


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """A period of a municipality ('': of the one national sender) that the release lacks, and why."""

    municipality: str
    period: str
    why: Lack


def gaps(area: Area, told: Derived, released: Mapping[str, date], through: date | None) -> tuple[Gap, ...]:
    """The gaps of an area whose released data reach `through`, each municipality's to the day in `released`.

    A period is awaited of everybody once the area's data reach it, or when it is overdue.
    """
    found: set[Gap] = set()
    for interface, contract in independent().items():
        if contract.area == area.delivered_as:
            late = {one.period for one in told.overdue if one.contract is contract}
            found.update(_of_interface(contract, told.came[interface], late, released, through))
    return tuple(sorted(found))


def _of_interface(
    contract: Contract, have: Arrivals, late: set[str], released: Mapping[str, date], through: date | None
) -> Iterator[Gap]:
    refused = {(d.manifest.period, d.manifest.sender) for d in have.refused}
    behind = {place for place, last in released.items() if through and last < through}
    reached = {period for period in have.accepted if through and last_day(period) <= through}
    for period in reached | late:
        accepted, wanted = have.accepted.get(period, set()), expected(contract, period)
        for sender in wanted - accepted:
            why = Lack.REFUSED if (period, sender) in refused else Lack.NOT_DELIVERED
            yield Gap(_place(contract, sender), period, why)
        for sender in wanted & accepted & behind if period in reached else ():
            if released[sender] < last_day(period):
                yield Gap(sender, period, Lack.NOT_RELEASED)


def _place(contract: Contract, sender: str) -> str:
    return sender if contract.expects and contract.expects.each else ""
