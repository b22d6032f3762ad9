"""What a file tells of its rows, by header, end and companion file, held against the rows that were read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.contract import ControlTotal, FieldType
from flis.delivery.readers.column_types import number
from flis.delivery.readers.notice_kinds import NoticeKind
from flis.delivery.readers.notices import Notices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from flis.catalog.contract import Contract, Dialect, Field

__all__ = ["Announced", "Control", "Counted", "check_companion", "totals_of"]

DIGITS = 38
BEHIND = 9


@dataclass(slots=True)
class Announced:
    """What a file says of itself, as it is written, and how many records the reader saw."""

    sender: str = ""
    period: str = ""
    produced: str = ""
    ended: bool = False
    totals: tuple[str, ...] = ()
    """The control totals, in the order of `totals_of`."""
    records: int = 0


class Counted(msgspec.Struct, frozen=True):
    """The control totals of `totals_of`, as counted from the rows."""

    values: tuple[Decimal, ...] = ()


def totals_of(contract: Contract) -> tuple[ControlTotal, ...]:
    """The control totals that the end of a file or its companion tells; without own ones, records and sums."""
    plain = (ControlTotal(""), *(ControlTotal("", sum=name) for name in contract.dialect.sums))
    return contract.control or (plain if contract.dialect.end or contract.dialect.companion else ())


class Control:
    """Counts rows and sums while a file is read."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._rows: Counter[str] = Counter()
        self._totals = totals_of(contract)
        self._sums = dict.fromkeys((total.sum for total in self._totals if total.sum), Decimal(0))

    def add(self, table: str, batch: Any) -> None:
        """Count the rows of a batch."""
        self._rows[table] += batch.num_rows
        for name in self._sums:
            home, _, column = name.rpartition(".")
            if home in ("", table) and column in batch.schema.names:
                self._sums[name] += Decimal(str(pc.sum(batch.column(column)).as_py() or 0))

    def counted(self, told: Announced) -> Counted:
        """The totals, as the rows have them."""
        return Counted(tuple(self._counted(total, told) for total in self._totals))

    def _counted(self, total: ControlTotal, told: Announced) -> Decimal:
        if total.sum:
            return self._sums[total.sum]
        return Decimal(self._rows[total.count] if total.count else told.records)

    def check(self, told: Announced, notices: Notices) -> None:
        """Notice an end that is missing, or tells something else than the rows; a companion tells for its file."""
        if not self._totals or self._contract.dialect.companion:
            return
        if not told.ended:
            notices.file(NoticeKind.END_MISSING)
            return
        _compare(self._contract, told.totals, self.counted(told), notices)


def check_companion(text: bytes, contract: Contract, name: str, counted: Counted) -> Notices:
    """What is wrong with the companion of the file `name`: its lines tell name, number of records and sums.

    A heading may stand above. The dialect of the contract is that of its companions.
    """
    notices, dialect = Notices(), contract.dialect
    lines = [
        line for line in text.decode(dialect.encoding, "replace").removeprefix("\ufeff").splitlines() if line.strip()
    ]
    told = [[cell.strip().strip(dialect.quote) for cell in line.split(dialect.delimiter)] for line in lines[:2]]
    mine = next((cells for cells in told if cells[0].casefold() == name.casefold()), None)
    if mine is None:
        notices.file(NoticeKind.DISAGREE, field="filnavn")
        return notices
    _compare(contract, mine[1:], counted, notices)
    return notices


def _compare(contract: Contract, told: Sequence[str], counted: Counted, notices: Notices) -> None:
    """Notice which totals are told otherwise than counted."""
    totals = totals_of(contract)
    for total, said, found in zip(totals, (*told, *[""] * len(totals)), counted.values, strict=False):
        if total.sum:
            _check_sum(contract, total.sum, said, found, notices)
        else:
            _check_count(said, int(found), total.count, notices)


def _check_count(said: str, found: int, table: str, notices: Notices) -> None:
    if not said.strip().isdecimal() or int(said.strip()[:20]) != found:
        notices.file(NoticeKind.WRONG_COUNT, field=table or None)


def _check_sum(contract: Contract, name: str, said: str, found: Decimal, notices: Notices) -> None:
    field = _field(contract, name)
    value = _number(field, said, contract.dialect) if field else None
    if value is None or (_behind(found, value, field) != value):
        notices.file(NoticeKind.WRONG_SUM, field=field.source if field else name)


def _behind(found: Decimal, value: Decimal, field: Field | None) -> Decimal:
    """The sum with as many decimals as the file tells, where values are floating: those never add up exactly."""
    floating = field is not None and field.type is FieldType.NUMBER and field.decimal is None
    return round(found, -int(value.as_tuple().exponent)) if floating else found


def _field(contract: Contract, name: str) -> Field | None:
    home, _, column = name.rpartition(".")
    return next((f for t in contract.tables if home in ("", t.name) for f in t.fields if f.name == column), None)


def _number(field: Field, said: str, dialect: Dialect) -> Decimal | None:
    """A sum as the field's values are written; it may have more digits."""
    if field.type in (FieldType.NUMBER, FieldType.INTEGER):
        behind = field.decimal[1] if field.decimal else BEHIND
        field = replace(field, type=FieldType.NUMBER, decimal=(DIGITS, behind))
    plain = said.strip()
    (value,) = number(field, pa.array([plain or None], pa.string()), dialect)[0].to_pylist()
    return None if value is None else Decimal(str(value)).normalize()
