"""State folders to which the made-up areas' files have gone all the way; tests that change one take a copy."""

from __future__ import annotations

import fcntl
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.made_up import nurseries, rides
from tests.made_up.files import waves
from tests.made_up.walk import AREAS, put, receive, run_month, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn
    from tests.made_up.files import SentFile

RUNS = (date(2025, 9, 10), date(2025, 10, 10), date(2025, 11, 21))
"""The monthly runs, each after a wave of files."""
FIRST_RUN, SECOND_RUN = date(2025, 8, 15), date(2025, 10, 10)
OWN = "0461"


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The state folder after three waves of files of `udlaan` and three monthly runs."""
    steps = zip(RUNS, waves().items(), strict=True)
    return _once(tmp_path_factory, worker_id, "made-up", [(run, arrived, sent) for run, (arrived, sent) in steps])


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The state folder after two waves of the files of `koersel` and `boernehave`, and two monthly runs."""
    return _once(tmp_path_factory, worker_id, "both", in_two_waves([*rides.files(), *nurseries.files()]))


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The same, where the municipalities but Odense have sent other things."""
    sent = [*rides.files(OWN, "elsewhere"), *nurseries.files(OWN, "elsewhere")]
    return _once(tmp_path_factory, worker_id, "elsewhere", in_two_waves(sent))


def in_two_waves(sent: list[SentFile]) -> list[tuple[date, date, list[SentFile]]]:
    """Files by the day on which they are received and a run follows: those that have come by then."""
    early = [file for file in sent if file.arrived <= FIRST_RUN]
    return [(FIRST_RUN, FIRST_RUN, early), (SECOND_RUN, SECOND_RUN, [file for file in sent if file not in early])]


@pytest.fixture
def state(walked: Path, areas_in: AreasIn) -> State:
    """The state folder of `udlaan`, in a process that knows the area; to be read only."""
    areas_in(AREAS)
    return state_of(walked)


def _once(
    factory: pytest.TempPathFactory,
    worker: str,
    name: str,
    waves_of: Iterable[tuple[date, date, Iterable[SentFile]]],
) -> Path:
    """A state folder that is made once for all processes: files are received on a day, and a run follows on another."""
    base = factory.getbasetemp()
    folder: Path = (base if worker == "master" else base.parent) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            for run, arrived, sent in waves_of:
                receive(folder / "state", put(sent, folder / f"{arrived}"), arrived)
                run_month(folder / "state", run)
            (folder / "done").touch()
    return folder / "state"
