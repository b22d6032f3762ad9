"""What becomes of every kind of delivery."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.config import Settings, State
from flis.delivery import Delivery, DeliveryState, advance, deliveries, find, receive
from flis.validation import Load, Severity, judge, report, settle, weigh
from tests.delivery import extracts
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Sender:
    """Delivers files into one state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = Settings(state=folder / "state").folders
        self.numbers = itertools.count()

    def sends(self, content: bytes) -> Delivery:
        file = self.folder / f"file{next(self.numbers)}"
        file.write_bytes(content)
        return judge(self.state, receive(self.state, file))

    def states(self) -> dict[str, str]:
        return {d.id: d.state.value for d in deliveries(self.state)}


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    return Sender(tmp_path)


def rules(delivery: Delivery) -> set[str]:
    return {f.rule for f in report(delivery).findings}


@pytest.mark.parametrize("previous", [None, day(0)])
def test_the_first_delivery_starts_the_chain(sender: Sender, previous: object) -> None:
    assert sender.sends(extract(day(1), previous)).state is DeliveryState.VALIDATED  # type: ignore[arg-type]


def test_a_clean_delivery_has_an_empty_report(sender: Sender) -> None:
    found = report(sender.sends(extract(day(1), None)))
    assert found.findings == ()
    assert (found.counts.fatal, found.counts.error, found.counts.warning) == (0, 0, 0)


@pytest.mark.parametrize("fault", extracts.REFUSED, ids=lambda f: f.__name__)
def test_faults_are_refused_and_the_good_file_still_comes_through(
    sender: Sender, fault: Callable[[bytes], bytes]
) -> None:
    sender.sends(extract(day(1), None))
    good = extract(day(2), day(1))
    refused = sender.sends(fault(good))
    assert refused.state is DeliveryState.QUARANTINED
    assert any(f.severity is Severity.FATAL for f in report(refused).findings)
    assert refused.manifest.findings.fatal > 0
    assert not refused.records
    assert sender.sends(good).state is DeliveryState.VALIDATED
    assert find(sender.state, refused.id).state is DeliveryState.SUPERSEDED


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (extracts.truncated, "cpr-cut-record"),
        (extracts.without_end, "cpr-missing-end"),
        (extracts.wrong_count, "cpr-wrong-count"),
        (extracts.bad_length, "cpr-record-length"),
        (extracts.unknown_type, "cpr-unknown-type"),
        (extracts.byte_order_mark, "cpr-byte-order-mark"),
        (extracts.utf_8, "cpr-utf-8"),
    ],
)
def test_the_report_names_the_fault(sender: Sender, fault: Callable[[bytes], bytes], rule: str) -> None:
    assert rule in rules(sender.sends(fault(extract(day(1), None))))


def test_a_finding_says_where(sender: Sender) -> None:
    (found,) = report(sender.sends(extracts.bad_length(extract(day(1), None)))).findings
    assert (found.rule, found.file, found.record, found.line) == ("cpr-record-length", "…", 4, 4)


def test_another_file_of_an_accepted_date_is_refused_and_stays_so(sender: Sender) -> None:
    sender.sends(extract(day(1), None))
    other = sender.sends(extract(day(1), None, persons=range(4)))
    assert other.state is DeliveryState.QUARANTINED
    assert rules(other) == {"cpr-date-taken"}
    sender.sends(extract(day(2), day(1)))
    assert find(sender.state, other.id).state is DeliveryState.QUARANTINED


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (extract(day(1), day(0)), "cpr-chain-late"),
        (extract(day(5), day(2)), "cpr-chain-fork"),
        (extract(day(5), None), "cpr-chain-restart"),
        (extract(day(5), day(6)), "cpr-dates-backwards"),
    ],
)
def test_what_does_not_fit_into_the_chain_is_refused(sender: Sender, content: bytes, rule: str) -> None:
    sender.sends(extract(day(2), day(1)))
    sender.sends(extract(day(3), day(2)))
    refused = sender.sends(content)
    assert refused.state is DeliveryState.QUARANTINED
    assert rule in rules(refused)


def test_a_gap_waits_names_the_date_and_goes_on_by_itself(sender: Sender) -> None:
    sender.sends(extract(day(1), None))
    waiting = [sender.sends(extract(day(n), day(n - 1))) for n in (5, 4, 3)]
    assert [d.state for d in waiting] == [DeliveryState.WAITING] * 3
    assert {report(find(sender.state, d.id)).missing for d in waiting} == {day(2)}
    assert all("2022-01-04" in report(find(sender.state, d.id)).findings[0].message for d in waiting)
    sender.sends(extract(day(2), day(1)))
    assert set(sender.states().values()) == {"validated"}
    assert all(report(find(sender.state, d.id)).findings == () for d in waiting)


def test_sequences_do_not_disturb_each_other(sender: Sender) -> None:
    sender.sends(extract(day(1), None))
    assert sender.sends(extract(day(1), day(0), task="220022")).state is DeliveryState.VALIDATED
    assert sender.sends(extract(day(2), day(1), task="220022")).state is DeliveryState.VALIDATED


def test_error_records_are_a_warning(sender: Sender) -> None:
    delivery = sender.sends(extracts.error_records(extract(day(1), None), 3))
    assert delivery.state is DeliveryState.VALIDATED
    assert rules(delivery) == {"cpr-error-record"}
    assert delivery.manifest.findings.warning == delivery.manifest.error_records == 3


def test_judging_again_changes_nothing(sender: Sender) -> None:
    sender.sends(extract(day(1), None))
    sender.sends(extract(day(3), day(2)))
    files = {f: (f.stat().st_mtime_ns, f.stat().st_ino) for f in sender.state.deliveries.rglob("*.json")}
    assert settle(sender.state) == []
    assert {f: (f.stat().st_mtime_ns, f.stat().st_ino) for f in sender.state.deliveries.rglob("*.json")} == files


def test_a_refused_file_again_is_the_same_delivery(sender: Sender) -> None:
    content = extracts.truncated(extract(day(1), None))
    first, again = sender.sends(content), sender.sends(content)
    assert again.again
    assert (again.id, again.state) == (first.id, DeliveryState.QUARANTINED)


@given(order=st.permutations([2, 3, 4, 5]), kinds=st.lists(st.booleans(), min_size=4, max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_order_of_arrival_ends_in_the_same_states(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], kinds: list[bool]
) -> None:
    ends = []
    for arrival in ([2, 3, 4, 5], order):
        sender = Sender(tmp_path_factory.mktemp("order"))
        sender.sends(extract(day(1), None))
        for n in arrival:
            good = extract(day(n), day(n - 1))
            sender.sends(extracts.truncated(good) if kinds[n - 2] else good)
        ends.append(sender.states())
    assert ends[0] == ends[1]


def test_loading_adds_what_it_showed(sender: Sender) -> None:
    delivery = sender.sends(extracts.error_records(extract(day(1), None)))
    load = Load(before={"0101": 100, "0461": 20, "0851": 19}, after={"0101": 89, "0851": 0}, corrected=21)
    for _ in range(2):
        delivery = weigh(sender.state, delivery, load)
    loaded = advance(sender.state, delivery, DeliveryState.LOADED)
    found = report(loaded)
    assert found.state is DeliveryState.LOADED
    assert [(f.rule, f.municipality) for f in found.findings if f.rule.startswith("volume")] == [
        ("volume-zero", "0461"),
        ("volume-fall", "0101"),
    ]
    assert rules(loaded) == {"cpr-error-record", "volume-zero", "volume-fall", "late-corrections"}
    assert found.counts.warning == find(sender.state, loaded.id).manifest.findings.warning == 2 + 3


def test_the_rows_of_an_areas_own_rules_are_findings(sender: Sender) -> None:
    delivery = sender.sends(extract(day(1), None))
    rows = [{"kommune": "0101", "da": "Sagen er væk.", "en": "The case is gone."}, {"da": "Nej.", "en": "No."}]
    for _ in range(2):
        delivery = weigh(sender.state, delivery, Load({}, {}, steps={"sag-vaek": rows}))
    found = report(delivery).findings
    assert [(f.rule, f.municipality, f.message_en) for f in found] == [
        ("sag-vaek", "0101", "The case is gone."),
        ("sag-vaek", None, "No."),
    ]
    assert delivery.manifest.findings.warning == 2
    assert report(weigh(sender.state, delivery, Load({}, {}, steps={"sag-vaek": []}))).findings == ()


def test_state_is_a_folder(sender: Sender) -> None:
    delivery = sender.sends(extract(day(1), None))
    assert delivery.folder == sender.state.deliveries / "validated" / delivery.id
    assert isinstance(sender.state, State)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_judged(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Bytes replaced, put in and taken out behind the first ones: a delivery comes of it, and no error of ours."""
    content = bytearray(extract(day(1), None))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(13, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=12))
    delivery = Sender(tmp_path_factory.mktemp("any")).sends(bytes(content))
    assert delivery.state in {DeliveryState.VALIDATED, DeliveryState.QUARANTINED}
    assert bool(delivery.records) is (delivery.state is DeliveryState.VALIDATED)


@pytest.mark.parametrize("digits", ["        ", "-0000015", "0x0000f0"])
def test_odd_digits_in_the_end_record_are_a_wrong_count(sender: Sender, digits: str) -> None:
    content = extract(day(1), None)
    refused = sender.sends(content[:-9] + digits.encode("latin-1") + b"\n")
    assert "cpr-wrong-count" in rules(refused)
