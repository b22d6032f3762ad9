"""A disk that is full, read-only or not ours: one clear error, nothing lost, and readers work.

Full disks are small tmpfs mounts, and (`RLIMIT_FSIZE`) a limit on the size of files, which needs no right to mount; the
read-only disk is a read-only bind mount; a folder without rights is tried as another user.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import httpx
import pytest

from flis import disk
from flis.errors import StorageError, UsageError
from tests import killing
from tests.killing import fill_up
from tests.mounts import as_nobody, read_only, small_disk
from tests.serve.web.served import serving
from tests.serve.xmla.asking import discover
from tests.test_killed import Start, ending, points, serves, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.demo import Demo

__all__ = ["start"]

DISK = 256  # megabytes
SOME = ["receive.encrypted:1", "judge.validated:1", "load.told:1", "load.committed:1", "release.file:1"]


def run_full(start: Start, disk: Path, at: str) -> None:
    """A day on a disk that is full from a step on; then there is room again, and the day is run anew."""
    folder = disk / "state"
    shutil.copytree(start.folder, folder)
    said = killing.fill(folder, at=at)
    assert not said or ("cannot be written: the disk is full. Nothing is lost" in said and "Free some room" in said)
    assert str(disk) not in said
    assert serves(folder) in ({1, 2} if not said else {1}), at
    (disk / "filler").unlink()
    assert killing.run(folder) is not None
    assert ending(folder) == start.ending, at
    shutil.rmtree(folder)


@pytest.mark.parametrize("at", SOME)
def test_a_disk_that_fills_up(start: Start, tmp_path: Path, at: str) -> None:
    with small_disk(tmp_path / "disk", DISK) as disk:
        run_full(start, disk, at)


@pytest.mark.slow
@pytest.mark.parametrize("stages", [("receive", "judge"), ("load", "release")], ids="-".join)
def test_a_disk_that_fills_up_at_every_step(start: Start, tmp_path: Path, stages: tuple[str, ...]) -> None:
    with small_disk(tmp_path / "disk", DISK) as disk:
        for at in (p for p in points(start.steps) if p.startswith(stages)):
            run_full(start, disk, at)


def flis(*words: str, state: Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flis", *words, "--state", str(state)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)  # type: ignore[call-overload, no-any-return]


def one_error(done: subprocess.CompletedProcess[str], *texts: str) -> None:
    """The command failed with one sentence and one hint, which hold the texts."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert done.stderr.startswith("flis: ")
    for text in texts:
        assert text in done.stderr


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("run", "daily"), "The deliveries"),
        (("user", "add", "anna", "--kommune", "0101"), "The users"),
        (
            ("incident", "add", "--area", "ukraine", "--kind", "faulty-delivery", "--da", "x", "--en", "x"),
            "The incident",
        ),
    ],
)
def test_commands_on_a_full_disk(start: Start, tmp_path: Path, words: tuple[str, ...], what: str) -> None:
    with small_disk(tmp_path / "disk", DISK) as disk:
        shutil.copytree(start.folder, disk / "state")
        fill_up(disk / "filler")
        one_error(flis(*words, state=disk / "state"), f"{what} cannot be written: the disk is full")
        (disk / "filler").unlink()
        assert flis("deliveries", "list", state=disk / "state").returncode == 0


def test_files_that_may_not_grow(start: Start, tmp_path: Path) -> None:
    """With a limit on the size of files (RLIMIT_FSIZE) in place of a small disk."""
    shutil.copytree(start.folder, tmp_path / "state")
    limited = f"ulimit -f 8; exec {sys.executable} -m flis run daily --state {tmp_path / 'state'}"
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=300, check=False)
    one_error(done, "cannot be written: a file may not grow that large", "ulimit")
    assert killing.run(tmp_path / "state") is not None
    assert ending(tmp_path / "state") == start.ending


@pytest.fixture(scope="module")
def bound(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The small demo on a read-only disk."""
    with read_only(demo.state, tmp_path_factory.mktemp("bound") / "state") as at:
        yield at


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("release", "list"),
        ("release", "verify"),
        ("release", "plan"),
        ("doctor", "--port", "0"),
        ("deliveries", "list"),
        ("incident", "list"),
        ("user", "list"),
        ("query", "Ukraine Statistik", "--mdx", "SELECT [Measures].[Antal personer] ON 0 FROM"),
    ],
    ids=" ".join,
)
def test_reading_works_on_a_read_only_disk(bound: Path, words: tuple[str, ...]) -> None:
    done = flis(*words, state=bound)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words",
    [("run", "daily"), ("load",), ("release", "apply"), ("release", "rollback"), ("user", "token", "fyn")],
    ids=" ".join,
)
def test_writing_says_that_the_disk_is_read_only(bound: Path, words: tuple[str, ...]) -> None:
    one_error(flis(*words, state=bound), "cannot be written: the disk is read-only", "reading works meanwhile")


def test_a_server_on_a_read_only_disk(bound: Path, demo: Demo, tmp_path: Path) -> None:
    with serving(bound, tmp_path / "log") as at:
        for page in ("ukraine", "ukraine?kommune=0101", "drift", "drift.json"):
            assert httpx.get(f"{at}/{page}").status_code == 200, page
        headers = {"Content-Type": "text/xml"}
        asked = discover("MDSCHEMA_CUBES", session="<BeginSession xmlns='urn:schemas-microsoft-com:xml-analysis'/>")
        answer = httpx.post(f"{at}/xmla", content=asked, headers=headers, auth=("national", demo.password("national")))
        assert answer.status_code == 200
        assert "Ukraine Statistik" in answer.text


def test_a_folder_of_somebody_else(start: Start, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    shutil.copytree(start.folder, tmp_path / "state")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/"}
    done = flis("run", "daily", state=tmp_path / "state", env=environment, cwd="/", **as_nobody())
    one_error(done, "this user may not read or write there", "Run as the user that owns the state folder")
    assert killing.run(tmp_path / "state") is not None
    assert ending(tmp_path / "state") == start.ending


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT, errno.EPERM, errno.EIO])
@pytest.mark.parametrize("kind", [OSError, duckdb.IOException])
def test_every_refusal_is_told(number: int, kind: type[Exception]) -> None:
    text = os.strerror(number)
    refused = OSError(number, text) if kind is OSError else kind(f'Could not write file "/secret": {text}')
    with (
        pytest.raises(StorageError, match="The warehouse cannot be written") as told,
        disk.writing("the warehouse"),
    ):
        raise refused
    assert "Nothing is lost" in told.value.message
    assert told.value.hint
    assert "/secret" not in str(told.value)


def test_other_errors_stay_what_they_are() -> None:
    for error in (FileNotFoundError(errno.ENOENT, "no such file"), ValueError("x"), UsageError("y")):
        with pytest.raises(type(error)), disk.writing("the warehouse"):
            raise error


def test_what_follows_from_a_refusal_is_one() -> None:
    """A database that is full often fails once more on the way out; the first cause is told."""

    def fails() -> None:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        finally:
            raise duckdb.FatalException("the database has been invalidated")

    with pytest.raises(StorageError, match="the disk is full"), disk.writing("the warehouse"):
        fails()
