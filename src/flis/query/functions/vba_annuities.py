"""Annuities and depreciation of Visual Basic: closed formulas over whole columns.

What is paid out is negative and what is received positive. Payments are due at the end of a period, or at its
beginning where the type is not 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flis.errors import StatementError
from flis.query.evaluation.values import Context, Values
from flis.query.functions.table import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.binding.nodes import Evaluation, Node

__all__ = ["FINANCE", "Numbers", "declare", "paid_in", "solved"]

Numbers: TypeAlias = NDArray[np.float64]

FINANCE = "Finance"


def solved(name: str, formula: Callable[..., Numbers], columns: list[Numbers], null: NDArray[np.bool_]) -> Values:
    """A formula over the rows that have what it needs; no number as its result is an error."""
    there = np.flatnonzero(~null)
    out = np.full(len(null), np.nan)
    with np.errstate(all="ignore"):
        out[there] = formula(*(np.broadcast_to(c, null.shape)[there] for c in columns))
    if not np.isfinite(out[there]).all():
        raise StatementError(f"{name} has no result for these numbers.")
    return Values(out, null.copy())


def declare(signature: str, formula: Callable[..., Numbers], *defaults: float, en: str, da: str) -> None:
    """A function of numbers whose last ones may be left out; no value where one of the others has none."""
    name = signature.split("(", maxsplit=1)[0]

    def run(ev: Evaluation, context: Context, *nodes: Node | None) -> Values:
        needed = len(nodes) - len(defaults)
        instead = (0.0,) * needed + defaults
        given = [Values.of(d) if n is None else ev.values(n, context) for n, d in zip(nodes, instead, strict=True)]
        size = max(len(v) for v in given)
        null = np.zeros(size, dtype=np.bool_)
        for values in given[:needed]:
            null |= values.null
        return solved(name, formula, [v.floats() for v in given], null)

    function(signature, group=FINANCE, en=en, da=da)(run)


# annuities


def paid_in(rate: Numbers, periods: Numbers, kind: Numbers) -> tuple[Numbers, Numbers]:
    """What 1 has grown to after the periods, and what 1 paid in every period has; NaN where all is lost by the rate."""
    rate = np.where(rate > -1, rate, np.nan)
    more = np.expm1(periods * np.log1p(rate))  # exact for small rates too
    still = rate == 0
    paid = np.where(still, periods, more * np.where(kind != 0, 1 + rate, 1.0) / np.where(still, 1.0, rate))
    return 1 + more, paid


def _future(rate: Numbers, periods: Numbers, payment: Numbers, present: Numbers, kind: Numbers) -> Numbers:
    grown, paid = paid_in(rate, periods, kind)
    return -(present * grown + payment * paid)


def _present(rate: Numbers, periods: Numbers, payment: Numbers, future: Numbers, kind: Numbers) -> Numbers:
    grown, paid = paid_in(rate, periods, kind)
    return -(future + payment * paid) / grown


def _payment(rate: Numbers, periods: Numbers, present: Numbers, future: Numbers, kind: Numbers) -> Numbers:
    grown, paid = paid_in(rate, periods, kind)
    return -(future + present * grown) / paid


def _interest(  # noqa: PLR0917 - the arguments of the function, in its order
    rate: Numbers, period: Numbers, periods: Numbers, present: Numbers, future: Numbers, kind: Numbers
) -> Numbers:
    """Interest is taken of what was owed after the payment before; the first one at the beginning has none."""
    begins = kind != 0
    payment = _payment(rate, periods, present, future, kind)
    owed = np.where(begins, present + payment, present)
    interest = _future(rate, period - np.where(begins, 2, 1), payment, owed, np.zeros_like(kind)) * rate
    within = (period > 0) & (period < periods + 1)
    return np.where(within, np.where(begins & (period == 1), 0.0, interest), np.nan)


def _principal(  # noqa: PLR0917 - the arguments of the function, in its order
    rate: Numbers, period: Numbers, periods: Numbers, present: Numbers, future: Numbers, kind: Numbers
) -> Numbers:
    whole = _payment(rate, periods, present, future, kind)
    return whole - _interest(rate, period, periods, present, future, kind)


def _periods(rate: Numbers, payment: Numbers, present: Numbers, future: Numbers, kind: Numbers) -> Numbers:
    still = rate == 0
    by = np.where(still, 1.0, rate)
    level = payment * np.where(kind != 0, 1 + rate, 1.0) / by
    return np.where(still, -(present + future) / payment, np.log((level - future) / (level + present)) / np.log1p(by))


declare(
    "FV(number, number, number, [number], [number]) -> number",
    _future,
    0.0,
    0.0,
    en="The future value of an annuity: rate, periods, payment, present value, type.",
    da="En annuitets fremtidsværdi: rente, perioder, ydelse, nutidsværdi, type.",
)
declare(
    "PV(number, number, number, [number], [number]) -> number",
    _present,
    0.0,
    0.0,
    en="The present value of an annuity: rate, periods, payment, future value, type.",
    da="En annuitets nutidsværdi: rente, perioder, ydelse, fremtidsværdi, type.",
)
declare(
    "Pmt(number, number, number, [number], [number]) -> number",
    _payment,
    0.0,
    0.0,
    en="The payment of an annuity: rate, periods, present value, future value, type.",
    da="En annuitets ydelse: rente, perioder, nutidsværdi, fremtidsværdi, type.",
)
declare(
    "IPmt(number, number, number, number, [number], [number]) -> number",
    _interest,
    0.0,
    0.0,
    en="The interest in a payment: rate, period, periods, present value, future value, type.",
    da="Renten i en ydelse: rente, periode, perioder, nutidsværdi, fremtidsværdi, type.",
)
declare(
    "PPmt(number, number, number, number, [number], [number]) -> number",
    _principal,
    0.0,
    0.0,
    en="The repayment in a payment: rate, period, periods, present value, future value, type.",
    da="Afdraget i en ydelse: rente, periode, perioder, nutidsværdi, fremtidsværdi, type.",
)
declare(
    "NPer(number, number, number, [number], [number]) -> number",
    _periods,
    0.0,
    0.0,
    en="The number of periods of an annuity: rate, payment, present value, future value, type.",
    da="En annuitets antal perioder: rente, ydelse, nutidsværdi, fremtidsværdi, type.",
)


# depreciation


def _straight(cost: Numbers, salvage: Numbers, life: Numbers) -> Numbers:
    return (cost - salvage) / life


def _by_years(cost: Numbers, salvage: Numbers, life: Numbers, period: Numbers) -> Numbers:
    within = (period > 0) & (period <= life)
    return np.where(within, (cost - salvage) * (life - period + 1) * 2 / (life * (life + 1)), np.nan)


def _declining(cost: Numbers, salvage: Numbers, life: Numbers, period: Numbers, factor: Numbers) -> Numbers:
    """A share of what is left, and never below the salvage value."""
    share = np.minimum(factor / life, 1.0)
    left = cost * (1 - share) ** np.maximum(period - 1, 0)
    within = (period > 0) & (period <= life) & (factor > 0) & (salvage >= 0) & (cost >= 0)
    return np.where(within, np.maximum(np.minimum(left * share, left - salvage), 0.0), np.nan)


declare(
    "SLN(number, number, number) -> number",
    _straight,
    en="Straight-line depreciation of a period: cost, salvage value, life.",
    da="Lineær afskrivning i en periode: anskaffelse, restværdi, levetid.",
)
declare(
    "SYD(number, number, number, number) -> number",
    _by_years,
    en="Depreciation of a period by the sum of years' digits: cost, salvage value, life, period.",
    da="Afskrivning i en periode efter årenes sum: anskaffelse, restværdi, levetid, periode.",
)
declare(
    "DDB(number, number, number, number, [number]) -> number",
    _declining,
    2.0,
    en="Depreciation of a period by a declining balance: cost, salvage value, life, period, factor (2).",
    da="Afskrivning i en periode efter saldometoden: anskaffelse, restværdi, levetid, periode, faktor (2).",
)
