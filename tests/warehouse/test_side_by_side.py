"""Two areas are loaded at the same time: neither waits for the other, also where one reads the other's kept table."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from flis.warehouse import keeping, load, persons
from flis.warehouse.database import opened
from flis.warehouse.keeping import show
from flis.warehouse.loading import prepare
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.gardens import KEPT, garden_area, put
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

DAYS = [date(2022, 2, 7), date(2022, 2, 8)]
PATIENCE = 60
"""Seconds after which a load that waits for the other one is given up as stuck; no figure is measured by it."""
BORN = KEPT.replace("-- out", "-- in borger.person: person BLOB, birth DATE\n-- out").replace(
    "SELECT kommune, maaned, haek, dag, meter\nFROM klip",
    "SELECT k.kommune, k.maaned, k.haek, k.dag, CAST(count(p.person) AS BIGINT) AS meter\n"
    "FROM klip k\nLEFT JOIN borger.person p ON p.birth <= k.dag\nGROUP BY k.kommune, k.maaned, k.haek, k.dag",
)
"""Of each row the persons whom the register knows, born up to its day."""


@pytest.fixture
def state(tmp_path: Path, areas_in: AreasIn) -> State:
    garden_area(tmp_path / "areas", files={"steps/klippet.sql": BORN})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    lives = [Life(f"010190{n:04}").add("enter", date(2022, 2, 1), "0461", known=DAYS[n]) for n in range(2)]
    files = write_chain(tmp_path / "files", DAYS, lives)
    accept(state, files[:1])
    load(state, "borger")
    accept(state, files[1:])
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;0")
    return state


@contextmanager
def held_in_the_middle(where: Any, monkeypatch: pytest.MonkeyPatch, state: State, area: str) -> Iterator[None]:
    """While the block runs, a load of the area stands still in the middle of its transaction."""
    reached, go_on = threading.Event(), threading.Event()
    take = where.take

    def slow(*args: Any) -> Any:
        done = take(*args)
        reached.set()
        assert go_on.wait(PATIENCE)
        return done

    monkeypatch.setattr(where, "take", slow)
    loading = threading.Thread(target=load, args=(state, area))
    loading.start()
    try:
        assert reached.wait(PATIENCE)
        yield
        assert loading.is_alive()
    finally:
        go_on.set()
        loading.join(PATIENCE)
    assert not loading.is_alive()


def within_patience(state: State, area: str) -> int:
    """How many deliveries a load took; None is a load that never came to an end."""
    done: list[int] = []
    loading = threading.Thread(target=lambda: done.append(len(load(state, area))), daemon=True)
    loading.start()
    loading.join(PATIENCE)
    return done[0]


def born(state: State) -> list[tuple[int]]:
    with opened(state, "haver") as connection:
        prepare(connection, "haver")
        show(connection, "haver")
        return connection.execute("SELECT meter FROM klippet ORDER BY ALL").fetchall()


def test_the_day_is_loaded_in_the_middle_of_a_month(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    with held_in_the_middle(keeping, monkeypatch, state, "haver"):
        assert within_patience(state, "borger") == 1
    assert born(state) == [(1,)]  # the register as it was when the load began


def test_a_month_is_loaded_in_the_middle_of_a_day(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads the newest snapshot that there is; the first one has to be waited for."""
    assert within_patience(state, "haver") == 1
    put(state, "HAVER_0461_202508_2025-09-10_1.csv", "bøg;2025-08-02;0")
    with held_in_the_middle(persons, monkeypatch, state, "borger"):
        assert within_patience(state, "haver") == 1
    assert born(state) == [(1,), (1,)]
    put(state, "HAVER_0751_202508_2025-09-10_1.csv", "bøg;2025-08-03;0")
    assert within_patience(state, "haver") == 1
    assert born(state) == [(1,), (1,), (2,)]


def test_a_load_of_all_areas_leaves_one_to_who_loads_it(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    with held_in_the_middle(keeping, monkeypatch, state, "haver"):
        assert [done.area for done in load(state)] == ["borger"]
