"""What a release is told of as touched is all that differs: facts before and after each load are held side by side."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.release.policies import policy
from flis.warehouse import area_facts, load
from tests.release.test_apply import lives
from tests.warehouse.arrange import accept, new_state, write_chain

if TYPE_CHECKING:
    import pyarrow as pa

    from flis.config import State

AREA = "ukraine"
DAYS = [date(2022, 1, 31), date(2022, 2, 7), date(2022, 3, 8), date(2022, 3, 9)]
FIGURES = ("shown_total", "shown_flow_day", "shown_flow_week")

Rows = dict[str, dict[tuple[str, str], list[object]]]


def by_place(parts: dict[str, dict[str, pa.Table]]) -> Rows:
    """By table, the rows of each period and municipality ('0000': of the country)."""
    found: Rows = {}
    for period, tables in parts.items():
        for name, rows in tables.items():
            for row in rows.to_pylist():
                place = period, row.get("kommune", "0000")
                found.setdefault(name, {}).setdefault(place, []).append(row)
    return found


def differing(before: Rows, after: Rows) -> set[tuple[str, str]]:
    """Period and municipality wherever any table has other rows."""
    names = before.keys() | after.keys()
    return {
        place
        for name in names
        for place in before.get(name, {}).keys() | after.get(name, {}).keys()
        if before.get(name, {}).get(place) != after.get(name, {}).get(place)
    }


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[State, list[tuple[Rows, Rows]]]:
    """After all loads, and the facts and figures after each of them."""
    root = tmp_path_factory.mktemp("touched")
    state, found = new_state(root / "state"), []
    rules = policy(AREA)
    for file in write_chain(root / "files", DAYS, lives()):
        accept(state, [file])
        load(state)
        with area_facts(state, AREA, rules.values, rules.levels["municipality"].flows.small) as known:
            assert known is not None
            facts = {period: known.lay_out(period) for period in known.touched(None)}
            assert known.check() == []
            figures = {
                f"{name} {period}": {name: rows}
                for name, of in known.figures(None).items()
                for period, rows in of.items()
            }
        found.append((by_place(facts), by_place(figures)))
    return state, found


@pytest.mark.parametrize("after", [1, 2, 3])
def test_what_differs_is_touched(worlds: tuple[State, list[tuple[Rows, Rows]]], after: int) -> None:
    state, found = worlds
    (facts, figures), (facts_now, figures_now) = found[after - 1], found[-1]
    rules = policy(AREA)
    with area_facts(state, AREA, rules.values, rules.levels["municipality"].flows.small) as known:
        assert known is not None
        touched = {(period, kommune) for period, of in known.touched(after).items() for kommune in of}
        told = {f"{name} {period}" for name, of in known.figures(after).items() for period in of}
    assert differing(facts, facts_now) <= touched
    assert {period for period, _ in differing(figures, figures_now)} <= told
    assert touched


def test_nothing_is_touched_after_the_newest_load(worlds: tuple[State, list[tuple[Rows, Rows]]]) -> None:
    with area_facts(worlds[0], AREA) as known:
        assert known is not None
        assert known.touched(4) == {}
        assert known.figures(4) == {}
        assert known.touched(None).keys() == {"2022-01", "2022-02", "2022-03"}
        assert set(known.figures(None)) == set(FIGURES)
        assert (known.coverage.first, known.coverage.last, known.coverage.load) == (date(2022, 1, 1), DAYS[-1], 4)
        assert known.gaps == ()
        assert known.covered["dap-cube"] == {"": (date(2022, 1, 1), DAYS[-1])}
