"""Files and folders that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["create", "move", "sync", "sync_tree", "tidy", "write"]


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


def write(file: Path, content: bytes) -> None:
    """Put `content` into `file` by one rename: readers see the old content or the new one, never a part."""
    with _draft(file) as draft:
        draft.write_bytes(content)
        sync(draft)
        draft.replace(file)
    sync(file.parent)


def create(file: Path, content: bytes, mode: int = 0o644) -> bool:
    """Put `content` into a `file` that is not there yet; False, and nothing done, where it is."""
    with _draft(file) as draft:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
            out.write(content)
        sync(draft)
        try:
            # A link, unlike a rename, leaves what somebody faster has put there.
            os.link(draft, file)
        except FileExistsError:
            return False
    sync(file.parent)
    return True


def move(folder: Path, to: Path) -> None:
    """Rename `folder` to `to`, whose parent is made where it is missing, and have the disk know both ends."""
    to.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(to)
    sync(to.parent)
    sync(folder.parent)


def tidy(folder: Path) -> None:
    """Remove what killed writes left in `folder`; only for who holds the lock on it."""
    for left in folder.glob(".*"):
        left.unlink()


@contextmanager
def _draft(file: Path) -> Iterator[Path]:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
