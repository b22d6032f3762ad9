"""However the files come, what is released is the same: in any order, in any number of runs, killed, or two at once."""

from __future__ import annotations

import random
import shutil
import signal
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.made_up import files, nurseries, rides
from tests.made_up.conftest import RUNS
from tests.made_up.files import BROKEN, CORRECTED, LATE, MISSING, OUT_OF_ORDER
from tests.made_up.released import area_of, hashes
from tests.made_up.walk import AREAS, apart, flis, put, receive, run_month, state_of
from tests.mounts import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.made_areas import AreasIn
    from tests.made_up.files import SentFile


FEW = {BROKEN, CORRECTED, LATE, MISSING, OUT_OF_ORDER, "0751"}
END = date(2025, 11, 21)
POINTS = 12
"""Steps that a run is killed at."""


@pytest.fixture(autouse=True)
def _area(areas_in: AreasIn) -> None:
    areas_in(AREAS)


def few() -> list[SentFile]:
    """The files of some municipalities, all that goes wrong among them."""
    return [f for f in files.files() if f.identity[0] in FEW]


class Ending(NamedTuple):
    """What is left of the area that anybody can see."""

    files: dict[str, str]
    coverage: object
    gaps: object
    known: date


def ending(state: Path) -> Ending:
    tree = area_of(state_of(state)).tree
    return Ending(hashes(state_of(state)), tree.coverage, sorted(map(str, tree.gaps)), tree.known)


def shuffled(sent: Sequence[SentFile], seed: int) -> list[SentFile]:
    """The files in another order; the versions of one municipality's month stay in theirs, as sequences must rise."""
    order = random.Random(seed)
    drawn = sorted(sent, key=lambda _: order.random())
    versions: dict[tuple[str, str], list[SentFile]] = {}
    for file in sorted(sent, key=lambda f: f.name):
        versions.setdefault(file.identity, []).append(file)
    return [versions[file.identity].pop(0) for file in drawn]


def walk(folder: Path, sent: Sequence[SentFile], runs: int) -> Path:
    """A state folder to which the files have come in this order, with so many runs on the way."""
    size = -(-len(sent) // runs)
    for number in range(runs):
        part = sent[number * size : (number + 1) * size]
        receive(folder / "state", put(part, folder / f"{number}"), END)
        run_month(folder / "state", END)
    return folder / "state"


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder after one run over all files in their order."""
    return walk(tmp_path_factory.mktemp("plain"), few(), 1)


@pytest.mark.parametrize(("seed", "runs"), [(1, 1), pytest.param(3, 8, marks=pytest.mark.slow)])
def test_the_order_of_arrival_changes_nothing(plain: Path, tmp_path: Path, seed: int, runs: int) -> None:
    assert ending(walk(tmp_path, shuffled(few(), seed), runs)) == ending(plain)


def test_what_is_sent_in_vain_changes_nothing(plain: Path, tmp_path: Path) -> None:
    """The same files once more, under their names and as a whole."""
    shutil.copytree(plain, tmp_path / "state")
    receive(tmp_path / "state", put(few(), tmp_path / "again"), END)
    run_month(tmp_path / "state", END)
    assert ending(tmp_path / "state") == ending(plain)


def test_a_broken_file_holds_back_its_own_month_alone(plain: Path, tmp_path: Path) -> None:
    without = walk(tmp_path, [f for f in few() if f.identity != (BROKEN, "202509")], 1)
    assert hashes(state_of(without)) == hashes(state_of(plain))
    assert ending(without).known == ending(plain).known


@pytest.mark.slow
def test_the_other_ninety_seven_are_as_in_a_run_without_the_broken_one(walked: Path, tmp_path: Path) -> None:
    """At full size: 98 municipalities, four months, three runs; only the broken one's gap tells that it was there."""
    whole = files.waves()
    runs = zip(RUNS, whole.items(), strict=True)
    for run, (arrived, sent) in runs:
        kept = [file for file in sent if file.identity != (BROKEN, "202509")]
        assert len(kept) == len(sent) - (arrived.month == 10)
        receive(tmp_path / "state", put(kept, tmp_path / f"{arrived}"), arrived)
        run_month(tmp_path / "state", run)
    without, within = hashes(state_of(tmp_path / "state")), hashes(state_of(walked))
    assert len([place for place in within if place.startswith("kommune-")]) > 98 * 4
    assert within == without


@pytest.mark.slow
def test_resources_and_registers_come_in_any_order(both: Path, tmp_path: Path) -> None:
    """All of them at once, the newest first; of one municipality's month a lower sequence still comes first."""
    sent = [*rides.files(), *nurseries.files()]
    backwards = sorted(sent, key=lambda f: (f.name.endswith(".2"), -f.arrived.toordinal(), f.name))
    receive(tmp_path / "state", put(backwards, tmp_path / "sent"), END)
    run_month(tmp_path / "state", END)
    for area in ("koersel", "boernehave"):
        assert hashes(state_of(tmp_path / "state"), area) == hashes(state_of(both), area), area


def started(folder: Path, sent: Iterable[SentFile]) -> Path:
    """A state folder with a release of what came until October; the other files lie in its inbox."""
    early = [f for f in sent if f.arrived < date(2025, 9, 30)]
    walk(folder, early, 1)
    put([f for f in sent if f not in early], folder / "state" / "inbox")
    return folder / "state"


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return started(tmp_path_factory.mktemp("start"), few())


def monthly(state: Path, crash_at: str = "nowhere") -> int:
    """A run in a process of its own, killed at a step (see `flis.steps`); its exit code."""
    with apart("run", "monthly", "--date", END, "--state", state, FLIS_CRASH_AT=crash_at) as process:
        process.communicate(timeout=120)
    return process.returncode


def killed(start: Path, plain: Path, folder: Path, point: str) -> bool:
    """Whether a run was killed at that step; the next one comes to the same end either way."""
    shutil.copytree(start, folder)
    code = monthly(folder, point)
    assert code in {0, 1, -signal.SIGKILL}, code
    assert area_of(state_of(folder))
    assert run_month(folder, END) in {0, 1}
    assert ending(folder) == ending(plain)
    assert flis("release", "verify", "--state", folder).code == 0
    shutil.rmtree(folder)
    return code == -signal.SIGKILL


@pytest.mark.parametrize("point", ["load.written", pytest.param("release.root", marks=pytest.mark.slow)])
def test_killed_and_run_again(start: Path, plain: Path, tmp_path: Path, point: str) -> None:
    assert killed(start, plain, tmp_path / "state", point)


@pytest.mark.slow
def test_killed_at_many_steps(start: Path, plain: Path, tmp_path: Path) -> None:
    chance = random.Random(2025)
    numbers = sorted(chance.sample(range(1, 80), POINTS))
    deaths = sum(killed(start, plain, tmp_path / f"{n}", f"*:{n}") for n in numbers)
    assert deaths >= POINTS // 2


@pytest.mark.slow
def test_two_runners_at_once(start: Path, plain: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    shutil.copytree(start, state)
    command = ("run", "monthly", "--date", END, "--state", state)
    with apart(*command) as one, apart(*command) as other:
        said = [process.communicate(timeout=120)[1] for process in (one, other)]
    assert not any("Traceback" in text for text in said)
    run_month(state, END)  # one of them may have been told to come again later
    assert ending(state) == ending(plain)


@pytest.mark.slow
def test_a_full_disk_leaves_the_release_that_serves(start: Path, plain: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        state = disk / "state"
        shutil.copytree(start, state)
        before = hashes(state_of(state))
        filler = disk / "filler"
        used = shutil.disk_usage(disk)
        filler.write_bytes(b"\0" * (used.free - (1 << 17)))
        with apart("run", "monthly", "--date", END, "--state", state) as process:
            said = process.communicate(timeout=120)[1]
        assert process.returncode == 1
        assert "Traceback" not in said
        assert hashes(state_of(state)) == before
        filler.unlink()
        assert run_month(state, END) in {0, 1}
        assert ending(state) == ending(plain)
