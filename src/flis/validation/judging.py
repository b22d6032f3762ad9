"""Judge deliveries: each goes on, waits or is refused, and its report says why.

A delivery is judged from what lies on disk, so judging again comes to the same. What waits is looked at again each
time that anything was accepted.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from flis.catalog.contract import Chain
from flis.catalog.contracts import all_contracts, unreadable
from flis.delivery.chain import ChainPosition, Link, Position, place
from flis.delivery.folders import advance, delivery_in, note
from flis.delivery.keys import person_key
from flis.delivery.locking import lock
from flis.delivery.model import Broken, Counts, Delivery, DeliveryState
from flis.disk import tidy
from flis.errors import NotFoundError
from flis.steps import step
from flis.threads import side_by_side
from flis.validation import past
from flis.validation.contract_rules import rule_named, rules_of, step_findings
from flis.validation.general import NOT_WHOLE
from flis.validation.history import period
from flis.validation.holding import held_rows, hold, looked_through
from flis.validation.known import known_deliveries
from flis.validation.model import DeliveryReport, Facts, Finding, Severity
from flis.validation.reports import report, save
from flis.validation.rules import INTAKE_RULES, LOAD_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.catalog.contract import Contract
    from flis.config import State
    from flis.delivery.model import Manifest
    from flis.validation.known import KnownDeliveries
    from flis.validation.model import Load, Rule

__all__ = ["judge", "settle", "weigh"]

OPEN = (DeliveryState.RECEIVED, DeliveryState.WAITING)


def judge(state: State, delivery: Delivery) -> Delivery:
    """Take all that is received or waits as far as it can go; the given delivery as it lies then.

    Raises:
        NotFoundError: the delivery is no longer there.
    """
    moved = {d.id: d for d in settle(state)}
    found = moved.get(delivery.id) or delivery_in(state, delivery.id, delivery.state)
    if isinstance(found, Broken):
        raise NotFoundError(f"The delivery {delivery.id} is no longer there.")
    return replace(found, again=delivery.again)


def settle(state: State) -> list[Delivery]:
    """Judge all that is received or waits, until nothing moves any more; those that moved, in that order."""
    moved: list[Delivery] = []
    with lock(state), known_deliveries(state) as known:
        while now := _judge_open(state, known):
            moved += now
        return moved + _supersede(state, known)


def weigh(state: State, delivery: Delivery, load: Load) -> Delivery:
    """Add to a delivery's report what loading it showed; again and again comes to the same."""
    facts = Facts(delivery.manifest, load=load)
    with lock(state):
        tidy(delivery.folder)
        told = report(delivery)
        mine = {rule.id for rule in LOAD_RULES} | load.steps.keys()
        # a step that the area has no more finds nothing, whatever it had found
        others = {f.rule for f in told.findings} - mine
        known = {rule for rule in others if rule_named(rule, delivery.manifest.interface)}
        kept = tuple(f for f in told.findings if f.rule in known)
        new = (*(f for rule in LOAD_RULES for f in rule.findings(facts)), *step_findings(facts))
        warnings = told.counts.warning - (len(told.findings) - len(kept)) + len(new)
        counts = msgspec.structs.replace(told.counts, warning=warnings)
        return _tell(delivery, msgspec.structs.replace(told, counts=counts, findings=kept + new))


def _judge_open(state: State, known: KnownDeliveries) -> list[Delivery]:
    """Judge each open delivery once, the oldest first, and keep `known` as the folders are; those that moved.

    Those of an area whose contract cannot be read lie still until it can.
    """
    moved = []
    opened = sorted((d for d in known.lying(*OPEN) if d.manifest.area not in unreadable()), key=_age)
    key = person_key(state) if any(_general(d.manifest) for d in opened) else b""
    with closing(side_by_side(lambda one: _look_through(one, key), opened)) as looked_at:
        for delivery, looked in looked_at:
            looked.result()
            judged = _judge(state, delivery, known)
            known.put(judged)
            if judged.state is not delivery.state:
                moved.append(judged)
    return moved


def _look_through(delivery: Delivery, key: bytes) -> None:
    """Keep what the rows of a delivery show, of which judging asks nothing else."""
    tidy(delivery.folder)
    if contract := _general(delivery.manifest):
        looked_through(delivery, contract, key)


def _judge(state: State, delivery: Delivery, known: KnownDeliveries) -> Delivery:
    facts = _facts(state, delivery, known)
    rules = (*INTAKE_RULES, *rules_of(facts.contract))
    counts = _counts(facts, rules)
    to = _follows(counts, facts)
    held = 0
    if facts.general and to.accepted:
        held = held_rows(delivery)
        hold(delivery)
        step("judge.held")
    delivery = _tell(delivery, _report(facts, rules, counts, to, held))
    step("judge.reported")
    if to is DeliveryState.QUARANTINED:
        # Nobody reads the records of a refused delivery; what is not known cannot leak.
        shutil.rmtree(delivery.folder / "records", ignore_errors=True)
    if to is delivery.state:
        return delivery
    delivery = advance(state, delivery, to)
    step(f"judge.{to}")
    return delivery


def _facts(state: State, delivery: Delivery, known: KnownDeliveries) -> Facts:
    manifest = delivery.manifest
    contract = _general(manifest)
    if contract is None:
        return Facts(manifest, delivery.faults, _place(manifest, known))
    accepted = [d for d in known.of_sender(manifest) if d.state.accepted and d.id != delivery.id]
    seen = looked_through(delivery, contract, person_key(state))
    facts = Facts(
        manifest,
        delivery.faults,
        contract=contract,
        period=period(manifest.period),
        accepted=tuple(d.manifest for d in accepted if d.manifest.period == manifest.period),
        examined=seen,
        same_bytes=past.same_bytes(delivery, known),
        new_codes=past.new_codes(seen, known.of_period(manifest)),
    )
    if NOT_WHOLE & manifest.faults.keys():
        return facts
    return replace(
        facts,
        history=past.history(delivery, accepted),
        repeats=past.repeated(delivery, seen, accepted, contract),
        corrected=past.corrected(delivery, accepted, contract),
    )


def _general(manifest: Manifest) -> Contract | None:
    """The contract of a general delivery; None where it is a link of a chain, or of no known interface."""
    found = next((c for c in all_contracts() if c.interface == manifest.interface), None)
    return None if found is None or found.chain is Chain.LINKED else found


def _place(manifest: Manifest, known: KnownDeliveries) -> ChainPosition | None:
    if manifest.produced is None:
        return None
    same = [d for d in known.of_chain(manifest) if d.id != manifest.id]
    accepted = [_link(d.manifest) for d in same if d.state.accepted]
    # one whose manifest is damaged is still a link of its chain
    accepted += [Link(d.produced, None) for d in known.lost_of_chain(manifest) if d.produced]
    waiting = [_link(d.manifest) for d in same if d.state is DeliveryState.WAITING]
    own = Link(manifest.produced, manifest.previous)
    return place(own, [a for a in accepted if a], [w for w in waiting if w])


def _link(manifest: Manifest) -> Link | None:
    return Link(manifest.produced, manifest.previous) if manifest.produced else None


def _counts(facts: Facts, rules: Sequence[Rule]) -> Counts:
    by_severity = {s.value: sum(r.count(facts) for r in rules if r.severity is s) for s in Severity}
    return Counts(**by_severity)


def _follows(counts: Counts, facts: Facts) -> DeliveryState:
    at = facts.place
    if counts.fatal or counts.error or (at is None and not facts.general):
        return DeliveryState.QUARANTINED
    waits = facts.manifest.awaits or (at and at.position is Position.GAP)
    return DeliveryState.WAITING if waits else DeliveryState.VALIDATED


def _report(facts: Facts, rules: Sequence[Rule], counts: Counts, to: DeliveryState, held: int) -> DeliveryReport:
    manifest = facts.manifest
    findings: list[Finding] = [f for rule in rules for f in rule.findings(facts)]
    return DeliveryReport(
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
        interface=manifest.interface,
        sender=manifest.sender,
        period=manifest.period,
        number=manifest.number,
        held=held,
        held_share=round(held / manifest.records, 4) if manifest.records else 0.0,
    )


def _tell(delivery: Delivery, found: DeliveryReport) -> Delivery:
    """Write report and counts, where they say anything new."""
    save(delivery, found)
    manifest = msgspec.structs.replace(delivery.manifest, findings=found.counts, held=found.held)
    return delivery if manifest == delivery.manifest else note(delivery, manifest)


def _supersede(state: State, known: KnownDeliveries) -> list[Delivery]:
    """Move away what was refused before another file of its date was accepted: it is no concern any more."""
    refused = [d for d in known.lying(DeliveryState.QUARANTINED) if _has_replacement(d, known)]
    moved = []
    for delivery in refused:
        named = (rule_named(f.rule, delivery.manifest.interface) for f in report(delivery).findings)
        if not any(rule and rule.taken for rule in named):
            gone = advance(state, delivery, DeliveryState.SUPERSEDED)
            known.put(gone)
            moved.append(gone)
            step("judge.superseded")
    return moved


def _has_replacement(refused: Delivery, known: KnownDeliveries) -> bool:
    """Whether another delivery of the same date of a chain, or of the same sender and period, is accepted.

    Of a period it has to be no earlier version: a refused correction is not replaced by what it was to correct.
    """
    own = refused.manifest
    if not (own.produced or own.period):
        return False
    if own.sequence or not own.period:
        same = [d for d in known.of_chain(own) if d.manifest.produced == own.produced]
    else:
        periods = (d for d in known.of_sender(own) if d.manifest.period == own.period)
        same = [d for d in periods if d.manifest.number >= own.number]
    return any(d.state.accepted for d in same)


def _age(delivery: Delivery) -> tuple[str, str, str]:
    manifest = delivery.manifest
    return str(manifest.produced or ""), f"{manifest.number:04}{manifest.received.isoformat()}", delivery.id
