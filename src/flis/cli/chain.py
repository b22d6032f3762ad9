"""The chain of one delivery, from file to published release, as `demo`, `run` and the tests call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis import delivery, release, validation, warehouse
from flis.serve.web import draw

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from flis.config import Settings

__all__ = ["Taken", "publish", "take"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: the delivery's id and state, and whether it had come before."""

    id: str
    state: str
    again: bool


def take(settings: Settings, path: Path) -> Taken:
    """Receive one file and judge it, unless it has come before."""
    folders = settings.folders
    received = delivery.receive(folders, path)
    if received.again:
        return Taken(received.delivery.id, received.delivery.state, again=True)
    judged = validation.judge(folders, received.delivery)
    return Taken(judged.id, judged.state, again=False)


def load(settings: Settings) -> Iterable[object]:
    """Load what is validated into the history."""
    return warehouse.load(settings.folders)


def publish(settings: Settings) -> int | None:
    """Apply a release and draw its newest day's charts; None where there was nothing new."""
    applied = release.apply(settings.folders)
    if applied is not None:
        draw(settings)
    return applied.number if applied else None
