"""A state folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.config import Settings, State

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> State:
    (tmp_path / "state").mkdir()
    return Settings(state=tmp_path / "state").folders
