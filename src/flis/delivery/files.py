"""Files and folders that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["move", "sync", "sync_tree", "write"]


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


def move(folder: Path, to: Path) -> None:
    """Rename `folder` to `to`, whose parent is made where it is missing, and have the disk know both ends."""
    to.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(to)
    sync(to.parent)
    sync(folder.parent)


@contextmanager
def _draft(file: Path) -> Iterator[Path]:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
