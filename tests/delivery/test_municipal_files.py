"""From a municipality's file to a judged delivery, for an area that no code knows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from flis.cli.deliveries import deliveries as listed
from flis.delivery import DeliveryState, broken, deliveries, inbox, mend, person_key, receive
from flis.delivery.readers.cpr.defects import DefectKind
from flis.delivery.readers.cpr.hashes import person_hash
from flis.delivery.readers.notice_kinds import NoticeKind
from flis.errors import DeliveryError
from flis.validation import needed, report, settle
from tests.delivery.extracts import person_number
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.delivery import Delivery
    from tests.made_areas import AreasIn

VISITS = table(
    "besoeg",
    field("person", classification="pseudonym", required=True),
    field("ydelse", required=True),
    field("dag", "date"),
    field("timer", "number", physicalType="DECIMAL(8,2)"),
)
HEADER = "PERSON;YDELSE;DAG;TIMER"
CANARY = "Kanariefugl"


@pytest.fixture(autouse=True)
def area(tmp_path: Path, areas_in: AreasIn) -> Path:
    server: dict[str, Any] = {
        "recognise": {"name": "HAVER_{kommune}_{maaned}_{sekvens}.csv"},
        "dialect": {"profile": "kom-csv", "sums": ["timer"]},
        "part": ["kommune", "maaned"],
        "held": 0.5,
    }
    text = contract("haver", "csv", VISITS, **server)
    folder = write_area(tmp_path / "areas", "haver", **{"contract.yaml": text})
    areas_in(tmp_path / "areas")
    return folder


def rows(*cells: str, total: str = "3,50") -> bytes:
    lines = [HEADER, *cells, f"SLUT;{len(cells)};{total}"]
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


GOOD = (f"{person_number(1)};hæk;01-08-2025;1,25", f"{person_number(2)};græs;31-08-2025;2,25")


def put(state: State, name: str, content: bytes) -> Delivery:
    state.inbox.mkdir(parents=True, exist_ok=True)
    (state.inbox / name).write_bytes(content)
    taken = receive(state, state.inbox / name)
    settle(state)
    return next(d for d in deliveries(state) if d.id == taken.id)


def rules(delivery: Delivery) -> list[str]:
    return [f.rule for f in report(delivery).findings]


def test_a_file_becomes_typed_rows_of_its_municipality_and_month(state: State) -> None:
    delivery = put(state, "HAVER_0101_202508_1.csv", rows(*GOOD))
    manifest = delivery.manifest
    assert (delivery.state, rules(delivery)) == (DeliveryState.VALIDATED, [])
    assert (manifest.area, manifest.interface, manifest.sender) == ("haver", "haver-csv/1", "0101")
    assert (manifest.period, manifest.number, manifest.file) == ("2025-08", 1, "HAVER_0101_202508_1.csv")
    assert delivery.id.startswith("haver-csv-0101-202508-1-")
    found = pq.read_table(delivery.records["besoeg"]).to_pylist()
    key = person_key(state)
    assert [r["person"] for r in found] == [person_hash(person_number(n), key) for n in (1, 2)]
    assert [(r["ydelse"], r["dag"].isoformat(), r["timer"]) for r in found] == [
        ("hæk", "2025-08-01", Decimal("1.25")),
        ("græs", "2025-08-31", Decimal("2.25")),
    ]
    assert {(r["kommune"], r["maaned"].isoformat()) for r in found} == {("0101", "2025-08-01")}
    assert inbox(state) == []


def test_the_list_tells_interface_sender_period_and_sequence(state: State) -> None:
    put(state, "HAVER_0101_202508_2.csv", rows(*GOOD))
    shown = CliRunner().invoke(listed, ["list", "--state", str(state.root), "--json"])
    (row,) = json.loads(shown.output)
    assert (row["interface"], row["sender"], row["period"], row["sequence"]) == ("haver-csv/1", "0101", "2025-08", 2)
    assert row["arrived"]


def test_no_person_number_and_no_value_leaves_the_reader(state: State) -> None:
    bad = f"{person_number(3)};{CANARY};32-08-2025;x{person_number(4)}"
    delivery = put(state, "HAVER_0101_202508_1.csv", rows(*GOOD, bad))
    assert delivery.state is DeliveryState.VALIDATED
    kept = b"".join(f.read_bytes() for f in state.deliveries.rglob("*") if f.is_file() and f.suffix != ".enc")
    for n in range(1, 5):
        assert person_number(n).encode() not in kept
    assert CANARY.encode() not in kept


def test_a_faulty_row_is_held_and_the_others_go_on(state: State) -> None:
    faulty = (
        f"{person_number(3)};hæk;31-02-2025;0,00",
        f"{person_number(4)};;01-08-2025;0,00",
        "123;hæk;01-08-2025;0,00",
        f"{person_number(5)};hæk;01-08-2025;1,2,3",
        f"{person_number(6)};hæk",
    )
    good = tuple(f"{person_number(n)};hæk;01-08-2025;0,50" for n in range(10, 17))
    delivery = put(state, "HAVER_0101_202508_1.csv", rows(*faulty, *good))
    assert delivery.state is DeliveryState.VALIDATED
    assert sorted(rules(delivery)) == [
        "g-11-required-empty",
        "g-12-type",
        "g-12-type",
        "g-14-person-number",
        "row-length",
    ]
    spots = {(f.rule, f.record, f.field) for f in report(delivery).findings}
    assert {("g-12-type", 1, "DAG"), ("g-11-required-empty", 2, "YDELSE"), ("g-14-person-number", 3, "PERSON")} <= spots
    assert {("g-12-type", 4, "TIMER"), ("row-length", 5, "")} <= spots
    found = pq.read_table(delivery.records["besoeg"])
    assert found["ordinal"].to_pylist() == list(range(6, 13))
    held = pq.read_table(delivery.folder / "held.parquet").to_pylist()
    assert sorted((r["ordinal"], r["kind"]) for r in held) == [
        (1, "type"), (2, "required"), (3, "person-number"), (4, "type"), (5, "row-length"),
    ]  # fmt: skip


def test_more_faulty_rows_than_the_contract_allows_refuse_the_file(state: State) -> None:
    faulty = [f"{person_number(n)};;01-08-2025;0,50" for n in range(10, 17)]
    delivery = put(state, "HAVER_0101_202508_1.csv", rows(*faulty))
    assert delivery.state is DeliveryState.QUARANTINED
    assert "row-held-too-many" in rules(delivery)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (rows(*GOOD).replace("æ".encode("latin-1"), "æ".encode()), "g-01-encoding"),
        (b"\xef\xbb\xbf" + rows(*GOOD), "g-01-encoding"),
        (rows(*GOOD).replace(b"TIMER", b"TIMR"), "g-02-column-missing"),
        (rows(*GOOD)[:-15], "g-05-end-missing"),
        (rows(*GOOD).replace(b"SLUT;2", b"SLUT;3"), "g-05-wrong-count"),
        (rows(*GOOD, total="3,51"), "g-05-wrong-sum"),
        (rows(*GOOD, total=""), "g-05-wrong-sum"),
    ],
)
def test_a_file_that_is_not_as_the_contract_says_is_refused(state: State, content: bytes, rule: str) -> None:
    delivery = put(state, "HAVER_0101_202508_1.csv", content)
    assert delivery.state is DeliveryState.QUARANTINED
    assert rule in rules(delivery)
    assert delivery.records == {}
    # it holds back itself and nothing else
    assert put(state, "HAVER_0147_202508_1.csv", rows(*GOOD)).state is DeliveryState.VALIDATED
    assert needed(state) == []


def test_an_added_column_is_a_warning(state: State) -> None:
    wider = rows(*GOOD).replace(b"TIMER", b"TIMER;NYT").replace(b",25\r", b",25;1\r")
    delivery = put(state, "HAVER_0101_202508_1.csv", wider)
    assert (delivery.state, rules(delivery)) == (DeliveryState.VALIDATED, ["g-03-column-added"])


def test_the_same_file_again_changes_nothing(state: State) -> None:
    put(state, "HAVER_0101_202508_1.csv", rows(*GOOD))
    again = put(state, "HAVER_0101_202508_1.csv", rows(*GOOD))
    assert len(deliveries(state)) == 1
    assert again.state is DeliveryState.VALIDATED


def test_other_bytes_of_a_period_need_a_higher_sequence(state: State) -> None:
    put(state, "HAVER_0101_202508_1.csv", rows(*GOOD))
    other = rows(GOOD[0], total="1,25")
    refused = put(state, "HAVER_0101_202508_1.CSV", other)
    assert (refused.state, rules(refused)) == (DeliveryState.QUARANTINED, ["g-08-sequence-not-higher"])
    higher = rows(GOOD[1], total="2,25")
    assert put(state, "HAVER_0101_202508_2.csv", higher).state is DeliveryState.VALIDATED
    assert put(state, "HAVER_0101_202507_1.csv", rows(total="0")).state is DeliveryState.VALIDATED


def test_a_refused_file_is_superseded_by_a_sound_one_of_its_period(state: State) -> None:
    refused = put(state, "HAVER_0101_202508_1.csv", rows(*GOOD, total="9"))
    assert refused.state is DeliveryState.QUARANTINED
    put(state, "HAVER_0101_202508_2.csv", rows(*GOOD))
    assert [d.state for d in deliveries(state) if d.id == refused.id] == [DeliveryState.SUPERSEDED]


def test_only_the_senders_of_the_area_may_deliver(state: State, area: Path) -> None:
    (area / "senders.csv").write_text(
        "kom,interface,valid_from,valid_to\n0101,haver-csv/1,2025-08-01,\n0147,haver-csv/1,2020-01-01,2025-07-31\n"
    )
    assert put(state, "HAVER_0101_202508_1.csv", rows(*GOOD)).state is DeliveryState.VALIDATED
    for name in ("HAVER_0101_202507_1.csv", "HAVER_0147_202508_1.csv", "HAVER_0201_202508_1.csv"):
        content = rows(GOOD[0], total="1,25") + b"\r\n" * len(deliveries(state))
        refused = put(state, name, content)
        assert (refused.state, rules(refused)) == (DeliveryState.QUARANTINED, ["g-07-sender-not-allowed"]), name


def test_no_rows_where_there_were_many_are_a_warning(state: State) -> None:
    many = [f"{person_number(n)};hæk;01-08-2025;0,50" for n in range(30)]
    put(state, "HAVER_0101_202507_1.csv", rows(*many, total="15"))
    assert rules(put(state, "HAVER_0101_202508_1.csv", rows(total="0"))) == ["g-19-no-rows"]


def test_a_file_that_no_contract_knows_is_told_what_was_tried(state: State, tmp_path: Path) -> None:
    file = tmp_path / "HAVER_0101.csv"
    file.write_bytes(rows(*GOOD))
    with pytest.raises(DeliveryError) as problem:
        receive(state, file)
    assert "HAVER_{kommune}_{maaned}_{sekvens}.csv" in problem.value.hint


@pytest.mark.parametrize("name", ["HAVER_0101_202513_1.csv", "HAVER_0101_202500_1.csv"])
def test_a_month_that_no_calendar_has_refuses_the_file(state: State, name: str) -> None:
    delivery = put(state, name, rows(*GOOD))
    assert delivery.state is DeliveryState.QUARANTINED
    assert "g-06-no-such-day" in rules(delivery)
    assert put(state, "HAVER_0147_202508_1.csv", rows(GOOD[0], total="1,25")).state is DeliveryState.VALIDATED


def test_a_read_out_day_that_no_calendar_has_refuses_the_file(state: State, tmp_path: Path, areas_in: AreasIn) -> None:
    server: dict[str, Any] = {
        "recognise": {"name": "HAVER_{kommune}_{maaned}_{udtraek}.csv"},
        "dialect": {"profile": "kom-csv", "sums": ["timer"]},
        "part": ["kommune", "maaned"],
    }
    write_area(tmp_path / "areas", "haver", **{"contract.yaml": contract("haver", "csv", VISITS, **server)})
    areas_in(tmp_path / "areas")
    assert put(state, "HAVER_0101_202508_20250905.csv", rows(*GOOD)).state is DeliveryState.VALIDATED
    delivery = put(state, "HAVER_0147_202508_20250931.csv", rows(GOOD[0], total="1,25"))
    assert delivery.state is DeliveryState.QUARANTINED
    assert "g-06-no-such-day" in rules(delivery)


def test_a_lost_manifest_is_written_anew(state: State) -> None:
    before = put(state, "HAVER_0101_202508_1.csv", rows(*GOOD))
    (before.folder / "manifest.json").unlink()
    assert [b.id for b in broken(state)] == [before.id]
    assert mend(state) == [before.id]
    (after,) = deliveries(state)
    told = ("area", "interface", "sender", "period", "number", "sha256", "records", "types")
    assert [getattr(after.manifest, n) for n in told] == [getattr(before.manifest, n) for n in told]


def test_faults_of_cpr_and_of_other_files_are_never_mistaken() -> None:
    assert not {k.value for k in NoticeKind} & {k.value for k in DefectKind}
