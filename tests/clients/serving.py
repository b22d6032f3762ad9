"""A real server in a process of its own, and the kit's scripts against it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FLIS", "kit", "need", "serving"]

FLIS = Path(sys.executable).with_name("flis")
START_SECONDS = 90


def need(package: str) -> None:
    """Skip, in CI fail, where a client is not installed."""
    try:
        distribution(package)
    except PackageNotFoundError:
        reason = f"{package} is not installed: make test-clients"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def serving(*arguments: str | Path, log: Path) -> Iterator[str]:
    """The address of `flis serve` with these arguments, while the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(FLIS), "serve", "--port", str(port), *map(str, arguments)]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait(process, port, log)
            yield f"http://127.0.0.1:{port}/xmla"
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server did not start:\n{log.read_text('utf-8')}")


def kit(script: str | Path, *arguments: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    """Run a script of the kit (or one of our own that imports from it)."""
    folder = shared("xmla")
    file = folder / script if isinstance(script, str) else script
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, str(file), *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=environment,
        cwd=folder,
    )
