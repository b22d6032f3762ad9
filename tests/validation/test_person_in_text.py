"""A person number in a field for something else holds its row back, wherever in the text it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from flis.config import State
from flis.delivery import deliveries, receive
from flis.validation import settle
from flis.validation.reports import report
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

HEADER = "BORGER;NOTE;ENHED;ART"
PERSONS = (
    "0101901234",
    "010190-1234",
    "010190 1234",
    "ring 290200-4321 i morgen",
    "(3112991234)",
    "cpr:3006801111,mor",
)
OTHERS = (
    "1234567890",  # no month
    "3102901234",  # no such day
    "3111901234",
    "0001901234",
    "01019012345",  # an account of eleven digits
    "010190123",
    "12345678",  # a company
    "2025-01-01 12:30",
    "010190-12345",
    "d5c0101901234f1a"[:4] + "9" + "0101901234",
)


@pytest.fixture
def state(tmp_path: Path, areas_in: AreasIn) -> State:
    visits = table(
        "besoeg",
        field("borger", classification="pseudonym"),
        field("note"),
        field("enhed", ten_digits="P-nummer"),
        field("art", codes="art"),
    )
    made = contract(
        "haver",
        "csv",
        visits,
        recognise={"name": "HAVER_{kommune}_{maaned}_{sekvens}.csv"},
        dialect={"delimiter": ";"},
        part=["kommune", "maaned"],
        held=0.9,
    )
    codes = "code,valid_from,valid_to,da,en\n1010901234,,,Art,Kind\n"
    write_area(tmp_path / "areas", "haver", **{"contract.yaml": made, "codes/art.csv": codes})
    areas_in(tmp_path / "areas")
    state = State(tmp_path / "state", tmp_path / "state" / "keys")
    state.inbox.mkdir(parents=True)
    return state


def test_its_row_is_held_and_no_value_is_told(state: State) -> None:
    notes = [text for pair in zip(PERSONS, OTHERS, strict=False) for text in pair] + list(OTHERS[len(PERSONS) :])
    lines = [HEADER, *(f"0101901234;{note};1003278456;1010901234" for note in notes)]
    file = state.inbox / "HAVER_0101_202508_1.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    receive(state, file)
    settle(state)
    (delivery,) = deliveries(state)
    (records,) = delivery.records.values()
    kept = pq.read_table(records)
    assert kept["note"].to_pylist() == list(OTHERS)
    assert set(kept["enhed"].to_pylist()) == {"1003278456"}, "the contract says what its numbers are"
    assert set(kept["art"].to_pylist()) == {"1010901234"}, "a code that the list has"
    told = [f for f in report(delivery).findings if f.rule == "g-14-person-in-text"]
    assert [(f.record, f.field) for f in told] == [(1 + 2 * n, "NOTE") for n in range(len(PERSONS))]
    for written in delivery.folder.rglob("*"):
        if written.is_file() and written.suffix in {".json", ".parquet"}:
            assert not any(text.encode() in written.read_bytes() for text in PERSONS[1:])  # the first begins an account
