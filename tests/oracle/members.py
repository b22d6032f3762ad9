"""What the brute-force evaluator works on: members, levels, and the context of a cell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flis.catalog.cube import Measure, MeasureGroup
    from flis.query.languages.mdx import syntax as s

__all__ = ["UNKNOWN", "Level", "Line", "Member", "Row", "Set", "Tuple", "Where", "collect"]

Row: TypeAlias = dict[str, Any]
Tuple: TypeAlias = "tuple[Member, ...]"
Set: TypeAlias = "list[Tuple]"
UNKNOWN = "no row of the table"  # the key of the row that a dimension's unknown members stand for


@dataclass(eq=False)
class Member:
    """A member; `rows` are the keys of the dimension's rows that it covers."""

    hierarchy: int
    level: int
    name: str
    rows: frozenset[Any] = frozenset()
    parent: Member | None = None
    children: list[Member] = field(default_factory=list)
    place: int = 0  # in the hierarchy, ancestors before descendants
    measure: tuple[MeasureGroup, Measure] | None = None
    formula: s.Expression | None = None
    solve_order: float = 0.0
    unknown: bool = False  # of the facts whose key is not in the dimension's table
    every: bool = False  # All


@dataclass
class Line:
    """A hierarchy in the cube: its dimension's place, level names from the All level down, members in order.

    `unknown` are its unknown members from the top down, which are among the members only if they are not hidden.
    """

    dimension: int
    name: tuple[str, str]
    levels: list[str]
    members: list[Member]
    default: Member
    unknown: list[Member] = field(default_factory=list)


@dataclass(frozen=True)
class Level:
    """A level as a value."""

    hierarchy: int
    number: int


@dataclass(frozen=True)
class Where:
    """What a cell is asked in: the current members, the names of sets, and sets of tuples that facts must lie in.

    `within` is a set in WHERE: a member that a formula puts in takes its place. `space` are the subselects with visual
    totals; a member outside of what they leave of its dimension is one of the whole cube. Functions of sets show only
    what exists with `shown`: on axes what subselects and slicer say, in formulas (`left`) the subselects alone. There
    a cross join shows what exists together, no matter whether a subselect leaves it. `nowhere`: the slicer names
    nothing that a subselect leaves, so no fact is covered.
    """

    members: Mapping[int, Member]
    sets: Mapping[str, Set] = field(default_factory=dict)
    within: tuple[Set, ...] = ()
    space: tuple[Set, ...] = ()
    formula: bool = False
    left: tuple[Set, ...] = ()
    shown: tuple[Set, ...] = ()
    nowhere: bool = False

    def at(self, members: Iterable[Member]) -> Where:
        put = {m.hierarchy: m for m in members}
        cut = ([tuple(m for m in one if m.hierarchy not in put) for one in found] for found in self.within)
        within = tuple(found for found in cut if any(found))
        return replace(self, members={**self.members, **put}, within=within)


def collect(member: Member, members: list[Member]) -> None:
    """The member and all below it, ancestors first."""
    members.append(member)
    for child in member.children:
        collect(child, members)
