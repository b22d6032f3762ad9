"""How many people live in each municipality, by age and sex, as the register is populated at a scale."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from flis.simulate.society import census

__all__ = ["residents"]

SEXES = ("K", "M")


@cache
def residents(scale: float) -> Any:
    """The expected residents at the beginning of 2022: a table of `kommune`, `age`, `sex` (K, M) and `persons`.

    `scale` is a fraction of the whole population.

    Ages and sexes are those of the country in every municipality, as in the register that is drawn from the same
    figures; persons are no whole numbers.
    """
    cells = census.cells()
    age = np.arange(int(cells.age.max()) + 1)
    share = np.array([np.bincount(cells.age, cells.count * (cells.sex == sex), len(age)) for sex in (0, 1)])
    share /= share.sum()
    codes, persons = census.codes(), census.inhabitants() * scale
    shape = (len(codes), len(SEXES), len(age))
    return pa.table(
        {
            "kommune": np.repeat([f"{code:04}" for code in codes], len(SEXES) * len(age)),
            "age": np.broadcast_to(age, shape).ravel().astype(np.int16),
            "sex": np.broadcast_to(np.array(SEXES)[:, None], shape).ravel(),
            "persons": (persons[:, None, None] * share).ravel(),
        }
    )
