"""`VisualTotals`: parents in a set become members that total what is shown below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.aggregate import TupleTotals
from flis.query.catalogue import Calculation
from flis.query.languages.mdx.syntax import Null
from flis.query.values import TupleSet

if TYPE_CHECKING:
    from flis.query.evaluate import Evaluator

__all__ = ["with_visual_totals"]


def with_visual_totals(ev: Evaluator, found: TupleSet, pattern: str) -> TupleSet:
    """The set with each parent of shown members in place of its visual total."""
    if len(found.hierarchies) != 1:
        raise StatementError("VisualTotals needs a set of one hierarchy.")
    h = found.hierarchies[0]
    column = found.columns[0].copy()
    members = ev.members[h]
    table = members.table
    names = members.names(column)
    for at in range(len(column) - 1, -1, -1):
        ordinal = int(found.columns[0][at])
        if ordinal >= table.visible:
            continue
        below = []
        for later in range(at + 1, len(column)):
            shown = int(found.columns[0][later])
            if not ordinal < shown <= int(table.last[ordinal]):
                break
            below.append(later)
        # only the topmost of what is shown below: what lies deeper is in it already
        tops = [p for p in below if not any(_above(table, int(found.columns[0][q]), int(found.columns[0][p])) for q in below)]
        if not tops:
            continue
        parts = TupleSet((h,), (column[tops].astype(np.int32),))
        parent = int(table.parent[ordinal])
        column[at] = ev.add(
            Calculation(
                pattern.replace("*", names[at]),
                h,
                parent,
                int(table.level[ordinal]),
                Null(),
                solve_order=-100.0,
                rule=TupleTotals(parts),
            )
        )
    return TupleSet(found.hierarchies, (column,), found.rows)


def _above(table: object, upper: int, lower: int) -> bool:
    from flis.query.members import MemberTable

    assert isinstance(table, MemberTable)  # noqa: S101
    return upper < lower <= int(table.last[upper])
