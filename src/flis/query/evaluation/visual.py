"""`VisualTotals`: parents in a set become members that total what is shown below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.cubes.calculations import Calculation
from flis.query.evaluation.aggregate import TupleTotals
from flis.query.evaluation.values import TupleSet
from flis.query.languages.mdx.syntax import Null

if TYPE_CHECKING:
    from flis.query.cubes.member_table import MemberTable
    from flis.query.evaluation.protocols import StatementCube
    from flis.query.result import Ordinals

__all__ = ["shown_by", "totalled", "with_visual_totals", "without_calculated"]

VISUAL = -4096.0  # the solve order of visual totals. (Microsoft, Understanding Pass Order and Solve Order)


def with_visual_totals(ev: StatementCube, found: TupleSet, pattern: str) -> TupleSet:
    """The set with each parent of shown members in place of its visual total."""
    if len(found.hierarchies) != 1:
        raise StatementError("VisualTotals needs a set of one hierarchy.")
    h = found.hierarchies[0]
    column = found.columns[0].copy()
    members = ev.members[h]
    table = members.table
    names = members.names(column)
    shown = column.tolist()
    spots = np.where(column >= members.size, members.parents(column), column).tolist()
    totals: dict[int, Ordinals] = {}  # by place, the members that are added up: whatever the measure, over their union
    for at in range(len(column) - 1, -1, -1):
        ordinal = shown[at]
        if ordinal >= table.visible:
            continue
        tops = _shown_below(table, shown, spots, at)
        if not tops:
            continue
        totals[at] = np.concatenate([totals.get(top, found.columns[0][top : top + 1]) for top in tops])
        parent = int(table.parent[ordinal])
        column[at] = ev.add(
            Calculation(
                pattern.replace("**", "\0").replace("*", names[at]).replace("\0", "*"),
                h,
                parent,
                int(table.level[ordinal]),
                Null(),
                solve_order=VISUAL,
                rule=TupleTotals(TupleSet((h,), (totals[at],))),
                shows=ordinal,
            )
        )
    return TupleSet(found.hierarchies, (column,), found.rows)


def _shown_below(table: MemberTable, shown: list[int], spots: list[int], at: int) -> list[int]:
    """The positions right behind a member that lie below it; what lies below one of those in turn is left out.

    `spots`: by which each is placed, of a calculated member its parent. One of those adds nothing and ends nothing.
    """
    top, out = shown[at], list[int]()
    for position in range(at + 1, len(shown)):
        spot, calculated = spots[position], spots[position] != shown[position]
        if not (top < spot or (calculated and top == spot)) or spot > int(table.last[top]):
            break
        inner = bool(out) and shown[out[-1]] < spot <= int(table.last[shown[out[-1]]])
        if not calculated and not inner:
            out.append(position)
    return out


def shown_by(ev: StatementCube, found: TupleSet) -> TupleSet:
    """The tuples with the members themselves in place of their visual totals: it is by them that sets are compared."""
    columns = tuple(ev.members[h].shown(c) for h, c in zip(found.hierarchies, found.columns, strict=True))
    return TupleSet(found.hierarchies, columns, found.rows)


def totalled(ev: StatementCube, found: TupleSet, other: TupleSet) -> TupleSet:
    """The tuples with the visual totals of another set in place of the members that it totals."""
    columns = []
    for h, column, theirs in zip(found.hierarchies, found.columns, other.columns, strict=True):
        totals = np.unique(theirs[ev.members[h].shown(theirs) != theirs])
        own = column.copy()
        for total, member in zip(totals.tolist(), ev.members[h].shown(totals).tolist(), strict=True):
            own[column == member] = total
        columns.append(own)
    return TupleSet(found.hierarchies, tuple(columns), found.rows)


def without_calculated(ev: StatementCube, found: TupleSet) -> TupleSet:
    """The tuples that have stored members only."""
    keep = np.ones(len(found), dtype=bool)
    for h, c in zip(found.hierarchies, found.columns, strict=True):
        keep &= c < ev.members[h].size
    return found.take(keep)
