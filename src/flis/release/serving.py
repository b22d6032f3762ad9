"""Which release serves: let an earlier one serve again, also where the pointer or a manifest is lost."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from flis import clock
from flis.disk import locked, tidy, writing
from flis.errors import DamagedError, NotFoundError, ReleaseError
from flis.release.area_setback import areas_back
from flis.release.planning import chosen
from flis.release.publishing import carry_over, lift, point
from flis.release.reader import Hold, building, numbers, pointer, readable, release
from flis.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from flis.config import State
    from flis.release.reader import Pointer, Release

__all__ = ["alone", "resume", "rollback", "upgraded"]

LOG = logging.getLogger("flis.release")


def rollback(
    state: State,
    number: int | None = None,
    areas: Iterable[str] = (),
    *,
    reason: str = "",
    reason_en: str = "",
    until: date | None = None,
) -> Release:
    """Let an earlier release serve again: `number`, or the newest whole one that the serving one was built upon.

    Of `areas` that are named, their trees of that release serve in a new release, beside the others as they are. It
    holds: nothing new is published of them through the day `until`, or until `resume`. The newest release is never
    held. Where the pointer is lost or damaged it is written anew, and the newest release that is whole serves. The log
    names the damaged releases that are passed over.

    Raises:
        NotFoundError: there is no such release, or it holds nothing of an area.
        DamagedError: the release wanted is not whole.
        ReleaseError: there is no earlier one that is.
        UsageError: an area is not released.
    """
    hold = Hold((), reason.strip(), reason_en.strip(), until)
    wanted = chosen(named) if (named := tuple(areas)) else ()
    with alone(state):
        made = areas_back(state, wanted, number, hold) if wanted else _whole_back(state, number, hold)
        step("release.rolled_back")
        return release(state, made)


def resume(state: State, areas: Iterable[str] = ()) -> list[str]:
    """Let new releases of `areas` (none named: of all) come again; the areas that were held. What serves stays."""
    wanted = chosen(named) if (named := tuple(areas)) else ()
    with alone(state):
        lifted = lift(state, wanted)
        step("release.resumed")
        return lifted


def upgraded(state: State) -> list[str]:
    """Bring releases and the pointer of an earlier version into today's form; what was brought.

    What serves stays, and the files of releases stay as they are.
    """
    with alone(state):
        carried = carry_over(state)
        step("release.upgraded")
        return carried


def _whole_back(state: State, number: int | None, hold: Hold) -> int:
    at = _pointer(state)
    newest = at.newest if at else max(set(numbers(state)) - {building(state)}, default=0)
    wanted = number if number is not None else _earlier(state, at, newest)
    if wanted > newest:
        raise NotFoundError(f"There is no release {wanted}.", hint="`flis release list` shows all.")
    found = release(state, wanted)
    if damaged := found.damage():
        raise DamagedError(f"Release {wanted} is damaged {_where(damaged)}.", hint=_others(state, newest))
    holds = (msgspec.structs.replace(hold, areas=found.areas),) if wanted != newest else ()
    point(state, wanted, newest, clock.moment().replace(microsecond=0), holds)
    return wanted


def _pointer(state: State) -> Pointer | None:
    """The pointer; None where it is lost or damaged, or there is none yet."""
    try:
        return pointer(state)
    except DamagedError:
        return None


def _earlier(state: State, at: Pointer | None, newest: int) -> int:
    """The newest whole release before the serving one; where nobody knows which serves, the newest whole one."""
    serving = readable(state, at.current) if at else None
    last = newest if at is None else (serving.root.previous or 0) if serving else at.current - 1
    before = [n for n in reversed(numbers(state)) if n <= last]
    for number in before:
        found = readable(state, number)
        stores = found.damage() if found else []
        if found and not stores:
            return number
        LOG.warning("Release %d is damaged %s and was left out.", number, _where(stores))
    if before:
        raise ReleaseError(
            "No earlier release is whole.", hint="`flis release apply` publishes from the warehouse what it holds."
        )
    raise ReleaseError(
        "There is no earlier release to go back to.",
        hint="" if serving and not serving.damage() else "`flis release apply` publishes what the warehouse holds.",
    )


def _where(stores: list[str]) -> str:
    """Which stores of a release are damaged, in brackets; none: its manifest is."""
    if not stores:
        return "(its manifest)"
    more = f" and {len(stores) - 3} more" if len(stores) > 3 else ""
    return f"({'store' if len(stores) == 1 else 'stores'} {', '.join(stores[:3])}{more})"


def _others(state: State, newest: int) -> str:
    """What can serve in place of a damaged release."""
    found = (readable(state, n) for n in numbers(state) if n <= newest)
    whole = [str(r.number) for r in found if r and not r.damage()]
    if not whole:
        return "No release is whole: `flis release apply` publishes what the warehouse holds."
    return f"These are whole: {', '.join(whole)}. Name one of them."


@contextmanager
def alone(state: State) -> Iterator[None]:
    """One process at a time builds or moves releases; others wait."""
    with writing("the release"), locked(state.releases / ".lock"):
        tidy(state.releases)
        yield
