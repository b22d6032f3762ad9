"""Rows about the caller's own sessions; those of others are never listed."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flis.serve.xmla.rowsets.asking import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row

__all__ = ["commands", "connections", "sessions"]


def sessions(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_SESSIONS."""
    now = time.time()
    for session in asking.sessions:
        yield {
            "SESSION_ID": session.id,
            "SESSION_SPID": session.spid,
            "SESSION_CONNECTION_ID": session.spid,
            "SESSION_USER_NAME": session.principal,
            "SESSION_CURRENT_DATABASE": session.catalog,
            "SESSION_START_TIME": _time(session.started),
            "SESSION_ELAPSED_TIME_MS": _milliseconds(session.started, now),
            "SESSION_LAST_COMMAND_START_TIME": _time(session.command_started),
            "SESSION_LAST_COMMAND_END_TIME": _time(session.command_ended),
            "SESSION_LAST_COMMAND_ELAPSED_TIME_MS": _elapsed(session.command_started, session.command_ended, now),
            "SESSION_IDLE_TIME_MS": 0 if session.running else _milliseconds(session.used, now),
            "SESSION_LAST_COMMAND": session.command,
            "SESSION_STATUS": 1 if session.running else 0,
            "SESSION_COMMAND_COUNT": session.commands,
        }


def connections(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_CONNECTIONS."""
    now = time.time()
    for session in asking.sessions:
        yield {
            "CONNECTION_ID": session.spid,
            "CONNECTION_USER_NAME": session.principal,
            "CONNECTION_HOST_APPLICATION": session.application,
            "CONNECTION_START_TIME": _time(session.started),
            "CONNECTION_ELAPSED_TIME_MS": _milliseconds(session.started, now),
            "CONNECTION_LAST_COMMAND_START_TIME": _time(session.command_started),
            "CONNECTION_LAST_COMMAND_END_TIME": _time(session.command_ended),
            "CONNECTION_LAST_COMMAND_ELAPSED_TIME_MS": _elapsed(session.command_started, session.command_ended, now),
            "CONNECTION_IDLE_TIME_MS": 0 if session.running else _milliseconds(session.used, now),
        }


def commands(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001
    """DISCOVER_COMMANDS."""
    now = time.time()
    for session in asking.sessions:
        if session.commands:
            yield {
                "SESSION_SPID": session.spid,
                "SESSION_COMMAND_COUNT": session.commands,
                "COMMAND_START_TIME": _time(session.command_started),
                "COMMAND_ELAPSED_TIME_MS": _elapsed(session.command_started, session.command_ended, now),
                "COMMAND_TEXT": session.command,
                "COMMAND_END_TIME": _time(session.command_ended),
            }


def _time(seconds: float) -> str | None:
    return stamp(datetime.fromtimestamp(seconds, tz=UTC)) if seconds else None


def _milliseconds(start: float, end: float) -> int:
    return max(0, round((end - start) * 1000))


def _elapsed(start: float, end: float, now: float) -> int:
    return _milliseconds(start, end if end >= start else now) if start else 0
