"""A file of any format goes from the inbox to a judged delivery, and leaves nothing of a person in the clear."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from flis.delivery import DeliveryState, deliveries, inbox, receive
from flis.validation import page, report, settle
from tests.delivery.readers.formats import NAMES, TEXTS, WRITERS, Home, Visit
from tests.made_areas import write_area

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.delivery import Delivery
    from tests.made_areas import AreasIn

PEOPLE = ("0101900010", "0202900011", "0303900012")
CANARY = "Kanariefugl"
HOMES = tuple(
    Home(person, "Åse", date(2025, 1, 31), 3, own=True, visits=(Visit("bad", Decimal("12.50")),)) for person in PEOPLE
)
FAULTS = {
    "kom-csv": (b"31-01-2025", CANARY.encode()),
    "kom-csv-utf8": (b"2025-01-31", CANARY.encode()),
    "fixed": (b"20250131", CANARY[:8].encode()),
    "xml": (b"2025-01-31", CANARY.encode()),
    "json": (b"2025-01-31", CANARY.encode()),
    "ndjson": (b"2025-01-31", CANARY.encode()),
}
"""What makes a value of the first home unreadable."""


@pytest.fixture(params=WRITERS)
def form(request: pytest.FixtureRequest, tmp_path: Path, areas_in: AreasIn) -> str:
    write_area(tmp_path / "areas", "hjem", **{"contract.yaml": TEXTS[request.param]})
    areas_in(tmp_path / "areas")
    return str(request.param)


def put(state: State, name: str, content: bytes) -> Delivery:
    state.inbox.mkdir(parents=True, exist_ok=True)
    (state.inbox / name).write_bytes(content)
    taken = receive(state, state.inbox / name)
    settle(state)
    return next(d for d in deliveries(state) if d.id == taken.id)


def test_a_file_becomes_rows(state: State, form: str) -> None:
    delivery = put(state, NAMES[form], WRITERS[form](HOMES))
    manifest = delivery.manifest
    assert (delivery.state, [f.rule for f in report(delivery).findings]) == (DeliveryState.VALIDATED, [])
    assert (manifest.area, manifest.sender, manifest.period, manifest.number) == ("hjem", "0101", "2025-08", 1)
    assert pq.read_table(delivery.records["hjem"]).num_rows == len(HOMES)
    assert inbox(state) == []


def test_nothing_of_a_person_is_left(state: State, form: str, caplog: pytest.LogCaptureFixture) -> None:
    old, new = FAULTS[form]
    delivery = put(state, NAMES[form], WRITERS[form](HOMES).replace(old, new, 1))
    refused = put(state, NAMES[form].replace("_1.", "_2."), WRITERS[form](HOMES)[:-40].replace(old, new, 1))
    assert "g-12-type" in [f.rule for f in report(delivery).findings]
    assert not refused.state.accepted or form == "kom-csv-utf8"
    told = [caplog.text, *(page(report(d), "da") for d in (delivery, refused))]
    for file in state.root.rglob("*"):
        told.append(file.name)
        if file.is_file() and file.suffix != ".enc":
            told.append(file.read_bytes().decode("latin-1"))
        if file.suffix == ".parquet":
            unpacked = io.StringIO()
            for column in pq.read_table(file).columns:
                unpacked.write(repr(column.to_pylist()))
            told.append(unpacked.getvalue())
    for secret in (*PEOPLE, CANARY, CANARY[:8]):
        assert not any(secret in text for text in told)
