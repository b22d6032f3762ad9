"""Drilling: what pivot tables do when a field is expanded or collapsed, and visual totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.binding.nodes import Evaluation, Node, ResultKind
from flis.query.evaluation.setwork import within
from flis.query.evaluation.values import Context, TupleSet
from flis.query.evaluation.visual import shown_by, with_visual_totals
from flis.query.functions.order import _measured, sort_codes
from flis.query.functions.table import function

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.query.cubes.members import Members
    from flis.query.result import Ordinals

__all__: list[str] = ["drilled"]

GROUP = "Set"
CALC = "{INCLUDE_CALC_MEMBERS}"


def _children(
    ev: Evaluation, hierarchy: int, column: NDArray[np.int32], *, calculated: bool
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The visible children of each member, calculated ones behind the stored: (position, child)."""
    members = ev.members[hierarchy]
    column = members.shown(column)
    at, children = members.table.children_of(column)
    mask, above = ev.shown(hierarchy, children), ev.shown(hierarchy, column)
    if mask is not None and above is not None:
        mask = mask | ~above[at]
        at, children = at[mask], children[mask]
    if calculated and members.calculated:
        extra_at: list[int] = []
        extra: list[int] = []
        for i, c in enumerate(members.calculated):
            hits = np.flatnonzero((column == c.parent) & (c.parent >= 0) & (c.listed and c.rule is None)).tolist()
            extra_at += hits
            extra += [members.size + i] * len(hits)
        at = np.concatenate([at, np.array(extra_at, dtype=np.int64)])
        children = np.concatenate([children, np.array(extra, dtype=np.int32)])
        order = np.argsort(at, kind="stable")
        at, children = at[order], children[order]
    return at, children


def drilled(
    ev: Evaluation, found: TupleSet, spot: int, which: NDArray[np.bool_], *, calculated: bool = False
) -> TupleSet:
    """Each tuple of `which` followed by the same tuple with the children of its member at `spot`."""
    column = np.where(which, found.columns[spot], -1).astype(np.int32)
    at, children = _children(ev, found.hierarchies[spot], column, calculated=calculated)
    order = np.argsort(np.concatenate([np.arange(len(found)), at]), kind="stable")
    columns = []
    for i, c in enumerate(found.columns):
        below = children if i == spot else c[at]
        columns.append(np.concatenate([c, below])[order])
    rows = None if found.rows is None else np.concatenate([found.rows, found.rows[at]])[order]
    return TupleSet(found.hierarchies, tuple(columns), rows)


def _spot(ev: Evaluation, context: Context, of: Node, index: Node | None, level: Node | None) -> int:
    if level is not None:
        if level.hierarchies[0] not in of.hierarchies:
            name = ev.cube.hierarchies[level.hierarchies[0]].unique_name
            raise StatementError(f"The set does not have hierarchy {name}.", line=level.line, column=level.column)
        return of.hierarchies.index(level.hierarchies[0])
    at = int(ev.values(index, context).whole()[0]) if index is not None else 0
    if not 0 <= at < len(of.hierarchies):
        raise StatementError(f"The set has no hierarchy number {at}.", line=of.line, column=of.column)
    return at


def _on_level(ev: Evaluation, context: Context, found: TupleSet, spot: int, level: Node | None) -> NDArray[np.bool_]:
    """Which tuples stand on the level to drill: the one named, else the deepest that occurs."""
    depths = ev.members[found.hierarchies[spot]].depths(found.columns[spot])
    if level is not None:
        numbers = ev.members[found.hierarchies[spot]].level_numbers(found.columns[spot])
        return np.asarray(numbers == _number(ev, context, level))
    if found.rows is None:
        return np.asarray(depths == depths.max(initial=0))
    deepest = np.zeros(int(found.rows.max(initial=0)) + 1, dtype=depths.dtype)
    np.maximum.at(deepest, found.rows, depths)
    return np.asarray(depths == deepest[found.rows])


def _number(ev: Evaluation, context: Context, level: Node) -> int:
    return int(np.atleast_1d(np.asarray(level.run(ev, context)))[0])


def _met(ev: Evaluation, context: Context, found: TupleSet, level: Node | None) -> Node | None:
    """The level, but none where no member of the set is on it: then it is ignored. See Microsoft's DrilldownLevel."""
    if level is None or level.hierarchies[0] not in found.hierarchies:
        return level
    h = level.hierarchies[0]
    numbers = ev.members[h].level_numbers(found.columns[found.hierarchies.index(h)])
    return level if (numbers == _number(ev, context, level)).any() else None


def _followed(found: TupleSet, which: NDArray[np.bool_], ev: Evaluation, spot: int) -> NDArray[np.bool_]:
    """Leave out tuples that are drilled already: right behind them stands the same tuple with a descendant.

    (Microsoft, ToggleDrillState: "drilled down, that is, has a descendant immediately following it")
    """
    if len(found) < 2:
        return which
    members = ev.members[found.hierarchies[spot]]
    stood, listed = _listed(members, found.columns[spot])
    here = np.maximum(stood[:-1], 0)
    last = members.table.last[np.minimum(here, members.size - 1)]
    followed = np.zeros(len(found), dtype=bool)
    followed[:-1] = (stood[:-1] >= 0) & (stood[:-1] < members.table.visible)
    followed[:-1] &= (listed[1:] >= here) & (listed[1:] <= last) & (stood[1:] != stood[:-1])
    for i, column in enumerate(found.columns):
        if i != spot:
            followed[:-1] &= column[1:] == column[:-1]
    if found.rows is not None:
        followed[:-1] &= found.rows[1:] == found.rows[:-1]
    return which & ~followed


def _listed(members: Members, column: Ordinals) -> tuple[Ordinals, Ordinals]:
    """Where each member stands, and what lies at or above it among those listed: calculated ones have their parent."""
    stood = members.shown(column)
    return stood, np.where(stood >= members.table.visible, members.parents(stood), stood)


def _matching(  # noqa: PLR0917 - what drilling down has at hand
    ev: Evaluation, of: Node, members: Node, found: TupleSet, wanted: TupleSet, size: int
) -> NDArray[np.bool_]:
    """The tuples whose members of the wanted hierarchies, other ones left aside, are one of the wanted tuples."""
    found, wanted = shown_by(ev, found), shown_by(ev, wanted)
    at = [_place(of, members, h) for h in wanted.hierarchies]
    if len(at) == 1:
        return np.isin(found.columns[at[0]], wanted.columns[0])
    cut = TupleSet(wanted.hierarchies, tuple(found.columns[i] for i in at), found.rows)
    return within(cut, wanted, size)


@function(
    f"DrilldownLevel(set, [level], [number], [{CALC}]) -> set",
    group=GROUP,
    en="A set with the children of its members on a level (the deepest, if none is named).",
    da="En mængde med underordnede til medlemmerne på et niveau (det dybeste, hvis intet nævnes).",
)
def drilldown_level(  # noqa: PLR0917 - the arguments of the MDX function, in its order
    ev: Evaluation,
    context: Context,
    of: Node,
    level: Node | None = None,
    index: Node | None = None,
    flag: Node | None = None,
) -> TupleSet:
    """`DrilldownLevel(s, level, index, INCLUDE_CALC_MEMBERS)`."""
    found = ev.tuples(of, context)
    if not len(found):
        return found
    met = _met(ev, context, found, level)
    spot = _spot(ev, context, of, index, met)
    by_index = index is not None and level is None
    which = np.ones(len(found), dtype=bool) if by_index else _on_level(ev, context, found, spot, met)
    if level is not None:
        which = _followed(found, which, ev, spot)
    return drilled(ev, found, spot, which, calculated=flag is not None)


def _top(  # noqa: PLR0917 - the arguments of the MDX function, in its order
    ev: Evaluation,
    context: Context,
    of: Node,
    number: Node,
    level: Node | None,
    by: Node | None,
    flag: Node | None,
    *,
    top: bool,
) -> TupleSet:
    found = ev.tuples(of, context)
    keep = int(ev.values(number, context).whole()[0])
    if not len(found) or keep <= 0:
        return found
    met = _met(ev, context, found, level)
    spot = _spot(ev, context, of, None, met)
    which = _on_level(ev, context, found, spot, met) if met is not None else np.ones(len(found), dtype=bool)
    if level is not None:
        which = _followed(found, which, ev, spot)
    return _best_children(ev, context, found, spot, which, keep, by, top=top, calculated=flag is not None)


def _best_children(  # noqa: PLR0917 - the steps of two functions share it
    ev: Evaluation,
    context: Context,
    found: TupleSet,
    spot: int,
    which: NDArray[np.bool_],
    keep: int,
    by: Node | None,
    *,
    top: bool,
    calculated: bool,
) -> TupleSet:
    """Each tuple, those of `which` followed by their `keep` highest or lowest children."""
    pieces: list[TupleSet] = []
    for at in range(len(found)):
        one = found.take(np.array([at]))
        pieces.append(one)
        if not which[at]:
            continue
        below = drilled(ev, one, spot, np.ones(1, dtype=bool), calculated=calculated)
        below = below.take(np.arange(1, len(below)))
        if not len(below):
            continue
        plain = TupleSet(below.hierarchies, below.columns)
        if by is not None:
            _, values = _measured(ev, context if context.size == 1 else context.take(np.array([0])), plain, by)
        else:
            wide, _ = ev.inner(context if context.size == 1 else context.take(np.array([0])), plain)
            values = ev.cells(wide)
        order = np.argsort(sort_codes(ev.watch, values, descending=top), kind="stable")[:keep]
        pieces.append(TupleSet(below.hierarchies, tuple(c[order] for c in below.columns), None))
    columns = tuple(np.concatenate([p.columns[i] for p in pieces]) for i in range(len(found.columns)))
    return TupleSet(found.hierarchies, columns)


@function(
    f"DrilldownLevelTop(set, number, [level], [value], [{CALC}]) -> set",
    group=GROUP,
    en="DrilldownLevel with only the highest children of each member.",
    da="DrilldownLevel med kun de højeste underordnede til hvert medlem.",
    iterates=0,
)
def drilldown_level_top(  # noqa: PLR0917 - the arguments of the MDX function, in its order
    ev: Evaluation,
    context: Context,
    of: Node,
    number: Node,
    level: Node | None = None,
    by: Node | None = None,
    flag: Node | None = None,
) -> TupleSet:
    """`DrilldownLevelTop(s, n, level, value)`."""
    _same_hierarchy(ev, of, level)
    return _top(ev, context, of, number, level, by, flag, top=True)


@function(
    f"DrilldownLevelBottom(set, number, [level], [value], [{CALC}]) -> set",
    group=GROUP,
    en="DrilldownLevel with only the lowest children of each member.",
    da="DrilldownLevel med kun de laveste underordnede til hvert medlem.",
    iterates=0,
)
def drilldown_level_bottom(  # noqa: PLR0917 - the arguments of the MDX function, in its order
    ev: Evaluation,
    context: Context,
    of: Node,
    number: Node,
    level: Node | None = None,
    by: Node | None = None,
    flag: Node | None = None,
) -> TupleSet:
    """`DrilldownLevelBottom(s, n, level, value)`."""
    _same_hierarchy(ev, of, level)
    return _top(ev, context, of, number, level, by, flag, top=False)


def _same_hierarchy(ev: Evaluation, of: Node, level: Node | None) -> None:
    if level is not None and level.hierarchies[0] not in of.hierarchies:
        name = ev.cube.hierarchies[level.hierarchies[0]].unique_name
        raise StatementError(f"The set does not have hierarchy {name}.", line=level.line, column=level.column)


@function(
    f"DrilldownMember(set, set, [{{RECURSIVE}}], [hierarchy], [{CALC}]) -> set",
    f"DrilldownMember(set, set, hierarchy, [{CALC}]) -> set",
    f"DrilldownMember(set, set, [hierarchy], [{{RECURSIVE}}], [{CALC}]) -> set",
    group=GROUP,
    en="The first set with the children of those members that are in the second.",
    da="Den første mængde med underordnede til de medlemmer som er i den anden.",
)
def drilldown_member(ev: Evaluation, context: Context, of: Node, members: Node, *options: Node | None) -> TupleSet:
    """`DrilldownMember(s, members, RECURSIVE or hierarchy, …, INCLUDE_CALC_MEMBERS)`."""
    found = ev.tuples(of, context)
    wanted = ev.tuples(members, context)
    if not len(found) or not len(wanted):
        return found
    place = _member_spot(of, members)
    target = next((o for o in options if o is not None and o.kind is ResultKind.HIERARCHY), None)
    spot = place
    if target is not None:
        if target.hierarchies[0] not in of.hierarchies:
            raise StatementError(
                "The set does not have the hierarchy to drill.", line=target.line, column=target.column
            )
        spot = of.hierarchies.index(target.hierarchies[0])
    words = {o.constant for o in options if o is not None and o.kind is ResultKind.WORD}
    calculated = "INCLUDE_CALC_MEMBERS" in words
    which = _followed(found, _matching(ev, of, members, found, wanted, context.size), ev, spot)
    out = drilled(ev, found, spot, which, calculated=calculated)
    if "RECURSIVE" in words and spot == place:
        return _deeper(ev, context, of, members, out, wanted, spot, calculated=calculated)
    return out


def _deeper(  # noqa: PLR0917 - what drilling down has at hand
    ev: Evaluation,
    context: Context,
    of: Node,
    members: Node,
    found: TupleSet,
    wanted: TupleSet,
    spot: int,
    *,
    calculated: bool,
) -> TupleSet:
    """What was drilled down, with the wanted members among the children drilled down too, as long as there are any."""
    while True:
        # a member is drilled once: what follows it now are its children
        fresh = _followed(found, _matching(ev, of, members, found, wanted, context.size), ev, spot)
        fresh &= ev.members[found.hierarchies[spot]].table.child_counts(found.columns[spot]) > 0
        if not fresh.any():
            return found
        found = drilled(ev, found, spot, fresh, calculated=calculated)


def _member_best(  # noqa: PLR0917 - the arguments of the MDX function, in its order
    ev: Evaluation,
    context: Context,
    of: Node,
    members: Node,
    number: Node,
    by: Node | None,
    words: tuple[Node | None, ...],
    *,
    top: bool,
) -> TupleSet:
    found, wanted = ev.tuples(of, context), ev.tuples(members, context)
    keep = int(ev.values(number, context).whole()[0])
    if not len(found) or not len(wanted) or keep <= 0:
        return found
    spot = _member_spot(of, members)
    said = {w.constant for w in words if w is not None}
    calculated = "INCLUDE_CALC_MEMBERS" in said
    done = np.zeros(0, dtype=np.int32)
    while True:
        fresh = _matching(ev, of, members, found, wanted, context.size) & ~np.isin(found.columns[spot], done)
        which = _followed(found, fresh, ev, spot)
        if not which.any():
            return found
        done = np.concatenate([done, found.columns[spot][fresh]])
        found = _best_children(ev, context, found, spot, which, keep, by, top=top, calculated=calculated)
        if "RECURSIVE" not in said:
            return found


for _name, _is_top, _en, _da in (
    ("DrilldownMemberTop", True, "DrilldownMember with only the highest children.", "Kun de højeste underordnede."),
    ("DrilldownMemberBottom", False, "DrilldownMember with only the lowest children.", "Kun de laveste underordnede."),
):

    def _drilldown_member_best(  # noqa: PLR0917 - the arguments of the MDX function, in its order
        ev: Evaluation,
        context: Context,
        of: Node,
        members: Node,
        number: Node,
        by: Node | None = None,
        *words: Node | None,
        _top: bool = _is_top,
    ) -> TupleSet:
        return _member_best(ev, context, of, members, number, by, words, top=_top)

    function(
        f"{_name}(set, set, number, [value], [{{RECURSIVE}}], [{CALC}]) -> set", group=GROUP, en=_en, da=_da, iterates=0
    )(_drilldown_member_best)


def _member_spot(of: Node, members: Node) -> int:
    return _place(of, members, members.hierarchies[0] if members.hierarchies else of.hierarchies[0])


def _place(of: Node, members: Node, wanted: int) -> int:
    if wanted not in of.hierarchies:
        raise StatementError(
            "The members to drill are of no hierarchy of the set.", line=members.line, column=members.column
        )
    return of.hierarchies.index(wanted)


def _alone(members: Node) -> None:
    if len(members.hierarchies) > 1:
        raise StatementError(
            "The members to drill must be of one hierarchy.",
            hint="Name the members alone, without those of other hierarchies.",
            line=members.line,
            column=members.column,
        )


@function(
    "DrillupMember(set, set) -> set",
    group=GROUP,
    en="The first set without what lies below the members of the second and stands right behind them.",
    da="Den første mængde uden det som ligger under den andens medlemmer og står lige efter dem.",
)
def drillup_member(ev: Evaluation, context: Context, of: Node, members: Node) -> TupleSet:
    """`DrillupMember(s, members)`."""
    found, wanted = ev.tuples(of, context), ev.tuples(members, context)
    if not len(found) or not len(wanted):
        return found
    _alone(members)
    return found.take(~_run_below(ev, found, _member_spot(of, members), wanted.columns[0]))


def _run_below(ev: Evaluation, found: TupleSet, spot: int, tops: NDArray[np.int32]) -> NDArray[np.bool_]:
    """The tuples that follow one of a top, each with a member below it and without a break; the rest of them is equal.

    What lies below a top and stands elsewhere is not drilled from it.
    """
    members = ev.members[found.hierarchies[spot]]
    table = members.table
    column, listed = _listed(members, found.columns[spot])
    fresh = np.zeros(len(found), dtype=bool)
    fresh[:1] = True
    others = [c for i, c in enumerate(found.columns) if i != spot] + ([] if found.rows is None else [found.rows])
    for other in others:
        fresh[1:] |= other[1:] != other[:-1]
    at = np.arange(len(found))
    out = np.zeros(len(found), dtype=bool)
    for top in np.unique(members.shown(tops)).tolist():
        if 0 <= top < table.visible:
            below = (listed >= top) & (listed <= int(table.last[top])) & (column != top)
            before = np.maximum.accumulate(np.where(fresh | ~below, at, 0))
            out |= below & (column[before] == top)
    return out


@function(
    "DrillupLevel(set, [level]) -> set",
    group=GROUP,
    en="A set without the members below a level (the next to deepest, if none is named).",
    da="En mængde uden medlemmerne under et niveau (det næstdybeste, hvis intet nævnes).",
)
def drillup_level(ev: Evaluation, context: Context, of: Node, level: Node | None = None) -> TupleSet:
    """`DrillupLevel(s, level)`."""
    found = ev.tuples(of, context)
    if not len(found):
        return found
    if level is not None and _met(ev, context, found, level) is None:
        return found
    spot = _spot(ev, context, of, None, level)
    numbers = ev.members[found.hierarchies[spot]].level_numbers(found.columns[spot])
    top = _number(ev, context, level) if level is not None else int(numbers.max()) - 1
    return found.take(numbers <= top)


@function(
    f"ToggleDrillState(set, set, [{{RECURSIVE}}], [{CALC}]) -> set",
    group=GROUP,
    en="Drills the members of the second set down where they are collapsed, and up where they are expanded.",
    da="Folder den anden mængdes medlemmer ud hvor de er lukket, og sammen hvor de er foldet ud.",
)
def toggle_drill_state(ev: Evaluation, context: Context, of: Node, members: Node, *words: Node | None) -> TupleSet:
    """`ToggleDrillState(s, members, RECURSIVE, INCLUDE_CALC_MEMBERS)`; RECURSIVE is for what is drilled down."""
    found, wanted = ev.tuples(of, context), ev.tuples(members, context)
    if not len(found) or not len(wanted):
        return found
    _alone(members)
    spot = _member_spot(of, members)
    keep = ~_run_below(ev, found, spot, wanted.columns[0])
    column, tops = shown_by(ev, found).columns[spot], shown_by(ev, wanted).columns[0]
    closed = np.isin(column, tops)
    closed[:-1] &= keep[1:]
    said = {w.constant for w in words if w is not None}
    calculated = "INCLUDE_CALC_MEMBERS" in said
    out = drilled(ev, found.take(keep), spot, closed[keep], calculated=calculated)
    if "RECURSIVE" not in said:
        return out
    rest = wanted.take(~np.isin(tops, column))  # every member is toggled once
    return _deeper(ev, context, of, members, out, rest, spot, calculated=calculated)


@function(
    "VisualTotals(set, [string]) -> set",
    group=GROUP,
    en="A set whose parents show the totals of those of their children that are in it.",
    da="En mængde hvor overordnede viser totalen af de underordnede som er med.",
)
def visual_totals(ev: Evaluation, context: Context, of: Node, pattern: Node | None = None) -> TupleSet:
    """`VisualTotals(s, pattern)`."""
    found = ev.tuples(of, context)
    text = ev.values(pattern, context).strings()[0] if pattern is not None else "*"
    return with_visual_totals(ev, found, text)
