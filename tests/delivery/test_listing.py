"""The list of deliveries: in their order, and byte for byte as JSON of the standard library."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from flis.delivery import DeliveryState, deliveries, receive
from flis.delivery.listing import ListedDelivery, as_json, listed
from flis.validation import settle
from tests.delivery.extracts import day, extract, truncated

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State


def test_it_tells_what_the_deliveries_tell_in_their_order(state: State, tmp_path: Path) -> None:
    contents = [extract(day(n), day(n - 1) if n > 1 else None) for n in (3, 1, 2, 5)]
    for content in [*contents, truncated(contents[0])]:
        (tmp_path / "file").write_bytes(content)
        receive(state, tmp_path / "file")
    settle(state)
    expected = [
        {
            "id": d.id,
            "area": d.manifest.area,
            "interface": d.manifest.interface,
            "sender": d.manifest.sender,
            "period": d.manifest.period,
            "sequence": d.manifest.number,
            "arrived": d.manifest.received.isoformat(),
            "state": d.state.value,
            "produced": d.manifest.produced,
            "previous": d.manifest.previous,
            "records": d.manifest.records,
            "persons": d.manifest.persons,
            "warnings": d.manifest.findings.warning,
            "errors": d.manifest.findings.fatal + d.manifest.findings.error,
        }
        for d in deliveries(state)
    ]
    assert len({row["state"] for row in expected}) > 2
    assert as_json(listed(state)) == json.dumps(expected, ensure_ascii=False, indent=1, default=str)
    refused = [row for row in expected if row["state"] == "quarantined"]
    assert [row.id for row in listed(state, DeliveryState.QUARANTINED)] == [row["id"] for row in refused]


texts = st.text(st.characters(exclude_categories=["Cs"]))
rows = st.builds(
    ListedDelivery,
    *(texts for _ in range(5)),
    st.integers(0, 10**9),
    texts,
    texts,
    st.none() | texts,
    st.none() | texts,
    *(st.integers(0, 10**9) for _ in range(4)),
)


@given(st.lists(rows, max_size=3))
def test_any_text_is_written_as_by_the_standard_library(found: list[ListedDelivery]) -> None:
    plain = [msgspec.structs.asdict(row) for row in found]
    assert as_json(found) == json.dumps(plain, ensure_ascii=False, indent=1)
