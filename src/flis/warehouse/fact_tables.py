"""The facts of any area, by the heads of its steps: what a release asks for, as Arrow tables."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from flis.catalog.reference import municipalities
from flis.warehouse import earlier, ledger, other_areas
from flis.warehouse import figures as figured
from flis.warehouse.database import failing, held, opened
from flis.warehouse.dimensions import NO_MUNICIPALITY
from flis.warehouse.facts import FactProblem
from flis.warehouse.forms import GIVEN_DAYS, form_of, give_days, periods_of
from flis.warehouse.given import choose_days, set_months, set_policy, set_weeks
from flis.warehouse.graph import ordered, source_of
from flis.warehouse.loading import prepare
from flis.warehouse.periods import days_of
from flis.warehouse.step import StepKind, all_of_kind, step_named
from flis.warehouse.step_fingerprints import fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from flis.config import State
    from flis.warehouse.coverage import Coverage, Covered, MissingPeriod
    from flis.warehouse.database import Connection
    from flis.warehouse.facts import ProtectableFacts
    from flis.warehouse.figures import Revision
    from flis.warehouse.forms import KeptForm
    from flis.warehouse.step import Step
    from flis.warehouse.step_fingerprints import Fingerprints

__all__ = ["area_facts"]

LENGTH = {"month": len("2025-08"), "year": len("2025")}
RELEASED = ("municipal", "national")
"""The stores whose facts are cut into whole periods."""
PUBLIC = "public"
NO_DAY = ""
"""The period of a fact that nothing cuts, and of rows without a day: the count of everything among its cuts."""
ANY_DAY = date(2000, 1, 1)
"""No week and no month lies from it through the day before: a range of days without any."""
NO_GROUPS: MappingProxyType[str, Mapping[str, Sequence[str]]] = MappingProxyType({})


@dataclass(slots=True)
class FactsByHeads:
    """The facts of an area in an open warehouse."""

    connection: Connection
    area: str
    form: KeptForm
    coverage: Coverage
    covered: Covered
    gaps: tuple[MissingPeriod, ...]
    read: dict[str, str]
    """The mark of the snapshot of each other area that steps read."""
    newest: bool
    """Whether these are of the newest loads there."""
    _made: dict[str, str] = field(default_factory=dict)
    """What lies under the name of each fact now: a TABLE or a VIEW."""
    _dayless: set[str] = field(default_factory=set)
    """The facts that are cut by their day, and of which rows without one may differ."""

    def touched(self, since_load: int | None) -> dict[str, set[str]]:
        """The periods in which facts may differ from those after a load (None: all), with the municipalities."""
        return self._touched(self._released(), since_load)

    def lay_out(self, period: str) -> dict[str, pa.Table]:
        """The facts for municipal and national stores that are cut so, in a period, sorted by place."""
        found = {}
        for step in self._released() if period == NO_DAY else ():
            if step.name in self._dayless:
                self._make([step], period)
                found[step.name] = self._table(step)
        mine = [step for step in self._released() if _is_cut_so(step, period)]
        self._make(mine, period)
        return found | {step.name: self._table(step) for step in mine}

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
        for step in all_of_kind(ordered(self.area), StepKind.CHECK):
            self._make_inputs([step])
            told = [n for n in ("rule", "dato", "maaned", "periode", "kommune") if n in step.output]
            with failing(step):
                rows = self.connection.execute(f"SELECT {', '.join(told) or '1'} FROM ({step.select})").fetchall()
            for row in rows:
                said = dict(zip(told, row, strict=False))
                at = next((said[n] for n in ("dato", "maaned", "periode") if n in said), "")
                found.add(FactProblem(said.get("rule", step.name), str(at or ""), said.get("kommune") or ""))
        return sorted(found)

    def fingerprints(self) -> Fingerprints:
        """Hashes of all that the facts depend on, by kind and name."""
        return {"delivery": self.read, **fingerprints(self.area)}

    def strays(self) -> bool:
        """Whether any row of any day belongs to no municipality."""
        steps = [step for step in self._released() if step.owner]
        self._make(steps, None)
        return any(self._has_strays(step) for step in steps)

    def fact(self, name: str, days: Sequence[date]) -> pa.Table:
        """A fact over some days, and over the weeks and months from the first of them through the last."""
        step = step_named(self.area, name)
        choose_days(self.connection, days)
        first, last = (min(days), max(days)) if days else (ANY_DAY, ANY_DAY - timedelta(1))
        for make in (set_weeks, set_months):
            make(self.connection, first, last)
        for one in self._facts():
            if one in self._needed(step):
                self._put(one, "TABLE", one.select)
        return self._table(step)

    def known_now(self, figure: str) -> pa.Table:
        """The rows of a figure with known time that hold now."""
        return figured.known_now(self.connection, step_named(self.area, figure))

    def as_known(self, figure: str, moments: Sequence[tuple[date, date]]) -> pa.Table:
        """The rows of a figure of some days as known on days: the number of the moment (`n`), then its columns."""
        return figured.as_known(self.connection, step_named(self.area, figure), moments)

    def revisions(self, figure: str, since: date, through: date) -> list[Revision]:
        """The values of days up to `through` that are known otherwise than on `since`."""
        return figured.revisions(self.connection, step_named(self.area, figure), since, through)

    def stays(self, now: str, then: str, known: Iterable[date]) -> pa.Table:
        """Who was where, as known now and, by another step, on some days: for counting changes, never to be shown."""
        step, former = step_named(self.area, now), step_named(self.area, then)
        with failing(step):
            return earlier.stays(self.connection, step, former, known)

    def fact_then(self, name: str, days: Sequence[date], known: date) -> pa.Table:
        """A fact over some days, of kept tables as they were known on a day."""
        step = step_named(self.area, name)
        with failing(step), earlier.known_then(self.connection, step, known):
            return self.fact(name, days)

    def has_loaded(self, load: int, series: str) -> bool:
        """Whether the load of that number is there, after the same loads as when the fingerprint was `series`."""
        found = self.connection.execute(f"SELECT series FROM {ledger.LEDGER} WHERE load = $load", {"load": load})
        return found.fetchall() == [(series,)]

    def deliveries(self) -> pa.Table:
        """Since when each delivery is known, and its id, oldest first."""
        return self.connection.sql(f"SELECT produced, id FROM {ledger.LEDGER} ORDER BY produced").to_arrow_table()

    def _facts(self) -> list[Step]:
        return all_of_kind(ordered(self.area), StepKind.FACT)

    def _released(self) -> list[Step]:
        return [step for step in self._facts() if set(step.stores) & set(RELEASED)]

    def _touched(self, steps: Sequence[Step], since: int | None) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        everybody = {m.code for m in municipalities()}
        for step in steps:
            for period, kommune in [*self._places(step, since), *self._newly_covered(step, since)]:
                if period == NO_DAY and _is_cut(step):
                    self._dayless.add(step.name)
                found.setdefault(period, set()).update(everybody if kommune is None else {kommune})
        return dict(sorted(found.items()))

    def _newly_covered(self, step: Step, since: int | None) -> list[tuple[str, str | None]]:
        """The periods of a fact made for the days covered that were not covered after a load, for everybody."""
        if since is None or not any(GIVEN_DAYS & one.inputs.keys() for one in self._needed(step)):
            return []
        runs = self.form.new_days(self.connection, since)
        if not step.place or not step.place.cut:
            return [("", None)] if runs else []
        return [(period, None) for first, last in runs for period in periods_of(first, last, step.place.cut)]

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
        with failing(step):
            return self.connection.execute(f"SELECT DISTINCT {_period(step)}, {owner} FROM {step.name}").fetchall()

    def _has_strays(self, step: Step) -> bool:
        query = f"SELECT 1 FROM {step.name} WHERE {step.owner} = $none LIMIT 1"
        with failing(step):
            return bool(self.connection.execute(query, {"none": NO_MUNICIPALITY}).fetchall())

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
                some = period is not None and (_is_cut_so(step, period) or step in steps)
                where = f" WHERE {_within(step, period or NO_DAY)}" if some and _is_cut(step) else ""
                self._put(step, "TABLE" if some else "VIEW", f"SELECT * FROM ({step.select}){where}")

    def _make_inputs(self, steps: Sequence[Step]) -> None:
        for step in self._facts():
            if step.name not in self._made and any(step.name in one.inputs for one in steps):
                self._put(step, "VIEW", step.select)

    def _put(self, step: Step, kind: str, select: str) -> None:
        if step.name in self._made:
            self.connection.execute(f"DROP {self._made.pop(step.name)} temp.{step.name}")
        with failing(step):
            self.connection.execute(f"CREATE TEMP {kind} {step.name} AS {select}")
        self._made[step.name] = kind

    def _table(self, step: Step) -> pa.Table:
        place = step.place.columns if step.place else ()
        first = [*place, *(name for name in ("known_from",) if name in step.output)]
        order = ", ".join([*first, *(name for name in step.output if name not in first)])
        with failing(step):
            return self.connection.sql(
                f"SELECT {', '.join(step.output)} FROM {step.name} ORDER BY {order}"
            ).to_arrow_table()


@contextmanager
def area_facts(
    state: State, area: str, groups: Mapping[str, Mapping[str, Sequence[str]]] = NO_GROUPS, small: int = 0
) -> Iterator[ProtectableFacts | None]:
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
            read = {source: newest.series, **others.marks}
            yield FactsByHeads(connection, area, form, coverage, covered, gaps, read, others.newest)


def _is_cut(step: Step) -> bool:
    return bool(step.place and step.place.cut)


def _is_cut_so(step: Step, period: str) -> bool:
    """Whether a fact lies in periods like this one."""
    return len(period) == (LENGTH[step.place.cut] if step.place and step.place.cut else 0)


def _period(step: Step) -> str:
    """The period of a row, in SQL."""
    if not step.place or not step.place.cut:
        return "''"
    return f"coalesce(substr(CAST({step.place.columns[-1]} AS VARCHAR), 1, {LENGTH[step.place.cut]}), '{NO_DAY}')"


def _within(step: Step, period: str) -> str:
    assert step.place  # noqa: S101 - it is cut as the period is
    day = step.place.columns[-1]
    if period == NO_DAY:
        return f"{day} IS NULL"
    first, after = days_of(period)
    return f"{day} >= DATE '{first.isoformat()}' AND {day} < DATE '{after.isoformat()}'"
