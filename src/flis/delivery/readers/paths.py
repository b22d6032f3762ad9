"""Paths of XML and JSON in a contract: steps down, and steps up first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from flis.catalog.contract import Field

__all__ = ["Path", "field_path", "steps_of"]

SELF, UP = ".", ".."


class Path(NamedTuple):
    """So many levels up, then these steps down; no step is the row itself."""

    up: int
    steps: tuple[str, ...]


def steps_of(text: str) -> tuple[str, ...]:
    """The steps of a path that goes down only."""
    return tuple(step for step in text.split("/") if step not in ("", SELF))


def field_path(field: Field, day: date | None) -> Path:
    """Where a field's value stands, seen from the row, in a file of the period that begins on `day`."""
    steps = steps_of(field.path) if field.path else (field.source_on(day),)
    up = next((place for place, step in enumerate(steps) if step != UP), len(steps))
    return Path(up, steps[up:])
