"""A table of users that is lost or damaged: nobody is let in, and the way on that the message names works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from flis import clock
from flis.access import Authenticator, Principals
from flis.cli import root
from flis.config import State
from flis.errors import AuthenticationError, DamagedError, UsageError
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


@pytest.mark.parametrize("words", [("add", "bo"), ("grant", "anna")])
def test_rights_that_are_over_are_refused(tmp_path: Path, words: tuple[str, str]) -> None:
    people = Principals(State(tmp_path, tmp_path / "keys"))
    people.add("anna", "a long password", ())
    said = ("user", *words, "--kommune", "0461", "--state", str(tmp_path), "--until")
    refused = CliRunner().invoke(root, [*said, "2001-02-03"])
    assert isinstance(refused.exception, UsageError)
    assert "2001-02-03 lies before today" in refused.exception.message
    assert [(p.name, p.grants) for p in people.all()] == [("anna", ())]
    assert CliRunner().invoke(root, [*said, str(clock.today())]).exit_code == 0
