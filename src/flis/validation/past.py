"""What a general delivery is compared with: the earlier periods of its sender, and the others of its own period."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from flis.validation.history import period
from flis.validation.model import Past
from flis.validation.profile import examined, resemblance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flis.catalog.contract import Contract
    from flis.delivery.model import Delivery, Manifest
    from flis.validation.known import KnownDeliveries
    from flis.validation.profile import Examined

__all__ = ["corrected", "history", "new_codes", "repeated", "same_bytes"]

LONGEST = 60
"""Rules look back on so many periods at most."""
ALIKE = 0.5
"""Deliveries that resemble each other so much are compared row by row."""
STEADY = 0.9
"""Where two accepted periods resemble each other so much, a third one may."""
NEAR = 13
"""A period may have been sent as one of so many later ones."""


def history(delivery: Delivery, accepted: Iterable[Delivery]) -> tuple[Past, ...]:
    """Of the accepted deliveries of one sender the newest of each period before that of `delivery`, in order."""
    own = period(delivery.manifest.period)
    newest: dict[str, Delivery] = {}
    for other in accepted:
        known = newest.get(other.manifest.period)
        if other.id != delivery.id and (known is None or other.manifest.number > known.manifest.number):
            newest[other.manifest.period] = other
    found = []
    for text, other in sorted(newest.items()):
        at = period(text)
        if own and at and (at.cycle, at.number < own.number) == (own.cycle, True):
            found.append((at, other))
    profiles = [(at, other.manifest, examined(other)) for at, other in found[-LONGEST:]]
    return tuple(Past(manifest, at, seen.profile) for at, manifest, seen in profiles if seen)


def same_bytes(delivery: Delivery, known: KnownDeliveries) -> tuple[Manifest, ...]:
    """The deliveries of the same bytes that are said to be of another sender or period."""
    own = delivery.manifest
    same = (d.manifest for d in known.of_bytes(own) if d.id != delivery.id)
    others = (m for m in same if own.records and (m.sender, m.period) != (own.sender, own.period))
    return tuple(sorted(others, key=lambda m: (m.period, m.sender)))


def repeated(
    delivery: Delivery, seen: Examined, accepted: Sequence[Delivery], contract: Contract
) -> tuple[str, float] | None:
    """The period of the same sender with the most equal rows, and the share of the delivery's rows that it has."""
    if not contract.replaces_periods or _is_steady(delivery, accepted):
        return None
    own, best = period(delivery.manifest.period), None
    for other in accepted:
        at, known = period(other.manifest.period), examined(other)
        if not (own and at and known) or at.number == own.number or abs(at.number - own.number) > NEAR:
            continue
        if resemblance(seen.profile, known.profile) > ALIKE:
            share = _share(delivery, other, contract)
            best = max(best or ("", 0.0), (other.manifest.period, share), key=lambda b: b[1])
    return best


def _is_steady(delivery: Delivery, accepted: Sequence[Delivery]) -> bool:
    """Whether two earlier periods were as good as equal: then it is the register that hardly changes."""
    known = history(delivery, accepted)
    return any(resemblance(a.profile, b.profile) > STEADY for a, b in pairwise(known))


def corrected(delivery: Delivery, accepted: Sequence[Delivery], contract: Contract) -> float:
    """Of a new version of a period after which another is accepted: the share of its rows that differ."""
    own = delivery.manifest
    mine = [d for d in accepted if d.manifest.period == own.period and d.id != delivery.id]
    if not mine or not any(d.manifest.period > own.period for d in accepted):
        return 0.0
    before = max(mine, key=lambda d: d.manifest.number)
    return _share(delivery, before, contract, other_than=True)


def new_codes(seen: Examined, of_period: Iterable[Delivery]) -> dict[str, int]:
    """How many senders of a period send each of the codes that no list has; this delivery's own among them."""
    mine = _codes(seen)
    if not mine:
        return {}
    senders = {(d.manifest.sender, code) for d in of_period if (found := examined(d)) for code in _codes(found) & mine}
    return dict(Counter(code for _, code in senders))


def _codes(seen: Examined) -> set[str]:
    return {
        f"{table} {field} {code}"
        for table, profile in seen.profile.tables.items()
        for field, codes in profile.unknown.items()
        for code in codes
    }


def _share(delivery: Delivery, other: Delivery, contract: Contract, *, other_than: bool = False) -> float:
    """The share of the rows that another delivery has too; or of those in which they differ."""
    from flis.validation.examining import common_rows

    mine, theirs, both = common_rows(delivery, other, contract)
    if other_than:
        return (max(mine, theirs) - both) / max(mine, theirs, 1)
    return both / max(mine, 1)
