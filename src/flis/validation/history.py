"""Whether a figure is off its own history: the one test that all rules over time use.

m is the median of the same season in earlier years, carried on by the trend; σ is the largest of 1.4826 MAD, √m and
2 % of m. A figure x is off where |x - m| exceeds the largest of 6σ, a quarter of m and thirty rows. Six σ and thirty
rows keep small senders silent, whose counts jump (area sheets §1.7, g-18).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LEAST_PERIODS", "Period", "Point", "expected", "is_off", "period"]

LEAST_PERIODS = 6
"""Rules over time are silent where fewer periods are known."""
LEAST_PAIRS = 3
"""From so many pairs of one season on, the trend is told by them."""
SIGMAS, SHARE, ROWS = 6, 0.25, 30


@dataclass(frozen=True, slots=True)
class Period:
    """A period of time: how many of its kind lie before it, how many make a cycle of seasons, its days."""

    number: int
    cycle: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of an earlier period; `row` is what one row amounts to: 1 where rows are counted."""

    number: int
    value: float
    row: float = 1.0


def period(text: str) -> Period | None:
    """The period that a text tells: a year, a month or a day; None where it is none of them.

    >>> period("2025-08").number - period("2024-08").number, period("2025-02").last
    (12, datetime.date(2025, 2, 28))
    """
    parts = [int(part) for part in text.split("-") if part.isdecimal()]
    if not parts:
        return None
    try:
        first = date(*[*parts, 1, 1][:3])
        if len(parts) == 1:
            return Period(first.year, 1, first, date(first.year, 12, 31))
        if len(parts) == 2:
            number = first.year * 12 + first.month - 1
            after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
            return Period(number, 12, first, after - timedelta(1))
        return Period(first.toordinal(), 7, first, first) if len(parts) == 3 else None
    except ValueError:
        return None


def expected(points: Sequence[Point], number: int, cycle: int) -> tuple[float, float]:
    """What the history lets one expect of the period `number`, and the MAD of what it is told from.

    In the first cycle of seasons there is none of the same season: all points tell then.
    """
    same = [p for p in points if (number - p.number) % cycle == 0]
    seasonal = [(a, b) for a, b in combinations(points, 2) if (a.number - b.number) % cycle == 0]
    pairs = seasonal if len(seasonal) >= LEAST_PAIRS else [] if same else list(combinations(points, 2))
    slope = _slope(pairs) if pairs else 0.0
    values = [p.value + slope * (number - p.number) for p in same or points]
    if all(p.value >= 0 for p in points):
        values = [max(v, 0.0) for v in values]  # no trend leads below nothing
    middle = median(values)
    return middle, median(abs(v - middle) for v in values)


def _slope(pairs: Sequence[tuple[Point, Point]]) -> float:
    """The median of the slopes between points (Theil and Sen; of one season: Hirsch)."""
    return median((b.value - a.value) / (b.number - a.number) for a, b in pairs)


def is_off(value: float, points: Sequence[Point], number: int, cycle: int) -> bool:
    """Whether `value` of the period `number` is off the history of `points`; never where that is too short."""
    if len(points) < LEAST_PERIODS:
        return False
    row = median(p.row for p in points)
    middle, mad = expected(points, number, cycle)
    noise = row * sqrt(abs(middle) / row) if row else 0.0
    sigma = max(1.4826 * mad, noise, 0.02 * abs(middle))
    return abs(value - middle) > max(SIGMAS * sigma, SHARE * abs(middle), ROWS * row)
