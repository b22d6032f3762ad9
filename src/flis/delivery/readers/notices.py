"""What readers notice in a file, by kind and place; never with a value."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.model import Fault
from flis.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LISTED", "NoticeKind", "Notices", "UnreadableError"]

LISTED = 20
"""So many faults of each kind are listed; all are counted."""


class NoticeKind(StrEnum):
    """Kinds of faults of a file or of its rows. The rules about them are those of `flis.validation.general`."""

    ENCODING = "encoding"  # bytes that the declared encoding does not have, or a byte order mark too few or too many
    COLUMN_MISSING = "column-missing"
    COLUMN_ADDED = "column-added"
    END_MISSING = "end-missing"
    WRONG_COUNT = "wrong-count"
    WRONG_SUM = "wrong-sum"
    DISAGREE = "disagree"  # the file's name, header and rows tell different senders or periods
    NO_SUCH_DAY = "no-such-day"  # a day or month in the file's name that no calendar has
    SYNTAX = "syntax"  # what no reader of the format can read
    LIMIT = "limit"  # deeper or larger than the contract allows
    RECORD_TYPE = "record-type"
    ROW_LENGTH = "row-length"  # a row of more or fewer values than there are columns
    REQUIRED = "required"
    TYPE = "type"
    PERSON_NUMBER = "person-number"
    CHECK_DIGIT = "check-digit"


class UnreadableError(DeliveryError):
    """The rest of the file cannot be read."""

    def __init__(self, kind: NoticeKind, *, record: int | None = None, line: int | None = None) -> None:
        super().__init__("The rest of the file cannot be read.")
        self.fault = Fault(kind.value, record, line)


class Notices:
    """Collects faults: the first of each kind, how many there are, and which rows of which table they are about."""

    def __init__(self) -> None:
        self.listed: list[Fault] = []
        self.totals: Counter[str] = Counter()
        self.rows: dict[tuple[str, str, str], list[np.ndarray]] = {}
        """The numbers of rows by table, kind and field."""

    def add(self, fault: Fault, count: int = 1) -> None:
        """Note a fault."""
        if self.totals[fault.kind] < LISTED:
            self.listed.append(fault)
        self.totals[fault.kind] += count

    def file(self, kind: NoticeKind, *, field: str | None = None, line: int | None = None) -> None:
        """Note a fault of the file."""
        self.add(Fault(kind.value, None, line, field))

    def of_rows(self, table: str, kind: NoticeKind, field: str, records: Iterable[int]) -> None:
        """Note a fault of some rows, by their numbers in the file."""
        numbers = np.asarray(records, np.int64)
        if not len(numbers):
            return
        room = max(LISTED - self.totals[kind.value], 0)
        self.listed += [Fault(kind.value, int(n), None, field) for n in numbers[:room]]
        self.totals[kind.value] += len(numbers)
        self.rows.setdefault((table, kind.value, field), []).append(numbers)
