"""A run that is killed anywhere, then run again, ends as an undisturbed one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow.parquet as pq
import pytest

from flis.config import Settings, State
from flis.delivery import archive_key, contents, deliveries, person_key
from flis.validation import report
from tests.delivery import extracts
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from pathlib import Path

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


def run(folder: Path, crash_at: str = "") -> int:
    """Receive the inbox file by file, as `flis run` does; the exit code, negative where the process was killed."""
    environment = {**os.environ, "FLIS_CRASH_AT": crash_at}
    program = (
        "import sys; from pathlib import Path; from flis import delivery, validation; from flis.config import Settings;"
        "state = Settings(state=Path(sys.argv[1])).folders;"
        "[validation.judge(state, delivery.receive(state, file)) for file in delivery.inbox(state)];"
        "validation.settle(state)"
    )
    return subprocess.run([sys.executable, "-c", program, str(folder)], env=environment, check=False).returncode


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
    assert run(folder) == 0
    found = ending(folder)
    states = [state.value for state, *_ in found.values()]
    assert {s: states.count(s) for s in ENDS} == ENDS
    return found


@pytest.mark.slow
def test_killed_at_every_step(start: Path, undisturbed: dict[str, Any]) -> None:
    kills = 0
    for number in range(1, 200):
        folder = start.with_name("killed")
        shutil.copytree(start, folder)
        killed = run(folder, f"*:{number}") == -signal.SIGKILL
        assert run(folder) == 0
        assert ending(folder) == undisturbed, f"step {number}"
        shutil.rmtree(folder)
        kills += killed
        if not killed:
            break
    assert kills >= 30


@pytest.mark.slow
def test_killed_again_and_again(start: Path, undisturbed: dict[str, Any]) -> None:
    """Every run dies at its third step, so that each gets only a little further."""
    for _ in range(60):
        if run(start, "*:3") == 0:
            break
    else:
        pytest.fail("the runs get nowhere")
    assert run(start) == 0
    assert ending(start) == undisturbed


@pytest.mark.slow
def test_killed_at_any_moment(start: Path, undisturbed: dict[str, Any]) -> None:
    chance = random.Random(2022)
    program = "import sys; sys.path[:0] = ['.']; from tests.delivery.test_kill import run_here; run_here(sys.argv[1])"
    for _ in range(20):
        folder = start.with_name("killed")
        shutil.copytree(start, folder)
        process = subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()  # everything is imported, the work begins
        time.sleep(chance.uniform(0, 0.25))
        process.kill()
        process.communicate()
        assert run(folder) == 0
        assert ending(folder) == undisturbed
        shutil.rmtree(folder)


def run_here(folder: str) -> None:
    """The work of `run`, after a line that says that it begins."""
    from pathlib import Path

    from flis import delivery, validation

    state = folders(Path(folder))
    print("ready", flush=True)
    for file in delivery.inbox(state):
        validation.judge(state, delivery.receive(state, file))
    validation.settle(state)
