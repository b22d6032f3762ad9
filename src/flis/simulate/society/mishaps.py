"""Faults that happen in the register itself, and so come in files that are formally right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.simulate.society.census import codes
from flis.simulate.society.corrections import correct_entries, undo_moves
from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.register import FormerRecord
from flis.simulate.society.residence import Addresses, move

if TYPE_CHECKING:
    from flis.simulate.society.table import Rows
    from flis.simulate.society.today import Today

__all__ = ["Mishaps"]

ENOUGH = 200
"""The municipality that empties is the one with most refugees, but fewer than this if there is one."""


class Mishaps:
    """Faults in the register; those who were moved away by mistake come back by the next delivery."""

    def __init__(self) -> None:
        self._away = np.empty(0, np.int64)

    def happen(self, today: Today, names: list[str]) -> None:
        """What goes wrong, or is put right, before today's delivery."""
        rng = today.chance("mishaps")
        self._undo(today, rng)
        if "late-correction" in names:
            correct_entries(today, rng, today.refugees())
        if "municipality-zero" in names:
            self._away = _empty(today)

    def _undo(self, today: Today, rng: np.random.Generator) -> None:
        people, register = today.people, today.register
        rows = self._away
        rows = rows[register.resident(rows) & (people.latest[rows] < today.day)]
        before = register.newest(rows, FormerRecord.ADDRESS)
        stayed = register.history.stop[before] == people.moved[rows]
        undo_moves(today, rng, rows[stayed], before[stayed])
        self._away = np.empty(0, np.int64)


def _empty(today: Today) -> Rows:
    """Everybody in one municipality moves to the next one, late in the evening."""
    people, rows = today.people, np.arange(today.people.size)
    rows = rows[today.register.resident(rows)]
    place = np.searchsorted(codes(), people.komkod[rows])
    count = np.bincount(place[today.refugee(rows)], minlength=len(codes()))
    chosen = int(np.argmax(np.where(count < ENOUGH, count, -1)))
    moved: Rows = rows[(place == chosen) & (people.latest[rows] <= today.day)]
    there = Addresses.of(today.register, moved)
    komkod = np.full(len(moved), codes()[(chosen + 1) % len(codes())])
    time = np.full(len(moved), today.day * MINUTES + 23 * 60, np.int32)
    move(today.register, moved, Addresses(komkod, there.road, there.house, there.floor), time)
    today.note(today.chance("empty"), moved, "A01")
    return moved
