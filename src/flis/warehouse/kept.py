"""What is kept of an area: one SELECT for each kept table and each figure, whatever its physical form."""

from __future__ import annotations

from flis.warehouse import parts
from flis.warehouse.database import KEPT
from flis.warehouse.graph import linked, source_of
from flis.warehouse.keeping import parted_table
from flis.warehouse.step import StepKind, step_named

__all__ = ["known_now"]


def known_now(area: str, table: str) -> str:
    """The SELECT of a kept table's rows as known now; of a figure with known time, of all that was ever known."""
    step, source = step_named(area, table), source_of(area)
    if step.kind is StepKind.REVISED:
        return f"FROM {KEPT}.{table}"
    if not linked(source):
        return parts.known_now(parted_table(step, source))
    if step.newest:
        return f"FROM {KEPT}.{table}"
    return (
        f"SELECT t.* EXCLUDE (known_from) FROM history.{table} t "
        "JOIN history.present p ON p.person = t.person AND p.known_from = t.known_from"
    )
