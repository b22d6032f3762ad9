"""Ask a server in the process as a principal, and keep the answer as bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flis.access import Grant
from flis.access.model import Principal
from flis.errors import FlisError
from flis.serve.xmla import Call, ReleaseBackend, Service, Sessions
from flis.serve.xmla.faults import fault
from flis.serve.xmla.soap import read

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.serve.xmla.backend import Backend

__all__ = ["Server", "of_state", "principal"]

SESSION = re.compile(rb"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}")
ELAPSED = re.compile(rb"(?<=_TIME_MS>)\d+")
NOON = 1_660_000_000.0  # the clock of sessions stands, so that no other times need be taken out


def principal(*municipalities: str, name: str = "anna") -> Principal:
    """Somebody with a grant for each of these municipalities; '' is national."""
    return Principal(name, "", tuple(Grant(code) for code in municipalities))


class Server:
    """A service; errors that are not flis's own pass through and fail the test."""

    def __init__(self, backend: Backend, sessions: Path) -> None:
        self._service = Service(backend, Sessions(sessions, clock=lambda: NOON))

    def raw(self, body: bytes, who: Principal) -> bytes:
        """The whole answer."""
        try:
            return b"".join(self._service.answer(read(body), Call(who, "http://flis.example/xmla")))
        except FlisError as error:
            return fault(error)

    def ask(self, body: bytes, who: Principal) -> bytes:
        """The answer without what is random or goes by the clock: its session's number, milliseconds."""
        return _plain(self.raw(body, who))

    def talk(self, bodies: list[str], who: Principal) -> list[bytes]:
        """A conversation: SESSION in a body stands for the number that the first answer gave."""
        answers: list[bytes] = []
        session = b""
        for body in bodies:
            found = self.raw(body.encode().replace(b"SESSION-ID", session), who)
            match = SESSION.search(found)
            session = match.group() if match and not session else session
            answers.append(_plain(found))
        return answers

    def close(self) -> None:
        """Close the file of sessions."""
        self._service.sessions.close()


def _plain(answer: bytes) -> bytes:
    return ELAPSED.sub(b"0", SESSION.sub(b"a session", answer))


def of_state(state: State, sessions: Path) -> Server:
    """FLIS's own server over the releases of a state folder."""
    return Server(ReleaseBackend(state), sessions)
