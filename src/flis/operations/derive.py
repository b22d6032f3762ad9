"""States that nobody has to write: they follow from what was delivered, and from what was not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from flis.catalog.area_file import Phrase
from flis.catalog.area_paths import area_folders
from flis.catalog.contract import FileFormat
from flis.catalog.contracts import all_contracts
from flis.delivery.folders import lost as without_manifest
from flis.delivery.index import generation, look
from flis.operations.arrived_periods import arrivals, known_day
from flis.operations.clock import today
from flis.operations.kept import ACCEPTED, ALONE, CHAINED, DAY, Recorded, independent
from flis.operations.model import Notice, StatusKind
from flis.operations.received import received_through
from flis.operations.timeliness import by_senders, overdue_periods
from flis.validation import Finding, report, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from flis.catalog.area_paths import AreaFolders
    from flis.catalog.contract import Contract
    from flis.config import State
    from flis.delivery.model import Broken, Delivery
    from flis.operations.arrived_periods import Arrivals
    from flis.operations.received import Received
    from flis.operations.timeliness import Overdue

__all__ = ["Derived", "by_deliveries", "derived"]

RECENT = timedelta(7)
"""How long before the newest production date of its sender a delivery's warnings stay in the overview."""

NEWEST = f"""place IN (
    SELECT place FROM delivery AS mine INDEXED BY warned
    WHERE warnings > 0 AND {ACCEPTED} AND {ALONE} AND NOT EXISTS (
        SELECT 1 FROM delivery AS later INDEXED BY by_sender
        WHERE later.interface = mine.interface AND later.sender = mine.sender
        AND (later.period, later.number) > (mine.period, mine.number) AND {ACCEPTED} AND {ALONE}
    )
)"""
"""Of each sender and interface, the delivery that counts for the newest period, where it has warnings."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What the deliveries known at the end of a day say of each delivered area: its states, and how far it reaches.

    Every area of which anything has come is in `states`. `came` is what came through each interface,
    `overdue` what did not and ought to have.
    """

    states: Mapping[str, list[Notice]]
    received: Mapping[str, Received]
    came: Mapping[str, Arrivals]
    overdue: Sequence[Overdue]


@dataclass(frozen=True, slots=True)
class _Question:
    """All that the answer depends on, and by what it is found."""

    root: Path
    at: date
    today: date
    public: bool
    generation: int
    areas: AreaFolders
    kept: Recorded = field(compare=False)


def derived(state: State, at: date, *, public: bool = True) -> Derived:
    """What the deliveries known at the end of `at` say; where that is `public`, without small counts of persons."""
    now = today(state)
    with look(state) as index:
        kept = Recorded(index, state, at, now)
        return _derived(_Question(state.root, at, now, public, generation(index), area_folders(), kept))


@lru_cache(maxsize=16)
def _derived(question: _Question) -> Derived:
    """Remembered, because a page is asked for more often than a delivery comes."""
    came = arrivals(question.kept)
    overdue = overdue_periods(came, question.at)
    states = _states(question.kept, came, overdue, public=question.public)
    return Derived(states, received_through(question.kept, came), came, overdue)


def by_deliveries(state: State, at: date, *, public: bool = True) -> Mapping[str, list[Notice]]:
    """The states alone."""
    return derived(state, at, public=public).states


def _states(
    kept: Recorded, came: Mapping[str, Arrivals], overdue: Sequence[Overdue], *, public: bool
) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = {
        area: [] for (area,) in kept.rows(f"SELECT DISTINCT area FROM delivery WHERE {CHAINED}")
    }
    for interface, contract in independent().items():
        if came[interface].accepted or came[interface].refused:
            found.setdefault(contract.area, [])
    for delivery in kept.deliveries(f"state = 'quarantined' AND {CHAINED}"):
        found[delivery.manifest.area].append(_refused(delivery))
    for area, notices in by_senders(came, overdue, kept.today).items():
        found.setdefault(area, []).extend(notices)
    for delivery, standing in (*_recent(kept), *((d, True) for d in kept.deliveries(NEWEST))):
        found[delivery.manifest.area] += _warned(delivery, standing=standing, public=public)
    for lost in without_manifest(kept.index, kept.state):
        for area in _areas_of(lost.id):
            found.setdefault(area, []).append(_lost(lost))
    waiting = kept.deliveries(f"state = 'waiting' AND {CHAINED}")
    for (area, missing), group in groupby(sorted(waiting, key=_gap), key=_gap):
        found[area].append(_waits(missing, list(group)))
    return found


def _recent(kept: Recorded) -> Iterator[tuple[Delivery, bool]]:
    """The deliveries of each sender's last week that have warnings, and whether it is the newest one loaded."""
    newest = f"SELECT area, sender, max({DAY}) AS day FROM delivery WHERE {ACCEPTED} AND {CHAINED} GROUP BY 1, 2"
    for area, sender, day in kept.rows(newest):
        mine = f"area = :area AND sender = :sender AND {CHAINED}"
        loaded = f"SELECT max({DAY}) FROM delivery WHERE state = 'loaded' AND {mine}"
        ((last,),) = kept.rows(loaded, area=area, sender=sender)
        since = (date.fromisoformat(day) - RECENT).isoformat()
        warned = f"{ACCEPTED} AND warnings > 0 AND {DAY} > :since AND {mine}"
        for delivery in kept.deliveries(warned, area=area, sender=sender, since=since):
            yield delivery, known_day(delivery.manifest).isoformat() == last


def _areas_of(lost: str) -> set[str]:
    """The areas that a delivery without a manifest may be of: its id begins as the contract is called."""
    told = {c.area for c in all_contracts() if lost.startswith(f"{_stem(c)}-")}
    return told or {c.area for c in all_contracts()}


def _stem(contract: Contract) -> str:
    return "cpr" if contract.format is FileFormat.CPR else contract.id


def _gap(delivery: Delivery) -> tuple[str, str]:
    return delivery.manifest.area, str(report(delivery).missing)


def _lost(delivery: Broken) -> Notice:
    day = delivery.produced or "?"
    text = Phrase(
        f"Oplysningerne om leveringen med produktionsdato {day} er beskadiget. Leveringen er lagt til side.",
        f"What is known of the delivery with the production date {day} is damaged. The delivery is set aside.",
        f"Відомості про поставку з датою створення {day} пошкоджено. Поставку відкладено.",
    )
    return Notice(kind=StatusKind.DAMAGED, text=text, since=delivery.produced, delivery=delivery.id)


def _refused(delivery: Delivery) -> Notice:
    found = report(delivery).findings
    reason = next((f for f in found if f.severity.refuses), None)
    produced = delivery.manifest.produced or "?"
    text = Phrase(
        f"Leveringen med produktionsdato {produced} er afvist. {reason.message if reason else ''}".rstrip(),
        f"The delivery with the production date {produced} was refused. {reason.message_en if reason else ''}".rstrip(),
    )
    return Notice(kind=StatusKind.FAULTY, text=text, since=known_day(delivery.manifest), delivery=delivery.id)


def _waits(missing: str, group: list[Delivery]) -> Notice:
    text = Phrase(
        f"Leveringen med produktionsdato {missing} mangler; {len(group)} venter på den.",
        f"The delivery with the production date {missing} is missing; {len(group)} wait for it.",
        f"Бракує поставки з датою створення {missing}; на неї чекають: {len(group)}.",
    )
    return Notice(
        kind=StatusKind.PART_MISSING, text=text, since=min(known_day(d.manifest) for d in group), delivery=group[0].id
    )


def _warned(delivery: Delivery, *, standing: bool, public: bool) -> Iterator[Notice]:
    """Its warnings; those of rules that stand only from the delivery that says how it is now."""
    rules = {f.rule: rule(f.rule) for f in report(delivery).findings}
    shown = {name: r.status for name, r in rules.items() if r and r.status and (standing or not r.stands)}
    shown |= {f.rule: f.status for f in report(delivery).findings if f.status}
    found = [f for f in report(delivery).findings if f.rule in shown]
    for name, group in groupby(sorted(found, key=_rule_id), key=_rule_id):
        hits = list(group)
        yield Notice(
            kind=StatusKind(shown[name]),
            text=_warning(delivery, name, hits, public=public),
            municipalities=tuple(f.municipality for f in hits if f.municipality),
            since=known_day(delivery.manifest),
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
        f"Levering {known_day(delivery.manifest)}: " + " ".join(da for da, _ in said) + many,
        f"Delivery {known_day(delivery.manifest)}: " + " ".join(en for _, en in said) + many,
    )


def _rule_id(finding: Finding) -> str:
    return finding.rule
