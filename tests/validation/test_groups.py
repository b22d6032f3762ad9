"""Rules of a contract over groups of rows, and over codes with the days on which they are valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from flis.catalog.area_paths import look_in
from flis.delivery import deliveries
from flis.validation import report
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table
from tests.validation.made_files import put, state_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.validation import DeliveryReport

FIELDS = (
    field("nr", primaryKey=True),
    field("aar", "date", dates="YYYY"),
    field("art", codes="arter"),
    field("konto"),
    field("beloeb", "number", physicalType="DECIMAL(18,2)"),
)
CODES = {
    "codes/arter.csv": "code,da,en,valid_from,valid_to\na,a,a,,\nb,b,b,,\n",
    "codes/konti.csv": "code,da,en,valid_from,valid_to\n1,1,1,,\n2,2,2,,2024-06-30\n3,3,3,2025-01-01,\n",
}
SUMS = ("sum(beloeb) = 0", {"each": ["aar", "art"]}, " {aar} {art}")
LISTED = ("substr(konto, 1, 1)", {"codes": "konti", "valid_on": "aar"}, "")


@pytest.fixture(autouse=True)
def _no_other_areas() -> Iterator[None]:
    yield
    look_in()


def judged(folder: Path, rule: tuple[str, dict[str, Any], str], breach: str, rows: str) -> tuple[DeliveryReport, Path]:
    """What is found in rows by a rule, and the folder of their delivery."""
    condition, more, places = rule
    quality = {
        "name": "regel", "type": "custom", "engine": "flis", "implementation": condition,
        "description": f"Forkert{places}.",
        "customProperties": [
            {"property": "descriptionEnglish", "value": f"Wrong{places}."}, {"property": "breach", "value": breach},
            *({"property": name, "value": value} for name, value in more.items()),
        ],
    }  # fmt: skip
    text = contract(
        "regnskab", "csv", table("post", *FIELDS, quality=[quality]), interface="post", held=0.9,
        recognise={"name": "POST_{kommune}_{maaned}_{sekvens}.csv"}, part=["kommune", "maaned"],
        dialect={"profile": "kom-csv", "end": ""},
    )  # fmt: skip
    write_area(folder / "areas", "regnskab", **{"contract.yaml": text}, **CODES)
    look_in([folder / "areas"])
    state = state_in(folder)
    lines = "".join(f"{line}\r\n" for line in ["NR;AAR;ART;KONTO;BELOEB", *rows.split()])
    put(state, {"POST_0101_202506_1.csv": lines.encode("latin-1")})
    (delivery,) = deliveries(state)
    return report(delivery), delivery.folder


BALANCED = "1;2025;a;1;5,00 2;2025;a;1;-5,00 3;2024;a;1;1,00 4;2024;a;1;-1,00 5;2025;b;1;2,00 6;2025;b;1;-2,00"
OFF = BALANCED.replace("1;2,00", "1;2,01")


def test_groups_that_meet_a_rule_are_not_told(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, SUMS, "refuse", BALANCED)
    assert (found.state.value, found.findings) == ("validated", ())


def test_a_group_is_told_by_its_first_row_its_days_and_its_codes(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, SUMS, "refuse", OFF)
    (finding,) = found.findings
    assert (found.state.value, finding.severity.value, finding.record) == ("quarantined", "fatal", 5)
    assert (finding.message, finding.message_en) == ("Forkert 2025 b.", "Wrong 2025 b.")


def test_of_groups_that_are_held_all_rows_are_and_findings_are_groups(tmp_path: Path) -> None:
    found, folder = judged(tmp_path, SUMS, "hold", OFF + " 7;2023;a;1;9,00")
    assert (found.state.value, found.held, found.counts.warning) == ("validated", 3, 2)
    (kept,) = (folder / "records").glob("*.parquet")
    assert pq.read_table(kept)["nr"].to_pylist() == ["1", "2", "3", "4"]


def test_a_code_that_nobody_knows_is_not_told(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, SUMS, "warn", BALANCED + " 7;2025;0101901234;1;9,00")
    assert {f.message_en for f in found.findings if f.rule == "regel"} == {"Wrong 2025 ?."}
    assert "0101901234" not in str(found)


def test_a_row_that_stands_twice_counts_once(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, SUMS, "refuse", BALANCED + " 1;2025;a;1;5,00")
    assert (found.state.value, {f.rule for f in found.findings}) == ("validated", {"g-10-key-twice"})


def test_a_condition_that_fails_on_a_group_refuses_the_file(tmp_path: Path) -> None:
    rule = ("sum(CAST(konto AS INTEGER)) > 0", {"each": ["aar"]}, "")
    found, _ = judged(tmp_path, rule, "warn", BALANCED + " 7;2025;a;x;9,00")
    assert (found.state.value, {f.rule for f in found.findings}) == ("quarantined", {"file-rule-broken"})


def test_a_code_is_valid_on_any_day_of_its_year(tmp_path: Path) -> None:
    told = ("2024;a;17", "2024;a;27", "2025;a;27", "2024;a;37", "2025;a;37", "2025;a;47", "2025;a;", ";a;27")
    rows = " ".join(f"{number};{row};1,00" for number, row in enumerate(told, 1))
    found, _ = judged(tmp_path, LISTED, "hold", rows)
    assert [(f.rule, f.record) for f in found.findings] == [("regel", 3), ("regel", 4), ("regel", 6)]
    assert found.held == 3


def test_a_code_without_a_day_is_valid_on_a_day_of_the_period(tmp_path: Path) -> None:
    rows = "1;2024;a;17;1,00 2;2024;a;27;1,00 3;2025;a;37;1,00"
    found, _ = judged(tmp_path, ("substr(konto, 1, 1)", {"codes": "konti"}, ""), "warn", rows)
    assert [(f.rule, f.record) for f in found.findings] == [("regel", 2)]


def test_a_row_on_which_the_expression_of_a_code_fails_is_none_of_the_list(tmp_path: Path) -> None:
    rule = ("CAST(CAST(konto AS INTEGER) AS VARCHAR)", {"codes": "konti", "valid_on": "aar"}, "")
    found, _ = judged(tmp_path, rule, "warn", "1;2024;a;1;1,00 2;2024;a;x;1,00")
    assert [(f.rule, f.record) for f in found.findings] == [("regel", 2)]
