"""Reference material that lies beside the repository: official test files, known answers, client kits.

A clone that stands alone has none of it: a test that needs it skips with that reason, but in CI it fails.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["shared"]

FOLDER = Path(os.environ.get("FLIS_SHARED", Path(__file__).parents[2] / "shared"))


def shared(path: str) -> Path:
    """The file or folder `path` of the reference material; skips the test where there is none, fails in CI."""
    found = FOLDER / path
    if not found.exists():
        reason = f"the reference material {path} does not lie beside this clone"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found
