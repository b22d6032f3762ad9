"""What the SQL of a step reads, and whether every engine understands it alike: a check of its text by `sqlglot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

if TYPE_CHECKING:
    from flis.warehouse.step import Step

__all__ = ["check_sql", "tables_read", "unportable"]

PORTABLE: frozenset[type[exp.Expr]] = frozenset(
    {
        *(exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Distinct),
        *(exp.With, exp.CTE, exp.Subquery, exp.Union, exp.Except, exp.Intersect, exp.Exists),
        *(exp.Table, exp.TableAlias, exp.Column, exp.Identifier, exp.Alias, exp.Star, exp.Var, exp.Paren),
        *(exp.Literal, exp.Null, exp.Boolean, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Interval),
        *(exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.Like, exp.Case, exp.If),
        *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ),
        *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Floor, exp.Ceil, exp.Abs, exp.Round),
        *(exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Upper, exp.Lower, exp.Trim, exp.Length),
        *(exp.Sum, exp.Count, exp.Min, exp.Max, exp.Avg, exp.Year, exp.Month, exp.Day),
        *(exp.Window, exp.WindowSpec, exp.Lag, exp.Lead, exp.RowNumber, exp.Rank, exp.DenseRank),
        *(exp.FirstValue, exp.LastValue, exp.Filter, exp.DPipe, exp.Substring, exp.Replace),
    }
)
"""Of SQL what DuckDB and Spark do alike; anything else (dates apart by units, hashes, lists, MERGE …) is refused."""


def check_sql(step: Step) -> None:
    """Check that the SELECT reads the tables that its head names, all of them and no others, and is portable.

    Raises:
        CatalogError: it is otherwise, or no single SELECT; names the file.
    """
    try:
        statements = parse(step.select, dialect="duckdb")
    except SqlglotError as e:
        raise step.error(f"The SELECT cannot be read: {str(e).splitlines()[0]}") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise step.error("A step is one SELECT.")
    (query,) = statements
    assert isinstance(query, exp.Query)  # noqa: S101
    _check_tables(step, tables_read(query))
    if found := unportable(query):
        raise step.error(f"Engines do this differently: {', '.join(found)}.", hint="See `warehouse.lineage`.")


def tables_read(query: exp.Query) -> set[str]:
    """The tables that a query reads, each as it is written; what the query names itself is none."""
    return {
        f"{source.db}.{source.name}" if source.db else source.name
        for scope in traverse_scope(query)
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    }


def unportable(query: exp.Query) -> list[str]:
    """The parts of a query that another engine may do differently, by what they are called, sorted."""
    odd = (_renames_star, _begins_early)
    found = {node for node in query.walk() if type(node) not in PORTABLE or any(is_odd(node) for is_odd in odd)}
    return sorted({node.name if isinstance(node, exp.Anonymous) else node.key for node in found})


def _renames_star(node: exp.Expr) -> bool:
    return isinstance(node, exp.Star) and any(node.args.values())


def _begins_early(node: exp.Expr) -> bool:
    """Whether a part of a text may begin before its first letter, from where engines count differently."""
    if not isinstance(node, exp.Substring):
        return False
    start = node.args.get("start")
    return not (isinstance(start, exp.Literal) and not start.is_string and int(start.name) > 0)


def _check_tables(step: Step, read: set[str]) -> None:
    step.check_reach()
    for name in step.inputs:
        if not {name, name.rpartition(".")[2]} & read:
            raise step.error(f"The head names {name}, which the SELECT does not read.", name)
