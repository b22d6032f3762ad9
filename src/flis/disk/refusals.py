"""What the disk refuses, told once: what cannot be written, that nothing is lost, and what to do.

Every stage has one door through which it writes (its lock, its database); `writing` stands in each of these doors, and
in the command line's for what commands write themselves. So no module looks at error numbers of its own.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis.errors import FlisError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["refusal", "writing"]

ROOM = "Free some room on it, then run the same again."
RIGHTS = "Run as the user that owns the state folder, or give this one the right to write there."
CAUSES = {
    errno.ENOSPC: ("the disk is full", ROOM),
    errno.EDQUOT: ("the disk quota is used up", "Free some room or have the quota raised, then run the same again."),
    errno.EFBIG: ("a file may not grow that large", "Raise the limit (ulimit -f), then run the same again."),
    errno.EROFS: ("the disk is read-only", "Make it writable, then run the same again; reading works meanwhile."),
    errno.EACCES: ("this user may not read or write there", RIGHTS),
    errno.EPERM: ("this user may not read or write there", RIGHTS),
    errno.EIO: ("the disk fails", "Look at the disk (dmesg says more) before anything else."),
}
SAID = {os.strerror(number): number for number in CAUSES}
"""DuckDB gives the system's words in place of its number."""
CAUSES |= dict.fromkeys(
    (errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
    ("something else is in the way", "Look for a file or folder of that name where flis did not put one."),
)
SQLITE = {13: errno.ENOSPC, 8: errno.EROFS, 14: errno.EACCES, 10: errno.EIO, 3: errno.EACCES}
"""Primary result codes of SQLite: full, readonly, cantopen, ioerr, perm (https://www.sqlite.org/rescode.html)."""


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn what the disk refuses within the block into one error that names `what`, such as "the warehouse".

    Raises:
        StorageError: the disk is full, read-only or failing, a limit is reached, or the user has no right to it.
    """
    try:
        yield
    except FlisError:
        raise
    except Exception as error:
        told = refusal(error, what)
        if told is None:
            raise
        raise told from error


def refusal(error: BaseException, what: str) -> StorageError | None:
    """The error that says what the disk refused; None where the disk had no part in it.

    >>> refusal(OSError(errno.ENOSPC, "No space left on device"), "the warehouse").message
    'The warehouse cannot be written: the disk is full. Nothing is lost: what was there before is as it was.'
    """
    seen: BaseException | None = error
    while seen is not None:
        number = _number(seen)
        if number is not None:
            cause, advice = CAUSES[number]
            said = f"{what[0].upper()}{what[1:]} cannot be written: {cause}."
            return StorageError(f"{said} Nothing is lost: what was there before is as it was.", hint=advice)
        seen = seen.__cause__ or seen.__context__
    return None


def _number(error: BaseException) -> int | None:
    number = getattr(error, "errno", None) or SQLITE.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    if number is None:
        text = str(error)
        number = next((found for said, found in SAID.items() if said in text), None)
    return number if number in CAUSES else None
