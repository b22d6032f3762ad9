"""A state folder to which the accounts of six municipalities have gone all the way."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.areas.okonomi.august import GROWING, LATE, elsewhere, renumbered, world
from tests.areas.okonomi.files import MONTHS, files
from tests.made_up.walk import put, receive, run_month

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="package")
def inhabited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder after one month of files, beside a register that reaches back to 2023; to be read only."""
    return world(tmp_path_factory.mktemp("inhabited"), register=GROWING)


@pytest.fixture(scope="package")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same beside a register that begins in the middle of 2024; to be read only."""
    return world(tmp_path_factory.mktemp("later"), register=LATE)


@pytest.fixture(scope="package")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first one where all municipalities but one send other amounts on other cost centres; to be read only."""
    return world(tmp_path_factory.mktemp("others"), elsewhere, register=GROWING)


@pytest.fixture(scope="package")
def renumbered_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first one with the same amounts on other cost centres; to be read only."""
    return world(tmp_path_factory.mktemp("renumbered"), renumbered, register=GROWING)


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
