"""The state folder that a benchmark serves."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from tests.release.sample import build_sample

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["served_state"]


def served_state(path: Path) -> Path:
    """A copy of `FLIS_BENCH_STATE` at `path`; a made-up state of one release where it is not set."""
    given = os.environ.get("FLIS_BENCH_STATE")
    if not given:
        return build_sample(path, releases=1).root
    shutil.copytree(given, path, symlinks=True, ignore=shutil.ignore_patterns("cache", "deliveries", "warehouse"))
    return path
