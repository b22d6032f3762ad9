"""Plan a release: what it would change, and for whom. `apply` builds from the same draft, so the plan is honest."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from flis.catalog.area_file import area as area_of
from flis.errors import DamagedError, FlisError, ReleaseError, StorageError, UsageError
from flis.release.differences import differing
from flis.release.fingerprints import changed
from flis.release.members import of_laid_out, with_all_days, without_member
from flis.release.opening import opened
from flis.release.policies import is_protected, policy
from flis.release.reader import current, pointer
from flis.release.shapes import made_of, releasable
from flis.release.source import Check, RevisedDay
from flis.release.tree import Tree
from flis.release.unchanged import damage, found_before, note
from flis.warehouse.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flis.config import State
    from flis.release.reader import Release, Released
    from flis.release.source import Covered, LaidOut, Source
    from flis.release.stores import Content
    from flis.release.tree import Stores, Unplaced

__all__ = ["AreaPlan", "Check", "Draft", "Reason", "RevisedDay", "chosen", "draft", "plan", "serves"]


DELIVERY, GAPS = "delivery", "gaps"


class Reason(msgspec.Struct, frozen=True):
    """Why there is something to release: a delivery, a step, contract, code list … that changed, or what is missing.

    `periods` are those laid out anew; of what is missing (`gaps`), those that came to be missing, or are not any more.
    """

    kind: str
    name: str
    periods: list[str] = []


class AreaPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a release would change of one area against the one that serves now.

    `changes` is false where there is nothing to release, and `reasons` says why there is. `periods` are the months or
    years laid out anew, `rows` the rows in them by table, `municipalities` those that change, `revised` the number of
    earlier totals (days times municipalities) that change, `unexplained` the changes that no record explains;
    `without_member` the rows laid out whose key is in no row of the dimension, by `table.column: dimension`. `fault`
    says why the area cannot be released at all.
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
    without_member: dict[str, int] = {}
    checks: list[Check] = []
    fault: str = ""

    @property
    def failed(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if not check.holds]


@dataclass(frozen=True, slots=True)
class Draft:
    """The plan of one area with the content that it speaks of."""

    plan: AreaPlan
    source: Source
    content: Content
    base: Released | None
    """What its unchanged partitions are taken from; None: everything is laid out anew."""
    unplaced: Unplaced
    before: Released | None
    """What serves of the area."""

    @property
    def compared(self) -> AreaPlan:
        """The plan with the municipalities that have other rows than what serves; protected facts have told theirs."""
        if self.before is None or is_protected(self.plan.area):
            return self.plan
        found = differing(self.before, self.content)
        return msgspec.structs.replace(self.plan, municipalities=found.municipalities, revised=found.revised)

    def tree(self, stores: Stores) -> Tree:
        """What is noted of the area, with the files of its `stores`."""
        area, covered = self.plan.area, self.source.covered
        return Tree(
            area=area,
            coverage=covered.products,
            known=covered.known,
            delivery=covered.delivery,
            deliveries=covered.deliveries,
            load=covered.load,
            policy=policy(area).sha256 if is_protected(area) else "",
            fingerprints=self.source.fingerprints,
            gaps=covered.gaps,
            without_member=self.unplaced,
            stores=stores,
        )


def chosen(areas: Iterable[str]) -> tuple[str, ...]:
    """The areas that are meant: all that can be released where none is named, else those named or made of them.

    Raises:
        UsageError: an area has no facts that go to a store, nor has any that is made of its deliveries.
    """
    named = tuple(areas)
    found: list[str] = []
    for name in named:
        made = made_of(name)
        if not made:
            raise UsageError(f"The area {name} has nothing to release.", hint=f"These have: {', '.join(releasable())}.")
        found += made
    return tuple(dict.fromkeys(found)) if named else releasable()


def plan(state: State, areas: Iterable[str] = ()) -> list[AreaPlan]:
    """What `apply` would do now, area by area; of areas that are not named, those of which something is loaded.

    Raises:
        ReleaseError: nothing is loaded of an area that is named, or of any.
        FlisError: what stops an area, where no other one is meant.
    """
    serving, marks = serves(state), Marks(state)
    named = tuple(areas)
    found: list[AreaPlan] = []
    faults: list[FlisError] = []
    for area in chosen(named):
        try:
            with draft(state, area, serving, marks) as made:
                one = made.compared if isinstance(made, Draft) else made
        except StorageError:
            raise
        except FlisError as fault:
            faults.append(fault)
            one = AreaPlan(area=area, changes=False, fault=str(fault))
        if one is None and named:
            raise nothing_loaded(area)
        found += [one] if one else []
    if faults and len(faults) == len(found):
        raise faults[0]
    if not found:
        raise nothing_loaded()
    return found


def nothing_loaded(area: str = "") -> ReleaseError:
    """What is said where there is nothing to release yet."""
    of = f" of {area}" if area else ""
    return ReleaseError(f"There is nothing to release{of}: no delivery is loaded.", hint="`flis load` loads them.")


@contextmanager
def draft(
    state: State, area: str, serving: Release | None, marks: Marks, *, make_key: bool = False
) -> Iterator[Draft | AreaPlan | None]:
    """The plan and the content of an area in the next release: the plan alone where that would hold nothing new of it,
    and None while nothing of it is loaded.

    The warehouse stays open meanwhile; that of an area is not opened where its mark tells that nothing has changed
    since nothing new was found. `make_key`: the key of disclosure is made where there is none yet.
    """
    before = _before(serving, area)
    mark = marks.of(area) if before else ""
    if before and found_before(state, before, mark) and not damage(state, before):
        yield _nothing_new(before)
        return
    with opened(state, area, make_key=make_key) as source:
        if source is None:
            yield None
            return
        why = _reasons(state, before, source, area_of(area).delivered_as)
        if not before or why:
            yield _draft(source, area, before, why)
            return
        if source.newest and Marks(state).of(area) == mark:
            note(state, before, mark)
        yield _nothing_new(before)


def _nothing_new(before: Released) -> AreaPlan:
    return AreaPlan(area=before.area, changes=False, base=before.number, delivery=before.tree.delivery)


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


def _reasons(state: State, before: Released | None, source: Source, delivered_as: str) -> list[Reason]:
    """Why the area is to be laid out again, the newest delivery first; no reason: it holds what the warehouse holds."""
    covered = source.covered
    new = Reason(DELIVERY, covered.delivery)
    if before is None:
        return [new]
    then = before.tree
    news = [new] if (then.delivery, then.load) != (covered.delivery, covered.load) else []
    others = [Reason(kind, name) for kind, name in changed(then.fingerprints, source.fingerprints)]
    # what its own deliveries are is told by the newest of them; those of areas that it reads have no other place
    others = [reason for reason in others if not (news and reason == Reason(DELIVERY, delivered_as))]
    # a tree that is about to be another one need not be remembered as whole
    stores = before.damage() if news or others else damage(state, before)
    damaged = [Reason("damage", store) for store in stores]
    return [*news, *others, *damaged] or _gaps(then, covered)


def _gaps(then: Tree, covered: Covered) -> list[Reason]:
    """What is missing changed, or what is covered, without anything else: no figure is laid out for that alone."""
    if (set(then.gaps), then.coverage) == (set(covered.gaps), covered.products):
        return []
    return [Reason(GAPS, "coverage", sorted({gap.periode for gap in {*then.gaps} ^ {*covered.gaps}}))]


def _draft(source: Source, area: str, before: Released | None, why: list[Reason]) -> Draft:
    # partitions are taken over where the same rules and the same software made them, and their files are whole
    covered = source.covered
    base = before if {reason.kind for reason in why} == {GAPS} or why == [Reason(DELIVERY, covered.delivery)] else None
    if base and (base.tree.known > covered.known or base.tree.load > covered.load):
        raise ReleaseError("The warehouse is behind the release that serves.", hint="`flis load` brings it up.")
    base = base if base and source.continues(base.tree) else None
    made = source.laid_out(base.tree if base else None, before.tree if before else None)
    content = with_all_days(area, made.content, base)
    planned = _plan(area, covered, before, why, made)
    unplaced = without_member(area, content, base)
    planned = msgspec.structs.replace(planned, without_member=of_laid_out(content, unplaced))
    return Draft(planned, source, content, base, unplaced, before)


def _plan(area: str, covered: Covered, before: Released | None, why: list[Reason], made: LaidOut) -> AreaPlan:
    then = before.tree if before else None
    content, changes = made.content, made.changes
    tables = {**{n: fact.parts for n, fact in content.facts.items()}, **(content.public or {})}
    periods = sorted(filter(None, content.municipalities))
    return AreaPlan(
        area=area,
        changes=True,
        reasons=[r if r.kind == GAPS else Reason(r.kind, r.name, periods) for r in why],
        base=before.number if before else None,
        delivery=covered.delivery,
        deliveries=covered.deliveries - (then.deliveries if then else 0),
        data_through=covered.through,
        new_days=(covered.through - (then.data_through if then else covered.first - timedelta(1))).days,
        periods=periods,
        rows={name: sum(part.num_rows for part in parts.values()) for name, parts in tables.items()},
        municipalities=changes.municipalities,
        revised=changes.revised,
        revised_days=changes.revised_days,
        unexplained=changes.unexplained,
        checks=made.checks,
    )
