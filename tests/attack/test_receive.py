"""What `receive` is handed by somebody who wants to destroy a file of the installation, or to make it wait."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from flis.config import State
from flis.delivery import deliveries, receive
from flis.errors import FlisError, UsageError
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = extract(day(1), None)


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state that has taken one delivery; its keys lie elsewhere."""
    found = State(tmp_path / "state", tmp_path / "keys")
    (tmp_path / "sent").write_bytes(CONTENT)
    receive(found, tmp_path / "sent")
    found.inbox.mkdir()
    return found


def files(state: State) -> dict[Path, bytes]:
    """All files of the installation, with their content."""
    return {f: f.read_bytes() for root in (state.root, state.keys) for f in root.rglob("*") if f.is_file()}


def test_no_file_of_the_installation_is_taken(state: State, tmp_path: Path) -> None:
    before = files(state)
    link = tmp_path / "link"
    assert len(before) > 5
    for own in before:
        link.symlink_to(own)
        for path in (own, link, state.inbox / ".." / own.relative_to(tmp_path / own.relative_to(tmp_path).parts[0])):
            with pytest.raises(FlisError):
                receive(state, path)
        link.unlink()
    assert files(state) == before


def test_a_link_in_the_inbox_is_not_followed(state: State, tmp_path: Path) -> None:
    link = state.inbox / "D220104.L431101"
    for target in (state.keys / "archive.key", tmp_path / "sent"):
        link.symlink_to(target)
        with pytest.raises(UsageError):
            receive(state, link)
        assert target.exists()
        link.unlink()
    assert len(deliveries(state)) == 1


@pytest.fixture(params=["pipe", "socket", "device", "folder"])
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Something that is no ordinary file."""
    path = tmp_path / request.param
    if request.param == "device":
        yield type(path)("/dev/zero")
        return
    if request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "folder":
        path.mkdir()
    else:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(os.fspath(path))
            yield path
        return
    yield path


def test_only_ordinary_files_are_taken(state: State, no_file: Path) -> None:
    with pytest.raises(UsageError):
        receive(state, no_file)
