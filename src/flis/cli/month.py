"""The chain of a month: what lies in the inbox, then every monthly area that has something new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flis import delivery
from flis.catalog.area_file import Area, Frequency, areas
from flis.cli.chain import take
from flis.delivery import DeliveryState
from flis.delivery.index import look
from flis.errors import FlisError, HeldError, StateError, StorageError
from flis.operations import retired, simulated

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from flis.cli.chain import Taken
    from flis.config import Settings, State
    from flis.delivery import Delivery

__all__ = ["MonthRun", "run_month"]


@dataclass(slots=True)
class MonthRun:
    """What the chain of a month did.

    `loaded` is the number of new deliveries by area, `faults` what stopped the loading of an area, `release_fault` what
    stopped the release of one or more. `published` is the number of the new release, None where nothing was new. `held`
    says why a roll-back keeps areas from being released.
    """

    taken: list[Taken]
    moved: list[Delivery]
    loaded: dict[str, int] = field(default_factory=dict)
    faults: dict[str, FlisError] = field(default_factory=dict)
    release_fault: FlisError | None = None
    published: int | None = None
    held: str = ""

    @property
    def stopped(self) -> list[FlisError]:
        """All that stopped an area."""
        return [*self.faults.values(), *([self.release_fault] if self.release_fault else [])]


def run_month(settings: Settings, day: date, say: Callable[[str], object], *, hooks: bool = True) -> MonthRun:
    """Receive what lies in the inbox, judge it, load and publish what is new of each monthly area, as on `day`.

    One area that cannot go on stops no other. A run after a killed one goes on where that stopped, and where nothing is
    new nothing changes. `say` is told what is being done.

    Raises:
        StorageError: the disk does not take what is written; no area could go on.
    """
    state = settings.folders
    files = delivery.inbox(state)
    if files:
        say(f"Files in the inbox: {len(files)}.")
    done = MonthRun(*take(state, files, day if simulated(state) else None))
    monthly = [area for area in areas() if area.frequency is not Frequency.DAILY]
    for area in monthly:
        _load(state, done, area, say)
    _release(state, done, monthly, day, say)
    if done.published and hooks:
        from flis.serve.release_hooks import after_release

        after_release(settings)
    return done


def _load(state: State, done: MonthRun, area: Area, say: Callable[[str], object]) -> None:
    """Take what is accepted of an area into the warehouse."""
    from flis import warehouse

    new, old = (_count(state, at).get(area.id, 0) for at in (DeliveryState.VALIDATED, DeliveryState.LOADED))
    if not new + old:
        return
    if new:
        say(f"{area.id}: loading {new} new deliveries.")
    try:
        warehouse.load(state, area.id)
    except StorageError:
        raise
    except FlisError as fault:
        done.faults[area.id] = fault
    except Exception as fault:  # noqa: BLE001 - a step of one area that fails stops no other
        done.faults[area.id] = _failed(area.id, fault)
    done.loaded[area.id] = _count(state, DeliveryState.LOADED).get(area.id, 0) - old


def _release(state: State, done: MonthRun, monthly: list[Area], day: date, say: Callable[[str], object]) -> None:
    """Publish what is new of the areas of which anything is loaded, in one release."""
    from flis import release

    loaded = _count(state, DeliveryState.LOADED).keys()  # one delivery that cannot be loaded stops no other
    over = retired(state, day)
    ready = [
        area.id
        for area in monthly
        if area.delivered_as in loaded and area.id not in over and release.has_facts(area.id)
    ]
    if not ready:
        return
    say(f"Looking for what is new to release of {', '.join(ready)}.")
    try:
        made = release.attempt(state, day, ready)
    except HeldError as held:
        done.held = held.message
    except StorageError:
        raise
    except FlisError as fault:
        done.release_fault = fault
    else:
        done.faults |= made.faults
        done.published = made.release.number if made.release else None


def _failed(area: str, fault: Exception) -> FlisError:
    """What is said of an area where a step fails. The words of the engine are kept back: they may tell values."""
    if isinstance(fault, StorageError):
        raise fault
    hint = f"`flis catalog check` looks at its steps; `flis load {area}` shows where it is."
    return StateError(f"{area} cannot go on: one of its steps fails ({type(fault).__name__}).", hint=hint)


def _count(state: State, at: DeliveryState) -> dict[str, int]:
    """How many deliveries of each area are in a state."""
    with look(state) as index:
        return dict(index.execute("SELECT area, count(*) FROM delivery WHERE state = ? GROUP BY area", (at.value,)))
