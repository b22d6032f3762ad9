"""A state that an earlier version made opens, says that its rules were others, and gains what it lacks at the next run.

`states/commit-3b7cc41.tar.xz` was made by the code of that commit: `flis demo --no-serve --from 2022-01-24
--to 2022-01-25 --scale 0.00001 --refugee-scale 0.05`, without its cache of drawings.
"""

from __future__ import annotations

import logging
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from flis.config import State
from flis.errors import StateError
from flis.operations import status
from flis.release import NATIONAL, PUBLIC, apply, current, plan, verify
from flis.warehouse import load, residents

if TYPE_CHECKING:
    from flis.release import Release

OLD = Path(__file__).parent / "states" / "commit-3b7cc41.tar.xz"


@pytest.fixture
def state(tmp_path: Path) -> State:
    with tarfile.open(OLD) as kept:
        if hasattr(tarfile, "data_filter"):
            kept.extraction_filter = tarfile.data_filter
        kept.extractall(tmp_path)
    return State(tmp_path, tmp_path / "keys")


def totals(release: Release, column: str) -> dict[object, int]:
    rows = [
        row for path in release.area("ukraine").store(PUBLIC).tables["total"] for row in pq.read_table(path).to_pylist()
    ]
    return {(r["dato"], r["kommune"], r["known_from"]): r[column] for r in rows}


def test_it_opens_and_says_what_to_do(state: State) -> None:
    before = current(state)
    assert before is not None
    assert before.area("ukraine").store(NATIONAL).tables["stock"]
    assert status(state).release == before.number
    with pytest.raises(StateError, match="built by other steps") as told:
        plan(state)
    assert "flis run daily" in told.value.hint


def test_the_next_run_gains_what_it_lacks(state: State, caplog: pytest.LogCaptureFixture) -> None:
    before = current(state)
    assert before is not None
    told = [pq.read_schema(path).names for path in state.deliveries.rglob("024.parquet")]
    assert told
    assert not any("indrdto_latest" in names for names in told)  # such dates stand for the day that they name
    with caplog.at_level(logging.WARNING, "flis.warehouse"):
        done = load(state)
    assert len(done) == before.area("ukraine").tree.deliveries == 3
    assert [r.message for r in caplog.records if "built anew from 3 deliveries" in r.message]
    after = apply(state)
    assert after is not None
    assert "crossing" not in before.area("ukraine").store(NATIONAL).tables
    assert sum(pq.read_table(path).num_rows for path in after.area("ukraine").store(NATIONAL).tables["crossing"]) > 0
    assert totals(after, "antal") == totals(before, "antal")
    assert verify(state).problems == []
    assert not load(state)
    assert apply(state) is None


def test_killed_while_it_is_built_anew_the_next_run_goes_on(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(name: str) -> None:
        if name == "load.moved":
            raise Killed

    monkeypatch.setattr("flis.warehouse.loading.step", die)
    with pytest.raises(Killed):
        load(state)
    monkeypatch.undo()
    assert len(load(state)) == 2
    after = apply(state)
    assert after is not None
    assert verify(state).problems == []
    newest = after.data_through
    assert isinstance(residents(state, "0101", newest, newest), list)
