"""Every rule of Økonomi has a delivery that breaks it, in each form; without the rule its finding alone is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.catalog.contracts import of_area
from flis.validation import judging
from flis.validation.contract_rules import rules_of
from flis.warehouse import volumes
from flis.warehouse.graph import ordered
from flis.warehouse.step import StepKind, all_of_kind
from tests.areas.okonomi.files import Row, accounts_of, written
from tests.areas.okonomi.test_rules import HELD, LOADED, OF, _budget, _moved, _off_by, _with, changed
from tests.made_up.files import SentFile
from tests.made_up.walk import flis, put, receive, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTRACTS = {"koer": "oko-koer", "oes": "oko-oesindsigt", "opus": "oko-opus"}
Sent = list[list[SentFile]]
OTHER_ROWS: dict[str, Callable[[list[Row]], list[Row]]] = {
    "oko-01-balance": lambda rows: _off_by(rows, "1.01"),
    "oko-02-art": lambda rows: _with(rows, ("32201-1-1-0001-000-19", 5, "17.25")),
    "oko-02-funktion": lambda rows: _with(rows, HELD["a function of before 2018"][0]),
    "oko-03-dranst": lambda rows: _with(rows, ("32201-4-1-0000-000-10", 5, "17.25")),
    "oko-04-gruppering": lambda rows: _with(rows, HELD["a grouping of another dranst"][0]),
    "oko-09-period": lambda rows: _with(rows, ("32201-1-1-0001-000-45", 7, "17.25")),
    "oko-09-year": lambda rows: _with(rows, ("32201-1-1-0001-000-45", 5, "17.25"), year=2026),
    "oko-10-nothing-booked": lambda rows: accounts_of(rows[0].kommune, 5),
    "oko-12-account": lambda rows: _with(rows, ("3220X-1-1-0000-000-10", 5, "17.25")),
    **LOADED,
}
"""By rule how the rows of June are changed."""
HISTORY: dict[str, Callable[[str], Sent]] = {
    "oko-12-agree": lambda form: [
        changed(
            written(form, OF[form], 6, accounts_of(OF[form], 6)), lambda c: c.replace(b";03;0322;", b";04;0322;", 1)
        )
    ],
    "oko_08_vedtaget_budget": lambda form: [
        written(form, OF[form], 1, accounts_of(OF[form], 1)),
        written(form, OF[form], 5, _budget(accounts_of(OF[form], 5), "32201-1-1-0001-000-10", "0.01")),
    ],
    "oko_15_lukket_aar": lambda form: [
        written(form, OF[form], 1, accounts_of(OF[form], 1)),
        written(form, OF[form], 5, _moved(accounts_of(OF[form], 5))),
    ],
}
"""By rule further deliveries that break it, the last one of them."""


def rules_in(form: str) -> set[str]:
    """The rules of the contract of a form, and the area's steps of kind rule."""
    (contract,) = [c for c in of_area("okonomi") if c.id == CONTRACTS[form]]
    return {r.id for r in rules_of(contract)} | {s.name for s in all_of_kind(ordered("okonomi"), StepKind.RULE)}


def found(folder: Path, sent: Sent, without: str, patch: pytest.MonkeyPatch, *, loads: bool) -> set[str]:
    """The rules that find something in the last delivery, loaded or not, while one rule is not there."""
    find = volumes.find
    patch.setattr(judging, "rules_of", lambda contract: tuple(r for r in rules_of(contract) if r.id != without))
    patch.setattr(volumes, "find", lambda c, load, steps: find(c, load, [s for s in steps if s.name != without]))
    for number, files in enumerate(sent):
        receive(folder / "state", put(files, folder / f"{number}"), files[0].arrived, areas=folder)
        if loads:
            flis("load", "--state", folder / "state", areas=folder)
    named = "-".join(sent[-1][0].name.split("_")[2:5])
    deliveries = told("deliveries", "list", "--state", folder / "state", areas=folder)
    (last,) = [delivery["id"] for delivery in deliveries if f"-{named}-" in delivery["id"]]
    report = told("deliveries", "report", last, "--state", folder / "state", areas=folder)
    patch.undo()
    return {finding["rule"] for finding in report["findings"]}


@pytest.mark.parametrize("form", OF)
def test_every_rule_has_a_case(form: str) -> None:
    assert rules_in(form) <= {*OTHER_ROWS, *HISTORY}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "rule"), [(form, rule) for form in OF for rule in sorted({*OTHER_ROWS, *HISTORY} & rules_in(form))]
)
def test_without_a_rule_its_finding_alone_is_gone(
    tmp_path: Path, form: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = (
        HISTORY[rule](form)
        if rule in HISTORY
        else [written(form, OF[form], 6, OTHER_ROWS[rule](accounts_of(OF[form], 6)))]
    )
    loads = rule.startswith("oko_")
    whole = found(tmp_path / "all", sent, "", monkeypatch, loads=loads)
    less = found(tmp_path / "less", sent, rule, monkeypatch, loads=loads)
    assert whole - less == {rule}
    assert not less - whole
