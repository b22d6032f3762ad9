"""The chain of deliveries, from files to a published release, as `receive`, `run`, `demo` and the tests call it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flis import delivery, validation
from flis.delivery import DeliveryState
from flis.errors import FlisError, HeldError, NotFoundError, StorageError
from flis.operations import retired, today

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from flis.config import Settings, State
    from flis.delivery import Delivery

__all__ = ["Day", "Taken", "as_needed", "as_row", "day", "publish", "reason", "take", "why_needed"]


@dataclass(slots=True)
class Taken:
    """What became of one file: its delivery, whether it had come before (`again`), and why where it is not accepted."""

    file: str
    id: str | None = None
    state: str = "refused"
    again: bool = False
    reason: str | None = None
    exit_code: int = 0

    def __str__(self) -> str:
        """The same in one sentence."""
        if self.id is None:
            return f"{self.file}: {self.reason}"
        if self.again:
            return f"{self.file}: already received as {self.id} ({self.state})"
        return f"{self.file}: {self.id} {self.state}" + (f". {self.reason}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Day:
    """What the chain of a day did.

    `published` is the number of the new release, None where nothing was new or a roll-back holds; `held` says which
    release serves then, since when and why. `needed` are the deliveries that the chain cannot go on without.
    """

    taken: list[Taken]
    moved: list[Delivery]
    loaded: int
    published: int | None
    held: str = ""
    needed: list[Delivery] = field(default_factory=list)


def take(state: State, files: Iterable[Path], arrived: date | None = None) -> tuple[list[Taken], list[Delivery]]:
    """Receive files and judge all that is open; what became of each file, and the other deliveries that moved.

    One file that is refused stops no other. What a killed run had received, but not judged, is judged too.
    """
    delivery.check_keys(state)
    delivery.mend(state)
    rows = [_received(state, *taken) for taken in delivery.receive_all(state, list(files), arrived)]
    moved = {d.id: d for d in validation.settle(state)}
    known = {row.id: moved.get(row.id) or delivery.find(state, row.id) for row in rows if row.id is not None}
    first = {row.id: row for row in reversed(rows)}
    for row in rows:
        if row.id is not None:
            # the same file twice in one call is judged once
            _follow(row, known[row.id], judged=row is first[row.id] and row.id in moved)
    return rows, [d for name, d in moved.items() if name not in first]


def as_row(taken: Taken) -> dict[str, Any]:
    """The file's row as `--json` gives it."""
    row = dataclasses.asdict(taken)
    del row["exit_code"]
    return row


def as_needed(found: Delivery) -> dict[str, Any]:
    """A delivery that the chain needs, as `--json` gives it."""
    told = validation.report(found)
    return {
        "id": found.id,
        "state": found.state.value,
        "produced": found.manifest.produced,
        "missing": told.missing,
        "reason": reason(found),
    }


def why_needed(found: Delivery) -> str:
    """The same in one sentence."""
    if found.state is DeliveryState.WAITING:
        missing = validation.report(found).missing
        return f"{found.id}: waits for the delivery with the production date {missing}"
    return f"{found.id}: {found.state}, and the chain needs it. {reason(found) or ''}".rstrip()


def day(settings: Settings, *, hooks: bool = True) -> Day:
    """Receive what lies in the inbox, judge, load, and publish a release where anything is new.

    Raises:
        FlisError: something cannot be loaded, which stops no release of the rest, or cannot be released.
    """
    from flis import warehouse

    state = settings.folders
    taken, moved = take(state, delivery.inbox(state))
    loaded, stopped = 0, None
    try:
        loaded = len(warehouse.load(state))
    except StorageError:
        raise
    except FlisError as fault:  # what could be loaded is published before it is told
        stopped = fault
    # on the first days of an installation there may be nothing to publish yet, and that is no fault
    any_loaded = delivery.deliveries(state, DeliveryState.LOADED)
    held = _held(state)
    try:
        published = publish(settings, hooks=hooks) if any_loaded else None
    except HeldError:
        published = None
    except StorageError:
        raise
    except FlisError as fault:
        raise stopped or fault from None
    if stopped:
        raise stopped
    return Day(taken, moved, loaded, published, held, validation.needed(state))


def _held(state: State) -> str:
    """Which release a roll-back holds, since when and why; empty where none does."""
    from flis import release

    day = today(state)
    told = release.setback(state, day) if release.held(state, day) else None
    return told.en if told else ""


def publish(settings: Settings, *, hooks: bool = True) -> int | None:
    """Apply a release and run what follows one (`hooks`); the number of the release, None if nothing was new.

    An area that is retired stays as it serves.
    """
    from flis import release

    state, day = settings.folders, today(settings.folders)
    applied = release.apply(state, day, without=retired(state, day))
    if applied is not None and hooks:
        from flis.serve.release_hooks import after_release

        after_release(settings)
    return applied.number if applied else None


def _received(state: State, file: Path, taken: Delivery | FlisError) -> Taken:
    """What became of one file, judging still to come."""
    if isinstance(taken, NotFoundError):
        # no sender has named it: it is as the operator typed it, unless it has just left the inbox
        typed = delivery.shown(file) if file.is_relative_to(state.inbox) else str(file)
        return Taken(typed, reason=str(taken), exit_code=taken.exit_code)
    if isinstance(taken, FlisError):
        return Taken(delivery.shown(file), reason=str(taken), exit_code=taken.exit_code)
    return Taken(taken.manifest.file, taken.id, again=taken.again)


def _follow(row: Taken, found: Delivery, *, judged: bool) -> None:
    """Add the state that judging came to, and why where it is not accepted."""
    row.state = found.state.value
    if judged:
        row.again = False  # a run that was killed had received it; this one judged it
        row.exit_code = int(found.state is DeliveryState.QUARANTINED)
    if not found.state.accepted:
        row.reason = reason(found)


def reason(found: Delivery) -> str | None:
    """Why a delivery is not accepted."""
    if found.manifest.awaits and found.state is DeliveryState.WAITING:
        return f"It waits for its control file ({found.manifest.awaits})."
    reasons = sorted(validation.report(found).findings, key=lambda f: not f.severity.refuses)
    said = [f.message_en for f in reasons if f.severity.refuses or _waits(f.rule)]
    return said[0] if said else None


def _waits(name: str) -> bool:
    found = validation.rule(name)
    return found is not None and found.waits
