"""Cells: what they declare, and their values, written in blocks straight from the arrays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from flis.serve.xmla.escaping import escaped, text
from flis.serve.xmla.faults import CELL_ERROR
from flis.serve.xmla.values import typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flis.query.result import Cells, CellSet

__all__ = ["cell_data", "cell_info"]

Rows: TypeAlias = "range | list[int]"  # ordinals of cells
Written: TypeAlias = "tuple[str, Sequence[Sequence[object]]]"  # a template, and what its %s stand for, cell by cell

BLOCK = 8192
INT_RANGE, LONG_RANGE = 2.0**31, 2.0**63
KINDS = np.array(["double", "int", "long"], dtype=object)
# cell property: element, type (the value's own where empty)
ELEMENTS = {
    "VALUE": ("Value", ""),
    "FORMATTED_VALUE": ("FmtValue", "xsd:string"),
    "FORMAT": ("Format", "xsd:string"),
    "FORMAT_STRING": ("FormatString", "xsd:string"),
    "LANGUAGE": ("Language", "xsd:unsignedInt"),
    "BACK_COLOR": ("BackColor", "xsd:unsignedInt"),
    "FORE_COLOR": ("ForeColor", "xsd:unsignedInt"),
    "FONT_NAME": ("FontName", "xsd:string"),
    "FONT_SIZE": ("FontSize", "xsd:unsignedShort"),
    "FONT_FLAGS": ("FontFlags", "xsd:int"),
    "CELL_ORDINAL": ("CellOrdinal", "xsd:unsignedInt"),
    "ACTION_TYPE": ("ActionType", "xsd:unsignedInt"),
    "UPDATEABLE": ("Updateable", "xsd:unsignedInt"),
    "SOLVE_ORDER": ("SolveOrder", "xsd:int"),
    "NON_EMPTY_BEHAVIOR": ("NonEmptyBehavior", "xsd:string"),
    "CELL_EVALUATION_LIST": ("CellEvaluationList", "xsd:string"),
}


@lru_cache(maxsize=256)
def cell_info(properties: tuple[str, ...]) -> str:
    """What cells declare."""
    said = ((p, *ELEMENTS[p]) for p in properties if p in ELEMENTS)
    return "".join(f'<{tag} name="{p}" type="{t}"/>' if t else f'<{tag} name="{p}"/>' for p, tag, t in said)


def cell_data(result: CellSet, first: int = 0, last: int = -1) -> Iterator[str]:
    """The cells from `first` to `last` (-1: the end) that hold anything."""
    stop = len(result.cells) if last < 0 else min(last + 1, len(result.cells))
    for start in range(max(first, 0), stop, BLOCK):
        yield _block(result, start, min(start + BLOCK, stop))


def _block(result: CellSet, start: int, stop: int) -> str:
    """One text of all cells: the template of a cell, repeated, with the columns of all properties put in."""
    cells, asked = result.cells, [p for p in result.cell_properties if p in ELEMENTS and p != "CELL_ORDINAL"]
    rows = _filled(cells, start, stop)
    written = [_column(cells, p, rows) for p in asked]
    columns = [rows, *(column for _, columns in written for column in columns)]
    flat: list[object] = [None] * (len(rows) * len(columns))
    for n, column in enumerate(columns):
        flat[n :: len(columns)] = column
    template = f'<Cell CellOrdinal="%d">{"".join(template for template, _ in written)}</Cell>'
    return template * len(rows) % tuple(flat)


def _filled(cells: Cells, start: int, stop: int) -> Rows:
    """The ordinals of the cells that have a value, an error, or a text of their own for "nothing"."""
    empty = cells.empty[start:stop]
    if not empty.any():
        return range(start, stop)
    texts, errors = cells.texts, cells.errors
    return [o for o, e in enumerate(empty.tolist(), start) if not e or texts[o] or o in errors]


def _taken(source: Any, rows: Rows) -> Any:
    if isinstance(rows, range):
        return source[rows.start : rows.stop]
    return source[rows] if isinstance(source, np.ndarray) else [source[o] for o in rows]


def _column(cells: Cells, name: str, rows: Rows) -> Written:
    """One property of each of the cells."""
    if name == "VALUE":
        return _numbers(cells, rows) or ("%s", [[_value(cells, o) for o in rows]])
    tag = ELEMENTS[name][0]
    if name == "LANGUAGE" and name not in cells.properties:
        return f"<{tag}>{cells.language}</{tag}>", []
    if name in {"FORMATTED_VALUE", "FORMAT_STRING", "FORMAT"}:
        source = cells.texts if name == "FORMATTED_VALUE" else cells.formats
        return f"<{tag}>%s</{tag}>", [escaped(_taken(source, rows))]
    given = cells.properties.get(name, ())
    if not len(given):
        return "", []
    return "%s", [["" if v is None else f"<{tag}>{text(str(v))}</{tag}>" for v in _taken(given, rows)]]


def _numbers(cells: Cells, rows: Rows) -> Written | None:
    """Values that are all numbers, written in one go; None where they are not."""
    if cells.errors or cells.values.dtype != np.float64:
        return None
    numbers, whole = _taken(cells.values, rows), _taken(cells.whole, rows)
    size = np.abs(numbers)
    if _taken(cells.empty, rows).any() or not (size < np.where(whole, LONG_RANGE, np.inf)).all():
        return None
    said = np.empty(len(rows), dtype=object)
    for mine, column in ((whole, numbers[whole].astype(np.int64)), (~whole, numbers[~whole])):
        if len(column):
            said[mine] = str(column.tolist())[1:-1].split(", ")
    kinds = KINDS[np.where(whole, np.where(size < INT_RANGE, 1, 2), 0)]
    return '<Value xsi:type="xsd:%s">%s</Value>', [kinds.tolist(), said.tolist()]


def _value(cells: Cells, ordinal: int) -> str:
    if ordinal in cells.errors:
        return (
            f"<Value><Error><ErrorCode>{CELL_ERROR.number}</ErrorCode>"
            f"<Description>{text(cells.errors[ordinal])}</Description></Error></Value>"
        )
    value: Any = cells.value(ordinal)
    if value is None:
        return ""
    kind, said = typed(value)
    return f'<Value xsi:type="{kind}">{said}</Value>'
