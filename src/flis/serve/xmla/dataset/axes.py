"""Axes: what they declare, and their tuples.

Tuples are written in blocks. What a member has by itself is made once and remembered, and so is a short axis.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.catalog.cube import DataType
from flis.serve.xmla.escaping import attribute, escaped
from flis.serve.xmla.values import element_name, lexical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
Part = list[str] | tuple[str, str]
"""The members of a hierarchy in tuples, written: each, or the first and all others where they are the same."""
NEXT = "</Tuple><Tuple>"
BLOCK = 8192  # tuples written at a time
INFO = 0xFFFFFFFF  # the display info in the number that stands for a member with it
KEPT = 20_000  # members of a hierarchy and language whose text is remembered
SHORT = 32  # tuples up to which a whole axis is remembered
AXES = 500  # axes that begin with a hierarchy, of a language, that are remembered


def axis_info(name: str, axis: Axis) -> str:
    """What an axis declares: per hierarchy the elements that its members have."""
    inside = _axis_info(tuple([(on.unique_name, on.properties) for on in axis.hierarchies]))
    return f'<AxisInfo name="{name}">{inside}</AxisInfo>'


@lru_cache(maxsize=1024)
def _axis_info(hierarchies: tuple[tuple[str, tuple[MemberProperty, ...]], ...]) -> str:
    return "".join([_hierarchy_info(*each) for each in hierarchies])


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
    if not axis.hierarchies or not len(axis):
        yield f'<Axis name="{name}"><Tuples/></Axis>'
    elif len(axis) <= SHORT:
        yield f'<Axis name="{name}"><Tuples>{_short(axis, language)}</Tuples></Axis>'
    else:
        yield f'<Axis name="{name}"><Tuples>'
        yield from _tuples(axis, language)
        yield "</Tuples></Axis>"


def _short(axis: Axis, language: str) -> str:
    """All tuples of a short axis; remembered with the statement where it has members of its own in a hierarchy."""
    own = [on.members for on in axis.hierarchies if on.members is not on.members.hierarchy.members]
    if len(own) > 1:
        return "".join(_tuples(axis, language))
    kept = own[0].kept("tuples", language)[1] if own else axis.hierarchies[0].members.kept("tuples", language)[0]
    key = tuple(
        [
            (on.members.hierarchy.index, on.properties, column.tobytes())
            for on, column in zip(axis.hierarchies, axis.columns, strict=True)
        ]
    )
    if (text := kept.get(key)) is None:
        text = "".join(_tuples(axis, language))
        if len(kept) < AXES:
            kept[key] = text
    return text


def _tuples(axis: Axis, language: str) -> Iterator[str]:
    info = axis.display_info()
    for start in range(0, len(axis), BLOCK):
        rows = slice(start, start + BLOCK)
        parts = [
            _part(on, c[rows], i[rows], language) for on, c, i in zip(axis.hierarchies, axis.columns, info, strict=True)
        ]
        yield f"<Tuple>{_joined(parts, len(axis.columns[0][rows]))}</Tuple>"


def _part(on: AxisHierarchy, column: Ordinals, info: NDArray[np.int64], language: str) -> Part:
    """The members of one hierarchy; where they are one member, it in the first tuple and in all others."""
    if len(column) > 1 and (column == column[0]).all() and (info[1:] == info[1]).all():
        first, others = _written(on, column[:2], info[:2], language)
        return first, others
    return _written(on, column, info, language)


def _joined(parts: Sequence[Part], size: int) -> str:
    """So many tuples, with what ends one and begins the next between them."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else []
        if isinstance(part, tuple) and isinstance(last, tuple):
            merged[-1] = last[0] + part[0], last[1] + part[1]
        else:
            merged.append(part)
    different = [at for at, part in enumerate(merged) if isinstance(part, list)]
    if len(different) == 1:  # as in most slicers of a set: its members with the same text around each
        (at,) = different
        before, after = (merged[n] if 0 <= n < len(merged) else ("", "") for n in (at - 1, at + 1))
        first, *others = merged[at]
        rest = [f"{before[1]}{f'{after[1]}{NEXT}{before[1]}'.join(others)}{after[1]}"] if others else []
        return NEXT.join([f"{before[0]}{first}{after[0]}", *rest])
    columns = (part if isinstance(part, list) else [part[0], *[part[1]] * (size - 1)] for part in merged)
    return NEXT.join(map("".join, zip(*columns, strict=True)))


def axis_clusters(name: str, axis: Axis, language: str) -> Iterator[str]:
    """An axis as cross products: one where it is a whole product, else one per run of the same outer members."""
    yield f'<Axis name="{name}">'
    if not axis.hierarchies or not len(axis):
        yield "<Tuples/></Axis>"
        return
    columns = [
        _written(on, column, info, language)
        for on, column, info in zip(axis.hierarchies, axis.columns, axis.display_info(), strict=True)
    ]
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


def _written(on: AxisHierarchy, column: Ordinals, info: NDArray[np.int64], language: str) -> list[str]:
    """The members of a column; each is written once, in however many tuples it stands."""
    if len(column) == 1:  # a slicer has one member of every hierarchy
        [o], [shown] = column.tolist(), info.tolist()
        return [f"{_heads(on, [o], language)[o]}{shown}</DisplayInfo>{_tails(on, column, language)[0]}</Member>"]
    codes = ((column.astype(np.int64) << 32) | info).tolist()
    different = list(set(codes))
    ordinals = list({code >> 32 for code in different})
    heads = _heads(on, ordinals, language)
    tails = dict(zip(ordinals, _tails(on, np.array(ordinals, dtype=np.int32), language), strict=True))
    texts = {c: f"{heads[c >> 32]}{c & INFO}</DisplayInfo>{tails[c >> 32]}</Member>" for c in different}
    return [texts[code] for code in codes]


def _heads(on: AxisHierarchy, distinct: list[int], language: str) -> dict[int, str]:
    """The text of each member before its display info, remembered."""
    stored, own = on.members.kept("head", language)
    size = on.members.size
    found: dict[int, str] = {}
    missing: list[int] = []
    for o in distinct:
        head = (stored if o < size else own).get(o)
        if head is None:
            missing.append(o)
        else:
            found[o] = head
    if missing:
        made = dict(zip(missing, _made(on, np.array(missing, dtype=np.int32), language), strict=True))
        own |= {o: head for o, head in made.items() if o >= size}
        if len(stored) < KEPT:
            stored |= {o: head for o, head in made.items() if o < size}
        found |= made
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
