"""A file is read again when it changed, and not before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from flis.disk import cached_by_stamp, mark, stamp, within, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Read = tuple["Callable[[Path], bytes]", "list[Path]"]


@pytest.fixture
def reading() -> Read:
    """A reader that keeps two files, and the files that it opened."""
    opened: list[Path] = []

    @cached_by_stamp(2)
    def read(file: Path) -> bytes:
        opened.append(file)
        content = file.read_bytes()
        if content == b"bad":
            raise ValueError("bad")
        return content

    return read, opened


def test_a_file_is_read_once(tmp_path: Path, reading: Read) -> None:
    read, opened = reading
    write(tmp_path / "a", b"1")
    assert [read(tmp_path / "a") for _ in range(3)] == [b"1"] * 3
    assert opened == [tmp_path / "a"]


def test_another_file_of_that_name_is_read(tmp_path: Path, reading: Read) -> None:
    read, _ = reading
    write(tmp_path / "a", b"1")
    read(tmp_path / "a")
    write(tmp_path / "a", b"2")
    assert read(tmp_path / "a") == b"2"


def test_a_file_changed_in_place_is_read_also_with_its_old_time(tmp_path: Path, reading: Read) -> None:
    """Who writes into a file and puts its time back cannot put back when it was changed."""
    read, _ = reading
    file = tmp_path / "a"
    write(file, b"1")
    read(file)
    before, at = stamp(file), file.stat()
    while stamp(file).changed == before.changed:  # the kernel's clock moves in steps
        file.write_bytes(b"2")
        os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert stamp(file)._replace(changed=0) == before._replace(changed=0)
    assert read(file) == b"2"


def test_an_error_is_not_remembered(tmp_path: Path, reading: Read) -> None:
    read, opened = reading
    write(tmp_path / "a", b"bad")
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            read(tmp_path / "a")
    assert len(opened) == 2
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "b")


def test_so_many_are_remembered(tmp_path: Path, reading: Read) -> None:
    read, opened = reading
    for name in "abc":
        write(tmp_path / name, name.encode())
    assert [read(tmp_path / name) for name in "abcbca"] == [name.encode() for name in "abcbca"]
    assert [file.name for file in opened] == list("abca")


def test_a_mark_is_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flis.disk.stamps.SETTLED", 0)
    for name in ("a", "b/c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"1")
    seen = [mark(within(f"{tmp_path}"))]
    assert mark(within(f"{tmp_path}")) == seen[0]
    write(tmp_path / "a", b"2")
    seen.append(mark(within(f"{tmp_path}")))
    (tmp_path / "b" / "c").unlink()
    seen.append(mark(within(f"{tmp_path}")))
    write(tmp_path / "b" / "d", b"1")
    seen.append(mark(within(f"{tmp_path}")))
    assert len(set(seen)) == 4
    named = [f"{tmp_path}/a", f"{tmp_path}/b/c"]
    assert len({mark(named), mark(named[:1]), mark(reversed(named))}) == 3, "also of a file that is not there"


def test_what_has_just_changed_has_no_mark(tmp_path: Path) -> None:
    """Times of files may be as coarse as two seconds: a further change could leave the same one."""
    write(tmp_path / "a", b"1")
    at = max(stamp(tmp_path / "a")[-2:])
    assert mark([f"{tmp_path}/a"], at + 10**9) == ""
    assert mark([f"{tmp_path}/a"], at + 3 * 10**9)
