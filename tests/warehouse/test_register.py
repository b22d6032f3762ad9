"""Persons of a delivery are looked up in the register of persons when it is loaded (g-15)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.delivery import deliveries, receive
from flis.validation import report, settle
from flis.warehouse import load
from tests.delivery.extracts import person_number
from tests.leakage.canaries import PERSONS, delivery
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table
from tests.warehouse.arrange import new_state

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

AREA = "haver"
STRANGER = 77
KEPT = """\
-- Visits to a garden.
-- in besoeg: kommune VARCHAR, maaned DATE, person BLOB, dag DATE
-- out besoegt: kommune VARCHAR, maaned DATE, person BLOB, dag DATE
-- kind kept
SELECT kommune, maaned, person, dag
FROM besoeg
"""


@pytest.fixture
def state(tmp_path: Path, areas_in: AreasIn) -> State:
    """A state in a process that knows an area with persons."""
    visits = table("besoeg", field("person", classification="pseudonym"), field("dag", "date"))
    text = contract(
        AREA, "csv", visits, part=["kommune", "maaned"],
        recognise={"name": "HAVER_{kommune}_{maaned}_{sekvens}.csv"}, dialect={"profile": "kom-csv", "end": ""},
    )  # fmt: skip
    write_area(tmp_path / "areas", AREA, **{"contract.yaml": text, "steps/besoegt.sql": KEPT})
    areas_in(tmp_path / "areas")
    return new_state(tmp_path / "state")


def register(state: State, folder: Path) -> None:
    """Have the register know some persons."""
    file = folder / "D250801.L000001"
    file.write_bytes(delivery(date(2025, 8, 1), None))
    receive(state, file)
    settle(state)
    assert len(load(state)) == 1


def found(state: State, folder: Path, strangers: int, rows: int = 300) -> list[tuple[str, str]]:
    """What is found in a delivery with so many rows about persons whom nobody knows."""
    known = [person_number(PERSONS[n % len(PERSONS)]) for n in range(rows - strangers)]
    lines = [f"{number};02-08-2025" for number in [*known, *[person_number(STRANGER)] * strangers]]
    # a row without a person is nobody's
    file = folder / "HAVER_0101_202508_1.csv"
    file.write_text("PERSON;DAG\r\n" + "".join(f"{line}\r\n" for line in [*lines, ";03-08-2025"]), "latin-1")
    receive(state, file)
    settle(state)
    assert len(load(state, AREA)) == 1
    (one,) = [d for d in deliveries(state) if d.manifest.area == AREA]
    return [(f.rule, f.message_en) for f in report(one).findings]


def test_who_is_known_is_no_finding(state: State, tmp_path: Path) -> None:
    register(state, tmp_path)
    assert found(state, tmp_path, 0) == []


@pytest.mark.parametrize(
    ("strangers", "rule", "percent"), [(3, "g-15-person-unknown", "1.0"), (4, "g-15-many-persons-unknown", "1.3")]
)
def test_strangers_are_counted(state: State, tmp_path: Path, strangers: int, rule: str, percent: str) -> None:
    register(state, tmp_path)
    message = f"{strangers} rows ({percent} %) have a person whom the register of persons does not know."
    assert found(state, tmp_path, strangers) == [(rule, message)]


def test_without_a_register_nobody_is_looked_up(state: State, tmp_path: Path) -> None:
    assert [rule for rule, _ in found(state, tmp_path, 4)] == ["g-15-no-register"]
