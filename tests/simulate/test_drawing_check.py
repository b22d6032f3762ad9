"""`flis catalog check` looks at what `simulate.yaml` names, and says file, line and what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.operations.checking import check_folder
from tests.made_areas import write_area
from tests.simulate.test_drawing import FILES, PLAN

if TYPE_CHECKING:
    from pathlib import Path

SOUND = FILES | {
    "codes/plads.csv": "code,da,en,valid_from,valid_to\n01,Gynge,Swing,,\n02,Vippe,Seesaw,,\n03,Sand,Sand,,\n",
    "simulate/sted.sql": """\
SELECT kommune AS sender, k.code AS plads, pris::DECIMAL(9, 2) AS pris, sum(persons)::INTEGER AS children
FROM residents, codes_plads AS k
JOIN pris ON k.code = pris.plads
WHERE age < 10 GROUP BY ALL
""",
}


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_sound_drawing_has_no_findings(tmp_path: Path) -> None:
    write_area(tmp_path, "legepladser", **SOUND)
    assert check_folder(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "part", "message", "hint"),
    [
        ("once: [sted]", "once: [stedd]", "stedd", "there is no statement simulate/stedd.sql", "sted"),
        ("monthly: [brug]", "monthly: [brug, nyt]", "nyt", "there is no statement simulate/nyt.sql", "There are: brug"),
        ("rows: {brug: fil}", "rows: {brug: fill}", "fill", "there is no statement simulate/fill.sql", "fil"),
        ("sql: halv", "sql: halvv", "halvv", "there is no statement simulate/halvv.sql", "halv"),
        ("rows: {brug: fil}", "rows: {brug: fil, brugg: fil}", "brugg", "lege-a/1 has no table brugg", "brug"),
        (
            "rows: {brug: fil}",
            "rows: {bruk: fil}",
            "rows:",
            "the table brug of lege-a/1 has no rows",
            "Name a statement",
        ),
        ("interface: lege-a", "interface: lege-c", "lege-c", "no contract describes the interface lege-c", "lege-"),
        ("    interface: lege-b\n    first", "    interface: lege-d\n    first", "lege-d", "interface lege-d", "lege-"),
        ("table: brug", "table: brugt", "brugt", "no month makes a table brugt", "brug"),
        ("table: brug", "table: sted", "table: sted", "no month makes a table sted", "Statements of a month: brug"),
        ('sender: "0147"', 'sender: "0148"', '"0148"', "nobody who delivers is called 0148", "014"),
        ('first: "2025-03"', 'first: "2025-3"', '"2025-3"', "2025-3 is no month", "2025-08"),
        ('last: "2025-02"', 'last: "2025-01"', '"2025-01"', "the last month lies before the first one", ""),
        ("monthly:", "montly:", "montly", "no field montly", "monthly"),
        ("produced: 6", "produced: six", "six", "a whole number", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(  # noqa: PLR0917 - what is written for what, and how it is told
    tmp_path: Path, old: str, new: str, part: str, message: str, hint: str
) -> None:
    assert old in PLAN
    wrong = PLAN.replace(old, new, 1)
    write_area(tmp_path, "legepladser", **SOUND | {"simulate.yaml": wrong})
    finding = next(f for f in check_folder(tmp_path) if f.file.endswith("simulate.yaml"))
    assert finding.line == line_of(wrong, part), finding
    assert message in finding.message
    assert hint in finding.hint


@pytest.mark.parametrize(
    ("file", "text", "line", "message"),
    [
        ("sted", SOUND["simulate/sted.sql"].replace("k.code = pris", "k.code = priser"), 3, "priser"),
        ("sted", SOUND["simulate/sted.sql"].replace("FROM residents", "FROM beboere"), 2, "beboere"),
        ("brug", "\n\nSELECT *\nFROM read_csv('/etc/passwd')", 4, "DuckDB refuses it"),
        (
            "fil",
            "SELECT sender, sender AS kommune, maaned, plads, n AS personer, beloeb FROM brug",
            0,
            "no column note",
        ),
        ("halv", "SELECT * FROM brugg", 1, "brugg"),
        ("glemt", "SELECT 1 AS sender", 0, "simulate.yaml names no statement glemt"),
    ],
)
def test_statements_are_tried(tmp_path: Path, file: str, text: str, line: int, message: str) -> None:
    write_area(tmp_path, "legepladser", **SOUND | {f"simulate/{file}.sql": text})
    (finding,) = check_folder(tmp_path)
    assert finding.file.endswith(f"legepladser/simulate/{file}.sql")
    assert (finding.line, message in finding.message) == (line, True), finding


def test_without_a_list_the_contracts_say_who_delivers(tmp_path: Path) -> None:
    without = {name: text for name, text in SOUND.items() if name != "senders.csv"}
    write_area(tmp_path, "legepladser", **without)
    found = [f for f in check_folder(tmp_path) if f.file.endswith("simulate.yaml")]
    assert [f.message for f in found] == [f"nobody who delivers is called {code}." for code in ("0147", "0101")]
