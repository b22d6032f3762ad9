"""Plan a release: what it would change, and for whom. `apply` builds from the same draft, so the plan is honest."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from flis import __version__
from flis.errors import DamagedError, ReleaseError
from flis.release.policy import policy
from flis.release.protecting import breakdowns, protection
from flis.release.protecting import months as rare_flows
from flis.release.reader import current, pointer
from flis.release.stores import Content
from flis.warehouse import MONTHLY, definition, facts, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from flis.config import State
    from flis.disclosure import Fault
    from flis.release.protecting import Protection
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
    serving: Release | None
    deliveries: int
    guarded: Protection | None = None
    """What is to be shown for the first time; None where there is nothing to release."""


@dataclass(slots=True)
class _Months:
    """What the months laid out anew hold."""

    facts: dict[str, dict[str, pa.Table]] = field(default_factory=lambda: {name: {} for name in MONTHLY})
    problems: list[Problem] = field(default_factory=list)


def plan(state: State) -> Plan:
    """What `apply` would do now.

    Raises:
        ReleaseError: the warehouse covers no day yet.
    """
    with draft(state) as made:
        return made.plan


@contextmanager
def draft(state: State, *, make_key: bool = False) -> Iterator[Draft]:
    """The plan and the content of the next release; the warehouse stays open meanwhile.

    `make_key`: the key of disclosure is made where there is none yet.
    """
    rules, ages = policy(AREA), definition(AREA).ages
    with facts(state, rules.values, rules.levels["municipality"].flows.small) as known:
        if known is None:
            raise ReleaseError("There is nothing to release: no delivery is loaded.", hint="`flis load` loads them.")
        serving = _serving(state)
        if serving and _is_same(serving, known.coverage):
            nothing = Plan(changes=False, base=serving.number, delivery=known.coverage.delivery)
            empty = Content(known.coverage.first, known.coverage.last, ages, {})
            yield Draft(nothing, empty, known.coverage, serving, serving, known.coverage.deliveries)
        else:
            guarded = protection(state, known, rules, make_key=make_key)
            yield _draft(known, serving, guarded)


def _serving(state: State) -> Release | None:
    """The release that serves; None also where its manifest is damaged, so that the next one owes it nothing.

    Raises:
        DamagedError: the pointer is lost or damaged.
    """
    pointer(state)
    try:
        return current(state)
    except DamagedError:
        return None


def _is_same(serving: Release, coverage: Coverage) -> bool:
    return serving.manifest.delivery.id == coverage.delivery and _can_share(serving)


def _can_share(serving: Release) -> bool:
    """Whether partitions of the serving release may be taken over: same rules, same software, its files are whole."""
    made = serving.manifest
    same = (made.policy, made.rules, made.version) == (policy(AREA).sha256, rules(), __version__)
    return same and not serving.damage()


def _draft(known: Facts, serving: Release | None, guarded: Protection) -> Draft:
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
    figures = {name: known.figures(name, since) for name in ("total", "flow_day", "flow_week")}
    rare = policy(AREA).levels["country"].flows.periods["month"]
    shown = {
        "breakdown": breakdowns(guarded.shown, coverage.last),
        "flow_month": rare_flows(guarded.shown, coverage.first, coverage.last, rare),
    }
    public = {**figures, **shown, "delivery": {"": known.deliveries()}}
    content = Content(
        coverage.first, coverage.last, definition(AREA).ages, touched, months.facts, public, known.strays()
    )
    made = _plan(known, serving, content, months.problems, guarded.faults)
    return Draft(made, content, coverage, base, serving, coverage.deliveries, guarded)


def _plan(
    known: Facts, serving: Release | None, content: Content, problems: list[Problem], faults: list[Fault]
) -> Plan:
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
        checks=[*(_check(name, problems) for name in _RULES), _audited(faults)],
    )


def _check(name: str, problems: list[Problem]) -> Check:
    broken = [f"{p.day} {p.kommune}" for p in problems if p.rule == name]
    return Check(name, _RULES[name], not broken, broken[:10])


def _audited(faults: list[Fault]) -> Check:
    return Check(
        "disclosure", "the public figures tell nothing of a single person", not faults, [str(f) for f in faults[:10]]
    )
