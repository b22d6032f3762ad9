"""What every reader of a format is: bytes in; typed columns, a header, counts and faults out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flis.catalog.contract import Table
    from flis.delivery.model import Fault
    from flis.delivery.recognition import Recognised

__all__ = ["FileRecords", "Header", "Reader", "Rows"]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself, and what was counted while reading it."""

    form: str = ""
    interface: str = ""
    sender: str = ""
    period: str = ""
    number: int = 1
    sequence: str = ""
    produced: date | None = None
    previous: date | None = None
    records: int = 0
    persons: int = 0
    types: dict[str, int] = {}
    error_records: int = 0
    receipts: int = 0
    faults: dict[str, int] = {}
    imprecise: dict[str, int] = {}
    awaits: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table: columns of text by field, the numbers of the rows, and their lines where they have some."""

    table: Table
    texts: Mapping[str, Any]
    ordinals: Any
    lines: Any = None


class FileRecords(Protocol):
    """A file being read: first all `batches`, then everything that is known about it."""

    def batches(self) -> Iterator[tuple[str, Any]]:
        """The records as (table, Arrow record batch); persons are hashed."""

    @property
    def header(self) -> Header:
        """What the file says of itself, and the counts."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The first faults of each kind."""

    @property
    def faulty_rows(self) -> Mapping[tuple[str, str, str], list[Any]]:
        """The numbers of rows that something is wrong in, by table, kind and field; nothing where rows are not held."""


class Reader(Protocol):
    """Reads files of one format. Memory is bounded, and nothing that the bytes hold makes it raise."""

    def __call__(self, chunks: Iterable[bytes], found: Recognised, person_key: bytes) -> FileRecords:
        """The records of a file that was recognised; nothing is read yet."""
