"""One delivery as a file: start record, persons in blocks, plain addresses, end record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.writer import Block, end_record, start_record, write
from flis.simulate.cpr import former_records, records
from flis.simulate.cpr.rare_records import RARE
from flis.simulate.cpr.records import Page
from flis.simulate.society.day_numbers import day_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from flis.simulate.society.register import PopulationRegister
    from flis.simulate.society.table import Rows

__all__ = ["FORMS", "TASK", "SimulatedFile", "file_name", "pieces", "write_file"]

TASK = "431101"
CHUNK = 20_000
"""Persons written at a time: what bounds the memory, and nothing else."""

FORMS = {
    "trimmed": PhysicalForm(Shape.TRIMMED),
    "full": PhysicalForm(Shape.FULL),
    "ftp": PhysicalForm(Shape.UNBROKEN),
    "crlf": PhysicalForm(Shape.TRIMMED, carriage_return=True, end_mark=True),
}

CURRENT = (
    records.person,
    records.address,
    records.protection,
    records.abroad,
    records.contact,
    records.lost,
    records.name,
    records.birthplace,
    records.citizenship,
    records.church,
    records.civil,
    records.separation,
    records.child,
    records.parents,
    former_records.custody,
    *RARE,
)


@dataclass(frozen=True, slots=True)
class SimulatedFile:
    """What one file holds: persons in order, production date, the one before (None: an establishment), its form."""

    register: PopulationRegister
    rows: Rows
    produced: date
    previous: date | None
    form: PhysicalForm

    def without_last(self) -> SimulatedFile:
        """The same delivery with one person less."""
        return replace(self, rows=self.rows[:-1])


def file_name(produced: date, copy: int = 1) -> str:
    """The name under which CPR sends a delivery.

    >>> from datetime import date
    >>> file_name(date(2022, 1, 3))
    'D220103.L431101'
    """
    return f"D{produced:%y%m%d}.L4311{copy:02}"


def write_file(delivery: SimulatedFile, path: Path) -> None:
    """Write a delivery."""
    with path.open("wb") as file:
        for piece in pieces(delivery):
            file.write(piece)


def pieces(delivery: SimulatedFile) -> Iterator[bytes]:
    """The bytes of a delivery, bounded pieces one by one."""
    form, count = delivery.form, 0
    yield write([start_record(TASK, delivery.produced, delivery.previous)], form)
    for blocks in _blocks(delivery):
        count += sum(len(block.rows) for block in blocks)
        yield write(blocks, form)
    yield write([end_record(count)], form)
    yield form.ending


def _blocks(delivery: SimulatedFile) -> Iterator[list[Block]]:
    happened = delivery.register.events if delivery.previous else []
    for page in _pages(delivery):
        first = [build(page) for build in CURRENT]
        yield _in_order([*first, *former_records.former(page), former_records.events(page, happened)])
    for page in _pages(delivery):
        yield [records.plain_address(page)]


def _pages(delivery: SimulatedFile) -> Iterator[Page]:
    for first in range(0, len(delivery.rows), CHUNK):
        yield Page(delivery.register, delivery.rows[first : first + CHUNK], day_number(delivery.produced))


def _in_order(blocks: list[Block]) -> list[Block]:
    return [Block(block.record_type, block.rows, np.asarray(block.order, np.int64)) for block in blocks]
