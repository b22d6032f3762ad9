"""What a test of a real client needs on the machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["need"]


def need(file: Path) -> None:
    """Skip a test whose client is not installed; fail it where everything must be."""
    if not file.exists():
        reason = f"{file.name} is not installed: run `make test-clients`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
