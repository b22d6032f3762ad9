"""`flis doctor` names a damaged release that does not serve, and keys that are lost; a roll-back says what it skips."""

from __future__ import annotations

import json
import secrets
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.cli import root
from flis.delivery.keys import simulated_keys
from flis.errors import DamagedError
from flis.release import current, damaged, release, releases, rollback
from tests.release.test_apply import finished, state
from tests.release.test_commands import call_json

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.release import Release

__all__ = ["finished", "state"]


def files(found: Release) -> dict[Path, str]:
    """All files of a release, and the store of each."""
    stores = found.area("ukraine").tree.stores
    return {
        path: store
        for store in stores
        for t in stores[store]
        for path in found.area("ukraine").partitions(store, t).values()
    }


def spoil(state: State, number: int) -> str:
    """Change a file that this release alone is made of; its store."""
    own = files(release(state, number))
    for other in releases(state):
        if other.number != number:
            own = {path: store for path, store in own.items() if path not in files(other)}
    path, store = next(iter(own.items()))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    return store


def checks(state: State, name: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(root, ["doctor", "--port", "0", "--json", "--state", str(state.root)])
    return [c for c in json.loads(result.output) if c["name"] == name]


def test_a_damaged_release_that_does_not_serve_is_named(state: State) -> None:
    (whole,) = checks(state, "other releases")
    assert (whole["result"], whole["found"][:2]) == ("ok", "2,")
    store = spoil(state, 1)
    assert damaged(state) == {1: [store]}
    (told,) = checks(state, "other releases")
    assert told["result"] == "wrong"
    assert told["found"] == f"release 1 is damaged: store {store}"
    assert "backup" in told["advice"]
    (serving,) = checks(state, "newest release")
    assert serving["result"] == "ok"
    (state.releases / "2" / "release.json").write_text("{}")
    assert [c["found"] for c in checks(state, "other releases")][1] == "release 2 is damaged: its manifest"


def test_a_roll_back_says_what_it_leaves_out(state: State, caplog: pytest.LogCaptureFixture) -> None:
    store = spoil(state, 2)
    assert call_json(state, "release", "rollback")["number"] == 1
    assert f"Release 2 is damaged (store {store}) and was left out." in caplog.text


def test_a_damaged_release_that_is_named_tells_which_are_whole(state: State) -> None:
    store = spoil(state, 1)
    with pytest.raises(DamagedError) as told:
        rollback(state, 1)
    assert told.value.message == f"Release 1 is damaged (store {store})."
    assert told.value.hint == "These are whole: 2, 3. Name one of them."
    serving = current(state)
    assert serving
    assert serving.number == 3


@pytest.fixture
def keyed(state: State) -> State:
    """The same with its keys noted, as after a receipt."""
    simulated_keys(state, 1)
    assert checks(state, "keys")[0]["result"] == "ok"
    return state


@pytest.mark.parametrize("name", ["person.key", "archive.key"])
def test_a_key_that_is_not_that_of_the_state_is_told(keyed: State, name: str) -> None:
    file = keyed.keys / name
    for content, said in ((b"", "does not hold 32 bytes"), (secrets.token_bytes(32), "another key")):
        file.write_bytes(content)
        (told,) = checks(keyed, "keys")
        assert told["result"] == "wrong"
        assert name in told["found"]
        assert said in told["found"]
    file.unlink()
    (told,) = checks(keyed, "keys")
    assert (told["result"], told["found"]) == ("wrong", f"missing: {name}")
    assert "safe copy" in told["advice"]


def test_a_folder_of_keys_that_is_not_there_is_told(
    keyed: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLIS_KEYS", str(tmp_path / "nowhere"))
    (told,) = checks(keyed, "keys")
    assert (told["result"], told["found"]) == ("wrong", f"there is no folder {tmp_path / 'nowhere'}")
    shutil.copytree(keyed.keys, tmp_path / "nowhere")
    assert checks(keyed, "keys")[0]["result"] == "ok"
