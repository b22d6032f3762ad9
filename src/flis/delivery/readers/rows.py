"""Rows of text, as any reader but CPR's finds them in a file, become what every reader gives."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.contract import PLACEHOLDERS
from flis.clock import day_of
from flis.delivery.model import Header
from flis.delivery.readers.column_types import typed
from flis.delivery.readers.control import Announced, Control
from flis.delivery.readers.notice_kinds import NoticeKind
from flis.delivery.readers.notices import Notices, UnreadableError
from flis.delivery.recognition import first_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flis.catalog.contract import Contract
    from flis.delivery.model import Fault
    from flis.delivery.readers.control import Counted
    from flis.delivery.readers.reader import Rows
    from flis.delivery.recognition import Recognised

__all__ = ["RowRecords", "RowSource"]

HEADER = "header"
PERIODS = ("maaned", "dato", "aar")
MUNICIPALITY = re.compile(r"\d{4}", re.ASCII)
"""Whom a file may name as its sender: any other text might hold anything."""


class RowSource(Protocol):
    """Finds the rows in files of one format."""

    def __call__(self, chunks: Iterable[bytes], found: Recognised, notices: Notices, told: Announced) -> Iterator[Rows]:
        """The rows in blocks; what the file says of itself is put into `told`, complete after the last block.

        Raises:
            UnreadableError: the rest of the file cannot be read.
        """


class RowRecords:
    """The typed rows of a file, and what was noticed."""

    def __init__(self, source: RowSource, chunks: Iterable[bytes], found: Recognised, person_key: bytes) -> None:
        self._source, self._chunks, self._found, self._key = source, chunks, found, person_key
        self._notices, self._told, self._types = Notices(), Announced(), Counter[str]()
        self._control = Control(found.contract)
        self._newest: date | None = None

    def batches(self) -> Iterator[tuple[str, Any]]:
        """The rows as (table, Arrow record batch)."""
        contract = self._found.contract
        try:
            for rows in self._source(self._chunks, self._found, self._notices, self._told):
                batch = typed(
                    rows, self._given(), dialect=contract.dialect, notices=self._notices, person_key=self._key
                )
                self._types[rows.table.name] += batch.num_rows
                self._control.add(rows.table.name, batch)
                self._agree(rows, batch)
                self._know(batch)
                yield rows.table.name, batch
            self._control.check(self._told, self._notices)
        except UnreadableError as problem:
            self._notices.add(problem.fault)
        self._agree_header()

    @property
    def header(self) -> Header:
        """What the name and the file say, and the counts."""
        found = self._found
        return Header(
            form=str(found.contract.format),
            interface=found.contract.interface,
            sender=self._sender(),
            period=found.period or _plain_period(self._told.period),
            number=int(found.told.get("sekvens", "1")),
            produced=self._produced(),
            records=sum(self._types.values()),
            types=dict(self._types),
            faults=dict(self._notices.totals),
        )

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The first faults of each kind."""
        return tuple(self._notices.listed)

    @property
    def faulty_rows(self) -> Mapping[tuple[str, str, str], list[Any]]:
        """The numbers of rows that something is wrong in, by table, kind and field."""
        return self._notices.rows

    @property
    def counted(self) -> Counted:
        """The control totals, for a companion file."""
        return self._control.counted(self._told)

    def _given(self) -> dict[str, Any]:
        """The columns that rows lack: the file's name tells them, else its header."""
        day = first_day(_plain_period(self._told.period).replace("-", ""))
        header: dict[str, Any] = dict.fromkeys(PERIODS, day)
        header["kommune"] = self._sender() or None
        return {name: header[name] if value is None else value for name, value in self._found.given.items()}

    def _sender(self) -> str:
        told = self._told.sender
        return self._found.sender or (told if MUNICIPALITY.fullmatch(told) else "")

    def _produced(self) -> date | None:
        """The day from which the content is known; None: that of the receipt."""
        known = self._found.contract.known
        if known in PLACEHOLDERS:
            return first_day(self._found.told.get(known, "").replace("-", ""))
        if known not in ("", HEADER):
            return self._newest
        told = _day(self._told.produced, self._found.contract)
        return told if told or known == HEADER else self._found.extracted

    def _know(self, batch: Any) -> None:
        """Keep the latest day of the field by which the content is known."""
        known = self._found.contract.known
        if known not in batch.schema.names or known in PLACEHOLDERS:
            return
        latest = pc.max(batch.column(known)).as_py()
        if isinstance(latest, datetime):
            latest = day_of(latest)
        if isinstance(latest, date):
            self._newest = max(self._newest or latest, latest)

    def _agree(self, rows: Rows, batch: Any) -> None:
        """Notice rows of another municipality or month than the file's name tells."""
        told = self._found.told
        for name, value in (("kommune", told.get("kommune")), ("maaned", self._found.first)):
            if (
                name in told
                and rows.table.field(name)
                and pc.any(pc.not_equal(batch.column(name), pa.scalar(value))).as_py()
            ):
                self._notices.file(NoticeKind.DISAGREE, field=name)

    def _agree_header(self) -> None:
        """Notice days that no calendar has, and a header that tells something else than the name."""
        found, told, notices = self._found, self._told, self._notices
        for text, day in ((found.period, found.first), (found.told.get("udtraek"), found.extracted)):
            if text and day is None:
                notices.file(NoticeKind.NO_SUCH_DAY)
        if told.produced and _day(told.produced, found.contract) is None:
            notices.file(NoticeKind.NO_SUCH_DAY, field="produced")
        if told.sender and found.sender and told.sender != found.sender:
            notices.file(NoticeKind.DISAGREE, field="sender")
        period = _plain_period(told.period)
        if told.period and not period:
            notices.file(NoticeKind.NO_SUCH_DAY, field="period")
        elif period and found.period and period != found.period:
            notices.file(NoticeKind.DISAGREE, field="period")


def _plain_period(told: str) -> str:
    """A period as it is kept: `2025`, `2025-08`, `2025-08-31`; empty where no calendar has it."""
    digits = told.replace("-", "")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) not in (4, 6, 8) or first_day(digits) is None:
        return ""
    return "-".join(filter(None, (digits[:4], digits[4:6], digits[6:])))


def _day(told: str, contract: Contract) -> date | None:
    """The day of a header: as the dialect writes dates, or a moment with its offset."""
    try:
        return datetime.strptime(told, contract.dialect.dates).date()  # noqa: DTZ007 -- a day of the calendar
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return None
    return day_of(moment) if moment.tzinfo else moment.date()
