"""A file is known again by its stamp: inode, size and times. As long as it stays the same, nobody reads it again."""

from __future__ import annotations

import os
import time
from functools import lru_cache, wraps
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

__all__ = ["Stamp", "cached_by_stamp", "is_settled", "mark", "stamp", "within"]

T = TypeVar("T")
Name = TypeVar("Name", str, "Path")
PACKED = Struct("<QQqqq")
MISSING = bytes(PACKED.size)
SETTLED = 2 * 10**9
"""What changed less than these nanoseconds ago may change again without another time on it: so coarse are the times of
some file systems."""


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


def is_settled(seen: Stamp, at: int | None = None) -> bool:
    """Whether a stamp that was taken at a moment (nanoseconds since 1970, default: now) tells every later change."""
    return (time.time_ns() if at is None else at) - max(seen.modified, seen.changed) > SETTLED


def mark(files: Iterable[str], at: int | None = None) -> str:
    """What tells files and folders as they are now from what they were and will be: a hash of their names and stamps.

    One that is not there is told too. Empty where one had changed so lately `at` a moment (nanoseconds since 1970,
    default: now) that its stamp does not tell every later change.
    """
    names = list(files)
    told, newest = ["\0".join(names).encode(errors="surrogateescape")], 0
    for name in names:
        try:
            seen = os.stat(name)  # noqa: PTH116 - of a hundred thousand files, and a text needs no Path
        except (FileNotFoundError, NotADirectoryError):
            told.append(MISSING)
            continue
        newest = max(newest, seen.st_mtime_ns, seen.st_ctime_ns)
        told.append(PACKED.pack(seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns))
    settled = (time.time_ns() if at is None else at) - newest > SETTLED
    return sha256(b"".join(told)).hexdigest() if settled else ""


def within(folder: str) -> Iterator[str]:
    """A folder and every file and folder in it, in an order that stays; nothing where there is no such folder."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield place
        yield from (f"{place}/{name}" for name in sorted(names))


def cached_by_stamp(bound: int) -> Callable[[Callable[[Name], T]], Callable[[Name], T]]:
    """Let a function that reads a file keep what it made of the last `bound` files, each while its stamp is the same.

    What it raises is not kept.
    """

    def remembering(read: Callable[[Name], T]) -> Callable[[Name], T]:
        @lru_cache(maxsize=bound)
        def kept(file: Name, seen: Stamp) -> T:  # noqa: ARG001
            return read(file)

        @wraps(read)
        def current(file: Name) -> T:
            # The stamp comes first: a file that is replaced before it is read is kept under a stamp that is gone.
            return kept(file, stamp(file))

        return current

    return remembering
