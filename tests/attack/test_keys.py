"""Another key than the one of the state, and a rotation that is killed at every step."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from flis.config import State
from flis.delivery import archive_key, check_keys, contents, deliveries, receive, rotate
from flis.errors import ConfigError, DamagedError
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from pathlib import Path

STEPS = ("made", "noted", "file", "file:2", "file:3", "taken")


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state with three received deliveries."""
    found = State(tmp_path / "state", tmp_path / "keys")
    for n in (1, 2, 3):
        (tmp_path / "sent").write_bytes(extract(day(n), day(n - 1) if n > 1 else None))
        receive(found, tmp_path / "sent")
    return found


def clear(state: State) -> dict[str, bytes]:
    return {d.id: b"".join(contents(state, d)) for d in deliveries(state)}


def exchange(state: State, name: str) -> bytes:
    """Put another key into the file; the right one."""
    before = (state.keys / name).read_bytes()
    (state.keys / name).write_bytes(secrets.token_bytes(32))
    return before


@pytest.mark.parametrize("name", ["archive.key", "person.key"])
def test_another_key_is_refused(state: State, tmp_path: Path, name: str) -> None:
    right = exchange(state, name)
    (tmp_path / "sent").write_bytes(extract(day(4), day(3)))
    with pytest.raises(ConfigError, match="another key") as told:
        receive(state, tmp_path / "sent")
    assert "safe copy" in told.value.hint
    with pytest.raises(ConfigError):
        check_keys(state)
    assert len(deliveries(state)) == 3
    (state.keys / name).write_bytes(right)
    receive(state, tmp_path / "sent")
    assert len(deliveries(state)) == 4


def test_a_state_of_an_earlier_version_gains_fingerprints(state: State, caplog: pytest.LogCaptureFixture) -> None:
    state.fingerprints.unlink()
    check_keys(state)
    assert "person.key is noted now" in caplog.text
    exchange(state, "person.key")
    with pytest.raises(ConfigError):
        check_keys(state)


def test_damaged_fingerprints_have_a_way_on(state: State) -> None:
    state.fingerprints.write_bytes(state.fingerprints.read_bytes().replace(b"a", b"b"))
    with pytest.raises(DamagedError) as told:
        check_keys(state)
    assert "fingerprints.json" in told.value.hint
    state.fingerprints.unlink()
    check_keys(state)


def test_a_rotation_keeps_every_file(state: State) -> None:
    before, old = clear(state), archive_key(state)
    assert rotate(state) == 3
    assert archive_key(state) != old
    assert clear(state) == before
    (state.keys / "archive.key").write_bytes(old)
    with pytest.raises(ConfigError):
        archive_key(state)


@pytest.mark.parametrize("place", STEPS)
def test_a_killed_rotation_goes_on(state: State, place: str) -> None:
    before, old = clear(state), archive_key(state)
    program = (
        "import sys; from pathlib import Path; from flis.config import State; from flis.delivery import rotate;"
        "rotate(State(Path(sys.argv[1]), Path(sys.argv[2])))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, state.root, state.keys],
        env=os.environ | {"FLIS_CRASH_AT": f"keys.{place}"},
        check=False,
    )
    assert ended.returncode == -9
    if place != "taken":
        with pytest.raises(ConfigError, match="being rotated") as told:
            archive_key(state)
        assert "flis keys rotate archive" in told.value.hint
        rotate(state)
    assert archive_key(state) != old
    assert clear(state) == before
    assert set(json.loads(state.fingerprints.read_bytes())) == {"archive.key", "person.key", "checksum"}
    assert not list(state.root.rglob("*.part"))


def test_a_damaged_kept_file_stops_a_rotation(state: State, tmp_path: Path) -> None:
    one = deliveries(state)[1].encrypted
    shutil.copy(one, tmp_path / "copy")
    one.write_bytes(one.read_bytes()[:-1])
    with pytest.raises(DamagedError) as told:
        rotate(state)
    assert "file.enc" in told.value.hint
    shutil.copy(tmp_path / "copy", one)
    assert rotate(state) == 3
