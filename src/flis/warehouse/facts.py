"""What a release asks of the facts of an area, as Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import pyarrow as pa

    from flis.warehouse.coverage import Coverage, MissingPeriod
    from flis.warehouse.figures import Revision

__all__ = ["AreaFacts", "FactProblem", "ProtectableFacts"]


class FactProblem(NamedTuple):
    """A row of a check: its rule, the day or period that it is about, and the municipality ('': none is named)."""

    rule: str
    at: str
    kommune: str


class AreaFacts(Protocol):
    """What a release is made of. The warehouse of the area stays open and as it is meanwhile.

    Periods are '2025-08' where a fact is cut by month, '2025' by year, '' where it or a row of it has no day.
    """

    @property
    def coverage(self) -> Coverage:
        """The days covered, and the newest delivery."""
        ...

    @property
    def covered(self) -> Mapping[str, Mapping[str, tuple[date, date]]]:
        """The first and the last day covered by product and municipality ('': the area)."""
        ...

    @property
    def gaps(self) -> Sequence[MissingPeriod]:
        """What was expected and is not there."""
        ...

    @property
    def newest(self) -> bool:
        """Whether what is read of other areas is of their newest loads: no load was going on there."""
        ...

    def touched(self, since_load: int | None) -> dict[str, set[str]]:
        """The periods in which facts may differ from those after a load (None: all), with the municipalities."""
        ...

    def lay_out(self, period: str) -> dict[str, pa.Table]:
        """The facts for municipal and national stores that are cut so, in a period, sorted by place."""
        ...

    def figures(self, since_load: int | None) -> dict[str, dict[str, pa.Table]]:
        """The facts for the public, by table and period, in the periods that may differ."""
        ...

    def check(self) -> Sequence[FactProblem]:
        """What the checks find in the period that was laid out last."""
        ...

    def fingerprints(self) -> Mapping[str, Mapping[str, str]]:
        """Hashes of all that the facts depend on, by kind and name.

        Of kind `delivery` there is one for each area that they are made of or read from: a hash of the deliveries
        loaded. Where another area's differs, everything is touched.
        """
        ...

    def has_loaded(self, load: int, series: str) -> bool:
        """Whether the load of that number is there, after the same loads as when the fingerprint was `series`.

        Where it is not, the warehouse was built again in another order, and what was touched since nobody knows.
        """
        ...

    def strays(self) -> bool:
        """Whether any row of any day belongs to no municipality."""
        ...


class ProtectableFacts(AreaFacts, Protocol):
    """What is asked besides of an area with a policy; steps are named by it, and columns go by their order in heads."""

    def fact(self, name: str, days: Sequence[date]) -> pa.Table:
        """A fact over some days, and over the weeks and months from the first of them through the last."""
        ...

    def known_now(self, figure: str) -> pa.Table:
        """The rows of a figure with known time that hold now."""
        ...

    def as_known(self, figure: str, moments: Sequence[tuple[date, date]]) -> pa.Table:
        """The rows of a figure of some days as known on days: the number of the moment (`n`), then its columns."""
        ...

    def revisions(self, figure: str, since: date, through: date) -> list[Revision]:
        """The values of days up to `through` that are known otherwise than on `since`."""
        ...

    def stays(self, now: str, then: str, known: Iterable[date]) -> pa.Table:
        """Who was where, as known now and, by another step, on some days: for counting changes, never to be shown."""
        ...

    def fact_then(self, name: str, days: Sequence[date], known: date) -> pa.Table:
        """A fact over some days, of kept tables as they were known on a day."""
        ...

    def deliveries(self) -> pa.Table:
        """Since when each delivery is known, and its id, oldest first."""
        ...
