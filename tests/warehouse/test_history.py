"""The history: two clocks, replacement as a whole, one person through changed numbers, loading twice."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from flis.delivery import DeliveryState, deliveries
from flis.errors import StateError
from flis.warehouse import load, residents
from flis.warehouse.database import opened
from flis.warehouse.loading import prepare
from tests.oracle.ukraine import Register
from tests.oracle.ukraine import residents as told
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

ASSENS = "0461"
DAYS = [date(2022, 6, 27), date(2022, 7, 4), date(2022, 7, 5), date(2022, 7, 6), date(2022, 7, 11)]


def d(month: int, day: int) -> date:
    return date(2022, month, day)


def lives() -> list[Life]:
    """One who stays, one whose entry comes to be known late, one who left and CPR learnt it late, one who moved."""
    return [
        Life("0101900001").add("enter", d(5, 1), ASSENS),
        Life("0101900002").add("enter", d(6, 30), ASSENS, known=d(7, 6)),
        Life("0101900003").add("enter", d(5, 1), ASSENS).add("leave", d(6, 29), known=d(7, 11)),
        Life("0101900004").add("enter", d(5, 1), ASSENS).add("move", d(7, 1), "0101", known=d(7, 4)),
    ]


def content(state: State) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables of the warehouse."""
    with opened(state, "borger") as connection:
        prepare(connection, "borger")
        tables = connection.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_type = 'BASE TABLE' ORDER BY 1"
        ).fetchall()
        return {t: connection.execute(f"SELECT * FROM {t} ORDER BY ALL").fetchall() for (t,) in tables}


def test_residents_as_known_on_a_day(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    files = write_chain(tmp_path / "files", DAYS, lives())
    accept(state, files)
    load(state)
    expected = {d(6, 27): 3, d(7, 4): 2, d(7, 5): 2, d(7, 6): 3, d(7, 11): 2}
    for known, count in expected.items():
        assert len(residents(state, ASSENS, d(7, 1), known)) == count
        register = Register()
        for file, produced in zip(files, DAYS, strict=True):
            if produced <= known:
                register.read(file)
        assert len(told(register, ASSENS, d(7, 1))) == count
    assert residents(state, ASSENS, d(7, 1), d(6, 26)) == []


def test_a_changed_number_is_one_person_before_and_after(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    life = Life("0101900001", later=("0201900001", d(7, 5))).add("enter", d(5, 1), ASSENS)
    accept(state, write_chain(tmp_path / "files", DAYS, [life]))
    load(state)
    before = residents(state, ASSENS, d(7, 1), d(7, 4))
    assert len(before) == 1
    assert residents(state, ASSENS, d(7, 1), d(7, 5)) == before
    assert residents(state, ASSENS, d(7, 11), d(7, 11)) == before


def test_loading_twice_changes_nothing(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS, lives()))
    assert [found.produced for found in load(state)] == DAYS
    before = content(state)
    assert load(state) == []
    assert content(state) == before
    assert {found.state for found in deliveries(state)} == {DeliveryState.LOADED}


def test_one_by_one_or_in_one_batch(tmp_path: Path) -> None:
    files = write_chain(tmp_path / "files", DAYS, lives())
    batch, single = new_state(tmp_path / "batch"), new_state(tmp_path / "single")
    accept(batch, files)
    load(batch)
    for file in files:
        accept(single, [file])
        load(single)
    assert content(batch) == content(single)


def test_a_warehouse_that_was_put_aside_is_built_again(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS, lives()))
    load(state)
    before = content(state)
    shutil.rmtree(state.warehouse)
    assert len(load(state)) == len(DAYS)
    assert content(state) == before


def test_no_row_is_known_after_its_last_day(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS, lives()))
    load(state)
    with opened(state, "borger") as connection:
        prepare(connection, "borger")
        counted = connection.execute(
            "SELECT count(*), count(DISTINCT (person, known_from)), count(*) FILTER (known_to <= known_from), "
            "count(DISTINCT person) FILTER (known_to = DATE '9999-12-31') FROM history.version"
        ).fetchall()
        orphans = connection.execute(
            "SELECT count(*) FROM history.residence r ANTI JOIN history.version v USING (person, known_from)"
        ).fetchall()
    ((versions, distinct, backwards, persons),) = counted
    assert versions == distinct == 6
    assert backwards == 0
    assert persons == 4
    assert orphans == [(0,)]


def test_an_older_delivery_after_a_newer_one_is_refused(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS, lives()))
    load(state)
    with opened(state, "borger") as connection:
        connection.execute("DELETE FROM delivery WHERE produced = $day", {"day": DAYS[1]})
    with pytest.raises(StateError, match="older than what the warehouse holds"):
        load(state)


def test_a_damaged_warehouse_is_named(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS[:1], lives()))
    state.warehouse.mkdir()
    (state.warehouse / "warehouse.duckdb").write_bytes(b"no database at all" * 400)
    with pytest.raises(StateError, match="cannot be opened"):
        load(state)


def test_records_without_a_column_that_is_read_are_named(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS[:1], lives()))
    file = deliveries(state)[0].records["010"]
    pq.write_table(pq.read_table(file).drop_columns(["landekod"]), file)
    with pytest.raises(StateError, match="table record_010 lacks a column"):
        load(state)
    assert deliveries(state)[0].state is DeliveryState.VALIDATED
