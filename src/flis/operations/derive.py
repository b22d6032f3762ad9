"""States that nobody has to write: they follow from deliveries, releases and the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from flis.catalog.areas import Area, Phrase, areas
from flis.clock import day_of
from flis.delivery.folders import broken, deliveries
from flis.delivery.model import DeliveryState
from flis.errors import DamagedError, NotFoundError
from flis.operations.clock import expected, today
from flis.operations.model import Kind, Notice
from flis.release.reader import current, pointer, readable
from flis.release.setback import setback
from flis.release.shapes import releasable
from flis.validation import Finding, report, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State
    from flis.delivery.model import Broken, Delivery
    from flis.release.reader import Release

__all__ = [
    "by_calendar",
    "by_damage",
    "by_deliveries",
    "by_pointer",
    "data_through",
    "received_through",
    "serving_number",
]

RECENT = timedelta(7)
"""How long before the newest production date a delivery's warnings stay in the overview."""


def data_through(state: State, area: Area, at: date | None = None) -> date | None:
    """The last day covered by the area's newest release; by the newest one that ends by `at` where that is given."""
    for number in range(serving_number(state) or 0, 0, -1):
        found = readable(state, number)
        through = _through(found, area.id) if found else None
        if through and (at is None or through <= at):
            return through
    return None


def _through(found: Release, area: str) -> date | None:
    """The last day that a release covers of an area; None where it holds nothing of it, or its tree is damaged."""
    try:
        return found.area(area).tree.data_through
    except (NotFoundError, DamagedError):
        return None


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
        return dict.fromkeys(releasable(), Notice(kind=Kind.DAMAGED, text=text))
    damaged = serving.damage() if serving else []
    if serving is None or not damaged:
        return {}
    named = f"{', '.join(damaged[:3])}{' …' if len(damaged) > 3 else ''}"
    text = Phrase(
        f"Udgivelse {serving.number} er beskadiget ({named}). Det beskadigede vises ikke.",
        f"Release {serving.number} is damaged ({named}). What is damaged is not shown.",
        f"Випуск {serving.number} пошкоджено ({named}). Пошкоджене не показується.",
    )
    return dict.fromkeys(serving.areas, Notice(kind=Kind.DAMAGED, text=text))


def by_calendar(area: Area, through: date | None, received: date | None, at: date) -> Iterator[Notice]:
    """Late where the data end before the day that the calendar lets one expect.

    The source is not late with what has been received, the newest of it on the day `received`, but not published,
    as after a roll-back.
    """
    if through is None:
        return
    if received and received > through:
        text = Phrase(
            f"Leveringen med produktionsdato {received} er modtaget, ikke udgivet endnu.",
            f"The delivery with the production date {received} is received, not published yet.",
            f"Поставку з датою створення {received} отримано, але ще не опубліковано.",
        )
        yield Notice(kind=Kind.AS_PLANNED, text=text, since=received)
    reached = max(through, received or through)
    if area.lag and reached < (wanted := expected(area.lag, at)):
        text = Phrase(
            f"Data forventes til og med {wanted}, men slutter {reached}.",
            f"Data are expected through {wanted}, but end on {reached}.",
            f"Дані очікуються по {wanted}, але закінчуються {reached}.",
        )
        yield Notice(kind=Kind.LATE, text=text, since=wanted + timedelta(1))


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
    return {area: Notice(kind=Kind.SET_BACK, text=text, since=since) for area, text in told.items()}


def received_through(state: State, at: date) -> dict[str, date]:
    """Per delivered area, the production date of the newest accepted delivery known at the end of `at`."""
    days = ((d.manifest.area, _day(d)) for d in deliveries(state) if d.state.accepted and _day(d) <= at)
    return dict(sorted(days))


def by_deliveries(state: State, at: date, *, public: bool = True) -> dict[str, list[Notice]]:
    """The states that deliveries known at the end of `at` give their areas; every area that has any is in it.

    Where they are `public`, small counts of persons are not told.
    """
    known = [d for d in deliveries(state) if _day(d) <= at]
    found: dict[str, list[Notice]] = {d.manifest.area: [] for d in known}
    newest = max((_day(d) for d in known if d.state.accepted), default=date.min)
    loaded = max((_day(d) for d in known if d.state is DeliveryState.LOADED), default=date.min)
    for delivery in known:
        if delivery.state is DeliveryState.QUARANTINED:
            found[delivery.manifest.area].append(_refused(delivery))
        elif delivery.state.accepted and delivery.manifest.findings.warning and _day(delivery) + RECENT > newest:
            found[delivery.manifest.area].extend(_warned(delivery, standing=_day(delivery) == loaded, public=public))
    for lost in broken(state):
        for area in {a.delivered_as for a in areas()} - {""}:
            found.setdefault(area, []).append(_lost(lost))
    waiting = sorted((d for d in known if d.state is DeliveryState.WAITING), key=_gap)
    for (area, missing), group in groupby(waiting, key=_gap):
        found[area].append(_waits(missing, list(group)))
    return found


def _day(delivery: Delivery) -> date:
    """A delivery is known at the end of its production date; without one, when it was received."""
    return delivery.manifest.produced or day_of(delivery.manifest.received)


def _gap(delivery: Delivery) -> tuple[str, str]:
    return delivery.manifest.area, str(report(delivery).missing)


def _lost(delivery: Broken) -> Notice:
    day = delivery.produced or "?"
    text = Phrase(
        f"Oplysningerne om leveringen med produktionsdato {day} er beskadiget. Leveringen er lagt til side.",
        f"What is known of the delivery with the production date {day} is damaged. The delivery is set aside.",
        f"Відомості про поставку з датою створення {day} пошкоджено. Поставку відкладено.",
    )
    return Notice(kind=Kind.DAMAGED, text=text, since=delivery.produced, delivery=delivery.id)


def _refused(delivery: Delivery) -> Notice:
    found = report(delivery).findings
    reason = next((f for f in found if f.severity.refuses), None)
    produced = delivery.manifest.produced or "?"
    text = Phrase(
        f"Leveringen med produktionsdato {produced} er afvist. {reason.message if reason else ''}".rstrip(),
        f"The delivery with the production date {produced} was refused. {reason.message_en if reason else ''}".rstrip(),
    )
    return Notice(kind=Kind.FAULTY, text=text, since=_day(delivery), delivery=delivery.id)


def _waits(missing: str, group: list[Delivery]) -> Notice:
    text = Phrase(
        f"Leveringen med produktionsdato {missing} mangler; {len(group)} venter på den.",
        f"The delivery with the production date {missing} is missing; {len(group)} wait for it.",
        f"Бракує поставки з датою створення {missing}; на неї чекають: {len(group)}.",
    )
    return Notice(kind=Kind.PART_MISSING, text=text, since=min(map(_day, group)), delivery=group[0].id)


def _warned(delivery: Delivery, *, standing: bool, public: bool) -> Iterator[Notice]:
    """Its warnings; those of rules that stand only from the delivery that says how it is now."""
    rules = {f.rule: rule(f.rule) for f in report(delivery).findings}
    shown = {name: r.status for name, r in rules.items() if r and r.status and (standing or not r.stands)}
    found = [f for f in report(delivery).findings if f.rule in shown]
    for name, group in groupby(sorted(found, key=_rule_id), key=_rule_id):
        hits = list(group)
        yield Notice(
            kind=Kind(shown[name]),
            text=_warning(delivery, name, hits, public=public),
            municipalities=tuple(f.municipality for f in hits if f.municipality),
            since=_day(delivery),
            delivery=delivery.id,
            rule=name,
        )


def _warning(delivery: Delivery, name: str, hits: list[Finding], *, public: bool) -> Phrase:
    which = rule(name)
    times = delivery.manifest.faults.get(which.kind, len(hits)) if which and which.kind else 1
    many = f" ({times} ×)" if times > 1 else ""
    # Hits in municipalities say different things, hits in records the same.
    shown = hits if hits[0].municipality else hits[:1]
    said = [
        which.message({}, f.persons, public=public) if which and f.persons is not None else (f.message, f.message_en)
        for f in shown
    ]
    return Phrase(
        f"Levering {_day(delivery)}: " + " ".join(da for da, _ in said) + many,
        f"Delivery {_day(delivery)}: " + " ".join(en for _, en in said) + many,
    )


def _rule_id(finding: Finding) -> str:
    return finding.rule
