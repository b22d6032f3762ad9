"""Member properties: the intrinsic ones of Analysis Services, and those of the catalogue."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from flis.catalog.cube import DataType
from flis.query.evaluation.values import Values
from flis.query.result import AxisLevel, AxisMembers, MemberProperty, NamedHierarchy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from flis.catalog.cube import Level
    from flis.query.cubes.member_table import MemberTable
    from flis.query.result import Ordinals

__all__ = [
    "INTRINSIC",
    "DescribedHierarchy",
    "DescribedLevel",
    "DescribedMembers",
    "find_property",
    "property_values",
    "typed_keys",
]

REGULAR, ALL, MEASURE, FORMULA = 1, 2, 3, 4
NUMBERS = (DataType.INTEGER, DataType.NUMBER)
PARTS = {f"KEY{n}": n for n in range(8)}  # a part of a key by its place; more levels that are not unique are not known


class DescribedLevel(AxisLevel, Protocol):
    """A level as the properties of its members need it."""

    @property
    def definition(self) -> Level | None:
        """What the catalogue says of it; None for the All level and the level of measures."""
        ...

    @property
    def key_count(self) -> int:
        """How many keys name a member."""
        ...

    @property
    def spoken_name(self) -> str:
        """What `.UniqueName` says of it."""
        ...


class DescribedHierarchy(NamedHierarchy, Protocol):
    """A hierarchy as the properties of its members need it."""

    @property
    def levels(self) -> Sequence[DescribedLevel]:
        """Its levels, top first."""
        ...

    @property
    def is_measures(self) -> bool:
        """Whether its members are the measures."""
        ...

    @property
    def has_all(self) -> bool:
        """Whether its first member is All."""
        ...

    @property
    def belongs_to(self) -> tuple[str, str, str]:
        """The names of its catalogue and cube, and the unique name of its dimension."""
        ...


class DescribedMembers(AxisMembers, Protocol):
    """Members, calculated ones too, as their properties are read."""

    @property
    def hierarchy(self) -> DescribedHierarchy:
        """The hierarchy that they are of."""
        ...

    @property
    def table(self) -> MemberTable:
        """The stored members."""
        ...

    def keys(self, ordinals: Ordinals) -> list[str | None]:
        """Keys as text."""
        ...

    def depths(self, ordinals: Ordinals) -> NDArray[np.int32]:
        """Steps from the root; -1 for no member."""
        ...


def _types(members: DescribedMembers, ordinals: Ordinals, _language: str) -> list[Any]:
    out = []
    for o in ordinals.tolist():
        if o >= members.size:
            out.append(FORMULA)
        elif members.hierarchy.is_measures:
            out.append(MEASURE)
        else:
            out.append(ALL if members.hierarchy.has_all and o == 0 else REGULAR)
    return out


def _parents(members: DescribedMembers, ordinals: Ordinals, _language: str) -> list[Any]:
    parents = members.parents(ordinals)
    names = members.unique_names(parents)
    return [name if p >= 0 else None for name, p in zip(names, parents.tolist(), strict=True)]


def _parent_levels(members: DescribedMembers, ordinals: Ordinals, _language: str) -> list[Any]:
    return [max(int(n), 0) for n in members.level_numbers(members.parents(ordinals)).tolist()]


def _parent_counts(members: DescribedMembers, ordinals: Ordinals, _language: str) -> list[Any]:
    return [int(p >= 0) for p in members.parents(ordinals).tolist()]


def _fixed(value: Any) -> Callable[[DescribedMembers, Ordinals, str], list[Any]]:
    return lambda _members, ordinals, _language: [value] * len(ordinals)


def _keys(members: DescribedMembers, ordinals: Ordinals, _language: str) -> list[Any]:
    keys = typed_keys(members, ordinals).data.tolist()
    alls = members.hierarchy.has_all & (ordinals == 0)
    return [
        0 if a else int(v) if isinstance(v, float) and v.is_integer() else v
        for v, a in zip(keys, alls.tolist(), strict=True)
    ]


def _member_keys(members: DescribedMembers, ordinals: Ordinals, language: str) -> list[Any]:
    """Keys, none where several columns make one, as Analysis Services has MEMBER_KEY."""
    counts = _key_count(members, ordinals, language)
    return [None if n > 1 else key for key, n in zip(_keys(members, ordinals, language), counts, strict=True)]


def _part_of_key(place: int) -> Callable[[DescribedMembers, Ordinals, str], list[Any]]:
    """One of the keys that make one together, as they stand in the unique name."""

    def found(members: DescribedMembers, ordinals: Ordinals, language: str) -> list[Any]:
        up = np.array(_key_count(members, ordinals, language), dtype=np.int64) - 1 - place
        at = ordinals
        for step in range(int(up.max(initial=0))):
            at = np.where(up > step, members.parents(at), at).astype(np.int32)
        return [key if u >= 0 else None for key, u in zip(_keys(members, at, language), up.tolist(), strict=True)]

    return found


def _key_count(members: DescribedMembers, ordinals: Ordinals, _language: str) -> list[Any]:
    counts = [level.key_count for level in members.hierarchy.levels]
    return [counts[n] if n >= 0 else 1 for n in members.level_numbers(ordinals).tolist()]


def _belonging(place: int) -> Callable[[DescribedMembers, Ordinals, str], list[Any]]:
    return lambda members, ordinals, _language: [members.hierarchy.belongs_to[place]] * len(ordinals)


INTRINSIC: dict[str, tuple[DataType, Callable[[DescribedMembers, Ordinals, str], list[Any]]]] = {
    "CATALOG_NAME": (DataType.TEXT, _belonging(0)),
    "CUBE_NAME": (DataType.TEXT, _belonging(1)),
    "DIMENSION_UNIQUE_NAME": (DataType.TEXT, _belonging(2)),
    "HIERARCHY_UNIQUE_NAME": (DataType.TEXT, lambda m, o, _: [m.unique_name] * len(o)),
    "LEVEL_UNIQUE_NAME": (DataType.TEXT, lambda m, o, _: m.level_names(o)),
    "LEVEL_NUMBER": (DataType.INTEGER, lambda m, o, _: m.level_numbers(o).tolist()),
    "MEMBER_ORDINAL": (DataType.INTEGER, lambda _m, o, _: o.tolist()),
    "MEMBER_NAME": (DataType.TEXT, lambda m, o, _: m.names(o)),
    "MEMBER_UNIQUE_NAME": (DataType.TEXT, lambda m, o, _: m.unique_names(o)),
    "UNIQUE_NAME": (DataType.TEXT, lambda m, o, _: m.unique_names(o)),
    "NAME": (DataType.TEXT, lambda m, o, _: m.names(o)),
    "MEMBER_TYPE": (DataType.INTEGER, _types),
    "MEMBER_GUID": (DataType.TEXT, _fixed(None)),
    "MEMBER_CAPTION": (DataType.TEXT, lambda m, o, language: m.captions(o, language)),
    "CAPTION": (DataType.TEXT, lambda m, o, language: m.captions(o, language)),
    "CHILDREN_CARDINALITY": (DataType.INTEGER, lambda m, o, _: m.children_counts(o).tolist()),
    "PARENT_LEVEL": (DataType.INTEGER, _parent_levels),
    "PARENT_UNIQUE_NAME": (DataType.TEXT, _parents),
    "PARENT_COUNT": (DataType.INTEGER, _parent_counts),
    "DESCRIPTION": (DataType.TEXT, _fixed(None)),
    "MEMBER_DESCRIPTION": (DataType.TEXT, _fixed(None)),
    "EXPRESSION": (DataType.TEXT, _fixed(None)),
    "MEMBER_KEY": (DataType.TEXT, _member_keys),
    "KEY": (DataType.TEXT, _keys),
    **{name: (DataType.TEXT, _part_of_key(place)) for name, place in PARTS.items()},
    "KEY_COUNT": (DataType.INTEGER, _key_count),
    "CUSTOM_ROLLUP": (DataType.TEXT, _fixed(None)),
    "CUSTOM_ROLLUP_PROPERTIES": (DataType.TEXT, _fixed(None)),
    "UNARY_OPERATOR": (DataType.TEXT, _fixed(None)),
    "IS_PLACEHOLDERMEMBER": (DataType.BOOLEAN, _fixed(value=False)),
    "IS_DATAMEMBER": (DataType.BOOLEAN, lambda m, o, _: [x in m.table.owner for x in o.tolist()]),
    "SKIPPED_LEVELS": (DataType.INTEGER, _fixed(0)),
    "ID": (DataType.TEXT, _keys),
    "MEMBER_VALUE": (DataType.TEXT, _keys),
    "DEPTH": (DataType.INTEGER, lambda m, o, _: m.depths(o).tolist()),
    "DISPLAY_INFO": (DataType.INTEGER, lambda m, o, _: np.minimum(m.children_counts(o), 0xFFFF).tolist()),
}


def property_values(members: DescribedMembers, name: str, ordinals: Ordinals, language: str) -> list[Any]:
    """A property's values by member; None where a member has none."""
    intrinsic = INTRINSIC.get(name.upper())
    if intrinsic is not None:
        return intrinsic[1](members, ordinals, language)
    out: list[Any] = []
    numbers = members.level_numbers(ordinals).tolist()
    for o, n in zip(ordinals.tolist(), numbers, strict=True):
        column = members.table.properties.get((n, name.upper()))
        out.append(column[o] if column is not None and 0 <= o < members.size else None)
    return out


def typed_keys(members: DescribedMembers, ordinals: Ordinals) -> Values:
    """Keys: numbers where the level says so, else text."""
    distinct, at = np.unique(ordinals, return_inverse=True)
    keys: list[Any] = list(members.keys(distinct))
    numeric = [x.definition is not None and x.definition.key_type in NUMBERS for x in members.hierarchy.levels]
    levels = members.level_numbers(distinct).tolist()
    for i, (ordinal, level) in enumerate(zip(distinct.tolist(), levels, strict=True)):
        if 0 <= ordinal < members.size and numeric[level] and keys[i] is not None:
            with suppress(ValueError):
                keys[i] = float(keys[i])
    if keys and all(isinstance(k, float) for k in keys):
        return Values.numbers(np.array(keys)[at])
    found = Values.texts(keys)
    return Values(found.data[at], found.null[at])


def find_property(hierarchy: DescribedHierarchy, name: str, level: str = "") -> MemberProperty | None:
    """A property by name, of one level (by name) or any."""
    upper = name.upper()
    if PARTS.get(upper, 0) >= max(n.key_count for n in hierarchy.levels):
        return None
    if not level and upper in INTRINSIC:
        return MemberProperty(upper, "", INTRINSIC[upper][0])
    for at in hierarchy.levels:
        if at.definition is None or (level and at.name.casefold() != level.casefold()):
            continue
        for p in at.definition.properties:
            if p.name.upper() == upper:
                return MemberProperty(p.name, at.unique_name, p.type)
    return MemberProperty(upper, "", INTRINSIC[upper][0]) if upper in INTRINSIC else None
