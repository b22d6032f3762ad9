"""Code lists of an area's source: what a code means, in Danish and English, and when it was valid.

A list is a CSV file, `areas/<area>/codes/<list>.csv`; `PROVENANCE.md` there says where it comes from.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flis.catalog.area_file import Phrase
from flis.catalog.area_paths import folder_of, remembered
from flis.errors import CatalogError, NotFoundError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ["Code", "CodeList", "load", "parse"]

COLUMNS = ("code", "da", "en", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Code:
    """A code, its meaning, its first and last day (None: no limit known), and what else the list says of it."""

    code: str
    text: Phrase
    valid_from: date | None
    valid_to: date | None
    more: Mapping[str, str]

    def valid(self, day: date) -> bool:
        """Whether the code could be given on `day`."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


class CodeList(Mapping[str, Code]):
    """The codes of a list, in its order.

    >>> load("borger", "countries")["5704"].text["da"]
    'Ukraine'
    """

    def __init__(self, name: str, codes: Mapping[str, Code]) -> None:
        self.name = name
        self._codes = codes

    def __getitem__(self, code: str) -> Code:
        return self._codes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def text(self, code: str, language: str = "da") -> str:
        """What a code means; the code itself where the list does not have it."""
        known = self._codes.get(code)
        return known.text[language] if known else code


@remembered
def load(area: str, name: str) -> CodeList:
    """The code list `name` of an area.

    Raises:
        NotFoundError: the area has no such list.
        CatalogError: the list is wrong; names file and line.
    """
    folder = folder_of(area) / "codes"
    names = (
        [f.name.removesuffix(".csv") for f in folder.iterdir() if f.name.endswith(".csv")] if folder.is_dir() else []
    )
    if name not in names:
        raise NotFoundError(f"The area {area} has no code list {name}.", hint=suggest(name, names))
    return parse(folder / f"{name}.csv", name, f"areas/{area}/codes/{name}.csv")


def parse(path: Traversable, name: str, place: str = "") -> CodeList:
    """The code list in a CSV file that errors call `place` (default: its name without its folder).

    Raises:
        CatalogError: a column is missing, a code comes twice, a day is no date; names file and line.
    """
    place = place or path.name
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise CatalogError(f"the column {missing[0]} is missing.", file=place, line=1)
    codes: dict[str, Code] = {}
    for row in rows:
        if None in row or None in row.values():
            raise CatalogError("a row has more or fewer values than there are columns.", file=place, line=rows.line_num)
        if row["code"] in codes:
            raise CatalogError(f"the code {row['code']} is given twice.", file=place, line=rows.line_num)
        codes[row["code"]] = _code(row, place, rows.line_num)
    return CodeList(name, codes)


def _code(row: Mapping[str, str], file: str, line: int) -> Code:
    try:
        first, last = (date.fromisoformat(row[c]) if row[c] else None for c in ("valid_from", "valid_to"))
    except ValueError:
        raise CatalogError("a day is no date (YYYY-MM-DD).", file=file, line=line) from None
    if first and last and first > last:
        raise CatalogError("valid_to lies before valid_from.", file=file, line=line)
    for column in ("da", "en"):
        if not row[column].strip():
            raise CatalogError(f"the column {column} is empty.", file=file, line=line)
    more = {column: value for column, value in row.items() if column not in COLUMNS}
    return Code(row["code"], Phrase(row["da"], row["en"]), first, last, more)
