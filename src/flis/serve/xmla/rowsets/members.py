"""MDSCHEMA_MEMBERS: members by level or name, and the relatives of one.

Where all rows are of one level, its member properties are further columns, as OLE DB for OLAP has it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import say
from flis.errors import LimitError, StatementError
from flis.query.cubes.names import MemberName, Names
from flis.query.languages.mdx import parse_expression
from flis.query.languages.mdx.syntax import Identifier
from flis.serve.xmla.rowsets.cubes import each_hierarchy
from flis.serve.xmla.rowsets.table import TYPES, RowsetColumn
from flis.serve.xmla.values import element_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flis.query.cubes.structure import BoundHierarchy, BoundLevel
    from flis.query.result import Ordinals
    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row, View

__all__ = ["member_rows", "operator_of", "property_columns"]

CHILDREN, SIBLINGS, PARENT, SELF, DESCENDANTS, ANCESTORS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20  # TREE_OP
REGULAR, ALL, MEASURE, FORMULA = 1, 2, 3, 4  # MEMBER_TYPE
LIMIT = 1_000_000
STEP = 4096


def member_rows(asking: Asking, asked: Asked) -> Iterator[Row]:
    """The rows, in the order of the hierarchies."""
    properties = [c.field for c in property_columns(asking, asked)]
    left = LIMIT
    for view, hierarchy, found in _wanted(asking, asked):
        ordinals = _called(asking, asked, hierarchy, found[view.listed[found]] if hierarchy.is_measures else found)
        left -= len(ordinals)
        if left < 0:
            raise LimitError(f"More than {LIMIT:,} members.", hint="Restrict to a level, or to a member and TREE_OP.")
        for start in range(0, len(ordinals), STEP):
            yield from _rows(asking, view, hierarchy, ordinals[start : start + STEP], properties)


def property_columns(asking: Asking, asked: Asked) -> tuple[RowsetColumn, ...]:
    """The properties of the level that all rows are of; none where they could be of several."""
    levels = set(_levels(asking, asked))
    definition = next(iter(levels)).definition if len(levels) == 1 else None
    found = definition.properties if definition is not None else ()
    return tuple(RowsetColumn(p.name, TYPES[p.type], element=element_name(p.name)) for p in found)


def _levels(asking: Asking, asked: Asked) -> Iterator[BoundLevel]:
    """The levels that rows can be of."""
    if not asked.get("MEMBER_UNIQUE_NAME"):
        for _, hierarchy, numbers in _asked_levels(asking, asked):
            yield from (hierarchy.levels[n] for n in numbers)
        return
    operator = operator_of(asked)
    for view in asking.within(asked):
        for found in filter(None, (_member(view, name) for name in asked["MEMBER_UNIQUE_NAME"])):
            yield from _reached(found.hierarchy, found.ordinal, operator)


def _reached(hierarchy: BoundHierarchy, ordinal: int, operator: int) -> Sequence[BoundLevel]:
    """The levels that TREE_OP leads to from a member."""
    levels = hierarchy.levels
    at = int(hierarchy.members.level_numbers(np.array([ordinal], dtype=np.int32))[0])
    if hierarchy.table.parent_child:
        return levels[-1:] if operator & CHILDREN else levels[at : at + 1]
    if hierarchy.ragged and operator != SELF:
        return levels  # where members are hidden, others stand in their place
    spans = {
        SELF: (at, at + 1),
        SIBLINGS: (at, at + 1),
        CHILDREN: (at + 1, at + 2),
        DESCENDANTS: (at + 1, len(levels)),
        PARENT: (max(at - 1, 0), at),
        ANCESTORS: (0, at),
    }
    asked = [levels[start:end] for operation, (start, end) in spans.items() if operator & operation]
    return tuple(chain.from_iterable(asked))


def operator_of(asked: Asked) -> int:
    """TREE_OP, by which relatives of a member are asked for; the member itself where it is not given."""
    return next((int(n) for n in asked.get("TREE_OP", ()) if n.lstrip("-").isdecimal()), SELF)


def _wanted(asking: Asking, asked: Asked) -> Iterator[tuple[View, BoundHierarchy, Ordinals]]:
    if asked.get("MEMBER_UNIQUE_NAME"):
        yield from _named(asking, asked)
        return
    for view, hierarchy, numbers in _asked_levels(asking, asked):
        yield view, hierarchy, _of_levels(hierarchy, numbers)


def _asked_levels(asking: Asking, asked: Asked) -> Iterator[tuple[View, BoundHierarchy, list[int]]]:
    """The hierarchies, with the numbers of the levels that restrictions leave of them."""
    names = {n.casefold() for n in asked.get("LEVEL_UNIQUE_NAME", ())}
    numbers = {int(n) for n in asked.get("LEVEL_NUMBER", ()) if n.isdecimal()}
    for view, hierarchy in each_hierarchy(asking, asked):
        levels = [lv.number for lv in hierarchy.levels if not names or lv.unique_name.casefold() in names]
        levels = [n for n in levels if not numbers or n in numbers]
        if levels:
            yield view, hierarchy, levels


def _of_levels(hierarchy: BoundHierarchy, levels: list[int]) -> Ordinals:
    found = hierarchy.members
    if len(levels) == len(hierarchy.levels):
        ordinals = np.concatenate((_stored(hierarchy), np.arange(found.size, found.count, dtype=np.int32)))
    else:
        by_level = hierarchy.table.by_level
        ordinals = np.concatenate([by_level[n] for n in levels if n < len(by_level)] or [np.zeros(0, dtype=np.int32)])
        own = [found.size + i for i, c in enumerate(found.calculated) if c.level in levels]
        ordinals = np.concatenate((ordinals, np.array(own, dtype=np.int32)))
    if hierarchy.is_measures:
        return np.array(
            [o for o in hierarchy.dimension.cube.measure_order if o in set(ordinals.tolist())], dtype=np.int32
        )
    return ordinals[np.argsort(found.positions(ordinals), kind="stable")]


def _called(asking: Asking, asked: Asked, hierarchy: BoundHierarchy, ordinals: Ordinals) -> Ordinals:
    """Those of a name or caption that is asked for, letter case left to whoever restricts the rows."""
    names = {n.casefold() for n in asked.get("MEMBER_NAME", ())}
    captions = {n.casefold() for n in asked.get("MEMBER_CAPTION", ())}
    if names:
        said = hierarchy.members.names(ordinals)
        ordinals = ordinals[np.array([n.casefold() in names for n in said], dtype=np.bool_)]
    if captions:
        said = hierarchy.members.captions(ordinals, asking.language)
        ordinals = ordinals[np.array([n.casefold() in captions for n in said], dtype=np.bool_)]
    return ordinals


def _stored(hierarchy: BoundHierarchy) -> Ordinals:
    return np.arange(hierarchy.table.visible, dtype=np.int32)


def _named(asking: Asking, asked: Asked) -> Iterator[tuple[View, BoundHierarchy, Ordinals]]:
    operator = operator_of(asked)
    for view in asking.within(asked):
        for name in asked["MEMBER_UNIQUE_NAME"]:
            found = _member(view, name)
            if found is not None:
                yield view, found.hierarchy, _relatives(found.hierarchy, found.ordinal, operator)


def _member(view: View, name: str) -> MemberName | None:
    """The member of a unique name among the view's dimensions, or None."""
    try:
        written = parse_expression(name)
    except StatementError:
        return None
    if not isinstance(written, Identifier):
        return None
    found = Names(view.cube).resolve(written.segments)
    if found is None or found[1] != len(written.segments) or not isinstance(found[0], MemberName):
        return None
    return found[0] if found[0].hierarchy.dimension in view.dimensions else None


def _relatives(hierarchy: BoundHierarchy, ordinal: int, operator: int) -> Ordinals:
    table, found = hierarchy.table, hierarchy.members
    parent = int(found.parents(np.array([ordinal], dtype=np.int32))[0])
    stored = ordinal < table.size
    parts: list[Ordinals | list[int]] = []
    if operator & ANCESTORS:
        parts.append(_ancestors(hierarchy, parent))
    elif operator & PARENT and parent >= 0:
        parts.append([parent])
    if operator & SIBLINGS:
        same = [found.size + i for i, c in enumerate(found.calculated) if c.parent == parent]
        parts.append([o for o in (*table.children(parent).tolist(), *same) if o != ordinal])
    if operator & SELF:
        parts.append([ordinal])
    if stored and operator & DESCENDANTS:
        parts.append(table.descendants(ordinal)[1:])
    elif stored and operator & CHILDREN:
        parts.append(table.children(ordinal))
        parts.append([found.size + i for i, c in enumerate(found.calculated) if c.parent == ordinal])
    ordinals = np.concatenate([np.asarray(p, dtype=np.int32) for p in parts] or [np.zeros(0, dtype=np.int32)])
    return ordinals[np.argsort(found.positions(ordinals), kind="stable")]


def _ancestors(hierarchy: BoundHierarchy, parent: int) -> list[int]:
    found = []
    while parent >= 0:
        found.append(parent)
        parent = int(hierarchy.table.parent[parent])
    return found


def _rows(
    asking: Asking, view: View, hierarchy: BoundHierarchy, ordinals: Ordinals, properties: list[str]
) -> Iterator[Row]:
    found = hierarchy.members
    start = view.row | {
        "DIMENSION_UNIQUE_NAME": hierarchy.dimension.unique_name,
        "HIERARCHY_UNIQUE_NAME": hierarchy.unique_name,
        "MEMBER_ORDINAL": 0,
        "IS_PLACEHOLDERMEMBER": False,
    }
    parents = found.parents(ordinals)
    columns = {name: found.values(name, ordinals, asking.language) for name in properties} | {
        "LEVEL_UNIQUE_NAME": found.level_names(ordinals),
        "LEVEL_NUMBER": found.level_numbers(ordinals).tolist(),
        "MEMBER_NAME": found.names(ordinals),
        "MEMBER_UNIQUE_NAME": found.unique_names(ordinals),
        "MEMBER_CAPTION": found.captions(ordinals, asking.language),
        "CHILDREN_CARDINALITY": found.children_counts(ordinals).tolist(),
        "PARENT_LEVEL": np.maximum(found.level_numbers(parents), 0).tolist(),
        "PARENT_UNIQUE_NAME": [
            n if p >= 0 else None for n, p in zip(found.unique_names(parents), parents.tolist(), strict=True)
        ],
        "PARENT_COUNT": (parents >= 0).astype(int).tolist(),
        "MEMBER_KEY": _keys(hierarchy, ordinals),
        "IS_DATAMEMBER": [o in hierarchy.table.owner for o in ordinals.tolist()],
        "MEMBER_TYPE": [_type(hierarchy, o) for o in ordinals.tolist()],
    }
    for at, values in enumerate(zip(*columns.values(), strict=True)):
        row = start | dict(zip(columns, values, strict=True))
        if ordinals[at] >= found.size:
            calculation = found.calculation(int(ordinals[at]))
            row |= {
                "EXPRESSION": calculation.text,
                "SCOPE": 2 if calculation.session else 1,
                "DESCRIPTION": say(calculation.description, asking.language),
            }
        yield row


def _keys(hierarchy: BoundHierarchy, ordinals: Ordinals) -> list[str | None]:
    """Keys as text: 0 for All, none where several columns make one."""
    found = hierarchy.members
    keys = found.keys(ordinals)
    counts = found.values("KEY_COUNT", ordinals)
    alls = (hierarchy.has_all & (ordinals == 0)).tolist()
    return [None if n > 1 else "0" if a else key for key, n, a in zip(keys, counts, alls, strict=True)]


def _type(hierarchy: BoundHierarchy, ordinal: int) -> int:
    if ordinal >= hierarchy.table.size:
        return FORMULA
    if hierarchy.is_measures:
        return MEASURE
    return ALL if hierarchy.has_all and ordinal == 0 else REGULAR
