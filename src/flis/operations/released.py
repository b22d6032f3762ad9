"""States that follow from releases: how far the data reach, which release serves, and whether it is whole."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from flis import release
from flis.catalog.area_file import Area, Phrase
from flis.catalog.contract import Chain
from flis.catalog.contracts import of_area
from flis.catalog.sender_file import expected as expected_senders
from flis.clock import day_of
from flis.errors import DamagedError, NotFoundError
from flis.operations.clock import expected, today
from flis.operations.due_days import period_of
from flis.operations.model import Notice, StatusKind
from flis.release.reader import current, pointer, readable
from flis.release.setbacks import setback
from flis.release.unchanged import damage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flis.config import State
    from flis.operations.received import Received
    from flis.release.reader import Release

__all__ = ["by_calendar", "by_damage", "by_members", "by_pointer", "data_through", "reached_by", "serving_number"]

FEW = 3
"""So many links of a cube are named."""


def data_through(state: State, area: Area, at: date | None = None) -> date | None:
    """The last day that the area's newest release covers for at least half of its municipalities.

    Where `at` is given, the newest release counts that ends by then.
    """
    for number in range(serving_number(state) or 0, 0, -1):
        found = readable(state, number)
        through = _by_half(_coverage(found, area.id), area) if found else None
        if through and (at is None or through <= at):
            return through
    return None


def reached_by(state: State, area: Area) -> dict[str, date]:
    """The last day that the release which serves covers of each municipality; under '' that of the whole area."""
    found = readable(state, serving_number(state) or 0)
    reached: dict[str, date] = {}
    for places in _coverage(found, area.id).values() if found else ():
        for place, (_, last) in places.items():
            reached[place] = max(reached.get(place, last), last)
    return reached


def _coverage(found: Release, area: str) -> Mapping[str, Mapping[str, tuple[date, date]]]:
    """The days that a release covers of an area, by product and municipality; none where its tree is damaged."""
    try:
        return found.area(area).tree.coverage
    except (NotFoundError, DamagedError):
        return {}


def _by_half(coverage: Mapping[str, Mapping[str, tuple[date, date]]], area: Area) -> date | None:
    """The newest day that at least half of the municipalities that are expected have, in any product."""
    return max(filter(None, (_half_of(places, area) for places in coverage.values())), default=None)


def _half_of(places: Mapping[str, tuple[date, date]], area: Area) -> date | None:
    """Of one product. What stands under '' is the whole area's, and counts where no municipality is named."""
    named = {place: last for place, (_, last) in places.items() if place}
    if not named:
        return max((last for _, last in places.values()), default=None)
    for day in sorted(set(named.values()), reverse=True):
        wanted = _senders(area, day) or named.keys()
        have = sum(named.get(place, date.min) >= day for place in wanted)
        if 2 * have >= len(wanted):
            return day
    return None


def _senders(area: Area, day: date) -> set[str]:
    """The municipalities that are expected to deliver the period in which a day lies."""
    contracts = [c for c in of_area(area.delivered_as) if c.expects and c.expects.each]
    return {code for c in contracts if c.expects for code in expected_senders(c, period_of(day, c.expects.every))}


def serving_number(state: State) -> int | None:
    """The number of the release that serves; None before the first, and where nobody knows any more."""
    try:
        published = pointer(state)
    except DamagedError:
        return None
    return published.current if published else None


def by_damage(state: State) -> dict[str, Notice]:
    """Per area that is released, that the release which should serve is not whole."""
    try:
        serving = current(state)
    except DamagedError:
        text = Phrase(
            "Oplysningen om, hvilken udgivelse der vises, er gået tabt eller beskadiget. Tallene vises ikke.",
            "What says which release serves is lost or damaged. The figures are not shown.",
            "Відомості про те, який випуск показується, втрачено або пошкоджено. Дані не показуються.",
        )
        return dict.fromkeys(release.releasable(), Notice(kind=StatusKind.DAMAGED, text=text))
    damaged = serving.damage(partial(damage, state)) if serving else []
    if serving is None or not damaged:
        return {}
    named = f"{', '.join(damaged[:3])}{' …' if len(damaged) > 3 else ''}"
    text = Phrase(
        f"Udgivelse {serving.number} er beskadiget ({named}). Det beskadigede vises ikke.",
        f"Release {serving.number} is damaged ({named}). What is damaged is not shown.",
        f"Випуск {serving.number} пошкоджено ({named}). Пошкоджене не показується.",
    )
    return dict.fromkeys(serving.areas, Notice(kind=StatusKind.DAMAGED, text=text))


def by_members(state: State, area: Area) -> Notice | None:
    """What the release that serves has of an area and no cube shows by name: rows whose key is in no dimension."""
    found = readable(state, serving_number(state) or 0)
    try:
        told = found.area(area.id).tree.without_member if found else {}
    except (NotFoundError, DamagedError):
        return None
    rows = {name: sum(parts.values()) for name, parts in told.items()}
    named = [f"{name} {count}" for name, count in rows.items() if count]
    if not named:
        return None
    listed = "; ".join(named[:FEW]) + (" …" if len(named) > FEW else "")
    return Notice(
        kind=StatusKind.AS_PLANNED,
        text=Phrase(
            f"{sum(rows.values())} rækker har en nøgle, som dimensionen ikke har ({listed}).",
            f"{sum(rows.values())} rows have a key that the dimension does not have ({listed}).",
        ),
    )


def by_calendar(area: Area, through: date | None, received: Received | None, at: date) -> Iterator[Notice]:
    """Late where the data end before the day that the calendar lets one expect.

    The source is not late with what has been received but not published, as after a roll-back. Where the contracts of
    the area say when its senders are due, the calendar says nothing of lateness.
    """
    if through is None:
        return
    reached = through
    if received and received.through > through:
        reached = received.through
        yield Notice(kind=StatusKind.AS_PLANNED, text=received.text, since=received.through)
    if area.lag and not _has_due_days(area) and reached < (wanted := expected(area.lag, at)):
        text = Phrase(
            f"Data forventes til og med {wanted}, men slutter {reached}.",
            f"Data are expected through {wanted}, but end on {reached}.",
            f"Дані очікуються по {wanted}, але закінчуються {reached}.",
        )
        yield Notice(kind=StatusKind.LATE, text=text, since=wanted + timedelta(1))


def _has_due_days(area: Area) -> bool:
    return any(c.expects and c.chain is not Chain.LINKED for c in of_area(area.delivered_as))


def by_pointer(state: State, at: date | None = None) -> dict[str, Notice]:
    """Per area of the release that serves, that it is not the newest one; of an earlier day what held then."""
    try:
        serving = current(state)
        areas_of = serving.areas if serving else ()
        told = {area: text for area in areas_of if (text := setback(state, today(state), area))}
    except DamagedError:
        return {}
    since = day_of(serving.since) if serving and serving.since else None
    if at and since and at < since:
        return {}
    return {area: Notice(kind=StatusKind.SET_BACK, text=text, since=since) for area, text in told.items()}
