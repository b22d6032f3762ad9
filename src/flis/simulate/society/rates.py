"""How often things happen to a person in a year; round figures of the size that Denmark has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "ANNULLED_NUMBERS",
    "ANNULMENTS",
    "DEATHS",
    "DIVORCES",
    "EMIGRATION",
    "ENTRY_CORRECTIONS",
    "FERTILITY",
    "FINDINGS",
    "IMMIGRATION",
    "LEAVING_CHURCH",
    "LOSSES",
    "MARRIAGES",
    "MOVES",
    "MOVE_CORRECTIONS",
    "NATURALISATION",
    "NUMBER_CHANGES",
    "RETURNS",
    "SECOND_NUMBERS",
    "TECHNICAL_CHANGES",
    "fertility",
    "mobility",
    "mortality",
]

DEATHS = 0.6
FERTILITY = 0.13
MOVES = 0.30
EMIGRATION = 0.06
IMMIGRATION = 0.011
RETURNS = 0.12
LOSSES = 0.004
FINDINGS = 0.6
MARRIAGES = 0.022
DIVORCES = 0.012
NATURALISATION = 0.15
LEAVING_CHURCH = 0.004
ENTRY_CORRECTIONS = 0.15
MOVE_CORRECTIONS = 0.08
ANNULMENTS = 0.05
ANNULLED_NUMBERS = 0.003
TECHNICAL_CHANGES = 0.01
NUMBER_CHANGES = 0.002
SECOND_NUMBERS = 0.06


def mortality(age: NDArray[np.int64], men: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Deaths a year: doubling about every seven years of age."""
    rate: NDArray[np.float64] = 4e-5 * np.exp(0.09 * age) * np.where(men, 1.2, 0.85)
    return np.minimum(rate, DEATHS)


def fertility(age: NDArray[np.int64]) -> NDArray[np.float64]:
    """Births a year of a woman; 1.7 over a life."""
    rate: NDArray[np.float64] = FERTILITY * np.exp(-(((age - 30.5) / 7.3) ** 2))
    return rate


def mobility(age: NDArray[np.int64]) -> NDArray[np.float64]:
    """Moves a year that a person decides on, with whom the household goes."""
    return np.select([age < 18, age < 30, age < 45], [0.0, MOVES, 0.13], 0.05)
