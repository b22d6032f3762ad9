"""A cell set as a table: the levels of the row axes as columns, then a column per tuple of the first axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.catalog.cube import DataType
from flis.query.result import CellError, Column, MemberProperty, Rowset

if TYPE_CHECKING:
    from flis.query.limits import Limits
    from flis.query.result import Axis, Cells, CellSet

__all__ = ["flattened"]

CAPTION = MemberProperty("MEMBER_CAPTION", "")  # of every level, where no property is asked for


def flattened(found: CellSet, limits: Limits) -> Rowset:
    """The flattened rowset that Analysis Services documents: the All level has no column, the last axis comes first."""
    columns: list[Column] = []
    data: list[list[Any]] = []
    rows = 1
    for axis in found.axes[1:]:
        rows *= len(axis)
    limits.hold("rows", rows)
    inner = rows
    for axis in reversed(found.axes[1:]):
        inner //= max(len(axis), 1)
        at = np.tile(np.repeat(np.arange(len(axis)), inner), rows // (inner * len(axis))) if rows else np.zeros(0, int)
        for i in range(len(axis.hierarchies)):
            _levels(axis, i, at, language=found.language, columns=columns, data=data)
    _cells(found, rows, columns, data)
    return Rowset(tuple(columns), tuple(data))


def _levels(
    axis: Axis, place: int, at: np.ndarray[Any, Any], *, language: str, columns: list[Column], data: list[list[Any]]
) -> None:
    """The properties asked for, else the caption, of each level down to the deepest that occurs."""
    on = axis.hierarchies[place]
    members, column = on.members, axis.columns[place]
    depths = members.level_numbers(column)
    for level in members.hierarchy.levels[: int(depths.max(initial=0)) + 1]:
        if level.is_all and len(members.hierarchy.levels) > 1:
            continue
        above = column.copy()
        while (deeper := members.level_numbers(above) > level.number).any():
            above = np.where(deeper, members.parents(above), above).astype(np.int32)
        here = members.level_numbers(above) == level.number
        for p in on.properties or (CAPTION,):
            if p.level and p.level != level.unique_name:
                continue
            said = members.values(p.name, above, language)
            columns.append(Column(f"{level.unique_name}.[{p.name}]", p.type))
            data.append([said[i] if here[i] else None for i in at.tolist()])


def _cells(found: CellSet, rows: int, columns: list[Column], data: list[list[Any]]) -> None:
    """The values: a column per tuple of the first axis, named by its members."""
    cells = found.cells
    if not found.axes:
        name = ".".join(found.slicer.unique_names(0)[:1]) if found.slicer.hierarchies else "[Measures]"
        columns.append(Column(name, _type(cells)))
        data.append([_value(cells, 0)])
        return
    first = found.axes[0]
    names = [".".join(t) for t in zip(*(first.unique_names(i) for i in range(len(first.hierarchies))), strict=True)]
    width = len(first)
    for i, name in enumerate(names):
        columns.append(Column(name, _type(cells)))
        data.append([_value(cells, i + row * width) for row in range(rows)])


def _value(cells: Cells, ordinal: int) -> Any:
    reason = cells.errors.get(ordinal) if cells.errors else None
    return cells.value(ordinal) if reason is None else CellError(reason)


def _type(cells: Cells) -> DataType:
    """The type of the values; of a column of numbers each says its own, which leaves room for errors."""
    return DataType.NUMBER if cells.errors or cells.values.dtype == np.float64 else DataType.TEXT
