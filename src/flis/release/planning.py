"""Plan a release: what it would change, and for whom. `apply` builds from the same draft, so the plan is honest."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from flis import __version__
from flis.errors import ReleaseError
from flis.release.policy import policy
from flis.release.reader import current
from flis.release.stores import Content
from flis.warehouse import MONTHLY, definition, facts, rules
from flis.warehouse.dimensions import OLDEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from flis.config import State
    from flis.release.reader import Release
    from flis.warehouse import Coverage, Facts, Problem

__all__ = ["AREA", "Check", "Draft", "Plan", "RevisedDay", "draft", "plan"]

AREA = "ukraine"
_RULES = {
    "flows": "yesterday's count and the day's flows give the day's count, per municipality",
    "cells": "the cells of age, sex and civil state give the total",
    "crossings": "the cells of entries minus exits give the total, those without municipality the country's alone",
    "country": "the municipalities give the country",
    "moves": "moves between municipalities cancel in the country",
    "negative": "no count is below zero",
}


class Check(msgspec.Struct, frozen=True):
    """A check: its rule in words, whether it holds, and where it does not (day and municipality, the first ten)."""

    name: str
    text: str
    holds: bool
    where: list[str] = []


class RevisedDay(msgspec.Struct, frozen=True):
    """A day that the release before counted otherwise, in the country."""

    day: date
    before: int
    after: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a release would change against the one that serves now.

    `changes` is false where there is nothing to release. `periods` are the months laid out anew, `rows` the rows in
    them by table, `municipalities` those with a flow on a new day or a revised total, `revised` the number of earlier
    totals (days times municipalities) that change, `unexplained` the flows counted as `oevrige`.
    """

    changes: bool
    area: str = AREA
    base: int | None = None
    delivery: str = ""
    deliveries: int = 0
    data_through: date | None = None
    new_days: int = 0
    periods: list[str] = []
    rows: dict[str, int] = {}
    municipalities: list[str] = []
    revised: int = 0
    revised_days: list[RevisedDay] = []
    unexplained: int = 0
    checks: list[Check] = []

    @property
    def failed(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if not check.holds]


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan with the content that it speaks of."""

    plan: Plan
    content: Content
    coverage: Coverage
    base: Release | None
    """The release whose unchanged partitions are shared; None: everything is laid out anew."""
    deliveries: int


@dataclass(slots=True)
class _Months:
    """What the months laid out anew hold."""

    facts: dict[str, dict[str, pa.Table]] = field(default_factory=lambda: {name: {} for name in MONTHLY})
    breakdown: dict[str, pa.Table] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def plan(state: State) -> Plan:
    """What `apply` would do now.

    Raises:
        ReleaseError: the warehouse covers no day yet.
    """
    with draft(state) as made:
        return made.plan


@contextmanager
def draft(state: State) -> Iterator[Draft]:
    """The plan and the content of the next release; the warehouse stays open meanwhile."""
    rules, ages = policy(AREA)[0], definition(AREA).ages
    groups = rules.values(ages, OLDEST)
    with facts(state, groups, rules.municipality.breakdown.round_to) as known:
        if known is None:
            raise ReleaseError("There is nothing to release: no delivery is loaded.", hint="`flis load` loads them.")
        serving = current(state)
        if serving and _is_same(serving, known.coverage):
            nothing = Plan(changes=False, base=serving.number, delivery=known.coverage.delivery)
            empty = Content(known.coverage.first, known.coverage.last, ages, {})
            yield Draft(nothing, empty, known.coverage, serving, known.coverage.deliveries)
        else:
            yield _draft(known, serving)


def _is_same(serving: Release, coverage: Coverage) -> bool:
    return serving.manifest.delivery.id == coverage.delivery and _can_share(serving)


def _can_share(serving: Release) -> bool:
    """Whether partitions of the serving release may be taken over: same rules, same software, same tables."""
    made = serving.manifest
    return (made.policy, made.rules, made.version) == (policy(AREA)[1], rules(), __version__)


def _draft(known: Facts, serving: Release | None) -> Draft:
    coverage = known.coverage
    base = serving if serving and _can_share(serving) else None
    since = base.manifest.delivery.produced if base else None
    if since and since > coverage.last:
        raise ReleaseError("The warehouse is behind the release that serves.", hint="`flis load` brings it up.")
    months = _Months()
    touched = known.touched(since)
    for month in touched:
        for name, rows in known.month(month).items():
            months.facts[name][month] = rows
        months.problems += known.check()
        months.breakdown[month] = known.breakdown()
    sunday = coverage.last - timedelta(coverage.last.isoweekday() % 7)
    own = {"kommuner": known.own_breakdown(sunday)} if sunday >= coverage.first else {}
    figures = {name: known.figures(name, since) for name in ("total", "flow_day", "flow_week")}
    public = {**figures, "breakdown": {**months.breakdown, **own}, "delivery": {"": known.deliveries()}}
    content = Content(
        coverage.first, coverage.last, definition(AREA).ages, touched, months.facts, public, known.strays()
    )
    made = _plan(known, serving, content, months.problems)
    return Draft(made, content, coverage, base, coverage.deliveries)


def _plan(known: Facts, serving: Release | None, content: Content, problems: list[Problem]) -> Plan:
    coverage = known.coverage
    before = serving.manifest if serving else None
    revisions = known.revisions(before.delivery.produced, before.data_through) if before else []
    changed = {r.kommune for r in revisions} | set(known.moved(before.data_through if before else None))
    tables = {**content.facts, **content.public}
    periods = sorted(content.municipalities)
    return Plan(
        changes=True,
        base=before.number if before else None,
        delivery=coverage.delivery,
        deliveries=coverage.deliveries - (before.deliveries if before else 0),
        data_through=coverage.last,
        new_days=(coverage.last - (before.data_through if before else coverage.first - timedelta(1))).days,
        periods=periods,
        rows={name: sum(part.num_rows for part in parts.values()) for name, parts in tables.items()},
        municipalities=sorted(changed - {"0000"}),
        revised=sum(r.kommune != "0000" for r in revisions),
        revised_days=[RevisedDay(r.day, r.before, r.after) for r in revisions if r.kommune == "0000"],
        unexplained=known.unexplained(periods),
        checks=[_check(name, problems) for name in _RULES],
    )


def _check(name: str, problems: list[Problem]) -> Check:
    broken = [f"{p.day} {p.kommune}" for p in problems if p.rule == name]
    return Check(name, _RULES[name], not broken, broken[:10])
