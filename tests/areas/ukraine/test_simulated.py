"""Over simulated months the flows add up, nothing is left over, and the oracle counts the same."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.delivery import deliveries
from flis.simulate import simulate
from flis.validation import report
from flis.warehouse import load
from tests.areas.ukraine.figures import expected, identity_holds, warehoused
from tests.warehouse.arrange import accept, new_state

if TYPE_CHECKING:
    from pathlib import Path

FIRST = date(2022, 1, 1)


def check(folder: Path, last: date, refugee_scale: float, seed: int) -> None:
    files = list(simulate("borger", folder, FIRST, last, scale=0.0002, refugee_scale=refugee_scale, seed=seed))
    state = new_state(folder / "state")
    accept(state, files)
    load(state)
    found, _ = warehoused(state)
    assert sum(found.stock.values()) > 100
    assert not found.flows["oevrige"]
    assert identity_holds(found, FIRST, last)
    assert sum(found.flows["tilflyttede"].values()) == sum(found.flows["fraflyttede"].values()) > 0
    assert found == expected(files)
    assert not [f for d in deliveries(state) for f in report(d).findings if f.persons is not None]


def test_some_months(tmp_path: Path) -> None:
    check(tmp_path, date(2022, 3, 25), refugee_scale=0.03, seed=7)


@pytest.mark.slow
def test_a_year_and_more(tmp_path: Path) -> None:
    check(tmp_path, date(2023, 3, 15), refugee_scale=0.01, seed=2)
