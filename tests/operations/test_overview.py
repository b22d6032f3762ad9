"""The overview says what is, from deliveries, releases and incidents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from flis import operations
from flis.catalog.area_file import Phrase, Product, areas
from flis.delivery import DeliveryState, advance, receive
from flis.operations import (
    AreaEvent,
    AreaStatus,
    Change,
    Incident,
    StatusKind,
    area_states,
    as_json,
    record,
    status,
    stop,
)
from flis.release.publishing import point
from flis.validation import Load, judge, weigh
from tests.delivery import extracts
from tests.delivery.extracts import day, extract
from tests.release.sample import publish_tree, tree

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.delivery import Delivery

TODAY = date(2022, 1, 12)  # a Wednesday


class Sender:
    def __init__(self, state: State, folder: Path) -> None:
        self.state, self.folder = state, folder

    def sends(self, content: bytes) -> Delivery:
        (self.folder / "file").write_bytes(content)
        return judge(self.state, receive(self.state, self.folder / "file"))


@pytest.fixture
def sender(state: State, tmp_path: Path) -> Sender:
    stop(state, TODAY)
    return Sender(state, tmp_path)


def row(state: State, name: str, at: date | None = TODAY) -> AreaStatus:
    return next(r for r in status(state, at).areas if r.area.id == name)


def kinds(state: State, name: str, at: date | None = TODAY) -> list[StatusKind]:
    return [n.kind for n in row(state, name, at).states]


def released(state: State, number: int, through: date) -> None:
    publish_tree(state, number, tree({}, through, through), datetime(2022, 1, 1, tzinfo=UTC))


def test_an_empty_installation_awaits_all_deliveries(state: State) -> None:
    overview = status(state, TODAY)
    assert [r.area for r in overview.areas] == list(areas())
    assert all(r.data_through is None and [n.kind for n in r.states] == [StatusKind.PENDING] for r in overview.areas)


def test_the_json_shape(state: State) -> None:
    shown = as_json(status(state, TODAY))
    assert shown["at"] == "2022-01-12"
    first = shown["areas"][0]
    assert {"id", "name", "group", "frequency", "data_through", "source", "states"} <= first.keys()
    assert (first["id"], first["name"], first["group"], first["source"]) == (
        "borger",
        "Borger",
        "Tværgående",
        "CPR-registret",
    )
    assert {"kind", "product", "municipalities", "text"} <= first["states"][0].keys()
    assert first["data_through"] is None


def test_data_through_comes_from_releases_alone(sender: Sender) -> None:
    sender.sends(extract(date(2022, 1, 11), None))
    assert row(sender.state, "ukraine").data_through is None
    released(sender.state, 1, date(2022, 1, 10))
    released(sender.state, 2, date(2022, 1, 11))
    assert row(sender.state, "ukraine").data_through == date(2022, 1, 11)
    assert kinds(sender.state, "ukraine") == [StatusKind.AS_PLANNED]
    assert row(sender.state, "borger").data_through is None
    assert row(sender.state, "ukraine", date(2022, 1, 10)).data_through == date(2022, 1, 10)
    point(sender.state, 1, 2, datetime.now(UTC))
    assert row(sender.state, "ukraine").data_through == date(2022, 1, 10)
    assert row(sender.state, "ukraine", None).data_through == date(2022, 1, 10)


def test_late_is_what_ends_before_the_calendar_expects(sender: Sender) -> None:
    released(sender.state, 1, date(2022, 1, 7))  # a Friday
    assert kinds(sender.state, "ukraine", date(2022, 1, 10)) == [StatusKind.AS_PLANNED]
    assert kinds(sender.state, "ukraine", date(2022, 1, 11)) == [StatusKind.LATE]
    text = row(sender.state, "ukraine", date(2022, 1, 11)).states[0].text
    assert "2022-01-10" in text.da
    assert "2022-01-07" in text.da


def test_an_area_that_is_retired_is_not_late(sender: Sender) -> None:
    released(sender.state, 1, date(2022, 1, 7))
    text = Phrase("Udgået.", "Gone.")
    record(sender.state, AreaEvent(area="ukraine", change=Change.RETIRE, since=date(2022, 1, 11), text=text))
    assert kinds(sender.state, "ukraine", date(2022, 1, 11)) == [StatusKind.RETIRED]


def test_deliveries_are_counted_under_their_area(sender: Sender) -> None:
    assert sender.sends(extract(day(1), None)).state is DeliveryState.VALIDATED
    assert sender.sends(extract(day(2), day(1))[:-30]).state is DeliveryState.QUARANTINED
    counts = {a.area.id: (a.loaded, a.waiting, a.quarantined) for a in area_states(sender.state)}
    assert counts["borger"] == counts["ukraine"]
    assert counts["borger"] == (0, 1, 1)
    assert counts["ky"] == (0, 0, 0)


def test_what_is_received_but_not_published_is_not_late_at_its_source(sender: Sender) -> None:
    released(sender.state, 1, date(2022, 1, 7))
    sender.sends(extract(date(2022, 1, 11), None))
    (notice,) = row(sender.state, "ukraine").states
    assert notice.kind is StatusKind.AS_PLANNED
    assert "2022-01-11 er modtaget, ikke udgivet endnu." in notice.text.da
    assert "2022-01-11 is received, not published yet." in notice.text.en
    late = row(sender.state, "ukraine", date(2022, 1, 14)).states
    assert [n.kind for n in late] == [StatusKind.AS_PLANNED, StatusKind.LATE]
    assert "slutter 2022-01-11" in late[1].text.da


def test_a_rollback_does_not_make_the_source_late(sender: Sender) -> None:
    sender.sends(extract(date(2022, 1, 11), None))
    released(sender.state, 1, date(2022, 1, 7))
    released(sender.state, 2, date(2022, 1, 11))
    planned = row(sender.state, "ukraine").states[0]
    assert planned.text == StatusKind.AS_PLANNED.text
    point(sender.state, 1, 2, datetime(2022, 1, 12, 9, tzinfo=UTC))
    earlier, notice = row(sender.state, "ukraine").states
    assert earlier.kind is StatusKind.SET_BACK
    assert "vises siden 2022-01-12 i stedet for udgivelse 2. Der er ikke angivet en årsag." in earlier.text.da
    assert "modtaget, ikke udgivet endnu" in notice.text.da
    assert as_json(status(sender.state, TODAY))["release"] == 1


def test_before_noon_today_is_not_late_yet(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    released(sender.state, 1, date(2022, 1, 10))
    monkeypatch.setattr("flis.operations.overview.is_morning", lambda: True)
    assert kinds(sender.state, "ukraine", None) == [StatusKind.AS_PLANNED]
    monkeypatch.setattr("flis.operations.overview.is_morning", lambda: False)
    assert kinds(sender.state, "ukraine", None) == [StatusKind.LATE]


def test_refused_deliveries_show_until_a_good_one_comes(sender: Sender) -> None:
    sender.sends(extract(day(1), None))
    good = extract(day(2), day(1))
    refused = sender.sends(extracts.truncated(good))
    for name in ("borger", "ukraine"):
        notice = row(sender.state, name).states[0]
        assert (notice.kind, notice.delivery) == (StatusKind.FAULTY, refused.id)
        assert "2022-01-04" in notice.text.da
    assert StatusKind.FAULTY not in kinds(sender.state, "aula")
    sender.sends(good)
    assert StatusKind.FAULTY not in kinds(sender.state, "borger")


def test_waiting_deliveries_say_what_is_missing(sender: Sender) -> None:
    sender.sends(extract(day(1), None))
    sender.sends(extract(day(3), day(2)))
    sender.sends(extract(day(4), day(3)))
    (notice,) = (n for n in row(sender.state, "ukraine").states if n.kind is StatusKind.PART_MISSING)
    assert notice.text.da == "Leveringen med produktionsdato 2022-01-04 mangler; 2 venter på den."
    sender.sends(extract(day(2), day(1)))
    assert StatusKind.PART_MISSING not in kinds(sender.state, "ukraine")


def test_warnings_reach_the_overview_for_a_week(sender: Sender) -> None:
    first = sender.sends(extracts.error_records(extract(day(1), None), 3))
    load = Load(before={"0101": 50, "0461": 50}, after={"0101": 40, "0461": 30}, corrected=100)
    advance(sender.state, weigh(sender.state, first, load), DeliveryState.LOADED)
    found = {n.kind: n for n in row(sender.state, "ukraine").states}
    assert "(3 ×)" in found[StatusKind.FAULTY].text.en
    assert found[StatusKind.PART_MISSING].municipalities == ("0101", "0461")
    assert "København" in found[StatusKind.PART_MISSING].text.da
    assert "100" in found[StatusKind.AS_PLANNED].text.da
    assert StatusKind.LATE not in found
    previous = day(1)
    for n in range(2, 9):
        sender.sends(extract(day(n), previous))
        previous = day(n)
        assert (StatusKind.FAULTY in kinds(sender.state, "ukraine")) is (n < 8)


def test_the_overview_of_a_day_knows_nothing_later(sender: Sender) -> None:
    sender.sends(extract(day(1), None))
    sender.sends(extracts.truncated(extract(day(3), day(2))))
    assert StatusKind.FAULTY not in kinds(sender.state, "borger", day(2))
    assert StatusKind.FAULTY in kinds(sender.state, "borger", day(3))


OVERVIEW: dict[str, dict[str, Any]] = {
    "okonomi": {"kind": StatusKind.FAULTY, "municipalities": ("0101",), "period": "2025"},
    "krl": {"kind": StatusKind.LATE},
    "skole": {"kind": StatusKind.PART_MISSING},
    "fsiii": {"kind": StatusKind.PART_MISSING, "link": "/drift/trifork"},
    "vh": {"kind": StatusKind.BENCHMARK, "product": Product.BENCHMARK},
    "aeldre": {"kind": StatusKind.RETIRED, "product": Product.DAP_CUBE},
    "ky": {"kind": StatusKind.FAULTY, "product": Product.DATA_PACKAGE, "municipalities": ("0147", "0151")},
    "dfdg": {"kind": StatusKind.ACCESS_CLOSED},
}


def test_the_overview_of_10_october_can_be_told(state: State) -> None:
    at = date(2025, 10, 10)
    for name, fields in OVERVIEW.items():
        operations.add(state, Incident(areas=(name,), text=Phrase(f"{name}!", f"{name}?"), since=at, **fields))
    shown = {r["id"]: r for r in as_json(status(state, at))["areas"]}
    for name, fields in OVERVIEW.items():
        told = shown[name]["states"][0]
        assert told["kind"] == fields["kind"].value
        assert told["product"] == (fields["product"].value if "product" in fields else None)
        assert told["municipalities"] == list(fields.get("municipalities", ()))
        assert (told["text"], told["text_en"]) == (f"{name}!", f"{name}?")
    assert [s["kind"] for s in shown["dfdg"]["states"]] == ["access-closed"]
    assert [s["kind"] for s in shown["yr"]["states"]] == ["pending-first-delivery"]


def test_an_incident_may_hold_for_several_areas_and_end(state: State) -> None:
    told = Incident(kind=StatusKind.LATE, areas=("aula", "skole"), text=Phrase("a", "b"), since=day(1), until=day(5))
    operations.add(state, told)
    assert [StatusKind.LATE in kinds(state, name, day(5)) for name in ("aula", "skole", "vh")] == [True, True, False]
    assert StatusKind.LATE not in kinds(state, "aula", day(6))
