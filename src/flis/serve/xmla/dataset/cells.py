"""Cells: what they declare, and their values, written in blocks straight from the arrays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.serve.xmla.faults import CELL_ERROR
from flis.serve.xmla.text import escaped, text
from flis.serve.xmla.values import typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.query.result import Cells, CellSet

__all__ = ["cell_data", "cell_info"]

BLOCK = 8192
INT_RANGE = float(1 << 31)
# cell property: element, type (the value's own where empty)
ELEMENTS = {
    "VALUE": ("Value", ""),
    "FORMATTED_VALUE": ("FmtValue", "xsd:string"),
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
    cells, asked = result.cells, [p for p in result.cell_properties if p in ELEMENTS and p != "CELL_ORDINAL"]
    ordinals = _filled(cells, start, stop)
    if not ordinals:
        return ""
    bodies = [_column(cells, p, ordinals) for p in asked]
    if not bodies:
        return "".join([f'<Cell CellOrdinal="{o}"></Cell>' for o in ordinals])
    joined = bodies[0] if len(bodies) == 1 else list(map("".join, zip(*bodies, strict=True)))
    return "".join([f'<Cell CellOrdinal="{o}">{b}</Cell>' for o, b in zip(ordinals, joined, strict=True)])


def _filled(cells: Cells, start: int, stop: int) -> list[int]:
    """The ordinals of the cells that have a value, an error, or a text of their own for "nothing"."""
    texts, errors = cells.texts, cells.errors
    return [o for o, e in enumerate(cells.empty[start:stop].tolist(), start) if not e or texts[o] or o in errors]


def _column(cells: Cells, name: str, ordinals: list[int]) -> list[str]:
    """One property of each of the cells, written."""
    if name == "VALUE":
        return _values(cells, ordinals)
    tag = ELEMENTS[name][0]
    if name == "LANGUAGE":
        return [f"<{tag}>{cells.language}</{tag}>"] * len(ordinals)
    if name in {"FORMATTED_VALUE", "FORMAT_STRING"}:
        source = cells.texts if name == "FORMATTED_VALUE" else cells.formats
        return [f"<{tag}>{t}</{tag}>" for t in escaped([source[o] for o in ordinals])]
    given = cells.properties.get(name, ())
    if not len(given):
        return [""] * len(ordinals)
    return ["" if given[o] is None else f"<{tag}>{text(str(given[o]))}</{tag}>" for o in ordinals]


def _values(cells: Cells, ordinals: list[int]) -> list[str]:
    if cells.errors or cells.values.dtype != np.float64:
        return [_value(cells, o) for o in ordinals]
    columns = (column[ordinals].tolist() for column in (cells.values, cells.whole, cells.empty))
    return [
        _value(cells, o)
        if e or not -INT_RANGE < n < INT_RANGE
        else f'<Value xsi:type="xsd:int">{int(n)}</Value>'
        if w
        else f'<Value xsi:type="xsd:double">{n!r}</Value>'
        for o, n, w, e in zip(ordinals, *columns, strict=True)
    ]


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
