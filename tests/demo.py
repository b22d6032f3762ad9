"""A small demo, made once per test run: the whole path, as a newcomer walks it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Demo", "flis", "make"]

PERIOD = ("--from", "2022-08-01", "--to", "2022-08-16", "--only", "ukraine")
SCALES = ("--scale", "0.0005", "--refugee-scale", "0.05")


@dataclass(frozen=True)
class Demo:
    """Where a finished demo lies, and what it printed."""

    state: Path
    told: dict[str, Any]

    def password(self, user: str) -> str:
        """The password of one of the demo's users."""
        return str(next(u["password"] for u in self.told["users"] if u["name"] == user))


def flis(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "flis", *arguments], cwd=folder, capture_output=True, text=True, timeout=900, check=False
    )


def make(state: Path, further: Sequence[str] = ()) -> Demo:
    """Make the small demo in the folder `state`."""
    ended = flis("demo", "--state", str(state), *PERIOD, *SCALES, "--no-serve", "--json", *further)
    assert ended.returncode == 0, ended.stderr
    return Demo(state, json.loads(ended.stdout))
