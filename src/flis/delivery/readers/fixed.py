"""The reader of records of fixed width: a type, then values at positions; a first and an end record around them.

A record may belong to another one: to the record of its parent's type above it, or to one before it whose key it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.contract import ControlTotal, Field, FieldType, HeaderPlaces, Table
from flis.delivery.readers.control import totals_of
from flis.delivery.readers.notice_kinds import NoticeKind
from flis.delivery.readers.reader import Rows
from flis.delivery.readers.text import decoded, unpacked, whole_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from flis.catalog.contract import Contract, Parent
    from flis.delivery.readers.control import Announced
    from flis.delivery.readers.notices import Notices
    from flis.delivery.recognition import Recognised

__all__ = ["asked", "end_places", "fixed_rows", "header_places"]

WINDOW = 1 << 24
LONGEST = 1 << 16
"""No record has so many characters."""
HEADER = HeaderPlaces("3-6", "7-12", "13-20")
"""Where the first record tells sender, period and production date, unless the contract says otherwise."""
COUNT, SUM = (3, 12), 18
"""Where the end record tells the number of records; behind it stand sums of so many characters."""
UP = "../"
LINE_FEED, CARRIAGE_RETURN, BLANK = b"\n\r "


def fixed_rows(chunks: Iterable[bytes], found: Recognised, notices: Notices, told: Announced) -> Iterator[Rows]:
    """The records by type, in blocks.

    Raises:
        UnreadableError: the rest of the file cannot be read.
    """
    dialect = found.contract.dialect
    text = (part.encode(dialect.encoding) for part in decoded(unpacked(chunks, dialect.limit), dialect))
    lines = _Lines(found.contract, notices, told)
    types = {table.name: _Type(table, found.contract) for table in found.contract.tables}
    for block, last in whole_lines(text, WINDOW, LONGEST):
        window = lines.cut(block, last=last)
        for one in types.values():
            rows = one.rows(window, types, notices)
            if rows is not None:
                yield rows
        if window.other.any():
            notices.of_lines(NoticeKind.RECORD_TYPE, window.numbers[window.other])
    lines.finish()


@dataclass(slots=True)
class _Window:
    """Whole lines: where each starts, how long it is, which number it has, and of which table it is a record."""

    buffer: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    numbers: NDArray[np.int64]
    of: dict[str, NDArray[np.bool_]]
    other: NDArray[np.bool_]


class _Lines:
    """Cuts blocks into lines; knows the first and the last one."""

    def __init__(self, contract: Contract, notices: Notices, told: Announced) -> None:
        self._contract, self._notices, self._told = contract, notices, told
        self._width = max(map(_width, contract.tables), default=1)
        self._first = 1

    def cut(self, block: bytes, *, last: bool) -> _Window:
        """The records of a block."""
        size = len(block)
        buffer = np.frombuffer(block + b" " * self._width, np.uint8)
        ends = np.flatnonzero(buffer[:size] == LINE_FEED)
        if size and block[-1] != LINE_FEED:
            ends = np.append(ends, size)
        starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)[: len(ends)]
        lengths = ends - starts
        lengths -= (lengths > 0) & (buffer[np.maximum(ends - 1, 0)] == CARRIAGE_RETURN)
        numbers = self._first + np.arange(len(starts))
        filled = np.flatnonzero(lengths > 0)
        if last:  # empty lines at the end are none
            starts, lengths, numbers = (a[: filled[-1] + 1 if len(filled) else 0] for a in (starts, lengths, numbers))
        self._first += len(starts)
        low, high = 0, len(starts)
        if self._is_first(buffer, starts, lengths, numbers):
            low = 1
        if last and high > low and self._is_end(buffer, starts, lengths):
            high -= 1
        starts, lengths, numbers = starts[low:high], lengths[low:high], numbers[low:high]
        self._told.records += len(starts)
        of = {t.name: _begins(buffer, starts, lengths, t.source.encode()) for t in self._contract.tables}
        other = ~np.logical_or.reduce([*of.values()]) if len(starts) else np.zeros(0, np.bool_)
        return _Window(buffer, starts, lengths, numbers, of, other)

    def finish(self) -> None:
        """Notice that a file without lines has no first record."""
        if self._first == 1 and self._contract.dialect.start:
            self._notices.file(NoticeKind.START_MISSING, line=1)

    def _is_first(self, buffer: Any, starts: Any, lengths: Any, numbers: Any) -> bool:
        mark = self._contract.dialect.start.encode()
        if not mark or not len(numbers) or numbers[0] != 1:
            return False
        if not _begins(buffer, starts[:1], lengths[:1], mark)[0]:
            self._notices.file(NoticeKind.START_MISSING, line=1)
            return False
        line = self._text(buffer, starts[0], lengths[0])
        places = header_places(self._contract)
        self._told.sender, self._told.period, self._told.produced = (
            _part(line, place) for place in (places.sender, places.period, places.produced)
        )
        return True

    def _is_end(self, buffer: Any, starts: Any, lengths: Any) -> bool:
        mark = self._contract.dialect.end.encode()
        if not mark or not _begins(buffer, starts[-1:], lengths[-1:], mark)[0]:
            return False
        line = self._text(buffer, starts[-1], lengths[-1])
        self._told.ended = True
        self._told.totals = tuple(_part(line, at) for at in end_places(totals_of(self._contract)))
        return True

    def _text(self, buffer: Any, start: int, length: int) -> str:
        return bytes(buffer[start : start + length]).decode(self._contract.dialect.encoding)


class _Type:
    """The records of one type: how they are taken apart, and what of them records further down may ask for.

    `numbers`, `columns` and `sound` are those of a window, and before them the last record of the windows before.
    """

    def __init__(self, table: Table, contract: Contract) -> None:
        self.table = table
        self.numbers, self.sound = np.zeros(1, np.int64), np.zeros(1, np.bool_)
        self.columns: dict[str, Any] = {f.name: pa.nulls(1, pa.string()) for f in table.fields}
        self.above: NDArray[np.int64] = np.zeros(0, np.int64)
        """For each line of the window, the number of the nearest record of this type above it; 0 where none is."""
        self._encoding = contract.dialect.encoding
        self._width = max(_width(table), 1)
        self._length = table.length or self._width
        self._keyed: dict[str, list[Any]] | None = None
        if any(t.parent and t.parent.key and t.parent.table == table.name for t in contract.tables):
            self._keyed = {f.name: [] for f in table.fields}

    def rows(self, window: _Window, types: dict[str, _Type], notices: Notices) -> Rows | None:
        """The records of the type, broken ones left out; None where there are none."""
        mine = window.of[self.table.name]
        chosen = np.flatnonzero(mine)
        self.above = np.maximum.accumulate(np.where(mine, window.numbers, self.numbers[-1]))
        numbers, sound = window.numbers[chosen], self._fits(window, chosen)
        cells = _matrix(window.buffer, window.starts[chosen], window.lengths[chosen], self._width)
        columns = {f.name: self._column(cells, f) for f in self.table.fields if f.position}
        notices.of_rows(self.table.name, NoticeKind.ROW_LENGTH, "", numbers[~sound], numbers[~sound])
        if self.table.parent:
            taken, found = self._inherited(self.table.parent, columns, chosen, types)
            columns |= taken
            lost = ~found & sound
            notices.of_rows(self.table.name, NoticeKind.ORPHAN, "", numbers[lost], numbers[lost])
        self._remember(columns, numbers, sound)
        kept = pa.array(sound)
        texts = {name: column.filter(kept) for name, column in columns.items()}
        if self._keyed is not None:
            for name, column in texts.items():
                self._keyed[name].append(column)
        return Rows(self.table, texts, numbers[sound], numbers[sound]) if len(chosen) else None

    def with_key(self, name: str) -> Any:
        """A column of all records so far that children name by key."""
        return pa.chunked_array((self._keyed or {})[name], pa.string())

    def _remember(self, columns: dict[str, Any], numbers: NDArray[np.int64], sound: NDArray[np.bool_]) -> None:
        self.columns = {
            name: pa.concat_arrays([before.slice(len(before) - 1), columns[name].cast(pa.string())])
            for name, before in self.columns.items()
        }
        self.numbers = np.append(self.numbers[-1:], numbers)
        self.sound = np.append(self.sound[-1:], sound)

    def _column(self, cells: NDArray[np.uint8], field: Field) -> Any:
        """The text at a field's position."""
        first, last = field.position or (1, 1)
        part = np.ascontiguousarray(cells[:, first - 1 : last])
        count, width = part.shape
        if not count or part.max(initial=0) < 0x80:
            offsets = pa.py_buffer(np.arange(0, (count + 1) * width, width, dtype=np.int32))
            text = pa.StringArray.from_buffers(count, offsets, pa.py_buffer(part))
        else:
            text = pa.array(np.char.decode(part.view(f"S{width}")[:, 0], self._encoding), pa.string())
        if field.type is FieldType.DATE:  # zeros are no date
            return pc.if_else(pc.match_substring_regex(text, "^[0 ]*$"), None, text)
        return text

    def _fits(self, window: _Window, chosen: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which records have their length: blanks may be missing at the end; more may be there if none is declared."""
        lengths = window.lengths[chosen]
        sound = np.ones(len(chosen), np.bool_)
        for field in self.table.fields:
            if field.position and field.type is not FieldType.STRING:
                first, last = field.position
                # the sign behind a number may be a blank
                least = last - int(field.type in (FieldType.NUMBER, FieldType.INTEGER))
                sound &= (lengths < first) | (lengths >= least)
        longer = np.flatnonzero(lengths > self._length)
        if self.table.length:
            sound[longer] = False
        elif len(longer):
            starts = window.starts[chosen][longer]
            filled = np.cumsum(window.buffer != BLANK, dtype=np.int64)
            sound[longer] &= filled[starts + lengths[longer] - 1] == filled[starts + self._length - 1]
        return sound

    def _inherited(
        self, belongs: Parent, columns: dict[str, Any], chosen: Any, types: dict[str, _Type]
    ) -> tuple[dict[str, Any], Any]:
        """What the parent of each record tells, by field, and which records have one."""
        parent = types[belongs.table]
        wanted = {f.name: asked(parent.table, f) for f in self.table.fields if not f.position}
        if belongs.key:
            known = parent.with_key(parent.table.keys[0])
            place = pc.index_in(_trimmed(columns[belongs.key]), value_set=_trimmed(known))
            taken = {name: parent.with_key(source).take(place).combine_chunks() for name, source in wanted.items()}
            return taken, pc.is_valid(place).to_numpy(zero_copy_only=False)
        above = parent.above[chosen]
        found = above > 0
        elder = parent.table.parent
        if elder and not elder.key:  # below a new grandparent the old parent counts no more
            found &= above > types[elder.table].above[chosen]
        at = np.maximum(np.searchsorted(parent.numbers, above, side="right") - 1, 0)
        found &= parent.sound[at]
        places = pa.array(at, mask=~found)
        return {name: parent.columns[source].take(places) for name, source in wanted.items()}, found


def _trimmed(text: Any) -> Any:
    return pc.utf8_trim_whitespace(text)


def asked(parent: Table, field: Field) -> str:
    """The field of the parent that a field takes over, by its name at the source or its own."""
    wanted = field.path.removeprefix(UP)
    return next(f.name for f in parent.fields if wanted in (f.source, f.name))


def _width(table: Table) -> int:
    return max((f.position[1] for f in table.fields if f.position), default=1)


def _matrix(buffer: NDArray[np.uint8], starts: Any, lengths: Any, width: int) -> Any:
    """The first `width` characters of some lines, one row each, with blanks behind their ends."""
    cells = np.lib.stride_tricks.sliding_window_view(buffer, width)[starts]
    short = np.flatnonzero(lengths < width)
    if len(short):
        cells[short] = np.where(np.arange(width) < lengths[short, None], cells[short], np.uint8(BLANK))
    return cells


def _begins(buffer: NDArray[np.uint8], starts: Any, lengths: Any, mark: bytes) -> NDArray[np.bool_]:
    """Which lines begin with a mark."""
    found = lengths >= len(mark)
    for place, character in enumerate(mark):
        found &= buffer[np.minimum(starts + place, len(buffer) - 1)] == character
    return np.asarray(found)


def header_places(contract: Contract) -> HeaderPlaces:
    """Where the first record tells sender, period and production date."""
    return contract.header if contract.header != HeaderPlaces() else HEADER


def _part(line: str, position: str) -> str:
    first, _, last = position.partition("-")
    return line[int(first) - 1 : int(last)].strip() if last else ""


def end_places(totals: tuple[ControlTotal, ...]) -> list[str]:
    """Where the end record tells each total."""
    places, behind = [], COUNT[1] + 1
    for total in totals:
        if total.at or not total.sum:
            places.append(total.at or f"{COUNT[0]}-{COUNT[1]}")
        else:
            places.append(f"{behind}-{behind + SUM - 1}")
            behind += SUM
    return places
