"""Apply: build a release beside the one that serves, then let it serve by one rename.

Files are added by content while a note (`building`) says so; a run that finds the note of a killed one first takes
away what no published manifest names. Until the pointer is renamed the old release serves, untouched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis import __version__, clock
from flis.errors import NotFoundError, ReleaseError
from flis.release.files import Files
from flis.release.manifest import Delivered, Manifest
from flis.release.planning import AREA, Draft, draft
from flis.release.policy import policy
from flis.release.publishing import lift, point, write_manifest
from flis.release.reader import Hold, current, pointer, release, releases
from flis.release.setback import held, setback
from flis.release.stores import lay_out
from flis.steps import step
from flis.storage import writing
from flis.warehouse import rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from flis.config import State
    from flis.release.manifest import Tables
    from flis.release.reader import Release

__all__ = ["apply", "resume", "rollback"]


def apply(state: State, today: date | None = None) -> Release | None:
    """Publish what the warehouse holds as a new release; None where that serves already and nothing was done.

    `today` is the day that a hold is compared with: the real one, where none is given.

    Raises:
        ReleaseError: no delivery is loaded, a check fails, or a roll-back holds; the serving release stays.
    """
    with _alone(state):
        if held(state, today) and (told := setback(state, today)):
            raise ReleaseError(told.en, hint="`flis release resume` lets new releases come again.")
        _clear(state)
        with draft(state, make_key=True) as made:
            if made.plan.failed:
                rules = "; ".join(f"{check.name} ({', '.join(check.where[:3])})" for check in made.plan.failed)
                raise ReleaseError(f"Checks fail: {rules}.", hint="`flis release plan` says where.")
            return _build(state, made) if made.plan.changes else None


def rollback(
    state: State, number: int | None = None, *, reason: str = "", reason_en: str = "", until: date | None = None
) -> Release:
    """Let an earlier release serve again: `number`, or the one that the serving one was built upon.

    It holds: nothing new is published through the day `until`, or until `resume`. The newest release is never held.

    Raises:
        NotFoundError: there is no such release.
        ReleaseError: there is no earlier one.
    """
    with _alone(state):
        known = releases(state)
        serving = current(state)
        wanted = number if number is not None else serving.manifest.previous if serving else None
        if wanted is None:
            raise ReleaseError("There is no earlier release to go back to.")
        if wanted not in {r.number for r in known}:
            raise NotFoundError(f"There is no release {wanted}.", hint="`flis release list` shows all.")
        hold = Hold((AREA,), reason.strip(), reason_en.strip(), until) if wanted != known[-1].number else None
        point(state, wanted, known[-1].number, _now(), hold)
        step("release.rolled_back")
        return release(state, wanted)


def resume(state: State) -> bool:
    """Let new releases come again after a roll-back; False where nothing held them. What serves goes on serving."""
    with _alone(state):
        lifted = lift(state)
        step("release.resumed")
        return lifted


def _build(state: State, made: Draft) -> Release | None:
    note = state.releases / "building"
    note.touch()
    step("release.begun")
    assert made.guarded  # noqa: S101
    # what is shown is noted before anybody can see it
    noted = made.guarded.written()
    step("release.noted")
    before = made.base.manifest.stores if made.base else {}
    stores = lay_out(Files(state.releases / "stores"), made.content, before)
    os.sync()  # the pointer must not reach the disk before what it leads to
    step("release.written")
    serving = current(state)
    if serving and serving.manifest.stores == stores and serving.manifest.shown:
        note.unlink()
        return None
    at = pointer(state)
    manifest = _manifest(made, stores, noted.head, at.newest + 1 if at else 1, at.current if at else None)
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
    for folder in state.releases.iterdir():
        if folder.name.isdecimal() and int(folder.name) > newest:
            shutil.rmtree(folder)
    named = {
        (store, table, f"{entry.sha256}.parquet")
        for published in releases(state)
        for store, tables in published.manifest.stores.items()
        for table, parts in tables.items()
        for entry in parts.values()
    }
    for file in (state.releases / "stores").glob("*/*/*"):
        if (file.parent.parent.name, file.parent.name, file.name) not in named:
            file.unlink()
    step("release.cleared")
    note.unlink()


@contextmanager
def _alone(state: State) -> Iterator[None]:
    """One process at a time builds or moves releases; others wait."""
    with writing("the release"):
        state.releases.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(state.releases / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
