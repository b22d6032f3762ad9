"""A run that is killed anywhere, then run again, ends as an undisturbed one."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from flis import delivery, validation
from flis.config import Settings, State
from flis.delivery import archive_key, contents, deliveries, person_key
from flis.validation import report
from tests.delivery import extracts
from tests.delivery.extracts import day, extract

ROOT = Path(__file__).parents[2]
INBOX = {
    "1": extract(day(1), None),
    "2": extracts.truncated(extract(day(2), day(1))),
    "3": extract(day(4), day(3)),
    "4": extracts.error_records(extract(day(3), day(2))),
    "5": extract(day(2), day(1)),
    "6": extract(day(2), day(1), persons=range(4)),
    "7": extract(day(7), day(6)),
}
ENDS = {"validated": 4, "quarantined": 1, "superseded": 1, "waiting": 1}


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A state folder with keys and a full inbox, to be copied."""
    folder = tmp_path / "start"
    state = folders(folder)
    archive_key(state)
    person_key(state)
    state.inbox.mkdir()
    for name, content in INBOX.items():
        (state.inbox / name).write_bytes(content)
    return folder


def folders(folder: Path) -> State:
    return Settings(state=folder).folders


def work(folder: Path) -> None:
    """Receive the inbox file by file, as `flis run` does."""
    state = folders(folder)
    for file in delivery.inbox(state):
        validation.judge(state, delivery.receive(state, file))
    validation.settle(state)


def process(folder: Path, crash_at: str = "") -> subprocess.Popen[str]:
    """A process that says `ready`, works, and kills itself at a step; run in the repository's folder."""
    program = (
        "import sys; from pathlib import Path; from tests.delivery.test_kill import work;"
        "print('ready', flush=True); work(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "FLIS_CRASH_AT": crash_at, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def dies(folder: Path, crash_at: str) -> bool:
    """Whether the work was killed at that step; else it came to its end."""
    worker = process(folder, crash_at)
    worker.communicate()
    assert worker.returncode in {0, -signal.SIGKILL}
    return worker.returncode != 0


def ending(folder: Path) -> dict[str, Any]:
    """All that a run leaves, but for receipt times and ciphertext."""
    state = folders(folder)
    found: dict[str, Any] = {}
    for d in deliveries(state):
        manifest = msgspec.structs.replace(d.manifest, received=INBOX)
        tables = {name: pq.read_table(file) for name, file in d.records.items()}
        found[d.id] = (d.state, manifest, d.faults, report(d), tables, b"".join(contents(state, d)))
    assert not any(state.inbox.iterdir())
    others = {p.name for p in state.deliveries.iterdir()} - {".lock"}
    assert others <= {"received", "waiting", "validated", "quarantined", "superseded"}
    assert not [p for p in state.root.rglob(".*") if p.name != ".lock"]
    return found


@pytest.fixture
def undisturbed(start: Path) -> dict[str, Any]:
    folder = start.with_name("undisturbed")
    shutil.copytree(start, folder)
    work(folder)
    found = ending(folder)
    states = [state.value for state, *_ in found.values()]
    assert {s: states.count(s) for s in ENDS} == ENDS
    return found


@pytest.mark.slow
def test_killed_at_every_step(start: Path, undisturbed: dict[str, Any]) -> None:
    for number in itertools.count(1):
        folder = start.with_name("killed")
        shutil.copytree(start, folder)
        killed = dies(folder, f"*:{number}")
        work(folder)
        assert ending(folder) == undisturbed, f"step {number}"
        shutil.rmtree(folder)
        if not killed:
            break
    assert number > 40


@pytest.mark.slow
def test_killed_again_and_again(start: Path, undisturbed: dict[str, Any]) -> None:
    """Every run dies at its fourth step, so that each gets only a little further."""
    for _ in range(60):
        if not dies(start, "*:4"):
            break
    else:
        pytest.fail("the runs get nowhere")
    work(start)
    assert ending(start) == undisturbed


@pytest.mark.slow
def test_killed_at_any_moment(start: Path, undisturbed: dict[str, Any]) -> None:
    chance = random.Random(2022)
    for _ in range(12):
        folder = start.with_name("killed")
        shutil.copytree(start, folder)
        worker = process(folder)
        assert worker.stdout
        worker.stdout.readline()
        time.sleep(chance.uniform(0, 0.25))
        worker.kill()
        worker.communicate()
        work(folder)
        assert ending(folder) == undisturbed
        shutil.rmtree(folder)
