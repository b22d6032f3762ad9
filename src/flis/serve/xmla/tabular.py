"""Tables that statements give, with the columns that their XML declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.cube import DataType
from flis.serve.xmla.rowsets.table import TYPES, RowsetColumn, Type
from flis.serve.xmla.values import element_name

if TYPE_CHECKING:
    from flis.query.result import Rowset

__all__ = ["columns_of"]

MIXED = (DataType.INTEGER, DataType.NUMBER)  # values of a measure may be of several types: each says its own


def columns_of(result: Rowset) -> tuple[RowsetColumn, ...]:
    """The columns, each with an element name of its own."""
    taken: dict[str, int] = {}
    found = []
    for column in result.columns:
        element = element_name(column.name) or "column"
        again = taken.get(element, 0)
        taken[element] = again + 1
        name = element if not again else f"{element}{again}"
        kind = Type.ANY if column.type in MIXED else TYPES[column.type]
        found.append(RowsetColumn(column.name, kind, element=name))
    return tuple(found)
