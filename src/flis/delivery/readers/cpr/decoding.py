"""The fields of a window, of all record types, decoded kind by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from flis.delivery.readers.cpr import columns
from flis.delivery.readers.cpr.cells import FieldCells
from flis.delivery.readers.cpr.defects import DefectKind
from flis.delivery.readers.cpr.hashes import PersonHashes

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from flis.delivery.readers.cpr.defects import Defects
    from flis.delivery.readers.cpr.layout import FieldLayout

__all__ = ["CellPlace", "Decoding", "FieldKind"]


class FieldKind(NamedTuple):
    """What decides how a field is decoded: fields that agree in it are decoded together."""

    person_number: bool
    date_format: str | None
    letters: str
    length: int

    @classmethod
    def of(cls, field: FieldLayout) -> FieldKind:
        """The kind of a field."""
        return cls(field.is_person_number, field.date_format, field.kind, field.length)


class CellPlace(NamedTuple):
    """Where a field's cells stand among those of its kind."""

    kind: FieldKind
    start: int
    size: int


class Decoding:
    """Decodes many fields at once: first every field is added, which gives its place; after `resolve` its column."""

    def __init__(self, key: bytes, defects: Defects) -> None:
        self.hashes = PersonHashes(key)
        self._defects = defects
        self._cells: dict[FieldKind, FieldCells] = {}
        self._columns: dict[FieldKind, Any] = {}
        self._latest: dict[FieldKind, Any] = {}

    def add(
        self, kind: FieldKind, field: FieldLayout, rows: NDArray[np.uint8], records: NDArray[np.int64]
    ) -> CellPlace:
        """Take a field in some rows, whose record numbers are given."""
        return CellPlace(kind, self._cells.setdefault(kind, FieldCells()).add(field, rows, records), len(rows))

    def column(self, place: CellPlace) -> Any:
        """The column of a field."""
        return _part(self._columns[place.kind], place)

    def latest(self, place: CellPlace) -> Any:
        """The last days that the dates of a field can be; null where the day is told."""
        return _part(self._latest[place.kind], place)

    def resolve(self) -> None:
        """Decode everything that was added, and note what is wrong in it."""
        waiting = {kind: self._decode(kind, cells) for kind, cells in self._cells.items()}
        self.hashes.resolve()
        self._columns = {kind: column() for kind, column in waiting.items()}

    def _decode(self, kind: FieldKind, cells: FieldCells) -> Callable[[], Any]:
        if kind.person_number:
            numbers, strange = columns.numbers(cells)
            self._note(DefectKind.PERSON_NUMBER, cells, strange)
            return self.hashes.add(numbers)
        if kind.date_format is not None:
            dates = columns.dates(cells)
            self._note(DefectKind.INVALID_DATE, cells, dates.invalid)
            self._note(DefectKind.UNCERTAIN_DATE, cells, dates.uncertain)
            self._note(DefectKind.NO_CLOCK, cells, dates.no_clock)
            self._latest[kind] = dates.latest
            return lambda: dates.column
        characters = cells.characters()
        if kind.letters == "N":
            self._note(DefectKind.NOT_DIGITS, cells, columns.not_digits(characters))
        text = columns.text(characters)
        return lambda: text

    def _note(self, kind: DefectKind, cells: FieldCells, places: NDArray[np.int64]) -> None:
        if len(places):
            for field, records in cells.owners(places):
                self._defects.add(kind, records, len(records), field)


def _part(column: Any, place: CellPlace) -> Any:
    # A copy: what is given out must not keep the whole window's column in memory.
    return pa.concat_arrays([column.slice(place.start, place.size)])
