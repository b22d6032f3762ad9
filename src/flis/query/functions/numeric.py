"""Numbers from sets: Sum, Count, Aggregate, Rank … A set over N contexts is reduced in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.binding.operators import calculated
from flis.query.evaluation.aggregate import aggregated
from flis.query.evaluation.reductions import averaged, highest, lowest, reduced, summed
from flis.query.evaluation.setwork import distinct, first_positions
from flis.query.evaluation.values import Context, TupleSet, Values, as_column, codes
from flis.query.functions.members import during_iteration
from flis.query.functions.order import sort_codes
from flis.query.functions.table import everything, function

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Binding, Evaluation, Node

__all__ = ["looks_at_measure"]

GROUP = "Numeric"


def _declare(name: str, reduce: Callable[..., NDArray[np.float64]], en: str, da: str) -> None:
    def run(ev: Evaluation, context: Context, of: Node, by: Node | None = None) -> Values:
        return reduced(ev, context, of, by, reduce)

    text = f"{name}(set, [value]) -> number"
    function(text, group=GROUP, en=en, da=da, iterates=0, looks=looks_at_measure)(run)


def looks_at_measure(binder: Binding, arguments: list[Node | None]) -> frozenset[int]:
    """Without an expression the current measure is asked, so everything but the set's hierarchies matters."""
    of = arguments[0]
    if of is None or (len(arguments) > 1 and arguments[1] is not None):
        return frozenset()
    return everything(binder, arguments) - frozenset(of.hierarchies)


_declare("Sum", summed, "The sum over a set.", "Summen over en mængde.")
_declare("Avg", averaged, "The average over the tuples that have a value.", "Gennemsnittet over tupler med værdi.")
_declare("Min", lowest, "The lowest value over a set.", "Den laveste værdi over en mængde.")
_declare("Max", highest, "The highest value over a set.", "Den højeste værdi over en mængde.")


def _looks_if_empty_counts(binder: Binding, arguments: list[Node | None]) -> frozenset[int]:
    excluding = len(arguments) > 1 and arguments[1] is not None and arguments[1].constant == "EXCLUDEEMPTY"
    return looks_at_measure(binder, arguments[:1]) if excluding else frozenset()


@function(
    "Count(set, [{EXCLUDEEMPTY|INCLUDEEMPTY}]) -> number",
    "set.Count -> number",
    group=GROUP,
    en="The number of tuples of a set.",
    da="Antallet af tupler i en mængde.",
    looks=_looks_if_empty_counts,
)
def count(ev: Evaluation, context: Context, of: Node, flag: Node | None = None) -> Values:
    """`Count(s)`."""
    found = ev.tuples(of, context)
    if flag is not None and flag.constant == "EXCLUDEEMPTY":
        wide, rows = ev.inner(context, found)
        there = ~ev.cells(wide).null
        return Values.numbers(np.bincount(rows[there], minlength=context.size))
    return Values.numbers(found.counts(context.size))


@function(
    "tuple.Count -> number", group=GROUP, en="The number of tuples of a set.", da="Antallet af tupler i en mængde."
)
def tuple_count(_ev: Evaluation, _context: Context, of: Node) -> Values:
    """`tuple.Count`."""
    return Values.of(len(of.hierarchies))


@function(
    "DistinctCount(set) -> number",
    group=GROUP,
    en="The number of different tuples that have a value.",
    da="Antallet af forskellige tupler med værdi.",
    looks=looks_at_measure,
)
def distinct_count(ev: Evaluation, context: Context, of: Node) -> Values:
    """`DistinctCount(s)`."""
    found = distinct(ev.tuples(of, context))
    wide, rows = ev.inner(context, found)
    there = ~ev.cells(wide).null
    return Values.numbers(np.bincount(rows[there], minlength=context.size))


@function(
    "Aggregate(set, [value]) -> number",
    group=GROUP,
    en="The set's total in the way of the measure: sum, count, min, max, distinct count …",
    da="Mængdens total på målingens egen måde: sum, antal, min, max, forskellige …",
    iterates=0,
    looks=looks_at_measure,
)
def aggregate(ev: Evaluation, context: Context, of: Node, by: Node | None = None) -> Values:
    """`Aggregate(s, value)`."""
    return aggregated(ev, context, of, by)


# Rank


@function(
    "Rank(tuple, set) -> number",
    group=GROUP,
    en="The place of a tuple in a set, from 1; 0 where it is not there.",
    da="En tupels plads i en mængde, fra 1; 0 hvor den ikke findes.",
)
def rank(ev: Evaluation, context: Context, of: Node, where: Node) -> Values:
    """`Rank(tuple, s)`."""
    wanted, missing = _tuple_rows(ev, context, of)
    found = ev.tuples(where, context)
    if not found.columns:
        return Values(np.zeros(context.size), missing)
    return Values(_places(found, wanted, context.size), missing)


def _places(found: TupleSet, wanted: TupleSet, size: int) -> NDArray[np.float64]:
    """The place of each row's wanted tuple in its set, from 1; 0 where it is not there."""
    if found.rows is not None or size == 1:
        return (first_positions(found, wanted, size) + 1).astype(np.float64)
    if not len(found):
        return np.zeros(size)
    a, b = codes([found, TupleSet(wanted.hierarchies, wanted.columns)])
    order = np.argsort(a, kind="stable")
    at = np.minimum(np.searchsorted(a[order], b), len(a) - 1)
    return np.where(a[order][at] == b, order[at] + 1.0, 0.0)


def _tuple_rows(ev: Evaluation, context: Context, of: Node) -> tuple[TupleSet, NDArray[np.bool_]]:
    found = ev.point(of, context)
    columns = tuple(as_column(found[h], context.size) for h in of.hierarchies)
    missing = np.zeros(context.size, dtype=bool)
    for c in columns:
        missing |= c < 0
    rows = np.arange(context.size)
    return TupleSet(of.hierarchies, columns, rows), missing


@function(
    "Rank(tuple, set, value) -> number", group=GROUP, iterates=1, looks=lambda _binder, a: a[0].depends | a[2].depends
)
def rank_by(ev: Evaluation, context: Context, of: Node, where: Node, by: Node) -> Values:
    """`Rank(tuple, s, value)`: one more than the tuples of the set with a higher value."""
    found = ev.point(of, context)
    mine = ev.values(by, context.put(found)).spread(context.size)
    missing = np.zeros(context.size, dtype=bool)
    for c in found.values():
        missing |= np.asarray(c) < 0
    others, rows = ev.over(context, ev.tuples(where, context), by)
    higher = sort_codes(ev.watch, others) > sort_codes(ev.watch, mine)[rows]
    out = 1.0 + np.bincount(rows[higher], minlength=context.size)
    return Values(out, missing)


@function(
    "set.CurrentOrdinal -> number",
    group=GROUP,
    en="The position of the current tuple during iteration over a named set, from 1.",
    da="Den aktuelle tupels plads under gennemløb af en navngiven mængde, fra 1.",
    looks=lambda _binder, a: frozenset(a[0].hierarchies),
)
def current_ordinal(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.CurrentOrdinal`: where the current members stand in the set, counted from 1."""
    during_iteration(ev, of, "CurrentOrdinal")
    found = ev.tuples(of, context)
    columns = tuple(context.column(h) for h in of.hierarchies)
    return Values.numbers(_places(found, TupleSet(of.hierarchies, columns, np.arange(context.size)), context.size))


@function("CInt(value) -> number", "CLng(value) -> number", group=GROUP, en="As a whole number.", da="Som heltal.")
def whole(ev: Evaluation, context: Context, of: Node) -> Values:
    """`CInt(x)`."""
    found = ev.values(of, context)
    return Values(np.rint(found.floats()), found.null)


@function("CDbl(value) -> number", group=GROUP, en="As a number.", da="Som tal.")
def double(ev: Evaluation, context: Context, of: Node) -> Values:
    """`CDbl(x)`."""
    found = ev.values(of, context)
    return Values(found.floats(), found.null)


def _elementwise(name: str, apply: Callable[[NDArray[np.float64]], NDArray[np.float64]], en: str, da: str) -> None:
    def run(ev: Evaluation, context: Context, of: Node) -> Values:
        found = ev.values(of, context)
        with np.errstate(all="ignore"):
            return Values(apply(found.floats()), found.null)

    function(f"{name}(number) -> number", group=GROUP, en=en, da=da)(run)


_elementwise("Abs", np.abs, "The absolute value.", "Den absolutte værdi.")
_elementwise("Int", np.floor, "The next lower whole number.", "Nærmeste lavere heltal.")
_elementwise("Fix", np.trunc, "The whole part.", "Heltalsdelen.")
_elementwise("Sgn", np.sign, "The sign.", "Fortegnet.")
_elementwise("Exp", np.exp, "e to the power of a number.", "e opløftet i et tal.")
_elementwise("Log", np.log, "The natural logarithm.", "Den naturlige logaritme.")
_elementwise("Log10", np.log10, "The logarithm to base 10.", "Titalslogaritmen.")
_elementwise("Sqr", np.sqrt, "The square root.", "Kvadratroden.")
_elementwise("Sqrt", np.sqrt, "The square root.", "Kvadratroden.")
_elementwise("Sin", np.sin, "The sine.", "Sinus.")
_elementwise("Cos", np.cos, "The cosine.", "Cosinus.")
_elementwise("Tan", np.tan, "The tangent.", "Tangens.")
_elementwise("Atn", np.arctan, "The arc tangent.", "Arcus tangens.")


FARTHEST = 300  # decimals, on either side of the point: what doubles reach


@function(
    "Round(number, [number]) -> number",
    group=GROUP,
    en="Rounded to so many decimals.",
    da="Afrundet til så mange decimaler.",
)
def rounded(ev: Evaluation, context: Context, of: Node, digits: Node | None = None) -> Values:
    """`Round(x, digits)`."""
    found = ev.values(of, context)
    places = np.clip(ev.values(digits, context).whole(), -FARTHEST, FARTHEST) if digits is not None else np.zeros(1)
    found = found.spread(max(len(found), len(places)))
    numbers = out = found.floats()
    with np.errstate(all="ignore"):
        for n in np.unique(places).tolist():
            near = np.round(numbers, int(n))
            out = np.where((places == n) & np.isfinite(near), near, out)
    return Values(out, found.null)


@function("Power(number, number) -> number", group=GROUP, en="A number to a power.", da="Et tal opløftet i et andet.")
def power(ev: Evaluation, context: Context, base: Node, exponent: Node) -> Values:
    """`Power(x, y)`."""
    return calculated("^", ev.values(base, context), ev.values(exponent, context))


@function(
    "Mod(number, number) -> number",
    group=GROUP,
    en="The remainder of a division, with the divisor's sign.",
    da="Resten ved division, med divisorens fortegn.",
)
def mod(ev: Evaluation, context: Context, left: Node, right: Node) -> Values:
    """`Mod(a, b)`."""
    a, b = ev.values(left, context), ev.values(right, context)
    divisor = np.trunc(b.floats())
    if (divisor == 0).any():
        raise StatementError("Mod cannot divide by 0.", line=right.line, column=right.column)
    return Values(np.mod(np.trunc(a.floats()), divisor), a.null | np.zeros(len(divisor), dtype=bool))
