"""What belongs together in a person's records: which come, in which order, with which status; nobody twice.

A person is a run of records with the same number. The run at a window's end may go on in the next window: it is
kept, and judged when the next person begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.readers.cpr.columns import BLANK_8
from flis.delivery.readers.cpr.defects import DefectKind
from flis.delivery.readers.cpr.digits import CODES, NUMBERS, eight_digits, sliding
from flis.delivery.readers.cpr.hashes import NO_PERSON
from flis.delivery.readers.cpr.layout import RECORDS
from flis.delivery.readers.cpr.structure import PERSONS, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from flis.delivery.readers.cpr.defects import Defects
    from flis.delivery.readers.cpr.frames import Window

__all__ = ["MODULUS_11", "PRESENCE", "PersonSearch"]

CURRENT_NUMBER = "PNRGAELD"
PRESENCE: Mapping[str, frozenset[int]] = {
    "002": frozenset(range(30)),
    "005": frozenset({80}),
    "006": frozenset({20, 30, 70, 80, 90}),
    "007": frozenset({70}),
    CURRENT_NUMBER: frozenset({50, 60}),
}
"""The statuses with which a record, or the number after a changed one, may come (CPR's guides to its records)."""

REQUIRED: Mapping[str, frozenset[int]] = {
    "099": frozenset(range(-1, 100)),
    CURRENT_NUMBER: PRESENCE[CURRENT_NUMBER],
}
"""The statuses (-1: none was read) with which a record or the number must come."""

MODULUS_11 = np.array([4, 3, 2, 7, 6, 5, 4, 3, 2, 1])
"""A number's digits times these weights make a multiple of 11, but for some numbers given since 2007."""

HALF = 100_000
FIRST = NUMBERS["001"]
STATUS, CURRENT = RECORDS["001"].field("STATUS"), RECORDS["001"].field(CURRENT_NUMBER)
_BITS = np.array([1 << number for number in range(len(CODES))])
_BIT: Mapping[str, int] = {code: 1 << number for code, number in NUMBERS.items()} | {CURRENT_NUMBER: 1 << len(CODES)}
_ZEROS = np.uint64(0x3030303030303030)
_IN_SECTION = np.append(SECTIONS == PERSONS, False)


@dataclass(slots=True)
class _Runs:
    """Persons in the order of the file: number, first record, the types that came as bits, status (-1: none)."""

    numbers: NDArray[np.int64]
    records: NDArray[np.int64]
    bits: NDArray[np.int64]
    statuses: NDArray[np.int64]

    def __getitem__(self, part: slice) -> _Runs:
        return _Runs(self.numbers[part], self.records[part], self.bits[part], self.statuses[part])

    def after(self, open_run: _Runs) -> _Runs:
        """These runs behind the one that was open; where it goes on, the two are one."""
        if self.numbers[0] != open_run.numbers[0]:
            pairs = zip(_columns(open_run), _columns(self), strict=True)
            return _Runs(*(np.concatenate(pair) for pair in pairs))
        self.records[0] = open_run.records[0]
        self.bits[0] |= open_run.bits[0]
        self.statuses[0] = max(self.statuses[0], open_run.statuses[0])
        return self


def _columns(runs: _Runs) -> tuple[NDArray[np.int64], ...]:
    return runs.numbers, runs.records, runs.bits, runs.statuses


class PersonSearch:
    """Looks at the persons of every window once, then for persons who came twice."""

    def __init__(self, defects: Defects) -> None:
        self.count = 0
        self._defects = defects
        self._open: _Runs | None = None
        self._last_type = 0
        self._numbers: list[NDArray[np.int64]] = []
        self._records: list[NDArray[np.int64]] = []

    def add(self, window: Window) -> None:
        """Check one window's persons."""
        numbers = window.persons
        inside = np.flatnonzero(_IN_SECTION.take(window.types))
        if not len(inside):
            return
        self._note(DefectKind.PERSON_NUMBER, window.first + inside[numbers[inside] == NO_PERSON], "PNR")
        runs = self._runs(window, inside, numbers[inside])
        self._judge(runs[:-1])
        self._open = runs[-1:]

    def finish(self) -> None:
        """Judge the last person, and find persons who came more than once."""
        if self._open is None:
            return
        self._judge(self._open)
        numbers, records = np.concatenate(self._numbers), np.concatenate(self._records)
        order = np.argsort(numbers, kind="stable")
        numbers = numbers[order]
        again = (numbers[1:] == numbers[:-1]) & (numbers[1:] != NO_PERSON)
        self._note(DefectKind.PERSON_TWICE, np.sort(records[order[1:][again]]))
        self.count = len(numbers) - int(np.count_nonzero(again))

    def _note(self, kind: DefectKind, records: NDArray[np.int64], field: str = "") -> None:
        if len(records):
            self._defects.add(kind, records, len(records), field)

    def _runs(self, window: Window, inside: NDArray[np.int64], numbers: NDArray[np.int64]) -> _Runs:
        types, records = window.types[inside], window.first + inside
        changes = numbers[1:] != numbers[:-1]
        begins = np.append(0, np.flatnonzero(changes) + 1)
        runs = _Runs(
            numbers[begins],
            records[begins],
            np.bitwise_or.reduceat(_BITS.take(types), begins),
            np.full(len(begins), -1),
        )
        firsts = np.flatnonzero(types == FIRST)
        run = np.searchsorted(begins, firsts, side="right") - 1
        status, changed = _status(window, inside[firsts])
        runs.statuses[run] = status
        runs.bits[run[changed]] |= _BIT[CURRENT_NUMBER]

        goes_on = np.append(self._open is not None and self._open.numbers[0] == numbers[0], ~changes)
        before = np.append(self._last_type, types[:-1])
        self._note(DefectKind.RECORD_ORDER, records[goes_on & (types < before) & (types != FIRST)])
        seen = goes_on[0] and self._open is not None and bool(self._open.bits[0] & _BIT["001"])
        again = run == np.append(0 if seen else -1, run)[:-1]
        self._note(DefectKind.PERSON_TWICE, records[firsts[again]])
        self._last_type = int(types[-1])
        return runs if self._open is None else runs.after(self._open)

    def _judge(self, runs: _Runs) -> None:
        self._numbers.append(runs.numbers)
        self._records.append(runs.records)
        known = runs.numbers != NO_PERSON
        self._note(DefectKind.MODULUS_11, runs.records[known & (_weighed(runs.numbers) % 11 != 0)], "PNR")
        self._note(DefectKind.MISSING_RECORD, runs.records[runs.bits & _BIT["001"] == 0], "001")
        for name, statuses in PRESENCE.items():
            there = runs.bits & _BIT[name] != 0
            self._note(
                DefectKind.UNEXPECTED_RECORD,
                runs.records[there & (runs.statuses >= 0) & ~_among(runs.statuses, statuses)],
                name,
            )
        for name, statuses in REQUIRED.items():
            missing = runs.bits & _BIT[name] == 0
            self._note(DefectKind.MISSING_RECORD, runs.records[missing & _among(runs.statuses, statuses)], name)


def _weighed(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The digits of each number times their weights, added up."""
    first, last = _weighed_halves()
    upper, lower = np.divmod(np.maximum(numbers, 0), HALF)
    return first.take(upper) + last.take(lower)


@cache
def _weighed_halves() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same of every five digits, as the first five and as the last five of a number."""
    digits = np.arange(HALF)[:, None] // 10 ** np.arange(4, -1, -1) % 10
    return digits @ MODULUS_11[:5], digits @ MODULUS_11[5:]


def _among(statuses: NDArray[np.int64], allowed: frozenset[int]) -> NDArray[np.bool_]:
    table = np.zeros(101, np.bool_)
    table[list(allowed)] = True  # -1, no status, is the table's last place
    return table[statuses]


def _status(window: Window, records: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The statuses of records 001 (-1: unreadable), and whether the number after a changed one stands there."""
    starts = window.starts[records]
    words = sliding(window.buffer, "<u2", STATUS.offset)[starts]
    status, right = eight_digits(words.astype(np.uint64) << np.uint64(48) | np.uint64(0x303030303030))
    current = sliding(window.buffer, "<u8", CURRENT.offset)[starts]
    return np.where(right, status, -1), (current != BLANK_8) & (current != _ZEROS)
