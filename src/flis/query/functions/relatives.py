"""Functions that give members as sets: those of levels and hierarchies, and relatives of members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.binding.nodes import Evaluation, Node, ResultKind
from flis.query.evaluation.exists import shown, shown_below
from flis.query.evaluation.levels import in_order, listed_calculations, of_level
from flis.query.evaluation.setwork import from_lists, single
from flis.query.evaluation.values import Context, TupleSet, as_column
from flis.query.functions.members import ancestor, ancestor_by_steps
from flis.query.functions.table import function

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.query.result import Ordinals

__all__: list[str] = []

GROUP = "Set"


# members of levels and hierarchies


@function("hierarchy.Members -> set", group=GROUP, en="All members.", da="Alle medlemmer.")
def members_of_hierarchy(ev: Evaluation, _context: Context, of: Node) -> TupleSet:
    """`[H].Members`, calculated ones left out."""
    h = of.hierarchies[0]
    return shown(ev, single(h, in_order(ev, h, np.arange(ev.members[h].table.visible, dtype=np.int32))))


@function(
    "hierarchy.AllMembers -> set",
    group=GROUP,
    en="All members, calculated ones too.",
    da="Alle medlemmer, også beregnede.",
)
def all_members_of_hierarchy(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`[H].AllMembers`."""
    h = of.hierarchies[0]
    found = members_of_hierarchy(ev, context, of)
    return single(h, in_order(ev, h, np.concatenate([found.columns[0], listed_calculations(ev, h, None)])))


@function("level.Members -> set", group=GROUP)
def members_of_level(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`[L].Members`."""
    return of_level(ev, context, of, calculated=False)


@function("level.AllMembers -> set", group=GROUP)
def all_members_of_level(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`[L].AllMembers`."""
    return of_level(ev, context, of, calculated=True)


# relatives


@function("member.Children -> set", group=GROUP, en="The children of a member.", da="Et medlems underordnede.")
def children(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`.Children`."""
    h = of.hierarchies[0]
    coordinate = ev.stood(of, context)
    table = ev.members[h].table
    if not isinstance(coordinate, np.ndarray):
        found = table.children(coordinate) if 0 <= coordinate < table.visible else np.zeros(0, dtype=np.int32)
        return single(h, shown_below(ev, h, coordinate, found))
    rows, found = table.children_of(coordinate)
    mask, above = ev.shown(h, found), ev.shown(h, coordinate)
    made = TupleSet((h,), (found,), rows)
    return made if mask is None or above is None else made.take(mask | ~above[rows])


@function(
    "member.Siblings -> set",
    group=GROUP,
    en="The children of a member's parent.",
    da="Et medlems søskende og det selv.",
)
def siblings(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`.Siblings`."""
    h = of.hierarchies[0]
    members, column = ev.placed(of, context)
    parts = []
    for ordinal in column.tolist():
        up = int(members.parents(np.array([ordinal], dtype=np.int32))[0])
        parts.append(members.table.children(up) if ordinal >= 0 else np.zeros(0, dtype=np.int32))
    if len(parts) == 1:
        return shown(ev, single(h, parts[0]))
    rows = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    return shown(ev, TupleSet((h,), (np.concatenate(parts),), rows))


@function(
    "Ascendants(member) -> set", group=GROUP, en="A member and all above it.", da="Et medlem og alle dets overordnede."
)
def ascendants(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`Ascendants(m)`: from the member to the root."""
    h = of.hierarchies[0]
    members, at = ev.placed(of, context)
    rows, alone = np.arange(len(at)), len(at) == 1
    found: list[tuple[NDArray[np.int64], Ordinals]] = []
    while True:
        keep = at >= 0
        at, rows = at[keep], rows[keep]
        if not len(at):
            break
        found.append((rows, at))
        at = members.parents(at)
    if not found:
        return TupleSet.none((h,))
    all_rows = np.concatenate([r for r, _ in found])
    order = np.argsort(all_rows, kind="stable")
    column = np.concatenate([m for _, m in found])[order]
    return TupleSet((h,), (column,), None if alone else all_rows[order])


@function(
    "Ancestors(member, level) -> set",
    "Ancestors(member, number) -> set",
    group=GROUP,
    en="The ancestor of a member, as a set.",
    da="Et medlems overordnede som mængde.",
)
def ancestors(ev: Evaluation, context: Context, of: Node, where: Node) -> TupleSet:
    """`Ancestors(m, level or steps)`."""
    pick = ancestor if where.kind is ResultKind.LEVEL else ancestor_by_steps
    found = as_column(pick(ev, context, of, where), context.size)
    return from_lists(of.hierarchies[0], np.arange(context.size), found, context.size).real()


FLAGS = {
    "SELF": (False, True, False),
    "AFTER": (False, False, True),
    "BEFORE": (True, False, False),
    "BEFORE_AND_AFTER": (True, False, True),
    "SELF_AND_AFTER": (False, True, True),
    "SELF_AND_BEFORE": (True, True, False),
    "SELF_BEFORE_AFTER": (True, True, True),
}
WORDS = "{SELF|AFTER|BEFORE|BEFORE_AND_AFTER|SELF_AND_AFTER|SELF_AND_BEFORE|SELF_BEFORE_AFTER|LEAVES}"


@function(
    f"Descendants(member, level, [{WORDS}]) -> set",
    f"Descendants(member, [number], {WORDS}) -> set",
    "Descendants(member, number) -> set",
    "Descendants(member) -> set",
    group=GROUP,
    en="The descendants of a member at, above or below a level or distance.",
    da="Et medlems efterkommere på, over eller under et niveau eller en afstand.",
)
def descendants(
    ev: Evaluation, context: Context, of: Node, where: Node | None = None, flag: Node | None = None
) -> TupleSet:
    """`Descendants(m, …)`."""
    h = of.hierarchies[0]
    word = _flag(where, flag)
    goals = _goals(ev, context, of, where)
    column = np.atleast_1d(np.asarray(ev.stood(of, context), dtype=np.int32))
    if len(goals) > len(column):
        column = np.repeat(column, len(goals))
    by_level = where is not None and where.kind is ResultKind.LEVEL
    parts = [
        _descendants(ev, h, m, goal=int(goals[i] if len(goals) > 1 else goals[0]), word=word, by_level=by_level)
        for i, m in enumerate(column.tolist())
    ]
    if len(parts) == 1:
        return single(h, parts[0])
    rows = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    return TupleSet((h,), (np.concatenate(parts),), rows)


def _flag(where: Node | None, flag: Node | None) -> str:
    """What is asked for about the level. Raises: StatementError: it needs a level, and there is none."""
    if flag is None:
        return "SELF" if where is not None else "SELF_BEFORE_AFTER"
    if where is None and flag.constant != "LEAVES":
        raise StatementError(
            f"Descendants with {flag.constant} needs a level or a distance before it; LEAVES alone does not.",
            line=flag.line,
            column=flag.column,
        )
    return str(flag.constant)


def _goals(ev: Evaluation, context: Context, of: Node, where: Node | None) -> NDArray[np.int64]:
    """The depth that each row asks for; of a distance, the generation."""
    if where is None:
        return np.full(1, np.iinfo(np.int32).max, dtype=np.int64)
    if where.kind is ResultKind.LEVEL:
        if where.hierarchies != of.hierarchies:
            raise StatementError(
                "The member and the level of Descendants must be of one hierarchy.",
                line=where.line,
                column=where.column,
            )
        return np.atleast_1d(np.asarray(where.run(ev, context), dtype=np.int64))
    column = np.atleast_1d(np.asarray(ev.stood(of, context), dtype=np.int32))
    return ev.members[of.hierarchies[0]].generations(column) + ev.values(where, context).whole()


def _descendants(ev: Evaluation, h: int, member: int, *, goal: int, word: str, by_level: bool) -> Ordinals:
    """The descendants of a member about a level, or about a generation; below a calculated member there are none."""
    members = ev.members[h]
    table = members.table
    if member < 0:
        return np.zeros(0, dtype=np.int32)
    below = table.descendants(member) if member < members.size else np.array([member], dtype=np.int32)
    generation = members.generations(below)
    level = members.level_numbers(below)
    if word == "LEAVES":
        leaf = table.child_counts(below) == 0
        if by_level:
            leaf &= level <= goal
        elif goal < generation[0]:
            leaf &= below != member
        else:  # the recorded answers have the leaves right below the distance too
            leaf &= generation <= goal + 1
        return shown_below(ev, h, member, below[leaf])
    before, own, after = FLAGS[word]
    depth = members.depths(below) if by_level else generation
    if by_level and table.parent_child and level[0] == goal:
        goal = int(depth[0])  # all generations share that level: the first one met counts as it
    keep = ((depth < goal) & before) | ((depth == goal) & own) | ((depth > goal) & after)
    return shown_below(ev, h, member, below[keep])


@function(
    f"Descendants(set, level, [{WORDS}]) -> set",
    f"Descendants(set, [number], {WORDS}) -> set",
    "Descendants(set, number) -> set",
    "Descendants(set) -> set",
    group=GROUP,
)
def descendants_of_set(
    ev: Evaluation, context: Context, of: Node, where: Node | None = None, flag: Node | None = None
) -> TupleSet:
    """`Descendants(set, …)`: those of every member, in order."""
    found = ev.tuples(of, context)
    if len(of.hierarchies) != 1:
        raise StatementError("Descendants needs members of one hierarchy.", line=of.line, column=of.column)
    h = of.hierarchies[0]
    word = _flag(where, flag)
    by_level = where is not None and where.kind is ResultKind.LEVEL
    tops = ev.members[h].shown(found.columns[0])
    goals = np.full(len(tops), np.iinfo(np.int32).max, dtype=np.int64)
    if where is not None:
        asked = np.asarray(where.run(ev, context)) if by_level else ev.values(where, context).whole()
        asked = np.atleast_1d(asked)
        if len(asked) > 1 and found.rows is None:
            found = found.spread(context.size)
            tops = ev.members[h].shown(found.columns[0])
        mine = asked[found.rows] if len(asked) > 1 else np.repeat(asked, len(tops))
        goals = mine if by_level else ev.members[h].generations(tops) + mine
    parts = [
        _descendants(ev, h, top, goal=goal, word=word, by_level=by_level)
        for top, goal in zip(tops.tolist(), goals.tolist(), strict=True)
    ]
    column = np.concatenate([*parts, np.zeros(0, dtype=np.int32)])
    rows = None if found.rows is None else np.repeat(found.rows, [len(p) for p in parts])
    return TupleSet((h,), (column,), rows)
