"""Axes: what they declare, and their tuples.

Tuples are written in blocks. Within one, a member's text is made once, however many tuples it stands in, and gathered.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.catalog.cube import DataType
from flis.serve.xmla.text import attribute, escaped
from flis.serve.xmla.values import element_name, lexical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from flis.query.result import Axis, AxisHierarchy, MemberProperty, Ordinals

__all__ = ["axis_clusters", "axis_info", "axis_tuples"]

# Every member has these, in this order: ADOMD.NET loses the first property of its own where DisplayInfo is missing.
FIXED = (
    ("UName", "MEMBER_UNIQUE_NAME", "xsd:string"),
    ("Caption", "MEMBER_CAPTION", "xsd:string"),
    ("LName", "LEVEL_UNIQUE_NAME", "xsd:string"),
    ("LNum", "LEVEL_NUMBER", "xsd:int"),
    ("DisplayInfo", "DISPLAY_INFO", "xsd:unsignedInt"),
)
TYPES = {
    DataType.TEXT: "xsd:string",
    DataType.INTEGER: "xsd:int",
    DataType.NUMBER: "xsd:double",
    DataType.BOOLEAN: "xsd:boolean",
    DataType.DATE: "xsd:dateTime",
}
BLOCK = 8192  # tuples written at a time
KEPT = 20_000  # members of a hierarchy and language whose text is remembered


def axis_info(name: str, axis: Axis) -> str:
    """What an axis declares: per hierarchy the elements that its members have."""
    inside = "".join([_hierarchy_info(on.unique_name, on.properties) for on in axis.hierarchies])
    return f'<AxisInfo name="{name}">{inside}</AxisInfo>'


@lru_cache(maxsize=4096)
def _hierarchy_info(unique_name: str, properties: tuple[MemberProperty, ...]) -> str:
    hierarchy = attribute(unique_name)
    fixed = "".join(f'<{tag} name="{hierarchy}.[{p}]" type="{kind}"/>' for tag, p, kind in FIXED)
    own = "".join(
        f'<{tag} name="{attribute(full)}" type="{kind}"/>' for tag, full, kind in _own(unique_name, properties)
    )
    return f'<HierarchyInfo name="{hierarchy}">{fixed}{own}</HierarchyInfo>'


def axis_tuples(name: str, axis: Axis, language: str) -> Iterator[str]:
    """An axis as tuples; one without hierarchies says `<Tuples/>`, as clients refuse an empty short tuple."""
    yield f'<Axis name="{name}">'
    if not axis.hierarchies or not len(axis):
        yield "<Tuples/></Axis>"
        return
    yield "<Tuples>"
    if len(axis) == 1:
        parts = [_alone(axis, i, language) for i in range(len(axis.hierarchies))]
        yield f"<Tuple>{''.join(parts)}</Tuple>"
    else:
        yield from _tuples(axis, language)
    yield "</Tuples></Axis>"


def _alone(axis: Axis, at: int, language: str) -> str:
    """A single tuple's member in one hierarchy; the text of a stored one, without neighbours or properties, is kept."""
    on, column = axis.hierarchies[at], axis.columns[at]
    ordinal = int(column[0])
    kept = on.members.hierarchy.kept("alone", language)
    if on.properties or (text := kept.get(ordinal)) is None:
        text = _written(on, column, axis.display_info(at), language)[0][0]
        if not on.properties and 0 <= ordinal < on.members.size and len(kept) < KEPT:
            kept[ordinal] = text
    return text


def _tuples(axis: Axis, language: str) -> Iterator[str]:
    """Blocks of tuples: in each, a member's text is made once, then gathered."""
    info = [axis.display_info(i) for i in range(len(axis.hierarchies))]
    ends = len(axis.hierarchies) - 1
    for start in range(0, len(axis), BLOCK):
        stop = min(start + BLOCK, len(axis))
        pieces = np.empty((stop - start, ends + 1), dtype=object)
        for i, (on, column) in enumerate(zip(axis.hierarchies, axis.columns, strict=True)):
            texts, at = _written(on, column[start:stop], info[i][start:stop], language)
            opened, closed = "<Tuple>" if i == 0 else "", "</Tuple>" if i == ends else ""
            pieces[:, i] = np.array([f"{opened}{t}{closed}" for t in texts], dtype=object)[at]
        yield "".join(pieces.reshape(-1).tolist())


def axis_clusters(name: str, axis: Axis, language: str) -> Iterator[str]:
    """An axis as cross products: one where it is a whole product, else one per run of the same outer members."""
    yield f'<Axis name="{name}">'
    if not axis.hierarchies or not len(axis):
        yield "<Tuples/></Axis>"
        return
    columns = [_members(axis, i, language) for i in range(len(axis.hierarchies))]
    names = [attribute(on.unique_name) for on in axis.hierarchies]
    for start, stop, sets in _clusters(axis):
        yield f'<CrossProduct Size="{stop - start}">'
        for hierarchy, written, rows in zip(names, columns, sets, strict=True):
            yield f'<Members Hierarchy="{hierarchy}">{"".join([written[r] for r in rows])}</Members>'
        yield "</CrossProduct>"
    yield "</Axis>"


def _clusters(axis: Axis) -> Iterator[tuple[int, int, list[list[int]]]]:
    """(first row, end row, per hierarchy the rows whose members make the product)."""
    whole = _product(axis)
    if whole is not None:
        yield 0, len(axis), whole
        return
    change = np.zeros(len(axis), dtype=bool)
    change[0] = True
    for column in axis.columns[:-1]:
        change[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(change).tolist()
    for start, stop in zip(starts, [*starts[1:], len(axis)], strict=True):
        yield start, stop, [[start]] * (len(axis.columns) - 1) + [list(range(start, stop))]


def _product(axis: Axis) -> list[list[int]] | None:
    """Per hierarchy the rows of its members, when the tuples are exactly their cross product."""
    repeat, sets = 1, []
    for column in reversed(axis.columns):
        steps = column[::repeat]
        again = np.flatnonzero(steps[1:] == steps[0])
        size = int(again[0]) + 1 if len(again) else len(steps)
        if len(axis) % (size * repeat) or not np.array_equal(
            column, np.tile(np.repeat(steps[:size], repeat), len(axis) // (size * repeat))
        ):
            return None
        sets.append([i * repeat for i in range(size)])
        repeat *= size
    return sets[::-1] if repeat == len(axis) else None


def _members(axis: Axis, at: int, language: str) -> list[str]:
    """Every tuple's member in one hierarchy, written."""
    texts, where = _written(axis.hierarchies[at], axis.columns[at], axis.display_info(at), language)
    return [texts[n] for n in where.tolist()]


def _written(
    on: AxisHierarchy, column: Ordinals, info: NDArray[np.int64], language: str
) -> tuple[list[str], NDArray[np.intp]]:
    """The distinct members of a column as texts, and for every tuple which of them it has."""
    _, first, at = np.unique((column.astype(np.int64) << 32) | info, return_index=True, return_inverse=True)
    members = column[first]
    parts = zip(
        _heads(on, members.tolist(), language), info[first].tolist(), _tails(on, members, language), strict=True
    )
    return [f"{head}{d}</DisplayInfo>{tail}</Member>" for head, d, tail in parts], at


def _heads(on: AxisHierarchy, ordinals: list[int], language: str) -> list[str]:
    """The text of each member before its display info; that of stored members is remembered."""
    kept = on.members.hierarchy.kept("head", language)
    missing = [o for o in ordinals if o not in kept]
    if not missing:
        return [kept[o] for o in ordinals]
    made = dict(zip(missing, _made(on, np.array(missing, dtype=np.int32), language), strict=True))
    stored = on.members.table.size
    found = [made[o] if o in made else kept[o] for o in ordinals]
    if len(kept) < KEPT:
        kept |= {o: head for o, head in made.items() if 0 <= o < stored}
    return found


def _made(on: AxisHierarchy, members: NDArray[np.int32], language: str) -> list[str]:
    known = on.members
    names, captions = escaped(known.unique_names(members)), escaped(known.captions(members, language))
    levels, numbers = escaped(known.level_names(members)), known.level_numbers(members).tolist()
    start = f'<Member Hierarchy="{attribute(on.unique_name)}"><UName>'
    return [
        f"{start}{u}</UName><Caption>{c}</Caption><LName>{ln}</LName><LNum>{n}</LNum><DisplayInfo>"
        for u, c, ln, n in zip(names, captions, levels, numbers, strict=True)
    ]


def _tails(on: AxisHierarchy, members: NDArray[np.int32], language: str) -> list[str]:
    """The properties asked for of each member, written."""
    if not on.properties:
        return [""] * len(members)
    columns = []
    for (tag, _, _), asked in zip(_own(on.unique_name, on.properties), on.properties, strict=True):
        values: list[Any] = on.members.values(asked.name, members, language)
        columns.append(["" if v is None else f"<{tag}>{lexical(v)}</{tag}>" for v in values])
    return ["".join(parts) for parts in zip(*columns, strict=True)]


def _own(unique_name: str, properties: tuple[MemberProperty, ...]) -> list[tuple[str, str, str]]:
    """(element, full name, type) of each property asked for; a second one of the same element gets a number."""
    found: list[tuple[str, str, str]] = []
    taken: set[str] = set()
    for asked in properties:
        full = asked.unique_name if asked.level else f"{unique_name}.[{asked.name}]"
        tag = element_name(full if asked.level else asked.name)
        found.append((tag if tag not in taken else f"{tag}{len(taken)}", full, TYPES[asked.type]))
        taken.add(tag)
    return found
