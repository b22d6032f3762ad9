"""Choices of Visual Basic, and chance: Choose, Switch, Nz, Partition, Rnd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError
from flis.query.binding.nodes import ResultKind
from flis.query.evaluation.cell_values import gather
from flis.query.evaluation.values import Context, Values
from flis.query.functions.table import everything, function
from flis.query.functions.vba import row_by_row, whole_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation, Node

__all__: list[str] = []

GROUP = "Value"


def _branches(
    ev: Evaluation, context: Context, chosen: list[tuple[NDArray[np.int64], Node]], left: NDArray[np.int64]
) -> Values:
    """Every row by the branch chosen for it; the rows left have no value."""
    parts = [(rows, ev.values(node, context.take(rows)).spread(len(rows))) for rows, node in chosen if len(rows)]
    if len(left) or not parts:
        parts.append((left, Values.of(None, len(left))))
    return gather(parts, context.size)


@function(
    "Choose(number, value...) -> value",
    group=GROUP,
    en="The value at a place, from 1; none where there is no such place.",
    da="Værdien på en plads, fra 1; ingen hvor pladsen ikke findes.",
)
def choose(ev: Evaluation, context: Context, place: Node, *values: Node) -> Values:
    """`Choose(index, a, b, …)`: only the value chosen is calculated."""
    at = np.rint(ev.number(place, context))
    chosen = [(np.flatnonzero(at == n), node) for n, node in enumerate(values, 1)]
    return _branches(ev, context, chosen, np.flatnonzero((at < 1) | (at > len(values))))


@function(
    "Switch(value, value...) -> value",
    group=GROUP,
    en="The value behind the first condition that holds; none where none does.",
    da="Værdien efter den første betingelse som holder; ingen hvor ingen gør.",
)
def switch(ev: Evaluation, context: Context, *parts: Node) -> Values:
    """`Switch(condition, value, condition, value, …)`: only the values chosen are calculated."""
    if len(parts) % 2:
        raise StatementError(
            "Switch takes pairs of a condition and a value.", line=parts[-1].line, column=parts[-1].column
        )
    left = np.arange(context.size)
    chosen = []
    for condition, value in zip(parts[::2], parts[1::2], strict=True):
        if not len(left):
            break
        holds = np.broadcast_to(ev.values(condition, context.take(left)).truth(), (len(left),))
        chosen.append((left[holds], value))
        left = left[~holds]
    return _branches(ev, context, chosen, left)


@function(
    "Nz(value, [value]) -> value",
    group=GROUP,
    en="A value, or where there is none the second one, else 0 (the empty text for texts).",
    da="En værdi, eller hvor der ingen er den anden, ellers 0 (den tomme tekst for tekster).",
)
def not_empty(ev: Evaluation, context: Context, of: Node, instead: Node | None = None) -> Values:
    """`Nz(x, instead)`."""
    found = ev.values(of, context).spread(context.size)
    there, left = np.flatnonzero(~found.null), np.flatnonzero(found.null)
    if not len(left):
        return found
    if instead is None:
        other = Values.of("" if of.kind is ResultKind.STRING else 0.0)
    else:
        other = ev.values(instead, context.take(left))
    parts = [(there, Values(found.data[there], found.null[there])), (left, other.spread(len(left)))]
    return gather([(rows, v) for rows, v in parts if len(rows)], context.size)


# ranges


def _range(number: Any, start: Any, stop: Any, interval: Any) -> str | None:
    if number is None:
        return None
    at, first, last, step = (whole_number(v) for v in (number, start, stop, interval))
    if first < 0 or last <= first or step < 1:
        raise StatementError("Partition needs 0 <= start < stop and an interval from 1.")
    width = max(len(str(first - 1)), len(str(last + 1)))
    low, high = "", ""
    if at < first:
        high = str(first - 1)
    elif at > last:
        low = str(last + 1)
    else:
        begin = at - (at - first) % step
        low, high = str(begin), str(min(begin + step - 1, last))
    return f"{low:>{width}}:{high:>{width}}"


@function(
    "Partition(number, number, number, number) -> string",
    group="String",
    en="The range that a number falls in, as text: ranges of an interval from start to stop.",
    da="Intervallet som et tal falder i, som tekst: lige store intervaller fra start til stop.",
)
def partition(ev: Evaluation, context: Context, *parts: Node) -> Values:
    """`Partition(number, start, stop, interval)`: both ends are as wide, so that the texts sort as the ranges do."""
    return row_by_row(ev, context, parts, _range)


# chance

SPACE = 1 << 24
"""Numbers drawn by a seed are one of so many, as Visual Basic's are."""


def _seeded(seeds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The number that a negative seed stands for: the bits of the seed in single precision, one step further."""
    bits = seeds.astype(np.float32).view(np.uint32).astype(np.int64)
    begin = (bits + (bits >> 24)) % SPACE
    drawn: NDArray[np.float64] = (begin * 0x43FD43FD + 0xC39EC3) % SPACE / SPACE
    return drawn


@function(
    "Rnd([number]) -> number",
    group="Numeric",
    en="A number by chance, from 0 and below 1; always the same for the same negative seed.",
    da="Et tilfældigt tal, fra 0 og under 1; altid det samme for det samme negative tal.",
    looks=everything,
)
def by_chance(ev: Evaluation, context: Context, seed: Node | None = None) -> Values:
    """`Rnd([seed])`: cells are calculated in no order, so 0 does not repeat the number before."""
    drawn = np.random.default_rng().random(context.size)
    if seed is None:
        return Values.numbers(drawn)
    seeds = ev.number(seed, context)
    with np.errstate(over="ignore"):
        return Values.numbers(np.where(seeds < 0, _seeded(np.minimum(seeds, 0.0)), drawn))
