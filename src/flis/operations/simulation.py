"""Whether the persons of an installation are simulated: one mark in the state folder, read here alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.disk import write

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["mark_simulated", "simulated"]


def mark_simulated(state: State) -> None:
    """Mark the state folder: all persons in it are simulated. The mark is never taken away."""
    state.operations.mkdir(parents=True, exist_ok=True)
    write(state.operations / "simulated", b"All persons in this state folder are simulated.\n")


def simulated(state: State) -> bool:
    """Whether the persons are simulated, so that every page and file must say so.

    A demonstration made before there was a mark is known by the file in which it keeps its dates and scales.
    """
    return (state.operations / "simulated").exists() or (state.root / "demo.json").exists()
