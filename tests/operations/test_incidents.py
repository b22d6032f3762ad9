"""Driftsinfo: what people add."""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from flis.catalog.area_file import Phrase, Product
from flis.errors import NotFoundError, StateError, UsageError
from flis.operations import Incident, StatusKind, add, close, incident, incidents, update

if TYPE_CHECKING:
    from flis.config import State

SINCE = date(2025, 10, 10)


def told(**fields: Any) -> Incident:
    given: dict[str, Any] = {
        "kind": StatusKind.FAULTY,
        "areas": ("ky",),
        "text": Phrase("Sager mangler.", "Cases missing."),
        "since": SINCE,
    }
    return Incident(**(given | fields))


def test_ids_can_be_read_and_are_never_taken_twice(state: State) -> None:
    ids = [add(state, told()).id, add(state, told()).id, add(state, told(areas=("borger_flex", "ky"))).id]
    assert ids == ["2025-10-10-ky", "2025-10-10-ky-2", "2025-10-10-borger-flex"]
    assert {i.id for i in incidents(state)} == set(ids)


def test_two_who_add_at_once_get_two_ids(state: State) -> None:
    threads = [threading.Thread(target=add, args=(state, told())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({i.id for i in incidents(state)}) == 8
    assert not list((state.operations / "incidents").glob(".*"))


def test_an_incident_holds_from_its_first_day_to_its_last(state: State) -> None:
    one = add(state, told(until=date(2025, 10, 20)))
    assert [one.open_at(date(2025, 10, d)) for d in (9, 10, 20, 21)] == [False, True, True, False]
    closed = close(state, one.id, date(2025, 10, 15))
    assert [closed.open_at(date(2025, 10, d)) for d in (10, 14, 15, 16)] == [True, True, False, False]
    assert incident(state, one.id) == closed


def test_an_update_changes_only_what_is_given(state: State) -> None:
    one = add(state, told(product=Product.DATA_PACKAGE, municipalities=("0101",), link="https://example.org/x"))
    new = update(state, one.id, municipalities=("0101", "0147"))
    assert new.municipalities == ("0101", "0147")
    assert (new.product, new.link, new.text, new.since) == (one.product, one.link, one.text, one.since)


def test_the_notice_links_to_its_own_page_where_no_other_is_given(state: State) -> None:
    one = add(state, told())
    assert one.notice.link == "/drift/2025-10-10-ky"
    assert add(state, told(link="/x")).notice.link == "/x"


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"areas": ("kyy",)}, NotFoundError, "no data area kyy"),
        ({"areas": ()}, UsageError, "at least one area"),
        ({"municipalities": ("9999",)}, NotFoundError, "no municipality 9999"),
        ({"text": Phrase("Kun dansk", " ")}, UsageError, "one in English"),
        ({"link": "javascript:alert(1)"}, UsageError, "link"),
        ({"until": date(2025, 10, 9)}, UsageError, "before it begins"),
    ],
)
def test_what_makes_no_sense_is_refused(
    state: State, fields: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        add(state, told(**fields))
    assert incidents(state) == []


def test_an_unknown_or_damaged_incident_is_said(state: State) -> None:
    add(state, told())
    with pytest.raises(NotFoundError, match="Did you mean 2025-10-10-ky"):
        close(state, "2025-10-11-ky", SINCE)
    with pytest.raises(UsageError, match="before it begins"):
        close(state, "2025-10-10-ky", date(2025, 10, 1))
    (state.operations / "incidents" / "2025-10-10-ky.json").write_bytes(b"{")
    with pytest.raises(StateError, match="2025-10-10-ky is damaged"):
        incidents(state)
