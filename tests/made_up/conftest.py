"""A state folder to which the made-up area's files have gone all the way."""

from __future__ import annotations

import fcntl
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.made_up.files import waves
from tests.made_up.walk import AREAS, put, receive, run_month, state_of

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

RUNS = (date(2025, 9, 10), date(2025, 10, 10), date(2025, 11, 21))
"""The monthly runs, each after a wave of files."""


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The state folder after three waves of files and three monthly runs; tests that change it take a copy."""
    base = tmp_path_factory.getbasetemp()
    folder: Path = (base if worker_id == "master" else base.parent) / "made-up"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            for run, (arrived, sent) in zip(RUNS, waves().items(), strict=True):
                receive(folder / "state", put(sent, folder / f"{arrived}"), arrived)
                run_month(folder / "state", run)
            (folder / "done").touch()
    return folder / "state"


@pytest.fixture
def state(walked: Path, areas_in: AreasIn) -> State:
    """That state folder, in a process that knows the area; to be read only."""
    areas_in(AREAS)
    return state_of(walked)
