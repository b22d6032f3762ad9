"""Which of a cell's calculated members comes first: its formula is applied, and meets the others in the cells it reads.

The highest solve order comes first. Members of the catalogue come after those of sessions and statements, whatever the
numbers say, unless these have SCOPE_ISOLATION = CUBE. A total, which is a member made by `Aggregate` or a visual total,
comes after every calculated measure.
(Microsoft, Understanding Pass Order and Solve Order; CREATE MEMBER, Scope Isolation)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.cubes.structure import MEASURES
from flis.query.languages.mdx import syntax as s

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation
    from flis.query.cubes.calculations import Calculation
    from flis.query.evaluation.values import Context

__all__ = ["by_precedence", "first_hierarchies"]

OUTER = 2.0**40  # more than any solve order


def _order(calculation: Calculation) -> float:
    return calculation.solve_order + (0 if calculation.of_cube else OUTER)


def _is_total(calculation: Calculation) -> bool:
    if calculation.hierarchy == MEASURES:
        return False
    formula = calculation.expression
    while isinstance(formula, s.Parenthesis) and len(formula.elements) == 1:
        formula = formula.elements[0]
    return calculation.shows >= 0 or (isinstance(formula, s.FunctionCall) and formula.name.upper() == "AGGREGATE")


def by_precedence(calculations: Iterable[Calculation]) -> list[Calculation]:
    """The calculated members of one cell, the first one first; of equal ones that of the hierarchy that comes first."""
    found = list(calculations)
    if len(found) < 2:
        return found
    found.sort(key=lambda c: c.hierarchy)
    most = _order(found[0]) if found[0].hierarchy == MEASURES else np.inf
    return sorted(found, key=lambda c: -min(_order(c), most) if _is_total(c) else -_order(c))


def first_hierarchies(ev: Evaluation, context: Context, calculated: list[int]) -> NDArray[np.int64]:
    """For every row the hierarchy whose calculated member comes first, -1 for none."""
    best = np.full(context.size, -np.inf)
    chosen = np.full(context.size, -1, dtype=np.int64)
    most = np.full(context.size, np.inf)  # the order of the row's calculated measure
    for h in sorted(calculated):
        column = context.column(h)
        order = np.full(context.size, -np.inf)
        for ordinal in np.unique(column[column >= ev.sizes[h]]).tolist():
            calculation, mine = ev.calculation(h, ordinal), column == ordinal
            order[mine] = np.minimum(_order(calculation), most[mine]) if _is_total(calculation) else _order(calculation)
        if h == MEASURES:
            most = np.where(order > -np.inf, order, np.inf)
        better = order > best
        best[better] = order[better]
        chosen[better] = h
    return chosen
