"""A companion file may come before, with or after its file; the file is accepted when both are there and agree."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from flis.cli.chain import take
from flis.delivery import DeliveryState, broken, companions, deliveries, expire, inbox, mend, receive, rotate
from flis.errors import DeliveryError
from flis.validation import needed, report
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.delivery import Delivery
    from tests.made_areas import AreasIn

NAME = "PENGE_0101_202508_1.csv"
TABLE = table("konto", field("konto"), field("saldo", "number", physicalType="DECIMAL(18,2)"))
ROWS = "\ufeffKONTO;SALDO\n01;1.234,50\n02;-4,25\n".encode()
GOOD = f"filnavn;antal;sum\n{NAME};2;1.230,25\n".encode()


@pytest.fixture(autouse=True)
def area(tmp_path: Path, areas_in: AreasIn) -> None:
    server: dict[str, Any] = {
        "recognise": {"name": "PENGE_{kommune}_{maaned}_{sekvens}.csv"},
        "dialect": {"profile": "kom-csv-utf8", "sums": ["saldo"]},
        "part": ["kommune", "maaned"],
    }
    write_area(tmp_path / "areas", "penge", **{"contract.yaml": contract("penge", "csv", TABLE, **server)})
    areas_in(tmp_path / "areas")


def send(state: State, name: str, content: bytes) -> None:
    state.inbox.mkdir(parents=True, exist_ok=True)
    (state.inbox / name).write_bytes(content)


def run(state: State) -> None:
    rows, _ = take(state, inbox(state))
    assert all(row.exit_code == 0 for row in rows if row.state != "quarantined"), rows


def only(state: State) -> Delivery:
    (delivery,) = deliveries(state)
    return delivery


def test_it_comes_after_its_file(state: State) -> None:
    send(state, NAME, ROWS)
    run(state)
    assert only(state).state is DeliveryState.WAITING
    assert needed(state) == []
    send(state, f"{NAME}.kontrol", GOOD)
    run(state)
    assert (only(state).state, report(only(state)).findings) == (DeliveryState.VALIDATED, ())
    assert inbox(state) == list(state.inbox.iterdir()) == []


def test_it_comes_before_its_file(state: State) -> None:
    send(state, "penge_0101_202508_1.KONTROL", GOOD)
    run(state)
    assert deliveries(state) == []
    with pytest.raises(DeliveryError, match=f"(?i){NAME}.* has not come yet"):
        receive(state, state.inbox / "penge_0101_202508_1.KONTROL")
    send(state, NAME, ROWS)
    run(state)
    assert only(state).state is DeliveryState.VALIDATED
    assert list(state.inbox.iterdir()) == []


def test_it_comes_with_its_file(state: State) -> None:
    send(state, NAME, ROWS)
    send(state, f"{NAME}.kontrol", GOOD.splitlines()[1])
    run(state)
    assert only(state).state is DeliveryState.VALIDATED
    assert list(state.inbox.iterdir()) == []


@pytest.mark.parametrize("first", ["file", "companion"])
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b";2;", b";3;", "g-05-wrong-count"),
        (b";2;", b";;", "g-05-wrong-count"),
        (b"1.230,25", b"1.230,26", "g-05-wrong-sum"),
        (b"1.230,25", b"1230.25", "g-05-wrong-sum"),
        (NAME.encode(), b"PENGE_0147_202508_1.csv", "g-06-disagree"),
        (GOOD, b"\x1f\x8b\xff", "g-06-disagree"),
    ],
)
def test_what_does_not_agree_refuses_the_file(state: State, first: str, old: bytes, new: bytes, rule: str) -> None:
    sent = [(NAME, ROWS), (f"{NAME}.kontrol", GOOD.replace(old, new))]
    for name, content in sent if first == "file" else reversed(sent):
        send(state, name, content)
        run(state)
    assert only(state).state is DeliveryState.QUARANTINED
    assert [f.rule for f in report(only(state)).findings] == [rule]


@pytest.mark.parametrize(
    ("told", "state_after"),
    [
        ("1.230", DeliveryState.VALIDATED),
        ("1.230,00", DeliveryState.VALIDATED),
        ("1.230,50", DeliveryState.QUARANTINED),
        ("1.231,00", DeliveryState.QUARANTINED),
    ],
)
def test_a_sum_of_whole_numbers_may_be_written_with_decimals(
    state: State, tmp_path: Path, areas_in: AreasIn, *, told: str, state_after: DeliveryState
) -> None:
    server: dict[str, Any] = {
        "recognise": {"name": "PENGE_{kommune}_{maaned}_{sekvens}.csv"},
        "dialect": {"profile": "kom-csv-utf8", "sums": ["saldo"]},
    }
    whole = contract("penge", "csv", table("konto", field("konto"), field("saldo", "integer")), **server)
    write_area(tmp_path / "areas", "penge", **{"contract.yaml": whole})
    areas_in(tmp_path / "areas")
    send(state, NAME, "\ufeffKONTO;SALDO\n01;1.234\n02;-4\n".encode())
    send(state, f"{NAME}.kontrol", f"filnavn;antal;sum\n{NAME};2;{told}\n".encode())
    run(state)
    assert only(state).state is state_after


def test_the_same_again_changes_nothing_and_another_one_is_kept_apart(state: State) -> None:
    send(state, NAME, ROWS)
    send(state, f"{NAME}.kontrol", GOOD)
    run(state)
    send(state, f"{NAME}.kontrol", GOOD)
    run(state)
    assert only(state).state is DeliveryState.VALIDATED
    send(state, f"{NAME}.kontrol", GOOD.replace(b";2;", b";9;"))
    run(state)
    assert sorted(d.state for d in deliveries(state)) == [DeliveryState.QUARANTINED, DeliveryState.VALIDATED]
    assert list(state.inbox.iterdir()) == []


def test_it_is_kept_encrypted_beside_its_file(state: State) -> None:
    canary = b"Kanariefugl"
    send(state, NAME, ROWS)
    send(state, f"{NAME}.kontrol", canary + b"\n" + GOOD)
    run(state)
    kept = [f.name for f in only(state).folder.iterdir()]
    assert "companion.enc" in kept
    assert not any(canary in f.read_bytes() for f in state.root.rglob("*") if f.is_file())
    assert rotate(state) == 2
    before = only(state).manifest
    (only(state).folder / "manifest.json").unlink()
    assert [b.id for b in broken(state)] == mend(state)
    assert (only(state).manifest.awaits, only(state).manifest.faults) == ("", before.faults)


def test_it_goes_with_its_file_when_retention_is_over(state: State) -> None:
    send(state, NAME, ROWS)
    send(state, f"{NAME}.kontrol", GOOD.replace(b";2;", b";3;"))
    run(state)
    assert expire(state, date(2999, 1, 1), archive_days=1, quarantine_days=1) == [only(state).id]
    assert list(only(state).folder.glob("*.enc")) == []


class _Killed(BaseException):
    """What ends a run in the middle."""


@pytest.mark.parametrize("at", ["companion.kept", "companion.held"])
def test_a_killed_run_is_made_good_by_the_next(state: State, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    send(state, NAME, ROWS)
    run(state)
    send(state, f"{NAME}.kontrol", GOOD.replace(b"1.230,25", b"0"))

    def die(name: str) -> None:
        if name == at:
            raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(companions, "step", die)
        with pytest.raises(_Killed):
            run(state)
    run(state)
    assert only(state).state is DeliveryState.QUARANTINED
    assert [f.rule for f in report(only(state)).findings] == ["g-05-wrong-sum"]
    assert list(state.inbox.iterdir()) == []
