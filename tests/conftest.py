"""Fixtures for all tests."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from flis.catalog.area_paths import look_in
from tests.demo import Demo, make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.made_areas import AreasIn

# CI judges a change by the same examples each time; who works on it finds new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Demo:
    """A small finished demo, shared by all test processes of the run; tests that change it take a copy."""
    base = tmp_path_factory.getbasetemp()
    folder: Path = (base if worker_id == "master" else base.parent) / "demo"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = folder / "told.json"
        if not told.exists():
            told.write_text(json.dumps(make(folder / "state").told), "utf-8")
    return Demo(folder / "state", json.loads(told.read_text("utf-8")))


@pytest.fixture
def areas_in() -> Iterator[AreasIn]:
    """Lets the areas of this test be those of the package and of the folders that it is called with."""
    yield lambda *outside: look_in(outside)
    look_in()
