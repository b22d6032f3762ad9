"""Sessions of clients, shared by all worker processes through one small SQLite file.

A session belongs to the principal that began it, and to nobody else. It holds the current database, the language, and
the text of its calculated members and sets; data and releases it does not hold: each statement sees the newest.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flis.disk import writing
from flis.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Session", "Sessions"]

NAME = "the sessions"
IDLE_SECONDS = 4 * 3600
MOST = 500  # sessions of one principal; the longest unused goes first
SHOWN = 4000  # characters of a statement kept for DISCOVER_COMMANDS
SCHEMA = """
DROP TABLE IF EXISTS session; -- of an earlier version
CREATE TABLE IF NOT EXISTS client_session (
    principal TEXT NOT NULL, spid INTEGER NOT NULL, id TEXT UNIQUE NOT NULL,
    catalog TEXT NOT NULL DEFAULT '', lcid INTEGER NOT NULL DEFAULT 0, application TEXT NOT NULL DEFAULT '',
    started REAL NOT NULL, used REAL NOT NULL, commands INTEGER NOT NULL DEFAULT 0,
    running INTEGER NOT NULL DEFAULT 0, cancels INTEGER NOT NULL DEFAULT 0, command TEXT NOT NULL DEFAULT '',
    command_started REAL NOT NULL DEFAULT 0, command_ended REAL NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '', PRIMARY KEY (principal, spid)
);
"""
COLUMNS = (
    "spid, id, principal, catalog, lcid, application, started, used, commands, running, cancels, command, "
    "command_started, command_ended, state"
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it was read; times are seconds since 1970, 0 for never."""

    spid: int
    id: str
    principal: str
    catalog: str
    lcid: int
    application: str
    started: float
    used: float
    commands: int
    running: int
    cancels: int  # how often it has been cancelled: a statement stops when the number has grown
    command: str
    command_started: float
    command_ended: float
    state: str  # its members and sets, as `definitions` writes them


class Sessions:
    """All open sessions; safe to share between threads, and between processes by its file."""

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        with writing(NAME):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=10)
            file.chmod(0o600)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=OFF")  # sessions need not outlive the machine
            self._connection.executescript(SCHEMA)

    def begin(self, principal: str, catalog: str = "", lcid: int = 0, application: str = "") -> Session:
        """Open a session; expired ones are dropped on the way."""
        now = self._clock()
        made = secrets.token_hex(16).upper()
        session = "-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:]))
        self._run(
            "DELETE FROM client_session WHERE used < ? AND (running = 0 OR used < ?)", now - IDLE_SECONDS, now - 86400
        )
        self._run(
            "DELETE FROM client_session WHERE id IN "
            "(SELECT id FROM client_session WHERE principal = ? ORDER BY used DESC LIMIT -1 OFFSET ?)",
            principal,
            MOST - 1,
        )
        self._run(
            # numbered for each principal: one count for all would tell how many sessions others begin
            "INSERT INTO client_session (spid, id, principal, catalog, lcid, application, started, used) SELECT "
            "coalesce(max(spid), 0) + 1, ?, ?, ?, ?, ?, ?, ? FROM client_session WHERE principal = ?",
            *(session, principal, catalog, lcid, application[:200], now, now, principal),
        )
        return self.find(session, principal)

    def find(self, session: str, principal: str) -> Session:
        """The session of that id.

        Raises:
            SessionError: ended, expired or somebody else's: one text for all.
        """
        now = self._clock()
        row = self._row(f"SELECT {COLUMNS} FROM client_session WHERE id = ?", session)
        if row is None or row[2] != principal or (row[7] < now - IDLE_SECONDS and not row[9]):
            raise SessionError("The session is not open any more.", hint="Connect again.")
        return Session(*row)

    def of(self, principal: str) -> list[Session]:
        """The open sessions of a principal."""
        found = self._all(f"SELECT {COLUMNS} FROM client_session WHERE principal = ? ORDER BY started, spid", principal)
        return [Session(*row) for row in found]

    def start(self, session: Session, command: str, catalog: str) -> None:
        """Note that a statement begins."""
        now = self._clock()
        self._run(
            "UPDATE client_session SET commands = commands + 1, running = running + 1, used = ?, command = ?, "
            "command_started = ?, catalog = ? WHERE id = ?",
            *(now, command[:SHOWN], now, catalog, session.id),
        )

    def finish(self, session: Session) -> None:
        """Note that a statement has ended."""
        now = self._clock()
        self._run(
            "UPDATE client_session SET running = max(running - 1, 0), used = ?, command_ended = ? WHERE id = ?",
            *(now, now, session.id),
        )

    def touch(self, session: Session, catalog: str, lcid: int) -> None:
        """Note that it is used: when its database or language changes, else now and then."""
        now = self._clock()
        if catalog != session.catalog or lcid != session.lcid or now - session.used > 60:
            self._run(
                "UPDATE client_session SET used = ?, catalog = ?, lcid = ? WHERE id = ?", now, catalog, lcid, session.id
            )

    def define(self, session: Session, state: str) -> None:
        """Keep the session's members and sets."""
        self._run("UPDATE client_session SET state = ? WHERE id = ?", state, session.id)

    def cancel(self, session: str, principal: str) -> None:
        """Ask whatever runs in a session of the principal to stop, whichever process runs it."""
        self._run("UPDATE client_session SET cancels = cancels + 1 WHERE id = ? AND principal = ?", session, principal)

    def cancels(self, session: str) -> int:
        """How often a session has been cancelled; -1 once it has ended."""
        row = self._row("SELECT cancels FROM client_session WHERE id = ?", session)
        return int(row[0]) if row else -1

    def end(self, session: str, principal: str) -> None:
        """Close a session of the principal."""
        self._run("DELETE FROM client_session WHERE id = ? AND principal = ?", session, principal)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _run(self, sql: str, *values: object) -> None:
        with self._lock, writing(NAME):
            self._connection.execute(sql, values)

    def _row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            found: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
            return found

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()
