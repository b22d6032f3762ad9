"""How each data area stands: its state in a word, how far its data reach, its deliveries, and what is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flis.delivery.folders import deliveries
from flis.delivery.model import DeliveryState
from flis.operations.model import Kind
from flis.operations.overview import status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from flis.catalog.areas import Area
    from flis.config import State
    from flis.operations.model import Notice

__all__ = ["AreaState", "Gap", "area_states", "area_states_as_json", "gaps"]

GRAVEST = (
    *(Kind.RETIRED, Kind.ACCESS_CLOSED, Kind.DAMAGED, Kind.FAULTY, Kind.PART_MISSING, Kind.LATE),
    *(Kind.SET_BACK, Kind.BENCHMARK, Kind.PENDING, Kind.AS_PLANNED),
)
WAITING = (DeliveryState.RECEIVED, DeliveryState.WAITING, DeliveryState.VALIDATED)
"""A delivery that is neither loaded nor refused waits: for its judgement, the one before it, or the next load."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A municipality's period that the newest release lacks, and why."""

    municipality: str
    period: str
    why: str


@dataclass(frozen=True, slots=True)
class AreaState:
    """An area, the gravest state of it, the last day released, and its deliveries by how far they came."""

    area: Area
    kind: Kind
    data_through: date | None
    loaded: int
    waiting: int
    quarantined: int
    gaps: tuple[Gap, ...]


def area_states(state: State) -> list[AreaState]:
    """All areas in the order of the overview."""
    counted = Counter((d.manifest.area, d.state) for d in deliveries(state))
    found = []
    for row in status(state, public=False).areas:
        source = row.area.delivered_as
        loaded, quarantined = (counted[source, s] for s in (DeliveryState.LOADED, DeliveryState.QUARANTINED))
        waiting = sum(counted[source, s] for s in WAITING)
        kind = _gravest(row.states)
        found.append(AreaState(row.area, kind, row.data_through, loaded, waiting, quarantined, gaps(state, row.area)))
    return found


def gaps(state: State, area: Area) -> tuple[Gap, ...]:  # noqa: ARG001
    """What the newest release lacks of an area: none is known until releases say what each of their areas covers."""
    return ()


def area_states_as_json(found: Iterable[AreaState]) -> list[dict[str, Any]]:
    """The areas in their lasting JSON shape."""
    return [
        {
            "id": one.area.id,
            "name": one.area.name.da,
            "state": one.kind.value,
            "data_through": one.data_through and one.data_through.isoformat(),
            "deliveries": {"loaded": one.loaded, "waiting": one.waiting, "quarantined": one.quarantined},
            "gaps": [{"municipality": g.municipality, "period": g.period, "why": g.why} for g in one.gaps],
        }
        for one in found
    ]


def _gravest(states: Iterable[Notice]) -> Kind:
    """The gravest state; that a part of the area is retired or closed is no state of the area."""
    whole = [n.kind for n in states if not (n.kind in GRAVEST[:2] and (n.product or n.municipalities))]
    return min(whole, key=GRAVEST.index, default=Kind.AS_PLANNED)
