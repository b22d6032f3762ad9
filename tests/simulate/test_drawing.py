"""Deliveries that an area draws by `simulate.yaml` and SQL, tried with an area made up for it in two forms."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.cli import root
from flis.errors import CatalogError, NotFoundError, UsageError
from flis.simulate import MUTATIONS, areas, simulate
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

FIELDS = [
    field("kommune", primaryKey=True, required=True),
    field("maaned", "date", primaryKey=True),
    field("plads", primaryKey=True, codes="plads"),
    field("personer", "integer"),
    field("beloeb", "number", physicalType="DECIMAL(18,2)"),
    field("note"),
]
NAME = {"recognise": {"name": "LEGE_{kommune}_{maaned}_{sekvens}.csv"}, "part": ["kommune", "maaned"]}
PLAIN = contract(
    "legepladser",
    "csv",
    table("brug", *FIELDS),
    interface="lege-a",
    **NAME,
    dialect={"profile": "kom-csv", "sums": ["beloeb"]},
)
OTHER = contract(
    "legepladser",
    "csv",
    table("brug", *FIELDS),
    interface="lege-b",
    **(NAME | {"recognise": {"name": "LEGEB_{kommune}_{maaned}_{sekvens}.csv"}}),
    dialect={"profile": "kom-csv-utf8", "sums": ["beloeb"]},
)
SENDERS = """\
kom,interface,valid_from,valid_to
0101,lege-a,,
0147,lege-a,,
0151,lege-b,,
0153,lege-b,,2025-02-28
0153,lege-a,2025-03-01,
"""
PLAN = """\
once: [sted]
monthly: [brug]
produced: 6
files:
  - interface: lege-a
    rows: {brug: fil}
  - interface: lege-b
    rows: {brug: fil}
faults:
  halv:
    text: {da: Halvdelen mangler, en: Half is missing}
    sender: "0147"
    table: brug
    sql: halv
    first: "2025-03"
  skift:
    text: {da: Skifter system, en: Changes its system}
    sender: "0101"
    interface: lege-b
    first: "2025-02"
    last: "2025-02"
"""
FILES = {
    "contract-a.yaml": PLAIN,
    "contract-b.yaml": OTHER,
    "senders.csv": SENDERS,
    "simulate.yaml": PLAN,
    "codes/plads.csv": "plads,navn\n01,Gynge\n02,Vippe\n03,Sandkasse\n",
    "simulate/pris.csv": "plads,pris\n01,10.50\n02,2000\n03,0.33\n",
    "simulate/sted.sql": """
        SELECT kommune AS sender, plads, pris::DECIMAL(9, 2) AS pris, sum(persons)::INTEGER AS children
        FROM residents, codes_plads JOIN pris USING (plads) WHERE age < 10 GROUP BY ALL
    """,
    "simulate/brug.sql": """
        SELECT sender, getvariable('month') AS maaned, plads,
            floor(children * getvariable('scale') * chance(concat(sender, plads, getvariable('month'))))::INTEGER AS n,
            pris * n AS beloeb
        FROM sted
    """,
    "simulate/fil.sql": """
        SELECT sender, sender AS kommune, maaned, plads, n AS personer, beloeb, 'ø' AS note FROM brug;
    """,
    "simulate/halv.sql": "SELECT * FROM brug WHERE sender = getvariable('sender') AND plads = '01'",
}
START, END = date(2025, 1, 15), date(2025, 3, 1)
EXPECTED = [
    *("LEGE_0101_202501_1.csv", "LEGE_0147_202501_1.csv"),
    *("LEGEB_0151_202501_1.csv", "LEGEB_0151_202501_1.csv.kontrol"),
    *("LEGEB_0153_202501_1.csv", "LEGEB_0153_202501_1.csv.kontrol"),
    *("LEGE_0101_202502_1.csv", "LEGE_0147_202502_1.csv"),
    *("LEGEB_0151_202502_1.csv", "LEGEB_0151_202502_1.csv.kontrol"),
    *("LEGEB_0153_202502_1.csv", "LEGEB_0153_202502_1.csv.kontrol"),
    *("LEGE_0101_202503_1.csv", "LEGE_0147_202503_1.csv", "LEGE_0153_202503_1.csv"),
    *("LEGEB_0151_202503_1.csv", "LEGEB_0151_202503_1.csv.kontrol"),
]


@pytest.fixture(autouse=True)
def legepladser(tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path / "areas", "legepladser", **FILES)
    areas_in(tmp_path / "areas")


def made(out: Path, *faults: str, **options: Any) -> dict[str, bytes]:
    paths = simulate("legepladser", out, START, END, scale=0.5, faults=faults, **options)
    return {path.name: path.read_bytes() for path in paths}


def rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a file of the first interface, as plain Python reads them, without its end line."""
    lines = content.decode("iso-8859-1").split("\r\n")
    assert lines[-1] == ""
    return list(csv.DictReader(lines[:-2], delimiter=";"))


def test_files_go_out_as_senders_are_listed(tmp_path: Path) -> None:
    found = made(tmp_path / "out")
    assert list(found) == EXPECTED
    assert "legepladser" in areas()
    first = rows(found["LEGE_0101_202501_1.csv"])
    assert [(row["PLADS"], row["MAANED"]) for row in first] == [(p, "01-01-2025") for p in ("01", "02", "03")]
    price = {"01": Decimal("10.50"), "02": Decimal(2000), "03": Decimal("0.33")}
    sums = [Decimal(row["BELOEB"].replace(",", ".")) for row in first]
    assert sums == [price[row["PLADS"]] * int(row["PERSONER"]) for row in first]
    end = found["LEGE_0101_202501_1.csv"].decode("iso-8859-1").split("\r\n")[-2]
    assert end == f"SLUT;3;{str(sum(sums)).replace('.', ',')}"


def test_the_same_arguments_give_the_same_bytes_whatever_is_made_before(tmp_path: Path) -> None:
    all_months = made(tmp_path / "a")
    assert made(tmp_path / "b") == all_months
    assert made(tmp_path / "c", seed=2) != all_months
    alone = simulate("legepladser", tmp_path / "d", date(2025, 3, 1), date(2025, 3, 1), scale=0.5)
    assert {path.name: path.read_bytes() for path in alone} == {n: b for n, b in all_months.items() if "202503" in n}


def test_residents_are_those_of_the_register(tmp_path: Path) -> None:
    """Children under ten and their share of the country are counted from the same figures by hand."""
    from flis.simulate.society import census

    cells = census.cells()
    share = cells.count[cells.age < 10].sum() / cells.count.sum()
    copenhagen = census.inhabitants()[list(census.codes()).index(101)]
    everybody = made(tmp_path / "out")
    counted = max(int(row["PERSONER"]) for row in rows(everybody["LEGE_0101_202501_1.csv"]))
    assert counted <= copenhagen * share * 0.5


def test_an_areas_own_fault_changes_rows_of_its_sender_and_months(tmp_path: Path) -> None:
    right, wrong = made(tmp_path / "a"), made(tmp_path / "b", "halv")
    changed = [name for name in right if right[name] != wrong[name]]
    assert changed == ["LEGE_0147_202503_1.csv"]
    assert rows(wrong[changed[0]]) == rows(right[changed[0]])[:1]


def test_an_areas_own_fault_moves_a_sender_to_another_interface(tmp_path: Path) -> None:
    found = made(tmp_path / "out", "skift")
    assert [name for name in found if "_0101_" in name] == [
        *("LEGE_0101_202501_1.csv", "LEGEB_0101_202502_1.csv", "LEGEB_0101_202502_1.csv.kontrol"),
        "LEGE_0101_202503_1.csv",
    ]


def test_a_mutation_strikes_the_first_sender_of_each_interface_in_the_middle_month(tmp_path: Path) -> None:
    right, wrong = made(tmp_path / "a"), made(tmp_path / "b", "truncated")
    changed = [name for name in right if right[name] != wrong[name]]
    assert changed == ["LEGE_0101_202502_1.csv", "LEGEB_0151_202502_1.csv"]
    held = tmp_path / "b" / "held-back"
    assert {f.name: f.read_bytes() for f in held.iterdir()} == {n: right[n] for n in right if n[-12:-6] and hit(n)}


def hit(name: str) -> bool:
    return name.startswith(("LEGE_0101_202502", "LEGEB_0151_202502"))


def test_a_mutation_strikes_whom_it_is_told(tmp_path: Path) -> None:
    right, wrong = made(tmp_path / "a"), made(tmp_path / "b", "rows-doubled@2025-03/0153")
    assert [name for name in right if right[name] != wrong[name]] == ["LEGE_0153_202503_1.csv"]


NAMES = "KOMMUNE;MAANED;PLADS;PERSONER;BELOEB;NOTE"
HEADS = {
    "column-renamed": "KOMMUNE;MAANED;PLADS;PERSONER;BELOEB;NOTE_NY",
    "column-dropped": "KOMMUNE;MAANED;PLADS;PERSONER;BELOEB",
    "column-added": f"{NAMES};NY_KOLONNE",
    "column-moved": "MAANED;PLADS;PERSONER;BELOEB;NOTE;KOMMUNE",
    "separator": NAMES.replace(";", "|"),
}


@pytest.mark.parametrize("name", HEADS)
def test_mutations_of_columns(name: str, tmp_path: Path) -> None:
    found = made(tmp_path / "out", f"{name}@2025-01/0101")["LEGE_0101_202501_1.csv"]
    assert found.decode("iso-8859-1").split("\r\n")[0] == HEADS[name]


def test_each_mutation_does_what_it_says(tmp_path: Path) -> None:
    right = made(tmp_path / "right")
    name, other = "LEGE_0101_202502_1.csv", "LEGEB_0151_202502_1.csv"
    wrong = {fault: made(tmp_path / fault, fault) for fault in MUTATIONS}
    assert [fault for fault in MUTATIONS if wrong[fault] == right] == []
    clean, lines = rows(right[name]), right[name].decode("iso-8859-1").split("\r\n")

    def after(fault: str) -> list[dict[str, str]]:
        return rows(wrong[fault][name])

    assert right[name].startswith(wrong["truncated"][name])
    end = wrong["end-off"][name].decode("iso-8859-1").split("\r\n")
    assert (end[:-2], end[-2].split(";")[:2]) == (lines[:-2], ["SLUT", "2"])
    assert wrong["end-off"][other] == right[other]
    assert wrong["end-off"][f"{other}.kontrol"].split(b";")[:2] == [other.encode(), b"2"]
    assert wrong["encoding"][name] == b"\xef\xbb\xbf" + right[name].decode("iso-8859-1").encode()
    assert wrong["encoding"][other] == right[other].decode("utf-8-sig").encode("iso-8859-1")
    assert [row["BELOEB"] for row in after("decimal")] == [row["BELOEB"].replace(",", ".") for row in clean]
    assert any("." in row["BELOEB"] and "," in row["BELOEB"] for row in after("thousands"))
    assert {row["MAANED"] for row in after("dates")} == {"02/01/2025"}
    assert {row["KOMMUNE"] for row in after("zeros-lost")} == {"101"}
    assert [row["PLADS"] for row in after("zeros-lost")] == ["1", "2", "3"]
    assert {row["KOMMUNE"] for row in after("other-sender")} == {"0147"}
    assert wrong["last-month"][name] == right["LEGE_0101_202501_1.csv"]
    assert after("rows-doubled") == clean * 2
    assert {row["PLADS"] for row in after("unknown-codes")} == {"ZZ"}
    assert wrong["huge-field"][name].count(b"x") == 1_000_000
    assert [row["NOTE"][0] for row in after("injection")] == ["=", "ø", "ø"]


def test_what_is_packed_is_packed_again(tmp_path: Path, areas_in: AreasIn) -> None:
    packed = PLAIN.replace("profile: kom-csv\n", "profile: kom-csv\n      gzip: true\n")
    assert packed != PLAIN
    write_area(tmp_path / "areas", "legepladser", **FILES | {"contract-a.yaml": packed})
    areas_in(tmp_path / "areas")
    right, wrong = made(tmp_path / "a"), made(tmp_path / "b", "encoding")
    plain, other = (gzip.decompress(found["LEGE_0101_202502_1.csv"]) for found in (right, wrong))
    assert other.decode("utf-8-sig") == plain.decode("iso-8859-1")


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (["truncatd"], "truncatd"),
        (["truncated@2024-01"], "2024-01"),
        (["truncated@2025-01/0999"], "truncated"),
        (["halv@2025-03/0101"], "own sender"),
        (["@"], "@"),
    ],
)
def test_a_fault_that_cannot_strike_is_refused(faults: list[str], told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told):
        made(tmp_path / "out", *faults)


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("simulate/brug.sql", "SELECT * FROM read_csv('/etc/passwd')", "areas/legepladser/simulate/brug.sql"),
        ("simulate/brug.sql", "SELECT nothing FROM sted", "areas/legepladser/simulate/brug.sql"),
        ("simulate/fil.sql", "SELECT sender FROM brug", "areas/legepladser/simulate/fil.sql"),
        ("simulate.yaml", PLAN.replace("lege-b", "lege-c"), r"areas/legepladser/simulate.yaml:\d+.*lege-c"),
        ("simulate.yaml", PLAN.replace("{brug: fil}", "{bruk: fil}"), r"areas/legepladser/simulate.yaml:\d+.*brug"),
        ("simulate.yaml", PLAN.replace("    sql: halv\n", ""), r"areas/legepladser/simulate.yaml:\d+"),
        ("simulate.yaml", PLAN.replace("[brug]", "[brug, mangler]"), "areas/legepladser/simulate/mangler.sql"),
    ],
)
def test_what_is_wrong_in_the_area_names_its_file(
    file: str, text: str, told: str, tmp_path: Path, areas_in: AreasIn
) -> None:
    write_area(tmp_path / "areas", "legepladser", **FILES | {file: text})
    areas_in(tmp_path / "areas")
    with pytest.raises(CatalogError, match=told):
        made(tmp_path / "out")


def test_an_area_without_a_plan_cannot_be_simulated(tmp_path: Path) -> None:
    from flis.simulate.drawing.plan_file import drawing

    with pytest.raises(UsageError, match="aula"):
        simulate("aula", tmp_path, START, END)
    with pytest.raises(NotFoundError, match=r"simulate\.yaml"):
        drawing("aula")


def test_the_command_writes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLIS_AREAS", str(tmp_path / "areas"))
    arguments = [
        "simulate",
        "legepladser",
        "--out",
        str(tmp_path / "out"),
        "--from",
        "2025-01-01",
        "--to",
        "2025-01-31",
    ]
    result = CliRunner().invoke(root, [*arguments, "--fault", "separator@2025-01/0147"])
    assert result.exit_code == 0, result.output
    assert "6 files" in result.output
    assert b"|" in (tmp_path / "out" / "LEGE_0147_202501_1.csv").read_bytes()
    with pytest.raises(UsageError, match="single area"):
        CliRunner().invoke(
            root,
            ["simulate", "all", *arguments[2:], "--fault", "separator"],
            standalone_mode=False,
            catch_exceptions=False,
        )
