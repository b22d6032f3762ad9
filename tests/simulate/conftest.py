from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.simulate import simulate
from flis.simulate.society import rates

if TYPE_CHECKING:
    from pathlib import Path

START, END = date(2022, 1, 1), date(2022, 6, 10)
RARE = (
    "LOSSES",
    "FINDINGS",
    "NATURALISATION",
    "MARRIAGES",
    "DIVORCES",
    "ENTRY_CORRECTIONS",
    "MOVE_CORRECTIONS",
    "ANNULMENTS",
    "ANNULLED_NUMBERS",
    "TECHNICAL_CHANGES",
    "NUMBER_CHANGES",
    "SECOND_NUMBERS",
)
"""What happens seldom, and often in a lively society."""


@pytest.fixture(scope="session")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of some months of a small society, in delivery order."""
    return simulate("borger", tmp_path_factory.mktemp("delivered"), START, END, scale=0.0005, refugee_scale=0.03)


@pytest.fixture(scope="session")
def lively(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same of a society in which all that is seldom happens often."""
    with pytest.MonkeyPatch.context() as patch:
        for name in RARE:
            patch.setattr(rates, name, getattr(rates, name) * 30)
        return simulate("borger", tmp_path_factory.mktemp("lively"), START, END, scale=0.0004, refugee_scale=0.06)
