"""Manifests of deliveries that are lost or damaged: set aside, told, and written anew where the file is kept."""

from __future__ import annotations

import random
import shutil
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from flis.delivery import Broken, DeliveryState, broken, deliveries, mend, receive
from flis.errors import DamagedError
from flis.operations import status
from flis.operations.model import StatusKind
from flis.validation import settle
from flis.warehouse import load
from tests.attack.test_damage import flip
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flis.config import State

DAYS = [date(2022, 1, 31), date(2022, 2, 28), date(2022, 3, 8)]


@pytest.fixture
def chain(tmp_path: Path) -> tuple[State, list[Path]]:
    """A state with two loaded deliveries, and the files of three."""
    lives = [Life("0101900001", date(1950, 6, 1)).add("enter", date(2022, 1, 5), "0461")]
    files = write_chain(tmp_path / "files", DAYS, lives)
    state = new_state(tmp_path / "state")
    for file in files[:2]:
        accept(state, [file])
    load(state)
    return state, files


def damage(path: Path) -> None:
    flip(path, random.Random(2))


def lose(path: Path) -> None:
    path.unlink()


BOTH = pytest.mark.parametrize("harm", [damage, lose])


@BOTH
def test_a_damaged_manifest_is_written_anew(chain: tuple[State, list[Path]], harm: Callable[[Path], None]) -> None:
    state, _ = chain
    before = deliveries(state)
    harm(before[1].folder / "manifest.json")
    assert deliveries(state) == before[:1]
    told = [n for row in status(state, DAYS[2]).areas for n in row.states if n.kind is StatusKind.DAMAGED]
    assert told
    assert told[0].delivery == before[1].id
    assert mend(state) == [before[1].id]
    after = deliveries(state)
    assert [d.state for d in after] == [DeliveryState.LOADED] * 2
    kept = {"file": "", "received": before[1].manifest.received}
    assert msgspec.structs.replace(after[1].manifest, **kept) == msgspec.structs.replace(before[1].manifest, **kept)
    assert mend(state) == []


@BOTH
def test_the_chain_goes_on_past_a_manifest_that_is_gone(
    chain: tuple[State, list[Path]], harm: Callable[[Path], None]
) -> None:
    state, files = chain
    for delivery in deliveries(state):
        harm(delivery.folder / "manifest.json")
        delivery.encrypted.unlink()  # its retention is over
    assert mend(state) == []
    accept(state, files[2:])
    (new,) = deliveries(state)
    assert new.state is DeliveryState.VALIDATED
    assert [loaded.id for loaded in load(state)] == [new.id]
    # another file of a production date that the chain has is refused all the same
    again = receive(state, files[1])
    settle(state)
    assert next(d for d in deliveries(state) if d.id == again.id).state is DeliveryState.QUARANTINED


def test_nothing_is_loaded_past_a_damaged_one(chain: tuple[State, list[Path]], tmp_path: Path) -> None:
    state, files = chain
    accept(state, files[2:])
    new = deliveries(state)[-1]
    damage(new.folder / "manifest.json")
    assert load(state) == []
    assert isinstance(broken(state)[0], Broken)
    mend(state)
    assert len(load(state)) == 1


def test_the_warehouse_is_not_built_anew_without_one(chain: tuple[State, list[Path]]) -> None:
    state, _ = chain
    damage(deliveries(state)[0].folder / "manifest.json")
    shutil.rmtree(state.warehouse)
    with pytest.raises(DamagedError) as told:
        load(state)
    assert "flis run daily" in told.value.hint
    mend(state)
    assert len(load(state)) == 2
