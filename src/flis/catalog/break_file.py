"""Known breaks of an area's figures: days on which a law or a vendor changed what deliveries hold.

`areas/<id>/breaks.yaml` lists them. Rules that compare a period with those before it look no further back than a break.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 -- records read the types of their fields
from typing import TYPE_CHECKING

from flis.catalog.area_file import PHRASE, Phrase
from flis.catalog.area_paths import folder_of, remembered
from flis.catalog.forms import DAY, WORD, Record, listing, plain
from flis.catalog.yaml import read

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from flis.catalog.yaml import YamlEntry

__all__ = ["BREAKS", "Break", "breaks", "read_breaks"]

FILE = "breaks.yaml"


@dataclass(frozen=True, slots=True)
class Break:
    """The first day of the new figures, why they are others, and the fields that it is about; none: everything."""

    day: date
    reason: Phrase
    fields: tuple[str, ...] = ()

    def touches(self, field: str) -> bool:
        """Whether the history of a field begins anew; '' is the number of rows."""
        return not self.fields or field in self.fields


@remembered
def breaks(area: str) -> tuple[Break, ...]:
    """The known breaks of an area; none where it has no such file.

    Raises:
        CatalogError: the file is not as it should be; names file and line.
    """
    file = folder_of(area) / FILE
    return read_breaks(file, f"areas/{area}/{FILE}") if file.is_file() else ()


def read_breaks(file: Traversable, name: str) -> tuple[Break, ...]:
    """The breaks in a file that errors call `name`; raises CatalogError with file and line."""
    return BREAKS.read(read(file, name))


BREAK = Record(
    "break",
    Break,
    {
        "day": (DAY, "The first day of the new figures."),
        "reason": (PHRASE.form, "Why they are others."),
        "fields": (listing(WORD), "The fields that it is about; left out, the whole interface."),
    },
    plain(Break),
    required=("day", "reason"),
)


def _breaks(_: YamlEntry, breaks: tuple[Break, ...]) -> tuple[Break, ...]:
    return breaks


BREAKS: Record[tuple[Break, ...]] = Record(
    "file of breaks",
    Break,
    {"breaks": (listing(BREAK.form), "The breaks of the area.")},
    _breaks,
    required=("breaks",),
)
