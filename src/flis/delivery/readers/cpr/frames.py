"""From chunks of bytes to windows of whole records, in whichever physical form they come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.readers.cpr.defects import DefectKind
from flis.delivery.readers.cpr.digits import LENGTHS, UNKNOWN, columns_of, person_numbers, record_types, sliding
from flis.delivery.readers.cpr.form import END_MARK, PhysicalForm, Shape
from flis.delivery.readers.cpr.hashes import NO_PERSON
from flis.delivery.readers.cpr.layout import RECORDS
from flis.delivery.readers.cpr.unbroken import follow, heads, next_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from flis.delivery.readers.cpr.defects import Defects

__all__ = ["SHORTEST", "WINDOW", "Frames", "Window"]

WINDOW = 16 << 20
"""Bytes that are looked at together: many enough for vector speed, few enough to stay near the processor."""

SHORTEST = np.array([record.shortest for record in RECORDS.values()] + [0])
"""The least length of a line of each record type, by its number."""

BLANK, LINE_FEED, CARRIAGE_RETURN = b" \n\r"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST = int(LENGTHS.max())
PAD = 2 * LONGEST  # blanks behind the bytes, so that a record's full width can be looked at wherever it starts
LEAST = 13  # the least of a record: its type and a number
BEGINNING = 1 << 18  # bytes from which the form is recognised
BREAKS = 1000  # a file without line breaks is given up after so many places where no record follows


@dataclass(frozen=True, slots=True)
class Window:
    """Some whole records: where each starts in the buffer, how long it is, the number of its type."""

    buffer: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    types: NDArray[np.uint8]
    persons: NDArray[np.int64]  # `NO_PERSON` where no number stands
    first: int  # the number of the first record in the file, from 1
    cut: bool  # the file ends within the last record

    def __len__(self) -> int:
        """How many records there are."""
        return len(self.starts)

    @property
    def end(self) -> int:
        """The place behind the last record."""
        return int(self.starts[-1] + self.lengths[-1])

    def rows(self, records: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
        """The first `width` characters of the given records, one row each, with blanks after a record's end."""
        rows = sliding(self.buffer, f"V{width}")[self.starts[records]].view(np.uint8).reshape(len(records), width)
        lengths = self.lengths[records]
        short = np.flatnonzero(lengths < width)
        if len(short):
            rows[short] = np.where(np.arange(width) < lengths[short, None], rows[short], np.uint8(BLANK))
        return rows


class Frames:
    """The windows of a file, in order; `form` is known from the first one on and complete after the last.

    A window is good until the next one is asked for: the memory under it is used again.
    """

    def __init__(self, chunks: Iterable[bytes], defects: Defects, size: int = WINDOW) -> None:
        self.form = PhysicalForm()
        self.records = 0
        self._chunks = chunks
        self._defects = defects
        self._size = size
        self._breaks = 0
        self._sure = False

    def __iter__(self) -> Iterator[Window]:
        """Read all chunks, once."""
        memory = _Memory()
        used = 0
        for number, (chunks, last) in enumerate(_gather(self._chunks, self._size)):
            memory.fill(used, chunks)
            if number == 0 and memory.drop_first(BYTE_ORDER_MARK):
                self._defects.one(DefectKind.BYTE_ORDER_MARK, 1)
            if not self._sure:
                self._recognise(memory.buffer, min(memory.size, BEGINNING))
            if last and memory.drop_last(END_MARK):
                self.form = replace(self.form, end_mark=True)
            window, used = self._cut(memory.buffer, memory.size, last=last)
            if len(window):
                self.records += len(window)
                yield window

    def _recognise(self, buffer: NDArray[np.uint8], size: int) -> None:
        """Tell the form from how the bytes begin; where no line says whether lines are trimmed, ask the next ones."""
        starts, ends = _line_bounds(buffer, size)
        if not len(ends):
            self.form, self._sure = PhysicalForm(Shape.UNBROKEN), True
            self._defects.lines = False
            return
        returns = ends[0] > 0 and bool(buffer[ends[0] - 1] == CARRIAGE_RETURN)
        lengths = ends - starts - int(returns)
        full = LENGTHS[record_types(sliding(buffer, "<u4")[starts])]
        blank = buffer[np.maximum(starts + lengths - 1, 0)] == BLANK
        padded = np.count_nonzero(blank & (lengths == full))
        trimmed = np.count_nonzero(~blank & (lengths < full))
        self.form = PhysicalForm(Shape.TRIMMED if trimmed > padded else Shape.FULL, carriage_return=returns)
        self._sure = bool(padded or trimmed)

    def _cut(self, buffer: NDArray[np.uint8], size: int, *, last: bool) -> tuple[Window, int]:
        """The whole records of the buffer, and how many bytes they take."""
        find = self._records if self.form.shape is Shape.UNBROKEN else self._lines
        starts, lengths, used = find(buffer, size, last=last)
        rows = heads(buffer, starts)
        types = record_types(columns_of(rows, 0, "<u4"))
        types[lengths < LEAST] = UNKNOWN
        numbers, plain = person_numbers(rows)
        cut = last and len(starts) > 0 and self._is_cut(int(types[-1]), int(lengths[-1]))
        return Window(buffer, starts, lengths, types, np.where(plain, numbers, NO_PERSON), self.records + 1, cut), used

    def _is_cut(self, record_type: int, length: int) -> bool:
        """Whether the file's last record is shorter than it may be."""
        if self.form.shape is not Shape.UNBROKEN and not self.form.open_end:
            return False
        least = SHORTEST if self.form.shape is Shape.TRIMMED else LENGTHS
        return length < LEAST or length < least[record_type]

    def _lines(
        self, buffer: NDArray[np.uint8], size: int, *, last: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        starts, ends = _line_bounds(buffer, size)
        used = int(ends[-1]) + 1 if len(ends) else 0
        if last and used < size:
            self.form = replace(self.form, open_end=True)
        if (last and used < size) or size - used > max(
            self._size, LONGEST
        ):  # what is longer than a window is no line to wait for
            starts, ends = np.append(starts, used), np.append(ends, size)
            used = size
        lengths = ends - starts
        if self.form.carriage_return and len(ends):
            lengths -= (buffer[ends - 1] == CARRIAGE_RETURN) & (lengths > 0)
        return starts, lengths, used

    def _records(
        self, buffer: NDArray[np.uint8], size: int, *, last: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        starts, place = follow(buffer, 0, size)
        lengths = np.diff(starts, append=place)
        while size - place > LONGEST or (last and place < size):
            if last and _is_begun(buffer, place, size):
                starts, lengths, place = np.append(starts, place), np.append(lengths, size - place), size
                break
            # No record starts here: one before was longer or shorter than its type, or this one's type is unknown.
            before = int(starts[-1]) if len(starts) else place
            again = self._resume(buffer, before, place, size)
            if len(starts) and (again < place + LEAST or not _has_digits(buffer, place)):
                lengths[-1] = again - before
            else:
                starts, lengths = np.append(starts, place), np.append(lengths, again - place)
            more, place = follow(buffer, again, size)
            starts = np.concatenate([starts, more])
            lengths = np.concatenate([lengths, np.diff(more, append=place)])
        return starts, lengths, place

    def _resume(self, buffer: NDArray[np.uint8], before: int, place: int, size: int) -> int:
        """Where the next record starts after the chain broke at `place`; the end of the data where none does."""
        self._breaks += 1
        if self._breaks == BREAKS:
            self._defects.one(DefectKind.GIVEN_UP, 0)
        if self._breaks >= BREAKS:
            return size
        found = next_start(buffer, min(before + LEAST, place), size)
        return size if found is None else found


class _Memory:
    """The bytes being looked at, blanks behind them; memory is asked for once and used for window after window."""

    def __init__(self) -> None:
        self.size = 0
        self._bytes = np.empty(PAD, np.uint8)

    @property
    def buffer(self) -> NDArray[np.uint8]:
        """The bytes and the blanks."""
        return self._bytes[: self.size + PAD]

    def fill(self, used: int, chunks: list[bytes]) -> None:
        """Forget the first bytes, put chunks behind the rest."""
        rest = self._bytes[used : self.size].copy()
        self.size = len(rest) + sum(map(len, chunks))
        if self.size + PAD > len(self._bytes):
            self._bytes = np.empty(self.size + self.size // 8 + PAD, np.uint8)
        place = 0
        for piece in (rest, *(np.frombuffer(chunk, np.uint8) for chunk in chunks)):
            self._bytes[place : place + len(piece)] = piece
            place += len(piece)
        self._blank()

    def drop_first(self, mark: bytes) -> bool:
        """Forget `mark` where the bytes begin with it."""
        found = self._bytes[: min(len(mark), self.size)].tobytes() == mark
        if found:
            self.fill(len(mark), [])
        return found

    def drop_last(self, mark: bytes) -> bool:
        """Forget `mark` where the bytes end with it."""
        found = self._bytes[max(0, self.size - len(mark)) : self.size].tobytes() == mark
        if found:
            self.size -= len(mark)
            self._blank()
        return found

    def _blank(self) -> None:
        self._bytes[self.size : self.size + PAD] = BLANK


def _gather(chunks: Iterable[bytes], size: int) -> Iterator[tuple[list[bytes], bool]]:
    """Chunks by about `size` bytes, and whether they are the last ones."""
    gathered: list[bytes] = []
    length = 0
    for chunk in chunks:
        if length >= size:
            yield gathered, False
            gathered, length = [], 0
        gathered.append(chunk)
        length += len(chunk)
    yield gathered, True


def _line_bounds(buffer: NDArray[np.uint8], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each line starts and where its line feed stands."""
    ends = np.flatnonzero(buffer[:size] == LINE_FEED)
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    return starts, ends


def _is_begun(buffer: NDArray[np.uint8], place: int, size: int) -> bool:
    """Whether the data end within a record that starts at `place`."""
    (record_type,) = record_types(sliding(buffer, "<u4")[place : place + 1])
    return size - place < LEAST or bool(size - place < LENGTHS[record_type])


def _has_digits(buffer: NDArray[np.uint8], place: int) -> bool:
    return bytes(buffer[place : place + LEAST]).isdigit()
