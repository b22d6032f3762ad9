"""The rules that an area brings along (`quality:` of a contract, steps of kind `rule`), and rules by their ids."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flis.catalog.contract import Breach
from flis.catalog.contracts import all_contracts
from flis.delivery.readers.notice_kinds import LISTED
from flis.validation.groups import UNKNOWN
from flis.validation.model import Facts, Finding, Rule, RuleLevel, Severity, Spot, Status
from flis.validation.row_conditions import quality_kind
from flis.validation.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flis.catalog.contract import Contract, Quality

__all__ = ["rule_named", "rules_of", "step_findings"]


def rules_of(contract: Contract | None) -> tuple[Rule, ...]:
    """The rules of a contract's own; what a breach does is their severity."""
    if contract is None:
        return ()
    return tuple(
        Rule(
            id=quality.id,
            severity=Severity.FATAL if quality.breach is Breach.REFUSE else Severity.WARNING,
            level=_level(quality),
            da=_template(quality.message.da, quality.places),
            en=_template(quality.message.en, quality.places),
            check=partial(_spots, quality),
            kind=quality_kind(quality),
        )
        for table in contract.tables
        for quality in table.quality
    )


def rule_named(name: str, interface: str = "") -> Rule | None:
    """The rule with the id `name`, of those of the interface's contract too; None where nobody has it any more."""
    own = next((c for c in all_contracts() if c.interface == interface), None) if interface else None
    return next((r for r in (*RULES, *rules_of(own)) if r.id == name), None)


def step_findings(facts: Facts) -> tuple[Finding, ...]:
    """The rows of the area's steps of kind `rule`, each a warning: the delivery is loaded by then."""
    steps = facts.load.steps if facts.load else {}
    return tuple(
        Finding(
            rule=name,
            severity=Severity.WARNING,
            file=facts.manifest.file,
            municipality=str(row["kommune"]) if row.get("kommune") else None,
            message=str(row["da"]),
            message_en=str(row["en"] or row["da"]),
            status=Status(str(row["status"])) if row.get("status") else None,
        )
        for name, rows in steps.items()
        for row in rows[:LISTED]
    )


def _level(quality: Quality) -> RuleLevel:
    if quality.each:
        return RuleLevel.SUM
    return RuleLevel.REFERENCE if quality.codes else RuleLevel.ROW


def _template(text: str, places: Iterable[str]) -> str:
    """A message of a contract, in which nothing but the places between braces is filled in."""
    escaped = text.replace("{", "{{").replace("}", "}}")
    for name in places:
        escaped = escaped.replace(f"{{{{{name}}}}}", f"{{{name}}}")
    return escaped


def _spots(quality: Quality, facts: Facts) -> Iterator[Spot]:
    for fault in facts.faults_of(quality_kind(quality)):
        # what was kept of the rows may be older than the message
        words = {name: fault.group.get(name, UNKNOWN) for name in quality.places}
        yield Spot(fault.record, fault.line, fault.field, words=words)
