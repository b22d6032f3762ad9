"""Functions that give members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError
from flis.query.binding.conversion import current_member, hierarchy_node, member_node, names_of
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.cubes.names import MemberName
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.values import as_column
from flis.query.functions.table import everything, function
from flis.query.languages.mdx.syntax import NameSegment

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.cubes.members import Members
    from flis.query.evaluation.values import Context, Coordinate
    from flis.query.languages.mdx import syntax as s
    from flis.query.result import Ordinals

__all__ = ["at_depth", "during_iteration", "lagged", "lifted"]

GROUP = "Member"


def during_iteration(ev: Evaluation, of: Node, function: str) -> None:
    """Raise StatementError where a set is not gone through by the name that it is given here."""
    names = names_of(of)
    if not ev.iterated(names):
        why = "is not gone through here" if names else "has no name"
        raise StatementError(
            f"{function} is of a named set that is gone through; this one {why}.",
            line=of.line,
            column=of.column,
            hint="Name it where it is gone through: Filter(set AS name, … name.Current …).",
        )


def lifted(step: Callable[[Ordinals], Ordinals], coordinate: Coordinate) -> Coordinate:
    """A step over columns, applied to a coordinate."""
    if isinstance(coordinate, np.ndarray):
        return step(coordinate).astype(np.int32, copy=False)
    return int(step(np.array([coordinate], dtype=np.int32))[0])


def widened(coordinate: Coordinate, beside: object) -> Coordinate:
    """A coordinate as a column where what it is taken with differs between rows."""
    size = len(beside) if isinstance(beside, np.ndarray) else 1
    return np.full(size, coordinate, dtype=np.int32) if size > 1 and isinstance(coordinate, int) else coordinate


def _members(ev: Evaluation, node: Node) -> Members:
    return ev.members[node.hierarchies[0]]


def _constant(node: Node | None) -> Any:
    return node.constant if node is not None else None


# at binding


@function(
    "hierarchy.CurrentMember -> member",
    "level.CurrentMember -> member",
    "member.CurrentMember -> member",
    group=GROUP,
    en="The current member of a hierarchy during iteration.",
    da="Hierarkiets aktuelle medlem under gennemløb.",
    binds=True,
)
def current(binder: Binding, e: s.SyntaxNode, arguments: list[Node]) -> Node:
    """`hierarchy.CurrentMember`."""
    node = arguments[0]
    if node.kind is ResultKind.DIMENSION and len(node.hierarchies) > 1:
        return current_member(node.hierarchies[0])
    if not node.hierarchies:
        raise StatementError("CurrentMember needs a hierarchy.", line=e.line, column=e.column)
    del binder
    return current_member(node.hierarchies[0])


@function(
    "hierarchy.DefaultMember -> member",
    "member.DefaultMember -> member",
    group=GROUP,
    en="The default member of a hierarchy.",
    da="Hierarkiets standardmedlem.",
)
def default_member(ev: Evaluation, _context: Context, of: Node) -> Coordinate:
    """`.DefaultMember`; where a subselect leaves it out, the one that takes its place."""
    return ev.default(ev.cube.hierarchies[of.hierarchies[0]])


@function(
    "hierarchy.UnknownMember -> member",
    "member.UnknownMember -> member",
    group=GROUP,
    en="The member of facts whose key is unknown: the hierarchy's topmost, or the one below a member.",
    da="Medlemmet for fakta med ukendt nøgle: hierarkiets øverste, eller det under et medlem.",
)
def unknown_member(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.UnknownMember`."""
    table = ev.cube.hierarchies[of.hierarchies[0]].table
    if of.kind is ResultKind.MEMBER:
        return lifted(table.unknown_below, ev.member(of, context))
    return table.unknown[0] if table.unknown else -1


# up and down


@function("member.Parent -> member", group=GROUP, en="The parent of a member.", da="Et medlems overordnede.")
def parent(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.Parent`."""
    found = ev.member(of, context)
    return lifted(_members(ev, of).parents, found)


@function(
    "member.FirstChild -> member", group=GROUP, en="The first child of a member.", da="Et medlems første underordnede."
)
def first_child(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.FirstChild`."""
    return _edge_child(ev, context, of, 0)


@function(
    "member.LastChild -> member", group=GROUP, en="The last child of a member.", da="Et medlems sidste underordnede."
)
def last_child(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.LastChild`."""
    return _edge_child(ev, context, of, -1)


def _edge_child(ev: Evaluation, context: Context, of: Node, place: int) -> Coordinate:
    table = _members(ev, of).table
    mask = ev.subselected.masks.get(of.hierarchies[0])

    def step(ordinals: Ordinals) -> Ordinals:
        out = np.full(len(ordinals), -1, dtype=np.int32)
        for i, ordinal in enumerate(ordinals.tolist()):
            if 0 <= ordinal < table.size:
                children = table.children(ordinal)
                children = children[mask[children]] if mask is not None and mask[ordinal] else children
                out[i] = children[place] if len(children) else -1
        return out

    return lifted(step, ev.stood(of, context))


def _siblings(ev: Evaluation, of: Node, ordinal: int) -> Ordinals:
    members = _members(ev, of)
    if ordinal < 0:
        return np.zeros(0, dtype=np.int32)
    if members.hierarchy.is_measures:
        return np.arange(members.size, dtype=np.int32)
    up = int(members.parents(np.array([ordinal], dtype=np.int32))[0])
    return members.table.children(up)


@function("member.FirstSibling -> member", group=GROUP, en="The first child of the parent.", da="Den første søskende.")
def first_sibling(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.FirstSibling`."""
    return _edge_sibling(ev, context, of, 0)


@function("member.LastSibling -> member", group=GROUP, en="The last child of the parent.", da="Den sidste søskende.")
def last_sibling(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.LastSibling`."""
    return _edge_sibling(ev, context, of, -1)


def _edge_sibling(ev: Evaluation, context: Context, of: Node, place: int) -> Coordinate:
    def step(ordinals: Ordinals) -> Ordinals:
        found = [_siblings(ev, of, o) for o in ordinals.tolist()]
        return np.array([f[place] if len(f) else -1 for f in found], dtype=np.int32)

    return lifted(step, ev.member(of, context))


def lagged(members: Members, ordinals: Ordinals, steps: np.ndarray[Any, Any]) -> Ordinals:
    """The members so many places before, on the same level (at the same depth of a parent-child hierarchy)."""
    table = members.table
    stood = members.shown(ordinals)
    stored = (stood >= 0) & (stood < table.visible)
    at = np.where(stored, stood, 0)
    out = np.full(len(ordinals), -1, dtype=np.int32)
    depth, place = table.depth[at], table.rank[at] - steps
    for d in np.unique(depth[stored]).tolist():
        level = table.by_depth[d]
        mine = stored & (depth == d) & (place >= 0) & (place < len(level))
        out[mine] = level[place[mine]]
    calculated = ordinals >= table.size
    out[calculated & (steps == 0)] = ordinals[calculated & (steps == 0)]
    return out


def _lag(ev: Evaluation, context: Context, of: Node, number: Node | None, sign: int) -> Coordinate:
    steps = np.ones(1, dtype=np.int64) if number is None else ev.values(number, context).whole()
    coordinate = widened(ev.member(of, context), steps)

    def step(ordinals: Ordinals) -> Ordinals:
        return lagged(_members(ev, of), ordinals, np.broadcast_to(sign * steps, ordinals.shape))

    return lifted(step, coordinate)


@function(
    "member.PrevMember -> member",
    group=GROUP,
    en="The member before, on the same level.",
    da="Det foregående medlem på samme niveau.",
)
def prev_member(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.PrevMember`."""
    return _lag(ev, context, of, None, 1)


@function(
    "member.NextMember -> member",
    group=GROUP,
    en="The member after, on the same level.",
    da="Det næste medlem på samme niveau.",
)
def next_member(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.NextMember`."""
    return _lag(ev, context, of, None, -1)


@function(
    "member.Lag(number) -> member",
    group=GROUP,
    en="The member so many places before, on the same level.",
    da="Medlemmet så mange pladser før på samme niveau.",
)
def lag(ev: Evaluation, context: Context, of: Node, number: Node) -> Coordinate:
    """`.Lag(n)`."""
    return _lag(ev, context, of, number, 1)


@function(
    "member.Lead(number) -> member",
    group=GROUP,
    en="The member so many places after, on the same level.",
    da="Medlemmet så mange pladser efter på samme niveau.",
)
def lead(ev: Evaluation, context: Context, of: Node, number: Node) -> Coordinate:
    """`.Lead(n)`."""
    return _lag(ev, context, of, number, -1)


def at_depth(members: Members, ordinals: Ordinals, depth: np.ndarray[Any, Any] | int) -> Ordinals:
    """The ancestor or self at a depth; calculated members count through their parent."""
    depths = np.broadcast_to(np.asarray(depth), ordinals.shape)
    own = members.depths(ordinals)
    stored = ordinals.copy()
    calculated = ordinals >= members.size
    if calculated.any():
        up = members.parents(ordinals)
        stored = np.where(calculated & (depths < own), up, stored).astype(np.int32)
    out = np.full(len(ordinals), -1, dtype=np.int32)
    for d in np.unique(depths).tolist():
        mine = (depths == d) & (stored >= 0) & (stored < members.size)
        out[mine] = members.table.ancestors(stored[mine], d)
    out[calculated & (depths == own)] = ordinals[calculated & (depths == own)]
    return out


@function(
    "Ancestor(member, level) -> member",
    group=GROUP,
    en="The ancestor of a member at a level or so many steps up.",
    da="Et medlems overordnede på et niveau eller så mange trin oppe.",
)
def ancestor(ev: Evaluation, context: Context, of: Node, level: Node) -> Coordinate:
    """`Ancestor(m, level)`."""
    if level.hierarchies != of.hierarchies:
        raise StatementError(
            "The member and the level of Ancestor must be of one hierarchy.", line=level.line, column=level.column
        )
    wanted = level.run(ev, context)
    start = widened(ev.member(of, context), wanted)
    members = _members(ev, of)

    def step(ordinals: Ordinals) -> Ordinals:
        found = at_depth(members, ordinals, wanted)
        if members.table.parent_child:  # where all generations share one level
            found = np.where(members.level_numbers(ordinals) == wanted, ordinals, found)
        return found

    return lifted(step, start)


@function("Ancestor(member, number) -> member", group=GROUP)
def ancestor_by_steps(ev: Evaluation, context: Context, of: Node, number: Node) -> Coordinate:
    """`Ancestor(m, n)`."""
    steps = ev.values(number, context).whole()
    found = widened(ev.member(of, context), steps)
    members = _members(ev, of)

    def step(ordinals: Ordinals) -> Ordinals:
        left = np.broadcast_to(steps, ordinals.shape)
        at = np.where(left < 0, -1, ordinals).astype(np.int32)
        while ((left > 0) & (at >= 0)).any():
            at = np.where(left > 0, members.parents(at), at)
            left = left - 1
        return at

    return lifted(step, found)


@function(
    "Cousin(member, member) -> member",
    group=GROUP,
    en="The member in the same place below another ancestor.",
    da="Medlemmet på samme plads under en anden overordnet.",
)
def cousin(ev: Evaluation, context: Context, of: Node, below: Node) -> Coordinate:
    """`Cousin(m, ancestor)`."""
    if of.hierarchies != below.hierarchies:
        raise StatementError("The members of Cousin must be of one hierarchy.", line=below.line, column=below.column)
    table = _members(ev, of).table
    froms, tos = (as_column(ev.stood(x, context), context.size) for x in (of, below))

    def one(ordinal: int, target: int) -> int:
        if ordinal < 0 or target < 0 or ordinal >= table.size or target >= table.size:
            return -1
        if table.depth[ordinal] < table.depth[target]:
            return -1
        path: list[int] = []
        while table.depth[ordinal] > table.depth[target]:
            up = int(table.parent[ordinal])
            path.append(int(np.searchsorted(table.children(up), ordinal)))
            ordinal = up
        for place in reversed(path):
            children = table.children(target)
            if place >= len(children):
                return -1
            target = int(children[place])
        return target

    out = np.array([one(a, b) for a, b in zip(froms.tolist(), tos.tolist(), strict=True)], dtype=np.int32)
    return out if context.size != 1 else int(out[0])


@function(
    "member.DataMember -> member",
    group=GROUP,
    en="The member that holds a parent's own values in a parent-child hierarchy.",
    da="Medlemmet med en overordnets egne værdier i et forælder-barn-hierarki.",
)
def data_member(ev: Evaluation, context: Context, of: Node) -> Coordinate:
    """`.DataMember`; the member itself where it has none, and for the All of a parent-child hierarchy no member."""
    members = _members(ev, of)
    known = dict(members.table.data_member)
    if members.table.parent_child and members.hierarchy.has_all:
        known[0] = -1

    def step(ordinals: Ordinals) -> Ordinals:
        return np.array([known.get(o, o) for o in ordinals.tolist()], dtype=np.int32)

    return lifted(step, ev.member(of, context))


# by position and by text


@function(
    "Dimensions(number) -> hierarchy",
    "Dimensions(string) -> hierarchy",
    group="Hierarchy",
    en="The hierarchy of a number or name.",
    da="Hierarkiet med et nummer eller navn.",
    binds=True,
)
def dimensions(binder: Binding, e: s.SyntaxNode, arguments: list[Node]) -> Node:
    """`Dimensions(number)`."""
    wanted = _constant(arguments[0])
    hierarchies = binder.cube.hierarchies
    if isinstance(wanted, str):
        text = wanted.casefold().strip("[]")
        found = [h for h in hierarchies if text in (h.dimension.name.casefold(), h.name.casefold())]
        dotted = text.replace("].[", ".")
        named = [h for h in hierarchies if dotted == f"{h.dimension.name}.{h.name}".casefold()]
        if named or found:
            return hierarchy_node((named or found)[0])
        return binder.failing(StatementError(f"There is no dimension {wanted}.", line=e.line, column=e.column))
    if not isinstance(wanted, (int, float)) or not 0 <= int(wanted) < len(hierarchies):
        said = f"Dimensions counts from 0 to {len(hierarchies) - 1}; {wanted} is outside."
        return binder.failing(StatementError(said, line=e.line, column=e.column))
    return hierarchy_node(hierarchies[int(wanted)])


@function(
    "ValidMeasure(tuple) -> value",
    group="Numeric",
    en="A measure's value with every dimension that its measure group lacks at its All member.",
    da="Målingens værdi, hvor de dimensioner som målegruppen ikke har, står på alle.",
    looks=everything,
)
def valid_measure(ev: Evaluation, context: Context, of: Node) -> Any:
    """`ValidMeasure(m)`."""
    found = ev.point(of, context)
    measure = found.get(0, context.coordinates[0])
    ordinal = int(measure[0]) if isinstance(measure, np.ndarray) else measure
    if ordinal >= ev.sizes[0]:
        return ev.cells(context.put(found))
    group, _ = ev.cube.measures[ordinal]
    free: dict[int, Coordinate] = {
        h.index: h.root for h in ev.cube.hierarchies if h.index != MEASURES and h.index not in group.linked
    }
    return ev.cells(context.put(found).put(free))


@function(
    "set.Current -> tuple",
    group="Tuple",
    en="The current tuple of a set during iteration.",
    da="Mængdens aktuelle tupel under gennemløb.",
    looks=lambda _binder, arguments: frozenset(arguments[0].hierarchies),
)
def current_tuple(ev: Evaluation, context: Context, of: Node) -> dict[int, Coordinate]:
    """`.Current`. Raises: StatementError: the set has no name, or is not gone through here."""
    during_iteration(ev, of, "Current")
    return {h: context.coordinates[h] for h in of.hierarchies}


def measure_node(binder: Binding, name: str) -> Node | None:
    """A stored or calculated measure by name."""
    found = binder.names.resolve((NameSegment("Measures"), NameSegment(name)))
    if found and found[1] == 2 and isinstance(found[0], MemberName):
        return member_node(found[0].hierarchy, found[0].ordinal)
    return None
