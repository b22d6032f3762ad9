"""A table of users that is lost or damaged: nobody is let in, and the way on that the message names works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.access import Authenticator, Principals
from flis.config import State
from flis.errors import AuthenticationError, DamagedError
from tests.demo import flis

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "correct horse battery"


@pytest.mark.parametrize("harm", ["lost", "cut"])
def test_a_table_that_is_gone(tmp_path: Path, harm: str) -> None:
    state = State(tmp_path / "state", tmp_path / "keys")
    Principals(state).add("anna", PASSWORD)
    file = state.access / "principals.json"
    if harm == "lost":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(DamagedError) as told:
        Authenticator(state).basic("anna", PASSWORD, "127.0.0.1")
    assert "flis user reset" in told.value.hint
    with pytest.raises(DamagedError):
        Principals(state).add("bo", PASSWORD)
    assert flis("user", "reset", "--state", str(state.root)).returncode == 0
    with pytest.raises(AuthenticationError):
        Authenticator(state).basic("anna", PASSWORD, "127.0.0.1")
    Principals(state).add("anna", PASSWORD)
    assert Authenticator(state).basic("anna", PASSWORD, "127.0.0.1").name == "anna"


def test_a_whole_table_is_not_reset(tmp_path: Path) -> None:
    state = State(tmp_path / "state", tmp_path / "keys")
    Principals(state).add("anna", PASSWORD)
    assert not Principals(state).reset()
    assert [p.name for p in Principals(state).all()] == ["anna"]
