"""Statistics over sets: median, percentiles, variance, correlation, the regression line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.evaluation.reductions import numbers_over, reduced
from flis.query.evaluation.values import Context, Values
from flis.query.functions.numeric import looks_at_measure
from flis.query.functions.table import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation, Node

__all__: list[str] = []

GROUP = "Statistical"


def _by_row(pick: Callable[[NDArray[np.float64]], float]) -> Callable[..., NDArray[np.float64]]:
    def reduce(numbers: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> NDArray[np.float64]:
        out = np.full(size, np.nan)
        order = np.argsort(rows, kind="stable")
        numbers, rows = numbers[order], rows[order]
        if len(rows):
            begins = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
            for part, row in zip(np.split(numbers, begins[1:]), rows[begins].tolist(), strict=True):
                out[row] = pick(part)
        return out

    return reduce


def _declare(names: tuple[str, ...], pick: Callable[[NDArray[np.float64]], float], en: str, da: str) -> None:
    reduce = _by_row(pick)

    def run(ev: Evaluation, context: Context, of: Node, by: Node | None = None) -> Values:
        return reduced(ev, context, of, by, reduce)

    for name in names:
        text = f"{name}(set, [value]) -> number"
        function(text, group=GROUP, en=en, da=da, iterates=0, looks=looks_at_measure)(run)


def _spread(numbers: NDArray[np.float64], less: int) -> float:
    if len(numbers) - less <= 0:
        return float("nan")
    return float(((numbers - numbers.mean()) ** 2).sum() / (len(numbers) - less))


_declare(("Median",), lambda x: float(np.median(x)), "The median over a set.", "Medianen over en mængde.")
_declare(("Var", "Variance"), lambda x: _spread(x, 1), "The variance of a sample.", "Variansen af en stikprøve.")
_declare(("VarP", "VarianceP"), lambda x: _spread(x, 0), "The variance of the whole.", "Variansen af helheden.")
_declare(
    ("StDev", "StdDev"),
    lambda x: _spread(x, 1) ** 0.5,
    "The standard deviation of a sample.",
    "Standardafvigelsen af en stikprøve.",
)
_declare(
    ("StDevP", "StdDevP"),
    lambda x: _spread(x, 0) ** 0.5,
    "The standard deviation of the whole.",
    "Standardafvigelsen af helheden.",
)


@function(
    "Percentile(set, value, number) -> number",
    group=GROUP,
    en="The value below which so many percent lie.",
    da="Værdien som så mange procent ligger under.",
    iterates=0,
)
def percentile(ev: Evaluation, context: Context, of: Node, by: Node, share: Node) -> Values:
    """`Percentile(s, value, p)`."""
    p = float(ev.values(share, context).floats()[0])

    def pick(numbers: NDArray[np.float64]) -> float:
        return float(np.percentile(numbers, min(max(p, 0.0), 100.0)))

    return reduced(ev, context, of, by, _by_row(pick))


@function(
    "FirstQ(set, [value]) -> number",
    group=GROUP,
    en="The first quartile.",
    da="Første kvartil.",
    iterates=0,
    looks=looks_at_measure,
)
def first_quartile(ev: Evaluation, context: Context, of: Node, by: Node | None = None) -> Values:
    """`FirstQ(s, value)`."""
    return reduced(ev, context, of, by, _by_row(lambda x: _quartile(x, 1)))


@function(
    "ThirdQ(set, [value]) -> number",
    group=GROUP,
    en="The third quartile.",
    da="Tredje kvartil.",
    iterates=0,
    looks=looks_at_measure,
)
def third_quartile(ev: Evaluation, context: Context, of: Node, by: Node | None = None) -> Values:
    """`ThirdQ(s, value)`."""
    return reduced(ev, context, of, by, _by_row(lambda x: _quartile(x, 3)))


def _quartile(numbers: NDArray[np.float64], which: int) -> float:
    ordered = np.sort(numbers)
    size = len(ordered)
    if size == 1:
        return float(ordered[0])
    at = size * which // 4
    if size * which % 4 == 0:
        return float((ordered[at - 1] + ordered[min(at, size - 1)]) / 2)
    return float(ordered[at])


# pairs


def _pairs(
    ev: Evaluation, context: Context, of: Node, first: Node, second: Node | None
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """For each row the two columns of numbers, tuples without either left out."""
    a, rows = numbers_over(ev, context, of, first)
    b, _ = numbers_over(ev, context, of, second)
    there = ~(a.null | b.null)
    x, y, rows = a.floats()[there], b.floats()[there], rows[there]
    return [(x[rows == row], y[rows == row]) for row in range(context.size)]


def _declare_pairs(
    names: tuple[str, ...], pick: Callable[[NDArray[np.float64], NDArray[np.float64]], float], en: str, da: str
) -> None:
    def run(ev: Evaluation, context: Context, of: Node, first: Node, second: Node | None = None) -> Values:
        pairs = _pairs(ev, context, of, first, second)
        with np.errstate(all="ignore"):
            out = np.array([pick(x, y) if len(x) else np.nan for x, y in pairs])
        return Values(out, np.array([not len(x) for x, _ in pairs]))

    for name in names:
        text = f"{name}(set, value, [value]) -> number"
        function(text, group=GROUP, en=en, da=da, iterates=0, looks=_looks_at_second)(run)


def _looks_at_second(binder: object, arguments: list[Node | None]) -> frozenset[int]:
    if len(arguments) > 2 and arguments[2] is not None:
        return frozenset()
    of = arguments[0]
    return frozenset(range(binder.count)) - frozenset(of.hierarchies if of else ())  # type: ignore[attr-defined]


def _covariance(x: NDArray[np.float64], y: NDArray[np.float64], less: int) -> float:
    return float(((x - x.mean()) * (y - y.mean())).sum() / (len(x) - less)) if len(x) > less else float("nan")


def _slope(y: NDArray[np.float64], x: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and intercept of the regression line."""
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread else float("nan")
    return slope, float(y.mean()) - slope * float(x.mean())


def _residual(y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    slope, intercept = _slope(y, x)
    return y - (intercept + slope * x)


_declare_pairs(
    ("Correlation",),
    lambda x, y: float(np.divide(_covariance(x, y, 0), (_spread(x, 0) * _spread(y, 0)) ** 0.5)),
    "The correlation of two values.",
    "Korrelationen mellem to værdier.",
)
_declare_pairs(
    ("Covariance",),
    lambda x, y: _covariance(x, y, 0),
    "The covariance of two values.",
    "Kovariansen mellem to værdier.",
)
_declare_pairs(
    ("CovarianceN",), lambda x, y: _covariance(x, y, 1), "The covariance of a sample.", "Kovariansen af en stikprøve."
)
_declare_pairs(
    ("LinRegSlope",), lambda y, x: _slope(y, x)[0], "The slope of the regression line.", "Regressionslinjens hældning."
)
_declare_pairs(
    ("LinRegIntercept",),
    lambda y, x: _slope(y, x)[1],
    "Where the regression line meets 0.",
    "Regressionslinjens skæring.",
)
_declare_pairs(
    ("LinRegR2",),
    lambda y, x: float(1 - (_residual(y, x) ** 2).sum() / ((y - y.mean()) ** 2).sum()),
    "How well the regression line fits.",
    "Hvor godt regressionslinjen passer.",
)
_declare_pairs(
    ("LinRegVariance",),
    lambda y, x: float((_residual(y, x) ** 2).sum() / (len(y) - 2)) if len(y) > 2 else float("nan"),
    "The variance about the regression line.",
    "Variansen omkring regressionslinjen.",
)


@function(
    "LinRegPoint(number, set, value, [value]) -> number",
    group=GROUP,
    en="The regression line's value at a point.",
    da="Regressionslinjens værdi i et punkt.",
    iterates=1,
    looks=lambda binder, a: frozenset(range(binder.count)) if a[3] is None else a[0].depends,
)
def lin_reg_point(  # noqa: PLR0917 - the arguments of the MDX function, in its order
    ev: Evaluation, context: Context, at: Node, of: Node, first: Node, second: Node | None = None
) -> Values:
    """`LinRegPoint(x, s, y, x)`."""
    points = ev.number(at, context)
    pairs = _pairs(ev, context, of, first, second)
    out = np.full(context.size, np.nan)
    for row, (y, x) in enumerate(pairs):
        if len(y):
            slope, intercept = _slope(y, x)
            out[row] = intercept + slope * points[row]
    return Values(out, np.array([not len(y) for y, _ in pairs]))
