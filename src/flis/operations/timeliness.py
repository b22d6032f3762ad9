"""Which senders are late with which periods, and whose files were refused: per interface, sender and period.

Late is who is expected (`senders.csv`, else the municipalities or the one national sender) and has delivered nothing by
the due day and its grace (rule g-09). Nothing is awaited of the time before the first delivery.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from flis.catalog.area_file import Phrase
from flis.catalog.reference import municipalities
from flis.catalog.sender_file import expected
from flis.operations.arrived_periods import arrival_day
from flis.operations.due_days import due_day, first_late_day, last_day, overdue, period_of
from flis.operations.kept import independent
from flis.operations.model import Notice, StatusKind
from flis.validation.reports import report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from flis.catalog.contract import Contract
    from flis.delivery.model import Delivery
    from flis.operations.arrived_periods import Arrivals

__all__ = ["LATE", "Overdue", "by_senders", "overdue_periods"]

LATE = "g-09-not-delivered"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A period that a sender is expected to have delivered by now; `refused` where a file of it is in quarantine."""

    contract: Contract
    period: str
    sender: str
    refused: bool = False


def overdue_periods(came: Mapping[str, Arrivals], at: date) -> list[Overdue]:
    """Per area, interface, period and sender: what is overdue on the day `at` and not there."""
    found = []
    for contract, first in _begun(came):
        assert contract.expects  # noqa: S101
        have = came[contract.interface]
        refused = {(d.manifest.period, d.manifest.sender) for d in have.refused}
        for period in overdue(first, contract.expects, at):
            lacking = sorted(expected(contract, period) - have.accepted.get(period, set()))
            found += [Overdue(contract, period, sender, (period, sender) in refused) for sender in lacking]
    return found


def by_senders(came: Mapping[str, Arrivals], overdue: Sequence[Overdue], today: date) -> dict[str, list[Notice]]:
    """The states that this gives each area, one for the senders of an interface and period together."""
    found: dict[str, list[Notice]] = defaultdict(list)
    contracts = independent()
    for interface, have in came.items():
        found[contracts[interface].area] += _refused(contracts[interface], have.refused, today)
    late = (one for one in overdue if not one.refused)
    for (contract, period), group in groupby(late, key=lambda one: (one.contract, one.period)):
        found[contract.area].append(_late(contract, period, [one.sender for one in group]))
    return {area: notices for area, notices in found.items() if notices}


def _begun(came: Mapping[str, Arrivals]) -> Iterator[tuple[Contract, str]]:
    """The contracts that expect deliveries, each with the first period that came, of it or else of its area."""
    begun: dict[str, date] = {}
    contracts = independent()
    for interface, have in came.items():
        if have.accepted:
            area, first = contracts[interface].area, last_day(min(have.accepted))
            begun[area] = min(begun.get(area, first), first)
    for interface, have in came.items():
        contract = contracts[interface]
        if contract.expects and contract.area in begun:
            yield contract, min(have.accepted, default=period_of(begun[contract.area], contract.expects.every))


def _late(contract: Contract, period: str, senders: list[str]) -> Notice:
    assert contract.expects  # noqa: S101
    due, towns = due_day(period, contract.expects), _municipalities(senders)
    of = _whose(period, towns)
    return Notice(
        kind=StatusKind.LATE,
        text=Phrase(
            f"Leveringen {of.da} skulle være kommet senest {due}.",
            f"The delivery {of.en} was due by {due}.",
            f"Поставку {of.uk} очікували до {due}.",
        ),
        municipalities=towns,
        period=period,
        subject=contract.interface,
        since=first_late_day(period, contract.expects),
        rule=LATE,
    )


def _refused(contract: Contract, refused: list[Delivery], today: date) -> Iterator[Notice]:
    """One state per period and rule."""
    told = sorted(((d.manifest.period, *_reason(d), d) for d in refused), key=lambda t: (t[0], t[1], t[3].id))
    for (period, rule), group in groupby(told, key=lambda t: t[:2]):
        (_, _, reason, first), *others = group
        deliveries = [first, *(other[3] for other in others)]
        towns = _municipalities(d.manifest.sender for d in deliveries)
        of = _whose(period or "?", towns)
        yield Notice(
            kind=StatusKind.FAULTY,
            text=Phrase(
                f"Leveringen {of.da} er afvist. {reason.da}".rstrip(),
                f"The delivery {of.en} was refused. {reason.en}".rstrip(),
            ),
            municipalities=towns,
            period=period,
            subject=contract.interface,
            since=min(arrival_day(d.manifest, today) for d in deliveries),
            delivery=first.id,
            rule=rule,
        )


def _reason(delivery: Delivery) -> tuple[str, Phrase]:
    """The rule for which a delivery was refused, and its message."""
    found = next((f for f in report(delivery).findings if f.severity.refuses), None)
    return (found.rule, Phrase(found.message, found.message_en)) if found else ("", Phrase("", ""))


def _municipalities(senders: Iterable[str]) -> tuple[str, ...]:
    """The codes of the senders that are municipalities, each once."""
    return tuple(sorted(set(senders) & {m.code for m in municipalities()}))


def _whose(period: str, towns: tuple[str, ...]) -> Phrase:
    """The period and the senders of a delivery in words: a municipality by its name, more of them by their number."""
    if len(towns) == 1:
        name = next(m.name for m in municipalities() if m.code == towns[0])
        return Phrase(f"for {period} fra {name}", f"of {period} from {name}", f"за {period} ({name})")
    if towns:
        many = len(towns)
        return Phrase(
            f"for {period} fra {many} kommuner", f"of {period} from {many} municipalities", f"за {period} ({many})"
        )
    return Phrase(f"for {period}", f"of {period}", f"за {period}")
