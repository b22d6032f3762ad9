"""Small disks for tests: one of a certain size, and a folder seen read-only. Both need the right to mount."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["as_nobody", "read_only", "small_disk"]

NOBODY = 65534


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[Path]:
    """An empty disk of that size, mounted at the folder `at`."""
    at.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(at))
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


@contextmanager
def read_only(folder: Path, at: Path) -> Iterator[Path]:
    """The same folder at another place, where nothing can be written."""
    at.mkdir(parents=True)
    _mount("--bind", str(folder), str(at))
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(at)], check=True)
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def as_nobody() -> dict[str, int]:
    """What makes `subprocess` run a command as a user that owns nothing."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a command as another user")
    return {"user": NOBODY, "group": NOBODY}


def _mount(*arguments: str) -> None:
    if not _may_mount():
        pytest.skip("this machine lets no test mount a disk; the tests with limits (RLIMIT_FSIZE) stand in for it")
    subprocess.run(["mount", *arguments], check=True)


@cache
def _may_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0
