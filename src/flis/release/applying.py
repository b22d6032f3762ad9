"""Apply: build a release beside the one that serves, then let it serve by one rename.

Files are added by content while a note (`building`) says so; a run that finds the note of a killed one first takes
away what no published manifest names. Until the pointer is renamed the old release serves, untouched.
"""

from __future__ import annotations

import logging
import os
import shutil
from typing import TYPE_CHECKING

from flis import __version__, clock
from flis.errors import ReleaseError
from flis.release.files import Files
from flis.release.manifest import Delivered, Manifest
from flis.release.planning import AREA, Draft, draft
from flis.release.policy import policy
from flis.release.publishing import add_checksums, point, write_manifest
from flis.release.reader import numbers, pointer, release, releases
from flis.release.serving import alone
from flis.release.setback import held, setback
from flis.release.stores import lay_out
from flis.steps import step
from flis.warehouse import rules

if TYPE_CHECKING:
    from datetime import date, datetime

    from flis.config import State
    from flis.release.manifest import Tables
    from flis.release.reader import Release

__all__ = ["apply"]

LOG = logging.getLogger("flis.release")


def apply(state: State, today: date | None = None) -> Release | None:
    """Publish what the warehouse holds as a new release; None where that serves already and nothing was done.

    `today` is the day that a hold is compared with: the real one, where none is given.

    Raises:
        ReleaseError: no delivery is loaded, a check fails, or a roll-back holds; the serving release stays.
    """
    with alone(state):
        if held(state, today) and (told := setback(state, today)):
            raise ReleaseError(told.en, hint="`flis release resume` lets new releases come again.")
        if given := add_checksums(state):
            LOG.warning("Made by an earlier version, and given a checksum now: %s.", ", ".join(given))
        _clear(state)
        with draft(state, make_key=True) as made:
            if made.plan.failed:
                rules = "; ".join(f"{check.name} ({', '.join(check.where[:3])})" for check in made.plan.failed)
                raise ReleaseError(f"Checks fail: {rules}.", hint="`flis release plan` says where.")
            return _build(state, made) if made.plan.changes else None


def _build(state: State, made: Draft) -> Release | None:
    at = pointer(state)
    number = at.newest + 1 if at else 1
    note = state.releases / "building"
    note.write_text(str(number), "ascii")
    step("release.begun")
    assert made.guarded  # noqa: S101
    # what is shown is noted before anybody can see it
    noted = made.guarded.written()
    step("release.noted")
    before = made.base.manifest.stores if made.base else {}
    stores = lay_out(Files(state.releases / "stores"), made.content, before)
    os.sync()  # the pointer must not reach the disk before what it leads to
    step("release.written")
    if made.serving and made.serving.manifest.stores == stores and made.serving.manifest.shown:
        note.unlink()
        return None
    manifest = _manifest(made, stores, noted.head, number, at.current if at else None)
    write_manifest(state, manifest)
    step("release.manifest")
    point(state, manifest.number, manifest.number, manifest.applied)
    step("release.published")
    note.unlink()
    return release(state, manifest.number)


def _manifest(made: Draft, stores: dict[str, Tables], shown: str, number: int, previous: int | None) -> Manifest:
    return Manifest(
        number=number,
        areas=(AREA,),
        data_through=made.coverage.last,
        delivery=Delivered(made.coverage.last, made.coverage.delivery),
        deliveries=made.deliveries,
        applied=_now(),
        previous=previous,
        version=__version__,
        policy=policy(AREA).sha256,
        rules=rules(),
        stores=stores,
        shown=shown,
    )


def _now() -> datetime:
    return clock.moment().replace(microsecond=0)


def _clear(state: State) -> None:
    """Take away what a killed run left: folders past the newest release, and files that no manifest names."""
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
    """Remove the data files that no manifest names; only where all manifests can be read."""
    named = {
        (store, table, f"{entry.sha256}.parquet")
        for one in published
        for store, tables in one.manifest.stores.items()
        for table, parts in tables.items()
        for entry in parts.values()
    }
    for file in (state.releases / "stores").glob("*/*/*"):
        if (file.parent.parent.name, file.parent.name, file.name) not in named:
            file.unlink()
