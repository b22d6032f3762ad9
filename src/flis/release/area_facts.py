"""What a release asks the warehouse of any area."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    import pyarrow as pa

    from flis.config import State
    from flis.warehouse import Problem

__all__ = ["AreaCoverage", "AreaFacts", "MissingPeriod", "area_facts"]


@dataclass(frozen=True, slots=True)
class MissingPeriod:
    """A period of a municipality that is expected and not there, and why."""

    kommune: str
    periode: str
    why: str


@dataclass(frozen=True, slots=True)
class AreaCoverage:
    """What is covered: days, the newest delivery and its load, and by product and municipality the days covered."""

    first: date
    last: date
    delivery: str
    deliveries: int
    load: int
    known: date
    covered: Mapping[str, Mapping[str, tuple[date, date]]]
    gaps: tuple[MissingPeriod, ...] = ()


class AreaFacts(Protocol):
    """The facts of an area in the open warehouse."""

    @property
    def coverage(self) -> AreaCoverage:
        """What the facts cover."""
        ...

    def touched(self, since_load: int | None) -> dict[str, set[str]]:
        """The partitions that loads after `since_load` changed (None: all), with the municipalities."""
        ...

    def lay_out(self, period: str) -> dict[str, pa.Table]:
        """The facts of one partition for municipal and national stores, sorted."""
        ...

    def figures(self, since_load: int | None) -> dict[str, dict[str, pa.Table]]:
        """The facts for the public store by partition, as far as later loads changed them."""
        ...

    def check(self) -> Sequence[Problem]:
        """What the checks say of what was laid out last."""
        ...


@contextmanager
def area_facts(state: State, area: str) -> Iterator[AreaFacts | None]:  # noqa: ARG001
    """The facts of any area; None while nothing of it is loaded."""
    yield None
