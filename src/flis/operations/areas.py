"""How each data area stands: its state in a word, how far its data reach, its deliveries, and what is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flis.delivery.index import look
from flis.delivery.model import DeliveryState
from flis.operations.clock import today
from flis.operations.derive import derived
from flis.operations.missing_periods import Gap, gaps
from flis.operations.model import StatusKind
from flis.operations.overview import status
from flis.operations.released import reached_by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from flis.catalog.area_file import Area
    from flis.config import State
    from flis.operations.model import Notice

__all__ = ["AreaState", "area_states", "area_states_as_json"]

GRAVEST = (
    *(
        StatusKind.RETIRED,
        StatusKind.ACCESS_CLOSED,
        StatusKind.DAMAGED,
        StatusKind.FAULTY,
        StatusKind.PART_MISSING,
        StatusKind.LATE,
    ),
    *(StatusKind.SET_BACK, StatusKind.BENCHMARK, StatusKind.PENDING, StatusKind.AS_PLANNED),
)
WAITING = (DeliveryState.RECEIVED, DeliveryState.WAITING, DeliveryState.VALIDATED)
"""A delivery that is neither loaded nor refused waits: for its judgement, the one before it, or the next load."""


@dataclass(frozen=True, slots=True)
class AreaState:
    """An area, the gravest state of it, the last day released, and its deliveries by how far they came."""

    area: Area
    kind: StatusKind
    data_through: date | None
    loaded: int
    waiting: int
    quarantined: int
    gaps: tuple[Gap, ...]


def area_states(state: State) -> list[AreaState]:
    """All areas in the order of the overview."""
    with look(state) as index:
        rows = index.execute("SELECT area, state, count(*) FROM delivery GROUP BY area, state").fetchall()
    counted = Counter({(area, DeliveryState(at)): many for area, at, many in rows})
    told = derived(state, today(state), public=False)
    found = []
    for row in status(state, public=False).areas:
        source = row.area.delivered_as
        loaded, quarantined = (counted[source, s] for s in (DeliveryState.LOADED, DeliveryState.QUARANTINED))
        waiting = sum(counted[source, s] for s in WAITING)
        lacks = gaps(row.area, told, reached_by(state, row.area), row.data_through)
        found.append(AreaState(row.area, _gravest(row.states), row.data_through, loaded, waiting, quarantined, lacks))
    return found


def area_states_as_json(found: Iterable[AreaState]) -> list[dict[str, Any]]:
    """The areas in their lasting JSON shape."""
    return [
        {
            "id": one.area.id,
            "name": one.area.name.da,
            "state": one.kind.value,
            "data_through": one.data_through and one.data_through.isoformat(),
            "deliveries": {"loaded": one.loaded, "waiting": one.waiting, "quarantined": one.quarantined},
            "gaps": [{"municipality": g.municipality, "period": g.period, "why": g.why.value} for g in one.gaps],
        }
        for one in found
    ]


def _gravest(states: Iterable[Notice]) -> StatusKind:
    """The gravest state; that a part of the area is retired or closed is no state of the area."""
    whole = [n.kind for n in states if not (n.kind in GRAVEST[:2] and (n.product or n.municipalities))]
    return min(whole, key=GRAVEST.index, default=StatusKind.AS_PLANNED)
