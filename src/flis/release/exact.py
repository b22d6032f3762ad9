"""Facts as an area's steps make them, laid out as their heads say."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from flis.catalog.area_file import area as area_of
from flis.catalog.reference import municipalities
from flis.release.fingerprints import software
from flis.release.reader import NATIONAL, PUBLIC, municipal
from flis.release.shapes import facts_of, is_shared, owner, shaped
from flis.release.shared_store import shared_tables
from flis.release.source import Changes, Check, Covered, LaidOut
from flis.release.stores import MUNICIPALITIES, Content, Fact, municipal_parts
from flis.release.tree import Uncovered
from flis.warehouse import area_facts
from flis.warehouse.dimensions import NO_MUNICIPALITY
from flis.warehouse.step import StepKind, all_of_kind, area_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    import pyarrow as pa

    from flis.config import State
    from flis.release.reader import Released
    from flis.release.tree import Tree
    from flis.warehouse import AreaFacts, FactProblem
    from flis.warehouse.step_fingerprints import Fingerprints

__all__ = ["ExactFacts", "exact_facts"]

SAMPLE = 3


@contextmanager
def exact_facts(state: State, area: str) -> Iterator[ExactFacts | None]:
    """The facts of an area without a policy; None while nothing of it is loaded."""
    with area_facts(state, area) as known:
        yield ExactFacts(area, known) if known else None


@dataclass(frozen=True, slots=True)
class ExactFacts:
    """A `Source` over the steps of one area."""

    area: str
    known: AreaFacts
    problems: list[FactProblem] = field(default_factory=list)

    @property
    def covered(self) -> Covered:
        """What the warehouse says of the area, with the gaps in it."""
        found = self.known.coverage
        return Covered(
            found.first,
            found.last,
            found.delivery,
            found.deliveries,
            found.load,
            found.known or found.last,
            {str(product): dict(places) for product, places in self.known.covered.items()},
            tuple(Uncovered(gap.kommune, gap.periode, str(gap.why)) for gap in self.known.gaps),
        )

    @property
    def fingerprints(self) -> Fingerprints:
        """Of all that the facts depend on, and of the software."""
        return {kind: dict(names) for kind, names in self.known.fingerprints().items()} | software()

    @property
    def newest(self) -> bool:
        """Whether what is read of other areas is of their newest loads."""
        return self.known.newest

    def continues(self, tree: Tree) -> bool:
        """Whether the warehouse holds the loads that `tree` counts in their order, so that later ones are the news."""
        series = tree.fingerprints.get("delivery", {}).get(area_of(self.area).delivered_as, "")
        return self.known.has_loaded(tree.load, series)

    def laid_out(self, base: Tree | None, before: Tree | None) -> LaidOut:
        """What loads after that of `base` changed; municipalities whose rows may differ."""
        del before  # what was published is not looked at: these facts have no second clock of their own
        since = base.load if base else None
        touched = self.known.touched(since)
        steps = facts_of(self.area)
        parts: dict[str, dict[str, pa.Table]] = {}
        for period in sorted(touched):
            for name, rows in self.known.lay_out(period).items():
                if name in steps:
                    parts.setdefault(name, {})[period] = shaped(steps[name], rows)
            self.problems.extend(self.known.check())
        facts = {n: Fact(of, owner(steps[n]), "national" in steps[n].stores) for n, of in parts.items()}
        common = {name: fact.parts[""] for name, fact in facts.items() if is_shared(steps[name])}
        public = {
            steps[n].public or n: {period: shaped(steps[n], rows) for period, rows in of.items()}
            for n, of in self.known.figures(since).items()
        }
        covered = self.covered
        content = Content(
            touched,
            {name: fact for name, fact in facts.items() if name not in common},
            public or None,
            shared_tables(self.area, covered.first, covered.through) | common,
            any(_has_strays(fact) for fact in facts.values()) or (_had_strays(base) and self.known.strays()),
        )
        changed = set().union(*touched.values()) & {m.code for m in municipalities()}
        return LaidOut(content, self._checks(), Changes(sorted(changed)))

    def noted(self) -> str:
        """Nothing is shown that has to be noted."""
        return ""

    def recounted(self, found: Released) -> tuple[list[date], int, list[str]]:
        """Rows of some partitions: municipal stores hold the national rows, and the warehouse makes the same again.

        What municipal stores alone hold is compared with what the warehouse makes.
        """
        steps = facts_of(self.area)
        figures, problems = 0, []
        same = self.known.coverage.load == found.tree.load
        for period in _sample(found):
            made = self.known.lay_out(period) if same else {}
            for name, step in steps.items():
                again = shaped(step, made[name]) if name in made else None
                rows = _rows(found, NATIONAL, name, period) if "national" in step.stores else again
                if rows is None:
                    continue
                figures += rows.num_rows
                if again is not None and not again.equals(shaped(step, rows)):
                    problems.append(f"{name} {period}: the store and the warehouse count differently.")
                problems += self._divided(found, name, period, rows)
        return [], figures, problems + self.public_otherwise(found)

    def public_otherwise(self, found: Released) -> list[str]:
        """Where the public store holds other facts than the warehouse makes again of all loads that it counts."""
        if self.known.coverage.load != found.tree.load or PUBLIC not in found.stores:
            return []
        steps, problems = facts_of(self.area), []
        for name, made in self.known.figures(None).items():
            table = steps[name].public or name
            for period in sorted({*made, *found.partitions(PUBLIC, table)}):
                there, again = _rows(found, PUBLIC, table, period), made.get(period)
                rows = shaped(steps[name], again) if again is not None else there.slice(0, 0) if there else None
                if there is None or not there.equals(rows.combine_chunks() if rows else None):
                    problems.append(f"{table} {period}: the public store and the warehouse count differently.")
        return problems

    def _divided(self, found: Released, name: str, period: str, rows: pa.Table) -> Iterator[str]:
        """Where a municipal store holds other rows than the national one has of the municipality."""
        step = facts_of(self.area)[name]
        column = owner(step)
        if not column:
            return
        parts = municipal_parts(rows, column)
        for m in municipalities():
            own = _rows(found, municipal(m.code), name, period)
            mine = parts.get(m.code, rows.slice(0, 0))
            if own is None or not own.equals(mine.combine_chunks()):
                yield f"{name} {period} {m.code}: the store of the municipality holds other rows than the country's."

    def _checks(self) -> list[Check]:
        """Each check of the area, and each rule that a row names beside."""
        texts = {step.name: step.text for step in all_of_kind(area_steps(self.area), StepKind.CHECK)}
        found = {n: _where(self.problems, n) for n in sorted(texts.keys() | {p.rule for p in self.problems})}
        return [Check(n, _rule(texts.get(n, "")) or n, not where, where[:10]) for n, where in found.items()]


def _rule(text: str) -> str:
    """The sentence of a head as the end of another one."""
    first = text[:1] if text[1:2].isupper() else text[:1].lower()
    return f"{first}{text[1:].removesuffix('.')}"


def _where(problems: Iterable[FactProblem], rule: str) -> list[str]:
    return [f"{p.at} {p.kommune}".strip() for p in problems if p.rule == rule]


def _has_strays(fact: Fact) -> bool:
    """Whether any row is of no municipality."""
    owners = (rows[fact.owner].unique().to_pylist() for rows in fact.parts.values()) if fact.owner else ()
    return any(NO_MUNICIPALITY in found for found in owners)


def _had_strays(base: Tree | None) -> bool:
    """Whether the national store of a tree has the place of what belongs to no municipality."""
    entries = base.stores.get(NATIONAL, {}).get(MUNICIPALITIES, {}) if base else {}
    return any(entry.rows > len(municipalities()) for entry in entries.values())


def _sample(found: Released) -> list[str]:
    """The newest partition, and some others spread over all: other ones for another release."""
    periods = sorted({part for tables in found.tree.stores[NATIONAL].values() for part in tables})
    if len(periods) <= SAMPLE:
        return periods
    picked = {periods[((found.number * 7 + n) * 2654435761) % len(periods)] for n in range(SAMPLE - 1)}
    return sorted({*picked, periods[-1]})


def _rows(found: Released, store: str, table: str, period: str) -> pa.Table | None:
    path = found.partitions(store, table).get(period)
    return pq.read_table(path).combine_chunks() if path else None
