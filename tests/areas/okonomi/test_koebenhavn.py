"""The income that København's deliveries of 2025 lack, and its changed budget, are found by their rules there alone."""

from __future__ import annotations

from datetime import date

import pytest

from flis.config import Settings
from flis.delivery import deliveries, receive
from flis.simulate import simulate
from flis.validation import report, settle
from flis.warehouse import load

FAULT = "okonomi-koebenhavn-2025"
SENDERS = ("0101", "0147")
MONTHS = tuple(date(2025, month, 1) for month in (1, 2, 4))
RULES = {"oko_07_indtaegt", "oko_08_vedtaget_budget"}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[tuple[str, str | None, str]]]:
    """By sender and period what was found: rule, municipality, message."""
    folder = tmp_path_factory.mktemp("koebenhavn")
    state = Settings(state=folder / "state").folders
    for month in MONTHS:
        for file in simulate("okonomi", folder / f"{month:%m}", month, month, scale=0.02, faults=[FAULT]):
            if file.name.split("_")[2] in SENDERS:
                receive(state, file)
        settle(state)
        load(state, "okonomi")
    return {
        (d.manifest.sender, d.manifest.period): [(f.rule, f.municipality, f.message) for f in report(d).findings]
        for d in deliveries(state)
    }


@pytest.mark.slow
@pytest.mark.parametrize("period", ["2025-02", "2025-04"])
def test_what_koebenhavn_lacks_is_found_in_each_delivery(
    findings: dict[tuple[str, str], list[tuple[str, str | None, str]]], period: str
) -> None:
    found = {rule: (kommune, message) for rule, kommune, message in findings["0101", period]}
    assert found.keys() >= RULES
    assert {found[rule][0] for rule in RULES} == {"0101"}
    assert all("2025" in found[rule][1] for rule in RULES)


@pytest.mark.slow
def test_nobody_else_and_no_other_period_is_named(
    findings: dict[tuple[str, str], list[tuple[str, str | None, str]]],
) -> None:
    named = {key for key, found in findings.items() if RULES & {rule for rule, *_ in found}}
    assert named == {("0101", "2025-02"), ("0101", "2025-04")}
    assert not findings["0101", "2025-01"]
