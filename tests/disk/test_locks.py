"""One process at a time; a killed one leaves no lock."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from flis.disk import is_locked, locked
from flis.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY = StateError("Busy.")
HOLD = """
import sys, pathlib
from flis.disk import locked
with locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / ".lock"


@pytest.fixture
def holder(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_another_process_waits_or_is_refused(file: Path, holder: subprocess.Popen[bytes]) -> None:
    assert is_locked(file)
    with pytest.raises(StateError, match="Busy"), locked(file, busy=BUSY):
        pytest.fail("two processes hold it")
    taken = threading.Event()

    def wait() -> None:
        with locked(file):
            taken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not taken.wait(0.2)
    assert holder.stdin
    holder.stdin.close()
    waiting.join(30)
    assert taken.is_set()


def test_a_killed_process_leaves_none(file: Path, holder: subprocess.Popen[bytes]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(30)
    assert file.exists()
    assert not is_locked(file)
    with locked(file, busy=BUSY):
        assert is_locked(file)


def test_a_thread_takes_it_twice_and_another_thread_does_not(file: Path) -> None:
    refused: list[StateError] = []

    def other() -> None:
        try:
            with locked(file, busy=BUSY):
                pass
        except StateError as error:
            refused.append(error)

    with locked(file):
        with locked(file, busy=BUSY):
            pass
        assert is_locked(file), "the inner block gave it back"
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)
    assert refused == [BUSY]
    assert not is_locked(file)


def test_a_block_that_fails_gives_it_back(file: Path) -> None:
    with pytest.raises(ValueError, match="failed"), locked(file):
        raise ValueError("failed")
    assert not is_locked(file)
    with locked(file, busy=BUSY):
        pass


def test_a_lock_is_its_owners(file: Path) -> None:
    with locked(file):
        assert file.stat().st_mode & 0o777 == 0o600
