"""Every fault that the simulator knows, from file to state, and how the chain recovers."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.delivery import DeliveryState, deliveries, receive
from flis.simulate import FAULTS, FORMS, simulate
from flis.validation import judge, report
from flis.warehouse import load

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

FIRST, LAST = date(2022, 1, 3), date(2022, 1, 7)
STRUCK = date(2022, 1, 5)
REFUSED = {
    "truncated": {"cpr-cut-record", "cpr-missing-end"},
    "wrong-count": {"cpr-wrong-count"},
    "wrong-encoding": {"cpr-utf-8", "cpr-byte-order-mark"},
    "byte-order-mark": {"cpr-byte-order-mark"},
    "bad-record-length": {"cpr-record-length"},
    "unknown-record-type": {"cpr-unknown-type"},
    "other-product": {"cpr-other-product"},
}
CASES = [
    pytest.param(fault, form, marks=() if form == "trimmed" else pytest.mark.slow, id=f"{fault}-{form}")
    for fault in FAULTS
    for form in FORMS
]


def taken(state: State, files: list[Path]) -> None:
    for file in files:
        judge(state, receive(state, file))


def states(state: State) -> Counter[str]:
    return Counter(d.state.value for d in deliveries(state))


@pytest.mark.parametrize(("fault", "form"), CASES)
def test_each_fault(state: State, tmp_path: Path, fault: str, form: str) -> None:
    options = {"scale": 0.001, "refugee_scale": 0.005}
    files = simulate("borger", tmp_path / "sent", FIRST, LAST, faults=[f"{fault}@{STRUCK}"], form=form, **options)  # type: ignore[arg-type]
    taken(state, files)
    held_back = sorted((tmp_path / "sent" / "held-back").glob("*"))
    if fault in REFUSED:
        assert states(state) == {"validated": 3, "quarantined": 1, "waiting": 2}
        (refused,) = deliveries(state, DeliveryState.QUARANTINED)
        assert {f.rule for f in report(refused).findings if f.severity == "fatal"} & REFUSED[fault]
        taken(state, held_back)
        assert states(state) == {"validated": 6, "superseded": 1}
    elif fault == "missing":
        assert states(state) == {"validated": 3, "waiting": 2}
        assert {report(d).missing for d in deliveries(state, DeliveryState.WAITING)} == {STRUCK}
        taken(state, held_back)
        assert states(state) == {"validated": 6}
    elif fault == "other-content":
        assert states(state) == {"validated": 6, "quarantined": 1}
        (refused,) = deliveries(state, DeliveryState.QUARANTINED)
        assert [f.rule for f in report(refused).findings] == ["cpr-date-taken"]
    else:
        assert states(state) == {"validated": 6}
    warned = [d for d in deliveries(state) if d.manifest.error_records]
    assert len(warned) == (fault == "errors-910")
    assert all(d.manifest.findings.warning >= 3 for d in warned)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [("unknown-place", "cpr-unread-place"), ("impossible-entry", "cpr-unread-date"), ("hour-24", "cpr-no-clock")],
)
def test_what_cannot_be_read_is_told_when_it_is_loaded(state: State, tmp_path: Path, fault: str, rule: str) -> None:
    days = (date(2022, 5, 2), date(2022, 5, 4))
    taken(state, simulate("borger", tmp_path, *days, scale=0.0002, refugee_scale=0.05, faults=[f"{fault}@{days[1]}"]))
    load(state)
    found = [f for d in deliveries(state) for f in report(d).findings if f.rule == rule]
    assert sum(f.persons or 1 for f in found) == 3
    assert not [f for d in deliveries(state)[:-1] for f in report(d).findings]


def test_dates_without_day_are_counted(state: State, tmp_path: Path) -> None:
    days = (date(2022, 5, 2), date(2022, 5, 4))
    fault = [f"entry-without-day@{days[1]}"]
    taken(state, simulate("borger", tmp_path, *days, scale=0.0002, refugee_scale=0.05, faults=fault))
    (found,) = [f for d in deliveries(state) for f in report(d).findings if f.rule == "cpr-imprecise-date"]
    assert found.message_en.startswith("Dates without day or month: 3 in record 024, field INDRDTO.")
    assert deliveries(state)[-1].manifest.imprecise == {"024 INDRDTO": 3}


def test_clean_deliveries_have_no_findings(state: State, tmp_path: Path) -> None:
    taken(state, simulate("borger", tmp_path / "sent", FIRST, LAST, scale=0.0005, refugee_scale=0.01))
    assert states(state) == {"validated": 6}
    assert all(report(d).findings == () for d in deliveries(state))
