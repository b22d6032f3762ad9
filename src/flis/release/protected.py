"""Facts of which the public sees what a policy lets it: figures as known then and now, and protected breakdowns."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.catalog.reference import municipalities
from flis.release.counting import counting_steps
from flis.release.exact import ExactFacts
from flis.release.policies import policy
from flis.release.protecting import breakdowns, protection
from flis.release.protecting import months as rare_flows
from flis.release.reader import NATIONAL, PUBLIC, municipal
from flis.release.source import Changes, Check, LaidOut, RevisedDay
from flis.release.tables import DELIVERIES, public_municipalities
from flis.release.truth import COUNTRY
from flis.warehouse import area_facts

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from flis.config import State
    from flis.release.protecting import Protection
    from flis.release.reader import Released
    from flis.release.source import Covered
    from flis.release.tree import Tree
    from flis.warehouse import ProtectableFacts
    from flis.warehouse.step import Step
    from flis.warehouse.step_fingerprints import Fingerprints

__all__ = ["protected_facts"]

SAMPLE = 6


@contextmanager
def protected_facts(state: State, area: str, *, make_key: bool = False) -> Iterator[ProtectedFacts | None]:
    """The facts of an area with a policy; None while nothing of it is loaded."""
    rules = policy(area)
    with area_facts(state, area, rules.values, rules.levels["municipality"].flows.small) as known:
        yield ProtectedFacts(state, area, known, ExactFacts(area, known), make_key) if known else None


@dataclass(slots=True)
class ProtectedFacts:
    """A `Source` whose public store holds what was noted as shown, and nothing else."""

    state: State
    area: str
    known: ProtectableFacts
    exact: ExactFacts
    make_key: bool
    guarded: Protection | None = None

    @property
    def covered(self) -> Covered:
        """What the warehouse says of the area."""
        return self.exact.covered

    @property
    def fingerprints(self) -> Fingerprints:
        """Of all that the facts depend on, and of the software."""
        return self.exact.fingerprints

    @property
    def newest(self) -> bool:
        """Whether what is read of other areas is of their newest loads."""
        return self.exact.newest

    def continues(self, tree: Tree) -> bool:
        """Whether the warehouse holds the loads that `tree` counts in their order, so that later ones are the news."""
        return self.exact.continues(tree)

    def laid_out(self, base: Tree | None, before: Tree | None) -> LaidOut:
        """What deliveries after `base` changed, and what of it the public may see."""
        guarded = self.guarded = protection(self.state, self.area, self.known, make_key=self.make_key)
        made = self.exact.laid_out(base, before)
        first, last, steps = self.known.coverage.first, self.known.coverage.last, counting_steps(self.area)
        there = base.stores.get(PUBLIC, {}) if base else {}
        public = {
            **(made.content.public or {}),
            steps.breakdown.name: breakdowns(self.area, guarded.shown, last, there.get(steps.breakdown.name, {})),
            steps.months.name: rare_flows(self.area, guarded.shown, first, last, there.get(steps.months.name, {})),
            "delivery": {"": self.known.deliveries().cast(DELIVERIES)},
            "kommune": {"": public_municipalities()},
        }
        return LaidOut(
            replace(made.content, public=public),
            [*made.checks, _audited(guarded)],
            self._changes(before, made.content.municipalities),
        )

    def noted(self) -> str:
        """Put what is shown into the register."""
        assert self.guarded  # noqa: S101
        return self.guarded.written().head

    def recounted(self, found: Released) -> tuple[list[date], int, list[str]]:
        """Some days of the release, counted from the history alone."""
        days, steps = _sample(found), counting_steps(self.area)
        if self.known.coverage.last < found.tree.data_through:
            return days, 0, ["The warehouse does not hold the deliveries that the release counts."]
        again = self.known.fact_then(steps.recount.name, days, found.tree.known)
        counts = zip(*(column.to_pylist() for column in again.columns), strict=True)
        right = {(day, kommune): count for day, kommune, count in counts}
        public = _totals(found, PUBLIC, steps.shown_totals, days)
        national = _totals(found, NATIONAL, steps.cells, days)
        problems = []
        for day in days:
            for m in municipalities():
                own = _totals(found, municipal(m.code), steps.cells, [day]) if day == days[-1] else national
                shown = {source.get((day, m.code), 0) for source in (public, national, own)}
                if shown != {right.get((day, m.code), 0)}:
                    problems.append(f"{day} {m.code}: the stores and the history count differently.")
        problems += self.exact.public_otherwise(found)
        return days, len(days) * len(municipalities()), problems

    def _changes(self, before: Tree | None, periods: Container[str]) -> Changes:
        steps, last = counting_steps(self.area), self.known.coverage.last
        through = before.data_through if before else None
        revisions = self.known.revisions(steps.totals.name, before.known, through) if before and through else []
        days = [day for day in _days(self.known.coverage.first, last) if f"{day:%Y-%m}" in periods]
        changes = self.known.fact(steps.changes.name, days)
        listed = list(zip(*(column.to_pylist() for column in changes.columns), strict=True))
        moved = {kommune for day, kommune, _ in listed if through is None or day > through}
        return Changes(
            sorted((moved | {r.kommune for r in revisions}) - {COUNTRY}),
            sum(r.kommune != COUNTRY for r in revisions),
            [RevisedDay(r.day, r.before, r.after) for r in revisions if r.kommune == COUNTRY],
            sum(count for _, _, count in listed),
        )


def _audited(guarded: Protection) -> Check:
    said = [str(fault) for fault in guarded.faults[:10]]
    return Check("disclosure", "the public figures tell nothing of a single person", not said, said)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _sample(found: Released) -> list[date]:
    """The newest day, and some others spread over the days covered: other ones for another release."""
    first, last = found.tree.first, found.tree.data_through
    span = (last - first).days + 1
    picked = {last - timedelta(((found.number * 7 + n) * 2654435761) % span) for n in range(SAMPLE - 1)}
    return sorted(picked | {last})


def _totals(found: Released, store: str, step: Step, days: list[date]) -> dict[tuple[date, str], int]:
    """Counts by day and municipality, as the files of a store give them."""
    totals = counting_steps(found.area).totals
    day, kommune = totals.keys
    count = next(name for name in totals.output if name not in totals.keys)
    known = ["known_to"] if "known_to" in step.output else []
    table = step.public or step.name if store == PUBLIC else step.name
    months = {f"{one:%Y-%m}" for one in days}
    paths = [path for part, path in found.partitions(store, table).items() if part in months]
    rows = pq.read_table(paths, columns=[day, kommune, count, *known])
    keep = pc.field(day).isin(days)
    rows = rows.filter(keep & pc.field("known_to").is_null() if known else keep)
    sums = rows.group_by([day, kommune]).aggregate([(count, "sum")]).to_pylist()
    return {(row[day], row[kommune]): row[f"{count}_sum"] for row in sums}
