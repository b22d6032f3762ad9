"""Plan a release: what it would change, and for whom. `apply` builds from the same draft, so the plan is honest."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from flis.catalog.areas import area as area_of
from flis.errors import DamagedError, ReleaseError, UsageError
from flis.release.fingerprints import changed, fingerprints
from flis.release.policy import policy
from flis.release.protecting import breakdowns, protection
from flis.release.protecting import months as rare_flows
from flis.release.reader import current, pointer
from flis.release.stores import Content
from flis.release.tree import Tree
from flis.warehouse import MONTHLY, definition, facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from flis.config import State
    from flis.release.protecting import Protection
    from flis.release.reader import Release, Released
    from flis.release.tree import Stores
    from flis.warehouse import Coverage, Facts, Problem

__all__ = ["AREAS", "AreaPlan", "Check", "Draft", "Reason", "RevisedDay", "chosen", "draft", "plan", "serves"]

AREAS = ("ukraine",)
"""The areas whose facts the warehouse gives."""
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


class Reason(msgspec.Struct, frozen=True):
    """Why an area is laid out anew: a delivery, or a step, contract, code list … that changed; and which periods."""

    kind: str
    name: str
    periods: list[str] = []


class AreaPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a release would change of one area against the one that serves now.

    `changes` is false where there is nothing to release, and `reasons` says why there is. `periods` are the months laid
    out anew, `rows` the rows in them by table, `municipalities` those with a flow on a new day or a revised total,
    `revised` the number of earlier totals (days times municipalities) that change, `unexplained` the flows counted as
    `oevrige`.
    """

    area: str
    changes: bool
    reasons: list[Reason] = []
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
    """The plan of one area with the content that it speaks of."""

    plan: AreaPlan
    content: Content
    coverage: Coverage
    base: Released | None
    """What its unchanged partitions are taken from; None: everything is laid out anew."""
    deliveries: int
    guarded: Protection | None = None
    """What is to be shown for the first time; None where there is nothing to release."""

    def tree(self, stores: Stores) -> Tree:
        """What is noted of the area, with the files of its `stores`."""
        area = self.plan.area
        through = (self.coverage.first, self.coverage.last)
        return Tree(
            area=area,
            coverage={product.value: {"": through} for product in area_of(area).products},
            known=self.coverage.last,
            delivery=self.coverage.delivery,
            deliveries=self.deliveries,
            load=self.deliveries,
            policy=policy(area).sha256,
            fingerprints=fingerprints(area),
            stores=stores,
        )


@dataclass(slots=True)
class _Months:
    """What the months laid out anew hold."""

    facts: dict[str, dict[str, pa.Table]] = field(default_factory=lambda: {name: {} for name in MONTHLY})
    problems: list[Problem] = field(default_factory=list)


def chosen(areas: Iterable[str]) -> tuple[str, ...]:
    """The areas that are meant: all that are released where none is named, else those named and those made of them.

    Raises:
        UsageError: an area is not released, nor any that is made of its deliveries.
    """
    named = tuple(areas)
    found: list[str] = []
    for name in named:
        made = [area for area in AREAS if name in {area, area_of(area).delivered_as}]
        if not made:
            raise UsageError(f"The area {name} has nothing to release.", hint=f"These have: {', '.join(AREAS)}.")
        found += made
    return tuple(dict.fromkeys(found)) if named else AREAS


def plan(state: State, areas: Iterable[str] = ()) -> list[AreaPlan]:
    """What `apply` would do now, area by area.

    Raises:
        ReleaseError: the warehouse covers no day yet.
    """
    serving = serves(state)
    return [_explained(state, area, serving) for area in chosen(areas)]


def _explained(state: State, area: str, serving: Release | None) -> AreaPlan:
    with draft(state, area, serving) as made:
        return made.plan


@contextmanager
def draft(state: State, area: str, serving: Release | None, *, make_key: bool = False) -> Iterator[Draft]:
    """The plan and the content of an area in the next release; the warehouse stays open meanwhile.

    `make_key`: the key of disclosure is made where there is none yet.
    """
    rules, ages = policy(area), definition(area).ages
    before = _before(serving, area)
    with facts(state, rules.values, rules.levels["municipality"].flows.small) as known:
        if known is None:
            raise ReleaseError("There is nothing to release: no delivery is loaded.", hint="`flis load` loads them.")
        why = _reasons(before, known.coverage, area)
        if before and not why:
            nothing = AreaPlan(area=area, changes=False, base=before.number, delivery=known.coverage.delivery)
            empty = Content(known.coverage.first, known.coverage.last, ages, {})
            yield Draft(nothing, empty, known.coverage, before, known.coverage.deliveries)
        else:
            guarded = protection(state, known, rules, make_key=make_key)
            yield _draft(known, area, before, why, guarded)


def serves(state: State) -> Release | None:
    """The release that serves; None also where its root is damaged, so that the next one owes it nothing.

    Raises:
        DamagedError: the pointer is lost or damaged.
    """
    pointer(state)
    try:
        return current(state)
    except DamagedError:
        return None


def _before(serving: Release | None, area: str) -> Released | None:
    """The area as it serves; None where it does not, or where its tree is damaged."""
    try:
        return serving.area(area) if serving and area in serving.areas else None
    except DamagedError:
        return None


def _reasons(before: Released | None, coverage: Coverage, area: str) -> list[Reason]:
    """Why the area is to be laid out again, the newest delivery first; no reason: it holds what the warehouse holds."""
    news = before is None or before.tree.delivery != coverage.delivery
    found = [Reason("delivery", coverage.delivery)] if news else []
    if before is None:
        return found
    found += [Reason(kind, name) for kind, name in changed(before.tree.fingerprints, fingerprints(area))]
    return found + [Reason("damage", store) for store in before.damage()]


def _draft(known: Facts, area: str, before: Released | None, why: list[Reason], guarded: Protection) -> Draft:
    coverage = known.coverage
    # partitions are taken over where the same rules and the same software made them, and their files are whole
    base = before if all(reason.kind == "delivery" for reason in why) else None
    since = base.tree.known if base else None
    if since and since > coverage.last:
        raise ReleaseError("The warehouse is behind the release that serves.", hint="`flis load` brings it up.")
    months = _Months()
    touched = known.touched(since)
    for month in touched:
        for name, rows in known.month(month).items():
            months.facts[name][month] = rows
        months.problems += known.check()
    figures = {name: known.figures(name, since) for name in ("total", "flow_day", "flow_week")}
    rare = policy(area).levels["country"].flows.periods["month"]
    shown = {
        "breakdown": breakdowns(guarded.shown, coverage.last),
        "flow_month": rare_flows(guarded.shown, coverage.first, coverage.last, rare),
    }
    public = {**figures, **shown, "delivery": {"": known.deliveries()}}
    content = Content(
        coverage.first, coverage.last, definition(area).ages, touched, months.facts, public, known.strays()
    )
    made = _plan(known, area, before, why, content, [*(_check(n, months.problems) for n in _RULES), _audited(guarded)])
    return Draft(made, content, coverage, base, coverage.deliveries, guarded)


def _plan(  # noqa: PLR0917 - what is known, what stood before, why, and what comes of it
    known: Facts, area: str, before: Released | None, why: list[Reason], content: Content, checks: list[Check]
) -> AreaPlan:
    coverage, then = known.coverage, before.tree if before else None
    revisions = known.revisions(then.known, then.data_through) if then else []
    moved = {r.kommune for r in revisions} | set(known.moved(then.data_through if then else None))
    tables = {**content.facts, **content.public}
    periods = sorted(content.municipalities)
    return AreaPlan(
        area=area,
        changes=True,
        reasons=[Reason(reason.kind, reason.name, periods) for reason in why],
        base=before.number if before else None,
        delivery=coverage.delivery,
        deliveries=coverage.deliveries - (then.deliveries if then else 0),
        data_through=coverage.last,
        new_days=(coverage.last - (then.data_through if then else coverage.first - timedelta(1))).days,
        periods=periods,
        rows={name: sum(part.num_rows for part in parts.values()) for name, parts in tables.items()},
        municipalities=sorted(moved - {"0000"}),
        revised=sum(r.kommune != "0000" for r in revisions),
        revised_days=[RevisedDay(r.day, r.before, r.after) for r in revisions if r.kommune == "0000"],
        unexplained=known.unexplained(periods),
        checks=checks,
    )


def _check(name: str, problems: list[Problem]) -> Check:
    broken = [f"{p.day} {p.kommune}" for p in problems if p.rule == name]
    return Check(name, _RULES[name], not broken, broken[:10])


def _audited(guarded: Protection) -> Check:
    said = [str(fault) for fault in guarded.faults[:10]]
    return Check("disclosure", "the public figures tell nothing of a single person", not said, said)
