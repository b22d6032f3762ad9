"""Where deliveries lie, and how long."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from flis.delivery import Delivery, DeliveryState, advance, broken, contents, deliveries, expire, find, receive
from flis.errors import NotFoundError, StateError
from flis.validation import judge, report
from tests.delivery import extracts
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State


class Sender:
    def __init__(self, state: State, folder: Path) -> None:
        self.state, self.folder = state, folder

    def sends(self, content: bytes) -> Delivery:
        (self.folder / "file").write_bytes(content)
        return judge(self.state, receive(self.state, self.folder / "file"))


@pytest.fixture
def sender(state: State, tmp_path: Path) -> Sender:
    return Sender(state, tmp_path)


def test_a_move_is_one_rename_and_happens_once(sender: Sender) -> None:
    delivery = sender.sends(extract(day(1), None))
    loaded = advance(sender.state, delivery, DeliveryState.LOADED)
    assert not delivery.folder.exists()
    assert find(sender.state, delivery.id) == loaded
    assert advance(sender.state, delivery, DeliveryState.LOADED) == loaded
    with pytest.raises(NotFoundError, match="no longer validated"):
        advance(sender.state, delivery, DeliveryState.QUARANTINED)


def test_finding_by_the_beginning_of_an_id(sender: Sender) -> None:
    one = sender.sends(extract(day(1), None))
    assert find(sender.state, "cpr-110901") == one
    two = sender.sends(extract(day(2), day(1)))
    with pytest.raises(NotFoundError, match="2 deliveries begin with cpr-110901") as refused:
        find(sender.state, "cpr-110901")
    assert refused.value.hint == f"Which one: {', '.join(sorted([one.id, two.id]))}."
    with pytest.raises(NotFoundError, match="Did you mean"):
        find(sender.state, one.id + "0")


def test_a_delivery_with_a_damaged_manifest_is_set_aside(sender: Sender) -> None:
    delivery = sender.sends(extract(day(1), None))
    (delivery.folder / "manifest.json").write_bytes(b"{}")
    assert deliveries(sender.state) == []
    assert [(b.id, b.produced, b.sequence) for b in broken(sender.state)] == [(delivery.id, day(1), "110901")]


def test_readers_never_miss_a_delivery_that_moves(sender: Sender) -> None:
    names = {sender.sends(extract(day(n), day(n - 1) if n > 1 else None)).id for n in range(1, 6)}
    ended = threading.Event()
    missed: list[set[str]] = []

    def look() -> None:
        while not ended.is_set():
            found = {d.id for d in deliveries(sender.state)}
            if found != names:
                missed.append(names - found)

    reader = threading.Thread(target=look)
    reader.start()
    for delivery in deliveries(sender.state):
        advance(sender.state, delivery, DeliveryState.LOADED)
    ended.set()
    reader.join()
    assert not missed


def test_files_are_kept_as_long_as_their_state_asks(sender: Sender) -> None:
    loaded = advance(sender.state, sender.sends(extract(day(1), None)), DeliveryState.LOADED)
    refused = sender.sends(extracts.truncated(extract(day(2), day(1))))
    waiting = sender.sends(extract(day(4), day(3)))
    received = loaded.manifest.received.date()

    def gone(days: int) -> list[str]:
        return expire(sender.state, received + timedelta(days), archive_days=400, quarantine_days=90)

    assert gone(90) == []
    assert gone(91) == [refused.id]
    assert gone(400) == []
    assert gone(401) == [loaded.id]
    assert gone(4000) == []
    assert find(sender.state, waiting.id).encrypted.exists()
    assert not loaded.encrypted.exists()
    assert report(find(sender.state, refused.id)).findings
    with pytest.raises(NotFoundError, match="no longer kept"):
        list(contents(sender.state, loaded))


def test_a_file_that_comes_again_after_its_retention_is_still_known(sender: Sender) -> None:
    content = extract(day(1), None)
    loaded = advance(sender.state, sender.sends(content), DeliveryState.LOADED)
    expire(sender.state, loaded.manifest.received.date() + timedelta(2), archive_days=1, quarantine_days=1)
    again = sender.sends(content)
    assert again.again
    assert again.state is DeliveryState.LOADED


def test_a_damaged_archive_is_noticed(sender: Sender) -> None:
    delivery = sender.sends(extract(day(1), None))
    content = bytearray(delivery.encrypted.read_bytes())
    content[-1] ^= 1
    delivery.encrypted.write_bytes(content)
    with pytest.raises(StateError, match="damaged"):
        list(contents(sender.state, delivery))
