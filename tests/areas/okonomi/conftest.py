"""A state folder to which the accounts of six municipalities have gone all the way."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.areas.okonomi.files import MONTHS, files
from tests.made_up.walk import put, receive, run_month

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="package")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder after three months of files and three monthly runs; to be read only."""
    folder = tmp_path_factory.mktemp("okonomi")
    for month in MONTHS:
        arrived = date(2025, month + 1, 10)
        sent = [file for file in files() if file.arrived == arrived]
        assert receive(folder / "state", put(sent, folder / f"{month}"), arrived, areas=folder) == 0
        assert run_month(folder / "state", date(2025, month + 1, 12), areas=folder) == 0
    return folder / "state"
