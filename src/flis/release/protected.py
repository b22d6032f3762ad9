"""Facts of which the public sees what a policy lets it: whole months, figures as known then and now, protected."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.catalog.areas import area as area_of
from flis.catalog.reference import municipalities
from flis.release.fingerprints import software
from flis.release.policy import policy
from flis.release.protecting import COUNTRY, breakdowns, protection
from flis.release.protecting import months as rare_flows
from flis.release.reader import NATIONAL, PUBLIC, municipal
from flis.release.shapes import facts_of, owner, schema
from flis.release.shared_tables import shared_tables
from flis.release.source import Changes, Check, Covered, LaidOut, RevisedDay
from flis.release.stores import Content, Fact
from flis.release.tables import PUBLIC_TABLES, public_municipalities
from flis.warehouse import MONTHLY, facts
from flis.warehouse.fingerprints import fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State
    from flis.release.protecting import Protection
    from flis.release.reader import Released
    from flis.release.tree import Tree
    from flis.warehouse import Facts, Problem
    from flis.warehouse.fingerprints import Fingerprints

__all__ = ["protected_facts"]

SAMPLE = 6
SHOWN = "shown_"
"""How the step begins that makes what the public sees of a figure: `shown_total` of `total`."""
_RULES = {
    "flows": "yesterday's count and the day's flows give the day's count, per municipality",
    "cells": "the cells of age, sex and civil state give the total",
    "crossings": "the cells of entries minus exits give the total, those without municipality the country's alone",
    "country": "the municipalities give the country",
    "moves": "moves between municipalities cancel in the country",
    "negative": "no count is below zero",
}


@contextmanager
def protected_facts(state: State, area: str, *, make_key: bool = False) -> Iterator[ProtectedFacts | None]:
    """The facts of an area with a policy; None while nothing of it is loaded."""
    rules = policy(area)
    with facts(state, rules.values, rules.levels["municipality"].flows.small) as known:
        yield ProtectedFacts(state, area, known, make_key) if known else None


@dataclass(slots=True)
class ProtectedFacts:
    """A `Source` whose public store holds what was noted as shown, and nothing else."""

    state: State
    area: str
    known: Facts
    make_key: bool
    guarded: Protection | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def covered(self) -> Covered:
        """The days of the definition, in all municipalities."""
        found = self.known.coverage
        through = {"": (found.first, found.last)}
        return Covered(
            found.first,
            found.last,
            found.delivery,
            found.deliveries,
            load=found.deliveries,
            known=found.last,
            products={product.value: through for product in area_of(self.area).products},
        )

    @property
    def fingerprints(self) -> Fingerprints:
        """Of all that the facts depend on, and of the software."""
        return fingerprints(self.area) | software()

    def laid_out(self, base: Tree | None, before: Tree | None) -> LaidOut:
        """What deliveries after `base` changed, and what of it the public may see."""
        self.guarded = protection(self.state, self.known, policy(self.area), make_key=self.make_key)
        content = self._content(base.known if base else None)
        checks = [self._check(name) for name in _RULES]
        return LaidOut(
            content, [*checks, _audited(self.guarded)], self._changes(before, sorted(content.municipalities))
        )

    def noted(self) -> str:
        """Put what is shown into the register."""
        assert self.guarded  # noqa: S101
        return self.guarded.written().head

    def recounted(self, found: Released) -> tuple[list[date], int, list[str]]:
        """Some days of the release, counted from the history alone."""
        days = _sample(found)
        if self.known.coverage.last < found.tree.data_through:
            return days, 0, ["The warehouse does not hold the deliveries that the release counts."]
        counted = self.known.recount(days, found.tree.known)
        public, national = _totals(found, PUBLIC, "total", days), _totals(found, NATIONAL, "stock", days)
        problems = []
        for day in days:
            for m in municipalities():
                right = counted.get((day, m.code), 0)
                own = _totals(found, municipal(m.code), "stock", [day]) if day == days[-1] else national
                shown = {source.get((day, m.code), 0) for source in (public, national, own)}
                if shown != {right}:
                    problems.append(f"{day} {m.code}: the stores and the history count differently.")
        return days, len(days) * len(municipalities()), problems

    def _content(self, since: date | None) -> Content:
        assert self.guarded  # noqa: S101
        first, last = self.known.coverage.first, self.known.coverage.last
        steps = facts_of(self.area)
        parts: dict[str, dict[str, pa.Table]] = {name: {} for name in MONTHLY}
        touched = self.known.touched(since)
        for month in touched:
            for name, rows in self.known.month(month).items():
                parts[name][month] = rows.cast(schema(steps[name]))
            self.problems += self.known.check()
        figures = {
            name.removeprefix(SHOWN): self.known.figures(name.removeprefix(SHOWN), since)
            for name in steps
            if name.startswith(SHOWN)
        }
        rare = policy(self.area).levels["country"].flows.periods["month"]
        public = {
            **{n: {p: rows.cast(PUBLIC_TABLES[n]) for p, rows in of.items()} for n, of in figures.items()},
            "breakdown": breakdowns(self.guarded.shown, last),
            "flow_month": rare_flows(self.guarded.shown, first, last, rare),
            "delivery": {"": self.known.deliveries().cast(PUBLIC_TABLES["delivery"])},
            "kommune": {"": public_municipalities()},
        }
        return Content(
            touched,
            {name: Fact(months, owner(steps[name])) for name, months in parts.items()},
            public,
            shared_tables(self.area, first, last),
            self.known.strays(),
        )

    def _changes(self, before: Tree | None, periods: list[str]) -> Changes:
        through = before.data_through if before else None
        revisions = self.known.revisions(before.known, through) if before and through else []
        moved = {r.kommune for r in revisions} | set(self.known.moved(through))
        return Changes(
            sorted(moved - {COUNTRY}),
            sum(r.kommune != COUNTRY for r in revisions),
            [RevisedDay(r.day, r.before, r.after) for r in revisions if r.kommune == COUNTRY],
            self.known.unexplained(periods),
        )

    def _check(self, name: str) -> Check:
        broken = [f"{p.day} {p.kommune}" for p in self.problems if p.rule == name]
        return Check(name, _RULES[name], not broken, broken[:10])


def _audited(guarded: Protection) -> Check:
    said = [str(fault) for fault in guarded.faults[:10]]
    return Check("disclosure", "the public figures tell nothing of a single person", not said, said)


def _sample(found: Released) -> list[date]:
    """The newest day, and some others spread over the days covered: other ones for another release."""
    first, last = found.tree.first, found.tree.data_through
    span = (last - first).days + 1
    picked = {last - timedelta(((found.number * 7 + n) * 2654435761) % span) for n in range(SAMPLE - 1)}
    return sorted(picked | {last})


def _totals(found: Released, store: str, table: str, days: list[date]) -> dict[tuple[date, str], int]:
    """Counts by day and municipality, as the files of a store give them."""
    months = {f"{day:%Y-%m}" for day in days}
    paths = [path for part, path in found.partitions(store, table).items() if part in months]
    rows = pq.read_table(paths, columns=["dato", "kommune", "antal", *(["known_to"] if table == "total" else [])])
    keep = pc.field("dato").isin(days)
    rows = rows.filter(keep & pc.field("known_to").is_null() if table == "total" else keep)
    sums = rows.group_by(["dato", "kommune"]).aggregate([("antal", "sum")]).to_pylist()
    return {(row["dato"], row["kommune"]): row["antal_sum"] for row in sums}
