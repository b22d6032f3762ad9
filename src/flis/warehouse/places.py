"""Which places of a fact may differ: those that its SELECT gives over the rows that differ, where it goes row by row.

A SELECT goes row by row where each row of a table that it reads adds to the places of that row alone: it joins, filters
and adds up, and takes places from the rows themselves. Where it compares rows with each other (windows, HAVING, EXCEPT,
EXISTS, a table read twice, sums of sums), a row may change any place, and all places count as touched.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one
from sqlglot.optimizer.scope import traverse_scope

from flis.catalog.area_paths import remembered
from flis.warehouse.step import step_named

if TYPE_CHECKING:
    from flis.warehouse.step import Step

__all__ = ["goes_by_row"]

COMPARES = (exp.Window, exp.Having, exp.Except, exp.Intersect, exp.Exists, exp.Limit, exp.Qualify, exp.Subquery)
"""What compares rows with each other; a subquery as a table of its own is none of them."""


def goes_by_row(step: Step) -> bool:
    """Whether the places of a fact that a row of its inputs can change are those that the row itself gives."""
    return _goes_by_row(step.area, step.name)


@remembered
def _goes_by_row(area: str, name: str) -> bool:
    step = step_named(area, name)
    query = parse_one(step.select, dialect="duckdb")
    if any(isinstance(node, COMPARES) and not _is_table(node) for node in query.walk()):
        return False
    scopes = list(traverse_scope(query))
    read = Counter(source.name for source in query.find_all(exp.Table))
    inner = [scope.expression for scope in scopes if scope.expression is not query]
    outermost = _branches(query)
    inner = [one for one in inner if all(one is not branch for branch in outermost)]
    if max(read.values(), default=0) > 1 or any(_adds_up(one) for one in inner if isinstance(one, exp.Query)):
        return False
    places = step.place.columns if step.place else ()
    return not any(
        column.find(exp.AggFunc) for one in outermost for column in one.selects if column.alias_or_name in places
    )


def _is_table(node: exp.Expr) -> bool:
    return isinstance(node, exp.Subquery) and isinstance(node.parent, exp.From | exp.Join | exp.CTE)


def _adds_up(query: exp.Expr) -> bool:
    """Whether a query inside another one puts rows together."""
    return bool(query.args.get("group") or query.args.get("distinct") or query.find(exp.AggFunc))


def _branches(query: exp.Expr) -> list[exp.Select]:
    """The SELECTs that a union puts together."""
    if isinstance(query, exp.Union):
        return [*_branches(query.left), *_branches(query.right)]
    return [query] if isinstance(query, exp.Select) else []
