"""What can be wrong with a change extract as such; what a defect means for a delivery is for validation to say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LISTED", "Defect", "DefectKind", "Defects"]

LISTED = 1000
"""How many defects of one kind are listed; all are counted."""


class DefectKind(StrEnum):
    """Everything that the reader notices."""

    BYTE_ORDER_MARK = "byte_order_mark"
    """The file starts with a Unicode byte order mark; it should be ISO-8859-1."""
    UTF_8 = "utf_8"
    """A record holds letters written as UTF-8; the file should be ISO-8859-1."""
    OTHER_PRODUCT = "other_product"
    """Most records are not as long as their type: the file is another product of CPR's."""
    MISSING_START = "missing_start"
    """The first record is no start record (000)."""
    DUPLICATE_START = "duplicate_start"
    """A second start record (000)."""
    BAD_START = "bad_start"
    """A field of the start record cannot be read."""
    MISSING_END = "missing_end"
    """No end record (999) came: the file was cut off."""
    DUPLICATE_END = "duplicate_end"
    """A second end record (999)."""
    WRONG_COUNT = "wrong_count"
    """The end record (999) counts another number of records than came."""
    CUT_RECORD = "cut_record"
    """The file ends within a record."""
    RECORD_LENGTH = "record_length"
    """A record is longer or shorter than its type."""
    TRAILING_BLANKS = "trailing_blanks"
    """A record has more blanks at the right than its form; they are left out."""
    UNKNOWN_TYPE = "unknown_type"
    """The layout has no record type of this code."""
    GIVEN_UP = "given_up"
    """Too many broken records without line breaks: the rest of the file was not read."""
    RECORD_ORDER = "record_order"
    """A record comes where records of its type do not belong."""
    MISSING_RECORD = "missing_record"
    """A record or number that every such person has (001, 099, the number after a changed one) did not come."""
    UNEXPECTED_RECORD = "unexpected_record"
    """A record or number came that does not go with the person's status."""
    PERSON_TWICE = "person_twice"
    """A person comes more than once in the file."""
    PERSON_NUMBER = "person_number"
    """A person number does not consist of ten digits."""
    MODULUS_11 = "modulus_11"
    """A person number without valid check digit; such numbers have been given since 2007."""
    NOT_DIGITS = "not_digits"
    """A field of digits holds something else."""
    INVALID_DATE = "invalid_date"
    """A date that no calendar has; it is left empty."""
    NO_CLOCK = "no_clock"
    """A time that no clock has (hour 24 and the like); its day is kept."""
    UNCERTAIN_DATE = "uncertain_date"
    """A date without day or month (the first day that it can be is given, and the last one), or with 99 minutes."""
    ERROR_RECORD = "error_record"
    """CPR answered an order with an error (910)."""
    RECEIPT = "receipt"
    """CPR confirmed an order (997)."""


@dataclass(frozen=True, slots=True, order=True)
class Defect:
    """One finding: where it is and what it is, never a value. Line 0: the file has no lines; record 0: the file."""

    record: int
    line: int
    kind: DefectKind
    field: str = ""


class Defects:
    """Collects defects: all are counted, the first `LISTED` of each kind are kept."""

    def __init__(self) -> None:
        self.totals: Counter[DefectKind] = Counter()
        self.lines = True
        self._listed: list[Defect] = []

    def add(self, kind: DefectKind, records: Iterable[int], count: int, field: str = "") -> None:
        """Note `count` defects of one kind, in the given records."""
        if not count:
            return
        room = max(0, LISTED - self.totals[kind])
        self.totals[kind] += count
        for record, _ in zip(records, range(min(room, count)), strict=False):
            self._listed.append(Defect(int(record), int(record) if self.lines else 0, kind, field))

    def one(self, kind: DefectKind, record: int, field: str = "") -> None:
        """Note one defect."""
        self.add(kind, [record], 1, field)

    def only(self, kind: DefectKind, record: int) -> None:
        """Note one defect that explains all others, in their place."""
        self.totals.clear()
        self._listed.clear()
        self.one(kind, record)

    @property
    def listed(self) -> list[Defect]:
        """The listed defects in the order of the file."""
        return sorted(self._listed)
