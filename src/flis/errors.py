"""Every error that flis raises on purpose.

The tree (a test holds it against the classes)::

    FlisError
    ├── UsageError
    ├── ConfigError
    ├── RefusedError
    │   ├── DeliveryError
    │   ├── ReleaseError
    │   │   └── HeldError
    │   ├── LimitError
    │   │   └── BusyError
    │   └── LaterError
    ├── AccessError
    │   ├── AuthenticationError
    │   └── ForbiddenError
    ├── NotFoundError
    │   └── SessionError
    ├── CatalogError
    ├── StatementError
    │   ├── SyntaxStatementError
    │   ├── NameStatementError
    │   └── UnsupportedStatementError
    ├── CancelledError
    └── StateError
        ├── DamagedError
        └── StorageError

The text of every one of them may be shown to the person who asked: it names files, rules, positions and
catalogue objects, and never a value of a field, a path of the server or a piece of SQL.
"""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "AccessError",
    "AuthenticationError",
    "BusyError",
    "CancelledError",
    "CatalogError",
    "ConfigError",
    "DamagedError",
    "DeliveryError",
    "FlisError",
    "ForbiddenError",
    "HeldError",
    "LaterError",
    "LimitError",
    "NameStatementError",
    "NotFoundError",
    "RefusedError",
    "ReleaseError",
    "SessionError",
    "StateError",
    "StatementError",
    "StorageError",
    "SyntaxStatementError",
    "UnsupportedStatementError",
    "UsageError",
    "listed",
    "suggest",
]


LONGEST = 500  # letters of a message
LISTED = 12  # names that a hint lists


class FlisError(Exception):
    """The root: a sentence that says what is wrong, and one that says what to do."""

    exit_code = 1
    code = "flis"

    def __init__(self, message: str, *, hint: str = "") -> None:
        if len(message) > LONGEST:  # it holds a name of the request, which may be of any length
            message = f"{message[:LONGEST]} …"
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class UsageError(FlisError):
    """The command or request was put together wrongly; exit code 2, HTTP 400."""

    exit_code = 2
    code = "usage"


class ConfigError(FlisError):
    """A setting, key file or environment variable is missing or wrong."""

    exit_code = 2
    code = "config"


class RefusedError(FlisError):
    """Understood, and not done, for a reason that is said."""

    code = "refused"


class DeliveryError(RefusedError):
    """A delivery cannot be taken further: it lies in quarantine or waits."""

    code = "delivery"


class ReleaseError(RefusedError):
    """A release cannot be planned, applied or verified."""

    code = "release"


class HeldError(ReleaseError):
    """A roll-back holds: nothing new is released of these areas until it is lifted."""

    code = "held"


class LimitError(RefusedError):
    """A limit was reached before or during execution; the message says which one."""

    code = "limit"


class BusyError(LimitError):
    """A limit that ends with time; `seconds` says after how long to try again."""

    code = "busy"

    def __init__(self, message: str, *, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        super().__init__(message, hint=f"Try again in {self.seconds} seconds.")


class LaterError(RefusedError):
    """What shall be done at once would take longer than a moment; whoever asked does it where it may wait."""

    code = "later"


class AccessError(FlisError):
    """Who asks may not have what was asked for."""

    code = "access"


class AuthenticationError(AccessError):
    """Wrong or no credentials: one neutral text for both."""

    code = "authentication"


class ForbiddenError(AccessError):
    """Known, and not granted this."""

    code = "forbidden"


class NotFoundError(FlisError):
    """There is no such delivery, release, municipality, day, cube or rowset."""

    code = "not_found"


class SessionError(NotFoundError):
    """A client's session has ended, has expired, or is somebody else's."""

    code = "session"


class CatalogError(FlisError):
    """A catalogue file (area, contract, cube) is wrong; names file and line."""

    code = "catalog"

    def __init__(self, message: str, *, file: str = "", line: int = 0, hint: str = "") -> None:
        self.complaint = message
        where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(where + message, hint=hint)
        self.file = file
        self.line = line


class StatementError(FlisError):
    """A statement cannot be answered; `line` and `column` count from 1, 0 where unknown."""

    code = "statement"

    def __init__(self, message: str, *, line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column


class SyntaxStatementError(StatementError):
    """The statement is not of the language."""

    code = "syntax"


class NameStatementError(StatementError):
    """A name in the statement is not in the catalogue."""

    code = "name"


class UnsupportedStatementError(StatementError):
    """Part of the language, but not answered here; the message names the construct."""

    code = "unsupported"


class CancelledError(FlisError):
    """The work was cancelled, or ran into its time limit."""

    code = "cancelled"


class StateError(FlisError):
    """The state folder is missing, locked by another process, or damaged."""

    code = "state"


class DamagedError(StateError):
    """A file of the state is lost or was changed, so that it is not read; the hint names a way on that works."""

    code = "damaged"


class StorageError(StateError):
    """The disk refuses: it is full, read-only or failing, or the user has no right; nothing is lost by it."""

    code = "storage"


def suggest(name: str, known: Iterable[str], *, language: str = "en") -> str:
    """A did-you-mean sentence for `name` among `known`, or an empty string where nothing is near.

    >>> suggest("Kommun", ["Kommune", "Dato"])
    'Did you mean Kommune?'
    """
    folded = {k.casefold(): k for k in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    if not near:
        return ""
    word = " eller " if language == "da" else " or "
    ask = "Mente du " if language == "da" else "Did you mean "
    return f"{ask}{word.join(folded[n] for n in near)}?"


def listed(known: Sequence[str], what: str = "There are") -> str:
    """The first names of all that there are, as a sentence; an empty text where there is none.

    >>> listed(["Kommune", "Dato"])
    'There are: Kommune, Dato.'
    >>> listed([f"d{n}" for n in range(20)], "Dimensions")
    'Dimensions: d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11 and 8 more.'
    """
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return f"{what}: {', '.join(known[:LISTED])}{more}." if known else ""
