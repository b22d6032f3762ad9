"""Counts of which only the range is shown: the flows of few persons, and sums of such counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flis.serve.web.ukraine.rules import small_flow

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SMALL", "Count", "Span", "middle", "summed"]

SMALL = -1
"""What stands for a small count among numbers."""


class Span(NamedTuple):
    """A count from `low` through `high`."""

    low: int
    high: int

    def __str__(self) -> str:
        """The range as it is shown.

        >>> str(Span(1, 4))
        '1–4'
        """
        return f"{self.low}\N{EN DASH}{self.high}"


Count: TypeAlias = int | Span


def summed(values: Iterable[int]) -> Count:
    """The sum of counts, some of which may be small: a range then."""
    most = small_flow()
    low = high = 0
    for value in values:
        low += 1 if value == SMALL else value
        high += most if value == SMALL else value
    return low if low == high else Span(low, high)


def middle(count: Count) -> float:
    """Where a chart draws a count.

    >>> middle(7), middle(Span(1, 4))
    (7, 2.5)
    """
    return sum(count) / 2 if isinstance(count, Span) else count
