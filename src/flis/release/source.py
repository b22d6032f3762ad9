"""What a release asks the facts of an area, whether a policy protects them or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from flis.release.reader import Released
    from flis.release.stores import Content
    from flis.release.tree import Tree, Uncovered
    from flis.warehouse.step_fingerprints import Fingerprints

__all__ = ["Changes", "Check", "Covered", "LaidOut", "RevisedDay", "Source"]


class Check(msgspec.Struct, frozen=True):
    """A check: its rule in words, whether it holds, and where it does not (period and municipality, the first ten)."""

    name: str
    text: str
    holds: bool
    where: list[str] = []


class RevisedDay(msgspec.Struct, frozen=True):
    """A day that the release before counted otherwise, in the country."""

    day: date
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Covered:
    """What an area's facts cover and count: first and last day, the newest delivery, how many, the newest load.

    `known` is the newest known day; `products` are first and last day by product and municipality, as in `Tree`.
    """

    first: date
    last: date
    delivery: str
    deliveries: int
    load: int
    known: date
    products: dict[str, dict[str, tuple[date, date]]]
    gaps: tuple[Uncovered, ...] = ()

    @property
    def through(self) -> date:
        """The last day that any municipality covers, which may lie after that of the area."""
        return max((last for places in self.products.values() for _, last in places.values()), default=self.last)


@dataclass(frozen=True, slots=True)
class Changes:
    """Whom a release changes, and what of that was published otherwise before."""

    municipalities: list[str] = field(default_factory=list)
    revised: int = 0
    revised_days: list[RevisedDay] = field(default_factory=list)
    unexplained: int = 0


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What is to be written, whether it may be, and what it changes."""

    content: Content
    checks: list[Check]
    changes: Changes


class Source(Protocol):
    """The facts of one area in the open warehouse."""

    @property
    def covered(self) -> Covered:
        """What the facts cover."""
        ...

    @property
    def fingerprints(self) -> Fingerprints:
        """Hashes of all that the facts depend on, by kind and name."""
        ...

    @property
    def newest(self) -> bool:
        """Whether what is read of other areas is of their newest loads: no load was going on there."""
        ...

    def continues(self, tree: Tree) -> bool:
        """Whether the warehouse holds the loads that `tree` counts in their order, so that later ones are the news."""
        ...

    def laid_out(self, base: Tree | None, before: Tree | None) -> LaidOut:
        """What differs from `base` (None: everything), against what was published `before`."""
        ...

    def noted(self) -> str:
        """Note what is shown for the first time, before anybody sees it; what the root says of it, empty for nothing.

        Called once, after `laid_out`.
        """
        ...

    def recounted(self, found: Released) -> tuple[list[date], int, list[str]]:
        """Days and number of the figures that were counted again, and those of them that are wrong, in words."""
        ...
