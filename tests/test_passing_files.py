"""Files of one run: gone when it ends, gone with the next where it was killed, and never taken from a living one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from flis.cli.passing_files import passing_files

if TYPE_CHECKING:
    from pathlib import Path

RUN = """
import os, signal, sys
from flis.cli.passing_files import passing_files
with passing_files("flis-tried-") as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, of this process and of others."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_they_are_gone_at_the_end(place: Path) -> None:
    with passing_files("flis-tried-") as folder:
        (folder / "file").write_text("x", "ascii")
        assert list(place.iterdir()) == [folder]
        assert folder.name.startswith("flis-tried-")
    with pytest.raises(ZeroDivisionError), passing_files("flis-tried-"):
        raise ZeroDivisionError
    assert list(place.iterdir()) == []


def test_those_of_a_killed_run_go_with_the_next(place: Path) -> None:
    subprocess.run([sys.executable, "-c", RUN, "killed"], check=False, capture_output=True)
    (left,) = place.iterdir()
    assert (left / "file").exists()
    (place / "flis-tried-without-a-lock").mkdir()
    (place / "flis-other").mkdir()
    with passing_files("flis-tried-") as folder:
        assert set(place.iterdir()) == {folder, place / "flis-other"}


def test_those_of_a_living_run_stay(place: Path) -> None:
    command = [sys.executable, "-c", RUN, "lives"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        theirs = place / other.stdout.readline().strip()
        with passing_files("flis-tried-") as folder:
            assert set(place.iterdir()) == {folder, theirs}
            assert (theirs / "file").exists()
        other.communicate("")
    assert list(place.iterdir()) == []
