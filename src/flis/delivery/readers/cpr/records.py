"""The CPR reader as one of the readers of all formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flis.delivery.model import Fault, Header
from flis.delivery.readers.cpr.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flis.delivery.recognition import Recognised

__all__ = ["CprRecords"]


class CprRecords:
    """The records of a change extract that the contract keeps."""

    def __init__(self, chunks: Iterable[bytes], found: Recognised, person_key: bytes) -> None:
        self._reading = read(chunks, found.contract.kept, person_key)
        self._interface = found.contract.interface

    def batches(self) -> Iterator[tuple[str, Any]]:
        """The records as (record type, Arrow record batch)."""
        return self._reading.batches()

    @property
    def header(self) -> Header:
        """The start record and the counts."""
        start, summary = self._reading.header, self._reading.summary
        return Header(
            form=str(self._reading.form),
            interface=self._interface,
            period=str(start.produced or "") if start else "",
            sequence=start.opgavenr if start and start.opgavenr.isdecimal() else "",
            produced=start.produced if start else None,
            previous=start.previous if start else None,
            records=summary.records,
            persons=summary.persons,
            types=dict(summary.types),
            error_records=summary.errors910,
            receipts=summary.receipts997,
            faults={kind.value: count for kind, count in self._reading.totals.items()},
            imprecise=dict(summary.imprecise),
        )

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The first defects of each kind."""
        found = self._reading.defects
        return tuple(Fault(d.kind.value, d.record or None, d.line or None, d.field or None) for d in found)

    @property
    def faulty_rows(self) -> Mapping[tuple[str, str, str], list[Any]]:
        """None: a person is told anew as a whole, so no row alone is held back."""
        return {}
