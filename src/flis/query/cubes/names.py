"""Names of a statement to objects of a cube, as generously as Analysis Services and Mondrian take them together.

A path is resolved from its first part: dimension, hierarchy (`[Time].[Weekly]`, `[Time.Weekly]`, `[Weekly]`), level, or
member of any dimension; each further part looks below what was found. Letter case does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from flis.errors import NameStatementError, StatementError, listed, suggest
from flis.query.cubes.member_table import UNKNOWN_NAME
from flis.query.cubes.members import Members
from flis.query.cubes.structure import MEASURES, BoundDimension, BoundHierarchy, BoundLevel
from flis.query.languages.mdx import parse_expression, to_text
from flis.query.languages.mdx.syntax import Identifier, NameSegment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flis.query.cubes.calculations import Calculation
    from flis.query.languages.mdx.syntax import Expression

__all__ = ["SHARED", "MemberName", "Named", "NamedCube", "Names", "SetName", "hierarchy_named"]

THIS_CUBE = "CURRENTCUBE"
SHARED = 2
"""The parts of a path that names a level and its hierarchy alike; a longer one has a part for each."""


@dataclass(frozen=True, slots=True)
class MemberName:
    """A member by hierarchy and ordinal."""

    hierarchy: BoundHierarchy
    ordinal: int


@dataclass(frozen=True, slots=True)
class SetName:
    """A named set, by its name in lower case."""

    name: str


Named: TypeAlias = BoundDimension | BoundHierarchy | BoundLevel | MemberName | SetName


def hierarchy_named(named: Named | None) -> BoundHierarchy | None:
    """The hierarchy of what a path names, a dimension's first one; None of a set or of nothing."""
    if isinstance(named, BoundDimension):
        return named.hierarchies[0]
    if isinstance(named, BoundHierarchy):
        return named
    return named.hierarchy if isinstance(named, BoundLevel | MemberName) else None


class NamedCube(Protocol):
    """A cube as names are looked up in it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def path_names(self) -> bool:
        """Whether a level goes before its hierarchy where one name means both."""
        ...

    @property
    def dimensions(self) -> tuple[BoundDimension, ...]:
        """Its dimensions."""
        ...

    @property
    def hierarchies(self) -> tuple[BoundHierarchy, ...]:
        """The hierarchies of all dimensions, in order."""
        ...

    @property
    def beginnings(self) -> Mapping[str, tuple[BoundHierarchy | BoundLevel, ...]]:
        """What a path can begin with besides dimensions and members, by name in lower case, likeliest first."""
        ...

    @property
    def holding(self) -> Callable[[str], frozenset[int]]:
        """The hierarchies that have a stored member of a name, given in lower case, or another name of All."""
        ...

    @property
    def measure_names(self) -> Sequence[str]:
        """The names of the measures that are listed, calculated ones last."""
        ...


class Names:
    """The names known to one statement: the cube's, and the session's and the statement's own members and sets."""

    def __init__(
        self, cube: NamedCube, calculated: Mapping[int, Sequence[Calculation]] | None = None, sets: Sequence[str] = ()
    ) -> None:
        self.cube = cube
        self.calculated = {h: list(c) for h, c in (calculated or {}).items()}
        self.sets = {s.casefold() for s in sets}
        self._dimensions = {d.name.casefold(): d for d in cube.dimensions}
        self._members: dict[int, Members] = {}
        self._every: tuple[int, tuple[Members, ...]] = (-1, ())
        self._resolved: dict[tuple[object, ...], tuple[Named, int] | None] = {}

    def calculations(self, hierarchy: BoundHierarchy) -> list[Calculation]:
        """All calculated members of a hierarchy: the cube's, then the session's and statement's."""
        return [*hierarchy.calculations, *self.calculated.get(hierarchy.index, ())]

    def members(self, hierarchy: BoundHierarchy) -> Members:
        """The members of a hierarchy as this statement knows them."""
        extra = self.calculated.get(hierarchy.index)
        if not extra:
            return hierarchy.members
        known = self._members.get(hierarchy.index)
        if known is None or known.count < hierarchy.members.count + len(extra):
            known = Members(hierarchy, hierarchy.table, (*hierarchy.calculations, *extra))
            self._members[hierarchy.index] = known
        return known

    def every(self) -> tuple[Members, ...]:
        """The members of all hierarchies as this statement knows them."""
        count = sum(map(len, self.calculated.values()))
        if self._every[0] != count:
            self._every = count, tuple(self.members(h) for h in self.cube.hierarchies)
        return self._every[1]

    # paths

    def resolve(self, segments: Sequence[NameSegment]) -> tuple[Named, int] | None:
        """The object that the longest beginning of a path names, and how many parts that took; None for none."""
        key = (*((x.text, x.quoted, x.keys) for x in segments), sum(map(len, self.calculated.values())))
        if key not in self._resolved:
            self._resolved[key] = self._search(segments)
        return self._resolved[key]

    def _search(self, segments: Sequence[NameSegment]) -> tuple[Named, int] | None:
        best: tuple[Named, int] | None = None
        first = 1 if len(segments) > 1 and segments[0].text.upper() == THIS_CUBE and not segments[0].quoted else 0
        for start in self._roots(segments[first]):
            found = self._walk(start, segments, first + 1)
            if found[1] == len(segments):
                return found
            if best is None or found[1] > best[1]:
                best = found
        return best

    def _walk(self, found: Named, segments: Sequence[NameSegment], used: int) -> tuple[Named, int]:
        """As far as the parts lead; where one means two things, the first that leads to the end."""
        best = (found, used)
        if used < len(segments):
            for below in self._options(found, segments[used]):
                reached = self._walk(below, segments, used + 1)
                if reached[1] > best[1]:
                    best = reached
                if best[1] == len(segments):
                    break
        return best

    def _options(self, found: Named, segment: NameSegment) -> Iterator[Named]:
        """What a part can mean below `found`: in a catalogue of path names a level goes before its hierarchy."""
        if isinstance(found, BoundDimension) and self.cube.path_names and not segment.keys:
            text = segment.text.casefold()
            for h in found.hierarchies:
                if h.name.casefold() == text:
                    yield from (level for level in h.levels if level.name.casefold() == text)
        if (below := self.below(found, segment)) is not None:
            yield below

    def _roots(self, segment: NameSegment) -> Iterator[Named]:
        text = segment.text.casefold()
        hierarchies = self.cube.hierarchies
        if text in self.sets:
            yield SetName(text)
        if text in self._dimensions:
            yield self._dimensions[text]
        yield from self.cube.beginnings.get(text, ())
        known = None if segment.keys else self.cube.holding(text)
        mine = [h for h in hierarchies if known is None or h.index in known or self.calculations(h)]
        found = (self.root_member(h, segment) for h in mine)
        yield from (member for member in found if member is not None)
        if not segment.keys:
            deeper = (self._anywhere(h, segment.text) for h in mine)
            yield from (member for member in deeper if member is not None)

    def below(self, found: Named, segment: NameSegment) -> Named | None:
        """What a further part of a path names below what was found so far."""
        if isinstance(found, BoundDimension):
            return self._in_dimension(found, segment)
        if isinstance(found, BoundHierarchy):
            return self._in_hierarchy(found, segment)
        if isinstance(found, BoundLevel):
            return self._in_level(found, segment)
        if isinstance(found, MemberName):
            return self._child(found, segment)
        return None

    def _in_dimension(self, dimension: BoundDimension, segment: NameSegment) -> Named | None:
        text = segment.text.casefold()
        if not segment.keys:
            for h in dimension.hierarchies:
                if h.name.casefold() == text and (segment.quoted or not dimension.is_measures):
                    return h
        for h in dimension.hierarchies:
            if (found := self._in_hierarchy(h, segment, anywhere=False)) is not None:
                return found
        for h in dimension.hierarchies:
            if (found := self._in_hierarchy(h, segment)) is not None:
                return found
        return None

    def _in_hierarchy(self, hierarchy: BoundHierarchy, segment: NameSegment, *, anywhere: bool = True) -> Named | None:
        text = segment.text.casefold()
        if not segment.keys:
            for level in hierarchy.levels:
                if level.name.casefold() == text:
                    return level
        if (found := self.root_member(hierarchy, segment)) is not None:
            return found
        if _unknown(segment) and hierarchy.table.unknown:
            return MemberName(hierarchy, hierarchy.table.unknown[0])
        if anywhere and segment.quoted and not segment.keys:
            return self._anywhere(hierarchy, segment.text)
        return None

    def root_member(self, hierarchy: BoundHierarchy, segment: NameSegment) -> MemberName | None:
        """A root, a member right below All, or a calculated member without parent."""
        table = hierarchy.table
        if segment.keys:
            return self._keyed(hierarchy, segment.keys, None)
        name = segment.text
        if hierarchy.has_all and (ordinal := table.child(0, name)) >= 0:
            return MemberName(hierarchy, ordinal)
        if (ordinal := table.child(-1, name)) >= 0:
            return MemberName(hierarchy, ordinal)
        if hierarchy.has_all and name.casefold() in ("all", f"all {hierarchy.name}".casefold()):
            return MemberName(hierarchy, 0)
        found = self._calculated(hierarchy, name, -1)
        return self._calculated(hierarchy, name, 0) if found is None and hierarchy.has_all else found

    def _calculated(self, hierarchy: BoundHierarchy, name: str, parent: int | None) -> MemberName | None:
        text = name.casefold()
        found = -1
        for i, c in enumerate(self.calculations(hierarchy)):
            if c.name.casefold() == text and parent in (None, c.parent):
                found = i  # the statement's own members hide earlier ones
        return MemberName(hierarchy, hierarchy.table.size + found) if found >= 0 else None

    def _anywhere(self, hierarchy: BoundHierarchy, name: str) -> MemberName | None:
        """A member at any level; the first one where several have the name."""
        found = hierarchy.table.named(name)
        if len(found):
            return MemberName(hierarchy, int(found[0]))
        return self._calculated(hierarchy, name, None)

    def _in_level(self, level: BoundLevel, segment: NameSegment) -> MemberName | None:
        table = level.hierarchy.table
        if segment.keys:
            return self._keyed(level.hierarchy, segment.keys, level.number)
        found = table.named(segment.text)
        found = found[table.level[found] == level.number]
        if len(found):
            return MemberName(level.hierarchy, int(found[0]))
        if level.is_all and segment.text.casefold() == "all":
            return MemberName(level.hierarchy, 0)
        mine = [
            i
            for i, c in enumerate(self.calculations(level.hierarchy))
            if c.name.casefold() == segment.text.casefold() and c.level == level.number
        ]
        return MemberName(level.hierarchy, table.size + mine[-1]) if mine else None

    def _keyed(self, hierarchy: BoundHierarchy, keys: Sequence[str], level: int | None) -> MemberName | None:
        """By key: the member's own last, those of its ancestors before it (or, as some clients write, behind it)."""
        table = hierarchy.table
        for own, others in ((keys[-1], keys[-2::-1]), (keys[0], keys[1:])):
            for ordinal in table.keyed(own).tolist():
                if level is not None and table.level[ordinal] != level:
                    continue
                if level is None and hierarchy.has_all and ordinal == 0:
                    continue
                at, fits = ordinal, True
                for key in others:
                    at = int(table.parent[at])
                    fits = fits and at >= 0 and table.keys[at].as_py().casefold() == key.casefold()
                if fits:
                    return MemberName(hierarchy, ordinal)
        return None

    def _child(self, member: MemberName, segment: NameSegment) -> MemberName | None:
        hierarchy, ordinal = member.hierarchy, member.ordinal
        table = hierarchy.table
        if ordinal >= table.size:
            return None
        if segment.keys:
            found = table.child(ordinal, segment.keys[-1], by_key=True)
        else:
            found = table.child(ordinal, segment.text)
        if found < 0 and _unknown(segment):
            found = int(table.unknown_below(np.array([ordinal]))[0])
        if found >= 0:
            return MemberName(hierarchy, found)
        return self._calculated(hierarchy, segment.text, ordinal) if not segment.keys else None

    # for the catalogue

    def parent(self, written: Expression, name: str) -> tuple[BoundHierarchy, int]:
        """The hierarchy and the parent of a calculated member that shall lie below `written`.

        Raises:
            NameStatementError: there is no such hierarchy or member.
            StatementError: no member can lie below that one.
        """
        if isinstance(written, Identifier):
            found = self.resolve(written.segments)
            if found is not None and found[1] == len(written.segments):
                at = found[0]
                if isinstance(at, BoundDimension):
                    return at.hierarchies[0], -1
                if isinstance(at, BoundHierarchy):
                    return at, -1
                top = isinstance(at, BoundLevel) and (at.number == 0 or (at.shares_name and found[1] <= SHARED))
                if isinstance(at, BoundLevel) and (top or at.hierarchy.is_measures):
                    return at.hierarchy, -1
                if isinstance(at, MemberName):
                    return at.hierarchy, _above(at, written, name)
            raise self.unknown(written)
        raise NameStatementError(f"Calculated member {name} needs a hierarchy or a member to lie below.")

    def member_below(self, hierarchy: BoundHierarchy, written: str) -> int:
        """The ordinal of a default member, written as an MDX name or as a bare member name; -1 for none."""
        if "[" in written:
            expression = parse_expression(written)
            if not isinstance(expression, Identifier):
                return -1
            segments = expression.segments
        else:
            segments = (NameSegment(written),)
        found = self.resolve(segments)
        if found and found[1] == len(segments) and isinstance(found[0], MemberName) and found[0].hierarchy is hierarchy:
            return found[0].ordinal
        at: Named | None = hierarchy
        for segment in segments:
            at = self.below(at, segment) if at is not None else None
        return at.ordinal if isinstance(at, MemberName) else -1

    # errors

    def unknown(self, path: Identifier, used: int = 0) -> NameStatementError:
        """The error for a path of which only the first `used` parts name anything."""
        segment = path.segments[min(used, len(path.segments) - 1)]
        found = self.resolve(path.segments[:used]) if used else None
        hint = suggest(segment.text, self._candidates(found[0] if found else None))
        if found is None:
            hint = f"{hint} {listed([d.name for d in self.cube.dimensions[1:]], 'Dimensions')}".strip()
        if found is None or found[0] in (self.cube.dimensions[0], self.cube.hierarchies[MEASURES]):
            hint = f"{hint} {listed(self.cube.measure_names, 'Measures')}".strip()
        return NameStatementError(
            f"{to_text(path)} is not in cube {self.cube.name}.", line=segment.line, column=segment.column, hint=hint
        )

    def _candidates(self, found: Named | None) -> list[str]:
        if found is None:
            names = [d.name for d in self.cube.dimensions] + [h.name for h in self.cube.hierarchies]
            return names + [level.name for h in self.cube.hierarchies for level in h.levels] + sorted(self.sets)
        if isinstance(found, BoundDimension):
            found = found.hierarchies[0]
        if isinstance(found, SetName):
            return []
        if isinstance(found, MemberName):
            table = found.hierarchy.table
            return (
                found.hierarchy.members.names(table.children(found.ordinal)[:2000])
                if found.ordinal < table.size
                else []
            )
        hierarchy = found if isinstance(found, BoundHierarchy) else found.hierarchy
        number = found.number if isinstance(found, BoundLevel) else (1 if hierarchy.has_all else 0)
        by_level = hierarchy.table.by_level
        known = hierarchy.members.names(by_level[number][:2000]) if number < len(by_level) else []
        known += [c.name for c in self.calculations(hierarchy)]
        if isinstance(found, BoundHierarchy) and hierarchy.index != MEASURES:
            known += [level.name for level in hierarchy.levels]
        return known


def _above(parent: MemberName, written: Identifier, name: str) -> int:
    """The ordinal of a member that a calculated one shall lie below."""
    table = parent.hierarchy.table
    if parent.ordinal < table.size and parent.hierarchy.level_below(parent.ordinal) >= 0:
        return parent.ordinal
    why = "is of the lowest level" if parent.ordinal < table.size else "is calculated itself"
    raise StatementError(
        f"Calculated member {name} cannot lie below {to_text(written)}, which {why}.",
        line=written.line,
        column=written.column,
        hint="Name a member that can have children, or the hierarchy alone.",
    )


def _unknown(segment: NameSegment) -> bool:
    """Whether a part of a path says `.UNKNOWNMEMBER`, as unique names of unknown members do."""
    return not segment.quoted and not segment.keys and segment.text.upper() == UNKNOWN_NAME
