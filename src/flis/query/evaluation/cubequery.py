"""`CubeQuery`: the one intermediate form between every language and SQL. Frozen, and plain enough to write as JSON."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CubeQuery", "GroupBy", "MemberFilter"]


@dataclass(frozen=True, slots=True)
class GroupBy:
    """A hierarchy of the cube, grouped by the members of one level (its number)."""

    hierarchy: str
    level: int


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Only facts below one of the tuples: each has one member ordinal per hierarchy.

    Members are ordinals of the release that is asked; -1 leaves a hierarchy of that tuple open.
    """

    hierarchies: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class CubeQuery:
    """Measures of one measure group, grouped by levels, over the facts that pass every filter."""

    cube: str
    measure_group: str
    measures: tuple[str, ...]
    levels: tuple[GroupBy, ...] = ()
    filters: tuple[MemberFilter, ...] = ()
