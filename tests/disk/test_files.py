"""Files are there whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from flis.disk import append, create, draft, move, tidy, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write(tmp_path / "a", b"old")
    write(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


def test_readers_see_the_old_content_until_the_block_ends(tmp_path: Path) -> None:
    write(tmp_path / "a", b"old")
    with draft(tmp_path / "a") as out:
        out.write(b"new")
        out.flush()
        assert (tmp_path / "a").read_bytes() == b"old"
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.parametrize("durable", [True, False])
def test_a_block_that_fails_leaves_the_old_content_and_no_draft(tmp_path: Path, *, durable: bool) -> None:
    write(tmp_path / "a", b"old")

    def fail() -> None:
        with draft(tmp_path / "a", durable=durable) as out:
            out.write(b"ne")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        fail()
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_only_a_durable_draft_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode)))
    with draft(tmp_path / "a", durable=False):
        pass
    assert not synced
    write(tmp_path / "a", b"")
    assert synced == [False, True]  # the file before its name
    assert create(tmp_path / "b", b"")
    assert synced == [False, True] * 2


def test_a_file_that_is_there_is_not_created_again(tmp_path: Path) -> None:
    assert create(tmp_path / "a", b"first")
    assert not create(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert names(tmp_path) == ["a"]


def test_modes(tmp_path: Path) -> None:
    """A secret file is never open to others, not even as a draft; others get what the umask leaves."""
    write(tmp_path / "a", b"")
    create(tmp_path / "b", b"")
    append(tmp_path / "c", b"")
    assert {mode(tmp_path / name) for name in "abc"} == {0o644}
    with draft(tmp_path / "d", mode=0o600):
        assert [mode(file) for file in tmp_path.glob(".d.*")] == [0o600]
    create(tmp_path / "e", b"", mode=0o600)
    assert {mode(tmp_path / name) for name in "de"} == {0o600}


def test_tidying_takes_drafts_and_leaves_the_lock(tmp_path: Path) -> None:
    for name in (".a.0123abcd.part", ".lock", "a", "b.part"):
        (tmp_path / name).touch()
    tidy(tmp_path)
    assert names(tmp_path) == [".lock", "a", "b.part"]


def test_lines_are_added(tmp_path: Path) -> None:
    append(tmp_path / "log", b"one\n")
    append(tmp_path / "log", b"two\n")
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_a_folder_is_moved_into_one_that_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    write(tmp_path / "from" / "a", b"1")
    move(tmp_path / "from", tmp_path / "new" / "to")
    assert (tmp_path / "new" / "to" / "a").read_bytes() == b"1"
    assert not (tmp_path / "from").exists()
