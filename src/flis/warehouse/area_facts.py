"""The facts of any area, by the heads of its steps: what a release asks for, as Arrow tables."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from flis.catalog.reference import municipalities
from flis.warehouse import ledger, other_areas
from flis.warehouse.database import held, opened
from flis.warehouse.facts import set_policy
from flis.warehouse.fingerprints import fingerprints
from flis.warehouse.forms import form_of, give_days
from flis.warehouse.graph import ordered, source_of
from flis.warehouse.loading import prepare
from flis.warehouse.periods import days_of
from flis.warehouse.step import Kind, all_of_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    import pyarrow as pa

    from flis.config import State
    from flis.warehouse.coverage import Coverage, Covered, MissingPeriod
    from flis.warehouse.database import Connection
    from flis.warehouse.fingerprints import Fingerprints
    from flis.warehouse.forms import Form
    from flis.warehouse.step import Step

__all__ = ["AreaFacts", "FactProblem", "area_facts"]

LENGTH = {"month": len("2025-08"), "year": len("2025")}
RELEASED = ("municipal", "national")
"""The stores whose facts are cut into whole periods."""
PUBLIC = "public"
NO_GROUPS: MappingProxyType[str, Mapping[str, Sequence[str]]] = MappingProxyType({})


class FactProblem(NamedTuple):
    """A row of a check: its rule, the day or period that it is about, and the municipality ('': none is named)."""

    rule: str
    at: str
    kommune: str


class AreaFacts(Protocol):
    """What a release is made of. The warehouse of the area stays open and as it is meanwhile.

    Periods are '2025-08' where a fact is cut by month, '2025' by year, '' where it has no day.
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


@dataclass(slots=True)
class FactsByHeads:
    """The facts of an area in an open warehouse."""

    connection: Connection
    area: str
    form: Form
    coverage: Coverage
    covered: Covered
    gaps: tuple[MissingPeriod, ...]
    read: dict[str, str]
    """The mark of the snapshot of each other area that steps read."""
    _made: dict[str, str] = field(default_factory=dict)
    """What lies under the name of each fact now: a TABLE or a VIEW."""

    def touched(self, since_load: int | None) -> dict[str, set[str]]:
        """The periods in which facts may differ from those after a load (None: all), with the municipalities."""
        return self._touched(self._released(), since_load)

    def lay_out(self, period: str) -> dict[str, pa.Table]:
        """The facts for municipal and national stores that are cut so, in a period, sorted by place."""
        mine = [step for step in self._released() if _is_cut_so(step, period)]
        self._make(mine, period)
        return {step.name: self._table(step) for step in mine}

    def figures(self, since_load: int | None) -> dict[str, dict[str, pa.Table]]:
        """The facts for the public, by table and period, in the periods that may differ."""
        found: dict[str, dict[str, pa.Table]] = {}
        for step in (s for s in self._facts() if PUBLIC in s.stores):
            for period in self._touched([step], since_load):
                self._make([step], period)
                found.setdefault(step.name, {})[period] = self._table(step)
        return found

    def check(self) -> list[FactProblem]:
        """What the checks find in the period that was laid out last."""
        found = set()
        for step in all_of_kind(ordered(self.area), Kind.CHECK):
            self._make_inputs([step])
            told = [n for n in ("rule", "dato", "maaned", "periode", "kommune") if n in step.output]
            for row in self.connection.execute(f"SELECT {', '.join(told) or '1'} FROM ({step.select})").fetchall():
                said = dict(zip(told, row, strict=False))
                at = next((said[n] for n in ("dato", "maaned", "periode") if n in said), "")
                found.add(FactProblem(said.get("rule", step.name), str(at or ""), said.get("kommune") or ""))
        return sorted(found)

    def fingerprints(self) -> Fingerprints:
        """Hashes of all that the facts depend on, by kind and name."""
        return {"delivery": self.read, **fingerprints(self.area)}

    def _facts(self) -> list[Step]:
        return all_of_kind(ordered(self.area), Kind.FACT)

    def _released(self) -> list[Step]:
        return [step for step in self._facts() if set(step.stores) & set(RELEASED)]

    def _touched(self, steps: Sequence[Step], since: int | None) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        everybody = {m.code for m in municipalities()}
        for step in steps:
            for period, kommune in self._places(step, since):
                found.setdefault(period, set()).update(everybody if kommune is None else {kommune})
        return dict(sorted(found.items()))

    def _places(self, step: Step, since: int | None) -> list[tuple[str, str | None]]:
        """Period and municipality (None: all) of the places of a fact that may differ."""
        told = self.form.told_places(self.connection, step, since)
        if told is not None:
            return told
        if since is None:
            return self._all_places(step)
        from flis.warehouse.places import goes_by_row  # the parser of SQL takes long to load

        chain = self._needed(step)
        by_row = all(goes_by_row(one) for one in chain)
        found: set[tuple[str, str | None]] = set()
        differs = False
        for _ in self.form.differing(self.connection, chain, since):
            differs = True
            found |= set(self._all_places(step)) if by_row else set()
        if differs and not by_row:
            for _ in self.form.then_and_now(self.connection, since):
                found |= set(self._all_places(step))
        return sorted(found, key=str)

    def _all_places(self, step: Step) -> list[tuple[str, str | None]]:
        """The places of all rows of a fact, over what the kept tables show."""
        if not _is_cut(step) and not step.owner:
            return [("", None)]
        self._make([step], None)
        owner = step.owner or "CAST(NULL AS VARCHAR)"
        return self.connection.execute(f"SELECT DISTINCT {_period(step)}, {owner} FROM {step.name}").fetchall()

    def _needed(self, step: Step) -> list[Step]:
        """The facts that a fact is made of, and itself."""
        by_name = {one.name: one for one in self._facts()}
        open_ones, found = [step], [step]
        while open_ones:
            new = [by_name[name] for name in open_ones.pop().inputs if name in by_name]
            open_ones += new
            found += [one for one in new if one not in found]
        return found

    def _make(self, steps: Sequence[Step], period: str | None) -> None:
        """Make temporary tables of facts of a period (None: views of all); others that they read become views."""
        give_days(self.connection, self.coverage, period)
        for step in self._facts():
            if any(step in self._needed(one) for one in steps):
                whole = period is None or not _is_cut_so(step, period)
                where = "" if whole or not period else f" WHERE {_within(step, period)}"
                self._put(step.name, "VIEW" if whole else "TABLE", f"SELECT * FROM ({step.select}){where}")

    def _make_inputs(self, steps: Sequence[Step]) -> None:
        for step in self._facts():
            if step.name not in self._made and any(step.name in one.inputs for one in steps):
                self._put(step.name, "VIEW", step.select)

    def _put(self, name: str, kind: str, select: str) -> None:
        if name in self._made:
            self.connection.execute(f"DROP {self._made[name]} temp.{name}")
        self.connection.execute(f"CREATE TEMP {kind} {name} AS {select}")
        self._made[name] = kind

    def _table(self, step: Step) -> pa.Table:
        place = step.place.columns if step.place else ()
        first = [*place, *(name for name in ("known_from",) if name in step.output)]
        order = ", ".join([*first, *(name for name in step.output if name not in first)])
        return self.connection.sql(
            f"SELECT {', '.join(step.output)} FROM {step.name} ORDER BY {order}"
        ).to_arrow_table()


@contextmanager
def area_facts(
    state: State, area: str, groups: Mapping[str, Mapping[str, Sequence[str]]] = NO_GROUPS, small: int = 0
) -> Iterator[AreaFacts | None]:
    """The facts of an area; None where nothing of it is loaded, or it covers no day yet.

    `groups` (dimension -> group -> values) and `small` are what the steps are given of the area's policy.

    Raises:
        StateError: the warehouse was built by other steps than those of today.
    """
    source = source_of(area)
    if not held(state, source):
        yield None
        return
    others = other_areas.snapshots(state, source)
    with opened(state, source, reading=True) as connection:
        prepare(connection, source)
        newest = ledger.newest(connection)
        form = form_of(area)
        coverage = form.coverage(connection)
        if newest is None or coverage is None:
            yield None
            return
        with other_areas.attached(connection, others):
            form.open(connection)
            if {"grouping", "small"} & {name for step in ordered(area) for name in step.inputs}:
                set_policy(connection, groups, small)
            covered, gaps = form.covered(state, connection, coverage)
            yield FactsByHeads(connection, area, form, coverage, covered, gaps, {source: newest.series, **others.marks})


def _is_cut(step: Step) -> bool:
    return bool(step.place and step.place.cut)


def _is_cut_so(step: Step, period: str) -> bool:
    """Whether a fact lies in periods like this one."""
    return len(period) == (LENGTH[step.place.cut] if step.place and step.place.cut else 0)


def _period(step: Step) -> str:
    """The period of a row, in SQL."""
    if not step.place or not step.place.cut:
        return "''"
    return f"substr(CAST({step.place.columns[-1]} AS VARCHAR), 1, {LENGTH[step.place.cut]})"


def _within(step: Step, period: str) -> str:
    assert step.place  # noqa: S101 - it is cut as the period is
    first, after = days_of(period)
    day = step.place.columns[-1]
    return f"{day} >= DATE '{first.isoformat()}' AND {day} < DATE '{after.isoformat()}'"
