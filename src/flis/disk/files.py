"""Files and folders that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["append", "create", "draft", "move", "sync", "sync_tree", "tidy", "write"]

USUAL = 0o666
"""The mode of a new file that is not secret: what the umask of the user leaves of it."""


@contextmanager
def draft(file: Path, *, mode: int = USUAL, durable: bool = True) -> Iterator[BinaryIO]:
    """A new file that takes the place of `file` by one rename when the block ends; where the block fails it goes.

    Not `durable`: whoever wrote has the disk hold it later, or can do without the file after a power cut.
    """
    with _part(file) as part:
        with _opened(part, mode) as out:
            yield out
            out.flush()
            if durable:
                os.fsync(out.fileno())
        part.replace(file)
    if durable:
        sync(file.parent)


def write(file: Path, content: bytes, *, mode: int = USUAL) -> None:
    """Put `content` into `file` by one rename: readers see the old content or the new one, never a part."""
    with draft(file, mode=mode) as out:
        out.write(content)


def create(file: Path, content: bytes, *, mode: int = USUAL) -> bool:
    """Put `content` into a `file` that is not there yet; False, and nothing done, where it is."""
    with _part(file) as part:
        with _opened(part, mode) as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        try:
            # A link, unlike a rename, leaves what somebody faster has put there.
            os.link(part, file)
        except FileExistsError:
            return False
    sync(file.parent)
    return True


def append(file: Path, line: bytes) -> None:
    """Add `line` to `file` by one write, which stays in one piece beside those of other processes."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, USUAL)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def move(folder: Path, to: Path) -> None:
    """Rename `folder` to `to`, whose parent is made where it is missing, and have the disk know both ends."""
    to.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(to)
    sync(to.parent)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Have the disk hold what the file, or the folder's list of names, holds now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """`sync` of everything in and below `folder`, the folder last."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)


def tidy(folder: Path) -> None:
    """Remove what killed writes left in `folder`; only for who holds the lock on it."""
    for left in folder.glob(".*.part"):
        left.unlink()


@contextmanager
def _part(file: Path) -> Iterator[Path]:
    """The name of a draft of `file`, which is gone afterwards where it was not renamed."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _opened(part: Path, mode: int) -> BinaryIO:
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")
