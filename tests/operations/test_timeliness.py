"""Who is late with which period, and whose file was refused.

The due days are read off a calendar of 2025: 30 September is a Tuesday, 31 October a Friday, 30 December a Tuesday (the
31st is a day off), 1 January a holiday.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.catalog.area_file import Phrase
from flis.catalog.reference import municipalities
from flis.delivery import DeliveryState
from flis.operations import AreaEvent, Change, Notice, StatusKind, as_json, record, status
from tests.operations.gardens import AREA, INTERFACE, Gardens, write_gardens

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

THREE = f"0101,{INTERFACE},,\n0147,{INTERFACE},,\n0461,{INTERFACE},,\n"


@pytest.fixture
def shelf(tmp_path: Path, areas_in: AreasIn) -> Path:
    shelf = tmp_path / "areas"
    write_gardens(shelf, senders=THREE)
    areas_in(shelf)
    return shelf


@pytest.fixture
def gardens(state: State, shelf: Path) -> Gardens:
    return Gardens(state)


def told(state: State, at: str, area: str = AREA) -> list[Notice]:
    row = next(row for row in status(state, date.fromisoformat(at)).areas if row.area.id == area)
    return [n for n in row.states if n.kind in {StatusKind.LATE, StatusKind.FAULTY}]


def short(state: State, at: str, area: str = AREA) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(n.kind.value, n.period, n.municipalities) for n in told(state, at, area)]


def late(period: str, *senders: str) -> tuple[str, str, tuple[str, ...]]:
    return "late-at-source", period, senders


def faulty(period: str, *senders: str) -> tuple[str, str, tuple[str, ...]]:
    return "faulty-delivery", period, senders


def test_who_has_not_delivered_is_late_after_the_grace(gardens: Gardens) -> None:
    gardens.sends("0101", "2025-08", "2025-09-15")
    gardens.sends("0147", "2025-08", "2025-09-30")
    state = gardens.state
    # due on Tuesday 30 September; the third working day after it is Friday 3 October
    assert short(state, "2025-09-30") == short(state, "2025-10-03") == []
    assert short(state, "2025-10-04") == [late("2025-08", "0461")]
    (notice,) = told(state, "2025-10-04")
    assert (notice.subject, notice.since, notice.rule) == (INTERFACE, date(2025, 10, 4), "g-09-not-delivered")
    assert notice.text.da == "Leveringen for 2025-08 fra Odense skulle være kommet senest 2025-09-30."
    assert notice.text.en == "The delivery of 2025-08 from Odense was due by 2025-09-30."


def test_a_late_file_ends_it_and_the_day_before_still_says_late(gardens: Gardens) -> None:
    for sender in ("0101", "0147"):
        gardens.sends(sender, "2025-08", "2025-09-15")
    gardens.sends("0461", "2025-08", "2025-10-12")
    assert short(gardens.state, "2025-10-11") == [late("2025-08", "0461")]
    assert short(gardens.state, "2025-10-12") == []


def test_holidays_move_the_due_day(gardens: Gardens) -> None:
    gardens.sends("0101", "2025-11", "2025-12-10")
    gardens.sends("0147", "2025-11", "2025-12-10")
    # due on 30 December; 31 and 1 are days off, so that 2, 5 and 6 January are the grace
    assert short(gardens.state, "2026-01-06") == []
    assert short(gardens.state, "2026-01-07") == [late("2025-11", "0461")]


def test_each_period_is_its_own(gardens: Gardens) -> None:
    gardens.sends("0101", "2025-08", "2025-09-15")
    gardens.sends("0147", "2025-09", "2025-10-15")
    # 31 October is a Friday: the grace of September ends on 5 November
    assert short(gardens.state, "2025-11-06") == [late("2025-08", "0147", "0461"), late("2025-09", "0101", "0461")]
    assert (
        told(gardens.state, "2025-11-06")[0].text.en
        == "The delivery of 2025-08 from 2 municipalities was due by 2025-09-30."
    )


def test_a_refused_file_is_faulty_and_its_sender_not_late(gardens: Gardens) -> None:
    for sender in ("0101", "0147"):
        gardens.sends(sender, "2025-08", "2025-09-15")
    refused = gardens.sends("0461", "2025-08", "2025-09-16", broken=True)
    assert refused.state is DeliveryState.QUARANTINED
    assert short(gardens.state, "2025-09-15") == []
    assert short(gardens.state, "2025-09-16") == short(gardens.state, "2025-12-01")[:1] == [faulty("2025-08", "0461")]
    assert late("2025-08", "0461") not in short(gardens.state, "2025-12-01")
    (notice,) = told(gardens.state, "2025-09-16")
    assert (notice.delivery, notice.rule, notice.subject) == (refused.id, "g-02-column-missing", INTERFACE)
    assert "2025-08 fra Odense er afvist. En kolonne mangler" in notice.text.da


def test_a_sound_file_ends_it_and_the_days_before_still_say_faulty(gardens: Gardens) -> None:
    gardens.sends("0461", "2025-08", "2025-09-16", broken=True)
    gardens.sends("0461", "2025-08", "2025-09-20", number=2)
    assert short(gardens.state, "2025-09-19") == [faulty("2025-08", "0461")]
    assert short(gardens.state, "2025-09-20") == []


def test_a_broken_correction_is_faulty_though_the_period_is_there(gardens: Gardens) -> None:
    for sender in ("0101", "0147", "0461"):
        gardens.sends(sender, "2025-08", "2025-09-15")
    gardens.sends("0101", "2025-08", "2025-09-20", number=2, broken=True)
    assert short(gardens.state, "2025-10-10") == [faulty("2025-08", "0101")]


def test_files_refused_for_the_same_reason_are_one_state(gardens: Gardens) -> None:
    for sender in ("0147", "0461"):
        gardens.sends(sender, "2025-08", "2025-09-15", broken=True)
    assert short(gardens.state, "2025-09-15") == [faulty("2025-08", "0147", "0461")]


def test_before_the_first_delivery_nothing_is_awaited(gardens: Gardens) -> None:
    assert short(gardens.state, "2029-01-01") == []
    gardens.sends("0101", "2025-08", "2025-09-15")
    assert [n.period for n in told(gardens.state, "2025-11-01")] == ["2025-08"]


def test_a_retired_area_is_never_late(gardens: Gardens) -> None:
    gardens.sends("0101", "2025-08", "2025-09-15")
    text = Phrase("Udgået.", "Gone.")
    record(gardens.state, AreaEvent(area=AREA, change=Change.RETIRE, since=date(2025, 10, 20), text=text))
    assert short(gardens.state, "2025-10-19") == [late("2025-08", "0147", "0461")]
    assert short(gardens.state, "2025-10-20") == []


def test_who_sends_when_is_in_the_list_of_senders(gardens: Gardens, shelf: Path, areas_in: AreasIn) -> None:
    moved = f"0101,{INTERFACE},2025-08-01,2025-08-31\n0147,{INTERFACE},2025-09-01,\n0461,another/1,,\n"
    write_gardens(shelf, senders=moved)
    areas_in(shelf)
    gardens.sends("0101", "2025-08", "2025-09-15")
    assert short(gardens.state, "2025-11-10") == [late("2025-09", "0147")]


def test_without_a_list_all_municipalities_are_awaited(gardens: Gardens, shelf: Path, areas_in: AreasIn) -> None:
    (shelf / AREA / "senders.csv").unlink()
    areas_in(shelf)
    gardens.sends("0101", "2025-08", "2025-09-15")
    ((_, _, lacking),) = short(gardens.state, "2025-10-04")
    assert len(lacking) == 97
    assert {m.code for m in municipalities()} - set(lacking) == {"0101", "0411"}


def test_a_neighbours_fault_marks_nobody_else(gardens: Gardens, shelf: Path, areas_in: AreasIn) -> None:
    write_gardens(shelf, area="parker", senders=THREE.replace("haver", "parker"))
    areas_in(shelf)
    for sender in ("0101", "0147", "0461"):
        gardens.sends(sender, "2025-08", "2025-09-15")
    gardens.sends("0101", "2025-08", "2025-09-15", area="parker")
    gardens.sends("0147", "2025-08", "2025-09-15", area="parker", broken=True)
    assert short(gardens.state, "2025-10-10") == []
    assert short(gardens.state, "2025-10-10", "parker") == [faulty("2025-08", "0147"), late("2025-08", "0461")]


@pytest.mark.parametrize(
    ("expects", "last"),
    [
        ({"months": 3, "grace": 5}, "2025-12-05"),  # due on Friday 28 November; then 1 to 5 December
        ({"grace": 0}, "2025-09-30"),
        ({"months": 2, "grace": 1}, "2025-11-03"),  # due on Friday 31 October
    ],
)
def test_the_contract_says_when_it_is_due(
    gardens: Gardens, shelf: Path, areas_in: AreasIn, expects: dict[str, int], last: str
) -> None:
    write_gardens(shelf, senders=THREE, expects={"each": "kommune", **expects})
    areas_in(shelf)
    gardens.sends("0101", "2025-08", "2025-09-15")
    after = date.fromordinal(date.fromisoformat(last).toordinal() + 1)
    assert short(gardens.state, last) == []
    assert short(gardens.state, after.isoformat()) == [late("2025-08", "0147", "0461")]


def test_a_national_sender_is_late_without_a_municipality(gardens: Gardens, shelf: Path, areas_in: AreasIn) -> None:
    (shelf / AREA / "senders.csv").unlink()
    recognise = {"name": "HAVER_{maaned}_{sekvens}_{udtraek}.csv"}
    write_gardens(shelf, recognise=recognise, part=["maaned"], sender="KRL", expects={"months": 3, "grace": 5})
    areas_in(shelf)
    state = gardens.state
    gardens.sends("", "2025-05", "2025-09-30")
    assert short(state, "2025-10-07") == []
    # June is due on 30 September, and the fifth working day after it is 7 October
    assert short(state, "2025-10-08") == [late("2025-06")]


def test_a_warning_stays_until_the_senders_next_period(gardens: Gardens, shelf: Path, areas_in: AreasIn) -> None:
    write_gardens(shelf, area="parker", senders=THREE.replace("haver", "parker"))
    areas_in(shelf)
    gardens.sends("0101", "2025-08", "2025-09-15", rows=30)
    gardens.sends("0101", "2025-09", "2025-10-15", rows=0)
    gardens.sends("0101", "2025-08", "2025-11-15", area="parker")
    state = gardens.state

    def warned(at: str) -> list[str]:
        row = next(row for row in status(state, date.fromisoformat(at)).areas if row.area.id == AREA)
        return [n.rule for n in row.states if n.rule.startswith("g-19")]

    # neither the weeks nor a newer delivery of another area end it
    assert warned("2025-10-15") == warned("2025-11-20") == ["g-19-no-rows"]
    gardens.sends("0147", "2025-10", "2025-11-15")
    assert warned("2025-11-20") == ["g-19-no-rows"]
    gardens.sends("0101", "2025-10", "2025-11-16")
    assert warned("2025-11-20") == []


def test_the_json_has_period_and_interface(gardens: Gardens) -> None:
    gardens.sends("0101", "2025-08", "2025-09-15")
    shown = as_json(status(gardens.state, date(2025, 10, 4)))
    (state,) = (s for a in shown["areas"] if a["id"] == AREA for s in a["states"] if s["kind"] == "late-at-source")
    assert (state["municipalities"], state["period"], state["subject"]) == (["0147", "0461"], "2025-08", INTERFACE)
