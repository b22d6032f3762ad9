"""Deliveries made of lives, taken in as the platform does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flis import delivery, validation
from flis.config import State
from flis.delivery.keys import simulated_keys
from tests.warehouse.lives import write_delivery

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from tests.warehouse.lives import Life

__all__ = ["accept", "new_state", "weekdays", "write_chain"]

KEYS = 7


def new_state(root: Path) -> State:
    """An empty state folder; its keys are always the same, and so is what they decide."""
    root.mkdir(parents=True, exist_ok=True)
    state = State(root, root / "keys")
    simulated_keys(state, KEYS)
    return state


def accept(state: State, paths: Iterable[Path]) -> None:
    """Take delivery files in, up to the state `validated`."""
    for path in paths:
        judged = validation.judge(state, delivery.receive(state, path))
        assert judged.state is delivery.DeliveryState.VALIDATED, judged.state


def weekdays(first: date, last: date) -> list[date]:
    """The production dates of a chain: Monday to Friday."""
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    return [d for d in days if d.isoweekday() <= 5]


def write_chain(folder: Path, days: Sequence[date], lives: Sequence[Life]) -> list[Path]:
    """Write a chain of deliveries about `lives`: an establishment on the first day, changes on the others."""
    folder.mkdir(parents=True, exist_ok=True)
    previous = [None, *days[:-1]]
    return [write_delivery(folder, day, before, lives) for day, before in zip(days, previous, strict=True)]
