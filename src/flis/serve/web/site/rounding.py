"""Rates and shares are rounded once, from whole numbers: page, map, chart and file show the same figure."""

from __future__ import annotations

__all__ = ["per_thousand", "share"]

RATE_DIGITS = 2
SHARE_DIGITS = 2


def per_thousand(people: int, inhabitants: int) -> float:
    """Persons per 1,000 inhabitants with two decimals.

    >>> per_thousand(450, 57364), per_thousand(1, 8)
    (7.84, 125.0)
    """
    return _rounded(people * 1000, inhabitants, RATE_DIGITS)


def share(count: int, total: int) -> float:
    """A part of a total in whole per cent, as a fraction of 1; 0 where there is no total.

    >>> share(1, 8), share(0, 0)
    (0.13, 0.0)
    """
    return _rounded(count, total, SHARE_DIGITS) if total else 0.0


def _rounded(numerator: int, denominator: int, digits: int) -> float:
    """A fraction of whole numbers, none negative, rounded to the nearest; a half goes up."""
    scale: int = 10**digits
    return (2 * numerator * scale + denominator) // (2 * denominator) / scale
