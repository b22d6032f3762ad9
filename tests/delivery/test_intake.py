"""Taking files in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from flis.delivery import Delivery, DeliveryState, archive_key, contents, deliveries, inbox, receive, receive_all
from flis.errors import ConfigError, DeliveryError, FlisError, NotFoundError, StateError, UsageError
from tests.delivery import extracts
from tests.delivery.extracts import day, extract
from tests.shared import shared

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

CONTENT = extract(day(1), None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "D220103.L431101"
    path.write_bytes(CONTENT)
    return path


def in_inbox(state: State, name: str = "D220103.L431101", content: bytes = CONTENT) -> Path:
    state.inbox.mkdir(parents=True, exist_ok=True)
    path = state.inbox / name
    path.write_bytes(content)
    return path


def test_a_delivery_is_known_by_its_sequence_its_date_and_its_checksum(state: State, file: Path) -> None:
    delivery = receive(state, file)
    manifest = delivery.manifest
    assert delivery.state is DeliveryState.RECEIVED
    assert delivery.id == f"cpr-110901-20220103-{manifest.sha256[:8]}"
    assert (manifest.area, manifest.sender, manifest.file) == ("borger", "CPR-registret", "D220103.L431101")
    assert (manifest.sequence, manifest.produced, manifest.previous) == ("110901", day(1), None)
    assert (manifest.size, manifest.records, manifest.persons) == (len(CONTENT), 20, 3)
    assert manifest.types["002"] == 3
    assert file.read_bytes() == CONTENT


def test_the_file_is_kept_encrypted_and_comes_back_as_it_was(state: State, file: Path) -> None:
    delivery = receive(state, file)
    assert b"".join(contents(state, delivery)) == CONTENT
    assert b"110901" not in delivery.encrypted.read_bytes()


@pytest.mark.parametrize("name", ["u12170-p-110901.txt", "u12170-p-110901-ftp.txt"])
def test_the_official_files(state: State, name: str) -> None:
    official = shared(f"cpr/testdata/{name}")
    delivery = receive(state, official)
    assert (delivery.manifest.records, delivery.manifest.persons) == (1100, 80)
    assert b"".join(contents(state, delivery)) == official.read_bytes()
    assert pq.read_table(delivery.records["001"]).num_rows == 80


def test_the_clear_file_leaves_the_inbox(state: State) -> None:
    path = in_inbox(state)
    assert inbox(state) == [path]
    delivery = receive(state, path)
    assert inbox(state) == []
    assert b"".join(contents(state, delivery)) == CONTENT


def test_hidden_and_half_sent_files_stay_in_the_inbox(state: State) -> None:
    for name in (".D1", "D2.part", "D3.TMP", "D4.filepart"):
        in_inbox(state, name)
    assert inbox(state) == []


def test_the_same_file_again_changes_nothing(state: State, file: Path) -> None:
    first = receive(state, file)
    written = {f: f.stat().st_mtime_ns for f in state.deliveries.rglob("*.json")}
    again = receive(state, in_inbox(state, "another-name"))
    assert again.again
    assert not first.again
    assert again.id == first.id
    assert inbox(state) == []
    assert {f: f.stat().st_mtime_ns for f in state.deliveries.rglob("*.json")} == written
    assert [d.id for d in deliveries(state)] == [first.id]


@pytest.mark.parametrize("content", [b" ", b"%PDF-1.7", b"001" + CONTENT[3:], b"000"])
def test_an_unknown_form_is_refused(state: State, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.dat"
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match="form of the file is unknown"):
        receive(state, path)
    assert deliveries(state) == []
    assert path.read_bytes() == content


def test_an_unknown_form_in_the_inbox_does_not_stay_in_the_clear(state: State) -> None:
    delivery = receive(state, in_inbox(state, "people.csv", b"name;number\n"))
    assert delivery.id.startswith("file-")
    assert delivery.manifest.area == ""
    assert not any(state.inbox.iterdir())
    assert b"".join(contents(state, delivery)) == b"name;number\n"


def test_what_is_no_file_is_said(state: State, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no such file"):
        receive(state, tmp_path / "nothing")
    with pytest.raises(UsageError, match="cannot be read"):
        receive(state, tmp_path)


def test_a_file_that_grows_is_left_alone(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    path = in_inbox(state)
    seal = extracts_seal(path)
    monkeypatch.setattr("flis.delivery.intake.seal", seal)
    with pytest.raises(DeliveryError, match="still being written"):
        receive(state, path)
    monkeypatch.undo()
    assert path.stat().st_size == len(CONTENT) + 1
    assert deliveries(state) == []


def extracts_seal(path: Path) -> object:
    from flis.delivery import vault

    def seal(key: bytes, chunks: object, out: object) -> None:
        vault.seal(key, chunks, out)  # type: ignore[arg-type]
        with path.open("ab") as f:
            f.write(b"1")

    return seal


def test_another_file_under_the_same_name_is_not_removed(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    path = in_inbox(state)
    later = extract(day(2), day(1))

    def replaced(name: str) -> None:
        if name == "receive.taken":
            in_inbox(state, "next", later).replace(path)

    monkeypatch.setattr("flis.delivery.intake.step", replaced)
    receive(state, path)
    assert path.read_bytes() == later


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("D220103.L431101", "D220103.L431101"),
        (f"export {extracts.person_number(1)}.TXT", "….txt"),
        ("Kim Hansen", "…"),
        ("Kim.Hansen", "…"),
        ("Kim D220103.L431101", "…"),
    ],
)
def test_of_a_file_name_nothing_is_kept_that_a_sender_may_choose(state: State, name: str, kept: str) -> None:
    assert receive(state, in_inbox(state, name)).manifest.file == kept


def test_a_wild_task_number_makes_no_path(state: State, tmp_path: Path) -> None:
    path = tmp_path / "wild"
    path.write_bytes(extract(day(1), None, task="../../"))
    delivery = receive(state, path)
    assert delivery.id == f"cpr-20220103-{delivery.manifest.sha256[:8]}"
    assert delivery.manifest.faults["bad_start"] == 1


def test_two_files_may_share_the_beginning_of_their_checksums(
    state: State, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = receive(state, file)
    file.write_bytes(extracts.wrong_count(CONTENT))

    class Digest:
        def __init__(self) -> None:
            self.hex = first.manifest.sha256[:12] + "0" * 52

        def update(self, block: bytes) -> None: ...

        def hexdigest(self) -> str:
            return self.hex

    monkeypatch.setattr("flis.delivery.intake.hashlib.sha256", Digest)
    assert receive(state, file).id == f"cpr-110901-20220103-{first.manifest.sha256[:12]}0000"


def test_what_a_killed_run_left_is_cleared_away(state: State, file: Path) -> None:
    left = state.deliveries / ".intake" / "records"
    left.mkdir(parents=True)
    (left / "001.parquet").write_bytes(b"half")
    delivery = receive(state, file)
    assert not (state.deliveries / ".intake").exists()
    assert pq.read_table(delivery.records["001"]).num_rows == 3


def test_a_missing_key_is_never_made_anew_behind_deliveries(state: State, file: Path) -> None:
    receive(state, file)
    (state.keys / "archive.key").unlink()
    file.write_bytes(extract(day(2), day(1)))
    with pytest.raises(ConfigError, match=r"archive\.key is missing"):
        receive(state, file)


def test_keys_belong_to_their_owner_alone(state: State, file: Path) -> None:
    receive(state, file)
    for name in ("archive.key", "person.key"):
        key = state.keys / name
        assert key.stat().st_mode & 0o777 == 0o600
        assert len(key.read_bytes()) == 32
    (state.keys / "archive.key").chmod(0o640)
    with pytest.raises(ConfigError, match="open to other users"):
        archive_key(state)


def test_a_state_folder_that_cannot_be_written(state: State, file: Path) -> None:
    archive_key(state)
    state.deliveries.mkdir(parents=True)
    (state.deliveries / "received").write_bytes(b"in the way")
    with pytest.raises(StateError, match="cannot be written"):
        receive(state, file)
    assert not (state.deliveries / ".intake").exists()


def test_of_many_files_each_becomes_what_it_becomes_alone(state: State, tmp_path: Path) -> None:
    sound = [(f"D22010{n}.L431101", extract(day(n), day(n - 1) if n > 1 else None)) for n in range(1, 8)]
    paths = [in_inbox(state, name, content) for name, content in sound]
    paths += [in_inbox(state, "D220109.L431101", sound[0][1]), state.inbox / "gone.txt", in_inbox(state, "x.txt", b"?")]
    empty = tmp_path / "D220110.L431101"
    empty.touch()
    found = list(receive_all(state, [*paths[:3], empty, *paths[3:]]))
    assert [path for path, _ in found] == [*paths[:3], empty, *paths[3:]]
    refused = {path: str(told) for path, told in found if isinstance(told, FlisError)}
    assert refused.keys() == {empty, state.inbox / "gone.txt"}
    assert "empty" in refused[empty]
    taken = [told for _, told in found if isinstance(told, Delivery)]
    assert [d.manifest.produced for d in taken[:7]] == [day(n) for n in range(1, 8)]
    assert [d.again for d in taken] == [False] * 7 + [True, False]
    assert taken[7].id == taken[0].id
    for (_, content), delivery in zip(sound, taken, strict=False):
        assert b"".join(contents(state, delivery)) == content
    assert inbox(state) == []
    assert not list(state.deliveries.glob(".intake*"))


def test_more_files_than_are_taken_in_under_one_lock(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flis.delivery.intake.TOGETHER", 2)
    paths = [in_inbox(state, f"D22010{n}.L431101", extract(day(n), None)) for n in range(1, 6)]
    assert len({told.id for _, told in receive_all(state, paths) if isinstance(told, Delivery)}) == 5


def test_what_a_killed_run_left_goes_with_the_next_one_also_where_nothing_came(state: State) -> None:
    left = state.deliveries / ".intake" / "3"
    left.mkdir(parents=True)
    (left / "file.enc").write_bytes(b"half")
    assert list(receive_all(state, [])) == []
    assert not left.parent.exists()
