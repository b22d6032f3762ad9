"""What readers notice in a file, by kind and place; never with a value."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.delivery.model import Fault
from flis.delivery.readers.notice_kinds import LISTED
from flis.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.delivery.readers.notice_kinds import NoticeKind

__all__ = ["Notices", "UnreadableError"]


class UnreadableError(DeliveryError):
    """The rest of the file cannot be read."""

    def __init__(
        self, kind: NoticeKind, *, record: int | None = None, line: int | None = None, field: str | None = None
    ) -> None:
        super().__init__("The rest of the file cannot be read.")
        self.fault = Fault(kind.value, record, line, field)


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

    def of_lines(self, kind: NoticeKind, lines: Any) -> None:
        """Note a fault of some lines that are no rows of a table."""
        room = max(LISTED - self.totals[kind.value], 0)
        self.listed += [Fault(kind.value, None, int(line)) for line in lines[:room]]
        if len(lines):
            self.totals[kind.value] += len(lines)

    def of_rows(
        self, table: str, kind: NoticeKind, field: str, records: Iterable[int], lines: Iterable[int] | None = None
    ) -> None:
        """Note a fault of some rows, by their numbers in the file and, where they are known, their lines."""
        numbers = np.asarray(records, np.int64)
        if not len(numbers):
            return
        room = max(LISTED - self.totals[kind.value], 0)
        places = [None] * room if lines is None else [int(n) for n in np.asarray(lines)[:room]]
        found = zip(numbers[:room].tolist(), places, strict=False)
        self.listed += [Fault(kind.value, record, line, field) for record, line in found]
        self.totals[kind.value] += len(numbers)
        self.rows.setdefault((table, kind.value, field), []).append(numbers)
