"""Two processes never take the same delivery."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from flis.delivery import deliveries, inbox, lock, receive
from flis.errors import StateError
from flis.validation import judge
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

HOLD = """
import sys, time
from pathlib import Path
from flis.config import Settings
from flis.delivery import lock
with lock(Settings(state=Path(sys.argv[1])).folders):
    print("held", flush=True)
    time.sleep(600)
"""
TAKE = """
import sys
from pathlib import Path
from flis.config import Settings
from flis.delivery import receive
from flis.validation import judge
state = Settings(state=Path(sys.argv[1])).folders
print("ready", flush=True)
sys.stdin.readline()
taken = judge(state, receive(state, Path(sys.argv[2])))
print(taken.id, taken.state.value, taken.again)
"""


def process(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def line(of: subprocess.Popen[str]) -> str:
    assert of.stdout
    return of.stdout.readline().strip()


def test_a_lock_keeps_others_out_and_dies_with_its_process(state: State) -> None:
    holder = process(HOLD, state.root)
    assert line(holder) == "held"
    with pytest.raises(StateError, match="Another process"), lock(state, wait=False):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    with lock(state, wait=False):
        pass


def test_who_holds_it_may_take_it_again_and_keeps_it(state: State) -> None:
    with lock(state):
        with lock(state, wait=False):
            pass
        failures: list[str] = []
        other = threading.Thread(target=lambda: _try(state, failures))
        other.start()
        other.join()
        assert failures == ["held"]


def _try(state: State, failures: list[str]) -> None:
    try:
        with lock(state, wait=False):
            pass
    except StateError:
        failures.append("held")


@pytest.mark.parametrize("inside", [True, False], ids=["inbox", "elsewhere"])
def test_two_processes_race_for_one_file(state: State, tmp_path: Path, inside: bool) -> None:
    state.inbox.mkdir(parents=True)
    file = (state.inbox if inside else tmp_path) / "file"
    file.write_bytes(extract(day(1), None))
    racers = [process(TAKE, state.root, file) for _ in range(2)]
    assert [line(r) for r in racers] == ["ready"] * 2
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("\n")
        racer.stdin.flush()
    ends = [racer.communicate() for racer in racers]
    (delivery,) = deliveries(state)
    assert delivery.state.value == "validated"
    told = [out.split() for out, _ in ends if out]
    assert all(words[:2] == [delivery.id, "validated"] for words in told)
    assert [words[2] for words in told].count("False") == 1
    # Who comes when the file has left the inbox finds none; that is no second delivery either.
    assert all(out or "There is no such file" in err for out, err in ends)
    assert inbox(state) == []


def test_threads_race_for_many_files(state: State, tmp_path: Path) -> None:
    files = []
    for n in range(1, 7):
        files.append(tmp_path / str(n))
        files[-1].write_bytes(extract(day(n), day(n - 1) if n > 1 else None))
    judge(state, receive(state, files[0]))
    threads = [threading.Thread(target=lambda f=f: judge(state, receive(state, f))) for f in files[::-1] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [d.state.value for d in deliveries(state)] == ["validated"] * 6
