"""The index says what the folders say, whatever becomes of it and of them."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from flis.delivery import DeliveryState, advance, broken, deliveries, find, index, mend, receive
from flis.delivery.folders import note
from flis.delivery.index import generation, look
from flis.delivery.model import Counts
from flis.validation import settle
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.delivery import Delivery


@pytest.fixture
def kept(state: State, tmp_path: Path) -> list[Delivery]:
    for n in range(1, 6):
        (tmp_path / "file").write_bytes(extract(day(n), day(n - 1) if n > 1 else None))
        receive(state, tmp_path / "file")
    settle(state)
    return deliveries(state)


def at_last(state: State) -> dict[str, str]:
    """By id in which folder each delivery lies, as a walk through them finds it."""
    return {folder.name: folder.parent.name for folder in state.deliveries.glob("*/*") if folder.is_dir()}


def told(state: State) -> dict[str, str]:
    return {d.id: d.state.value for d in deliveries(state)}


def number(state: State) -> int:
    with look(state) as found:
        return generation(found)


def test_it_says_what_the_folders_say(state: State, kept: list[Delivery]) -> None:
    assert len(kept) == 5
    assert told(state) == at_last(state)
    assert [d.manifest.produced for d in kept] == [day(n) for n in range(1, 6)]


@pytest.mark.parametrize("content", [b"", b"no database at all", None])
def test_it_is_made_anew_where_it_is_lost_or_damaged(state: State, kept: list[Delivery], content: bytes | None) -> None:
    file = state.deliveries / ".index"
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    assert deliveries(state) == kept
    assert file.stat().st_size > len(content or b"")


def test_a_damaged_page_of_it_is_no_fault_of_the_deliveries(state: State, kept: list[Delivery]) -> None:
    file = state.deliveries / ".index"
    harmed = bytearray(file.read_bytes())
    harmed[4096:] = b"\xff" * (len(harmed) - 4096)
    file.write_bytes(harmed)
    assert deliveries(state) == kept


def test_where_it_cannot_be_written_it_is_kept_in_memory(state: State, kept: list[Delivery]) -> None:
    file = state.deliveries / ".index"
    file.unlink()
    file.mkdir()  # nobody can open a folder as a database
    assert deliveries(state) == kept
    advance(state, kept[0], DeliveryState.LOADED)
    assert told(state) == at_last(state)
    note(deliveries(state)[0], msgspec.structs.replace(kept[0].manifest, findings=Counts(warning=7)))
    assert find(state, kept[0].id).manifest.findings.warning == 7


def test_another_version_of_it_is_made_anew(
    state: State, kept: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "VERSION", index.VERSION + 1)
    assert deliveries(state) == kept


def test_after_a_start_of_the_machine_it_is_made_anew(
    state: State, kept: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut may have left anything in it: the disk was not waited for."""
    with look(state) as found:
        found.execute("DELETE FROM delivery WHERE id = ?", (kept[0].id,))
    monkeypatch.setattr(index, "_boot", lambda: "the next start")
    assert deliveries(state) == kept


def test_a_move_is_seen_at_once(state: State, kept: list[Delivery]) -> None:
    for delivery in kept:
        before = number(state)
        advance(state, delivery, DeliveryState.LOADED)
        assert told(state) == at_last(state)
        assert number(state) != before


def test_a_delivery_that_was_taken_away_is_gone(state: State, kept: list[Delivery]) -> None:
    shutil.rmtree(kept[2].folder)
    assert [d.id for d in deliveries(state)] == [d.id for d in kept if d.id != kept[2].id]


def test_a_new_manifest_is_read_at_once(state: State, kept: list[Delivery], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "PROVEN", 0)  # nothing finds it by chance
    before = number(state)
    note(kept[3], msgspec.structs.replace(kept[3].manifest, findings=Counts(warning=7)))
    assert find(state, kept[3].id).manifest.findings.warning == 7
    assert number(state) != before


def test_looking_changes_nothing(state: State, kept: list[Delivery]) -> None:
    assert kept
    assert len({number(state) for _ in range(3)}) == 1


def test_a_manifest_damaged_where_it_lies_is_found_when_its_turn_comes(
    state: State, kept: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "PROVEN", 2)
    (kept[4].folder / "manifest.json").write_bytes(b"{}")
    looks = [[b.id for b in broken(state)] for _ in range(3)]  # two, two, and the fifth
    assert looks[-1] == [kept[4].id]
    assert [d.id for d in deliveries(state)] == [d.id for d in kept[:4]]
    assert mend(state) == [kept[4].id]
    assert told(state) == at_last(state)


def test_many_look_at_once_while_it_is_made(state: State, kept: list[Delivery]) -> None:
    (state.deliveries / ".index").unlink()
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(deliveries(state)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [len(kept)] * 8


def test_a_look_at_no_installation_makes_none(state: State) -> None:
    assert deliveries(state) == []
    assert not state.deliveries.exists()
