"""The chain of one delivery, from file to published release, as `demo`, `run` and the tests call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis import delivery, release, validation, warehouse
from flis.serve.web import draw

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import Settings
    from flis.warehouse import Loaded

__all__ = ["Taken", "load", "publish", "take"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: the delivery's id and state, and whether it had come before."""

    id: str
    state: str
    again: bool


def take(settings: Settings, path: Path) -> Taken:
    """Receive one file and judge it, unless it has come before."""
    folders = settings.folders
    judged = validation.judge(folders, delivery.receive(folders, path))
    return Taken(judged.id, judged.state, again=judged.again)


def load(settings: Settings) -> list[Loaded]:
    """Load what is validated into the history; what loading showed joins the deliveries' reports."""
    return warehouse.load(settings.folders)


def publish(settings: Settings, *, charts: bool = True) -> int | None:
    """Apply a release and draw its newest day's charts; None where there was nothing new."""
    applied = release.apply(settings.folders)
    if applied is not None and charts:
        draw(settings)
    return applied.number if applied else None
