"""Fields of one kind, of whatever record types, laid one below the other.

A call into NumPy costs about the same for ten values as for a thousand, and a window holds some eighty fields of few
kinds: so what is of one kind is decoded together, and each field gets its own part of the column back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from flis.delivery.readers.cpr.digits import sides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from flis.delivery.readers.cpr.layout import FieldLayout

__all__ = ["FieldCells"]


class _Part(NamedTuple):
    """A field in the rows of its record type, the rows' numbers in the file, and the place of the first one's cell."""

    field: FieldLayout
    rows: NDArray[np.uint8]
    records: NDArray[np.int64]
    start: int


class FieldCells:
    """The characters of fields of one length and format, one cell for each row of each field."""

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._size = 0

    @property
    def field(self) -> FieldLayout:
        """The first field: the others are of its length and format."""
        return self._parts[0].field

    def add(self, field: FieldLayout, rows: NDArray[np.uint8], records: NDArray[np.int64]) -> int:
        """Put a field of some rows (one at least) below what is there, and tell where its cells begin."""
        start = self._size
        self._parts.append(_Part(field, rows, records, start))
        self._size += len(rows)
        return start

    def words(self, dtype: str, place: int = 0) -> NDArray[Any]:
        """The characters from `place` on in each cell as one value, laid side by side."""
        return np.concatenate([sides(part.rows, part.field.offset + place, dtype) for part in self._parts])

    def characters(self) -> NDArray[np.uint8]:
        """The characters, one row for each cell."""
        length = self.field.length
        return self.words(f"V{length}").view(np.uint8).reshape(-1, length)

    def owners(self, places: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """To which field and records the given places belong, which ascend."""
        bounds = np.searchsorted(places, [part.start for part in self._parts[1:]])
        for part, mine in zip(self._parts, np.split(places, bounds), strict=True):
            if len(mine):
                yield part.field.name, part.records[mine - part.start]
