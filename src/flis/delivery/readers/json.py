"""The readers of JSON: one document, or one object a line. Lists in objects become tables of their own.

Rows are decoded into objects that have the values of the contract only; whatever else the file holds is skipped.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from flis.catalog.contract import FileFormat
from flis.delivery.readers.notice_kinds import NoticeKind
from flis.delivery.readers.notices import UnreadableError
from flis.delivery.readers.paths import field_path, steps_of
from flis.delivery.readers.reader import Rows
from flis.delivery.readers.text import unpacked, utf8, whole_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from flis.catalog.contract import Contract, Table
    from flis.delivery.readers.control import Announced
    from flis.delivery.readers.notices import Notices
    from flis.delivery.recognition import Recognised

__all__ = ["json_rows", "ndjson_rows", "place_of"]

BLOCK = 1 << 22
WHOLE = 1 << 28
"""A document is read as a whole, so it is no larger than this."""
ROWS = 1 << 16
"""Rows of a document that are handed on together."""
EXPONENT = 400
"""Larger exponents are not written out."""


def ndjson_rows(chunks: Iterable[bytes], found: Recognised, notices: Notices, told: Announced) -> Iterator[Rows]:
    """The rows of a file with one object a line, in blocks.

    Raises:
        UnreadableError: the rest of the file cannot be read.
    """
    contract = found.contract
    tree = _Tree(found, {t.name: place_of(t, first=t is contract.tables[0]) for t in contract.tables})
    reading = _Reading(contract, tree, notices, told)
    line = 1
    for block, _ in whole_lines(utf8(unpacked(chunks, contract.dialect.limit), contract.dialect), BLOCK):
        records, lines = _decoded(block, line, tree.decoder, reading)
        line += block.count(b"\n")
        yield from reading.rows(records, lines, lines)


def json_rows(chunks: Iterable[bytes], found: Recognised, notices: Notices, told: Announced) -> Iterator[Rows]:
    """The rows of one document: the items of its list, or lists that lie in its object.

    Raises:
        UnreadableError: the rest of the file cannot be read.
    """
    contract = found.contract
    document = bytearray()
    for block in utf8(unpacked(chunks, min(contract.dialect.limit, WHOLE)), contract.dialect):
        document += block
    is_list = document.lstrip()[:1] == b"["
    places = {t.name: place_of(t, first=is_list and t is contract.tables[0]) for t in contract.tables}
    tree = _Tree(found, places)
    _check_depth(bytes(document), contract.dialect.depth, 1)
    decoder = msgspec.json.Decoder(list[tree.kind], float_hook=_plain) if is_list else tree.decoder  # type: ignore[name-defined]
    try:
        records = decoder.decode(document)
    except (msgspec.MsgspecError, RecursionError):
        raise UnreadableError(NoticeKind.SYNTAX) from None
    reading = _Reading(contract, tree, notices, told)
    if not is_list:
        yield from reading.rows([records], np.ones(1, np.int64), None)
        return
    for start in range(0, len(records), ROWS):
        part = records[start : start + ROWS]
        yield from reading.rows(part, start + 1 + np.arange(len(part)), None)


def place_of(table: Table, *, first: bool) -> tuple[str, ...]:
    """Where the rows of a table lie: at its path; without one in the records themselves, or in the list of its name."""
    if table.path is not None:
        return steps_of(table.path)
    return () if first or table.where else steps_of(table.source)


class _Node:
    """A place in a record: what lies below it, and whether rows of a table do."""

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.is_rows = False

    def at(self, steps: Iterable[str], *, rows: bool = False) -> _Node:
        """The place so many steps down, which is wanted from now on."""
        node = self
        for step in steps:
            node = node.below.setdefault(step, _Node())
            node.is_rows |= rows
        return node

    def kind(self) -> Any:
        """The type that the place is decoded into."""
        if not self.below:
            return Any
        fields = [(_slot(name), node.kind(), None) for name, node in self.below.items()]
        made: Any = msgspec.defstruct("Row", fields, rename={_slot(n): n for n in self.below}, gc=False)
        return list[made | None] | made | None if self.is_rows else made | None


def _slot(name: str) -> str:
    """The attribute that holds a name's value: any text can be a name in JSON."""
    return "f_" + name.encode().hex()


class _Tree:
    """The types that records are decoded into, made from all paths of the contract."""

    def __init__(self, found: Recognised, places: dict[str, tuple[str, ...]]) -> None:
        contract = found.contract
        self.places, self.day = places, found.first
        root = _Node()
        self.header = [steps_of(p) for p in (contract.header.sender, contract.header.period, contract.header.produced)]
        self.totals = [steps_of(total.at) for total in contract.control]
        for steps in (*self.header, *self.totals):
            root.at(steps)
        for table in contract.tables:
            place = places[table.name]
            root.at(place, rows=True)
            for path in (field_path(field, self.day) for field in table.fields):
                root.at((*place[: len(place) - path.up], *path.steps))
            if table.where:
                root.at((*place, *steps_of(table.where.path)))
        root.is_rows = False
        self.kind: Any = root.kind()
        self.decoder: Any = msgspec.json.Decoder(self.kind, float_hook=_plain)


class _Reading:
    """Takes records apart into the rows of all tables."""

    def __init__(self, contract: Contract, tree: _Tree, notices: Notices, told: Announced) -> None:
        self._contract, self._tree, self._notices, self._told = contract, tree, notices, told
        self._counts = dict.fromkeys((t.name for t in contract.tables), 0)

    @property
    def depth(self) -> int:
        """How deep objects and lists may lie in each other."""
        return self._contract.dialect.depth

    def note_broken(self, lines: list[int]) -> None:
        """Notice lines whose objects are not built as the contract says; they are records, too."""
        self._notices.of_rows(self._contract.tables[0].name, NoticeKind.STRUCTURE, "", lines, lines)
        self._told.records += len(lines)

    def rows(self, records: Sequence[Any], ordinals: Any, lines: Any) -> Iterator[Rows]:
        """The rows of some records; those that are header or control record are no rows."""
        records, ordinals, lines = self._own(records, ordinals, lines)
        levels = _Levels(records, ordinals, lines)
        for table in self._contract.tables:
            found = self._table(table, levels)
            if found is not None:
                yield found
        lonely = self._contract.format is FileFormat.NDJSON
        self._told.records = self._told.records + len(records) if lonely else next(iter(self._counts.values()), 0)

    def _own(self, records: Sequence[Any], ordinals: Any, lines: Any) -> tuple[Sequence[Any], Any, Any]:
        """Take out of the records what the file says of itself."""
        told, tree = self._told, self._tree
        of_header = [any(tree.header) and any(_value(r, s) is not None for s in tree.header if s) for r in records[:1]]
        if of_header and of_header[0] and int(ordinals[0]) == 1:
            told.sender, told.period, told.produced = (
                (_text(_value(records[0], steps)) or "") if steps else "" for steps in tree.header
            )
        if not tree.totals and not any(tree.header):
            return records, ordinals, lines
        is_control = [any(_value(r, s) is not None for s in tree.totals) for r in records]
        for place in np.flatnonzero(is_control):
            told.ended = True
            told.totals = tuple(_text(_value(records[int(place)], steps)) or "" for steps in tree.totals)
        if self._contract.format is not FileFormat.NDJSON:
            return records, ordinals, lines
        kept = ~np.asarray(is_control, np.bool_)
        told.ended &= not len(records) or not kept[-1]  # rows behind it are not in its numbers
        if of_header and of_header[0] and int(ordinals[0]) == 1:
            kept[0] = False
        return (
            [r for r, k in zip(records, kept, strict=True) if k],
            ordinals[kept],
            lines if lines is None else lines[kept],
        )

    def _table(self, table: Table, levels: _Levels) -> Rows | None:
        place = self._tree.places[table.name]
        level = levels.at(place)
        count = len(level.items)
        texts, wrong = {}, np.zeros(count, np.bool_)
        first = self._counts[table.name] + 1
        self._counts[table.name] += count
        ordinals = first + np.arange(count) if place else level.ordinals
        for field in table.fields:
            path = field_path(field, self._tree.day)
            texts[field.name], broken = levels.column(place, path.up, path.steps)
            self._notices.of_rows(
                table.name, NoticeKind.STRUCTURE, field.source, ordinals[broken],
                None if level.lines is None else level.lines[broken],
            )  # fmt: skip
            wrong |= broken
        chosen = np.ones(count, np.bool_)
        if table.where:
            told, _ = levels.column(place, 0, steps_of(table.where.path))
            chosen = np.asarray([one == table.where.value for one in told.to_pylist()], np.bool_)
        if not chosen.any():
            return None
        if not chosen.all():
            kept = pa.array(chosen)
            texts = {name: column.filter(kept) for name, column in texts.items()}
        return Rows(table, texts, ordinals[chosen], None if level.lines is None else level.lines[chosen])


class _Level:
    """The rows at one place: the objects, what they lie in, and the records' numbers and lines."""

    def __init__(self, items: Sequence[Any], parents: Any, ordinals: Any, lines: Any) -> None:
        self.items, self.parents, self.ordinals, self.lines = items, parents, ordinals, lines


class _Levels:
    """The rows of some records at every place that is asked for."""

    def __init__(self, records: Sequence[Any], ordinals: Any, lines: Any) -> None:
        self._known: dict[tuple[str, ...], _Level] = {(): _Level(records, None, ordinals, lines)}

    def at(self, place: tuple[str, ...]) -> _Level:
        """The rows at a place, found step by step."""
        if place not in self._known:
            above = self.at(place[:-1])
            items: list[Any] = []
            parents: list[int] = []
            slot = _slot(place[-1])
            for number, item in enumerate(above.items):
                value = None if item is None else getattr(item, slot)
                if type(value) is list:
                    items += value
                    parents += [number] * len(value)
                elif value is not None:
                    items.append(value)
                    parents.append(number)
            index = np.asarray(parents, np.int64)
            lines = None if above.lines is None else above.lines[index]
            self._known[place] = _Level(items, index, above.ordinals[index], lines)
        return self._known[place]

    def column(self, place: tuple[str, ...], up: int, steps: tuple[str, ...]) -> tuple[Any, Any]:
        """The texts that stand `steps` below what is `up` levels above the rows; and where they are no plain values."""
        home = place[: len(place) - up]
        values, broken = _texts(_values(self.at(home).items, steps))
        index = None
        for length in range(len(place), len(home), -1):
            parents = self.at(place[:length]).parents
            index = parents if index is None else parents[index]
        return (values, broken) if index is None else (values.take(pa.array(index)), broken[index])


def _value(item: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if item is None:
            return None
        item = getattr(item, _slot(step))
    return item


def _values(items: Sequence[Any], steps: Sequence[str]) -> list[Any]:
    if not steps:
        return list(items)
    try:
        return list(map(attrgetter(".".join(map(_slot, steps))), items))
    except AttributeError:  # one of the objects on the way is not there
        return [_value(item, steps) for item in items]


def _texts(values: list[Any]) -> tuple[Any, Any]:
    """Values as a column of text; lists and objects are none."""
    try:
        return pa.array(values, pa.string()), np.zeros(len(values), np.bool_)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        broken = np.asarray([isinstance(v, list | dict | msgspec.Struct) for v in values], np.bool_)
        return pa.array(map(_text, values), pa.string()), broken


def _text(value: Any) -> str | None:
    """A plain value as a text; None for what is none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None


def _plain(number: str) -> str:
    """A number with a fraction or an exponent as a text, without the exponent."""
    if "e" not in number.lower():
        return number
    try:
        value = Decimal(number)
    except InvalidOperation:
        return number
    return f"{value:f}" if abs(int(value.as_tuple().exponent)) < EXPONENT else number


def _decoded(block: bytes, first: int, decoder: Any, reading: _Reading) -> tuple[list[Any], Any]:
    """The objects of some lines, and the numbers of their lines."""
    lines = block.split(b"\n")
    numbers = first + np.asarray([n for n, line in enumerate(lines) if line.strip()], np.int64)
    _check_depths(block, lines, reading.depth, first)
    try:
        records = decoder.decode_lines(block)
    except (msgspec.MsgspecError, RecursionError):
        records = []
    if len(records) == len(numbers):
        return records, numbers
    return _one_by_one(lines, first, decoder.decode, reading)


def _one_by_one(
    lines: list[bytes], first: int, decode: Callable[[bytes], Any], reading: _Reading
) -> tuple[list[Any], Any]:
    """The same, line by line, to find what is wrong."""
    records, numbers = [], []
    wrong: list[int] = []
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            records.append(decode(line))
            numbers.append(number)
        except msgspec.ValidationError:
            wrong.append(number)
        except (msgspec.DecodeError, RecursionError):
            raise UnreadableError(NoticeKind.SYNTAX, line=number) from None
    reading.note_broken(wrong)
    return records, np.asarray(numbers, np.int64)


def _check_depths(block: bytes, lines: list[bytes], most: int, first: int) -> None:
    """Look closer at lines with many openings only; most have few."""
    if block.count(b"[") + block.count(b"{") <= most:
        return
    for number, line in enumerate(lines, first):
        if line.count(b"[") + line.count(b"{") > most:
            _check_depth(line, most, number)


def _check_depth(text: bytes, most: int, line: int) -> None:
    """Notice what lies deeper than the contract allows, before anything is decoded."""
    bare = text.replace(rb"\\", b"").replace(rb"\"", b"")
    outside = np.frombuffer(b"".join(bare.split(b'"')[::2]), np.uint8)
    opened = np.isin(outside, np.frombuffer(b"[{", np.uint8)).astype(np.int32)
    closed = np.isin(outside, np.frombuffer(b"]}", np.uint8))
    if (np.cumsum(opened - closed) > most).any():
        raise UnreadableError(NoticeKind.LIMIT, line=line)
