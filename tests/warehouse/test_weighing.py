"""What loading shows reaches the delivery's report: a municipality that empties, a past that is corrected."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flis import validation
from flis.delivery import deliveries
from flis.warehouse import load
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from pathlib import Path

DAYS = [date(2022, 3, 1), date(2022, 4, 4), date(2022, 4, 5)]


def rules(folder: Path, lives: list[Life]) -> list[set[str]]:
    """The rules on loading that each delivery met, oldest first."""
    state = new_state(folder / "state")
    accept(state, write_chain(folder / "files", DAYS, lives))
    load(state)
    mine = {"volume-fall", "volume-zero", "late-corrections"}
    return [mine & {f.rule for f in validation.report(d).findings} for d in deliveries(state)]


def many(count: int, home: str) -> list[Life]:
    return [Life(f"010190{n:04}").add("enter", date(2022, 2, 1), home) for n in range(count)]


def test_a_municipality_that_falls_or_empties(tmp_path: Path) -> None:
    falling, emptied, small = many(25, "0461"), many(20, "0101"), many(19, "0751")
    for life in falling[:5] + emptied + small:
        life.add("leave", DAYS[1])
    for n, life in enumerate(emptied + small):
        life.number = f"020290{n:04}"
    assert rules(tmp_path, falling + emptied + small) == [set(), {"volume-fall", "volume-zero"}, set()]


def test_many_late_corrections(tmp_path: Path) -> None:
    late = [Life(f"010190{n:04}").add("enter", date(2022, 2, 1), "0461", known=DAYS[2]) for n in range(21)]
    assert rules(tmp_path, late) == [set(), set(), {"late-corrections"}]
