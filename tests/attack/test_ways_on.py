"""Files of the releases that are lost or damaged: each message names a way on, and the way works."""

from __future__ import annotations

import random
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.config import State
from flis.errors import DamagedError, ReleaseError
from flis.release import apply, current, releases, resume, rollback, unreadable, verify
from flis.warehouse import load
from tests.attack.test_damage import flip
from tests.release.earlier import to_earlier_form
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAYS = [date(2022, 1, 31), date(2022, 2, 28), date(2022, 3, 8)]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> tuple[State, list[Path]]:
    """Three deliveries, a release after each of the first two."""
    root = tmp_path_factory.mktemp("chain")
    lives = [
        Life(f"010190{n:04}", date(1950 + n * 5, 6, 1), "KM"[n % 2]).add("enter", date(2022, 1, 5 + n), "0461")
        for n in range(8)
    ]
    lives[0].add("move", date(2022, 2, 24), "0751")
    files = write_chain(root / "files", DAYS, lives)
    state = new_state(root / "state")
    for file in files[:2]:
        accept(state, [file])
        load(state)
        assert apply(state)
    return state, files


@pytest.fixture
def state(chain: tuple[State, list[Path]], tmp_path: Path) -> State:
    shutil.copytree(chain[0].root, tmp_path / "state")
    return State(tmp_path / "state", tmp_path / "state" / "keys")


def content(state: State) -> dict[str, bytes]:
    """The data files and manifests of all releases."""
    return {str(f.relative_to(state.releases)): f.read_bytes() for f in state.releases.rglob("*") if f.is_file()}


def own(state: State) -> Path:
    """A file of the serving release that the one before does not share."""
    first, serving = releases(state)
    before = set(first.area("ukraine").partitions("national", "stock").values())
    return next(p for p in serving.area("ukraine").partitions("national", "stock").values() if p not in before)


def damage(path: Path) -> None:
    flip(path, random.Random(1))


def lose(path: Path) -> None:
    path.unlink()


BOTH = pytest.mark.parametrize("harm", [damage, lose])


@BOTH
def test_a_damaged_release_is_rolled_back_and_laid_out_anew(state: State, harm: Callable[[Path], None]) -> None:
    before, serving = content(state), current(state)
    assert serving
    harm(own(state))
    assert serving.damage() == ["national"]
    with pytest.raises(DamagedError) as told:
        serving.area("ukraine").store("national")
    assert "flis release rollback" in told.value.hint
    assert "flis release apply" in told.value.hint
    assert rollback(state).number == 1
    with pytest.raises(DamagedError):
        rollback(state, 2)
    resume(state)
    made = apply(state)
    assert made
    assert made.number == 3
    assert made.damage() == serving.damage() == []
    assert verify(state).problems == []
    after = content(state)
    assert {name: after[name] for name in before if name.startswith("stores")} == {
        name: data for name, data in before.items() if name.startswith("stores")
    }


@BOTH
def test_apply_alone_lays_a_damaged_release_out_anew(state: State, harm: Callable[[Path], None]) -> None:
    before = content(state)
    harm(own(state))
    assert apply(state) is None
    assert content(state) == before


def test_the_next_release_shares_no_damaged_file(state: State, chain: tuple[State, list[Path]]) -> None:
    serving = current(state)
    assert serving
    (oldest, *_) = serving.area("ukraine").partitions("public", "total").values()
    damage(oldest)  # of a month that the next delivery does not touch
    accept(state, chain[1][2:])
    load(state)
    made = apply(state)
    assert made
    assert made.damage() == []
    assert verify(state).problems == []


def test_no_earlier_release_is_whole(state: State) -> None:
    first, serving = releases(state)
    before, after = (set(r.area("ukraine").partitions("shared", "dim.koen").values()) for r in (first, serving))
    shared = before & after
    damage(shared.pop())
    with pytest.raises(ReleaseError, match="whole") as told:
        rollback(state)
    assert "flis release apply" in told.value.hint
    assert apply(state) is None
    assert rollback(state).number == 1


@BOTH
def test_a_lost_pointer_is_written_anew(state: State, harm: Callable[[Path], None]) -> None:
    before = content(state)
    harm(state.releases / "current")
    for ask in (lambda: current(state), lambda: apply(state), lambda: releases(state)):
        with pytest.raises(DamagedError) as told:
            ask()
        assert "flis release rollback" in told.value.hint
    after = content(state)
    assert {n: d for n, d in after.items() if n != "current"} == {n: d for n, d in before.items() if n != "current"}
    assert rollback(state).number == 2
    assert apply(state) is None


@BOTH
def test_a_lost_pointer_behind_a_killed_build(state: State, harm: Callable[[Path], None]) -> None:
    shutil.copytree(state.releases / "2", state.releases / "3")  # not published: the note names it
    (state.releases / "building").write_text("3", "ascii")
    harm(state.releases / "current")
    assert rollback(state).number == 2
    assert apply(state) is None
    assert not (state.releases / "3").exists()


@BOTH
def test_a_lost_manifest_of_a_release(state: State, harm: Callable[[Path], None]) -> None:
    harm(state.releases / "2" / "release.json")
    with pytest.raises(DamagedError) as told:
        current(state)
    assert "flis release rollback" in told.value.hint
    assert unreadable(state) == [2]
    assert rollback(state).number == 1
    resume(state)
    made = apply(state)
    assert made
    assert (made.number, made.root.previous) == (3, 1)
    assert verify(state).problems == []


@BOTH
def test_a_lost_manifest_and_no_earlier_release(state: State, harm: Callable[[Path], None]) -> None:
    for number in (1, 2):
        harm(state.releases / str(number) / "release.json")
    with pytest.raises(ReleaseError) as told:
        rollback(state)
    assert "flis release apply" in told.value.hint
    made = apply(state)
    assert made
    assert made.number == 3
    assert verify(state).problems == []


def test_releases_of_an_earlier_version_gain_checksums(state: State, caplog: pytest.LogCaptureFixture) -> None:
    to_earlier_form(state)
    for file in (state.releases / "1" / "manifest.json", state.releases / "current"):
        head, mark, _ = file.read_bytes().rpartition(b',"checksum"')
        assert mark
        file.write_bytes(head + b"}")
    assert current(state)
    assert apply(state)
    assert "release 1, release 2, the pointer" in caplog.text
    damage(state.releases / "1" / "release.json")
    assert unreadable(state) == [1]
