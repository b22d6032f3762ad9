"""The whole server on a free port, for tests and measurements with real clients."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["serving"]

PATIENCE = 60  # seconds until the server must answer


@contextmanager
def serving(state: Path, log: Path | None = None) -> Iterator[str]:
    """Serve a state folder; the address without a slash at its end. Its log lies in the folder by default."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "flis", "serve", "--port", str(port), "--state", str(state)]
    log = log or state / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=os.environ | {"FLIS_STATE": str(state)}, stdout=out, stderr=out)
        try:
            _wait(address, server, log)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))
