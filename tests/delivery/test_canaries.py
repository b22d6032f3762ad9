"""After intake no person number, name or address lies in the clear anywhere under the state folder."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from flis import operations
from flis.delivery import DeliveryState, deliveries, inbox, receive
from flis.validation import judge, page, report
from tests.delivery import extracts
from tests.delivery.extracts import FIRST_NAME, LAST_NAME, STREET, day, extract, person_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State

CANARIES = [FIRST_NAME, LAST_NAME, STREET, *(person_number(n) for n in range(10))]
ENCODINGS = ("latin-1", "utf-8", "utf-16-le", "utf-16-be")


def fill(state: State) -> None:
    """One delivery in every state, and every fault."""
    state.inbox.mkdir(parents=True)
    good = extract(day(2), day(1), persons=range(10))
    sent = [extract(day(1), None, persons=range(10)), extract(day(9), day(8)), *(f(good) for f in extracts.REFUSED)]
    sent += [extracts.error_records(good), good, good.replace(b"01", b"03"), FIRST_NAME.encode() + good]
    for number, content in enumerate(sent):
        (state.inbox / f"{FIRST_NAME} {number} {person_number(1)}.{LAST_NAME}").write_bytes(content)
        for file in inbox(state):
            judge(state, receive(state, file))


def clear_texts(state: State) -> Iterator[tuple[str, bytes]]:
    """Every file under the state folder but encrypted ones, as raw bytes; Parquet also unpacked."""
    for file in state.root.rglob("*"):
        if file.is_file() and file.suffix != ".enc":
            yield file.name, file.read_bytes()
        if file.suffix == ".parquet":
            unpacked = io.StringIO()
            for column in pq.read_table(file).columns:
                unpacked.write(repr(column.to_pylist()))
            yield file.name, unpacked.getvalue().encode()
        yield "name", file.name.encode()


@pytest.fixture
def filled(state: State) -> State:
    fill(state)
    operations.status(state, day(2))
    return state


def test_nothing_lies_in_the_clear(filled: State) -> None:
    assert {d.state for d in deliveries(filled)} >= {
        DeliveryState.VALIDATED,
        DeliveryState.WAITING,
        DeliveryState.QUARANTINED,
        DeliveryState.SUPERSEDED,
    }
    assert inbox(filled) == []
    for name, content in clear_texts(filled):
        for canary in CANARIES:
            for encoding in ENCODINGS:
                assert canary.encode(encoding) not in content, f"{name} holds a canary"


def test_encrypted_files_hold_no_canary_either(filled: State) -> None:
    for file in filled.root.rglob("*.enc"):
        content = file.read_bytes()
        assert not any(c.encode(e) in content for c in CANARIES for e in ENCODINGS)


def test_reports_pages_and_overview_hold_none(filled: State) -> None:
    told = [page(report(d), language) for d in deliveries(filled) for language in ("da", "en")]
    told.append(repr(operations.as_json(operations.status(filled, day(2)))))
    for text in told:
        assert not any(canary in text for canary in CANARIES)


def test_the_canaries_would_be_found(filled: State) -> None:
    """The search is no empty one: the canaries are in the files that were sent."""
    (filled.root / "leak").write_bytes(extract(day(1), None))
    found = b"".join(content for _, content in clear_texts(filled))
    assert all(canary.encode("latin-1") in found for canary in CANARIES[:5])
