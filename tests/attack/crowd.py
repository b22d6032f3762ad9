"""Many clients of a really served installation, each with a connection of its own that it keeps."""

from __future__ import annotations

import base64
import http.client
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil

from flis.access import Grant, Principals
from flis.config import State
from tests.attack.test_memory import WORST
from tests.clients.serving import serving
from tests.serve.xmla.asking import execute
from tests.serve.xmla.conftest import CATALOG, write_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["LIGHT", "PASSWORD", "Asker", "Crowd", "neighbours", "process_of", "sales", "users"]

PASSWORD = "correct horse battery"
LIGHT = "SELECT [Segment].[Segment].Members ON 0, [Territory].[Territory].Members ON 1 FROM [Sales]"
PATIENCE = 120  # seconds that a client waits for an answer
Request = tuple[str, bytes | None]  # an address, and a body where it is posted


@dataclass
class Asker:
    """What one client heard."""

    seconds: list[float] = field(default_factory=list)  # of each answer
    refused: int = 0  # answers that say no
    errors: list[str] = field(default_factory=list)  # whatever was no answer, or the server's own error


class Crowd:
    """Clients that ask one thing after the other until the time is over."""

    def __init__(self, address: str) -> None:
        self._at = urlsplit(address).netloc
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()

    def add(self, draw: Callable[[], Request], user: str = "", *, pause: float = 0.0) -> Asker:
        """One more client, which waits for a while after each answer."""
        told = Asker()
        self._threads.append(threading.Thread(target=self._ask, args=(draw, user, pause, told)))
        return told

    def run(self, seconds: float) -> None:
        """Let all ask for so long, and end with their last answers."""
        for thread in self._threads:
            thread.start()
        self._over.wait(seconds)
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, draw: Callable[[], Request], user: str, pause: float, told: Asker) -> None:
        with closing(http.client.HTTPConnection(self._at, timeout=PATIENCE)) as connection:
            while not self._over.is_set():
                path, body = draw()
                start = time.perf_counter()
                try:
                    connection.request("GET" if body is None else "POST", path, body, headers(user))
                    answer = connection.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException) as error:
                    told.errors.append(repr(error))
                    connection.close()
                    continue
                told.seconds.append(time.perf_counter() - start)
                told.refused += answer.status != 200
                if (answer.status != 200 and b"<faultcode>" not in content) or b"could not answer" in content:
                    told.errors.append(f"{answer.status} {content[:200]!r}")
                self._over.wait(pause)


def headers(user: str) -> dict[str, str]:
    """Of a request that somebody signs."""
    signed = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
    return {"Content-Type": "text/xml"} | ({"Authorization": f"Basic {signed}"} if user else {})


def users(state: State, names: Sequence[str]) -> None:
    """People who may see everything."""
    for name in names:
        Principals(state).add(name, PASSWORD, (Grant(""),))


def process_of(address: str) -> psutil.Process:
    """The server at an address, which this process started."""
    port = str(urlsplit(address).port)
    return next(p for p in psutil.Process().children(recursive=True) if port in p.cmdline())


@contextmanager
def sales(folder: Path, names: Sequence[str]) -> Iterator[str]:
    """The small catalogue, served to some people while the block runs; its address."""
    data, state = folder / "data", folder / "state"
    data.mkdir()
    state.mkdir()
    write_data(data)
    users(State(state, state / "keys"), names)
    with serving("--catalog", CATALOG, "--data", data, "--state", state, log=folder / "log") as address:
        yield address


def neighbours(folder: Path, seconds: float, at_once: int) -> tuple[Asker, list[Asker]]:
    """What a light user hears while another one asks the worst statements known, so many at once; and what that one."""
    with sales(folder, ["light", "noisy"]) as address:
        crowd = Crowd(address)
        light = crowd.add(lambda: ("/xmla", execute(LIGHT)), "light", pause=0.05)
        statements = list(WORST.values())
        noisy = []
        for n in range(at_once):
            own = iter((statements[n:] + statements[:n]) * 10_000)
            noisy.append(crowd.add(lambda own=own: ("/xmla", execute(next(own), Timeout=20)), "noisy"))  # type: ignore[misc]
        crowd.run(seconds)
    return light, noisy
