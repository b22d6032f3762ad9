"""What every reader of a format is: bytes in; typed columns, a header, counts and faults out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flis.catalog.contract import Table
    from flis.delivery.model import Fault, Header
    from flis.delivery.recognition import Recognised

__all__ = ["FileRecords", "Reader", "Rows"]


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
