"""How records follow each other: lengths, types, sections of the file, its start, its end, its encoding.

What reaches over a window's end is kept from one window to the next, so that only one window is ever needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.readers.cpr.defects import DefectKind
from flis.delivery.readers.cpr.digits import CODES, LENGTHS, NUMBERS, UNKNOWN
from flis.delivery.readers.cpr.form import Shape
from flis.delivery.readers.cpr.frames import SHORTEST
from flis.delivery.readers.cpr.layout import RECORDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from flis.delivery.readers.cpr.defects import Defects
    from flis.delivery.readers.cpr.form import PhysicalForm
    from flis.delivery.readers.cpr.frames import Window

__all__ = ["PERSONS", "SECTIONS", "StartRecord", "Structure"]

START, RECEIPT, ERROR, END = (NUMBERS[code] for code in ("000", "997", "910", "999"))

FIRST_LETTER = -64
"""The byte 0xC0 with its sign: lesser ones (0x80 to 0xBF) stand in UTF-8 behind a lead byte."""

_SECTIONS = {"000": 0, "997": 1, "003": 3, "999": 4, "910": 5}
PERSONS = 2
"""The section of the records that come person by person."""

_NONE = np.zeros(0, np.int64)
FEWEST = 3
"""Fewer records of a wrong length say nothing of the file."""

SECTIONS = np.array([_SECTIONS.get(code, PERSONS) for code in CODES])
"""The section of the file in which each record type comes: start, receipts, persons, addresses, end, errors."""


@dataclass(frozen=True, slots=True)
class StartRecord:
    """The start record: whose delivery, when it was produced, and when the one before was (None: establishment)."""

    opgavenr: str
    produced: date | None
    previous: date | None


class Structure:
    """Looks at every window once, then at the end of the file."""

    def __init__(self, defects: Defects) -> None:
        self.header: StartRecord | None = None
        self.counted: int | None = None
        self.counts = np.zeros(len(CODES) + 1, np.int64)
        self.wrong = np.zeros(len(CODES) + 1, np.int64)
        self._bytes = np.zeros(2, np.int64)  # without line breaks: in records of known length, and in others
        self._defects = defects
        self._section = 0

    @property
    def records(self) -> int:
        """How many records came so far, of whatever type."""
        return int(self.counts.sum())

    def add(self, window: Window, form: PhysicalForm) -> None:
        """Check one window's records."""
        self.counts += np.bincount(window.types, minlength=len(self.counts))
        unknown = window.types == UNKNOWN
        if window.cut:
            self._defects.one(DefectKind.CUT_RECORD, window.first + len(window) - 1)
            unknown[-1] = False
        self._note(DefectKind.UNKNOWN_TYPE, window, unknown)
        self._check_lengths(window, form, self._check_letters(window))
        if form.shape is Shape.UNBROKEN:
            strange = window.lengths != LENGTHS[window.types]
            self._bytes += np.bincount(strange, weights=window.lengths, minlength=2).astype(np.int64)
        self._check_sections(window)
        self._read_start(window)
        self._read_end(window)
        self._note(DefectKind.RECEIPT, window, window.types == RECEIPT)
        self._note(DefectKind.ERROR_RECORD, window, window.types == ERROR)

    def finish(self) -> None:
        """Check what only the whole file can tell."""
        if self.counts[START] == 0 and self.records == 0:
            self._defects.one(DefectKind.MISSING_START, 0)
        if self.counts[END] == 0:
            self._defects.one(DefectKind.MISSING_END, 0)
        elif self.counted != self.records - int(self.counts[[START, END, ERROR]].sum()):
            self._defects.one(DefectKind.WRONG_COUNT, self.records, "TAELLER")

    def explain(self) -> None:
        """Where most records are of no known length, say once that the file is another product, and nothing else."""
        told = np.flatnonzero(SECTIONS == PERSONS)
        count, wrong = self.counts[told], self.wrong[told]
        strange = int(wrong.sum()) + int(self.counts[UNKNOWN])
        types = int(np.count_nonzero(count)), int(np.count_nonzero((wrong == count) & (count > 0)))
        most = strange * 2 > int(count.sum()) + int(self.counts[UNKNOWN]) or types[1] * 2 > types[0]
        lost = bool(self._bytes[1] > self._bytes[0])  # without line breaks few records of another one are found
        if self.header and self.header.produced and ((most and strange >= FEWEST) or lost):
            self._defects.only(DefectKind.OTHER_PRODUCT, 1)

    def _note(self, kind: DefectKind, window: Window, where: NDArray[np.bool_]) -> None:
        count = int(np.count_nonzero(where))
        if count:
            self._defects.add(kind, window.first + np.flatnonzero(where), count)

    def _check_lengths(self, window: Window, form: PhysicalForm, utf_8: NDArray[np.int64]) -> None:
        lengths, full = window.lengths, LENGTHS[window.types]
        strange = lengths != full
        if form.shape is Shape.TRIMMED:
            last = window.buffer[np.maximum(window.starts + lengths - 1, 0)] == ord(" ")
            strange &= (lengths > full) | (lengths < SHORTEST[window.types]) | last
        strange &= window.types != UNKNOWN
        strange[-1] &= not window.cut
        if not strange.any():
            return
        padded = strange & _ends_blank(window, form)
        padded[utf_8] = False  # such letters take two bytes and push the record's own blanks out
        self._note(DefectKind.TRAILING_BLANKS, window, padded)
        self._note(DefectKind.RECORD_LENGTH, window, strange & ~padded)
        self.wrong += np.bincount(window.types[strange & ~padded], minlength=len(self.wrong))

    def _check_sections(self, window: Window) -> None:
        known = np.flatnonzero(window.types != UNKNOWN)
        sections = np.concatenate([[self._section], SECTIONS[window.types[known]]])
        back = np.flatnonzero(sections[1:] < sections[:-1])
        starts = window.types[known[back]] == START
        self._defects.add(DefectKind.RECORD_ORDER, window.first + known[back[~starts]], int((~starts).sum()))
        self._section = int(sections[-1])

    def _check_letters(self, window: Window) -> NDArray[np.int64]:
        """The records with UTF-8: a lead byte and what must follow it is no sensible pair of letters in ISO-8859-1."""
        buffer = window.buffer
        if buffer.view(np.int8).min() >= FIRST_LETTER:
            return _NONE  # none of the bytes that would follow: in ISO-8859-1 they are signs hardly ever used
        leads = np.flatnonzero(buffer >= 0xC2)
        leads = leads[leads < window.end]
        if not len(leads):
            return _NONE
        following = [(buffer[leads + step] & 0xC0) == 0x80 for step in (1, 2, 3)]
        lead = buffer[leads]
        utf_8 = following[0] & (
            (lead < 0xE0)
            | (following[1] & (lead < 0xF0))
            | (following[1] & following[2] & (lead >= 0xF0) & (lead < 0xF5))
        )
        records = np.unique(np.searchsorted(window.starts, leads[utf_8], side="right")) - 1
        self._defects.add(DefectKind.UTF_8, window.first + records, len(records))
        return records

    def _read_start(self, window: Window) -> None:
        starts = np.flatnonzero(window.types == START)
        if window.first == 1:
            if window.types[0] != START:
                self._defects.one(DefectKind.MISSING_START, 1)
            else:
                self.header = self._header(_fields(window, 0))
                starts = starts[1:]
        self._defects.add(DefectKind.DUPLICATE_START, window.first + starts, len(starts))

    def _header(self, field: Callable[[str], str]) -> StartRecord:
        task = field("OPGAVENR")
        produced, previous = (_date(field(name)) for name in ("PRODDTO", "PRODDTOFORRIG"))
        for name, right in {
            "OPGAVENR": task.isdecimal(),
            "PRODDTO": produced is not None,
            "PRODDTOFORRIG": previous is not None or not field("PRODDTOFORRIG").strip("0"),
        }.items():
            if not right:
                self._defects.one(DefectKind.BAD_START, 1, name)
        return StartRecord(task, produced, previous)

    def _read_end(self, window: Window) -> None:
        ends = np.flatnonzero(window.types == END)
        if not len(ends):
            return
        again = ends if self.counts[END] > len(ends) else ends[1:]
        self._defects.add(DefectKind.DUPLICATE_END, window.first + again, len(again))
        counted = _fields(window, int(ends[-1]))("TAELLER")
        self.counted = int(counted) if counted.isdecimal() else None


def _ends_blank(window: Window, form: PhysicalForm) -> NDArray[np.bool_]:
    """Which records have blanks too many: behind their full width, or at the end of a trimmed line."""
    lengths, full = window.lengths, LENGTHS[window.types]
    found = np.zeros(len(window), np.bool_)
    if form.shape is Shape.TRIMMED:
        blank = window.buffer[np.maximum(window.starts + lengths - 1, 0)] == ord(" ")
        found |= blank & (lengths < full) & (lengths >= SHORTEST[window.types])
    longer = np.flatnonzero(lengths > full)
    if len(longer):
        filled = np.cumsum(window.buffer[: window.end] != ord(" "), dtype=np.int32)
        begin = window.starts[longer] + full[longer] - 1
        found[longer] = filled[window.starts[longer] + lengths[longer] - 1] == filled[begin]
    return found


def _fields(window: Window, record: int) -> Callable[[str], str]:
    """A record's fields as text, by official name."""
    layout = RECORDS[CODES[window.types[record]]]
    row: Any = window.rows(np.array([record]), layout.length)[0]

    def field(name: str) -> str:
        place = layout.field(name)
        return bytes(row[place.offset : place.end]).decode("latin-1")

    return field


def _date(text: str) -> date | None:
    """The day of eight digits; None for zeros and for what is no date."""
    if not text.isdecimal():
        return None  # int() would take blanks, signs and underscores too
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
