"""Apply: build a release beside the one that serves, then let it serve by one rename.

Files are added by content while a note (`building`) says so; a run that finds the note of a killed one first takes
away what no published release names. Until the pointer is renamed the old release serves, untouched.
"""

from __future__ import annotations

import logging
import os
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

from flis import __version__, clock
from flis.errors import DamagedError, ReleaseError
from flis.release.files import Files
from flis.release.planning import Draft, chosen, draft, serves
from flis.release.publishing import carry_over, point, write_root, write_tree
from flis.release.reader import numbers, pointer, release, releases
from flis.release.serving import alone
from flis.release.setback import held, setback
from flis.release.stores import lay_out
from flis.release.tree import Root
from flis.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from flis.config import State
    from flis.release.reader import Release
    from flis.release.tree import Tree

__all__ = ["apply"]

LOG = logging.getLogger("flis.release")


def apply(state: State, today: date | None = None, areas: Iterable[str] = ()) -> Release | None:
    """Publish what the warehouse holds as a new release; None where that serves already and nothing was done.

    Of the `areas` (default: all) that no roll-back holds; trees of the others are taken over as they serve. `today` is
    the day that a hold is compared with: the real one, where none is given.

    Raises:
        ReleaseError: no delivery is loaded, a check fails, or a roll-back holds; what serves of that area stays.
        UsageError: an area is not released.
    """
    with alone(state):
        wanted, hold = chosen(areas), held(state, today)
        free = [area for area in wanted if hold is None or area not in hold.areas]
        if not free and (told := setback(state, today)):
            raise ReleaseError(told.en, hint="`flis release resume` lets new releases come again.")
        if brought := carry_over(state):
            LOG.warning("Made by an earlier version, and carried over now: %s.", ", ".join(brought))
        _clear(state)
        serving = serves(state)
        with ExitStack() as opened:
            made = [opened.enter_context(draft(state, area, serving, make_key=True)) for area in free]
            changes = [one for one in made if one.plan.changes and not one.plan.failed]
            published = _build(state, changes, serving) if changes else None
        if failed := [check for one in made for check in one.plan.failed]:
            rules = "; ".join(f"{check.name} ({', '.join(check.where[:3])})" for check in failed)
            raise ReleaseError(f"Checks fail: {rules}.", hint="`flis release plan` says where.")
        return published


def _build(state: State, made: list[Draft], serving: Release | None) -> Release | None:
    at = pointer(state)
    number = at.newest + 1 if at else 1
    note = state.releases / "building"
    note.write_text(str(number), "ascii")
    step("release.begun")
    # what is shown is noted before anybody can see it
    shown = serving.root.shown if serving else ""
    for one in made:
        if one.guarded:
            shown = one.guarded.written().head
    step("release.noted")
    trees = [_tree(state, one) for one in made]
    os.sync()  # the pointer must not reach the disk before what it leads to
    step("release.written")
    areas = (serving.root.areas if serving else {}) | {tree.area: write_tree(state, tree) for tree in trees}
    step("release.trees")
    if serving and serving.root.areas == areas and serving.root.shown:
        note.unlink()
        return None
    root = Root(
        number=number,
        previous=at.current if at else None,
        applied=clock.moment().replace(microsecond=0),
        version=__version__,
        areas=dict(sorted(areas.items())),
        shown=shown,
    )
    write_root(state, root)
    step("release.root")
    point(state, number, number, root.applied, at.hold if at else None)
    step("release.published")
    note.unlink()
    return release(state, number)


def _tree(state: State, made: Draft) -> Tree:
    """The area's tree, whose files are written."""
    files = Files(state.releases / "stores", made.plan.area)
    return made.tree(lay_out(files, made.content, made.base.tree.stores if made.base else {}))


def _clear(state: State) -> None:
    """Take away what a killed run left: folders past the newest release, and files that no release names."""
    note = state.releases / "building"
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
