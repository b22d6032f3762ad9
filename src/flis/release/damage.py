"""Which files of a release are not what its trees say, by SHA-256. A process reads each file once for that.

The check stands where files are about to be read, so that a changed
bit becomes an error and never a figure.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flis.disk import cached_by_stamp
from flis.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from flis.release.tree import Entry

    Places = Callable[[str], Path]  # in which folder the files of a table lie

__all__ = ["digest", "file_name", "file_of", "prove", "wrong"]

BOUND = 1 << 17  # files in memory, some hundred bytes each
BLOCK = 1 << 16  # bytes; most files of a store are smaller, and a larger block costs them more than reading


def file_name(sha256: str) -> str:
    """What the file of a hash is called."""
    return f"{sha256}.parquet"


def file_of(folder: Path, sha256: str) -> Path:
    """Where the file of a hash lies in the folder of its table."""
    return folder / file_name(sha256)


def digest(path: str | Path) -> bytes | None:
    """The SHA-256 of a file as it lies there now; None where there is none."""
    try:
        return _digest(str(path))
    except (FileNotFoundError, NotADirectoryError):
        return None


def wrong(place: Places, tables: Mapping[str, Mapping[str, Entry]]) -> Iterator[tuple[str, str]]:
    """Table and partition of every file of a store that is missing or was changed."""
    for table, parts in tables.items():
        folder = place(table)
        for part, entry in parts.items():
            # years of days are ten thousand files, and a Path for each takes longer than looking at it
            if digest(f"{folder}/{file_name(entry.sha256)}") != bytes.fromhex(entry.sha256):
                yield table, part


def prove(number: int, store: str, place: Places, tables: Mapping[str, Mapping[str, Entry]]) -> None:
    """Let nobody read a store of the release `number` that is not as it was published.

    Raises:
        DamagedError: a file is missing or was changed.
    """
    for table, part in wrong(place, tables):
        of = f" of {part}" if part else ""
        raise DamagedError(
            f"Release {number} is damaged: in the store {store} the file{of} of the table {table} is not as it "
            "was published. It is not served.",
            hint="`flis release apply` lays it out anew; `flis release rollback` lets an earlier release serve.",
        )


@cached_by_stamp(BOUND)
def _digest(path: str) -> bytes:
    found = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        while block := file.read(BLOCK):
            found.update(block)
    return found.digest()
