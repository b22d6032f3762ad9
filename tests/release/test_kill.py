"""Killed at any step of load and release: the old release serves, and the next run ends as an undisturbed one does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.config import State
from flis.delivery import DeliveryState, deliveries
from flis.release import apply, current, verify
from flis.warehouse import load
from tests.release.test_apply import lives
from tests.warehouse.arrange import accept, new_state, write_chain

if TYPE_CHECKING:
    from pathlib import Path

    from flis.release import Manifest

DAYS = [date(2022, 1, 31), date(2022, 2, 7), date(2022, 2, 8)]
RUN = """
import sys
from pathlib import Path
from flis.config import State
from flis.release import apply
from flis.warehouse import load
root = Path(sys.argv[1])
state = State(root, root / "keys")
load(state)
apply(state)
"""
STEPS = [
    "load.told",
    "load.written",
    "load.committed",
    "load.weighed",
    "load.moved",
    "load.told:2",
    "load.written:2",
    "load.committed:2",
    "load.moved:2",
    "release.begun",
    "release.file",
    "release.file:2",
    "release.file:31",
    "release.file:97",
    "release.written",
    "release.manifest",
    "release.published",
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[State, Manifest]:
    """One release published and two deliveries waiting to be loaded; and what an undisturbed run makes of it."""
    root = tmp_path_factory.mktemp("prepared")
    files = write_chain(root / "files", DAYS, lives())
    state = new_state(root / "state")
    accept(state, files[:1])
    load(state)
    apply(state)
    accept(state, files[1:])
    undisturbed = _copy(state, root / "undisturbed")
    load(undisturbed)
    released = apply(undisturbed)
    assert released is not None
    return state, released.manifest


def check(prepared: tuple[State, Manifest], folder: Path, *crashes: str) -> None:
    state = _copy(prepared[0], folder / "state")
    for crash in crashes:
        assert _run(state, crash) == -signal.SIGKILL, f"{crash} is no step of this run"
        serving = current(state)
        assert serving is not None
        assert serving.number == (2 if crash == "release.published" else 1)
        for store in serving.stores:
            assert all(path.exists() for files in serving.store(store).tables.values() for path in files)
    assert _run(state, "") == 0
    serving = current(state)
    assert serving is not None
    assert serving.number == 2
    assert serving.manifest.stores == prepared[1].stores
    assert verify(state).problems == []
    assert {found.state for found in deliveries(state)} == {DeliveryState.LOADED}
    named = {p for store in serving.stores for files in serving.store(store).tables.values() for p in files}
    older = {entry.sha256 for t in _first(state).stores.values() for parts in t.values() for entry in parts.values()}
    left = {p for p in (state.releases / "stores").rglob("*") if p.is_file()} - named
    assert {p.stem for p in left} <= older, "files that no manifest names were left behind"


@pytest.mark.parametrize("crash", ["load.written", "release.manifest"])
def test_killed_once(prepared: tuple[State, Manifest], tmp_path: Path, crash: str) -> None:
    check(prepared, tmp_path, crash)


@pytest.mark.slow
@pytest.mark.parametrize("crash", STEPS)
def test_killed_at_every_step(prepared: tuple[State, Manifest], tmp_path: Path, crash: str) -> None:
    check(prepared, tmp_path, crash)


@pytest.mark.slow
def test_killed_again_and_again(prepared: tuple[State, Manifest], tmp_path: Path) -> None:
    """Every run is killed at its next step but one, clearing included, until one comes through."""
    check(
        prepared,
        tmp_path,
        "load.committed",
        "load.moved",
        "load.written",
        "release.file:3",
        "release.cleared",
        "release.file:40",
        "release.manifest",
        "release.cleared",
        "release.written",
    )


def _first(state: State) -> Manifest:
    from flis.release import release

    return release(state, 1).manifest


def _run(state: State, crash: str) -> int:
    environment = {**os.environ, "FLIS_CRASH_AT": crash}
    return subprocess.run([sys.executable, "-c", RUN, str(state.root)], env=environment, check=False).returncode


def _copy(state: State, folder: Path) -> State:
    shutil.copytree(state.root, folder)
    return State(folder, folder / "keys")
