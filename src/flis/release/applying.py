"""Apply: build a release beside the one that serves, then let it serve by one rename.

Files are added by content while a note (`building`) says so; a run that finds the note of a killed one first takes
away what no published release names. Until the pointer is renamed the old release serves, untouched.
"""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from flis import __version__, clock
from flis.errors import DamagedError, FlisError, HeldError, ReleaseError, StorageError
from flis.release.files import Files
from flis.release.planning import AreaPlan, chosen, draft, nothing_loaded, serves
from flis.release.publishing import carry_over, point, write_root, write_tree
from flis.release.reader import numbers, pointer, release, releases
from flis.release.serving import alone
from flis.release.setbacks import held, setback
from flis.release.stores import lay_out
from flis.release.tree import Root
from flis.steps import step
from flis.warehouse.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import date

    from flis.config import State
    from flis.release.planning import Draft
    from flis.release.reader import Hold, Pointer, Release
    from flis.release.tree import Tree

__all__ = ["Attempt", "apply", "attempt"]

NOTE = "building"
LOG = logging.getLogger("flis.release")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of releasing areas: the new release (None: nothing in it would be new), and what stopped an area."""

    release: Release | None
    faults: dict[str, FlisError]


def apply(
    state: State, today: date | None = None, areas: Iterable[str] = (), *, without: Container[str] = ()
) -> Release | None:
    """Publish what the warehouse holds as a new release; None where that serves already and nothing was done.

    As `attempt`, but what stopped an area is raised in the end.

    Raises:
        ReleaseError: no delivery is loaded, or a check fails; what serves of that area stays.
        CatalogError: a step of an area fails; names its file. What serves of that area stays.
        HeldError: a roll-back holds all that is meant.
        UsageError: an area is not released.
    """
    done = attempt(state, today, areas, without=without)
    errors = list(done.faults.values())
    if len(errors) > 1 and all(isinstance(error, ReleaseError) for error in errors):
        raise ReleaseError(" ".join(error.message for error in errors), hint="`flis release plan` says where.")
    for area, error in list(done.faults.items())[1:]:
        LOG.error("The area %s is not released: %s", area, error)
    if errors:
        raise errors[0]
    return done.release


def attempt(
    state: State, today: date | None = None, areas: Iterable[str] = (), *, without: Container[str] = ()
) -> Attempt:
    """Publish what the warehouse holds as a new release, of all areas that can be.

    Of the `areas` (default: all, but `without` some) that no roll-back holds; trees of the others are taken over as
    they serve. One area that cannot be released stops no other, and goes on to serve as it does. `today` is the day
    that a hold is compared with: the real one, where none is given.

    Raises:
        ReleaseError: no delivery is loaded.
        HeldError: a roll-back holds all that is meant.
        UsageError: an area is not released.
    """
    named = tuple(areas)
    meant = chosen(named)
    wanted = [area for area in meant if area not in without]
    if not wanted:
        return Attempt(None, {})
    with alone(state):
        kept = held(state, today)
        free = [area for area in wanted if not any(area in hold.areas for hold in kept)]
        stopped: ReleaseError = _kept_back(state, today) if len(free) < len(wanted) else nothing_loaded()
        if not free:
            raise stopped
        if brought := carry_over(state):
            LOG.warning("Made by an earlier version, and carried over now: %s.", ", ".join(brought))
        _clear(state)
        building = _Building(state, serves(state), Marks(state))
        for area in free:
            building.add(area, named=bool(named))
        published = building.publish()
        if not building.loaded and not building.faults and len(wanted) == len(meant):
            raise stopped
        return Attempt(published, building.faults)


@dataclass(slots=True)
class _Building:
    """A release that is being built, area by area: the warehouse is open for one at a time."""

    state: State
    serving: Release | None
    marks: Marks
    trees: list[Tree] = field(default_factory=list)
    shown: str = ""
    loaded: int = 0
    begun: bool = False
    faults: dict[str, FlisError] = field(default_factory=dict)

    def add(self, area: str, *, named: bool) -> None:
        """Lay out what is new of an area; what stops it is kept for the end."""
        try:
            with draft(self.state, area, self.serving, self.marks, make_key=True) as made:
                if made is None:
                    if named:
                        self.faults[area] = nothing_loaded(area)
                    return
                self.loaded += 1
                if isinstance(made, AreaPlan):
                    return
                if made.plan.failed:
                    self.faults[area] = _failed(area, made)
                else:
                    self._lay_out(made)
        except StorageError:
            raise
        except FlisError as error:
            self.faults[area] = error

    def publish(self) -> Release | None:
        """Let the release serve; None where nothing in it is new."""
        if not self.begun:
            return None
        state, serving, note = self.state, self.serving, self.state.releases / NOTE
        os.sync()  # the pointer must not reach the disk before what it leads to
        step("release.written")
        trees = {tree.area: write_tree(state, tree) for tree in self.trees}
        areas = (serving.root.areas if serving else {}) | trees
        step("release.trees")
        if serving and serving.root.areas == areas and (serving.root.shown or not self.shown):
            note.unlink()
            return None
        at = pointer(state)
        number = _next(state)
        root = Root(
            number=number,
            previous=at.current if at else None,
            applied=clock.moment().replace(microsecond=0),
            version=__version__,
            areas=dict(sorted(areas.items())),
            shown=self._shown,
        )
        write_root(state, root)
        step("release.root")
        point(state, number, number, root.applied, _held_on(at) if at else ())
        step("release.published")
        note.unlink()
        return release(state, number)

    @property
    def _shown(self) -> str:
        return self.shown or (self.serving.root.shown if self.serving else "")

    def _lay_out(self, made: Draft) -> None:
        if not self.begun:
            (self.state.releases / NOTE).write_text(str(_next(self.state)), "ascii")
            self.begun = True
            step("release.begun")
        # what is shown is noted before anybody can see it
        self.shown = made.source.noted() or self.shown
        step("release.noted")
        files = Files(self.state.releases / "stores", made.plan.area)
        self.trees.append(made.tree(lay_out(files, made.content, made.base.tree.stores if made.base else {})))


def _held_on(at: Pointer) -> tuple[Hold, ...]:
    """The holds beside a release of other areas: one of a whole roll-back says from then on which release it means."""
    return tuple(
        msgspec.structs.replace(hold, as_of=at.current, since=at.since) if hold.as_of is None else hold
        for hold in at.holds
    )


def _kept_back(state: State, today: date | None) -> HeldError:
    """What is said where a roll-back holds all that is meant."""
    told = setback(state, today)
    return HeldError(told.en if told else "", hint="`flis release resume` lets new releases come again.")


def _next(state: State) -> int:
    at = pointer(state)
    return at.newest + 1 if at else 1


def _failed(area: str, made: Draft) -> ReleaseError:
    rules = "; ".join(f"{check.name} ({', '.join(check.where[:3])})" for check in made.plan.failed)
    return ReleaseError(f"Checks fail in {area}: {rules}.", hint="`flis release plan` says where.")


def _clear(state: State) -> None:
    """Take away what a killed run left: folders past the newest release, and files that no release names."""
    note = state.releases / NOTE
    if not note.exists():
        return
    at = pointer(state)
    newest = at.newest if at else 0
    published = releases(state)
    for number in numbers(state):
        if number > newest:
            shutil.rmtree(state.releases / str(number))
    if len(published) == len(numbers(state)):
        _sweep(state, published)
    step("release.cleared")
    note.unlink()


def _sweep(state: State, published: list[Release]) -> None:
    """Remove the trees and data files that no release names; only where all roots and trees can be read."""
    try:
        areas = [one for found in published for one in found.released]
    except DamagedError:
        return
    files = {
        one.path(store, table, entry.sha256)
        for one in areas
        for store, tables in one.tree.stores.items()
        for table, parts in tables.items()
        for entry in parts.values()
    }
    trees = {state.releases / "trees" / f"{one.sha256}.json" for one in areas}
    for file in [*(state.releases / "stores").glob("*/*/*"), *(state.releases / "trees").glob("*")]:
        if file not in files and file not in trees:
            file.unlink()
