"""The operations overview: every area, how far its data reach, and what is to be said of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flis.catalog.area_file import Phrase, areas
from flis.delivery.simulation import simulated
from flis.operations.clock import is_morning, today
from flis.operations.derive import derived
from flis.operations.incident_records import incidents
from flis.operations.lifecycle import closed
from flis.operations.model import AreaStatus, Notice, Overview, StatusKind
from flis.operations.released import (
    by_calendar,
    by_damage,
    by_members,
    by_pointer,
    data_through,
    reached_by,
    serving_number,
)

if TYPE_CHECKING:
    from datetime import date

    from flis.config import State

__all__ = ["as_json", "status"]

NOTHING = StatusKind.PENDING.text
UNPUBLISHED = Phrase(
    "Der er modtaget leveringer, men intet er udgivet endnu.",
    "Deliveries have come, but nothing is published yet.",
    "Поставки надійшли, але ще нічого не опубліковано.",
)
PLANNED = Notice(kind=StatusKind.AS_PLANNED, text=StatusKind.AS_PLANNED.text)
GONE = {StatusKind.RETIRED, StatusKind.ACCESS_CLOSED}


def status(state: State, at: date | None = None, *, public: bool = True) -> Overview:
    """The overview at the end of the day `at`; as it is now where none is given. Where `public`, few persons are
    "fewer than five", and nothing is told that only operators can do something about.

    Everything is read from deliveries, releases and incidents; the calendar is only what they are compared with.

    Raises:
        StateError: a manifest, report or incident is damaged.
    """
    day = at or today(state)
    due = day - timedelta(1) if at is None and is_morning() else day
    open_now = [i for i in incidents(state) if i.open_at(day)]
    told = derived(state, day, public=public)
    delivered, received = told.states, told.received
    told_of_release = [by_damage(state), by_pointer(state, at)]
    ended = closed(state, day)
    rows = []
    for area in areas():
        own = [e.notice for e in ended.get(area.id, ())] + [i.notice for i in open_now if area.id in i.areas]
        gone = any(n.kind in GONE and not (n.product or n.municipalities) for n in own)
        through = data_through(state, area, at)
        found = [
            *own,
            *(notices[area.id] for notices in told_of_release if area.id in notices),
            *(n for n in delivered.get(area.delivered_as, ()) if not (gone and n.kind is StatusKind.LATE)),
            *(() if gone else by_calendar(area, through, received.get(area.delivered_as), due)),
            *(() if public else filter(None, [by_members(state, area)])),
        ]
        if through is None and not gone and not reached_by(state, area):
            found.append(
                Notice(kind=StatusKind.PENDING, text=UNPUBLISHED if area.delivered_as in delivered else NOTHING)
            )
        rows.append(AreaStatus(area, through, tuple(found) or (PLANNED,)))
    return Overview(day, serving_number(state), tuple(rows), simulated(state))


def as_json(overview: Overview) -> dict[str, Any]:
    """The overview in its lasting JSON shape: Danish texts, with the English ones beside them."""
    return {
        "at": overview.at.isoformat(),
        "release": overview.release,
        "simulated": overview.simulated,
        "areas": [_area(row) for row in overview.areas],
    }


def _area(row: AreaStatus) -> dict[str, Any]:
    area = row.area
    return {
        "id": area.id,
        "name": area.name.da,
        "name_en": area.name.en,
        "group": area.group.da if area.group else None,
        "group_en": area.group.en if area.group else None,
        "frequency": area.frequency.text.da,
        "frequency_en": area.frequency.text.en,
        "data_through": row.data_through and row.data_through.isoformat(),
        "source": area.source.da if area.source else None,
        "source_en": area.source.en if area.source else None,
        "states": [_state(notice) for notice in row.states],
    }


def _state(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind.value,
        "product": notice.product.value if notice.product else None,
        "municipalities": list(notice.municipalities),
        "period": notice.period or None,
        "subject": notice.subject or None,
        "text": notice.text.da,
        "text_en": notice.text.en,
        "link": notice.link or None,
        "since": notice.since and notice.since.isoformat(),
        "until": notice.until and notice.until.isoformat(),
        "incident": notice.incident or None,
        "delivery": notice.delivery or None,
        "rule": notice.rule or None,
    }
