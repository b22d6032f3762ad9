"""Servers started for a benchmark, and requests timed on one kept connection."""

from __future__ import annotations

import base64
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHARED = Path(os.environ.get("FLIS_SHARED", Path(__file__).parents[2] / "shared"))
ROOT = Path(__file__).parents[1]
ENVELOPE = (
    '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>'
    '<Execute xmlns="urn:schemas-microsoft-com:xml-analysis"><Command><Statement>{}</Statement></Command>'
    "<Properties><PropertyList><Catalog>{}</Catalog><Format>Multidimensional</Format><AxisFormat>TupleFormat</AxisFormat>"
    "<Content>SchemaData</Content><LocaleIdentifier>1033</LocaleIdentifier></PropertyList></Properties></Execute>"
    "</Body></Envelope>"
)

DISCOVER = (
    '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>'
    '<Discover xmlns="urn:schemas-microsoft-com:xml-analysis"><RequestType>{}</RequestType><Restrictions>'
    "<RestrictionList>{}</RestrictionList></Restrictions><Properties><PropertyList><Catalog>{}</Catalog></PropertyList>"
    "</Properties></Discover></Body></Envelope>"
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def started(
    command: Sequence[str],
    port: int,
    *,
    seconds: float = 120,
    workers: int = 1,
    environment: dict[str, str] | None = None,
) -> Iterator[int]:
    """A server process while the block runs, from the moment at which all workers take connections; its process id."""
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, **(environment or {})},
    ) as process:
        try:
            end = time.monotonic() + seconds
            while process.poll() is None:
                if _listening(process.pid, port) and (workers == 1 or _at_rest(process.pid)):
                    break
                if time.monotonic() > end:
                    raise TimeoutError(f"{command[0]} does not listen")
                time.sleep(0.02)
            if process.poll() is not None:
                raise ChildProcessError(f"{command[0]} ended before it listened")
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _listening(pid: int, port: int) -> bool:
    """Whether any process of a family listens on a port."""
    try:
        found = (c for p in _family(pid) for c in p.net_connections("tcp"))
        return any(c.status == "LISTEN" and c.laddr.port == port for c in found)
    except psutil.NoSuchProcess:
        return False


def _at_rest(pid: int) -> bool:
    """Whether the workers have stopped working: they share one socket, so who listens does not tell who is ready."""
    before = _processor_seconds(pid)
    time.sleep(0.5)
    return _processor_seconds(pid) - before < 0.05


def _family(pid: int) -> list[psutil.Process]:
    """A process and all that it started."""
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def _processor_seconds(pid: int) -> float:
    times = [p.cpu_times() for p in _family(pid)]
    return sum(t.user + t.system for t in times)


def flis_command(*arguments: str, port: int) -> list[str]:
    """`flis serve` with arguments."""
    return [sys.executable, "-m", "flis", "serve", "--port", str(port), *arguments]


def peak_memory(pid: int) -> int:
    """The most bytes that a process and its children have held in memory, as /proc tells it."""
    status = (Path(f"/proc/{p.pid}/status").read_text("utf-8") for p in _family(pid))
    return sum(int(found.group(1)) << 10 for s in status if (found := re.search(r"VmHWM:\s+(\d+) kB", s)))


class Connection:
    """One kept HTTP connection to an XMLA server."""

    def __init__(self, port: int, catalog: str, user: str = "") -> None:
        self.catalog = catalog
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.headers = {"Content-Type": "text/xml", "SOAPAction": '"urn:schemas-microsoft-com:xml-analysis:Execute"'}
        if user:
            self.headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()

    def ask(self, mdx: str) -> tuple[float, bytes]:
        """Seconds from the first byte sent to the last one read, and the answer."""
        return self._post(ENVELOPE.format(escape(mdx), self.catalog).encode())

    def discover(self, rowset: str, restrictions: dict[str, str]) -> tuple[float, bytes]:
        """The same for a rowset."""
        listed = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in restrictions.items())
        return self._post(DISCOVER.format(rowset, listed, self.catalog).encode())

    def _post(self, body: bytes) -> tuple[float, bytes]:
        start = time.perf_counter()
        self.http.request("POST", "/xmla", body, self.headers)
        answer = self.http.getresponse().read()
        return time.perf_counter() - start, answer


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def milliseconds(seconds: float) -> float:
    """Rounded to hundredths."""
    return round(seconds * 1000, 2)
