"""The reader of XML: streaming, without document type, entities or network; lists in rows become tables of their own.

Rows are elements. What is not needed any more is forgotten while the file is read, so that memory is bounded.
"""

from __future__ import annotations

import codecs
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from lxml import etree

from flis.delivery.readers.notice_kinds import NoticeKind
from flis.delivery.readers.notices import UnreadableError
from flis.delivery.readers.paths import field_path, steps_of
from flis.delivery.readers.reader import Rows
from flis.delivery.readers.text import unpacked, utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from flis.catalog.contract import Dialect, Field, Table, Where
    from flis.delivery.readers.control import Announced
    from flis.delivery.readers.notices import Notices
    from flis.delivery.recognition import Recognised

__all__ = ["xml_rows"]

PIECE = 1 << 16
ROWS = 1 << 14
"""Rows that are handed on together."""
ROW = 1 << 22
"""The bytes of the largest element that holds rows, and of the largest tag or text."""
AROUND = 10_000
"""So many elements outside of rows are kept, because rows may refer to what lies around them."""
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
ATTRIBUTE = "@"
HEADER = ("sender", "period", "produced")
DOCTYPE = b"<!DOCTYPE"


def xml_rows(chunks: Iterable[bytes], found: Recognised, notices: Notices, told: Announced) -> Iterator[Rows]:
    """The rows of all tables, in blocks.

    Raises:
        UnreadableError: the rest of the file cannot be read.
    """
    dialect = found.contract.dialect
    pieces = _pieces(utf8(unpacked(chunks, dialect.limit), dialect), dialect)
    reading = None
    try:
        first = next(pieces)
        reading = _XmlReading(found, *_outermost(first), notices, told)
        for piece in chain((first,), pieces):
            reading.feed(piece)
            yield from reading.rows(ROWS)
        reading.close()
    except etree.XMLSyntaxError as problem:
        raise UnreadableError(NoticeKind.SYNTAX, line=problem.lineno or None) from None
    finally:
        if reading is not None:
            reading.tell()
    yield from reading.rows(0)


def _parser(events: Any, tags: Iterable[str] | None = None) -> Any:
    """A parser that asks nobody and expands nothing; without a document type there are no entities."""
    options: Any = {
        "encoding": "utf-8",
        "resolve_entities": "internal",  # so that a name that nobody declared is an error with a line
        "load_dtd": False,
        "no_network": True,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }
    return etree.XMLPullParser(events, tag=None if tags is None else tuple(tags), **options)


def _outermost(piece: bytes) -> tuple[Any, str]:
    """The outermost element with its attributes, and the namespace of those in it: its own, or none.

    Raises:
        XMLSyntaxError: this is no XML.
        UnreadableError: a document type is declared, or no element begins in the piece.
    """
    parser = _parser(("start",))
    if DOCTYPE in piece:  # the parser is not to meet what it declares
        raise UnreadableError(NoticeKind.SYNTAX, line=1, field=DOCTYPE.decode())
    parser.feed(piece)
    begun = [element for _, element in islice(parser.read_events(), 2)]
    if not begun:
        parser.close()
        raise UnreadableError(NoticeKind.SYNTAX, line=1)
    qualified = etree.QName(begun[-1]).namespace
    return begun[0], (etree.QName(begun[0]).namespace or "") if qualified else ""


def _pieces(text: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """The text in small pieces; raises UnreadableError where it declares another encoding than the contract."""
    blocks = iter(text)
    head = b""
    for block in blocks:
        head += block
        if len(head) > PIECE:
            break
    declared = DECLARED.match(head)
    if declared and _codec(declared[1].decode()) != _codec(dialect.encoding):
        raise UnreadableError(NoticeKind.ENCODING, line=1)
    for block in chain((head,), blocks):
        for start in range(0, max(len(block), 1), PIECE):
            yield block[start : start + PIECE]


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name


class _XmlReading:
    """Follows the elements of a file and takes rows out of those that have ended."""

    def __init__(self, found: Recognised, root: Any, namespace: str, notices: Notices, told: Announced) -> None:
        self._contract, self._notices, self._told = found.contract, notices, told
        contract = found.contract
        _check_root(contract.dialect, root)
        self._plans = [_XmlPlan(table, namespace, found.first) for table in contract.tables]
        self._tags: dict[str, list[_XmlPlan]] = {}
        for plan in self._plans:
            self._tags.setdefault(plan.tag, []).append(plan)
        self._inside = tuple(self._tags)
        header = contract.header
        self._header = {name: _Spot(getattr(header, name), root.tag) for name in HEADER if getattr(header, name)}
        self._totals = [_Spot(total.at, root.tag) for total in contract.control]
        told_here = {spot.tag for spot in (*self._header.values(), *self._totals)}
        mark = f"{{{namespace}}}" if namespace else ""
        self._parser = _parser(("start", "end"), {*self._tags, *(mark + tag for tag in told_here), root.tag})
        self._root: Any = None
        self._row: Any = None
        """The outermost element that is a row, as long as it has not ended."""
        self._ended: list[Any] = []
        """Rows that are taken apart, and still in memory."""
        self._size = 0
        self._too_deep = etree.XPath(f"boolean({'/'.join('*' * contract.dialect.depth)})")

    def feed(self, piece: bytes) -> None:
        """Parse some more of the file."""
        self._parser.feed(piece)
        self._size += len(piece)
        for event, element in self._parser.read_events():
            self._size *= self._row is not None  # outside of rows, something has begun or ended
            if event == "end":
                self._end(element)
            elif self._row is None:
                self._start(element)
        if self._size > ROW:
            raise UnreadableError(NoticeKind.LIMIT, line=None if self._row is None else self._row.sourceline)
        self._forget()
        self._prune()

    def close(self) -> None:
        """There is no more; raises XMLSyntaxError where an element has not ended."""
        self._parser.close()

    def rows(self, least: int) -> Iterator[Rows]:
        """The rows found so far, where there are at least so many."""
        if sum(len(plan.ordinals) for plan in self._plans) >= least:
            yield from (rows for plan in self._plans if (rows := plan.handed_on(self._notices)))

    def tell(self) -> None:
        """Tell how many records there were: the rows of the first table."""
        self._told.records = self._plans[0].count

    def _start(self, element: Any) -> None:
        if self._root is None:
            self._root = element
        if any(plan.is_row(element) for plan in self._tags.get(element.tag, ())):
            self._row = element

    def _end(self, element: Any) -> None:
        if element is self._row:
            for row in element.iter(*self._inside):
                for plan in self._tags[row.tag]:
                    if plan.is_row(row):
                        plan.add(row)
            self._row = None
            self._ended.append(element)
        elif self._row is None:
            self._look(element)

    def _forget(self) -> None:
        """Free the rows that have ended. The parser goes on at the newest element, which stays, empty, until later."""
        if not self._ended:
            return
        if self._too_deep(self._root):
            raise UnreadableError(NoticeKind.LIMIT, line=self._ended[0].sourceline)
        for element in self._ended:
            if element.getnext() is None:
                element.clear(keep_tail=True)
            elif element.getparent() is not None:
                element.getparent().remove(element)
        self._ended = [
            element for element in self._ended if element.getnext() is None and element.getparent() is not None
        ]

    def _prune(self) -> None:
        """Forget what has ended outside of rows, where it is much: rows refer to little around them."""
        element, depth = self._root, 0
        while element is not None and element is not self._row and len(element):
            depth += 1
            if depth > self._contract.dialect.depth:
                raise UnreadableError(NoticeKind.LIMIT, line=element.sourceline)
            if len(element) > AROUND:
                del element[:-1]
            element = element[-1]

    def _look(self, element: Any) -> None:
        """Read what the file says of itself, where it stands outside of rows."""
        for name, spot in self._header.items():
            if (value := spot.of(element)) is not None:
                setattr(self._told, name, value)
        values = [spot.of(element) for spot in self._totals]
        if any(value is not None for value in values):
            known = (*self._told.totals, *[""] * len(values))
            self._told.ended = True
            self._told.totals = tuple(old if new is None else new for new, old in zip(values, known, strict=False))


class _Spot:
    """A place outside of rows, seen from the outermost element: an element, or an attribute of one."""

    def __init__(self, place: str, root: str) -> None:
        *steps, last = steps_of(place)
        self._attribute = last.removeprefix(ATTRIBUTE) if last.startswith(ATTRIBUTE) else ""
        self._names = steps if self._attribute else [*steps, last]
        self.tag = self._names[-1] if self._names else etree.QName(root).localname

    def of(self, element: Any) -> str | None:
        """The value, where the element is the one."""
        names = [etree.QName(one).localname for one in (element, *element.iterancestors())]
        if names[-2::-1] != self._names:
            return None
        return str(element.get(self._attribute) or "") if self._attribute else (element.text or "").strip()


def _check_root(dialect: Dialect, root: Any) -> None:
    """Another name, namespace or version ends the reading, and so does a document type."""
    tag = etree.QName(root)
    if root.getroottree().docinfo.doctype:
        raise UnreadableError(NoticeKind.SYNTAX, line=1, field=DOCTYPE.decode())
    for name, wanted, found in (
        ("root", dialect.root, tag.localname),
        ("namespace", dialect.namespace, tag.namespace or ""),
        ("version", dialect.version, root.get("version") or ""),
    ):
        if wanted and wanted != found:
            raise UnreadableError(NoticeKind.OTHER_VERSION, line=root.sourceline, field=name)


class _XmlPlan:
    """How the rows of a table are found and taken apart."""

    def __init__(self, table: Table, namespace: str, day: date | None) -> None:
        self.table = table
        self._day = day
        self.count = 0
        self.ordinals: list[int] = []
        self._mark = f"{{{namespace}}}" if namespace else ""
        names = steps_of(table.path or table.source)
        self.tag, self._above = self._mark + names[-1], [self._mark + name for name in reversed(names[:-1])]
        self._lines: list[int] = []
        self._wrong: dict[str, list[tuple[int, int]]] = {}
        self._cells: dict[str, list[str | None]] = {f.name: [] for f in table.fields}
        self._near: list[tuple[Field, str]] = []
        """The fields that are children of the row: most are."""
        self._far: list[tuple[Field, int, list[str], str]] = []
        for field in table.fields:
            self._sort(field)
        self._wanted = {tag for _, tag in self._near}

    def _sort(self, field: Field) -> None:
        up, steps = field_path(field, self._day)
        last = steps[-1] if steps and steps[-1].startswith(ATTRIBUTE) else ""
        down = [self._mark + step for step in (steps[:-1] if last else steps)]
        if not up and not last and len(down) == 1:
            self._near.append((field, down[0]))
        else:
            self._far.append((field, up, down, last.removeprefix(ATTRIBUTE)))

    def is_row(self, element: Any) -> bool:
        """Whether an element with the table's tag lies where rows do."""
        for tag in self._above:
            element = element.getparent()
            if element is None or element.tag != tag:
                return False
        return True

    def add(self, row: Any) -> None:
        """Take a row apart."""
        if self.table.where and not self._is_chosen(row, self.table.where):
            return
        self.count += 1
        self.ordinals.append(self.count)
        self._lines.append(row.sourceline or 0)
        found: dict[str, Any] = {}
        for child in row:
            tag = child.tag
            if tag in self._wanted:
                found[tag] = None if tag in found else child
        for field, tag in self._near:
            self._cells[field.name].append(self._text(field, found[tag]) if tag in found else None)
        for field, up, down, attribute in self._far:
            self._cells[field.name].append(self._reach(field, row, up, down, attribute))

    def _is_chosen(self, row: Any, where: Where) -> bool:
        *down, last = steps_of(where.path)
        if not last.startswith(ATTRIBUTE):
            down, last = [*down, last], ""
        for step in down:
            row = row.find(self._mark + step)
            if row is None:
                return False
        return bool((row.get(last[1:]) if last else (row.text or "").strip()) == where.value)

    def _reach(self, field: Field, row: Any, up: int, down: list[str], attribute: str) -> str | None:
        for _ in range(up):
            row = None if row is None else row.getparent()
        for tag in down:
            below = [] if row is None else list(row.iterchildren(tag))
            if len(below) > 1:
                return self._text(field, None)
            row = below[0] if below else None
        if row is None:
            return None
        return row.get(attribute) if attribute else self._text(field, row)

    def _text(self, field: Field, element: Any) -> str | None:
        """The text of an element; several of them, or others in it, are noticed."""
        if element is not None and not len(element):
            return element.text  # type: ignore[no-any-return]
        self._wrong.setdefault(field.source, []).append((self.ordinals[-1], self._lines[-1]))
        return None

    def handed_on(self, notices: Notices) -> Rows | None:
        """The rows since the last time; None where there are none."""
        if not self.ordinals:
            return None
        for name, places in self._wrong.items():
            numbers, lines = np.asarray(places, np.int64).T
            notices.of_rows(self.table.name, NoticeKind.STRUCTURE, name, numbers, lines)
        texts = {name: pa.array(cells, pa.string()) for name, cells in self._cells.items()}
        rows = Rows(self.table, texts, np.asarray(self.ordinals), np.asarray(self._lines))
        self.ordinals, self._lines, self._wrong = [], [], {}
        self._cells = {name: [] for name in self._cells}
        return rows
