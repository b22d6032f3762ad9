"""What the platform finds in files of Økonomi that are spoiled in the general ways, in each of the three forms."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq
import pytest

from flis.catalog.contracts import of_area
from flis.catalog.sender_file import expected
from flis.config import Settings
from flis.delivery import DeliveryState, deliveries, receive
from flis.simulate import MUTATIONS, simulate
from flis.validation import judge, report

if TYPE_CHECKING:
    from pathlib import Path

    from flis.delivery import Delivery
    from flis.validation import DeliveryReport

MONTH, BEFORE = date(2025, 6, 1), date(2025, 5, 1)
KOER, OES, OPUS = "oko-koer", "oko-oesindsigt", "oko-opus"
FORMS = (KOER, OES, OPUS)
AMOUNTS = {KOER: ("regnskab", "opr_budget", "korr_budget"), OES: ("SALDO", "OPRBUDGET", "BUDGET"), OPUS: ("BELOEB",)}
REFUSED: dict[str, dict[str, str]] = {
    "truncated": {KOER: "g-05-end-missing", OES: "g-05-wrong-sum", OPUS: "g-05-end-missing"},
    "end-off": dict.fromkeys(FORMS, "g-05-wrong-count"),
    "encoding": dict.fromkeys(FORMS, "g-01-encoding"),
    "separator": dict.fromkeys(FORMS, "g-02-column-missing"),
    "decimal": dict.fromkeys(FORMS, "g-12-type"),
    "thousands": dict.fromkeys(FORMS, "g-12-type"),
    "dates": {OES: "g-12-type"},
    "column-renamed": dict.fromkeys(FORMS, "g-02-column-missing"),
    "column-dropped": dict.fromkeys(FORMS, "g-02-column-missing"),
    "zeros-lost": {KOER: "g-06-disagree", OES: "g-13-code", OPUS: "g-06-disagree"},
    "other-sender": {KOER: "g-06-disagree", OES: "g-23-bytes-of-another", OPUS: "g-06-disagree"},
    "unknown-codes": {OES: "oko-01-balance"},
}
"""The rule that must be among those for which the file is refused."""
TOLD: dict[str, dict[str, set[str]]] = {
    "column-added": {form: {"g-03-column-added"} for form in FORMS},
    "column-moved": {form: set() for form in FORMS},
    "rows-doubled": {form: {"g-10-key-twice"} for form in FORMS},
    "unknown-codes": {KOER: {"g-13-code", "oko-12-account", "oko-03-dranst"}, OPUS: {"g-13-code"}},
    "last-month": {form: {"oko-10-nothing-booked", "g-23-same-bytes"} for form in FORMS},
    # the last text of KØR is the period, of which there is a list
    "huge-field": {KOER: {"g-13-code"}, OES: {"g-12-too-long"}, OPUS: {"g-12-too-long"}},
    "injection": {KOER: {"g-13-code"}, OES: {"row-formula"}, OPUS: {"row-formula", "g-12-too-long"}},
}  # fmt: skip
"""All rules that find something where the file is accepted. Columns may stand in any order."""
HELD: dict[str, dict[str, int]] = {
    "rows-doubled": dict.fromkeys(FORMS, 10), "unknown-codes": dict.fromkeys(FORMS, 10),
    "huge-field": dict.fromkeys(FORMS, 1), "injection": {KOER: 1, OES: 0, OPUS: 1},
}  # fmt: skip
"""How many rows of an accepted file are held back; else none."""


class Spoiled(NamedTuple):
    """The files of one municipality that a mutation has struck, and the same without it, of this month and before."""

    kommune: str
    files: list[Path]
    clean: Path
    before: list[Path]
    other: list[Path]
    """The files of the next municipality, whose rows the mutation `other-sender` takes."""


def test_every_mutation_is_judged_here() -> None:
    assert set(MUTATIONS) == {*REFUSED, *TOLD}


def of(kommune: str, files: list[Path]) -> list[Path]:
    return [file for file in files if file.name.split("_")[2] == kommune]


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Spoiled]:
    """What each mutation makes of a file of each interface."""
    folder = tmp_path_factory.mktemp("sent")
    clean, before = (simulate("okonomi", folder / f"{m:%m}", m, m, scale=0.01) for m in (MONTH, BEFORE))
    found: dict[tuple[str, str], Spoiled] = {}
    for contract in of_area("okonomi"):
        senders = sorted(expected(contract, f"{MONTH:%Y-%m}"))
        names = [name for name, mutation in MUTATIONS.items() if mutation.can(contract)]
        for at in range(0, len(names), len(senders)):
            struck = dict(zip(senders, names[at : at + len(senders)], strict=False))
            faults = [f"{name}@{MONTH:%Y-%m}/{sender}" for sender, name in struck.items()]
            sent = simulate("okonomi", folder / f"{contract.id}-{at}", MONTH, MONTH, scale=0.01, faults=faults)
            for kommune, name in struck.items():
                mine, plain = of(kommune, sent), of(kommune, clean)
                same = [f for f in clean if contract.id == f"oko-{f.name.split('_')[1].lower()}"]
                others = [f for f in same if f not in plain]
                (first,) = [f for f in plain if f.suffix == ".csv"]
                found[contract.id, name] = Spoiled(kommune, mine, first, of(kommune, before), others)
    return found


def judged(folder: Path, kommune: str, month: date, files: list[Path]) -> tuple[Delivery, DeliveryReport, Path]:
    """What becomes of the newest of some files of a month, its report, and the state folder."""
    state = Settings(state=folder).folders
    for file in files:
        judge(state, receive(state, file))
    (found,) = [d for d in deliveries(state) if (d.manifest.sender, d.manifest.period) == (kommune, f"{month:%Y-%m}")]
    return found, report(found), folder


def amounts(interface: str, content: bytes) -> Counter[tuple[Decimal, ...]]:
    """The amounts in the rows of a sound file, as plain Python reads them."""
    text = content.decode("utf-8-sig" if interface == OES else "latin-1")
    rows = csv.DictReader(io.StringIO(text), delimiter=";")
    sound = [row for row in rows if next(iter(row.values())) != "SLUT"]
    return Counter(
        tuple(Decimal(row[c].replace(".", "").replace(",", ".")) for c in AMOUNTS[interface]) for row in sound
    )


def kept(interface: str, delivery: Delivery) -> Counter[tuple[Decimal, ...]]:
    """The amounts of the rows that go on."""
    names = {KOER: ("regnskab", "oprindeligt_budget", "korrigeret_budget"), OPUS: ("beloeb",)}
    ((_, file),) = delivery.records.items()
    rows = pq.read_table(file).to_pydict()
    return Counter(zip(*(rows[name] for name in names.get(interface, names[KOER])), strict=True))


CASES = [
    (interface, name)
    for interface in FORMS
    for name in MUTATIONS
    if interface in REFUSED.get(name, {}) or interface in TOLD.get(name, {})
]


@pytest.mark.slow
@pytest.mark.parametrize(("interface", "name"), CASES)
def test_each_mutation_is_found_by_its_rule(
    spoiled: dict[tuple[str, str], Spoiled], tmp_path: Path, interface: str, name: str
) -> None:
    one = spoiled[interface, name]
    first = one.before if name == "last-month" else one.other if (interface, name) == (OES, "other-sender") else []
    delivery, told, folder = judged(tmp_path / "state", one.kommune, MONTH, [*first, *one.files])
    rules = {finding.rule for finding in told.findings}
    assert (told.sender, told.period) == (one.kommune, f"{MONTH:%Y-%m}")
    if interface in REFUSED.get(name, {}):
        assert delivery.state is DeliveryState.QUARANTINED, rules
        assert REFUSED[name][interface] in rules
        assert not delivery.records
    else:
        assert (delivery.state, rules) == (DeliveryState.VALIDATED, TOLD[name][interface])
        assert told.held == HELD.get(name, {}).get(interface, 0)
        sound = amounts(interface, (one.before[0] if name == "last-month" else one.clean).read_bytes())
        assert kept(interface, delivery) <= sound
        doubled = 10 if name == "rows-doubled" else 0
        assert sound.total() - kept(interface, delivery).total() == told.held - doubled
    assert all(f.record or f.field or f.message for f in told.findings)
    silent(folder, one, interface)


def silent(folder: Path, one: Spoiled, interface: str) -> None:
    """No value of the file stands in anything that was written in words."""
    values = {text for row in amounts(interface, one.clean.read_bytes()) for text in map(str, row) if len(text) > 7}
    signs = {"HYPERLINK", "x" * 40, "ZZZ", *values, *(value.replace(".", ",") for value in values)}
    written = [f for f in folder.rglob("*") if f.is_file() and f.suffix in {".json", ".log", ".txt", ".md", ".jsonl"}]
    # its control totals: those of rows that stand twice may be what one of them amounts to
    written = [f for f in written if f.name != "counted.json"]
    assert any(f.name == "report.json" for f in written)
    for file in written:
        text = file.read_text("utf-8")
        assert not [sign for sign in signs if sign in text], file.name


@pytest.mark.slow
def test_every_mutation_that_a_form_can_have_is_here(spoiled: dict[tuple[str, str], Spoiled]) -> None:
    assert set(spoiled) == set(CASES)
