"""The chain of a sequence: each delivery names the production date before its own, so that none can be skipped.

Pure functions over dates; what follows for the delivery is for `validation` to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["ChainPosition", "Link", "Position", "place"]


@dataclass(frozen=True, slots=True)
class Link:
    """A production date and the one that the sender names as the one before; None: an establishment."""

    produced: date
    previous: date | None


class Position(StrEnum):
    """Where a delivery stands to the accepted ones of its sequence."""

    FIRST = "first"  # nothing is accepted yet: this one starts the chain, whatever came before it
    NEXT = "next"  # follows the newest accepted one
    GAP = "gap"  # sound, but at least one production date before it has not come
    TAKEN = "taken"  # another file of this production date is accepted
    LATE = "late"  # older than the newest accepted one, and not one of them
    FORK = "fork"  # newer, but follows one that the chain has passed
    RESTART = "restart"  # an establishment, and the chain has begun


@dataclass(frozen=True, slots=True)
class ChainPosition:
    """A position, with the production date that has to come first where there is a gap."""

    position: Position
    newest: date | None = None
    missing: date | None = None


def place(link: Link, accepted: Collection[Link], waiting: Collection[Link] = ()) -> ChainPosition:
    """The place of `link` among the `accepted` links of its sequence, `waiting` being those that cannot go on yet."""
    if not accepted:
        return ChainPosition(Position.FIRST)
    newest = max(a.produced for a in accepted)
    previous = link.previous or date.min
    cases = {
        Position.TAKEN: any(a.produced == link.produced for a in accepted),
        Position.LATE: link.produced < newest,
        Position.RESTART: link.previous is None,
        Position.NEXT: previous == newest,
        Position.FORK: previous < newest,
    }
    for position, holds in cases.items():
        if holds:
            return ChainPosition(position, newest)
    return ChainPosition(Position.GAP, newest, _missing(link, waiting))


def _missing(link: Link, waiting: Collection[Link]) -> date | None:
    """The first production date, going back from `link`, that nobody has delivered."""
    before = {w.produced: w.previous for w in waiting if w.previous and w.previous < w.produced}
    wanted = link.previous
    while wanted in before:
        wanted = before[wanted]
    return wanted
