"""Transformations: one `.sql` file each, a SELECT with typed inputs and one typed output.

The head of a file is a comment: a sentence or two, then what goes in and what comes out, by name and type::

    -- Who lived where.
    -- in person: person BLOB, died DATE
    -- out residence: person BLOB, kommune VARCHAR, valid_from DATE,
    --    valid_to DATE
    SELECT …
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.catalog.area_folders import folder_of, remembered, step_place, steps_of
from flis.errors import CatalogError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

__all__ = ["Transformation", "columns", "transformation", "transformations"]

Columns = dict[str, str]
"""The columns of a table: name -> SQL type, in order."""

_DECLARATION = re.compile(r"^-- (in|out) (\w+): (.+)$")
_CONTINUED = re.compile(r"^--    (.+)$")
_COLUMN = re.compile(r"^(\w+) (\w+)$")


@dataclass(frozen=True, slots=True)
class Transformation:
    """One `.sql` file: its inputs and its output with their types, and the SELECT."""

    area: str
    name: str
    inputs: Mapping[str, Columns]
    output: Columns
    select: str


@remembered
def transformation(area: str, name: str) -> Transformation:
    """The transformation `<name>.sql` of an area, which lies in its folder or in `steps` there.

    Raises:
        CatalogError: no such file, or its head does not say what goes in and comes out.
    """
    found = steps_of(folder_of(area))
    if name not in found:
        raise CatalogError(f"There is no transformation {name} in the area {area}.", hint=suggest(name, found))
    return _parse(area, found[name], found[name].read_text("utf-8").splitlines())


def transformations(area: str) -> list[Transformation]:
    """All transformations of an area, by name."""
    return [transformation(area, name) for name in steps_of(folder_of(area))]


def columns(steps: Sequence[Transformation], table: str) -> Columns:
    """The columns of `table` that any of the `steps` reads."""
    wanted: Columns = {}
    for step in steps:
        wanted |= step.inputs.get(table, {})
    return wanted


def _parse(area: str, file: Traversable, lines: list[str]) -> Transformation:
    where, name = step_place(area, file), file.name.removesuffix(".sql")
    head, body = _split(lines)
    declared: list[tuple[str, str, Columns]] = []
    for number, line in head:
        if found := _DECLARATION.match(line):
            declared.append((found[1], found[2], _columns(where, number, found[3])))
        elif declared and (more := _CONTINUED.match(line)):
            declared[-1][2].update(_columns(where, number, more[1]))
    outputs = [(table, cols) for way, table, cols in declared if way == "out"]
    if len(outputs) != 1 or outputs[0][0] != name:
        raise CatalogError("The head has to name one output, called as the file.", file=where, line=1)
    inputs = {table: cols for way, table, cols in declared if way == "in"}
    return Transformation(area, name, inputs, outputs[0][1], "\n".join(body))


def _split(lines: list[str]) -> tuple[list[tuple[int, str]], list[str]]:
    first = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return list(enumerate(lines[:first], 1)), lines[first:]


def _columns(where: str, line: int, text: str) -> Columns:
    found: Columns = {}
    for part in text.rstrip(",").split(", "):
        column = _COLUMN.match(part)
        if column is None:
            raise CatalogError("A column is declared as `name TYPE`.", file=where, line=line)
        found[column[1]] = column[2]
    return found
