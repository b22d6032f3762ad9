"""Judge deliveries: each goes on, waits or is refused, and its report says why.

A delivery is judged from what lies on disk, so judging again comes to the same. What waits is looked at again each
time that anything was accepted.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from flis.catalog.contract import Chain
from flis.catalog.contracts import all_contracts
from flis.delivery.chain import Link, Place, Position, place
from flis.delivery.folders import advance, broken, deliveries, note
from flis.delivery.lock import lock
from flis.delivery.model import Counts, Delivery, DeliveryState
from flis.disk import tidy
from flis.errors import NotFoundError
from flis.steps import step
from flis.validation.holding import held_rows, hold
from flis.validation.model import Facts, Report, Severity
from flis.validation.report import report, save
from flis.validation.rules import INTAKE_RULES, LOAD_RULES

if TYPE_CHECKING:
    from collections.abc import Collection

    from flis.catalog.contract import Contract
    from flis.config import State
    from flis.delivery.model import Broken, Manifest
    from flis.validation.model import Finding, Load

__all__ = ["judge", "settle", "weigh"]

OPEN = (DeliveryState.RECEIVED, DeliveryState.WAITING)
TAKEN = {"cpr-date-taken", "g-08-sequence-not-higher", "g-08-period-again"}
"""Rules that refuse a delivery because another one has its place."""


def judge(state: State, delivery: Delivery) -> Delivery:
    """Take all that is received or waits as far as it can go; the given delivery as it lies then.

    Raises:
        NotFoundError: the delivery is no longer there.
    """
    known = _settled(state)[0]
    if delivery.id not in known:
        raise NotFoundError(f"The delivery {delivery.id} is no longer there.")
    return replace(known[delivery.id], again=delivery.again)


def settle(state: State) -> list[Delivery]:
    """Judge all that is received or waits, until nothing moves any more; those that moved, in that order."""
    return _settled(state)[1]


def weigh(state: State, delivery: Delivery, load: Load) -> Delivery:
    """Add to a delivery's report what loading it showed; again and again comes to the same."""
    facts = Facts(delivery.manifest, load=load)
    with lock(state):
        tidy(delivery.folder)
        told = report(delivery)
        mine = {rule.id for rule in LOAD_RULES}
        kept = tuple(f for f in told.findings if f.rule not in mine)
        new = tuple(f for rule in LOAD_RULES for f in rule.findings(facts))
        warnings = told.counts.warning - (len(told.findings) - len(kept)) + len(new)
        counts = msgspec.structs.replace(told.counts, warning=warnings)
        return _tell(delivery, msgspec.structs.replace(told, counts=counts, findings=kept + new))


def _settled(state: State) -> tuple[dict[str, Delivery], list[Delivery]]:
    """All deliveries by id as they lie when nothing moves any more, and those that moved."""
    moved: list[Delivery] = []
    with lock(state):
        known = {d.id: d for d in deliveries(state)}
        lost = [d for d in broken(state) if d.state.accepted]
        while now := _judge_open(state, known, lost):
            moved += now
        superseded = _supersede(state, known)
        known |= {d.id: d for d in superseded}
    return known, moved + superseded


def _judge_open(state: State, known: dict[str, Delivery], lost: list[Broken]) -> list[Delivery]:
    """Judge each open delivery once, the oldest first, and keep `known` as the folders are; those that moved."""
    moved = []
    for delivery in sorted((d for d in known.values() if d.state in OPEN), key=_age):
        judged = known[delivery.id] = _judge(state, delivery, known.values(), lost)
        if judged.state is not delivery.state:
            moved.append(judged)
    return moved


def _judge(state: State, delivery: Delivery, known: Collection[Delivery], lost: list[Broken]) -> Delivery:
    tidy(delivery.folder)
    facts = _facts(delivery, known, lost)
    counts = _counts(facts)
    to = _follows(counts, facts)
    if facts.general and to.accepted:
        hold(delivery)
        step("judge.held")
    delivery = _tell(delivery, _report(facts, counts, to))
    step("judge.reported")
    if to is DeliveryState.QUARANTINED:
        # Nobody reads the records of a refused delivery; what is not kept cannot leak.
        shutil.rmtree(delivery.folder / "records", ignore_errors=True)
    if to is delivery.state:
        return delivery
    delivery = advance(state, delivery, to)
    step(f"judge.{to}")
    return delivery


def _facts(delivery: Delivery, known: Collection[Delivery], lost: list[Broken]) -> Facts:
    manifest = delivery.manifest
    contract = _contract(manifest)
    if contract is None or contract.chain is Chain.LINKED:
        return Facts(manifest, delivery.faults, _place(manifest, known, lost))
    accepted = [d.manifest for d in known if d.state.accepted and d.id != delivery.id]
    mine = [m for m in accepted if (m.interface, m.sender) == (manifest.interface, manifest.sender)]
    return Facts(
        manifest,
        delivery.faults,
        general=True,
        once=contract.chain is Chain.ONCE,
        accepted=tuple(m for m in mine if m.period == manifest.period),
        before=max((m for m in mine if m.period < manifest.period), key=lambda m: (m.period, m.number), default=None),
        held=held_rows(delivery),
        held_most=contract.held,
    )


def _contract(manifest: Manifest) -> Contract | None:
    """The contract of a delivery; None where it is of no known interface, or of before there were interfaces."""
    return next((c for c in all_contracts() if c.interface == manifest.interface), None)


def _place(manifest: Manifest, known: Collection[Delivery], lost: list[Broken]) -> Place | None:
    if manifest.produced is None:
        return None
    same = [d for d in known if d.manifest.sequence == manifest.sequence and d.id != manifest.id]
    accepted = [_link(d.manifest) for d in same if d.state.accepted]
    # one whose manifest is damaged is still a link of its chain
    accepted += [Link(d.produced, None) for d in lost if d.produced and d.sequence == manifest.sequence]
    waiting = [_link(d.manifest) for d in same if d.state is DeliveryState.WAITING]
    own = Link(manifest.produced, manifest.previous)
    return place(own, [a for a in accepted if a], [w for w in waiting if w])


def _link(manifest: Manifest) -> Link | None:
    return Link(manifest.produced, manifest.previous) if manifest.produced else None


def _counts(facts: Facts) -> Counts:
    by_severity = {s.value: sum(r.count(facts) for r in INTAKE_RULES if r.severity is s) for s in Severity}
    return Counts(**by_severity)


def _follows(counts: Counts, facts: Facts) -> DeliveryState:
    at = facts.place
    if counts.fatal or counts.error or (at is None and not facts.general):
        return DeliveryState.QUARANTINED
    waits = facts.manifest.awaits or (at and at.position is Position.GAP)
    return DeliveryState.WAITING if waits else DeliveryState.VALIDATED


def _report(facts: Facts, counts: Counts, to: DeliveryState) -> Report:
    manifest = facts.manifest
    findings: list[Finding] = [f for rule in INTAKE_RULES for f in rule.findings(facts)]
    return Report(
        id=manifest.id,
        area=manifest.area,
        file=manifest.file,
        state=to,
        sequence=manifest.sequence,
        produced=manifest.produced,
        previous=manifest.previous,
        missing=facts.place.missing if facts.place else None,
        records=manifest.records,
        persons=manifest.persons,
        error_records=manifest.error_records,
        receipts=manifest.receipts,
        counts=counts,
        findings=tuple(findings),
    )


def _tell(delivery: Delivery, found: Report) -> Delivery:
    """Write report and counts, where they say anything new."""
    save(delivery, found)
    manifest = msgspec.structs.replace(delivery.manifest, findings=found.counts)
    return delivery if manifest == delivery.manifest else note(delivery, manifest)


def _supersede(state: State, known: dict[str, Delivery]) -> list[Delivery]:
    """Move away what was refused before another file of its date was accepted: it is no concern any more."""
    told = {_told(d.manifest) for d in known.values() if d.state.accepted}
    refused = [d for d in known.values() if d.state is DeliveryState.QUARANTINED and _told(d.manifest) in told]
    moved = []
    for delivery in refused:
        if all(f.rule not in TAKEN for f in report(delivery).findings):
            moved.append(advance(state, delivery, DeliveryState.SUPERSEDED))
            step("judge.superseded")
    return moved


def _told(manifest: Manifest) -> tuple[object, ...]:
    """What a delivery tells of: the date of a chain, or an interface's sender and period."""
    if manifest.sequence or not manifest.period:
        return manifest.sequence, manifest.produced
    return manifest.interface, manifest.sender, manifest.period


def _age(delivery: Delivery) -> tuple[str, str, str]:
    manifest = delivery.manifest
    return str(manifest.produced or ""), f"{manifest.number:04}{manifest.received.isoformat()}", delivery.id
