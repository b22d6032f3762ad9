"""The facts that a release asks for by the heads of steps are those that the area's own code gives."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.release.policy import policy
from flis.warehouse import MONTHLY, area_facts, facts, load
from tests.release.test_apply import lives
from tests.warehouse.arrange import accept, new_state, write_chain

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

AREA = "ukraine"
DAYS = [date(2022, 1, 31), date(2022, 2, 7), date(2022, 3, 8), date(2022, 3, 9)]


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS, lives()))
    load(state)
    return state


def test_by_heads_they_are_the_same(state: State) -> None:
    rules = policy(AREA)
    small = rules.levels["municipality"].flows.small
    with facts(state, rules.values, small) as own:
        assert own is not None
        months = {month: own.month(month) for month in own.touched(None)}
        touched = {day: own.touched(day) for day in (None, *DAYS)}
        figures = {f"shown_{name}": own.figures(name, DAYS[1]) for name in ("total", "flow_day", "flow_week")}
    with area_facts(state, AREA, rules.values, small) as known:
        assert known is not None
        assert (known.coverage.first, known.coverage.last) == (date(2022, 1, 1), DAYS[-1])
        assert (known.coverage.load, known.coverage.delivery) == (4, own.coverage.delivery)
        assert [known.touched(n) for n in (None, 1, 2, 3, 4)] == list(touched.values())
        for month, tables in months.items():
            assert tuple(tables) == MONTHLY
            assert known.lay_out(month) == tables
            assert known.check() == []
        assert known.figures(2) == {table: parts for table, parts in figures.items() if parts}
        assert known.gaps == ()
        assert known.covered["dap-cube"] == {"": (date(2022, 1, 1), DAYS[-1])}
