"""What only several files of an area show together: patterns that take each other's files, names, codes."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from flis.catalog import contracts
from flis.catalog.area_paths import folder_of
from flis.catalog.break_file import FILE as BREAKS
from flis.catalog.yaml import read
from flis.errors import CatalogError, suggest
from flis.operations.name_check import CONTRACT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.catalog.contract import Contract, Recognition
    from flis.catalog.cube import Dimension

__all__ = ["break_problems", "join_problems", "pattern_problems"]

SAMPLE = {
    "kommune": "0101",
    "maaned": "202501",
    "dato": "20250101",
    "aar": "2025",
    "sekvens": "1",
    "udtraek": "20250101",
}
"""What may stand for a placeholder in the name of a file."""


def pattern_problems(area: str) -> Iterator[CatalogError]:
    """The contracts of an area that recognise the files of another one: the first would take them all."""
    before = [c for c in contracts.all_contracts() if c.area != area]
    folder = folder_of(area)
    for file in sorted(f.name for f in folder.iterdir() if CONTRACT.fullmatch(f.name)):
        place = f"areas/{area}/{file}"
        contract = contracts.parse(folder / file, place)
        other = next((c for c in before if _take_each_other(c.recognition, contract.recognition)), None)
        if other is not None:
            at = next(e for e in read(folder / file, place).leaves() if e.text() in _said(contract))
            told = f"{other.interface} of {other.area} recognises these files, too, and takes them."
            yield at.error(told, "Give each interface a name of its own.")
        before.append(contract)


def break_problems(area: str) -> Iterator[CatalogError]:
    """The fields that breaks.yaml names and that no contract has."""
    known = {field.name for c in contracts.of_area(area) for table in c.tables for field in table.fields}
    known |= {name for c in contracts.of_area(area) for name in c.part}
    for one in read(folder_of(area) / BREAKS, f"areas/{area}/{BREAKS}").fields()["breaks"].items():
        fields = one.fields()
        for name in fields["fields"].items() if "fields" in fields else ():
            if name.text() not in known:
                hint = suggest(name.text(), known) or f"There are: {', '.join(sorted(known))}."
                yield name.error(f"no contract has a field {name.text()}.", hint)


def join_problems(area: str, dimension: Dimension) -> Iterator[CatalogError]:
    """Codes of a list of the area that the list joined to it does not have."""
    for join in dimension.joins:
        table, _, column = join.left.rpartition(".")
        theirs = {row.get(join.right) for _, row in _listed(area, join.table)}
        for line, row in _listed(area, table or dimension.table) if theirs else ():
            code = row.get(column)
            if code and code not in theirs:
                file = f"areas/{area}/codes/{table or dimension.table}.csv"
                told = f"{column} is {code}, which {join.table} does not have."
                yield CatalogError(told, file=file, line=line, hint=suggest(code, filter(None, theirs)))


def _listed(area: str, name: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a code list with their lines; none where it is no list of the area."""
    file = folder_of(area) / "codes" / f"{name}.csv"
    if not file.is_file():
        return []
    rows = csv.DictReader(file.read_text("utf-8").splitlines())
    return [(rows.line_num, row) for row in rows]


def _said(contract: Contract) -> tuple[str, ...]:
    found = contract.recognition
    return (found.name,) if found.name else (found.head,)


def _take_each_other(one: Recognition, other: Recognition) -> bool:
    """Whether a file of one may be known by the other: by its name, and by how it begins."""
    if bool(one.name) != bool(other.name):
        return False
    heads = one.head.startswith(other.head) or other.head.startswith(one.head)
    names = not one.name or one.match(_example(other)) is not None or other.match(_example(one)) is not None
    return heads and names


def _example(found: Recognition) -> str:
    """The name of a file that the pattern knows."""
    return re.sub(r"\{(\w+)\}", lambda place: SAMPLE.get(place[1], ""), found.name)
