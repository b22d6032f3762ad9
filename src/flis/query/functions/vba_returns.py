"""Rates of return of Visual Basic: Rate of an annuity; NPV, IRR and MIRR of flows, each flow an argument of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.functions.table import function
from flis.query.functions.vba_annuities import FINANCE, Numbers, declare, paid_in, solved

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation, Node
    from flis.query.evaluation.values import Context, Values

__all__: list[str] = []

GUESS = 0.1
REACH = np.sinh(np.arange(1, 41) / 10)  # how far from the guess a rate is looked for, in logarithms: 0.1 … 27
HALVINGS = 64  # what they leave of the widest bracket is below the precision of doubles


def _root(value: Callable[[Numbers], Numbers], guess: Numbers) -> Numbers:
    """The rate near a guess where a value changes its sign, NaN where there is none.

    `value` takes the logarithm of 1 + rate. All rows are bracketed together and then halved together: unlike Newton's
    steps this cannot run away where the value is flat or steep, as it is over many periods.
    """
    start = np.log1p(np.where(guess > -1, guess, np.nan))
    low, high = _brackets(value, start)
    sign = np.sign(value(low))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        before = np.sign(value(middle)) == sign
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.expm1((low + high) / 2)


def _brackets(value: Callable[[Numbers], Numbers], start: Numbers) -> tuple[Numbers, Numbers]:
    """For every row the nearest two steps from its start between which the sign changes, NaN where it never does."""
    first = np.sign(value(start))
    low = np.where(first == 0, start, np.nan)
    high = low
    ends = {-1.0: (start, first), 1.0: (start, first)}
    for reach in REACH:
        if not np.isnan(low).any():
            break
        for way, (end, sign) in ends.items():
            at = start + way * reach
            found = np.sign(value(at))
            crossed = np.isnan(low) & (found * sign < 0)
            low, high = np.where(crossed, end, low), np.where(crossed, at, high)
            # a step that meets 0 is stepped over: the sign may change there, or all have become too small to tell
            ends[way] = np.where(found == 0, end, at), np.where(found == 0, sign, found)
    return low, high


# annuities


def _rate(  # noqa: PLR0917 - the arguments of the function, in its order
    periods: Numbers, payment: Numbers, present: Numbers, future: Numbers, kind: Numbers, guess: Numbers
) -> Numbers:
    def value(logarithm: Numbers) -> Numbers:
        """What is left at the end, or at the beginning where it would grow without bounds."""
        grown, paid = paid_in(np.expm1(-np.abs(logarithm)), periods, np.zeros_like(kind))
        due = np.where(kind != 0, np.exp(logarithm), 1.0)
        rising = logarithm > 0
        # counted from the other end, the payments of a rate are those of its inverse, one period earlier
        each = payment * paid * due * np.where(rising, np.exp(-logarithm), 1.0)
        return np.where(rising, present + future * grown, present * grown + future) + each

    return np.where(periods > 0, _root(value, guess), np.nan)


declare(
    "Rate(number, number, number, [number], [number], [number]) -> number",
    _rate,
    0.0,
    0.0,
    GUESS,
    en="The rate of an annuity: periods, payment, present value, future value, type, guess (0.1).",
    da="En annuitets rente: perioder, ydelse, nutidsværdi, fremtidsværdi, type, gæt (0,1).",
)


# flows


def _declare_flows(signature: str, formula: Callable[..., Numbers], rates: int, en: str, da: str) -> None:
    """A function of rates, then flows; a flow without value is 0, and no value at all has no result."""
    name = signature.split("(", maxsplit=1)[0]

    def run(ev: Evaluation, context: Context, *nodes: Node) -> Values:
        given = [ev.values(n, context) for n in nodes]
        size = max(len(v) for v in given)
        null = np.ones(size, dtype=np.bool_)
        for flow in given[rates:]:
            null &= flow.null
        for rate in given[:rates]:
            null |= rate.null
        return solved(name, formula, [v.floats() for v in given], null)

    function(signature, group=FINANCE, en=en, da=da)(run)


def _present(rate: Numbers, *flows: Numbers) -> Numbers:
    """The value one period before the first flow."""
    by = np.where(rate > -1, 1 + rate, np.nan)
    total = np.zeros_like(by)
    for flow in reversed(flows):
        total = (total + flow) / by
    return total


def _internal(*flows: Numbers) -> Numbers:
    def value(logarithm: Numbers) -> Numbers:
        """The flows at the time of the first, or of the last where the first would grow without bounds."""
        by = np.exp(-np.abs(logarithm))
        early, late = np.zeros_like(by), np.zeros_like(by)
        for first, last in zip(flows, reversed(flows), strict=True):
            early, late = early * by + last, late * by + first
        return np.where(logarithm > 0, early, late)

    return np.where(_both_ways(flows), _root(value, np.full_like(flows[0], GUESS)), np.nan)


def _both_ways(flows: tuple[Numbers, ...]) -> NDArray[np.bool_]:
    """Whether something is paid and something is received, without which there is no rate of return."""
    paid, received = ([sign * f > 0 for f in flows] for sign in (-1, 1))
    return np.asarray(np.any(paid, axis=0) & np.any(received, axis=0))


def _modified(finance: Numbers, again: Numbers, *flows: Numbers) -> Numbers:
    """Paid by money at one rate, received into money at another."""
    paid = _present(finance, *(np.minimum(f, 0.0) for f in flows)) * (1 + finance)
    received = _present(again, *(np.maximum(f, 0.0) for f in flows)) * (1 + again) ** len(flows)
    return np.where(_both_ways(flows), (received / -paid) ** (1 / max(len(flows) - 1, 1)) - 1, np.nan)


_declare_flows(
    "NPV(number, number...) -> number",
    _present,
    1,
    en="The net present value of flows at the ends of periods: rate, flows one by one.",
    da="Nettonutidsværdien af beløb ved periodernes slutning: rente, beløb et for et.",
)
_declare_flows(
    "IRR(number...) -> number",
    _internal,
    0,
    en="The internal rate of return of flows, given one by one.",
    da="Den interne rente af beløb, som gives et for et.",
)
_declare_flows(
    "MIRR(number, number, number...) -> number",
    _modified,
    2,
    en="The modified internal rate of return: rate paid, rate earned, flows one by one.",
    da="Den modificerede interne rente: rente som betales, rente som fås, beløb et for et.",
)
