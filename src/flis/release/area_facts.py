"""What a release asks the warehouse of any area."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    import pyarrow as pa

    from flis.config import State

__all__ = ["AreaCoverage", "AreaFacts", "FactProblem", "MissingPeriod", "area_facts"]


@dataclass(frozen=True, slots=True)
class MissingPeriod:
    """A period of a municipality that is expected and not there, and why."""

    kommune: str
    periode: str
    why: str


@dataclass(frozen=True, slots=True)
class AreaCoverage:
    """What is covered: its days, and the newest delivery with the number of its load."""

    first: date
    last: date
    delivery: str
    deliveries: int
    load: int = 0
    known: date | None = None


class FactProblem(NamedTuple):
    """A row of a check: its rule, the day or period, and the municipality."""

    rule: str
    at: str
    kommune: str


class AreaFacts(Protocol):
    """The facts of an area in the open warehouse."""

    @property
    def coverage(self) -> AreaCoverage:
        """What the facts cover."""
        ...

    @property
    def covered(self) -> Mapping[str, Mapping[str, tuple[date, date]]]:
        """The first and the last day covered by product and municipality ('': the area)."""
        ...

    @property
    def gaps(self) -> Sequence[MissingPeriod]:
        """What was expected and is not there."""
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

    def check(self) -> Sequence[FactProblem]:
        """What the checks say of what was laid out last."""
        ...

    def fingerprints(self) -> Mapping[str, Mapping[str, str]]:
        """Hashes of all that the facts depend on; of kind `delivery` one for each area whose deliveries they read."""
        ...


@contextmanager
def area_facts(state: State, area: str) -> Iterator[AreaFacts | None]:  # noqa: ARG001
    """The facts of any area; None while nothing of it is loaded."""
    yield None
