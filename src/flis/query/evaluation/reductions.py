"""Sets over N contexts reduced to one number each, in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.query.evaluation.values import Context, Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation, Node

__all__ = ["averaged", "highest", "lowest", "numbers_over", "reduced", "summed"]


def numbers_over(ev: Evaluation, context: Context, of: Node, by: Node | None) -> tuple[Values, NDArray[np.int64]]:
    """The number (the current measure's, if `by` is None) for every tuple of a set, and the row it belongs to."""
    found = ev.tuples(of, context)
    if by is None:
        wide, rows = ev.inner(context, found)
        return ev.cells(wide), rows
    return ev.over(context, found, by)


def reduced(
    ev: Evaluation,
    context: Context,
    of: Node,
    by: Node | None,
    reduce: Callable[[NDArray[np.float64], NDArray[np.int64], int], NDArray[np.float64]],
) -> Values:
    """Numbers of each row reduced to one; no value where no tuple has one."""
    values, rows = numbers_over(ev, context, of, by)
    there = ~values.null
    numbers, at = values.floats()[there], rows[there]
    out = reduce(numbers, at, context.size)
    count = np.bincount(at, minlength=context.size)
    return Values(np.where(count > 0, out, np.nan), count == 0)


def summed(numbers: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Sums by row."""
    return np.bincount(rows, weights=numbers, minlength=size).astype(np.float64)


def averaged(numbers: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Means by row."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: NDArray[np.float64] = summed(numbers, rows, size) / np.bincount(rows, minlength=size)
    return mean


def lowest(numbers: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Minima by row."""
    out = np.full(size, np.nan)
    np.fmin.at(out, rows, numbers)
    return out


def highest(numbers: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Maxima by row."""
    out = np.full(size, np.nan)
    np.fmax.at(out, rows, numbers)
    return out
