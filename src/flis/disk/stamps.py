"""A file is known again by its stamp: inode, size and times. As long as it stays the same, nobody reads it again."""

from __future__ import annotations

import os
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Stamp", "cached_by_stamp", "stamp"]

T = TypeVar("T")


class Stamp(NamedTuple):
    """What changes with a file: its place on the disk, its size in bytes, and its times in nanoseconds."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


def stamp(file: str | Path) -> Stamp:
    """The stamp of a file as it lies there now.

    Raises:
        FileNotFoundError: there is no such file.
    """
    seen = os.stat(file)  # noqa: PTH116 - of a hundred thousand files, and a text needs no Path
    return Stamp(seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)


def cached_by_stamp(bound: int) -> Callable[[Callable[[Path], T]], Callable[[Path], T]]:
    """Let a function that reads a file keep what it made of the last `bound` files, each while its stamp is the same.

    What it raises is not kept.
    """

    def remembering(read: Callable[[Path], T]) -> Callable[[Path], T]:
        @lru_cache(maxsize=bound)
        def kept(file: Path, seen: Stamp) -> T:  # noqa: ARG001
            return read(file)

        @wraps(read)
        def current(file: Path) -> T:
            # The stamp comes first: a file that is replaced before it is read is kept under a stamp that is gone.
            return kept(file, stamp(file))

        return current

    return remembering
